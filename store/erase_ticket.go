package store

import (
	"slices"
	"strings"
	"time"
)

// StripTicket rewrites a ticket's events without what was said in it and by whom it can be
// found, and the ticket with them. of names the persons who are erased; nil strips the
// ticket for everybody, as its retention does. Where others asked too, what they and
// staff said to them stays.
func (tx *Tx) StripTicket(n int, of []string) {
	t, ok := tx.Ticket(n)
	if !ok {
		return
	}
	theirs := of == nil || !slices.ContainsFunc(t.Askers(), func(a Asker) bool { return !slices.Contains(of, a.Person) })
	tx.rewriteTicket(n, func(e *TicketEvent) bool {
		by := slices.Contains(of, e.By)
		opened := e.Opening != nil && slices.Contains(of, e.Opening.Requester)
		if theirs || by || opened {
			e.strip()
			if e.Opening != nil && (theirs || opened) {
				e.Opening.strip()
			}
		}
		if e.Absorbed != nil {
			for i, a := range e.Absorbed.Askers {
				if theirs || slices.Contains(of, a.Person) {
					e.Absorbed.Askers[i].Session, e.Absorbed.Askers[i].Origin = "", withoutPerson(a.Origin)
				}
			}
		}
		return theirs || by || opened || e.Absorbed != nil
	})
}

// EraseActs takes the persons' private rooms and messages out of what they did in
// others' tickets, from ticket first on, at most most tickets, and tells where to go
// on; 0 when all are done. What they said to others stays theirs, without a name.
func (tx *Tx) EraseActs(of []string, first, most int) (next int) {
	last, _ := find[int](tx, "meta", "next/ticket")
	for n := first; n <= last; n++ {
		if n-first >= most {
			return n
		}
		tx.rewriteEvents(n, func(e *TicketEvent) bool {
			if !slices.Contains(of, e.By) || e.Room == "" && e.Ref == "" {
				return false
			}
			e.Room, e.Ref = publicRoom(e.Room), ""
			return true
		})
	}
	return 0
}

// rewriteTicket changes events in place and makes the ticket what they now add up to.
func (tx *Tx) rewriteTicket(n int, change func(*TicketEvent) bool) {
	events, changed := tx.rewriteEvents(n, change)
	if !changed {
		return
	}
	t, err := Replay(n, events)
	if err != nil {
		tx.fail(err)
		return
	}
	tx.put("ticket", num(n), t)
	tx.ReindexTicket(n)
}

// rewriteEvents changes events in place: enough where the state does not depend on it.
func (tx *Tx) rewriteEvents(n int, change func(*TicketEvent) bool) (events []TicketEvent, changed bool) {
	events = tx.TicketEvents(n)
	for i := range events {
		ref := events[i].Ref
		if !change(&events[i]) {
			continue
		}
		changed = true
		if ref != "" && events[i].Ref == "" {
			tx.delRef(ref)
		}
	}
	if t, ok := tx.Ticket(n); ok && changed {
		tx.putEvents(t, events)
	}
	return events, changed
}

// strip takes out of an event what somebody said, and where. What decides about the
// state stays.
func (e *TicketEvent) strip() {
	switch e.Act {
	case ActPriority, ActTag, ActUntag, ActKind, ActRelate, ActRate: // of a few words that mean something
	default:
		e.Text = ""
	}
	if e.Act == ActWait && e.To != "" {
		e.To = "-" // somebody is waited for; who is nobody's business now
	}
	e.Room, e.Ref, e.Files = publicRoom(e.Room), "", nil
}

// strip takes out of an opening what tells whose it is.
func (o *Opening) strip() {
	o.Subject, o.Site, o.Association, o.Session, o.Runbook, o.Erased = "", "", "", "", nil, true
	o.Origin = withoutPerson(o.Origin)
}

// publicRoom is a room as chat.Room prints it, without whose it is where it is private:
// "irc/claire!claire", while "matrix/!room:example.org" is a room of many.
func publicRoom(room string) string {
	network, id, _ := strings.Cut(room, "/")
	if strings.LastIndex(id, "!") > 0 {
		return network + "/"
	}
	return room
}

// StaleTickets lists tickets that were over before an instant and are not stripped yet,
// from number first on: at most most numbers are looked at. next is where to go on, 0 at the end.
func (tx *Tx) StaleTickets(before time.Time, first, most int) (stale []int, next int) {
	last, _ := find[int](tx, "meta", "next/ticket")
	for n := first; n <= last; n++ {
		if n-first >= most {
			return stale, n
		}
		t, ok := tx.Ticket(n)
		if ok && !t.Active() && !t.Erased && !t.Closed.IsZero() && t.Closed.Before(before) {
			stale = append(stale, n)
		}
	}
	return stale, 0
}
