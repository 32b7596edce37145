package commands

import (
	"fmt"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// editWeight is how many lines a change of a message counts for: each is told to
// every staff room.
const editWeight = 4

// amended follows the author of words that stand in a ticket, who changes them
// or takes them back. A ticket that was merged keeps what it was.
func (t *Table) amended(c *Call) error {
	if did, err := t.answerAmended(c); did || err != nil {
		return err
	}
	target := c.Msg.Room.Network + "/" + c.Msg.Target
	n, was := c.ownWords(target)
	text := cleanLines(t.withoutCommand(c.Msg))
	a := store.ActEdit
	if c.Msg.Kind == chat.Redaction {
		a, text = store.ActRedact, ""
	}
	if was.Act == "" || a == store.ActEdit && text == "" {
		return nil
	}
	seen, fresh, often := t.tallied(c, floodKey(c.Msg.From)+"/edit", editWeight)
	if seen.kept++; a == store.ActEdit && seen.kept > maxKept {
		return nil
	}
	e := store.TicketEvent{Act: a, By: was.By, Ref: target, Text: text}
	if old, _ := c.Tx.Ticket(n); was.Act == store.ActOpen && old.State != store.TicketMerged && len(old.Runbook) == 0 { // a diagnosis' title is nobody's words
		e.To = store.AsSubject
	}
	tk, err := c.Tx.ActOnTicket(n, e)
	if err != nil {
		return nil
	}
	if a == store.ActRedact {
		t.takeBack(c, tk, was)
	}
	if fresh {
		t.staffThread(c.Turn, tk.N, fmt.Sprintf("much-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_much",
			words.Args{"N": tk.N, "Name": chat.Plain(c.person.Name, 40)}), chat.Room{})
	}
	if a == store.ActEdit {
		if tk, err = t.makePrivate(c, tk, text); err != nil {
			return err
		}
	}
	if !often { // otherwise it stands in the ticket, and the staff rooms are spared
		t.tellAmended(c, tk, was, a, text)
	}
	return nil
}

// tellAmended tells who was shown a message that it reads otherwise now.
func (t *Table) tellAmended(c *Call, tk store.Ticket, was store.TicketEvent, a store.TicketAct, text string) {
	id := "ticket.staff_edit"
	if a == store.ActRedact {
		id = "ticket.staff_redact"
	}
	if was.Act == store.ActOpen || was.Act == store.ActSay {
		t.staffThread(c.Turn, tk.N, fmt.Sprintf("%s-%d", a, tk.Seq), t.words.Say(t.cfg.Language, id, words.Args{"Text": text}), chat.Room{})
		return
	}
	if was.Act == store.ActReply && a == store.ActEdit && c.Has(Adminsys) && c.InStaffRoom() {
		t.tellMember(c.Turn, tk, fmt.Sprintf("edit-%d", tk.Seq), "ticket.member_edit",
			words.Args{"N": tk.N, "Name": chat.Plain(c.person.Name, 40), "Text": text})
	}
}

// takeBack removes what the staff rooms were shown of a message that its author took
// back, where the network can.
func (t *Table) takeBack(c *Call, tk store.Ticket, was store.TicketEvent) {
	names := []string{fmt.Sprintf("said-%d", was.Seq)}
	if was.Act == store.ActOpen {
		names[0] = "detail"
	}
	for i := range was.Files {
		names = append(names, fmt.Sprintf("file-%d-%d", was.Seq, i))
	}
	for _, e := range c.Tx.TicketEvents(tk.N) {
		if e.Act == store.ActEdit && e.Ref == was.Ref {
			names = append(names, fmt.Sprintf("%s-%d", store.ActEdit, e.Seq))
		}
	}
	for _, room := range t.cfg.StaffRooms() {
		if t.lines(room.Network) > 0 {
			continue // what is said there cannot be taken back
		}
		for _, name := range names {
			key := replyKey(fmt.Sprintf("ticket/%d/%s/%s", tk.N, name, room))
			if _, shown := c.Tx.Delivery(key); shown {
				c.Turn.Deliver(chat.Reply{Room: room, Kind: chat.Redact, TargetOf: key, Secret: true, Priority: chat.Urgent}, bot.Delivery{Stored: true})
			}
		}
		if was.Act == store.ActOpen {
			p, _ := c.Tx.Person(tk.Requester)
			c.Turn.Deliver(chat.Reply{Room: room, Kind: chat.Amend, TargetOf: rootKey(tk.N, room), Text: t.head(tk, p), Secret: true, Priority: chat.Urgent}, bot.Delivery{Stored: true})
		}
	}
}

// ownWords finds the speaker's event that a message made in a ticket; its Act is
// empty when there is none.
func (c *Call) ownWords(ref string) (int, store.TicketEvent) {
	n, ok := c.Tx.TicketByRef(ref)
	if !ok || c.personID() == "" {
		return 0, store.TicketEvent{}
	}
	for _, e := range c.Tx.TicketEvents(n) {
		if e.Ref == ref && e.By == c.personID() && e.Act != store.ActEdit && e.Act != store.ActRedact {
			return n, e
		}
	}
	return 0, store.TicketEvent{}
}

// withoutCommand is what a message gave to a ticket: "!ticket #3 words" gave the
// words.
func (t *Table) withoutCommand(m chat.Message) string {
	l := parse(m, t.cfg.Names)[0]
	if !l.prefixed {
		return l.text
	}
	first, rest := cutWord(l.args)
	if _, isNumber := number(first); isNumber && rest != "" {
		return rest
	}
	return l.args
}

// present is a sign of life without words: what waits for this person goes to them.
func (t *Table) present(c *Call) error {
	t.handHeld(c)
	return nil
}

// recordLate keeps late private words in the speaker's ticket that goes on, and
// tells its number; 0 when there is none, or when the words are a command.
func (t *Table) recordLate(c *Call, l line) int {
	if l.prefixed || t.bare(c, l) {
		return 0
	}
	for _, tk := range c.Tx.TicketsOf(c.personID()) {
		if !tk.Active() {
			continue
		}
		tk, err := t.act(c.Turn, tk.N, store.TicketEvent{Act: store.ActSay, By: c.personID(), Room: c.Msg.Room.String(), Ref: ref(c.Msg), Text: cleanLines(l.text)})
		if err != nil {
			return 0
		}
		t.staffThread(c.Turn, tk.N, fmt.Sprintf("said-%d", tk.Seq), chat.Plain(c.person.Name, 40)+" : "+cleanLines(l.text), chat.Room{})
		return tk.N
	}
	return 0
}

// settledTicket learns where a ticket's thread begins, and tells staff of an
// answer that could not be handed over.
func (t *Table) settledTicket(turn *bot.Turn, e bot.Settled) error {
	parts := strings.SplitN(e.Row.Reply.Key, "/", 4)
	if len(parts) < 4 || parts[0] != "ticket" {
		return nil
	}
	n, _ := strconv.Atoi(parts[1])
	switch {
	case parts[2] == "root" && e.State == store.Proven:
		turn.Tx.SetThread(e.Row.Reply.Room.Network, e.Proof, n)
	case parts[2] == "member" && e.State == store.Proven:
		settledAsked(turn, e, parts[3], n)
	case parts[2] == "member" && e.State == store.Failed:
		t.staffThread(turn, n, "undelivered-"+parts[3], t.words.Say(t.cfg.Language, "ticket.undelivered", nil), chat.Room{})
	}
	return nil
}
