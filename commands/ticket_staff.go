package commands

import (
	"fmt"
	"slices"
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// ticketArg finds the ticket that a staff command is about: the number first in
// its arguments, or that of the thread it was typed in.
func (c *Call) ticketArg() (store.Ticket, error) {
	word, rest := cutWord(c.Args)
	if n, ok := number(word); ok {
		c.Args = rest
		t, found := c.Tx.Ticket(n)
		if !found {
			return t, c.Refuse("ticket.not_found_staff", words.Args{"N": n})
		}
		return t, nil
	}
	if n, ok := c.threadTicket(); ok {
		t, _ := c.Tx.Ticket(n)
		return t, nil
	}
	return store.Ticket{}, c.Usage()
}

// threadTicket is the ticket whose thread the words were said in.
func (c *Call) threadTicket() (int, bool) {
	if !c.InStaffRoom() {
		return 0, false
	}
	for _, id := range []string{c.Msg.Thread, c.Msg.Target} {
		if id != "" {
			if n, ok := c.Tx.Thread(c.Msg.Room.Network, id); ok {
				return n, true
			}
		}
	}
	return 0, false
}

// act makes a command of an act that needs no more than a ticket and a reason.
func act(a store.TicketAct) func(*Call) error {
	return func(c *Call) error {
		t, err := c.ticketArg()
		if err != nil {
			return err
		}
		if a == store.ActReject && c.Args == "" {
			return c.Usage()
		}
		return c.Table.staffAct(c, t, store.TicketEvent{Act: a, Text: cleanLines(c.Args)})
	}
}

// staffAct applies an act of staff, tells the other staff rooms, and the member
// where it concerns them.
func (t *Table) staffAct(c *Call, tk store.Ticket, e store.TicketEvent) error {
	p := c.Person()
	if done := c.alreadySo(tk, e); done != "" {
		c.SayID(done, words.Args{"N": tk.N})
		return nil
	}
	e.By, e.Room, e.Ref = p.ID, c.Msg.Room.String(), ref(c.Msg)
	if e.Act == store.ActReply || e.Act == store.ActNote {
		e.Files = c.ticketFiles(tk.N)
	}
	if e.Act == store.ActReply && e.Text == "" && len(e.Files) == 0 {
		return nil
	}
	tk, err := t.act(c.Turn, tk.N, e)
	if err != nil {
		return c.wrongMoment(err)
	}
	e.Seq = tk.Seq
	if e.Act == store.ActReply {
		if tk, err = t.makePrivate(c, tk, e.Text); err != nil {
			return err
		}
	}
	c.Tx.Audit(p.ID, string(e.Act), fmt.Sprintf("ticket %d", tk.N), c.RoomName)
	args := c.actArgs(tk, e)
	var told []store.TicketTold
	switch e.Act {
	case store.ActTake, store.ActReply, store.ActSolve, store.ActReject, store.ActAssign, store.ActWait:
		id := "ticket.member_" + string(e.Act)
		if e.Act == store.ActWait && e.To == "" {
			id += "_you"
		}
		told = t.tellMember(c.Turn, tk, fmt.Sprintf("%s-%d", e.Act, tk.Seq), id, args)
	}
	if e.Act == store.ActReply {
		told = append(told, t.memberFiles(c.Turn, tk, e)...)
	}
	if e.Act == store.ActTake || e.Act == store.ActAssign {
		t.mute(c.Turn, tk)
	}
	c.keepOp(store.TicketOp{Act: e.Act, Steps: []store.TicketStep{{N: tk.N, Seq: tk.Seq}}, Told: told})
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("%s-%d", e.Act, tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_"+string(e.Act), args), c.sawIt(tk.N))
	t.staffFiles(c.Turn, tk.N, e, c.sawIt(tk.N))
	c.acknowledge(tk.N, e.Act, args)
	return nil
}

// actArgs are what the sentences about an act may name.
func (c *Call) actArgs(tk store.Ticket, e store.TicketEvent) words.Args {
	args := words.Args{"N": tk.N, "Name": chat.Plain(c.person.Name, 40), "Text": e.Text, "To": e.To}
	switch e.Act {
	case store.ActPriority:
		args["Text"] = c.Table.words.Say(c.Table.cfg.Language, "ticket.priority_"+e.Text, nil)
	case store.ActKind:
		args["Text"] = c.Table.words.Say(c.Table.cfg.Language, "ticket.kind_"+e.Text, nil)
	case store.ActAssign, store.ActWatch, store.ActUnwatch:
		p, _ := c.Tx.Person(e.To)
		args["To"] = chat.Plain(p.Name, 40)
	case store.ActWait:
		args["Until"] = ""
		if !e.Until.IsZero() {
			args["Until"] = c.Local(e.Until).Format("02/01/2006 15:04")
		}
		args["Silence"] = span(c.Table.cfg.Tickets.Silence, c.Lang())
	}
	return args
}

// alreadySo is the sentence for an act that would change nothing: the member and
// the staff rooms are not told twice. Empty when it would.
func (c *Call) alreadySo(tk store.Ticket, e store.TicketEvent) string {
	switch {
	case !tk.Active() || tk.State == store.TicketSolved:
		return ""
	case e.Act == store.ActTake && tk.Owner == c.personID():
		return "ticket.already_yours"
	case e.Act == store.ActPriority && tk.Priority == e.Text:
		return "ticket.already_priority"
	case e.Act == store.ActTag && slices.Contains(tk.Tags, e.Text), e.Act == store.ActUntag && !slices.Contains(tk.Tags, e.Text),
		e.Act == store.ActKind && string(tk.Kind) == e.Text, e.Act == store.ActWatch && slices.Contains(tk.Watchers, e.To),
		e.Act == store.ActUnwatch && !slices.Contains(tk.Watchers, e.To), e.Act == store.ActAssign && tk.Owner == e.To:
		return "ticketact.already"
	}
	return ""
}

// sawIt is the room that needs no word about what was done to a ticket, because
// it was done there before everybody's eyes: in the ticket's thread, or in a room of
// a network without threads.
func (c *Call) sawIt(n int) chat.Room {
	if in, ok := c.threadTicket(); ok && in == n || c.Table.lines(c.Msg.Room.Network) > 0 {
		return c.Msg.Room
	}
	return chat.Room{}
}

// acknowledge tells the speaker that it is done: with a tick on their message
// where the network has reactions, in words elsewhere.
func (c *Call) acknowledge(n int, a store.TicketAct, args words.Args) {
	if c.Msg.Kind == chat.Reaction { // said in the thread that it was put on
		c.Msg.Thread = c.Msg.Target
	} else if c.Table.lines(c.Msg.Room.Network) == 0 && c.Msg.ID != "" && !c.Private() {
		c.Turn.Say(chat.Reply{Room: c.Msg.Room, Kind: chat.React, Target: c.Msg.ID, Text: "✅", Priority: chat.Urgent})
		if a == store.ActReply || a == store.ActNote {
			return
		}
	}
	args["N"] = n
	c.SayID("ticket.done_"+string(a), args)
}

func replyCommand(c *Call) error { return withText(c, store.ActReply) }
func noteCommand(c *Call) error  { return withText(c, store.ActNote) }

func withText(c *Call, a store.TicketAct) error {
	t, err := c.ticketArg()
	if err != nil {
		return err
	}
	if c.Args == "" {
		return c.Usage()
	}
	return c.Table.staffAct(c, t, store.TicketEvent{Act: a, Text: cleanLines(c.Args)})
}

func priorityCommand(c *Call) error {
	t, err := c.ticketArg()
	if err != nil {
		return err
	}
	level := levelNamed(Fold(c.Args))
	if level == "" {
		return c.Usage()
	}
	return c.Table.staffAct(c, t, store.TicketEvent{Act: store.ActPriority, Text: level})
}

// gesture is an emoji without its variants: the colour of a hand says nothing.
func gesture(emoji string) string {
	return strings.TrimRightFunc(emoji, func(r rune) bool { return r == '\ufe0f' || r >= 0x1F3FB && r <= 0x1F3FF })
}

// inThread tells whether the words were said in a ticket's thread of a staff room.
func (t *Table) inThread(c *Call) bool {
	_, ok := c.threadTicket()
	return ok
}

// threadWords are plain words in a ticket's thread: of staff, they go to the
// member. Words put to the bot stay with the bot.
func (t *Table) threadWords(c *Call, l line) error {
	if l.addressed {
		if t.bare(c, l) {
			return t.run(c, l)
		}
		return t.question(c, l.text, true)
	}
	n, _ := c.threadTicket()
	tk, ok := c.Tx.Ticket(n)
	if !ok || l.text == "" {
		return nil
	}
	if !c.Has(Adminsys) {
		for _, r := range t.granted(c.Msg.From) {
			if r == Adminsys {
				return c.Refuse("core.charter_first", words.Args{"Role": c.W("role.adminsys", nil)})
			}
		}
		return nil
	}
	return t.staffAct(c, tk, store.TicketEvent{Act: store.ActReply, Text: cleanLines(l.text)})
}

// reaction reads gestures of staff on a ticket's first message: a raised hand
// takes it, a tick solves it.
func (t *Table) reaction(c *Call) error {
	n, ok := c.Tx.Thread(c.Msg.Room.Network, c.Msg.Target)
	if ok && c.InStaffRoom() && c.Has(Adminsys) {
		tk, _ := c.Tx.Ticket(n)
		switch gesture(c.Msg.Text) {
		case "✋", "🙋":
			return t.staffAct(c, tk, store.TicketEvent{Act: store.ActTake})
		case "✅", "✔":
			return t.staffAct(c, tk, store.TicketEvent{Act: store.ActSolve})
		}
	}
	if did, err := t.answersByGesture(c); did || err != nil {
		return err
	}
	if did, err := t.answeredByGesture(c); did || err != nil {
		return err
	}
	if t.ratedByReaction(c) || t.judgedByReaction(c) {
		return nil
	}
	return t.incidentReaction(c)
}
