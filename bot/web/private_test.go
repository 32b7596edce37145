package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vigie/bot/chat"
	"vigie/store"
)

// everything is every path of the site, in every form.
func everything() []string {
	var out []string
	for _, lang := range []string{"", "/fr", "/en"} {
		for path := range documents() {
			out = append(out, lang+strings.TrimSuffix(path, "{$}"))
		}
		for _, path := range []string{"/incident/1", "/incident/2", "/incident/3", "/incident/4", "/history", "/history/2026", "/nothing"} {
			out = append(out, lang+path)
		}
	}
	return append(out, "/style.css", "/icon.svg", "/healthz", "/metrics")
}

func TestNothingPrivateAppears(t *testing.T) {
	w := newSite(t, config(), facts(), sample(t, time.Now()))
	h := w.Handler()
	w.Turn(3, time.Millisecond)
	var all strings.Builder
	for _, path := range everything() {
		for _, accept := range []string{"text/html", "text/plain"} {
			r := get(t, h, path, "Accept", accept, "Host", "localhost")
			all.WriteString(r.Body.String())
			for name, values := range r.Header() {
				all.WriteString(name + strings.Join(values, " "))
			}
		}
	}
	holds(t, all.String(), "serveur web3", "BEGIN:VEVENT", "incident_updates", "vigie_events_total") // the net was cast
	lacks(t, strings.ToUpper(all.String()), canary)
	put(t, w.store, time.Now(), func(tx *store.Tx) { // person ids do not leak either
		for _, tk := range tx.Tickets(0) {
			lacks(t, all.String(), tk.Requester)
		}
	})
}

func TestHostileTextsAreHarmless(t *testing.T) {
	evil := `"><script>alert(1)</script><img src=x onerror=y>` + "\u202e\u2066\u200b\ufeff\U000e0041\x00\x1b[2J\x07\r\nDTSTART:1\n]]></content>&amp;{{.}}\xff"
	s := newStore(t)
	put(t, s, time.Now(), func(tx *store.Tx) {
		i := incident(tx, store.Incident{Service: "web", Severity: 99, Title: evil}, store.IncidentOngoing, evil, time.Hour)
		incident(tx, i, store.IncidentIdentified, strings.Repeat(evil, 2000), time.Hour)
		incident(tx, store.Incident{Service: evil, Severity: -1, Title: strings.Repeat("e\u0301\u0301\u0301\u0301\u0301", 9000)}, store.IncidentOngoing, "", 0)
		tx.PutPlanned(store.Planned{Schedule: "m;\nx", Kind: "meeting", Title: both(evil, ""), Place: evil, Civil: "c\r\nX:1", At: tx.Now.Add(time.Hour)})
		tx.PutCampaign(store.Campaign{ID: evil, State: store.CampaignRunning, Title: both(evil, evil), Text: both(evil, evil), Link: "javascript:alert(1)", Goal: 1, Amount: 1 << 40})
	})
	f := facts()
	f.Name = evil
	h := newSite(t, config(), f, s).Handler()
	tags := regexp.MustCompile(`(?i)<(script|img)|javascript:`)
	for _, path := range everything() {
		for _, accept := range []string{"text/html", "text/plain"} {
			rw := get(t, h, path, "Accept", accept)
			text := rw.Body.String()
			if !utf8.ValidString(text) {
				t.Errorf("%s is not UTF-8", path)
			}
			if kind := rw.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") && !strings.HasPrefix(kind, "application/json") && !strings.HasPrefix(kind, "text/calendar") && tags.MatchString(text) {
				t.Errorf("%s lets a tag through: %s", path, tags.FindString(text))
			}
			for _, r := range text {
				if r != '\n' && r != '\r' && chat.Invisible(r) {
					t.Errorf("%s holds %U", path, r)
					break
				}
			}
			if strings.HasSuffix(path, ".ics") {
				lacks(t, text, "\nDTSTART:1", "\nX:1")
			}
			if len(text) > 200_000 {
				t.Errorf("%s has %d bytes", path, len(text))
			}
		}
	}
}

func TestHeadersAreStrict(t *testing.T) {
	h := newSite(t, config(), facts(), sample(t, time.Now())).Handler()
	for _, path := range everything() {
		head := get(t, h, path, "Cookie", "a=b").Header()
		csp := head.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Set-Cookie": ""} {
			if got := head.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, "BREW"} {
		r, err := http.NewRequest(method, "/", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		rw := record(h, r)
		if rw.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, rw.Code)
		}
	}
}
