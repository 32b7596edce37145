package store

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// ErrCycle: the relation would lead back to where it begins.
var ErrCycle = errors.New("it would go round in a circle")

// BlockedError says that a ticket cannot be solved before others are over.
type BlockedError struct {
	N  int
	By []int
}

// Error implements error.
func (e *BlockedError) Error() string { return fmt.Sprintf("ticket %d waits for %v", e.N, e.By) }

// Current follows a ticket that was merged to where it went.
func (tx *Tx) Current(n int) (Ticket, bool) {
	t, ok := tx.Ticket(n)
	for hops := 0; ok && t.State == TicketMerged && hops < 10; hops++ {
		t, ok = tx.Ticket(t.MergedTo)
	}
	return t, ok
}

// Blockers are the tickets that a ticket depends on and that are not over yet.
func (tx *Tx) Blockers(t Ticket) []int {
	var out []int
	for _, n := range t.Depends {
		if d, ok := tx.Current(n); ok && d.Active() && d.State != TicketSolved {
			out = append(out, d.N)
		}
	}
	return out
}

// MergeTickets lets a ticket go on in another: those who asked are told together from
// now on, watchers and tags are united, and the earlier clock runs. e says who and where.
// The steps are what UndoOnTicket takes back.
func (tx *Tx) MergeTickets(from, into int, e TicketEvent) (source, target Ticket, steps []TicketStep, err error) {
	source, ok := tx.Current(from)
	target, ok2 := tx.Current(into)
	switch {
	case !ok || !ok2:
		return source, target, nil, fmt.Errorf("merge %d into %d: %w", from, into, ErrNotFound)
	case source.N == target.N:
		return source, target, nil, fmt.Errorf("merge %d into itself: %w", from, ErrCycle)
	}
	brought := Absorbed{Watchers: source.Watchers, Tags: source.Tags, Unanswered: source.Unanswered, Private: source.Private}
	for _, a := range source.Askers() {
		if a.Since.IsZero() {
			a.Since = tx.Now
		}
		brought.Askers = append(brought.Askers, a)
	}
	absorb := e
	e.Act, e.To = ActMerge, strconv.Itoa(target.N)
	absorb.Act, absorb.To, absorb.Absorbed, absorb.Ref = ActAbsorb, strconv.Itoa(source.N), &brought, ""
	if err := tx.applyTicket(&source, e); err != nil {
		return source, target, nil, err
	}
	if err := tx.applyTicket(&target, absorb); err != nil {
		return source, target, nil, err
	}
	for _, a := range target.Also {
		tx.put("ticket-of", a.Person+"/"+num(target.N), target.N)
	}
	return source, target, []TicketStep{{source.N, source.Seq}, {target.N, target.Seq}}, nil
}

// SplitTicket opens a ticket for a part of another, and notes it there. said is the event that
// holds the words, e says who splits and where.
func (tx *Tx) SplitTicket(n int, o Opening, said, e TicketEvent) (source, part Ticket, steps []TicketStep, err error) {
	source, ok := tx.Current(n)
	if !ok {
		return source, part, nil, fmt.Errorf("split %d: %w", n, ErrNotFound)
	}
	o.SplitFrom = source.N
	// the message itself belongs to the first ticket: no Ref
	if part, err = tx.OpenTicket(o, TicketEvent{By: said.By, Room: said.Room, Text: said.Text, Files: said.Files}); err != nil {
		return source, part, nil, err
	}
	e.Act, e.To = ActSplit, strconv.Itoa(part.N)
	if err = tx.applyTicket(&source, e); err != nil {
		return source, part, nil, err
	}
	return source, part, []TicketStep{{source.N, source.Seq}}, nil
}

// RelateTickets notes how a ticket stands to another, or, with end, that it no longer does. A
// relation that leads back to the ticket is refused with ErrCycle.
func (tx *Tx) RelateTickets(n int, r Relation, to int, end bool, e TicketEvent) (Ticket, error) {
	t, ok := tx.Current(n)
	other, ok2 := tx.Ticket(to)
	if !ok || !ok2 {
		return t, fmt.Errorf("relate %d to %d: %w", n, to, ErrNotFound)
	}
	e.Act, e.Text, e.To = ActRelate, string(r), strconv.Itoa(other.N)
	if end {
		e.To = "-" + e.To
	} else if tx.leads(other.N, t.N, r, map[int]bool{}) {
		return t, fmt.Errorf("relate %d to %d: %w", n, to, ErrCycle)
	}
	return t, tx.applyTicket(&t, e)
}

// leads tells whether a relation leads from one ticket to another.
func (tx *Tx) leads(from, to int, r Relation, seen map[int]bool) bool {
	t, ok := tx.Current(from)
	if !ok || seen[t.N] {
		return false
	}
	seen[t.N] = true
	if t.N == to {
		return true
	}
	next := map[Relation][]int{RelParent: {t.Parent}, RelDuplicate: {t.Duplicate}, RelDepends: t.Depends}[r]
	return slices.ContainsFunc(next, func(n int) bool { return n != 0 && tx.leads(n, to, r, seen) })
}
