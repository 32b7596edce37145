package web

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/store"
)

// planned is a host with works of each kind.
func planned(t *testing.T) *Site {
	t.Helper()
	s := newStore(t)
	add := func(m store.Maintenance, moves ...store.MaintenanceState) {
		put(t, s, time.Now(), func(tx *store.Tx) {
			m = tx.NewMaintenance(m)
			m.Say(tx.Now)
			for _, to := range moves {
				must(m.Move(to, tx.Now))
				m.Say(tx.Now)
			}
			tx.PutMaintenance(m)
		})
	}
	soon := time.Now().Add(26 * time.Hour)
	add(store.Maintenance{Service: "mail", Title: "nouveaux <b>disques</b>", Site: "Marseille", From: soon, Until: soon.Add(2 * time.Hour)})
	add(store.Maintenance{Service: "web", From: time.Now(), Until: time.Now().Add(time.Hour), By: canary}, store.MaintenanceStarted)
	add(store.Maintenance{Service: "web", Title: canary, Subscribers: true, From: soon, Until: soon})
	add(store.Maintenance{Service: "dns", From: soon, Until: soon}, store.MaintenanceCancelled)
	return newSite(t, config(), facts(), s)
}

func TestWorksAreOnThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		h := planned(t).Handler()
		page := body(t, h, "/fr/")
		holds(t, page, "Travaux prévus", "Courriel (Marseille)", "nouveaux &lt;b&gt;disques", "travaux en cours", `id="m1"`, "Aucune panne connue")
		lacks(t, page, canary, `id="m3"`, `id="m4"`)
		holds(t, body(t, h, "/en/", "Accept", "text/plain"), "Planned works", "Mail (Marseille) – announced", "..  Web sites – works under way")
		feed := body(t, h, "/fr/feed.atom")
		if n := strings.Count(feed, "<entry>"); n != 5 {
			t.Errorf("%d entries, one a word:\n%s", n, feed)
		}
		holds(t, feed, "Travaux annulés : Noms de domaine", "maintenance/2/2")
		lacks(t, feed, canary)
	})
}

func TestWorksAreInTheCalendar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		cal := body(t, planned(t).Handler(), "/fr/calendar.ics")
		if n := strings.Count(cal, "BEGIN:VEVENT"); n != 3 {
			t.Errorf("%d events:\n%s", n, cal)
		}
		holds(t, cal, "SUMMARY:Travaux prévus : Courriel (Marseille)", "DTEND:", "STATUS:CANCELLED", "SEQUENCE:1", "UID:maintenance/1@info.example.org")
		lacks(t, cal, canary)
	})
}

func TestWorksAreInTheJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		h := planned(t).Handler()
		ids := func(path string) string {
			var doc struct {
				Works []struct {
					ID, Status, Impact string
					For                string     `json:"scheduled_for"`
					Until              string     `json:"scheduled_until"`
					Updates            []struct{} `json:"incident_updates"`
				} `json:"scheduled_maintenances"`
				Components []struct{ ID, Status string }
			}
			must(json.Unmarshal([]byte(body(t, h, path)), &doc))
			out := ""
			for _, w := range doc.Works {
				out += w.ID + "=" + w.Status + " "
				if w.For == "" || w.Until == "" || w.Impact != "maintenance" || len(w.Updates) == 0 {
					t.Errorf("%s: %+v", path, w)
				}
			}
			for _, c := range doc.Components {
				if want := map[string]string{"web": "under_maintenance"}[c.ID]; want != "" && c.Status != want {
					t.Errorf("%s is %s", c.ID, c.Status)
				}
			}
			return strings.TrimSpace(out)
		}
		for path, want := range map[string]string{
			"/api/v2/summary.json":                         "m2=in_progress m1=scheduled",
			"/api/v2/scheduled-maintenances.json":          "m2=in_progress m4=completed m1=scheduled",
			"/api/v2/scheduled-maintenances/upcoming.json": "m1=scheduled",
			"/api/v2/scheduled-maintenances/active.json":   "m2=in_progress",
		} {
			if got := ids(path); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
	})
}
