package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/store"
)

func paris(t testing.TB) *time.Location { return zone(t, "Europe/Paris") }

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestHoursOfAWeek(t *testing.T) {
	z := paris(t)
	cal, err := New(Config{Hours: map[string]string{"lun-ven": "09:00-12:00 14:00-19:00", "samedi": "10:00-12:00"}}, z)
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", s, z)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for when, open := range map[string]bool{
		"2026-11-23 08:59:59": false, "2026-11-23 09:00:00": true, "2026-11-23 11:59:59": true, "2026-11-23 12:00:00": false,
		"2026-11-23 14:00:00": true, "2026-11-23 19:00:00": false, "2026-11-28 11:00:00": true, "2026-11-29 11:00:00": false,
		"2026-11-11 10:00:00": false, "2026-12-25 10:00:00": false, "2026-05-14 10:00:00": false, "2026-05-15 10:00:00": true,
	} {
		if cal.Open(at(when)) != open {
			t.Errorf("%s: open %v, want %v", when, !open, open)
		}
	}
	for _, c := range []struct {
		a, b string
		want time.Duration
	}{
		{"2026-11-23 10:00:00", "2026-11-23 11:00:01", time.Hour + time.Second},
		{"2026-11-23 10:00:00", "2026-11-23 15:00:00", 3 * time.Hour},
		{"2026-11-23 10:00:00", "2026-11-24 10:00:00", 8 * time.Hour},
		{"2026-11-27 18:30:00", "2026-11-30 09:15:00", 2*time.Hour + 45*time.Minute},
		{"2026-11-10 18:00:00", "2026-11-12 09:30:00", 90 * time.Minute}, // over 11 November
		{"2026-11-24 10:00:00", "2026-11-23 10:00:00", -8 * time.Hour},
		{"2026-11-29 10:00:00", "2026-11-29 20:00:00", 0},
		{"2026-03-27 18:00:00", "2026-03-30 10:00:00", 4 * time.Hour}, // summer time begins
		{"2026-01-01 00:00:00", "2027-01-01 00:00:00", (252*8 + 51*2) * time.Hour},
	} {
		if got := cal.Between(at(c.a), at(c.b)); got != c.want {
			t.Errorf("%s … %s: %s, want %s", c.a, c.b, got, c.want)
		}
	}
	for _, c := range []struct {
		from string
		d    time.Duration
		want string
	}{
		{"2026-11-23 10:00:00", 3 * time.Hour, "2026-11-23 15:00:00"},
		{"2026-11-23 10:00:00", 2 * time.Hour, "2026-11-23 12:00:00"}, // not 14:00
		{"2026-11-23 20:00:00", time.Second, "2026-11-24 09:00:01"},
		{"2026-11-28 11:30:00", time.Hour, "2026-11-30 09:30:00"},
		{"2026-12-24 18:00:00", 2 * time.Hour, "2026-12-26 11:00:00"},
		{"2026-11-23 20:00:00", 0, "2026-11-23 20:00:00"},
	} {
		if got := cal.After(at(c.from), c.d); !got.Equal(at(c.want)) {
			t.Errorf("%s + %s: %s, want %s", c.from, c.d, got.In(z), c.want)
		}
	}
	if got := cal.Next(at("2026-12-24 19:00:00")); !got.Equal(at("2026-12-26 10:00:00")) {
		t.Errorf("next opening: %s", got)
	}
}

func TestLengthsOfOpenTime(t *testing.T) {
	cal, err := New(Config{}, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]time.Duration{"3h": 3 * time.Hour, "90m": 90 * time.Minute, "2d": 20 * time.Hour, "1w": 50 * time.Hour, "2w": 100 * time.Hour,
		"1w2d": 70 * time.Hour, "1d30m": 10*time.Hour + 30*time.Minute, "0s": 0} {
		if got, err := cal.Span(s); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "3", "-1h", "d", "2 d", "1w-2h", "99999d", "1d2w"} {
		if got, err := cal.Span(s); err == nil {
			t.Errorf("%q was read as %s", s, got)
		}
	}
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) // 10:00 in Paris
	for s, want := range map[string]time.Time{"2d": monday.AddDate(0, 0, 2), "1w": monday.AddDate(0, 0, 7), "2w": monday.AddDate(0, 0, 14)} {
		d, _ := cal.Span(s)
		if got := cal.After(monday, d); !got.Equal(want) {
			t.Errorf("%s after Monday: %s, want %s", s, got, want)
		}
	}
}

