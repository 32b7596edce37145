package web

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/store"
)

func TestDaysShowTheWorstOfEach(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.ParseInLocation("2006-01-02 15:04", s, paris)
		must(err)
		return d
	}
	now := at("2026-11-22 08:00")
	over := func(service string, severity int, from, until string, state store.IncidentState) store.Incident {
		return store.Incident{Service: service, Severity: severity, State: state, Opened: at(from), Resolved: at(until)}
	}
	list := []store.Incident{
		over("web", 3, "2026-11-20 23:30", "2026-11-21 00:10", store.IncidentResolved), // two days
		over("web", 1, "2026-11-20 10:00", "2026-11-20 10:05", store.IncidentReview),
		over("web", 1, "2026-11-19 10:00", "2026-11-19 10:05", store.IncidentCancelled),
		over("mail", 1, "2026-11-18 10:00", "2026-11-18 10:05", store.IncidentResolved),
		over("web", 2, "2026-10-25 00:30", "2026-10-25 23:30", store.IncidentResolved), // the clocks go back
		{Service: "web", Severity: 4, State: store.IncidentMonitoring, Opened: at("2026-11-22 07:00")},
	}
	d := daysOf(list, "web", paris, at("2026-10-01 12:00"), now)
	want := map[int]int8{89: 4, 88: 3, 87: 1, 86: 0, 85: 0, 61: 2, 60: 0, 62: 0, 37: 0, 36: -1, 0: -1}
	for n, w := range want {
		if d[n] != w {
			t.Errorf("day %d (%s) is %d, want %d", n, now.AddDate(0, 0, n-89).Format(time.DateOnly), d[n], w)
		}
	}
	v := &view{Lang: "en", site: newSite(t, config(), facts(), newStore(t))}
	s := ServiceState{Days: d}
	if got := v.BarsSay(s); got != "Known for 53 days. 4 days with an outage." || v.DaysKnown(s) != 53 {
		t.Errorf("the bars say %q", got)
	}
	picture := string(v.Bars(s))
	if strings.Count(picture, "v20") != dayCount || len(picture) > 1500 || !strings.Contains(picture, `class="day2"`) {
		t.Errorf("%d bytes of bars: %s", len(picture), picture)
	}
}

func TestNothingIsClaimedOfDaysBeforeTheBot(t *testing.T) {
	h := newSite(t, config(), facts(), newStore(t)).Handler()
	lacks(t, body(t, h, "/fr/"), "<svg")
}

func TestIncidentPageShowsItsReview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		s := newStore(t)
		put(t, s, time.Now(), func(tx *store.Tx) {
			i := incident(tx, store.Incident{Service: "web", Site: "Marseille", Severity: 3}, store.IncidentOngoing, "", time.Hour)
			i.Affected, i.DataLoss = 12, "no"
			i.Severity = 1
			i.Say(store.Post{At: tx.Now, Severity: 1})
			i = incident(tx, i, store.IncidentResolved, "", 0)
			i.Log = []store.LogEntry{{At: tx.Now, Text: canary}}
			i.Cause, i.Draft = canary, canary
			i.Review = "# Bilan\n\n## Cause\nUn <b>disque</b>\u202e.\n- 10:00 panne\n- 11:00 fin\n"
			incident(tx, i, store.IncidentReview, "", 0)
		})
		w := newSite(t, config(), facts(), s)
		page := body(t, w.Handler(), "/fr/incident/1")
		holds(t, page, "<h3>Cause</h3>", "<p>Un &lt;b&gt;disque&lt;/b&gt;.</p>", "<ul><li>10:00 panne</li><li>11:00 fin</li></ul>", "Lieu : Marseille. 12 membres concernés. Aucune donnée", "hors service")
		lacks(t, page, canary, "<h3>Bilan</h3>", "\u202e")
		text := body(t, w.Handler(), "/fr/incident/1", "Accept", "text/plain")
		holds(t, text, "12 membres concernés", "CAUSE", "- 11:00 fin")
	})
}

func TestMergedIncidentLeadsToTheOther(t *testing.T) {
	s := newStore(t)
	put(t, s, time.Now(), func(tx *store.Tx) {
		a := incident(tx, store.Incident{Service: "web", Severity: 2}, store.IncidentOngoing, "", time.Hour)
		b := incident(tx, store.Incident{Service: "mail", Severity: 2}, store.IncidentOngoing, "", time.Hour)
		must(a.MergeInto(&b, tx.Now))
		tx.PutIncident(a)
		tx.PutIncident(b)
		hidden := tx.NewIncident(store.Incident{Service: "web"})
		must(hidden.MergeInto(&b, tx.Now))
		tx.PutIncident(hidden)
	})
	h := newSite(t, config(), facts(), s).Handler()
	if rw := get(t, h, "/en/incident/1"); rw.Code != http.StatusFound || rw.Header().Get("Location") != "/en/incident/2" {
		t.Errorf("%d to %q", rw.Code, rw.Header().Get("Location"))
	}
	if rw := get(t, h, "/incident/3"); rw.Code != http.StatusNotFound {
		t.Errorf("a proposal that nobody knew of: %d", rw.Code)
	}
}

func TestServiceIsShownAtEachOfItsPlaces(t *testing.T) {
	s := newStore(t)
	f := facts()
	f.Services[0].Sites = []string{"Paris", "Marseille"}
	put(t, s, time.Now(), func(tx *store.Tx) {
		incident(tx, store.Incident{Service: "web", Site: "marseille", Severity: 1}, store.IncidentOngoing, "", time.Hour)
	})
	got := Read(reader(t, s), f, time.Now()).Services[0].Sites
	if len(got) != 2 || got[0].Incident != nil || got[1].Incident == nil {
		t.Errorf("places: %+v", got)
	}
	page := body(t, newSite(t, config(), f, s).Handler(), "/fr/")
	holds(t, page, `<span class="place">Paris <span class="good">`, `<span class="place">Marseille <strong class="bad">`)
}

// reader is a Tx that reads the last commit, for as long as the test lasts.
func reader(t *testing.T, s *store.Store) *store.Tx {
	t.Helper()
	g, err := s.Begin()
	must(err)
	t.Cleanup(g.Discard)
	return g.Tx(time.Now())
}
