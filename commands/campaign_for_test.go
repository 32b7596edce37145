package commands

import (
	"testing"
	"time"

	"vigie/store"
)

// TestCampaignFor chooses what a call asks for.
func TestCampaignFor(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC) }
	k := func(id string, state store.CampaignState, amount int64, deadline time.Time) store.Campaign {
		return store.Campaign{ID: id, State: state, Goal: 100, Amount: amount, Deadline: deadline}
	}
	run, pause := store.CampaignRunning, store.CampaignPaused
	for name, c := range map[string]struct {
		id   string
		list []store.Campaign
		want string
	}{
		"the one named":                    {"a", []store.Campaign{k("a", run, 0, time.Time{}), k("b", run, 0, day(1))}, "a"},
		"another when it is paused":        {"a", []store.Campaign{k("a", pause, 0, time.Time{}), k("b", run, 0, day(1))}, "b"},
		"another when its goal is reached": {"a", []store.Campaign{k("a", run, 100, time.Time{}), k("b", run, 0, day(1))}, "b"},
		"the first to end":                 {"", []store.Campaign{k("a", run, 0, time.Time{}), k("b", run, 0, day(9)), k("c", run, 0, day(3)), k("d", pause, 0, day(1))}, "c"},
		"a permanent one":                  {"", []store.Campaign{k("a", pause, 0, day(1)), k("b", run, 0, time.Time{})}, "b"},
		"the one named, with none running": {"b", []store.Campaign{k("a", pause, 0, day(1)), k("b", pause, 0, day(2))}, "b"},
		"none":                             {"x", nil, ""},
	} {
		w := lifeOf(t, Config{TimeZone: "UTC"}, "2026-12-01 10:00")
		err := w.store.Update(t.Context(), w.now, func(tx *store.Tx) error {
			for _, k := range c.list {
				tx.PutCampaign(k)
			}
			if got, ok := w.table.campaignFor(tx, c.id); ok != (c.want != "") || got.ID != c.want {
				t.Errorf("%s: %q %v, want %q", name, got.ID, ok, c.want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestPersonCaps bounds what one person hears of gifts in a year.
func TestPersonCaps(t *testing.T) {
	w := lifeOf(t, testConfig(), "2026-12-01 10:00")
	asked := 0
	for d := range 400 {
		now := w.now.AddDate(0, 0, d)
		err := w.store.Update(t.Context(), now, func(tx *store.Tx) error {
			if w.table.mayMention(tx, "p1", now) {
				asked++
				tx.SetNote(askedNote("p1"), tx.Note(askedNote("p1"))+" "+now.Format(time.RFC3339))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if asked != 3 { // two in the first year, one more behind it
		t.Errorf("asked %d times in 400 days", asked)
	}
	err := w.store.Update(t.Context(), w.now, func(tx *store.Tx) error {
		tx.SetNote(fewerNote("p2"), w.now.Format(time.RFC3339))
		if w.table.mayMention(tx, "p2", w.now.Add(364*24*time.Hour)) || !w.table.mayMention(tx, "p2", w.now.Add(366*24*time.Hour)) {
			t.Error("fewer lasts a year")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
