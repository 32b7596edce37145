package commands

import (
	"slices"
	"strings"
	"time"

	"vigie/commands/words"
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
	// Text is what will be said, in the configuration's language; what is only known when it is
	// said (an agenda, how far a campaign is) is not in it.
	Text string `json:"text"`
}

// Upcoming lists what the schedules will say between two instants, in order.
func Upcoming(cfg *Config, cat *words.Catalog, from, until time.Time) []Occurrence {
	t := &Table{cfg: cfg, words: cat}
	var out []Occurrence
	for _, k := range cfg.allPlans().list {
		if k.silent {
			continue
		}
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
				out = append(out, Occurrence{k.name, k.cfg.Kind, next.String(), k.rule.Zone.String(), when.UTC(), rooms, t.saidOf(k, next)})
			}
			c = next
		}
	}
	slices.SortStableFunc(out, func(a, b Occurrence) int { return a.Said.Compare(b.Said) })
	return out
}

// saidOf is what an occurrence will say, as far as the configuration tells.
func (t *Table) saidOf(k chain, c store.Civil) string {
	if k.cfg.Kind != donation {
		return t.invitation(nil, t.cfg.Language, k, c)
	}
	for _, camp := range t.cfg.Campaigns.List {
		if camp.ID == k.cfg.Campaign || k.cfg.Campaign == "" {
			return strings.TrimSpace(camp.Text[t.cfg.Language]) + " " + camp.Link
		}
	}
	return ""
}

// Happening is something that takes place, whatever is said of it before.
type Happening struct {
	Schedule, Civil, Place string
	Start                  time.Time
	Title                  map[string]string
}

// Happenings are the meetings and news of the schedules between two instants, each once,
// in order.
func Happenings(cfg *Config, from, until time.Time) []Happening {
	var out []Happening
	for _, s := range cfg.Schedules {
		list, err := cfg.chains(s)
		if err != nil || s.Kind != meeting && s.Kind != news {
			continue
		}
		rule := list[0].rule
		for c, at, ok := rule.Next(store.CivilOf(from, rule.Zone)); ok && !at.After(until); c, at, ok = rule.Next(c) {
			out = append(out, Happening{Schedule: s.ID, Civil: c.String(), Place: s.Place, Start: at, Title: s.Title})
		}
	}
	slices.SortStableFunc(out, func(a, b Happening) int { return a.Start.Compare(b.Start) })
	return out
}

// RulesInWords reads each schedule's rule back, a line each, in the configuration's language.
func RulesInWords(cfg *Config, cat *words.Catalog, now time.Time) []string {
	var out []string
	for _, s := range cfg.Schedules {
		if list, err := cfg.chains(s); err == nil {
			out = append(out, s.ID+": "+RuleWords(cat, cfg.Language, list[0].rule, store.CivilOf(now, list[0].rule.Zone)))
		}
	}
	return out
}
