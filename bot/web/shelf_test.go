package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vigie/store"
)

func TestPageFollowsEachCommit(t *testing.T) {
	s := newStore(t)
	w := newSite(t, config(), facts(), s)
	h := w.Handler()
	holds(t, body(t, h, "/fr/"), "Aucune panne connue")
	put(t, s, time.Now(), func(tx *store.Tx) {
		incident(tx, store.Incident{Service: "dns", Severity: 1}, store.IncidentOngoing, "", 0)
	})
	w.Turn(1, time.Millisecond)
	holds(t, body(t, h, "/fr/"), "Noms de domaine", "hors service")
	holds(t, body(t, h, "/fr/incident/1"), "Noms de domaine")
}

func TestWhatDidNotChangeIsNotRenderedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newSite(t, config(), facts(), sample(t, time.Now()))
		it := item{form: formPage, lang: "fr"}
		first, err := w.doc(it)
		if err != nil {
			t.Fatal(err)
		}
		w.Turn(1, 0) // a commit that is no news
		if again, _ := w.doc(it); again != first {
			t.Error("the same page was made twice")
		}
		time.Sleep(time.Minute) // its date moves on
		if again, _ := w.doc(it); again == first {
			t.Error("the page is older than a minute")
		}
	})
}

func TestShelfIsBounded(t *testing.T) {
	s := newStore(t)
	put(t, s, time.Now(), func(tx *store.Tx) {
		for range mostDocs {
			incident(tx, store.Incident{Service: "dns", Severity: 1}, store.IncidentOngoing, "", 0)
		}
	})
	w := newSite(t, config(), facts(), s)
	h := w.Handler()
	for n := range 2 * mostDocs { // the second half does not exist
		get(t, h, "/fr/incident/"+strconv.Itoa(n+1)+"?x="+strconv.Itoa(n))
		get(t, h, "/fr/history/"+strconv.Itoa(n+1))
	}
	body(t, h, "/fr/")
	if n := len(w.shelf.Load().docs.have); n != mostDocs {
		t.Errorf("%d documents are kept", n)
	}
}

func TestEntityTagsAndCompression(t *testing.T) {
	h := newSite(t, config(), facts(), sample(t, time.Now())).Handler()
	for _, path := range []string{"/fr/", "/fr/feed.atom", "/fr/calendar.ics", "/en/api/v2/summary.json", "/en/badge.svg", "/style.css", "/fr/incident/4"} {
		plain := get(t, h, path)
		zip := get(t, h, path, "Accept-Encoding", "br, gzip;q=0.8")
		if zip.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(zip.Body.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := io.ReadAll(z); err != nil || !bytes.Equal(raw, plain.Body.Bytes()) {
				t.Errorf("%s: the compressed document is another (%v)", path, err)
			}
			if plain.Header().Get("ETag") == zip.Header().Get("ETag") {
				t.Errorf("%s: two forms have one tag", path)
			}
			if !strings.Contains(strings.Join(plain.Header().Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%s: varies by %q", path, plain.Header().Values("Vary"))
			}
		} else if len(plain.Body.Bytes()) > 1000 {
			t.Errorf("%s: %d bytes are not compressed", path, plain.Body.Len())
		}
		if n, _ := strconv.Atoi(zip.Header().Get("Content-Length")); n != zip.Body.Len() {
			t.Errorf("%s: %d bytes said, %d sent", path, n, zip.Body.Len())
		}
		if no := get(t, h, path, "Accept-Encoding", "gzip;q=0"); no.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed for who wants it not", path)
		}
		for _, tag := range []string{plain.Header().Get("ETag"), `"x", W/` + zip.Header().Get("ETag"), "*"} {
			if rw := get(t, h, path, "If-None-Match", tag); rw.Code != http.StatusNotModified || rw.Body.Len() != 0 || rw.Header().Get("ETag") == "" {
				t.Errorf("%s with %s: %d", path, tag, rw.Code)
			}
		}
		if rw := get(t, h, path, "If-None-Match", `"other"`); rw.Code != http.StatusOK || rw.Header().Get("Cache-Control") != "public, max-age=15" {
			t.Errorf("%s: %d %s", path, rw.Code, rw.Header().Get("Cache-Control"))
		}
	}
}

func TestNegotiation(t *testing.T) {
	h := newSite(t, config(), facts(), newStore(t)).Handler()
	english := facts()
	english.Language = "en"
	eh := newSite(t, config(), english, newStore(t)).Handler()
	for accept, want := range map[string]string{"": "fr", "en": "en", "en-GB,fr;q=0.5": "en", "fr-BE, en": "fr", "de, en;q=0.3, fr;q=0.2": "en", "de": "fr", "*": "fr", "fr;q=0, en": "en",
		"fr;q=0": "fr", "x;;;=": "fr", strings.Repeat("en,", 4000): "fr"} {
		rw := get(t, h, "/", "Accept-Language", accept)
		if got := rw.Header().Get("Content-Language"); got != want {
			t.Errorf("%.40q gets %s", accept, got)
		}
		if !strings.Contains(strings.Join(rw.Header().Values("Vary"), ","), "Accept-Language") {
			t.Errorf("varies by %q", rw.Header().Values("Vary"))
		}
	}
	if got := get(t, eh, "/", "Accept-Language", "de").Header().Get("Content-Language"); got != "en" {
		t.Errorf("an English host greets in %s", got)
	}
	if got := get(t, h, "/en/?lang=fr", "Accept-Language", "fr").Header().Get("Content-Language"); got != "en" {
		t.Errorf("/en/ is in %s", got)
	}
	for accept, want := range map[string]string{"text/plain": "text/plain", "*/*": "text/html", "text/html,text/plain;q=0.9": "text/html", "text/plain, text/html;q=0.5": "text/plain",
		"": "text/html", "text/plain;q=0": "text/html", "text/plain;q=x": "text/html", "TEXT/PLAIN; charset=utf-8": "text/plain"} {
		if got := get(t, h, "/", "Accept", accept).Header().Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("%q gets %s", accept, got)
		}
	}
}

