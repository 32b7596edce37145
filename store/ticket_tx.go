package store

import (
	"fmt"
	"slices"
)

// OpenTicket begins a ticket with the next number.
func (tx *Tx) OpenTicket(o Opening, e TicketEvent) (Ticket, error) {
	t := Ticket{N: tx.Next("ticket")}
	e.Act, e.Opening = ActOpen, &o
	if err := tx.applyTicket(&t, e); err != nil {
		return t, err
	}
	tx.put("ticket-of", o.Requester+"/"+num(t.N), t.N)
	return t, nil
}

// ActOnTicket applies an act to a ticket and keeps both. A ticket that was
// merged hands the act on to where it went. The error is a *TransitionError when
// the act makes no sense now, and a *BlockedError when the ticket would be solved before
// those that it depends on.
func (tx *Tx) ActOnTicket(n int, e TicketEvent) (Ticket, error) {
	t, ok := tx.Ticket(n)
	if !ok {
		return t, fmt.Errorf("ticket %d: %w", n, ErrNotFound)
	}
	if t, ok = tx.Current(n); !ok {
		return t, fmt.Errorf("ticket %d was merged into nothing: %w", n, ErrNotFound)
	}
	if by := tx.Blockers(t); e.Act == ActSolve && len(by) > 0 {
		return t, &BlockedError{t.N, by}
	}
	return t, tx.applyTicket(&t, e)
}

func (tx *Tx) applyTicket(t *Ticket, e TicketEvent) error {
	before := *t
	e.Seq, e.At = t.Seq+1, tx.Now
	if err := t.apply(e); err != nil {
		return err
	}
	var was []TicketEvent
	if e.Act == ActEdit || e.Act == ActRedact { // words go
		was = tx.TicketEvents(t.N)
	}
	tx.putTicket(*t, e)
	tx.putRef(e, t.N)
	if was != nil {
		tx.reindex(before, *t, was, append(was, e))
		return nil
	}
	said := e.said()
	if t.Subject != before.Subject {
		said = append(said, t.Subject)
	}
	tx.indexTicket(before, *t, said...)
	return nil
}

// Ticket finds a ticket by its number.
func (tx *Tx) Ticket(n int) (Ticket, bool) { return find[Ticket](tx, "ticket", num(n)) }

// AsAmended are the events as a reader may see them now: what was changed reads
// as it was changed last, what was taken back is gone. Only its author changes a
// message. The edits themselves are left out, and so is what was undone.
func AsAmended(events []TicketEvent) []TicketEvent {
	var out []TicketEvent
	gone := undone(events)
	for _, e := range events {
		if gone[e.Seq] || e.Act == ActUndo {
			continue
		}
		if e.Act != ActEdit && e.Act != ActRedact {
			out = append(out, e)
			continue
		}
		i := slices.IndexFunc(out, func(o TicketEvent) bool { return o.Ref == e.Ref && o.By == e.By && e.Ref != "" })
		if i >= 0 {
			out[i].Text = e.Text
		}
		if i >= 0 && e.Act == ActRedact {
			out[i].Text, out[i].Files = "", nil
		}
	}
	return out
}

// ActiveTickets lists the tickets that are not closed, by number.
func (tx *Tx) ActiveTickets() []Ticket {
	var out []Ticket
	each(tx, "ticket-active", "", "", func(_ string, n int) bool {
		if t, ok := tx.Ticket(n); ok {
			out = append(out, t)
		}
		return true
	})
	return out
}

// TicketsOf lists the tickets that a person asked for, the newest first.
func (tx *Tx) TicketsOf(person string) []Ticket {
	var out []Ticket
	if person == "" {
		return nil
	}
	each(tx, "ticket-of", person+"/", "", func(_ string, n int) bool {
		if t, ok := tx.Ticket(n); ok {
			out = append(out, t)
		}
		return true
	})
	slices.Reverse(out)
	return out
}

// Tickets lists all tickets from number first on.
func (tx *Tx) Tickets(first int) []Ticket {
	var out []Ticket
	each(tx, "ticket", "", num(first), func(_ string, t Ticket) bool { out = append(out, t); return true })
	return out
}

// Replay is the state that the events add up to: what a stored ticket must equal.
func Replay(n int, events []TicketEvent) (Ticket, error) {
	t := Ticket{N: n}
	gone := undone(events)
	for _, e := range events {
		if gone[e.Seq] || e.Act == ActUndo {
			t.Seq = e.Seq
			continue
		}
		if err := t.apply(e); err != nil {
			return t, fmt.Errorf("replay event %d: %w", e.Seq, err)
		}
	}
	return t, nil
}

// SetThread notes that a message on a network is where a ticket's talk begins.
func (tx *Tx) SetThread(network, id string, n int) { tx.put("thread", network+"/"+id, n) }

// Thread finds the ticket whose thread begins with a message.
func (tx *Tx) Thread(network, id string) (int, bool) { return find[int](tx, "thread", network+"/"+id) }

// SetAsked notes that a message on a network asks a ticket's member whether it works now.
func (tx *Tx) SetAsked(network, id string, n int) { tx.put("ticket-asked", network+"/"+id, n) }

// Asked finds the ticket of which a message asks whether it works now.
func (tx *Tx) Asked(network, id string) (int, bool) {
	return find[int](tx, "ticket-asked", network+"/"+id)
}
