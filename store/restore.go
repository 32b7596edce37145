package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// People lists everybody, those who turned out to be somebody else included, by id.
func (tx *Tx) People() []Person {
	var out []Person
	each(tx, "person", "", "", func(_ string, p Person) bool { out = append(out, p); return true })
	return out
}

// LastTicket is the highest number that was ever given, 0 when none was.
func (tx *Tx) LastTicket() int {
	n, _ := find[int](tx, "meta", "next/ticket")
	return n
}

// RestorePerson puts somebody back under their own id, as an import does.
func (tx *Tx) RestorePerson(p Person) error {
	n := 0
	if _, err := fmt.Sscanf(p.ID, "p%d", &n); err != nil || p.ID != "p"+num(n) {
		return fmt.Errorf("%q is no person's id", p.ID)
	}
	tx.atLeast("person", n)
	if p.Into == "" {
		for _, key := range p.Identities {
			tx.put("identity", key, p.ID)
		}
	}
	tx.PutPerson(p)
	return nil
}

// RestoreTicket puts a ticket back by replaying its events.
func (tx *Tx) RestoreTicket(n int, events []TicketEvent) error {
	if n <= 0 || len(events) == 0 {
		return errors.New("a ticket without a number or without events")
	}
	if tx.raw("ticket", num(n)) != nil {
		return fmt.Errorf("ticket %d is there already", n)
	}
	for i, e := range events {
		if e.Seq != i+1 {
			return fmt.Errorf("ticket %d: event %d is missing", n, i+1)
		}
	}
	t, err := Replay(n, events)
	if err != nil {
		return fmt.Errorf("ticket %d: %w", n, err)
	}
	tx.atLeast("ticket", n)
	tx.putEvents(t, events)
	for _, e := range events {
		tx.putRef(e, n)
	}
	for _, a := range t.Askers() {
		tx.put("ticket-of", a.Person+"/"+num(n), n)
	}
	tx.indexTicket(Ticket{N: n}, t, saidIn(t, events)...)
	return tx.err
}

// atLeast lets a counter give no number up to n any more.
func (tx *Tx) atLeast(counter string, n int) {
	now, _ := find[int](tx, "meta", "next/"+counter)
	tx.put("meta", "next/"+counter, max(now, n))
}

// Verify replays every ticket and says what is not as it was left: a state that its events
// do not add up to.
func (tx *Tx) Verify() error {
	var errs []error
	for _, t := range tx.Tickets(0) {
		again, err := Replay(t.N, tx.TicketEvents(t.N))
		if err == nil && !sameTicket(again, t) {
			err = errors.New("its events add up to something else than what is kept")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("ticket %d: %w", t.N, err))
		}
	}
	return errors.Join(append(errs, tx.err)...)
}

// NameOf is what a person is called, "#id" when nobody knows any more, "Vigie" for the bot.
func (tx *Tx) NameOf(id string) string {
	if id == "" {
		return "Vigie"
	}
	p, _ := tx.Person(id)
	return cmp.Or(p.Name, "#"+strings.TrimLeft(strings.TrimPrefix(id, "p"), "0"))
}

// sameTicket compares as they are kept, where an empty list is none.
func sameTicket(a, b Ticket) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
