package commands

import (
	"time"

	"vigie/commands/words"
)

// tally counts one person's words to the bot.
type tally struct {
	since time.Time
	count int
	until time.Time // silent until then
}

// flooded counts so many lines of a person, and tells whether they have to be
// ignored; it warns them once. Sysadmins never are. The count is in memory: a
// restart forgives.
func (t *Table) flooded(c *Call, lines int) bool {
	if c.Has(Adminsys) {
		return false
	}
	l := t.cfg.Limits
	who := c.Msg.From.Key()
	n := t.flood[who]
	if n == nil {
		t.forgetFlood(c.Now)
		n = &tally{since: c.Now}
		t.flood[who] = n
	}
	if c.Now.Before(n.until) {
		return true
	}
	if c.Now.Sub(n.since) > l.Window {
		*n = tally{since: c.Now}
	}
	if n.count += lines; n.count <= l.Messages {
		return false
	}
	n.until = c.Now.Add(l.Silence)
	c.SayID("core.flood", words.Args{"Time": span(l.Silence, c.Lang())})
	return true
}

// forgetFlood keeps the tallies from growing with every passer-by.
func (t *Table) forgetFlood(now time.Time) {
	if len(t.flood) < 10_000 {
		return
	}
	for who, n := range t.flood {
		if now.Sub(n.since) > t.cfg.Limits.Window && now.After(n.until) {
			delete(t.flood, who)
		}
	}
}