// broken is an engine that cannot be read when told so.
type broken struct {
	store.Engine
	now atomic.Bool
}

func (b *broken) Snapshot() (store.Snapshot, error) {
	if b.now.Load() {
		return nil, errors.New("secret path /var/lib/x: input/output error")
	}
	return b.Engine.Snapshot()
}

func TestPageTurnsHonestWhenNothingIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broken{Engine: store.NewMemory()}
		s, err := store.Open(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		w := newSite(t, config(), facts(), s)
		h := w.Handler()
		lacks(t, body(t, h, "/fr/"), "nous ne savons plus")
		for range 12 { // an idle loop shows each minute that it lives
			time.Sleep(time.Minute)
			w.Turn(0, 0)
		}
		lacks(t, body(t, h, "/fr/"), "nous ne savons plus")
		if rw := get(t, h, "/healthz"); rw.Code != http.StatusOK || rw.Body.String() != "ok\n" {
			t.Errorf("health: %d %s", rw.Code, rw.Body)
		}
		time.Sleep(12 * time.Minute)
		holds(t, body(t, h, "/fr/"), "nous ne savons plus rien depuis 12\u00a0min")
		holds(t, body(t, h, "/en/", "Accept", "text/plain"), "known nothing new for 12\u00a0min")
		holds(t, body(t, h, "/en/badge.svg"), ">?<")
		if rw := get(t, h, "/healthz"); rw.Code != http.StatusServiceUnavailable || rw.Body.String() != "the loop has not turned for 12m0s\n" || rw.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("health: %d %s", rw.Code, rw.Body)
		}
		w.Turn(1, 0)
		lacks(t, body(t, h, "/fr/"), "nous ne savons plus")
		b.now.Store(true)
		for range 5 {
			w.Turn(1, 0)
			time.Sleep(time.Minute)
		}
		holds(t, body(t, h, "/fr/"), "nous ne savons plus rien depuis 5\u00a0min") // what is known stays
		rw := get(t, h, "/healthz")
		if rw.Code != http.StatusServiceUnavailable || rw.Body.String() != "the store cannot be read\n" {
			t.Errorf("health: %d %s", rw.Code, rw.Body)
		}
		never := newSite(t, config(), facts(), s)
		if rw := get(t, never.Handler(), "/fr/"); rw.Code != http.StatusServiceUnavailable || strings.Contains(rw.Body.String(), "secret") || rw.Header().Get("Retry-After") == "" {
			t.Errorf("nothing was ever read: %d %s", rw.Code, rw.Body)
		}
	})
}

func TestHealthSeesADeadlineThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		w := newSite(t, config(), facts(), s)
		put(t, s, time.Now(), func(tx *store.Tx) { tx.SetDue("nag", "1", tx.Now.Add(time.Minute)) })
		for range 3 {
			time.Sleep(time.Minute)
			w.Turn(0, 0)
		}
		if why := w.ill(time.Now()); why != "" {
			t.Errorf("two minutes late: %s", why)
		}
		time.Sleep(2 * time.Minute)
		w.Turn(0, 0)
		if why := w.ill(time.Now()); why != "a deadline is 4m0s late" {
			t.Errorf("four minutes late: %q", why)
		}
	})
}

// TestReadersAndCommits lets readers and commits race: a page never goes back in
// time, never mixes two states, and the last commit is seen.
func TestReadersAndCommits(t *testing.T) {
	s := newStore(t)
	w := newSite(t, config(), facts(), s)
	h := w.Handler()
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	number := regexp.MustCompile(`vague (\d+)\.`)
	for n := range 4 {
		path := []string{"/fr/", "/en/", "/fr/incident/1", "/fr/feed.atom"}[n]
		wg.Go(func() {
			last := 0
			for ctx.Err() == nil {
				rw := get(t, h, path)
				seen := 0
				for _, m := range number.FindAllStringSubmatch(rw.Body.String(), -1) {
					v, _ := strconv.Atoi(m[1])
					seen = max(seen, v)
				}
				if seen < last {
					t.Errorf("%s went back from %d to %d", path, last, seen)
				}
				last = seen
			}
		})
	}
	const commits = 60
	for n := range commits {
		put(t, s, time.Now(), func(tx *store.Tx) {
			i, ok := tx.Incident(1)
			if !ok {
				i = store.Incident{Service: "web", Severity: 2}
			}
			incident(tx, i, store.IncidentOngoing, fmt.Sprintf("vague %d.", n+1), 0)
		})
		w.Turn(1, 0)
	}
	holds(t, body(t, h, "/fr/"), fmt.Sprintf("vague %d.", commits))
	cancel()
	wg.Wait()
}
