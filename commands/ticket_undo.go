package commands

import (
	"errors"
	"fmt"
	"slices"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// keepOp keeps what a command did to tickets, for as long as it can be undone.
func (c *Call) keepOp(op store.TicketOp) {
	op.By = c.personID()
	c.Tx.PutTicketOp(op, c.Table.cfg.Tickets.Undo)
}

// undoCommand takes back the speaker's last act on tickets, or, with a number or in a ticket's
// thread, the last act of staff on that ticket. The state is then what it was; what members
// were told meanwhile is put right in words.
func undoCommand(c *Call) error {
	n, named := number(c.Args)
	if c.Args != "" && !named {
		return c.Usage()
	}
	if !named {
		n, named = c.threadTicket()
	}
	ops := c.Tx.TicketOps()
	slices.Reverse(ops)
	i := slices.IndexFunc(ops, func(op store.TicketOp) bool {
		if c.Now.Sub(op.At) > c.Table.cfg.Tickets.Undo {
			return false
		}
		if !named {
			return op.By == c.personID()
		}
		return slices.ContainsFunc(op.Steps, func(s store.TicketStep) bool { return s.N == n }) || op.Made == n
	})
	if i < 0 {
		return c.Refuse("ticketact.undo_nothing", words.Args{"Time": span(c.Table.cfg.Tickets.Undo, c.Lang())})
	}
	return c.Table.undo(c, ops[i])
}

func (t *Table) undo(c *Call, op store.TicketOp) error {
	p := c.Person()
	e := store.TicketEvent{By: p.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg)}
	n := op.Made
	for _, s := range slices.Backward(op.Steps) {
		before, _ := c.Tx.Ticket(s.N)
		after, err := c.Tx.UndoOnTicket(s, e)
		if errors.Is(err, store.ErrTooLate) {
			return c.Refuse("ticketact.undo_late", words.Args{"N": s.N})
		}
		if err != nil {
			return fmt.Errorf("undo %s of ticket %d: %w", op.Act, s.N, err)
		}
		t.rearm(c.Turn, after)
		t.moveIncident(c.Turn, after.N, before.Incident, after.Incident)
		n = s.N
	}
	if op.Made != 0 {
		if err := t.unmake(c, op, e); err != nil {
			return err
		}
	}
	c.Tx.DropTicketOp(op.Seq)
	c.Tx.Audit(p.ID, "undo", fmt.Sprintf("%s of ticket %d", op.Act, n), c.RoomName)
	tk, _ := c.Tx.Ticket(n)
	who, _ := c.Tx.Person(op.By)
	args := words.Args{"N": n, "Name": chat.Plain(p.Name, 40), "By": chat.Plain(who.Name, 40), "What": t.words.Say(t.cfg.Language, "ticketact.what_"+string(op.Act), nil),
		"State": t.words.Say(t.cfg.Language, "ticket.state_"+string(tk.State), nil)}
	for _, s := range op.Steps {
		t.staffThread(c.Turn, s.N, fmt.Sprintf("undo-%d", op.Seq), t.words.Say(t.cfg.Language, "ticketact.staff_undo", args), c.sawIt(s.N))
	}
	t.correct(c, op)
	args["What"], args["State"] = c.W("ticketact.what_"+string(op.Act), nil), c.W("ticket.state_"+string(tk.State), nil)
	c.SayID("ticketact.done_undo", args)
	return nil
}

// unmake takes back the opening of a ticket: one that was split off goes back into the first,
// one that was opened for a member is rejected. Its number stays its own.
func (t *Table) unmake(c *Call, op store.TicketOp, e store.TicketEvent) error {
	made, ok := c.Tx.Ticket(op.Made)
	if !ok || made.State != store.TicketNew {
		return c.Refuse("ticketact.undo_late", words.Args{"N": op.Made})
	}
	e.Act, e.Text = store.ActReject, t.words.Say(t.langOfTicket(c.Tx, made), "ticketact.by_mistake", nil)
	if op.Act == store.ActSplit {
		e.Act, e.To, e.Text = store.ActMerge, fmt.Sprint(op.Steps[0].N), ""
	}
	tk, err := t.act(c.Turn, op.Made, e)
	if err != nil {
		return c.wrongMoment(err)
	}
	t.endTicketDialog(c.Turn, tk)
	return nil
}

// correct puts right what members were told of an act that was undone: a reply that has not left
// yet is dropped, for the others a sentence follows.
func (t *Table) correct(c *Call, op store.TicketOp) {
	for i, told := range op.Told {
		d, ok := c.Tx.Delivery(told.Key)
		if !ok {
			continue
		}
		if row, waits := c.Tx.Outgoing(told.Key); waits && row.Away {
			c.Tx.Finish(row, store.Stale, "")
			continue
		}
		sentence := "ticketact.member_undo"
		if op.Act == store.ActMerge { // of which one ticket's people were told the other's number
			sentence = "ticketact.member_undo_merge"
		}
		args := words.Args{"N": told.N, "Tickets": numbers(op.Tickets()), "Name": chat.Plain(c.person.Name, 40), "What": t.words.Say(told.Lang, "ticketact.what_"+string(op.Act), nil), "State": ""}
		if tk, _ := c.Tx.Ticket(told.N); told.N != op.Made {
			args["State"] = t.words.Say(told.Lang, "ticket.state_"+string(tk.State), nil)
		}
		c.Turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("ticket/%d/member/undo-%d/%d", told.N, op.Seq, i)), Room: d.Room, Tone: chat.Loud,
			Secret: d.Room.Private, Priority: chat.Answer, Text: t.words.Say(told.Lang, sentence, args)}, bot.Delivery{Track: true})
	}
}
