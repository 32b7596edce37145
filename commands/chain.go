package commands

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"vigie/runbooks/bounded"
	"vigie/store"
)

// chain is one line of occurrences: a schedule, or one of its reminders.
type chain struct {
	cfg    ScheduleConfig
	rule   store.Schedule
	days   int           // before, in calendar days
	before time.Duration // before, by the clock
	name   string        // id, or id@7d
	// silent says nothing: it keeps the next occurrence known until it begins, when
	// the reminders look ahead to another already.
	silent bool
	// changed marks what was decided in chat about its occurrences.
	changed string
	// cond is what must hold for it to be said, nil when there is nothing.
	cond *bounded.Condition
}

// chains are the lines of occurrences that a schedule makes.
func (c *Config) chains(s ScheduleConfig) ([]chain, error) {
	zone := s.Zone
	if zone == "" {
		zone = c.TimeZone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone", zone)
	}
	rule, err := store.ParseRule(s.ID, s.Kind, s.Rule, loc, s.Except, s.Also)
	if err != nil {
		return nil, err
	}
	cond, err := condition(s.If)
	if err != nil {
		return nil, err
	}
	if len(s.Reminders) == 0 {
		return []chain{{cfg: s, rule: rule, name: s.ID, cond: cond}}, nil
	}
	out := []chain{{cfg: s, rule: rule, name: s.ID, silent: true}}
	for _, r := range s.Reminders {
		k := chain{cfg: s, rule: rule, name: s.ID + "@" + r, cond: cond}
		var n int
		switch {
		case strings.HasSuffix(r, "d") || strings.HasSuffix(r, "j"):
			_, err = fmt.Sscanf(r[:len(r)-1], "%d", &n)
			k.days = n
		default:
			k.before, err = time.ParseDuration(r)
		}
		if err != nil || n < 0 || k.before < 0 {
			return nil, fmt.Errorf("%q is not a time before: write 7d, 1d or 2h", r)
		}
		out = append(out, k)
	}
	return out, nil
}

// plans are all chains of a configuration, found by name at once: a schedule of
// ten thousand costs no more to find than one of three.
type plans struct {
	list []chain
	at   map[string]int
	// of holds the chains of each schedule.
	of map[string][]chain
}

// allPlans are those of the whole configuration, and of what was planned in chat.
func (c *Config) allPlans(more ...ScheduleConfig) plans {
	p := plans{at: map[string]int{}, of: map[string][]chain{}}
	for _, s := range slices.Concat(c.Schedules, more) {
		list, err := c.chains(s)
		if err != nil { // Check has refused it
			continue
		}
		p.of[s.ID] = list
		for _, k := range list {
			p.at[k.name] = len(p.list)
			p.list = append(p.list, k)
		}
	}
	return p
}

// named finds a chain.
func (p plans) named(name string) (chain, bool) {
	i, ok := p.at[name]
	if !ok {
		return chain{}, false
	}
	return p.list[i], true
}

// when is the instant at which the occurrence is spoken of.
func (k chain) when(c store.Civil) time.Time {
	at, _ := store.Civil{Time: c.AddDate(0, 0, -k.days)}.In(k.rule.Zone)
	if k.before > 0 {
		at, _ = c.In(k.rule.Zone)
		at = at.Add(-k.before)
	}
	return at
}

// mark changes when the rule does.
func (k chain) mark() string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, k.cfg.Rule, "|", k.rule.Zone, "|", k.cfg.Except, "|", k.cfg.Also, "|", k.name, k.changed, k.cfg.If)
	return fmt.Sprintf("%x", h.Sum64())
}

// grace is how late a tick may be and still count as on time.
const grace = 2 * time.Minute

// misfire tells whether an occurrence that comes late is still said: a meeting
// until it begins, a donation call not at all, news within a day, a digest always.
func (k chain) misfire(late time.Duration, start, now time.Time) bool {
	switch k.cfg.Kind {
	case meeting:
		return now.Before(start) || late <= grace
	case donation:
		return late <= grace
	case news:
		return late < 24*time.Hour
	}
	return true
}
