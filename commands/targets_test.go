package commands

import (
	"strings"
	"testing"
	"time"

	"vigie/store"
)

func TestTargetsOfTheDefaults(t *testing.T) {
	c := testConfig()
	p, wrong := c.clockPolicy()
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if got := p.Targets[store.KindOutage]; got.Answer != time.Hour || got.Loop != 4*time.Hour || got.Resolve != 0 {
		t.Errorf("an outage: %+v", got)
	}
	if got := p.Targets[store.KindQuestion]; got.Answer != 3*time.Hour || got.Loop != 20*time.Hour || got.Resolve != 0 {
		t.Errorf("a question: %+v", got)
	}
	if got := p.Targets[store.KindRequest]; got.Answer != 3*time.Hour || got.Loop != 50*time.Hour || got.Resolve != 100*time.Hour {
		t.Errorf("a request: %+v", got)
	}
}

func TestMistakesInTargetsAndHours(t *testing.T) {
	for path, change := range map[string]func(*Config){
		"tickets.targets.outage.first":    func(c *Config) { c.Tickets.Targets.Outage.First = "soon" },
		"tickets.targets.question.again":  func(c *Config) { c.Tickets.Targets.Question.Again = "-1d" },
		"tickets.targets.request.resolve": func(c *Config) { c.Tickets.Targets.Request.Resolve = "2 weeks" },
		"tickets.quiet_from":              func(c *Config) { c.Tickets.QuietFrom = "22h" },
		"tickets.quiet_until":             func(c *Config) { c.Tickets.QuietUntil = "" },
		"opening.hours.mon-fri":           func(c *Config) { c.Opening.Hours = map[string]string{"mon-fri": "9-19"} },
		"tickets":                         func(c *Config) { c.Tickets.Undo = 0 },
	} {
		c := testConfig()
		change(&c)
		found := c.Check([]string{"irc", "matrix"})
		if len(found) != 1 || found[0].Path != path || found[0].Hint == "" {
			t.Errorf("%s: %v", path, found)
		}
	}
}

func TestAStepThatIsLeftOut(t *testing.T) {
	c := testConfig()
	c.Tickets.Targets.Question = TargetConfig{First: "3h"}
	p, wrong := c.clockPolicy()
	if st := p.Steps[store.KindQuestion]; len(wrong) > 0 || st.Remind >= 0 || st.Name >= 0 || st.All >= 0 || st.Again >= 0 {
		t.Errorf("%+v %v", st, wrong)
	}
}

// TestWhenInWords: the hour alone today, with the day near by, with the date further off.
func TestWhenInWords(t *testing.T) {
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	zone := table.cfg.Location()
	now := time.Date(2026, 11, 27, 22, 30, 0, 0, zone) // a Friday
	for at, want := range map[string]string{"2026-11-27 23:00": "23:00 | 23:00", "2026-11-28 00:10": "demain 00:10 | tomorrow 00:10", "2026-11-30 09:00": "lundi 09:00 | Monday 09:00",
		"2026-12-03 09:00": "jeudi 09:00 | Thursday 09:00", "2026-12-04 09:00": "04/12 09:00 | 04/12 09:00", "2026-11-26 09:00": "26/11 09:00 | 26/11 09:00",
		"2027-01-04 09:00": "04/01 09:00 | 04/01 09:00", "2027-11-27 09:00": "27/11/2027 09:00 | 27/11/2027 09:00"} {
		when, err := time.ParseInLocation("2006-01-02 15:04", at, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := table.when("fr", when, now) + " | " + table.when("en", when, now); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	if !strings.HasPrefix(table.when("fr", now.Add(-time.Hour), now), "21:30") {
		t.Error("earlier today")
	}
}
