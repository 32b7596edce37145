package commands

import (
	"fmt"
	"slices"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// tellMember says a sentence about a ticket to everybody who asked for it, and to those
// who watch it, each in their language. key makes it said once to each. What is handed back are
// the replies: see undo.
func (t *Table) tellMember(turn *bot.Turn, tk store.Ticket, key, id string, args words.Args) []store.TicketTold {
	var told []store.TicketTold
	for _, a := range tk.Askers() {
		told = append(told, t.tellAsker(turn, tk, a, key, t.words.Say(t.langOfAsker(turn.Tx, a), id, args))...)
	}
	for _, w := range tk.Watchers {
		told = append(told, t.tellWatcher(turn, tk, w, key, id, args)...)
	}
	return told
}

// tellAsker tells one who asked: in private, bound to their account, where they have one;
// otherwise where they opened the ticket.
//
// Nobody vouches for somebody without an account: a nick may be another's
// by now. What is theirs alone is then kept until they speak from where they
// spoke before, and the nick is only told that something waits.
func (t *Table) tellAsker(turn *bot.Turn, tk store.Ticket, a store.Asker, key, text string) []store.TicketTold {
	p, ok := turn.Tx.Person(a.Person)
	if !ok {
		return nil
	}
	room, to := t.roomFor(tk, a, p)
	if a.Person != tk.Requester {
		key += "/" + a.Person
	}
	r := chat.Reply{Key: replyKey(fmt.Sprintf("ticket/%d/member/%s", tk.N, key)), Room: room, To: to, Text: text, Tone: chat.Loud,
		Secret: room.Private, Priority: chat.Answer}
	if room.Private && room.Account == "" {
		held := heldFor(p.ID, a.Session)
		turn.Tx.SetNote(held, chat.Cut(join(turn.Tx.Note(held), text), 8000))
		r.Text = t.words.Say(t.langOfAsker(turn.Tx, a), "ticket.waits_for_you", words.Args{"N": tk.N})
	}
	turn.Deliver(r, bot.Delivery{Track: true, Anywhere: room.Account != ""})
	t.hearAnswer(turn, p, room, tk.N)
	return []store.TicketTold{{Key: r.Key, N: tk.N, Lang: t.langOfAsker(turn.Tx, a)}}
}

// tellWatcher tells somebody who watches: in private, and only where a network vouches for
// them.
func (t *Table) tellWatcher(turn *bot.Turn, tk store.Ticket, person, key, id string, args words.Args) []store.TicketTold {
	p, ok := turn.Tx.Person(person)
	i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Account != "" })
	if !ok || i < 0 || tk.AskedBy(person) || t.sleeps(p) { // a role may have come since
		return nil
	}
	lang := t.langOf(p)
	r := chat.Reply{Key: replyKey(fmt.Sprintf("ticket/%d/watch/%s/%s", tk.N, key, person)), Room: p.Rooms[i], Tone: chat.Loud, Secret: true, Priority: chat.Answer,
		Text: t.words.Say(lang, "ticketact.watching", words.Args{"N": tk.N, "Text": t.words.Say(lang, id, args)})}
	turn.Deliver(r, bot.Delivery{Track: true, Anywhere: true})
	return []store.TicketTold{{Key: r.Key, N: tk.N, Lang: lang}}
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

// roomFor is where a ticket's answers are read by somebody who asked for it.
func (t *Table) roomFor(tk store.Ticket, a store.Asker, p store.Person) (chat.Room, *chat.Identity) {
	for _, r := range p.Rooms {
		if r.Account != "" {
			return r, nil
		}
	}
	if a.Origin.Private || a.Private || tk.Private {
		if i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Network == a.Origin.Network }); i >= 0 {
			return p.Rooms[i], nil
		}
		return a.Origin, nil
	}
	return a.Origin, &chat.Identity{Network: a.Origin.Network, Nick: p.Name}
}

func (t *Table) langOfTicket(tx *store.Tx, tk store.Ticket) string {
	return t.langOfAsker(tx, tk.Askers()[0])
}

// langOfAsker is the language to write to somebody who asked for a ticket.
func (t *Table) langOfAsker(tx *store.Tx, a store.Asker) string {
	if p, ok := tx.Person(a.Person); ok && p.Lang != "" {
		return p.Lang
	}
	if a.Lang != "" {
		return a.Lang
	}
	return t.cfg.Language
}
