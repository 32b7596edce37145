package commands

import (
	"fmt"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// tally counts one person's words to the bot.
type tally struct {
	since time.Time
	count int
	until time.Time // silent until then
	// passed: a person was asked for in this silence; kept: so many lines went to a
	// ticket in it, without a word.
	passed bool
	kept   int
}

// maxKept is how many lines go to a ticket during one silence.
const maxKept = 200

// floodKey is who is counted: somebody without an account by where they connect
// from, because a nick is changed in no time.
func floodKey(id chat.Identity) string {
	if _, from, ok := strings.Cut(id.Host, "!"); ok && !id.Known() {
		return id.Network + "?" + strings.ToLower(from)
	}
	return id.Key()
}

// tallied counts so many lines of somebody. silent says that they are too many;
// fresh that they have just become so. Sysadmins, the board and operators never are. The count is in
// memory: a restart forgives.
func (t *Table) tallied(c *Call, who string, lines int) (n *tally, fresh, silent bool) {
	if c.Has(Adminsys) || c.Has(Board) || c.Has(Operator) {
		return &tally{}, false, false
	}
	l := t.cfg.Limits
	if n = t.flood[who]; n == nil {
		t.forgetFlood(c.Now)
		n = &tally{since: c.Now}
		t.flood[who] = n
	}
	if c.Now.Before(n.until) {
		return n, false, true
	}
	if c.Now.Sub(n.since) > l.Window {
		*n = tally{since: c.Now}
	}
	if n.count += lines; n.count <= l.Messages {
		return n, false, false
	}
	*n = tally{since: n.since, count: n.count, until: c.Now.Add(l.Silence)}
	return n, true, true
}

// flooded counts the lines of a message, and tells whether they are to be met with
// silence; it warns once. What is meant for the speaker's ticket is kept all the
// same, and asking for a person passes once.
func (t *Table) flooded(c *Call, lines []line) bool {
	n, fresh, silent := t.tallied(c, floodKey(c.Msg.From), len(lines))
	if !silent {
		return false
	}
	if cmd := t.table.find(lines[0].word); cmd != nil && cmd.Name == "humain" && !n.passed {
		n.passed = true
		return false
	}
	kept := t.keepQuietly(c, n, lines)
	if fresh {
		id := "core.flood"
		if kept > 0 {
			id = "core.flood_ticket"
		}
		c.SayID(id, words.Args{"Time": span(t.cfg.Limits.Silence, c.Lang()), "N": kept})
	}
	return true
}

// keepQuietly records words that are meant for the speaker's ticket without an
// answer, tells staff once that there is more to read, and tells the ticket's
// number; 0 when they are not, or when there were too many.
func (t *Table) keepQuietly(c *Call, n *tally, lines []line) int {
	first := lines[0]
	number, text := 0, first.text
	if d, talking := c.dialog(); talking && d.Kind == dialogTicket && !first.prefixed {
		number = d.Ticket
	}
	if cmd := t.table.find(first.word); first.prefixed && cmd != nil && cmd.Name == "ticket" {
		number, text = ticketAddition(first.args)
	}
	if number == 0 || text == "" || !c.asked(number) || n.kept >= maxKept {
		return 0
	}
	n.kept++
	tk, err := c.Tx.ActOnTicket(number, store.TicketEvent{Act: store.ActSay, By: c.personID(), Room: c.Msg.Room.String(), Ref: ref(c.Msg), Text: cleanLines(text)})
	if err != nil {
		return 0
	}
	if n.kept == 1 {
		t.staffThread(c.Turn, tk.N, fmt.Sprintf("much-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_much",
			words.Args{"N": tk.N, "Name": chat.Plain(c.person.Name, 40)}), chat.Room{})
	}
	return tk.N
}

// ticketAddition reads what "!ticket #12 words" adds to which ticket.
func ticketAddition(args string) (n int, text string) {
	word, rest := cutWord(args)
	n, _ = number(word)
	return n, rest
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
