package store

import (
	"strings"
	"testing"
	"time"
)

func civil(t *testing.T, s string) Civil {
	t.Helper()
	c, err := ParseCivil(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseRuleRefuses(t *testing.T) {
	for rule, want := range map[string]string{
		"":                                 "is not a rule",
		"tomorrow":                         "is not a rule",
		"cron: CRON_TZ=Europe/Paris":       "five fields",
		"cron: TZ=Europe/Paris 0 18 * * 1": "five fields",
		"cron: TZ=":                        "five fields",
		"cron: @daily":                     "five fields",
		"cron: 0 18 * *":                   "cron rule",
		"cron: 61 18 * * *":                "cron rule",
		"cron: 0 0 31 2 *":                 "never comes",
		"rrule: FREQ=MONTHLY;BYDAY=2TU":    "hour behind the rule",
		"rrule: FREQ=MONTHLY at 25:00":     "hour behind the rule",
		"rrule: FREQ=NEVER at 20:00":       "recurrence rule",
		"rrule: at 20:00":                  "hour behind",
		"2026-02-30 10:00":                 "is not a rule",
		"2026-02-20":                       "is not a rule",
	} {
		if _, err := ParseRule("x", "meeting", rule, time.UTC, nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", rule, err, want)
		}
	}
	if _, err := ParseRule("x", "meeting", "cron: 0 18 * * 1", time.UTC, []string{"14/07"}, nil); err == nil {
		t.Error("an exception that is no date passes")
	}
}

func TestNextOccurrences(t *testing.T) {
	for _, c := range []struct {
		name, rule, zone, after string
		except                  []string
		want                    []string // civil time, instant
	}{
		{"second Tuesday", "rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00", "Europe/Paris", "2026-11-23T10:00:00", nil,
			[]string{"2026-12-08T20:00:00", "2026-12-08T19:00:00Z", "2027-01-12T20:00:00", "2027-01-12T19:00:00Z"}},
		{"Mondays but one", "cron: 0 18 * * 1", "Europe/Paris", "2026-07-01T00:00:00", []string{"2026-07-06"},
			[]string{"2026-07-13T18:00:00", "2026-07-13T16:00:00Z"}},
		{"nightly over the gap", "cron: 30 2 * * *", "Europe/Paris", "2026-03-28T02:30:00", nil,
			[]string{"2026-03-30T02:30:00", "2026-03-30T00:30:00Z"}},
		{"nightly over the overlap", "cron: 30 2 * * *", "Europe/Paris", "2026-10-24T02:30:00", nil,
			[]string{"2026-10-25T02:30:00", "2026-10-25T00:30:00Z", "2026-10-26T02:30:00", "2026-10-26T01:30:00Z"}},
		{"once in the gap", "2026-03-29 02:30", "Europe/Paris", "2026-01-01T00:00:00", nil,
			[]string{"2026-03-29T02:30:00", "2026-03-29T01:30:00Z"}},
		{"half an hour's gap", "cron: 15 2 * * *", "Australia/Lord_Howe", "2026-10-03T02:15:00", nil,
			[]string{"2026-10-05T02:15:00", "2026-10-04T15:15:00Z"}},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseRule("x", "meeting", c.rule, zone, c.except, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		after := civil(t, c.after)
		for i := 0; i < len(c.want); i += 2 {
			next, at, ok := s.Next(after)
			if !ok || next.String() != c.want[i] || at.UTC().Format(time.RFC3339) != c.want[i+1] {
				t.Errorf("%s: %s at %s (%v), want %s at %s", c.name, next, at.UTC().Format(time.RFC3339), ok, c.want[i], c.want[i+1])
			}
			after = next
		}
	}
	once, err := ParseRule("x", "news", "2026-12-24 18:00", time.UTC, nil, nil)
	if err != nil || !once.Rule.Once {
		t.Fatalf("a date: %v", err)
	}
	if _, _, ok := once.Next(civil(t, "2026-12-24T18:00:00")); ok {
		t.Error("a date comes twice")
	}
}

func TestSayOnceIsForEver(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		if !tx.SayOnce("reunion", "2026-12-08T20:00:00", "Europe/Paris", "irc/#a") {
			t.Error("not said yet")
		}
		if tx.SayOnce("reunion", "2026-12-08T20:00:00", "Europe/Paris", "irc/#a") {
			t.Error("said in this turn")
		}
		return nil
	})
	change(t, s, func(tx *Tx) error {
		if tx.SayOnce("reunion", "2026-12-08T20:00:00", "Europe/Paris", "irc/#a") {
			t.Error("said before")
		}
		if !tx.SayOnce("reunion", "2026-12-08T20:00:00", "Europe/Paris", "irc/#b") || !tx.SayOnce("reunion", "2027-01-12T20:00:00", "Europe/Paris", "irc/#a") {
			t.Error("another place or time is another announcement")
		}
		return nil
	})
}

func TestPlanned(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		tx.PutPlanned(Planned{Schedule: "b"})
		tx.PutPlanned(Planned{Schedule: "a", Civil: "x"})
		tx.PutPlanned(Planned{Schedule: "a", Civil: "y"})
		tx.DropPlanned("b")
		if list := tx.AllPlanned(); len(list) != 1 || list[0].Civil != "y" {
			t.Errorf("planned %+v", list)
		}
		return nil
	})
}

func FuzzParseRule(f *testing.F) {
	for _, s := range []string{"cron: 0 18 * * 1", "cron: TZ= 0", "rrule: FREQ=DAILY at 10:00", "2026-12-24 18:00", "rrule: FREQ=YEARLY;BYMONTHDAY=-1 at 10:00", "cron: */0 * * * *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		if len(rule) > 80 || strings.Contains(rule, "SECONDLY") || strings.Contains(rule, "MINUTELY") {
			t.Skip("rules come from the configuration, and are short")
		}
		s, err := ParseRule("x", "meeting", rule, time.UTC, nil, nil)
		if err != nil {
			return
		}
		after := Civil{monday}
		for range 3 {
			next, _, ok := s.Next(after)
			if !ok {
				return
			}
			if !next.After(after.Time) {
				t.Fatalf("%q: %s comes after %s", rule, next, after)
			}
			after = next
		}
	})
}
