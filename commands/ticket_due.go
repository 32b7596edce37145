package commands

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

const (
	// dueTicketClose ends the wait for the member's word on a solved ticket, dueTicketWake
	// any other wait.
	dueTicketClose = "ticket-close"
	dueTicketWake  = "ticket-wake"
)

// act applies an act to a ticket, and sets the deadlines that its new state asks for.
func (t *Table) act(turn *bot.Turn, n int, e store.TicketEvent) (store.Ticket, error) {
	tk, err := turn.Tx.ActOnTicket(n, e)
	if err == nil {
		t.rearm(turn, tk)
	}
	return tk, err
}

// rearm makes a ticket's deadlines those of its state, whatever they were: they follow from
// it alone, so that undoing an act restores them too.
func (t *Table) rearm(turn *bot.Turn, tk store.Ticket) {
	var closing, waking time.Time
	switch tk.State {
	case store.TicketSolved:
		closing = tk.Solved.Add(t.cfg.Tickets.CloseAfter)
	case store.TicketWaitingMember, store.TicketWaitingOther:
		if waking = tk.Until; waking.IsZero() {
			waking = tk.WaitSince.Add(t.cfg.Tickets.Silence)
		}
	}
	for kind, at := range map[string]time.Time{dueTicketClose: closing, dueTicketWake: waking} {
		now, set := turn.Tx.DueAt(kind, strconv.Itoa(tk.N))
		switch {
		case at.IsZero() && set:
			turn.Tx.ClearDue(kind, strconv.Itoa(tk.N))
		case !at.IsZero() && !(set && now.Equal(at)):
			turn.Tx.SetDue(kind, strconv.Itoa(tk.N), at)
		}
	}
}

// ticketDue closes a solved ticket whose member kept silent.
func (t *Table) ticketDue(turn *bot.Turn, d store.Due) error {
	n, _ := strconv.Atoi(d.Key)
	tk, ok := turn.Tx.Ticket(n)
	if !ok || tk.State != store.TicketSolved {
		return nil
	}
	t.endTicketDialog(turn, tk)
	return t.closeInSilence(turn, tk, "ticket.staff_silence")
}

// closeInSilence closes a ticket of which its member says nothing more.
func (t *Table) closeInSilence(turn *bot.Turn, tk store.Ticket, id string) error {
	tk, err := t.act(turn, tk.N, store.TicketEvent{Act: store.ActClose})
	if err != nil {
		return fmt.Errorf("close ticket %d after silence: %w", tk.N, err)
	}
	t.staffThread(turn, tk.N, fmt.Sprintf("silence-%d", tk.Seq), t.words.Say(t.cfg.Language, id, nil), chat.Room{})
	return nil
}

// ticketWakes ends a wait: the day that was named has come. A wait for the member without a
// day ends the ticket, as it was said that it would.
func (t *Table) ticketWakes(turn *bot.Turn, d store.Due) error {
	n, _ := strconv.Atoi(d.Key)
	tk, ok := turn.Tx.Ticket(n)
	if !ok || tk.WaitSince.IsZero() {
		return nil
	}
	if tk.State == store.TicketWaitingMember && tk.Until.IsZero() {
		t.tellMember(turn, tk, fmt.Sprintf("silence-%d", tk.Seq), "ticketact.member_silence", words.Args{"N": tk.N})
		return t.closeInSilence(turn, tk, "ticketact.staff_silence")
	}
	args := words.Args{"N": tk.N, "For": tk.WaitFor, "Why": tk.WaitWhy, "Name": ""}
	if p, known := turn.Tx.Person(tk.Owner); known {
		args["Name"] = chat.Plain(p.Name, 40)
	}
	tk, err := t.act(turn, tk.N, store.TicketEvent{Act: store.ActWake})
	if err != nil {
		return fmt.Errorf("wake ticket %d: %w", n, err)
	}
	t.staffThread(turn, tk.N, fmt.Sprintf("wake-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticketact.staff_wake", args), chat.Room{})
	return nil
}

// wrongMoment turns the store's refusal of an act into words.
func (c *Call) wrongMoment(err error) error {
	var te *store.TransitionError
	var be *store.BlockedError
	switch {
	case errors.As(err, &te) && te.Act == store.ActWait && te.From == store.TicketNew:
		return c.Refuse("ticketact.wait_new", words.Args{"N": te.N})
	case errors.As(err, &te):
		id := "ticket.wrong_moment"
		if te.From == store.TicketClosed || te.From == store.TicketRejected {
			id = "ticket.wrong_moment_over"
		}
		return c.Refuse(id, words.Args{"N": te.N, "State": c.W("ticket.state_"+string(te.From), nil)})
	case errors.As(err, &be):
		return c.Refuse("ticketact.blocked", words.Args{"N": be.N, "By": numbers(be.By)})
	case errors.Is(err, store.ErrNotFound):
		return c.Table.noSuchTicket(c)
	}
	return err
}
