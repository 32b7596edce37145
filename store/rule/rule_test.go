package rule

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const form = "2006-01-02 15:04"

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(form, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func parse(t testing.TB, text string) Rule {
	t.Helper()
	r, err := Parse(text, time.UTC)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return r
}

// some lists the first n occurrences after a civil time.
func some(t testing.TB, r Rule, after string, n int) []string {
	t.Helper()
	var out []string
	for c := at(t, after); len(out) < n; {
		next, ok := r.Next(c)
		if !ok {
			break
		}
		out = append(out, next.Format(form))
		c = next
	}
	return out
}

func TestRules(t *testing.T) {
	for text, want := range map[string]string{
		"cron: 0 18 * * 1":                       "2026-07-06 18:00 2026-07-13 18:00 2026-07-20 18:00",
		"cron: 30 9 1 * *":                       "2026-07-01 09:30 2026-08-01 09:30 2026-09-01 09:30",
		"rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00": "2026-07-14 20:00 2026-08-11 20:00 2026-09-08 20:00",
		"rrule: FREQ=WEEKLY;INTERVAL=2;BYDAY=SA at 14:00 from 2026-01-10": "2026-07-11 14:00 2026-07-25 14:00 2026-08-08 14:00",
		"rrule: FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24 at 10:00":            "2026-12-24 10:00 2027-12-24 10:00 2028-12-24 10:00",
		"rrule: FREQ=MONTHLY;BYMONTHDAY=-1 at 10:00":                      "2026-07-31 10:00 2026-08-31 10:00 2026-09-30 10:00",
		"2e mardi à 20:00":                              "2026-07-14 20:00 2026-08-11 20:00 2026-09-08 20:00",
		"le deuxième mardi du mois, à 20 h":             "2026-07-14 20:00 2026-08-11 20:00 2026-09-08 20:00",
		"2nd Tuesday at 20:00":                          "2026-07-14 20:00 2026-08-11 20:00 2026-09-08 20:00",
		"dernier vendredi à 18h30":                      "2026-07-31 18:30 2026-08-28 18:30 2026-09-25 18:30",
		"the last Friday of each month at 18:30":        "2026-07-31 18:30 2026-08-28 18:30 2026-09-25 18:30",
		"1er et 3e samedi à 14:00":                      "2026-07-04 14:00 2026-07-18 14:00 2026-08-01 14:00",
		"un samedi sur deux à 14:00 depuis 2026-01-10":  "2026-07-11 14:00 2026-07-25 14:00 2026-08-08 14:00",
		"every other Saturday at 14:00 from 2026-01-10": "2026-07-11 14:00 2026-07-25 14:00 2026-08-08 14:00",
		"tous les lundis et jeudis à 9:00":              "2026-07-02 09:00 2026-07-06 09:00 2026-07-09 09:00",
		"every Monday at 18:00":                         "2026-07-06 18:00 2026-07-13 18:00 2026-07-20 18:00",
		"tous les jours à 9 h":                          "2026-07-01 09:00 2026-07-02 09:00 2026-07-03 09:00",
		"every day at 9:00":                             "2026-07-01 09:00 2026-07-02 09:00 2026-07-03 09:00",
		"le 15 à 9:00":                                  "2026-07-15 09:00 2026-08-15 09:00 2026-09-15 09:00",
		"the 31st at 9:00":                              "2026-07-31 09:00 2026-08-31 09:00 2026-10-31 09:00",
		"2026-12-24 18:00":                              "2026-12-24 18:00",
		"rrule: DTSTART:20260113T200000 RRULE:FREQ=MONTHLY;BYDAY=2TU EXDATE:20260714T200000 RDATE:20260715T200000": "2026-07-15 20:00 2026-08-11 20:00 2026-09-08 20:00",
		"rrule: DTSTART;TZID=UTC:20260701T080000 RRULE:FREQ=DAILY;COUNT=2":                                         "2026-07-01 08:00 2026-07-02 08:00",
		"rrule: DTSTART:20260701T080000\nRRULE:FREQ=DAILY;UNTIL=20260702T235959Z":                                  "2026-07-01 08:00 2026-07-02 08:00",
	} {
		if got := strings.Join(some(t, parse(t, text), "2026-07-01 00:00", 3), " "); got != want {
			t.Errorf("%q comes %s, want %s", text, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"2e à 20:00":                 "is not a rule",
		"2e truc à 20:00":            "is not a rule",
		"6e mardi à 20:00":           "is not a rule",
		"le 32 à 20:00":              "is not a rule",
		"2e mardi à 25:00":           "not an hour",
		"2e mardi":                   "is not a rule",
		"un samedi sur deux à 14:00": "a day to count from",
		"every other Saturday at 14:00 from 2026-02-30":                         "not a date",
		"rrule: FREQ=WEEKLY;INTERVAL=2;BYDAY=SA at 14:00":                       "a day to count from",
		"rrule: FREQ=DAILY at 14:00 from tomorrow":                              "not a date",
		"rrule: FREQ=SECONDLY at 14:00":                                         "every minute",
		"rrule: RRULE:FREQ=DAILY":                                               "DTSTART",
		"rrule: DTSTART:20260113 RRULE:FREQ=DAILY":                              "not a time",
		"rrule: DTSTART:20260113T200000 RRULE:FREQ=DAILY X":                     "only DTSTART",
		"rrule: DTSTART;TZID=America/New_York:20260113T200000 RRULE:FREQ=DAILY": "not the schedule's zone",
	} {
		if _, err := Parse(text, time.UTC); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// UNTIL is an instant in UTC (RFC 5545, 3.3.10); the rule is reckoned on civil time.
func TestUntilIsReadInTheZone(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse("rrule: DTSTART:20260701T000000 RRULE:FREQ=DAILY;UNTIL=20260702T220000Z", paris)
	if err != nil {
		t.Fatal(err)
	}
	if got := some(t, r, "2026-06-30 23:00", 5); len(got) != 3 || got[2] != "2026-07-03 00:00" {
		t.Errorf("until midnight in Paris: %v", got)
	}
}

// TestSecondTuesday holds sixteen years of second Tuesdays against a calendar made by
// counting days.
func TestSecondTuesday(t *testing.T) {
	var want []string
	seen := map[string]int{}
	for d := time.Date(2025, 1, 1, 20, 0, 0, 0, time.UTC); d.Year() <= 2040; d = d.AddDate(0, 0, 1) {
		if d.Weekday() != time.Tuesday {
			continue
		}
		if seen[d.Format("2006-01")]++; seen[d.Format("2006-01")] == 2 {
			want = append(want, d.Format(form))
		}
	}
	for _, text := range []string{"rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00", "2e mardi à 20:00", "cron: 0 20 8-14 * 2"} {
		got := some(t, parse(t, text), "2024-12-31 00:00", len(want))
		if strings.HasPrefix(text, "cron") { // day 8-14 or Tuesday: cron cannot say it
			if slices.Equal(got, want) {
				t.Error("cron's two day fields are joined by or, as everywhere")
			}
			continue
		}
		if len(want) != 192 || !slices.Equal(got, want) {
			t.Errorf("%q: %d of %d", text, len(got), len(want))
		}
	}
}

// TestNextIsMonotonous asks rules in any order: an answer depends on the question only,
// never on those before.
func TestNextIsMonotonous(t *testing.T) {
	texts := []string{"cron: */20 8-10 * * 1-5", "rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00", "un samedi sur deux à 14:00 depuis 2026-01-10", "le 31 à 9:00", "tous les jours à 9:00"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(t, "rule")
		shared, err := Parse(text, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			after := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 5*365*24*60).Draw(t, "minute")) * time.Minute)
			fresh, _ := Parse(text, time.UTC)
			a, ok1 := shared.Next(after)
			b, ok2 := fresh.Next(after)
			if ok1 != ok2 || !a.Equal(b) || !a.After(after) {
				t.Fatalf("%q after %s: %s and %s", text, after, a, b)
			}
		}
	})
}

func TestWithAddsAndTakesAway(t *testing.T) {
	r := parse(t, "cron: 0 18 * * 1").With([]time.Time{at(t, "2026-07-08 18:00")}, map[string]bool{"2026-07-13": true})
	if got := strings.Join(some(t, r, "2026-07-01 00:00", 3), " "); got != "2026-07-06 18:00 2026-07-08 18:00 2026-07-20 18:00" {
		t.Error(got)
	}
	once := parse(t, "2026-07-01 10:00").With([]time.Time{at(t, "2026-07-02 10:00")}, nil)
	if got := some(t, once, "2026-06-01 00:00", 3); once.Once || len(got) != 2 {
		t.Errorf("a date and another: %v", got)
	}
}

func TestShapes(t *testing.T) {
	for text, want := range map[string]Shape{
		"cron: 0 18 * * 1":                                      {Kind: Weekly, Days: []time.Weekday{time.Monday}, Times: []Clock{{18, 0}}, Every: 1},
		"cron: 0 9,18 * * 1-5":                                  {Kind: Weekly, Days: []time.Weekday{1, 2, 3, 4, 5}, Times: []Clock{{9, 0}, {18, 0}}, Every: 1},
		"cron: 0 9 * * 0,6":                                     {Kind: Weekly, Days: []time.Weekday{6, 0}, Times: []Clock{{9, 0}}, Every: 1},
		"cron: 0 9 * * *":                                       {Kind: Daily, Times: []Clock{{9, 0}}, Every: 1},
		"cron: 0 9 1,15 * *":                                    {Kind: Monthly, N: []int{1, 15}, Times: []Clock{{9, 0}}, Every: 1},
		"cron: 0 9 24 12 *":                                     {Kind: Yearly, N: []int{24}, Month: 12, Times: []Clock{{9, 0}}, Every: 1},
		"cron: */5 * * * *":                                     {Kind: Odd},
		"cron: 0 9 1 * 1":                                       {Kind: Odd},
		"rrule: FREQ=MONTHLY;BYDAY=1SA,3SA at 14:00":            {Kind: Nth, Days: []time.Weekday{6}, N: []int{1, 3}, Times: []Clock{{14, 0}}, Every: 1, Date: origin.Add(14 * time.Hour)},
		"rrule: FREQ=MONTHLY;BYDAY=1SA,2TU at 14:00":            {Kind: Odd},
		"rrule: FREQ=MONTHLY;BYDAY=-2SA at 14:00":               {Kind: Odd},
		"rrule: FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=14 at 9:00":    {Kind: Yearly, N: []int{14}, Month: 7, Times: []Clock{{9, 0}}, Every: 1, Date: origin.Add(9 * time.Hour)},
		"rrule: FREQ=DAILY;COUNT=3 at 9:00":                     {Kind: Odd},
		"rrule: FREQ=WEEKLY;BYDAY=SA;BYSETPOS=1 at 9:00":        {Kind: Odd},
		"rrule: FREQ=WEEKLY;INTERVAL=3 at 9:00 from 2026-01-01": {Kind: Odd},
	} {
		got := parse(t, text).Shape
		if got.Kind == Odd && want.Kind == Odd {
			continue
		}
		if got.Kind != want.Kind || !slices.Equal(got.Days, want.Days) || !slices.Equal(got.N, want.N) || !slices.Equal(got.Times, want.Times) || got.Every != want.Every || got.Month != want.Month || !got.Date.Equal(want.Date) {
			t.Errorf("%q looks like %+v, want %+v", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"cron: 0 18 * * 1", "2e mardi à 20:00", "every other saturday at 14:00 from 2026-01-10", "rrule: FREQ=DAILY at 10:00",
		"rrule: DTSTART:20260701T080000 RRULE:FREQ=DAILY;COUNT=2 RDATE:20260714T200000", "2026-12-24 18:00", "le 31 à 9h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 120 {
			return // rules are short
		}
		r, err := Parse(text, time.UTC)
		if err != nil {
			return
		}
		after := at(t, "2026-07-01 00:00")
		for range 3 {
			next, ok := r.Next(after)
			if !ok {
				return
			}
			if !next.After(after) {
				t.Fatalf("%q: %s comes after %s", text, next, after)
			}
			after = next
		}
	})
}

func BenchmarkNext(b *testing.B) {
	r := parse(b, "2e mardi à 20:00")
	after := at(b, "2026-01-01 00:00")
	for b.Loop() {
		next, ok := r.Next(after)
		if !ok || next.Year() > 2040 {
			next = at(b, "2026-01-01 00:00")
		}
		after = next
	}
}
