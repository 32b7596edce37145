// Package rule reads when something comes, and says when it comes next: five
// cron fields, an RFC 5545 recurrence, a date, or plain words in French or
// English.
//
// All reckoning is done on civil time: what the clock on the wall shows, held in
// the UTC fields of a time.Time. A rule never meets a change of the clock;
// whoever uses it places the result in a zone (store.Civil.In).
package rule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Horizon is how far ahead an occurrence is looked for.
const Horizon = 6 * 366 * 24 * time.Hour

// Rule is a rule that was read. It is safe for concurrent use.
type Rule struct {
	// Once says that this is a single date: where no clock shows it, it moves
	// instead of being skipped.
	Once bool
	// Shape is what it looks like, for whoever puts it in words.
	Shape Shape
	next  func(after time.Time) (time.Time, bool)
}

// Next is the first occurrence after a civil time; false when there is none
// within the Horizon.
func (r Rule) Next(after time.Time) (time.Time, bool) {
	at, ok := r.next(after)
	if !ok || at.IsZero() || !at.After(after) || !r.Once && at.Sub(after) > Horizon {
		return time.Time{}, false
	}
	return at, true
}

// Parse reads a rule:
//
//	cron: 0 18 * * 1                            minute hour day month weekday
//	rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00      RFC 5545, with the hour behind it
//	rrule: DTSTART:20260113T200000 …            RFC 5545 lines: DTSTART, RRULE, EXDATE, RDATE
//	2e mardi à 20:00 · last Friday at 18:00     words; see words.go
//	2026-12-24 18:00                            once
//
// zone is that of the schedule: a DTSTART that names another is refused, and an
// UNTIL in UTC is read in it.
func Parse(text string, zone *time.Location) (Rule, error) {
	text = strings.TrimSpace(text)
	head, rest, ok := strings.Cut(text, ":")
	rest = strings.TrimSpace(rest)
	switch {
	case ok && strings.TrimSpace(head) == "cron":
		return parseCron(rest)
	case ok && strings.TrimSpace(head) == "rrule" && strings.Contains(rest, "RRULE:"):
		return parseLines(rest, zone)
	case ok && strings.TrimSpace(head) == "rrule":
		return parseRecurrence(rest, zone)
	}
	if t, err := time.Parse("2006-01-02 15:04", text); err == nil {
		return Date(t), nil
	}
	if r, ok, err := parseWords(text); ok || err != nil {
		return r, err
	}
	return Rule{}, fmt.Errorf("%q is not a rule: write cron: …, rrule: … at HH:MM, words such as \"2e mardi à 20:00\", or a date such as 2026-12-24 18:00", text)
}

// Date is the rule of a single civil time.
func Date(t time.Time) Rule {
	return Rule{Once: true, Shape: Shape{Kind: Single, Date: t, Times: []Clock{{t.Hour(), t.Minute()}}},
		next: func(after time.Time) (time.Time, bool) { return t, t.After(after) }}
}

func parseCron(spec string) (Rule, error) {
	if strings.Contains(spec, "TZ=") || strings.HasPrefix(spec, "@") { // the first panics in cron v3.0.1
		return Rule{}, errors.New("write five fields (minute hour day month weekday); the zone has a key of its own")
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return Rule{}, fmt.Errorf("cron rule: %w", err)
	}
	s, _ := parsed.(*cron.SpecSchedule)
	return Rule{Shape: cronShape(spec, s), next: func(after time.Time) (time.Time, bool) {
		t := parsed.Next(after)
		return t, !t.IsZero()
	}}, nil
}

// With adds single civil times to a rule, and takes the occurrences of whole days
// out of it (RFC 5545 calls them RDATE and EXDATE).
func (r Rule) With(also []time.Time, except map[string]bool) Rule {
	plain := r.next
	kept := func(after time.Time) (time.Time, bool) {
		for range 1000 {
			t, ok := plain(after)
			if !ok || !except[t.Format(time.DateOnly)] {
				return t, ok
			}
			after = t
		}
		return time.Time{}, false
	}
	if len(except) == 0 {
		kept = plain
	}
	r.next = func(after time.Time) (time.Time, bool) {
		first, ok := kept(after)
		for _, t := range also {
			if t.After(after) && (!ok || t.Before(first)) {
				first, ok = t, true
			}
		}
		return first, ok
	}
	r.Once = r.Once && len(also) == 0
	return r
}
