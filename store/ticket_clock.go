package store

import (
	"reflect"
	"slices"
	"strconv"
	"time"
)

// ClockKind says what a ticket's clock waits for.
type ClockKind string

// The clocks of a ticket.
const (
	// ClockAnswer runs from the oldest member message that no adminsys has answered.
	ClockAnswer ClockKind = "answer"
	// ClockLoop runs from the last word of staff: who waits is to hear something now
	// and then.
	ClockLoop ClockKind = "loop"
	// ClockResolve runs from the opening until the ticket is solved.
	ClockResolve ClockKind = "resolve"
)

// Clock is one deadline of a ticket. It counts open time only, and stands still
// while the ticket waits for somebody.
type Clock struct {
	Kind  ClockKind `json:"kind"`
	Since time.Time `json:"since"`
	// Target is how much open time it may take, Used how much of it had passed at
	// the ticket's last event.
	Target time.Duration `json:"target"`
	Used   time.Duration `json:"used"`
	// Due is the instant at which the target is used up; zero while the clock stands
	// still.
	Due time.Time `json:"due,omitzero"`
	// Missed says that Due had passed at the ticket's last event: it then stays what
	// it is, whatever comes after.
	Missed bool `json:"missed,omitempty"`
}

// ClockState is the clocks of one ticket after its last event: see package clock,
// which makes it from the events.
type ClockState struct {
	N int `json:"n"`
	// At is the last event's instant, Kind the ticket's kind by then.
	At   time.Time  `json:"at"`
	Kind TicketKind `json:"kind"`
	// Still says that the ticket waits for somebody, or for the member's yes: no clock
	// runs, and nobody is reminded.
	Still bool `json:"still,omitempty"`
	// Clocks are those that run or stand still, what is due first first.
	Clocks []Clock `json:"clocks,omitempty"`
	// Told is who was reminded of them so far.
	Told []ClockTold `json:"told,omitempty"`
}

// ClockTold is how far the reminders of one clock have gone.
type ClockTold struct {
	Kind  ClockKind `json:"kind"`
	Since time.Time `json:"since"`
	// Step is the last step taken: see package clock.
	Step int `json:"step"`
	// At is when, Named the person who was asked by name.
	At    time.Time `json:"at"`
	Named string    `json:"named,omitempty"`
}

// First is the clock that breaks first, if one runs or has been missed.
func (s ClockState) First() (Clock, bool) {
	for _, c := range s.Clocks {
		if !c.Due.IsZero() {
			return c, true
		}
	}
	return Clock{}, false
}

// Reminded is how far the reminders of a clock have gone.
func (s ClockState) Reminded(c Clock) ClockTold {
	for _, t := range s.Told {
		if t.Kind == c.Kind && t.Since.Equal(c.Since) {
			return t
		}
	}
	return ClockTold{Kind: c.Kind, Since: c.Since}
}

// WithTold is the state with one clock's reminders as far as told says.
func (s ClockState) WithTold(told ClockTold) ClockState {
	kept := slices.DeleteFunc(slices.Clone(s.Told), func(t ClockTold) bool { return t.Kind == told.Kind })
	s.Told = append(kept, told)
	return s
}

// PutClocks keeps a ticket's clocks; without any they are forgotten.
func (tx *Tx) PutClocks(s ClockState) {
	if len(s.Clocks) == 0 {
		if tx.raw("ticket-clock", num(s.N)) != nil {
			tx.del("ticket-clock", num(s.N))
		}
		return
	}
	if old, ok := tx.Clocks(s.N); ok && reflect.DeepEqual(old, s) {
		return
	}
	tx.put("ticket-clock", num(s.N), s)
}

// Clocks are the clocks of a ticket as they were kept last.
func (tx *Tx) Clocks(n int) (ClockState, bool) {
	return find[ClockState](tx, "ticket-clock", num(n))
}

// AllClocks lists the clocks of all tickets that have any, by number.
func (tx *Tx) AllClocks() []ClockState {
	var out []ClockState
	each(tx, "ticket-clock", "", "", func(_ string, s ClockState) bool { out = append(out, s); return true })
	return out
}

// WrittenTickets are the numbers of the tickets that this turn has written, in order.
func (tx *Tx) WrittenTickets() []int {
	var out []int
	for key := range tx.writes["ticket"] {
		if n, err := strconv.Atoi(key); err == nil {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// After is the ticket with one more event, or why that makes no sense.
func (t Ticket) After(e TicketEvent) (Ticket, error) {
	err := t.apply(e)
	return t, err
}
