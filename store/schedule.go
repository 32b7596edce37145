package store

import (
	"fmt"
	"time"

	"vigie/store/rule"
)

// Schedule says when something recurs, or comes once, in civil time.
type Schedule struct {
	ID   string
	Kind string
	// Zone is the IANA zone whose clocks are meant.
	Zone *time.Location
	// Rule says which civil times.
	Rule rule.Rule
}

// Horizon is how far ahead an occurrence is looked for.
const Horizon = rule.Horizon

// ParseRule reads when a schedule comes; see rule.Parse for what can be written.
//
// except are dates (2026-07-14) on which a recurrence does not come, and also are
// civil times (2026-07-15 20:00) at which it comes besides.
func ParseRule(id, kind, text string, zone *time.Location, except, also []string) (Schedule, error) {
	s := Schedule{ID: id, Kind: kind, Zone: zone}
	skip := map[string]bool{}
	for _, d := range except {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return s, fmt.Errorf("%q is not a date: write it as 2026-07-14", d)
		}
		skip[d] = true
	}
	var more []time.Time
	for _, a := range also {
		t, err := time.Parse("2006-01-02 15:04", a)
		if err != nil {
			return s, fmt.Errorf("%q is not a date and hour: write it as 2026-07-15 20:00", a)
		}
		more = append(more, t)
	}
	r, err := rule.Parse(text, zone)
	if err != nil {
		return s, err
	}
	if s.Rule = r.With(more, skip); !s.Rule.Once {
		if _, ok := s.Rule.Next(time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)); !ok {
			return s, fmt.Errorf("%q never comes", text)
		}
	}
	return s, nil
}

// Next is the first occurrence after a civil time, and its instant. Occurrences
// of a recurrence that fall into a gap of the clock are skipped.
func (s Schedule) Next(after Civil) (Civil, time.Time, bool) {
	for range 100 {
		t, ok := s.Rule.Next(after.Time)
		c := Civil{t}
		if !ok {
			return c, time.Time{}, false
		}
		at, exists := c.In(s.Zone)
		if exists || s.Rule.Once {
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
