package store

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCampaignArithmetic(t *testing.T) {
	for _, c := range []struct {
		goal, amount int64
		percent      int
		reached      bool
	}{{0, 500, 0, false}, {200000, 0, 0, false}, {200000, 199999, 99, false}, {200000, 200000, 100, true}, {200000, 900000, 100, true}, {-5, 10, 0, false}} {
		k := Campaign{Goal: c.goal, Amount: c.amount}
		if k.Percent() != c.percent || k.Reached() != c.reached {
			t.Errorf("%d of %d cents: %d %%, reached %v", c.amount, c.goal, k.Percent(), k.Reached())
		}
	}
}

func TestCampaignsAreKept(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		tx.PutCampaign(Campaign{ID: "b"})
		tx.PutCampaign(Campaign{ID: "a", Amount: 12})
		return nil
	})
	change(t, s, func(tx *Tx) error {
		if list := tx.Campaigns(); len(list) != 2 || list[0].ID != "a" || list[0].Amount != 12 {
			t.Errorf("kept %+v", list)
		}
		if _, ok := tx.Campaign("c"); ok {
			t.Error("found what is not there")
		}
		return nil
	})
}

func paris(t interface {
	Helper()
	Fatal(...any)
}) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func rules() GateRules {
	return GateRules{After: 72 * time.Hour, Every: 14 * 24 * time.Hour, QuietFrom: "22:00", QuietUntil: "08:00",
		ActiveWithin: 24 * time.Hour, Busy: 20, BusyWithin: 5 * time.Minute}
}

// open is an input that nothing holds, at 18:00 in Paris.
func open(t interface {
	Helper()
	Fatal(...any)
}) GateInput {
	t.Helper()
	now := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	return GateInput{Now: now, Zone: paris(t), Rules: rules(), LastWord: now.Add(-time.Hour), Campaign: Campaign{State: CampaignRunning, Goal: 100}}
}

