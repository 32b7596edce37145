package store

import (
	"testing"
	"time"
)

// offsets lists the instants, to the minute, at which a zone's clock was changed
// or will be, between the years 2025 and 2040, found by looking at the clock alone.
func offsets(loc *time.Location) []time.Time {
	var out []time.Time
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for end := time.Date(2041, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.Add(24 * time.Hour) {
		_, now := at.In(loc).Zone()
		if _, next := at.Add(24 * time.Hour).In(loc).Zone(); next == now {
			continue
		}
		for m := at; ; m = m.Add(time.Minute) {
			if _, then := m.Add(time.Minute).In(loc).Zone(); then != now {
				out = append(out, m.Add(time.Minute))
				break
			}
		}
	}
	return out
}

// face is what a clock of the zone shows.
const face = "2006-01-02 15:04"

// TestCivilAroundEveryChange holds each minute of the two days around each clock
// change against what the clock really shows in each minute around it.
func TestCivilAroundEveryChange(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/New_York", "Australia/Lord_Howe"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			changes := offsets(loc)
			if len(changes) != 32 {
				t.Fatalf("%d changes of the clock in 16 years", len(changes))
			}
			for _, change := range changes {
				aroundChange(t, loc, change)
			}
		})
	}
}

func aroundChange(t *testing.T, loc *time.Location, change time.Time) {
	t.Helper()
	shown := map[string]time.Time{} // the first instant at which the clock shows it
	for at := change.Add(-36 * time.Hour); at.Before(change.Add(36 * time.Hour)); at = at.Add(time.Minute) {
		if key := at.In(loc).Format(face); shown[key].IsZero() {
			shown[key] = at
		}
	}
	_, before := change.Add(-time.Minute).In(loc).Zone()
	_, after := change.In(loc).Zone()
	start := CivilOf(change.Add(-24*time.Hour), loc)
	gaps := 0
	for m := range 48 * 60 {
		c := Civil{start.Add(time.Duration(m) * time.Minute)}
		at, exists := c.In(loc)
		want, real := shown[c.Format(face)]
		switch {
		case exists != real:
			t.Fatalf("%s: shown by the clock: %v, said %v", c, real, exists)
		case real && !at.Equal(want):
			t.Fatalf("%s is %s, said %s", c, want, at)
		case !real: // as far behind the gap as into it
			if gaps++; !CivilOf(at, loc).Equal(c.Add(time.Duration(after-before) * time.Second)) {
				t.Fatalf("%s in a gap becomes %s", c, at)
			}
		}
	}
	if want := max(0, (after-before)/60); gaps != want {
		t.Fatalf("%s: %d minutes in the gap, want %d", change, gaps, want)
	}
}

func TestCivilSamples(t *testing.T) {
	loc := paris(t)
	for in, want := range map[string]string{
		"2026-03-29T02:30:00": "2026-03-29T01:30:00Z", // in the gap: 03:30
		"2026-10-25T02:30:00": "2026-10-25T00:30:00Z", // twice: the first
		"2026-10-25T03:00:00": "2026-10-25T02:00:00Z",
		"2026-07-14T12:00:00": "2026-07-14T10:00:00Z",
	} {
		c, err := ParseCivil(in)
		if err != nil || c.String() != in {
			t.Fatalf("%s reads as %s: %v", in, c, err)
		}
		if at, _ := c.In(loc); at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s is %s, want %s", in, at.UTC().Format(time.RFC3339), want)
		}
	}
	if _, err := ParseCivil("tomorrow"); err == nil {
		t.Error("tomorrow is no civil time")
	}
}
