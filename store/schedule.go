package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/teambition/rrule-go"
)

// Schedule says when something recurs, or comes once, in civil time.
type Schedule struct {
	ID   string
	Kind string
	// Zone is the IANA name of the zone whose clocks are meant.
	Zone *time.Location
	next func(after Civil) (Civil, bool)
	// Once says that this is a single date: in a gap it moves, it is not skipped.
	Once bool
}

// Horizon is how far ahead an occurrence is looked for.
const Horizon = 6 * 366 * 24 * time.Hour

// ParseRule reads when a schedule comes:
//
//	cron: 0 18 * * 1        five fields, as robfig/cron reads them
//	rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00
//	2026-12-24 18:00        once
//
// except are dates (2026-07-14) on which a recurrence does not come.
func ParseRule(id, kind, rule string, zone *time.Location, except []string) (Schedule, error) {
	s := Schedule{ID: id, Kind: kind, Zone: zone}
	skip := map[string]bool{}
	for _, d := range except {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return s, fmt.Errorf("%q is not a date: write it as 2026-07-14", d)
		}
		skip[d] = true
	}
	head, rest, ok := strings.Cut(rule, ":")
	var err error
	switch {
	case ok && strings.TrimSpace(head) == "cron":
		s.next, err = cronRule(strings.TrimSpace(rest))
	case ok && strings.TrimSpace(head) == "rrule":
		s.next, err = recurrence(strings.TrimSpace(rest))
	default:
		s.Once = true
		s.next, err = singleDate(strings.TrimSpace(rule))
	}
	if err != nil {
		return s, err
	}
	if plain := s.next; len(skip) > 0 {
		s.next = func(after Civil) (Civil, bool) {
			for range 1000 {
				c, ok := plain(after)
				if !ok || !skip[c.Format(time.DateOnly)] {
					return c, ok
				}
				after = c
			}
			return Civil{}, false
		}
	}
	start := Civil{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, ok := s.next(start); !ok && !s.Once {
		return s, fmt.Errorf("%q never comes", rule)
	}
	return s, nil
}

func cronRule(spec string) (func(Civil) (Civil, bool), error) {
	if strings.Contains(spec, "TZ=") || strings.HasPrefix(spec, "@") { // the first panics in cron v3.0.1
		return nil, errors.New("write five fields (minute hour day month weekday); the zone has a key of its own")
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("cron rule: %w", err)
	}
	return func(after Civil) (Civil, bool) {
		t := parsed.Next(after.Time)
		return Civil{t}, !t.IsZero() && t.Sub(after.Time) < Horizon
	}, nil
}

func recurrence(spec string) (func(Civil) (Civil, bool), error) {
	rule, clock, ok := strings.Cut(spec, " at ")
	t, err := time.Parse("15:04", strings.TrimSpace(clock))
	if !ok || err != nil {
		return nil, errors.New("write the hour behind the rule: FREQ=MONTHLY;BYDAY=2TU at 20:00")
	}
	opt, err := rrule.StrToROption(strings.TrimSpace(rule))
	if err != nil {
		return nil, fmt.Errorf("recurrence rule: %w", err)
	}
	// Reckoned as if in UTC, where no clock is ever changed: rrule-go is wrong on
	// the days on which one is.
	opt.Dtstart = time.Date(2025, 1, 1, t.Hour(), t.Minute(), 0, 0, time.UTC)
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, fmt.Errorf("recurrence rule: %w", err)
	}
	return func(after Civil) (Civil, bool) {
		c := r.After(after.Time, false)
		return Civil{c}, !c.IsZero()
	}, nil
}

func singleDate(spec string) (func(Civil) (Civil, bool), error) {
	t, err := time.Parse("2006-01-02 15:04", spec)
	if err != nil {
		return nil, fmt.Errorf("%q is not a rule: write cron: …, rrule: … at HH:MM, or a date such as 2026-12-24 18:00", spec)
	}
	return func(after Civil) (Civil, bool) { return Civil{t}, t.After(after.Time) }, nil
}

// Next is the first occurrence after a civil time, and its instant. Occurrences
// of a recurrence that fall into a gap of the clock are skipped.
func (s Schedule) Next(after Civil) (Civil, time.Time, bool) {
	for range 100 {
		c, ok := s.next(after)
		if !ok {
			return c, time.Time{}, false
		}
		at, exists := c.In(s.Zone)
		if exists || s.Once {
			return c, at, true
		}
		after = c
	}
	return Civil{}, time.Time{}, false
}

// Planned is the next occurrence of a schedule, kept where the info site and
// "!agenda" read it.
type Planned struct {
	Schedule string            `json:"schedule"`
	Kind     string            `json:"kind"`
	Title    map[string]string `json:"title"`
	Place    string            `json:"place,omitempty"`
	Civil    string            `json:"civil"`
	Zone     string            `json:"zone"`
	At       time.Time         `json:"at"`
	// Hidden keeps it out of the public agenda.
	Hidden bool `json:"hidden,omitempty"`
}

// PutPlanned notes a schedule's next occurrence.
func (tx *Tx) PutPlanned(p Planned) { tx.put("planned", p.Schedule, p) }

// DropPlanned forgets it.
func (tx *Tx) DropPlanned(schedule string) { tx.del("planned", schedule) }

// AllPlanned lists the next occurrences, by schedule.
func (tx *Tx) AllPlanned() []Planned {
	var out []Planned
	each(tx, "planned", "", "", func(_ string, p Planned) bool { out = append(out, p); return true })
	return out
}

// SayOnce tells whether this occurrence has yet to be said in a place, and notes
// that it now is: the key is (schedule, civil time, zone name, place), for ever.
func (tx *Tx) SayOnce(schedule, civil, zone, place string) bool {
	key := schedule + "|" + civil + "|" + zone + "|" + place
	if tx.raw("said", key) != nil {
		return false
	}
	tx.put("said", key, instant(tx.Now))
	return true
}
