package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/store"
)

// knuth reckons Easter by another way: The Art of Computer Programming, 1.3.2,
// exercise 14.
func knuth(year int) store.Civil {
	golden := year%19 + 1
	century := year/100 + 1
	dropped := 3*century/4 - 12
	moon := (8*century+5)/25 - 5
	sunday := 5*year/4 - dropped - 10
	epact := ((11*golden+20+moon-dropped)%30 + 30) % 30
	if epact == 25 && golden > 11 || epact == 24 {
		epact++
	}
	n := 44 - epact
	if n < 21 {
		n += 30
	}
	n += 7 - (sunday+n)%7
	return date(year, time.March, n)
}

func TestEasterTwoWays(t *testing.T) {
	for year := 1700; year < 3000; year++ {
		e := Easter(year)
		if !e.Equal(knuth(year).Time) {
			t.Errorf("%d: %s, the other way %s", year, e, knuth(year))
		}
		if e.Weekday() != time.Sunday {
			t.Errorf("%d: Easter on a %s", year, e.Weekday())
		}
	}
}

func TestEasterOfRecord(t *testing.T) {
	for year, want := range map[int]string{1818: "03-22", 1943: "04-25", 1961: "04-02", 2000: "04-23", 2008: "03-23", 2024: "03-31",
		2025: "04-20", 2026: "04-05", 2027: "03-28", 2028: "04-16", 2038: "04-25"} {
		if got := Easter(year).Format("01-02"); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}

func TestFrenchHolidays(t *testing.T) {
	show := func(year int, alsace bool) string {
		var out []string
		for _, h := range French(year, alsace) {
			if h.Name["fr"] == "" || h.Name["en"] == "" {
				t.Errorf("%s has no name in both languages: %v", h.Day, h.Name)
			}
			out = append(out, h.Day.Format("01-02"))
		}
		return strings.Join(out, " ")
	}
	if got, want := show(2026, false), "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"; got != want {
		t.Errorf("2026: %s, want %s", got, want)
	}
	if got, want := show(2026, true), "01-01 04-03 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25 12-26"; got != want {
		t.Errorf("2026 in Alsace: %s, want %s", got, want)
	}
	// In 2008 Ascension fell on the first of May: both are there.
	if got := show(2008, false); strings.Count(got, "05-01") != 2 {
		t.Errorf("2008: %s", got)
	}
}

// The second Tuesday of a month is the 8th to the 14th, and meets a holiday on
// exactly these dates between 2025 and 2040.
func TestSecondTuesdaysThatAreHolidays(t *testing.T) {
	cal, err := New(Config{}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for day := date(2025, 1, 1); day.Year() <= 2040; day = after(day, 1) {
		if _, is := cal.HolidayOn(day); is && day.Weekday() == time.Tuesday && day.Day() >= 8 && day.Day() <= 14 {
			got = append(got, day.Format(time.DateOnly))
		}
	}
	want := []string{"2025-11-11", "2026-07-14", "2029-05-08", "2031-11-11", "2035-05-08", "2036-11-11", "2037-07-14", "2040-05-08"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestDaysOfOnesOwn(t *testing.T) {
	cal, err := New(Config{NoFrenchHolidays: true, Closed: []Closed{
		{From: "12-24", Until: "01-02", Name: map[string]string{"fr": "trêve", "en": "winter break"}},
		{From: "2026-08-01", Until: "2026-08-16"},
		{From: "02-29"},
	}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{"2026-12-23": "", "2026-12-24": "trêve", "2027-01-02": "trêve", "2027-01-03": "", "2031-12-31": "trêve",
		"2026-07-31": "", "2026-08-01": "fermeture", "2026-08-16": "fermeture", "2026-08-17": "", "2027-08-05": "", "2028-02-29": "fermeture", "2027-02-28": "", "2026-07-14": ""} {
		c, err := store.ParseCivil(day + "T15:04:05")
		if err != nil {
			t.Fatal(err)
		}
		if h, is := cal.HolidayOn(c); is != (want != "") || h.Name["fr"] != want {
			t.Errorf("%s: %v %v, want %q", day, is, h.Name, want)
		}
	}
	if n := len(cal.Holidays(2026)); n != 2+8+16 {
		t.Errorf("2026 has %d days", n)
	}
}

func TestMistakesInTheConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"day":      {Config{Hours: map[string]string{"lunch": "09:00-10:00"}}, `hours.lunch: "lunch" is no weekday`},
		"span":     {Config{Hours: map[string]string{"mon-xyz": "09:00-10:00"}}, `hours.mon-xyz`},
		"hours":    {Config{Hours: map[string]string{"mon": "9h-10h"}}, `hours.mon: "9h-10h" are no hours`},
		"backward": {Config{Hours: map[string]string{"mon": "19:00-09:00"}}, `"19:00-09:00" are no hours`},
		"late":     {Config{Hours: map[string]string{"mon": "19:00-24:01"}}, `are no hours`},
		"overlap":  {Config{Hours: map[string]string{"mon": "09:00-12:00 11:00-13:00"}}, `begins before the hours in front of it end`},
		"twice":    {Config{Hours: map[string]string{"mon-fri": "09:00-12:00", "ven": "10:00-11:00"}}, `Friday has its hours already`},
		"never":    {Config{Hours: map[string]string{"mon": ""}}, `never open`},
		"date":     {Config{Closed: []Closed{{From: "24/12"}}}, `closed[0]: no dates`},
		"dates":    {Config{Closed: []Closed{{From: "2026-12-24", Until: "2026-12-01"}}}, `until comes before from`},
	} {
		if _, err := New(c.cfg, time.UTC); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
