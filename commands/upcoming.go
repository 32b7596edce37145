package commands

import (
	"slices"
	"time"

	"vigie/store"
)

// Occurrence is one announcement to come, as a schedule alone tells: a donation
// call still has its gate to pass.
type Occurrence struct {
	Schedule string    `json:"schedule"`
	Kind     string    `json:"kind"`
	Civil    string    `json:"civil"`
	Zone     string    `json:"zone"`
	Said     time.Time `json:"said"`
	Rooms    []string  `json:"rooms"`
}

// Upcoming lists what the schedules will say between two instants, in order.
func Upcoming(cfg *Config, from, until time.Time) []Occurrence {
	t := &Table{cfg: cfg}
	var out []Occurrence
	for _, k := range cfg.allPlans().list {
		var rooms []string
		for _, r := range t.scheduleRooms(k.cfg) {
			rooms = append(rooms, r.String())
		}
		c := store.CivilOf(from, k.rule.Zone)
		for {
			next, _, ok := k.rule.Next(c)
			if !ok || k.when(next).After(until) {
				break
			}
			if when := k.when(next); when.After(from) {
				out = append(out, Occurrence{k.name, k.cfg.Kind, next.String(), k.rule.Zone.String(), when.UTC(), rooms})
			}
			c = next
		}
	}
	slices.SortStableFunc(out, func(a, b Occurrence) int { return a.Said.Compare(b.Said) })
	return out
}
