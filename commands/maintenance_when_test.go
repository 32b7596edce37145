package commands

import (
	"testing"
	"time"
)

func TestWhenWorksArePlanned(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, paris)
	for _, tt := range []struct{ in, from, until, rest, wrong string }{
		{"2026-12-01 22:00 2h mise à jour", "2026-12-01 22:00", "2026-12-02 00:00", "mise à jour", ""},
		{"01/12 22h 1h30 x", "2026-12-01 22:00", "2026-12-01 23:30", "x", ""},
		{"1/12/2026 22h30 90m", "2026-12-01 22:30", "2026-12-02 00:00", "", ""},
		{"demain 6h 45min x", "2026-11-24 06:00", "2026-11-24 06:45", "x", ""},
		{"tomorrow 22:00-01:00 x", "2026-11-24 22:00", "2026-11-25 01:00", "x", ""},
		{"today 22:00 1H x", "2026-11-23 22:00", "2026-11-23 23:00", "x", ""},
		{"05/01 8:00 2h x", "2027-01-05 08:00", "2027-01-05 10:00", "x", ""}, // the next one
		// the clock jumps from 2 to 3: nobody's clock shows 2:30
		{"2027-03-28 2:30 1h x", "2027-03-28 03:30", "2027-03-28 04:30", "x", ""},
		{"2026-11-01 22:00 2h x", "", "", "", "maintenance.past"},
		{"31/11 22:00 2h x", "", "", "", "maintenance.bad_day"},
		{"29/02/2027 22:00 2h x", "", "", "", "maintenance.bad_day"},
		{"mardi 22:00 2h x", "", "", "", "maintenance.bad_day"},
		{"2026-12-01 25:00 2h x", "", "", "", "maintenance.bad_hour"},
		{"2026-12-01 22 2h x", "", "", "", "maintenance.bad_hour"},
		{"2026-12-01 22:00-x y", "", "", "", "maintenance.bad_hour"},
		{"2026-12-01 22:00 2 x", "", "", "", "maintenance.bad_length"},
		{"2026-12-01 22:00 0h x", "", "", "", "maintenance.bad_length"},
		{"2026-12-01 22:00", "", "", "", "maintenance.bad_length"},
		{"2026-12-01 22:00 900h x", "", "", "", "maintenance.too_long"},
		{"2036-12-01 22:00 2h x", "", "", "", "maintenance.too_long"},
		{"", "", "", "", "maintenance.bad_day"},
	} {
		from, until, rest, wrong := cutWhen(tt.in, now, paris)
		if wrong != tt.wrong {
			t.Errorf("%q: %q, want %q", tt.in, wrong, tt.wrong)
		}
		form := func(at time.Time) string { return at.In(paris).Format("2006-01-02 15:04") }
		if wrong == "" && (form(from) != tt.from || form(until) != tt.until || rest != tt.rest) {
			t.Errorf("%q: %s to %s, %q", tt.in, form(from), form(until), rest)
		}
	}
}

func FuzzWhen(f *testing.F) {
	for _, s := range []string{"2026-12-01 22:00 2h x", "31/12 23h59-0:00", "demain 6h 45min", "\xff 1h 1h"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		from, until, _, wrong := cutWhen(s, now, time.UTC)
		if wrong == "" && (!until.After(from) || from.Before(now) || until.Sub(from) > longestWorks) {
			t.Fatalf("%q: %v to %v", s, from, until)
		}
	})
}