func TestGateReasons(t *testing.T) {
	over := func(d time.Duration) Incident {
		i := Incident{N: 7, State: IncidentReported}
		_ = i.Move(IncidentOngoing, open(t).Now.Add(-d-time.Hour))
		_ = i.Move(IncidentResolved, open(t).Now.Add(-d))
		return i
	}
	ongoing := Incident{N: 8, State: IncidentOngoing, Opened: monday}
	for name, c := range map[string]struct {
		change func(*GateInput)
		want   []string
	}{
		"nothing":           {func(*GateInput) {}, nil},
		"draft":             {func(i *GateInput) { i.Campaign.State = CampaignDraft }, []string{"not_running"}},
		"goal":              {func(i *GateInput) { i.Campaign.Amount = 100 }, []string{"goal_reached"}},
		"deadline":          {func(i *GateInput) { i.Campaign.Deadline = i.Now.Add(-1) }, []string{"deadline"}},
		"incident":          {func(i *GateInput) { i.Incidents = []Incident{ongoing} }, []string{"incident"}},
		"a proposal only":   {func(i *GateInput) { i.Incidents = []Incident{{State: IncidentReported}} }, nil},
		"71 h after":        {func(i *GateInput) { i.Incidents = []Incident{over(71 * time.Hour)} }, []string{"after_incident"}},
		"72 h after":        {func(i *GateInput) { i.Incidents = []Incident{over(72 * time.Hour)} }, nil},
		"22:00":             {func(i *GateInput) { i.Now = i.Now.Add(4 * time.Hour) }, []string{"quiet"}},
		"21:59":             {func(i *GateInput) { i.Now = i.Now.Add(4*time.Hour - time.Minute) }, nil},
		"07:59":             {func(i *GateInput) { i.Now = i.Now.Add(14*time.Hour - time.Minute) }, []string{"quiet"}},
		"08:00":             {func(i *GateInput) { i.Now = i.Now.Add(14 * time.Hour) }, nil},
		"asked lately":      {func(i *GateInput) { i.LastAsk = i.Now.Add(-13 * 24 * time.Hour) }, []string{"too_soon"}},
		"asked long ago":    {func(i *GateInput) { i.LastAsk = i.Now.Add(-14 * 24 * time.Hour) }, nil},
		"nobody there":      {func(i *GateInput) { i.LastWord = time.Time{} }, []string{"silent_room"}},
		"a busy room":       {func(i *GateInput) { i.Words = 20 }, []string{"busy_room"}},
		"several at once":   {func(i *GateInput) { i.Incidents, i.Words = []Incident{ongoing}, 20 }, []string{"incident", "busy_room"}},
		"no caps asked":     {func(i *GateInput) { i.Rules, i.LastWord, i.Words = GateRules{}, time.Time{}, 99 }, nil},
		"quiet by day":      {func(i *GateInput) { i.Rules.QuietFrom, i.Rules.QuietUntil = "12:00", "19:00" }, []string{"quiet"}},
		"quiet never":       {func(i *GateInput) { i.Rules.QuietFrom, i.Rules.QuietUntil = "18:00", "18:00" }, nil},
		"quiet not an hour": {func(i *GateInput) { i.Rules.QuietFrom = "soon" }, nil},
	} {
		in := open(t)
		c.change(&in)
		var got []string
		for _, h := range Gate(in) {
			got = append(got, h.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: held for %v, want %v", name, got, c.want)
		}
	}
}

func TestHoldsUntil(t *testing.T) {
	in := open(t)
	in.Now = in.Now.Add(4 * time.Hour) // quiet until 08:00
	if got := HoldsUntil(Gate(in)); !got.Equal(time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("quiet until %s", got)
	}
	in.LastAsk = in.Now.Add(-13 * 24 * time.Hour)
	if got := HoldsUntil(Gate(in)); !got.Equal(in.Now.Add(24 * time.Hour)) {
		t.Errorf("the last reason ends at %s", got)
	}
	in.Incidents = []Incident{{State: IncidentOngoing, Opened: monday}}
	if got := HoldsUntil(Gate(in)); !got.IsZero() {
		t.Errorf("nobody knows when an incident ends, but %s", got)
	}
	if !HoldsUntil(nil).IsZero() {
		t.Error("no reason ends")
	}
}

// TestGateNeverOpensWrongly looks for a world in which a donation is asked for
// and must not be. It knows the rules by the local clock's face and by counting, not
// by the gate's own arithmetic.
func TestGateNeverOpensWrongly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := paris(t)
		in := GateInput{Zone: zone, Rules: rules(), Now: time.Unix(rapid.Int64Range(1760000000, 1900000000).Draw(t, "now"), 0).UTC()}
		in.Campaign = Campaign{State: rapid.SampledFrom([]CampaignState{CampaignRunning, CampaignRunning, CampaignRunning, CampaignPaused, CampaignEnded}).Draw(t, "state"),
			Goal: rapid.Int64Range(0, 3).Draw(t, "goal"), Amount: rapid.Int64Range(0, 4).Draw(t, "amount")}
		ago := func(name string, hours int) time.Time {
			return in.Now.Add(-time.Duration(rapid.IntRange(0, hours*60).Draw(t, name)) * time.Minute)
		}
		in.LastAsk, in.LastWord, in.Words = ago("asked", 20*24), ago("word", 48), rapid.IntRange(0, 30).Draw(t, "words")
		for range rapid.IntRange(0, 2).Draw(t, "incidents") {
			i := Incident{State: IncidentReported}
			if rapid.Bool().Draw(t, "opened") {
				end := ago("end", 100)
				_ = i.Move(IncidentOngoing, end.Add(-time.Hour))
				if rapid.Bool().Draw(t, "resolved") {
					_ = i.Move(IncidentResolved, end)
				}
			}
			in.Incidents = append(in.Incidents, i)
		}
		if len(Gate(in)) > 0 {
			return
		}
		for _, i := range in.Incidents {
			if i.Open() || !i.Resolved.IsZero() && in.Now.Sub(i.Resolved) < 72*time.Hour {
				t.Fatalf("asked during or after incident %+v", i)
			}
		}
		if h := in.Now.In(zone).Hour(); h >= 22 || h < 8 {
			t.Fatalf("asked at %d h", h)
		}
		if in.Campaign.State != CampaignRunning || in.Campaign.Goal > 0 && in.Campaign.Amount >= in.Campaign.Goal {
			t.Fatalf("asked for %+v", in.Campaign)
		}
		if in.Now.Sub(in.LastAsk) < 14*24*time.Hour || in.Words >= 20 || in.Now.Sub(in.LastWord) > 24*time.Hour {
			t.Fatalf("asked above the caps: %+v", in)
		}
	})
}
