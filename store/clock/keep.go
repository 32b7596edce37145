package clock

import (
	"strconv"

	"vigie/store"
)

// Due is the kind of the deadline rows by which reminders come; their key is the
// ticket's number.
const Due = "ticket-clock"

// Keep reckons a ticket's clocks anew from its events and keeps them, with the
// deadline of the next reminder. It is to be called in every turn that has written
// the ticket.
func Keep(tx *store.Tx, p Policy, n int) {
	s := Replay(n, tx.TicketEvents(n), p, tx.TicketEvents)
	if old, ok := tx.Clocks(n); ok {
		for _, c := range s.Clocks {
			if told := old.Reminded(c); told.Step > StepNone {
				s.Told = append(s.Told, told)
			}
		}
	}
	Put(tx, p, s)
}

// Put keeps a ticket's clocks, and sets the deadline of its next reminder.
func Put(tx *store.Tx, p Policy, s store.ClockState) {
	tx.PutClocks(s)
	key := strconv.Itoa(s.N)
	at := p.Next(s)
	switch now, set := tx.DueAt(Due, key); {
	case at.IsZero():
		tx.ClearDue(Due, key)
	case !set || !now.Equal(at):
		tx.SetDue(Due, key, at)
	}
}
