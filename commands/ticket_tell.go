package commands

import (
	"fmt"
	"slices"
	"strconv"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// tellMember says something about a ticket to whoever asked for it: in private,
// bound to their account, where they have one; otherwise where they opened it.
// key makes it said once.
//
// Nobody vouches for somebody without an account: a nick may be another's
// by now. What is theirs alone is then kept until they speak from where they
// spoke before, and the nick is only told that something waits.
func (t *Table) tellMember(turn *bot.Turn, tk store.Ticket, key, text string) {
	p, ok := turn.Tx.Person(tk.Requester)
	if !ok {
		return
	}
	room, to := t.roomFor(tk, p)
	r := chat.Reply{Key: replyKey(fmt.Sprintf("ticket/%d/member/%s", tk.N, key)), Room: room, To: to, Text: text, Tone: chat.Loud,
		Secret: room.Private, Priority: chat.Answer}
	if room.Private && room.Account == "" {
		held := heldFor(p.ID, tk.Session)
		turn.Tx.SetNote(held, chat.Cut(join(turn.Tx.Note(held), text), 8000))
		r.Text = t.words.Say(t.langOfTicket(turn.Tx, tk), "ticket.waits_for_you", words.Args{"N": tk.N})
	}
	turn.Deliver(r, bot.Delivery{Track: true, Anywhere: room.Account != ""})
	t.hearAnswer(turn, p, room, tk.N)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}

// heldFor names the note that keeps what waits for somebody without an account,
// for as long as it is surely them.
func heldFor(person, session string) string { return "held/" + person + "/" + session }

// handHeld gives somebody without an account what waits for them.
func (t *Table) handHeld(c *Call) {
	if c.person == nil || c.Msg.From.Known() || c.Msg.From.Session == "" {
		return
	}
	held := heldFor(c.person.ID, c.Msg.From.Session)
	text := c.Tx.Note(held)
	if text == "" {
		return
	}
	c.Tx.SetNote(held, "")
	c.Turn.Say(chat.Reply{Room: privateRoom(c.Msg.From), Text: text, Tone: chat.Loud, Secret: true, Priority: chat.Answer})
}

// roomFor is where a ticket's answers are read by the member.
func (t *Table) roomFor(tk store.Ticket, p store.Person) (chat.Room, *chat.Identity) {
	for _, r := range p.Rooms {
		if r.Account != "" {
			return r, nil
		}
	}
	if tk.Origin.Private || tk.Private {
		if i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Network == tk.Origin.Network }); i >= 0 {
			return p.Rooms[i], nil
		}
		return tk.Origin, nil
	}
	return tk.Origin, &chat.Identity{Network: tk.Origin.Network, Nick: p.Name}
}

const dueTicketClose = "ticket-close"

// ticketDue closes a solved ticket whose member kept silent.
func (t *Table) ticketDue(turn *bot.Turn, d store.Due) error {
	n, _ := strconv.Atoi(d.Key)
	tk, ok := turn.Tx.Ticket(n)
	if !ok || tk.State != store.TicketSolved {
		return nil
	}
	tk, err := turn.Tx.ActOnTicket(n, store.TicketEvent{Act: store.ActClose})
	if err != nil {
		return fmt.Errorf("close ticket %d after silence: %w", n, err)
	}
	t.endTicketDialog(turn, tk)
	t.staffThread(turn, tk.N, fmt.Sprintf("silence-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_silence", nil), chat.Room{})
	return nil
}
