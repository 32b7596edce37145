package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

var paris = func() *time.Location {
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return l
}()

// facts are those of an invented host.
func facts() Facts {
	return Facts{Name: "Hébergeur Exemple", Language: "fr", Zone: paris, Services: []Service{
		{ID: "web", Title: map[string]string{"fr": "Sites web", "en": "Web sites"}},
		{ID: "mail", Title: map[string]string{"fr": "Courriel", "en": "Mail"}},
		{ID: "dns", Title: map[string]string{"fr": "Noms de domaine", "en": "Domain names"}},
	}}
}

// config is that of a site with a name.
func config() Config {
	c := Defaults()
	c.URL = "https://info.example.org/"
	return c
}

// newStore is an empty store in memory.
func newStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// put writes as a turn would.
func put(t testing.TB, s *store.Store, now time.Time, fn func(*store.Tx)) {
	t.Helper()
	if err := s.Update(context.Background(), now, func(tx *store.Tx) error {
		fn(tx)
		for _, n := range tx.WrittenTickets() { // as the bot does at the end of each turn
			tx.CountTicket(n, time.UTC)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func newSite(t testing.TB, c Config, f Facts, s *store.Store) *Site {
	t.Helper()
	w, err := New(c, f, s, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// canary stands in everything that is nobody's business.
const canary = "CANARI-PRIVE"

// private fills every private place of the store with the canary.
func private(tx *store.Tx) {
	p := tx.PersonFor(chat.Identity{Network: "irc", Account: canary + "-account", Nick: canary + "-nick"})
	o := store.Opening{Subject: canary + " subject", Kind: store.KindOutage, Service: "web", Site: canary + ".example", Association: canary + " association",
		Requester: p.ID, Origin: chat.Room{Network: "irc", ID: "#" + canary}}
	for range 3 {
		_, err := tx.OpenTicket(o, store.TicketEvent{By: p.ID, Text: canary + " question"})
		must(err)
	}
	tx.Audit(p.ID, canary, canary, canary)
	tx.SetNote("proposal/"+canary, canary)
	tx.SetMore(p.ID, []string{canary})
	tx.NewIncident(store.Incident{Service: "mail", Severity: 1, Title: canary + " proposal", Lead: p.ID})
	off := tx.NewIncident(store.Incident{Service: "mail", Severity: 1, Title: canary + " set aside"})
	must(off.Move(store.IncidentCancelled, tx.Now))
	tx.PutIncident(off)
	tx.PutPlanned(store.Planned{Schedule: "call", Kind: "donation", Title: both(canary, canary), Place: canary, Civil: "2026-12-01T18:00", At: tx.Now.Add(time.Hour), Hidden: true})
	for _, st := range []store.CampaignState{store.CampaignDraft, store.CampaignPaused, store.CampaignEnded} {
		tx.PutCampaign(store.Campaign{ID: "c-" + string(st), State: st, Title: both(canary, canary), Text: both(canary, canary), Link: "https://" + canary})
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func both(fr, en string) map[string]string { return map[string]string{"fr": fr, "en": en} }

// incident opens an incident, or brings it further, with a public word.
func incident(tx *store.Tx, i store.Incident, to store.IncidentState, text string, next time.Duration) store.Incident {
	if i.N == 0 {
		i = tx.NewIncident(i)
	}
	must(i.Move(to, tx.Now))
	p := store.Post{At: tx.Now, By: canary, Text: text}
	if next > 0 {
		p.Next = tx.Now.Add(next)
	}
	i.Say(p)
	tx.PutIncident(i)
	return i
}

// answer makes staff answer a ticket and note something.
func answer(tx *store.Tx, n int) {
	for _, act := range []store.TicketAct{store.ActReply, store.ActNote} {
		_, err := tx.ActOnTicket(n, store.TicketEvent{Act: act, By: canary, Text: canary + " staff", Room: canary})
		must(err)
	}
}

// sample is a host on a bad afternoon: one incident over, one open, a meeting, a
// campaign, and private things around them. now is the instant it is looked at.
func sample(t testing.TB, now time.Time) *store.Store {
	t.Helper()
	s := newStore(t)
	at := func(ago time.Duration, fn func(*store.Tx)) { put(t, s, now.Add(-ago), fn) }
	var old, open store.Incident
	at(9*24*time.Hour, func(tx *store.Tx) {
		old = incident(tx, store.Incident{Service: "mail", Severity: 2, Lead: canary}, store.IncidentOngoing, "", 30*time.Minute)
	})
	at(9*24*time.Hour-95*time.Minute, func(tx *store.Tx) {
		old = incident(tx, old, store.IncidentResolved, "", 0)
	})
	at(70*time.Minute, private)
	at(65*time.Minute, func(tx *store.Tx) {
		open = incident(tx, store.Incident{Service: "web", Severity: 2, Title: "serveur web3 injoignable", Lead: canary, Tickets: []int{1}, Followers: []string{canary}},
			store.IncidentOngoing, "", 30*time.Minute)
		answer(tx, 2)
	})
	at(33*time.Minute, func(tx *store.Tx) {
		answer(tx, 1)
		open = incident(tx, open, store.IncidentIdentified, "Un disque du serveur web3 est en panne. Nous basculons les sites sur web4.", 30*time.Minute)
	})
	at(4*time.Minute, func(tx *store.Tx) {
		answer(tx, 3)
		incident(tx, open, store.IncidentIdentified, "La moitié des sites est revenue. Il reste une heure de copie environ.", 30*time.Minute)
		// The announcement is in three reminders, as the schedule keeps it.
		evening, _ := store.Civil{Time: time.Date(now.Year(), now.Month(), now.Day()+16, 20, 0, 0, 0, time.UTC)}.In(paris)
		for _, r := range []string{"7d", "1d", "2h"} {
			tx.PutPlanned(store.Planned{Schedule: "meeting@" + r, Kind: "meeting", Title: both("Réunion mensuelle", "Monthly meeting"), Place: "https://visio.example.org/vigie",
				Civil: store.CivilOf(evening, paris).String(), Zone: "Europe/Paris", At: evening})
		}
		tx.PutCampaign(store.Campaign{ID: "discs", State: store.CampaignRunning, Title: both("Des disques neufs pour 2027", "New disks for 2027"),
			Text: both("Vos dons payent les disques sur lesquels vivent vos sites.", "Your gifts pay for the disks that your sites live on."),
			Link: "https://don.example.org/?a=1&b=2", Goal: 240000, Amount: 156050})
	})
	return s
}

// get asks a handler; header holds names and values in turn.
func get(t testing.TB, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = "127.0.0.1:4444"
	for n := 0; n < len(header); n += 2 {
		if r.Header.Set(header[n], header[n+1]); header[n] == "Host" {
			r.Host = header[n+1]
		}
	}
	rw := httptest.NewRecorder()
	h.ServeHTTP(rw, r)
	return rw
}

// body is the answer to a request that must succeed.
func body(t testing.TB, h http.Handler, path string, header ...string) string {
	t.Helper()
	rw := get(t, h, path, header...)
	if rw.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, rw.Code, rw.Body)
	}
	return rw.Body.String()
}

// holds and lacks look for texts.
func holds(t testing.TB, text string, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(text, s) {
			t.Errorf("%q is not in:\n%.3000s", s, text)
		}
	}
}

func lacks(t testing.TB, text string, bad ...string) {
	t.Helper()
	for _, s := range bad {
		if strings.Contains(text, s) {
			t.Errorf("%q is in:\n%.3000s", s, text)
		}
	}
}

// record serves a request.
func record(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rw := httptest.NewRecorder()
	h.ServeHTTP(rw, r)
	return rw
}