func TestACalendarThatNeverOpensAgain(t *testing.T) {
	cal, err := New(Config{Closed: []Closed{{From: "01-01", Until: "12-31"}}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if !cal.Next(at).IsZero() || !cal.After(at, time.Hour).IsZero() || cal.Open(at) {
		t.Error("it opens")
	}
}

// zones have clock changes at night, at midnight, by half an hour, over midnight,
// and none.
func zones() []string {
	return []string{"Europe/Paris", "America/New_York", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "UTC"}
}

// anyCalendar draws opening hours, holidays and a zone.
func anyCalendar(t *rapid.T) *Calendar {
	hours := map[string]string{}
	for _, d := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		hours[d] = rapid.SampledFrom([]string{"", "09:00-19:00", "00:00-24:00", "01:00-02:30 02:45-03:00 20:00-23:45", "00:00-00:30 23:30-24:00"}).Draw(t, d)
	}
	hours["wed"] = "10:00-12:00" // open sometimes
	c := Config{Hours: hours, NoFrenchHolidays: rapid.Bool().Draw(t, "plain")}
	if rapid.Bool().Draw(t, "closed") {
		c.Closed = []Closed{{From: "12-20", Until: "01-03"}}
	}
	cal, err := New(c, zone(t, rapid.SampledFrom(zones()).Draw(t, "zone")))
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// anyInstant draws an instant, half of them within two days of a clock change.
func anyInstant(t *rapid.T, name string, z *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(946684800, 2208988800).Draw(t, name), 0).UTC() // 2000 to 2040
	if _, change := at.In(z).ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, name+" near a change") {
		at = change.Add(time.Duration(rapid.Int64Range(-172800, 172800).Draw(t, name+" seconds")) * time.Second).UTC()
	}
	return at
}

func TestOpenTimeAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal := anyCalendar(t)
		a := anyInstant(t, "a", cal.zone)
		b := a.Add(time.Duration(rapid.Int64Range(0, 20*86400).Draw(t, "ab")) * time.Second)
		c := b.Add(time.Duration(rapid.Int64Range(0, 20*86400).Draw(t, "bc")) * time.Second)
		if ab, bc, ac := cal.Between(a, b), cal.Between(b, c), cal.Between(a, c); ab+bc != ac || ab > b.Sub(a) || ab < 0 {
			t.Fatalf("%s + %s is not %s", ab, bc, ac)
		}
		if got := Always().Between(a, c); got != c.Sub(a) {
			t.Fatalf("always open, yet %s of %s", got, c.Sub(a))
		}
	})
}

func TestAfterIsTheInverseOfBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal := anyCalendar(t)
		at := anyInstant(t, "at", cal.zone)
		d := time.Duration(rapid.Int64Range(1, 40*3600).Draw(t, "d")) * time.Second
		end := cal.After(at, d)
		if got := cal.Between(at, end); got != d {
			t.Fatalf("%s from %s ends at %s, between which lie %s", d, at, end, got)
		}
		if got := cal.Between(at, end.Add(-1)); got != d-1 {
			t.Fatalf("%s is not the first such instant: %s are enough", end, got)
		}
	})
}

func TestOpenAgreesWithBetweenAndNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal := anyCalendar(t)
		at := anyInstant(t, "at", cal.zone)
		if open, passed := cal.Open(at), cal.Between(at, at.Add(1)); open != (passed == 1) {
			t.Fatalf("open %v at %s, where %s pass", open, at, passed)
		}
		next := cal.Next(at)
		if !cal.Open(next) || next.Before(at) || cal.Between(at, next) != 0 || cal.Open(at) != next.Equal(at) {
			t.Fatalf("the next opening after %s is not %s", at, next)
		}
	})
}

// The hours of a day are what the clock on the wall says, minute by minute,
// where no clock is changed while somebody is there.
func TestBetweenCountsTheMinutesOnTheWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones()).Draw(t, "zone"))
		cal, err := New(Config{Hours: map[string]string{"mon-fri": "09:00-12:30 13:30-19:00", "sun": "12:00-13:00"}}, z)
		if err != nil {
			t.Fatal(err)
		}
		a := anyInstant(t, "a", z).Truncate(time.Minute)
		b := a.Add(time.Duration(rapid.IntRange(0, 5*24*60).Draw(t, "minutes")) * time.Minute)
		var want time.Duration
		for at := a; at.Before(b); at = at.Add(time.Minute) {
			c := store.CivilOf(at, z)
			minute := c.Hour()*60 + c.Minute()
			open := minute >= 540 && minute < 750 || minute >= 810 && minute < 1140
			switch c.Weekday() {
			case time.Sunday:
				open = minute >= 720 && minute < 780
			case time.Saturday:
				open = false
			}
			if _, closed := cal.HolidayOn(c); open && !closed {
				want += time.Minute
			}
		}
		if got := cal.Between(a, b); got != want {
			t.Fatalf("%s … %s: %s, minute by minute %s", a, b, got, want)
		}
	})
}
