package commands

import (
	"slices"
	"time"

	"vigie/commands/words"
	"vigie/store"
)

// when is an instant as one says it at another: the hour alone today, with the day
// near by, with the date further off.
func (t *Table) when(lang string, at, now time.Time) string {
	zone := t.cfg.Location()
	a, n := store.CivilOf(at, zone), store.CivilOf(now, zone)
	days := int(a.Truncate(24*time.Hour).Sub(n.Truncate(24*time.Hour)).Hours() / 24)
	clock := a.Format("15:04")
	switch {
	case days == 0:
		return clock
	case days == 1:
		return t.words.Say(lang, "escalation.tomorrow", words.Args{"Time": clock})
	case days > 1 && days < 7:
		return weekdayIn(lang, a.Weekday()) + " " + clock
	case a.Year() == n.Year() || days > -180 && days < 180:
		return a.Format("02/01 15:04")
	}
	return a.Format("02/01/2006 15:04")
}

func weekdayIn(lang string, d time.Weekday) string {
	if lang == "en" {
		return d.String()
	}
	return [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}[d]
}

// clockWords says in a few words what is due on a ticket and until when, empty when
// nothing is.
func (c *Call) clockWords(t store.Ticket) string {
	s, ok := c.Tx.Clocks(t.N)
	if !ok || s.Still {
		return ""
	}
	k, ok := s.First()
	if !ok {
		return ""
	}
	return c.dueWords(k)
}

// dueWords says what one clock waits for.
func (c *Call) dueWords(k store.Clock) string {
	id := "escalation." + string(k.Kind)
	if k.Due.Before(c.Now) {
		id += "_late"
	}
	return c.W(id, words.Args{"Due": c.Table.when(c.Lang(), k.Due, c.Now), "Age": span(c.Now.Sub(k.Since), c.Lang())})
}

// clockLines are all clocks of a ticket for those who answer it, one a line.
func (c *Call) clockLines(t store.Ticket) []string {
	s, ok := c.Tx.Clocks(t.N)
	if !ok {
		return nil
	}
	if s.Still {
		return []string{c.W("escalation.still", nil)}
	}
	var out []string
	for _, k := range s.Clocks {
		if !k.Due.IsZero() {
			out = append(out, "- "+c.dueWords(k))
		}
	}
	return out
}

// byDeadline sorts tickets by what breaks first; those on which nothing is due come
// last, by number.
func byDeadline(tx *store.Tx, list []store.Ticket) {
	due := map[int]time.Time{}
	for _, t := range list {
		if s, ok := tx.Clocks(t.N); ok && !s.Still {
			if k, runs := s.First(); runs {
				due[t.N] = k.Due
			}
		}
	}
	slices.SortStableFunc(list, func(a, b store.Ticket) int {
		x, y := due[a.N], due[b.N]
		switch {
		case x.IsZero() && y.IsZero():
			return a.N - b.N
		case x.IsZero():
			return 1
		case y.IsZero():
			return -1
		}
		return x.Compare(y)
	})
}
