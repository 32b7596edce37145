package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/store"
	"vigie/store/clock"
)

// TargetsConfig says, for each kind of ticket, what is aimed at and who is
// reminded of it. These are aims, said as such, never promises.
type TargetsConfig struct {
	Outage   TargetConfig `yaml:"outage"`
	Question TargetConfig `yaml:"question"`
	Request  TargetConfig `yaml:"request"`
}

// TargetConfig is in open time: "3h", "2d" (as much as two open days have), "1w".
type TargetConfig struct {
	// First is how long a member waits for an answer, Every how long for the next
	// word after one, Resolve how long in all. Empty: no such aim.
	First   string `yaml:"first"`
	Every   string `yaml:"every"`
	Resolve string `yaml:"resolve"`
	// Remind is how long before that the staff rooms are told; Name how long after it
	// somebody is asked by name; All how long after it everybody is; Again how long
	// after that it is said once more, each time. Empty: not at all.
	Remind string `yaml:"remind"`
	Name   string `yaml:"name"`
	All    string `yaml:"all"`
	Again  string `yaml:"again"`
}

func defaultTargets() TargetsConfig {
	return TargetsConfig{
		Outage:   TargetConfig{First: "1h", Every: "4h", Remind: "30m", Name: "0s", All: "1h", Again: "1d"},
		Question: TargetConfig{First: "3h", Every: "2d", Remind: "1h", Name: "0s", All: "2h", Again: "1d"},
		Request:  TargetConfig{First: "3h", Every: "1w", Resolve: "2w", Remind: "1h", Name: "0s", All: "1d", Again: "1d"},
	}
}

// clockPolicy is what tickets' clocks are reckoned by, with every mistake in it.
func (c *Config) clockPolicy() (clock.Policy, []Problem) {
	p := clock.Policy{Calendar: c.Calendar(), Targets: map[store.TicketKind]clock.Target{}, Steps: map[store.TicketKind]clock.Steps{}}
	var problems []Problem
	for kind, t := range map[store.TicketKind]TargetConfig{store.KindOutage: c.Tickets.Targets.Outage,
		store.KindQuestion: c.Tickets.Targets.Question, store.KindRequest: c.Tickets.Targets.Request} {
		span := func(key, s string, none time.Duration) time.Duration {
			if s == "" {
				return none
			}
			d, err := p.Calendar.Span(s)
			if err != nil {
				problems = append(problems, Problem{"tickets.targets." + string(kind) + "." + key, err.Error(), "for example 3h, 2d or 1w; empty for none"})
			}
			return d
		}
		p.Targets[kind] = clock.Target{Answer: span("first", t.First, 0), Loop: span("every", t.Every, 0), Resolve: span("resolve", t.Resolve, 0)}
		p.Steps[kind] = clock.Steps{Remind: span("remind", t.Remind, -1), Name: span("name", t.Name, -1), All: span("all", t.All, -1), Again: span("again", t.Again, -1)}
	}
	for key, at := range map[string]struct {
		text string
		to   *int
	}{"quiet_from": {c.Tickets.QuietFrom, &p.Quiet.From}, "quiet_until": {c.Tickets.QuietUntil, &p.Quiet.Until}} {
		when, err := time.Parse("15:04", at.text)
		if err != nil {
			problems = append(problems, Problem{"tickets." + key, strconv.Quote(at.text) + " is no time of day", `write "22:00"`})
		}
		*at.to = when.Hour()*60 + when.Minute()
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return p, problems
}

// keepClocks reckons the clocks of the tickets that this turn has written.
func (t *Table) keepClocks(turn *bot.Turn) {
	for _, n := range turn.Tx.WrittenTickets() {
		clock.Keep(turn.Tx, t.policy, n)
	}
}

// renewClocks reckons all clocks anew when what they are reckoned by has changed.
func (t *Table) renewClocks(turn *bot.Turn) {
	said := fmt.Sprint(t.cfg.Opening, t.cfg.TimeZone, t.cfg.Tickets.Targets, t.cfg.Tickets.QuietFrom, t.cfg.Tickets.QuietUntil)
	mark := shortHash(said)
	if turn.Tx.Note("clock-policy") == mark {
		return
	}
	turn.Tx.SetNote("clock-policy", mark)
	for _, tk := range turn.Tx.ActiveTickets() {
		clock.Keep(turn.Tx, t.policy, tk.N)
	}
}
