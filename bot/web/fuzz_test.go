package web

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"vigie/store"
)

// FuzzTexts puts whatever somebody may have written on every document, and reads
// each back with a parser of its own.
func FuzzTexts(f *testing.F) {
	f.Add("serveur web3", "Un disque est en panne.", "https://visio.example.org/x")
	f.Add(`"><script>alert(1)</script>`, "]]>&lt;{{.}}\r\nEND:VEVENT", "a;b,c\\n\x00\u202e")
	f.Add("\u202e", "", "") // nothing is left of it
	f.Add("\xff\xfe\ufffe", strings.Repeat("é", 300), "javascript:alert(1)")
	s := newStore(f)
	site := newSite(f, config(), facts(), s)
	h := site.Handler()
	f.Fuzz(func(t *testing.T, title, text, place string) {
		put(t, s, time.Now(), func(tx *store.Tx) { // always the same records
			for n, i := range []store.Incident{{Service: "web", Severity: len(title), Title: title}, {Service: title, Severity: 2, Title: text}} {
				i.N, i.State = n+1, store.IncidentReported
				incident(tx, i, store.IncidentOngoing, text, time.Hour)
			}
			tx.PutPlanned(store.Planned{Schedule: "m", Kind: "meeting", Title: both(title, text), Place: place, Civil: "2026-12-08T20:00", At: tx.Now.Add(time.Hour)})
			tx.PutCampaign(store.Campaign{ID: "c", State: store.CampaignRunning, Title: both(title, text), Text: both(text, title), Link: place, Goal: int64(len(text)), Amount: int64(len(title))})
		})
		site.Turn(1, 0)
		for _, path := range []string{"/fr/", "/en/", "/fr/incident/1", "/en/incident/2"} {
			checkPage(t, path, body(t, h, path))
		}
		readFeed(t, body(t, h, "/fr/feed.atom"))
		asJSON(t, h, "/fr/api/v2/summary.json")
		raw := body(t, h, "/en/calendar.ics")
		cal, err := ical.NewDecoder(strings.NewReader(raw)).Decode()
		if err != nil || len(cal.Events()) != 1 || strings.Count(raw, "BEGIN:") != 2 {
			t.Errorf("calendar: %v\n%q", err, raw)
		}
		if plain := body(t, h, "/fr/", "Accept", "text/plain"); !utf8.ValidString(plain) || strings.ContainsAny(plain, "\x1b\x07\r") {
			t.Errorf("text for a terminal: %q", plain)
		}
	})
}

// FuzzRequests asks with whatever headers and path a stranger may send.
func FuzzRequests(f *testing.F) {
	f.Add("/fr/incident/4", "fr;q=0.5, en", "text/plain;q=1", "gzip", `W/"x"`, "1.2.3.4, ::1")
	f.Add("/fr/../..//%2e", ",;=q", "*/*;q=NaN", "gzip;q=1e999", `"`, "[::1%zone]:80")
	site := newSite(f, config(), facts(), sample(f, time.Now()))
	h := site.Handler()
	f.Fuzz(func(t *testing.T, path, lang, accept, encoding, tag, hops string) {
		r, err := http.NewRequest(http.MethodGet, "http://x/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path, r.URL.RawQuery, r.RemoteAddr = "/"+strings.TrimLeft(path, "/"), path, "127.0.0.1:1"
		for name, value := range map[string]string{"Accept-Language": lang, "Accept": accept, "Accept-Encoding": encoding, "If-None-Match": tag, "X-Forwarded-For": hops} {
			r.Header.Set(name, value)
		}
		switch rw := record(h, r); rw.Code {
		case http.StatusOK, http.StatusNotFound, http.StatusNotModified, http.StatusTooManyRequests, http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			t.Errorf("%d", rw.Code)
		}
		if who, ok := site.limit.client(r); ok && (!who.IsValid() || who.Zone() != "" || who.Is4In6() || netip.MustParsePrefix("127.0.0.0/8").Contains(who)) {
			t.Errorf("%q is counted for %v", hops, who)
		}
		if q := quality([]string{accept}, "text/plain"); q != q && wantsPlain(r) {
			t.Errorf("%q is no number, and wins", accept)
		}
	})
}
