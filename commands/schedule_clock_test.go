package commands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/store"
)

// lifeOf begins a simulated bot that a test drives by hand.
func lifeOf(t *testing.T, c Config, from string) *simulator {
	t.Helper()
	st, err := store.Open(t.Context(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	w := &simulator{ctx: t.Context(), options: testOptions(c), store: st, now: instantOf(t, from), told: map[string]string{}, incidents: map[int]int{}}
	if err := w.begin(); err != nil {
		t.Fatal(err)
	}
	return w
}

// until lives on up to an instant, and tells what was said, by schedule and local hour.
func (w *simulator) until(t *testing.T, at string) []string {
	t.Helper()
	w.list, w.plan.To = nil, instantOf(t, at)
	if _, err := w.goOn(); err != nil {
		t.Fatal(err)
	}
	w.now = w.plan.To
	var out []string
	for _, r := range w.list {
		if r.Act == ActSaid {
			out = append(out, r.Schedule+" "+r.At.In(w.table.cfg.Location()).Format("01-02 15:04"))
		}
	}
	return out
}

// TestClockSteppedBack sets the clock back by two hours after everything was said: nothing
// is said a second time when the hour comes again, also not after a restart.
func TestClockSteppedBack(t *testing.T) {
	w := lifeOf(t, oneOfEach(), "2026-12-07 12:00")
	want := []string{"digest 12-07 18:00", "gift 12-07 18:00", "meet@2h 12-07 18:00", "news 12-07 18:00"}
	got := w.until(t, "2026-12-07 18:30")
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	w.now = instantOf(t, "2026-12-07 16:30")
	if err := w.begin(); err != nil {
		t.Fatal(err)
	}
	if again := w.until(t, "2026-12-07 23:00"); len(again) != 0 {
		t.Errorf("said again: %v", again)
	}
	next := w.until(t, "2026-12-14 18:30")
	if len(next) < 3 || !slices.Contains(next, "news 12-14 18:00") {
		t.Errorf("a week later: %v", next)
	}
}

// TestClockSteppedForward jumps from 17:30 to 19:30: late for a call, in time for a meeting at 20:00.
func TestClockSteppedForward(t *testing.T) {
	w := lifeOf(t, oneOfEach(), "2026-12-07 12:00")
	w.until(t, "2026-12-07 17:30")
	w.now = instantOf(t, "2026-12-07 19:30")
	got := w.until(t, "2026-12-07 19:45")
	if want := []string{"digest 12-07 19:30", "meet@2h 12-07 19:30", "news 12-07 19:30"}; !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestNewZoneData lets a country give up its clock while the bot is stopped: the same civil
// time is another instant, and is said once, whenever the data came.
func TestNewZoneData(t *testing.T) {
	restart := func(w *simulator) {
		if err := w.process(); err != nil {
			t.Fatal(err)
		}
		for i := range w.table.plans.list {
			w.table.plans.list[i].rule.Zone = time.FixedZone("Europe/Paris", 0) // an hour behind winter time
		}
		if err := w.wake(); err != nil {
			t.Fatal(err)
		}
	}
	w := lifeOf(t, oneOfEach(), "2026-12-07 12:00")
	restart(w)
	got := w.until(t, "2026-12-07 23:00")
	if !slices.Contains(got, "news 12-07 19:00") || len(got) != 4 {
		t.Errorf("with the new data before: %v", got)
	}
	w = lifeOf(t, oneOfEach(), "2026-12-07 12:00")
	w.until(t, "2026-12-07 18:30")
	restart(w)
	if again := w.until(t, "2026-12-08 12:00"); len(again) != 0 {
		t.Errorf("with the new data after: said again %v", again)
	}
}

// TestCampaignEndsAtItsDate ends a campaign at the first call after its last day, tells the
// staff once, and asks no more.
func TestCampaignEndsAtItsDate(t *testing.T) {
	c := oneOfEach()
	c.Campaigns.List[0].Deadline = "2026-12-09"
	w := lifeOf(t, c, "2026-12-07 12:00")
	if got := w.until(t, "2026-12-31 12:00"); strings.Count(strings.Join(got, " "), "gift") != 1 {
		t.Errorf("asked %v", got)
	}
	told := 0
	err := w.store.View(func(tx *store.Tx) error {
		if k, ok := tx.Campaign("don2026"); !ok || k.State != store.CampaignEnded {
			t.Errorf("the campaign is %s", k.State)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range w.said {
		if strings.Contains(text, "arrivée à sa date de fin") {
			told++
		}
	}
	if staff := len(w.table.cfg.Rooms["adminsys"].Places); told != staff {
		t.Errorf("told %d times in %d staff places", told, staff)
	}
}
