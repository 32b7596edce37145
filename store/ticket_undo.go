package store

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// ErrTooLate: what came after an act has built on it, and it cannot be undone.
var ErrTooLate = errors.New("something has built on it since")

// TicketOp is what one command of staff did to tickets, kept for as long as it can be undone.
type TicketOp struct {
	Seq int       `json:"seq"`
	At  time.Time `json:"at"`
	By  string    `json:"by"`
	Act TicketAct `json:"act"`
	// Steps are its events, in order.
	Steps []TicketStep `json:"steps"`
	// Told are the replies by which members were told.
	Told []TicketTold `json:"told,omitempty"`
	// Made is the ticket that it opened.
	Made int `json:"made,omitempty"`
}

// Tickets are the numbers of the tickets that it touched, in order.
func (o TicketOp) Tickets() []int {
	var out []int
	for _, s := range o.Steps {
		if !slices.Contains(out, s.N) {
			out = append(out, s.N)
		}
	}
	slices.Sort(out)
	return out
}

// TicketTold is a reply about a ticket: its key, the ticket that it named, the language.
type TicketTold struct {
	Key  string `json:"key"`
	N    int    `json:"n"`
	Lang string `json:"lang"`
}

// TicketStep is one event of one ticket.
type TicketStep struct {
	N   int `json:"n"`
	Seq int `json:"seq"`
}

// PutTicketOp keeps an op under the next number, and forgets those older than keep.
func (tx *Tx) PutTicketOp(op TicketOp, keep time.Duration) TicketOp {
	for _, old := range tx.TicketOps() {
		if tx.Now.Sub(old.At) > keep {
			tx.DropTicketOp(old.Seq)
		}
	}
	op.Seq, op.At = tx.Next("ticket-op"), tx.Now
	tx.put("ticket-op", num(op.Seq), op)
	return op
}

// TicketOps lists the ops that are kept, the oldest first.
func (tx *Tx) TicketOps() []TicketOp {
	var out []TicketOp
	each(tx, "ticket-op", "", "", func(_ string, op TicketOp) bool { out = append(out, op); return true })
	return out
}

// DropTicketOp forgets an op.
func (tx *Tx) DropTicketOp(seq int) { tx.del("ticket-op", num(seq)) }

// UndoOnTicket makes one event of a ticket never have been: the state is that of all
// other events. The event stays in the log, and so does the undoing. The error wraps ErrTooLate
// when later events make no sense without it; then nothing is changed. What the act did elsewhere is
// the caller's.
func (tx *Tx) UndoOnTicket(step TicketStep, e TicketEvent) (Ticket, error) {
	before, ok := tx.Ticket(step.N)
	if !ok {
		return before, fmt.Errorf("ticket %d: %w", step.N, ErrNotFound)
	}
	was := tx.TicketEvents(step.N)
	e.Act, e.To, e.Seq, e.At = ActUndo, strconv.Itoa(step.Seq), before.Seq+1, tx.Now
	events := append(was, e)
	after, err := Replay(step.N, events)
	if err != nil {
		return before, fmt.Errorf("%w: %w", ErrTooLate, err)
	}
	for _, a := range before.Also {
		if !after.AskedBy(a.Person) {
			tx.del("ticket-of", a.Person+"/"+num(step.N))
		}
	}
	tx.putEvents(after, events)
	tx.reindex(before, after, was, events)
	return after, nil
}

// undone are the events, by Seq, that were made never to have been.
func undone(events []TicketEvent) map[int]bool {
	var out map[int]bool
	for _, e := range events {
		if e.Act != ActUndo {
			continue
		}
		if out == nil {
			out = map[int]bool{}
		}
		if seq, err := strconv.Atoi(e.To); err == nil {
			out[seq] = true
		}
	}
	return out
}
