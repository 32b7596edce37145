package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"vigie/store"
)

// shelf holds a public state and what was rendered of it.
type shelf struct {
	turns int64
	until time.Time
	state State
	docs  *docs
}

// docs are rendered documents; safe for concurrent use.
type docs struct {
	mu   sync.RWMutex
	have map[item]*doc
}

// item names one document of the site: its form, its language, the incident or
// year it is of, whether it is to be plain text, and whether it is for a static copy.
type item struct {
	form, lang    string
	n             int
	plain, copied bool
}

// mostDocs bounds what is kept rendered; the rest is rendered each time.
const mostDocs = 256

// doc is a document as bytes, ready to be written.
type doc struct {
	kind string
	body []byte
	// zip compresses the body when somebody first wants it so; nil for a small one.
	zip        func() []byte
	etag, etgz string
	missing    bool // the document says that there is none
}

// worthZip is the least length that is worth compressing, in bytes.
const worthZip = 512

func newDoc(kind string, body []byte) *doc {
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:10])
	d := &doc{kind: kind, body: body, etag: `"` + tag + `"`, etgz: `"` + tag + `-gz"`}
	if len(body) >= worthZip {
		d.zip = sync.OnceValue(func() []byte { return compress(body) })
	}
	return d
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // a bytes.Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// write answers with the document, or with 304 to who has it already.
func (d *doc) write(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	body, tag := d.body, d.etag
	if d.zip != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r) {
			body, tag = d.zip(), d.etgz
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Type", d.kind)
	h.Set("Cache-Control", "public, max-age=15")
	if d.missing {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		rw.WriteHeader(http.StatusNotFound)
		_, _ = rw.Write(body)
		return
	}
	h.Set("ETag", tag)
	if has(r.Header.Values("If-None-Match"), d.etag, d.etgz) {
		h.Del("Content-Type")
		h.Del("Content-Encoding")
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = rw.Write(body)
}

// has tells whether an If-None-Match names one of the tags.
func has(header []string, tags ...string) bool {
	for _, line := range header {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
			for _, t := range tags {
				if part == t || part == "*" {
					return true
				}
			}
		}
	}
	return false
}

// show answers with a document of the site.
func (w *Site) show(rw http.ResponseWriter, r *http.Request, it item) {
	h := rw.Header()
	if it.lang == "" {
		it.lang = w.lang(r)
		h.Add("Vary", "Accept-Language")
	}
	switch it.form {
	case formPage, formIncident, formHistory, formMeeting, formMissing:
		it.plain = wantsPlain(r)
		h.Add("Vary", "Accept")
	default: // what other sites and programs embed or fetch
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	d, err := w.doc(it)
	if err != nil {
		w.log.Error("info site", "form", it.form, "err", err)
		h.Set("Cache-Control", "no-store")
		h.Set("Retry-After", "30")
		http.Error(rw, "indisponible / unavailable", http.StatusServiceUnavailable)
		return
	}
	h.Set("Content-Language", it.lang)
	d.write(rw, r)
}

// doc finds a document on the shelf, or renders it.
func (w *Site) doc(it item) (*doc, error) {
	s, err := w.current()
	if err != nil {
		return nil, err
	}
	s.docs.mu.RLock()
	d := s.docs.have[it]
	s.docs.mu.RUnlock()
	if d != nil {
		return d, nil
	}
	v := &view{State: s.state, Lang: it.lang, site: w, item: it}
	if v.missing() && it.form != formMissing { // any number may be asked for: there is one answer
		return w.doc(item{form: formMissing, lang: it.lang, plain: it.plain})
	}
	if d, err = w.render(v); err != nil {
		return nil, fmt.Errorf("render %s: %w", it.form, err)
	}
	s.docs.mu.Lock()
	if len(s.docs.have) < mostDocs {
		s.docs.have[it] = d
	}
	s.docs.mu.Unlock()
	return d, nil
}

// render makes a document.
func (w *Site) render(v *view) (*doc, error) {
	switch v.item.form {
	case formFeed:
		return v.atom()
	case formCalendar:
		return v.calendar()
	case formBadge:
		return v.badge()
	case formPage, formIncident, formHistory, formMeeting, formMissing:
		return v.page()
	}
	return v.statuspage()
}

// fresh is how long a state is shown without looking at the store again.
const fresh = time.Minute

// current is the shelf of the last commit, made anew after each and each minute.
// When the store cannot be read the last one stays, and says its age.
func (w *Site) current() (*shelf, error) {
	if s := w.shelf.Load(); s.good(w.turns.Load(), time.Now()) {
		return s, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// Counted before reading: a commit in between makes the next request look again.
	turns, now, last := w.turns.Load(), time.Now(), w.shelf.Load()
	if last.good(turns, now) {
		return last, nil
	}
	next := &shelf{turns: turns, until: now.Add(fresh)}
	err := w.store.View(func(tx *store.Tx) error { next.state = Read(tx, w.facts, now); w.remeasure(tx, now); return nil })
	alive := time.Unix(0, w.alive.Load())
	if err != nil {
		w.log.Error("info site: the store cannot be read", "err", err)
		if last == nil {
			return nil, fmt.Errorf("read the store: %w", err)
		}
		next.state, next.until, alive = last.state, now.Add(5*time.Second), last.state.Now
	}
	next.state.Measure, next.state.Silent = w.measured, time.Time{}
	if now.Sub(alive) > silentAfter {
		next.state.Silent = alive
		next.state.Silence = now.Sub(alive).Truncate(time.Minute)
	}
	next.docs = &docs{have: map[item]*doc{}}
	if last != nil && sameNews(last.state, next.state) {
		next.docs = last.docs
	}
	w.shelf.Store(next)
	return next, nil
}

// good tells whether a shelf still shows the last commit.
func (s *shelf) good(turns int64, now time.Time) bool {
	return s != nil && s.turns == turns && now.Before(s.until)
}

// sameNews tells whether two states look alike on the page, which shows minutes.
func sameNews(a, b State) bool {
	same := a.Now.Truncate(time.Minute).Equal(b.Now.Truncate(time.Minute))
	a.Now = b.Now
	return same && reflect.DeepEqual(a, b)
}

// remeasure looks at the tickets again every few minutes: there may be many.
func (w *Site) remeasure(tx *store.Tx, now time.Time) {
	if w.measure.IsZero() || now.Sub(w.measure) > 5*time.Minute {
		w.measured, w.measure = measure(tx, now), now
	}
}

// lastYear is the year of the newest incident that is over, or of now.
func (w *Site) lastYear() int {
	s, err := w.current()
	if err != nil {
		return time.Now().Year()
	}
	if len(s.state.Past) > 0 {
		return s.state.Past[0].Opened.In(w.facts.Zone).Year()
	}
	return s.state.Now.In(w.facts.Zone).Year()
}
