package store

import (
	"slices"
	"strings"
	"time"
)

// TicketQuery says which tickets to find: those that fulfil all of it.
type TicketQuery struct {
	// Any holds groups of terms (see Term); of each group a ticket has at least one.
	Any [][]string
	// None are terms that it does not have.
	None []string
	// Words are words that were said in it, whole or as far as their first letters go.
	Words []string
	// First and Last bound the numbers; zero does not.
	First, Last int
	// Keep, when not nil, has the last word. It is asked for each ticket that fulfils the rest,
	// so the rest should leave few.
	Keep func(Ticket) bool
	// Limit is how many tickets are read; zero: none, for the count alone.
	Limit int
}

// FindTickets lists tickets, the newest first, and counts all there are. It reads the
// index, and of the tickets themselves no more than are handed back, or kept.
func (tx *Tx) FindTickets(q TicketQuery) (list []Ticket, total int) {
	last, _ := find[int](tx, "meta", "next/ticket")
	if q.Last > 0 {
		last = min(last, q.Last)
	}
	first := max(1, q.First)
	for block := last / blockSize; block >= first/blockSize && last > 0; block-- {
		hits := tx.block(block, q, first, last)
		if q.Keep == nil {
			total += hits.count()
		}
		if q.Keep == nil && len(list) >= q.Limit {
			continue
		}
		for i := blockSize - 1; i >= 0; i-- {
			if !hits.has(i) || q.Keep == nil && len(list) >= q.Limit {
				continue
			}
			t, ok := tx.Ticket(block*blockSize + i)
			if !ok || q.Keep != nil && !q.Keep(t) {
				continue
			}
			if q.Keep != nil {
				total++
			}
			if len(list) < q.Limit {
				list = append(list, t)
			}
		}
	}
	return list, total
}

// block finds the numbers of one block that fulfil a query.
func (tx *Tx) block(block int, q TicketQuery, first, last int) numberSet {
	var hits numberSet
	for i := range blockSize {
		if n := block*blockSize + i; n >= first && n <= last {
			hits.set(i)
		}
	}
	for _, group := range q.Any {
		var any numberSet
		for _, term := range group {
			any.or(tx.numbersWith(block, term))
		}
		hits.and(any)
	}
	for _, term := range q.None {
		hits.andNot(tx.numbersWith(block, term))
	}
	for _, w := range q.Words {
		if hits.count() == 0 {
			break
		}
		hits.and(tx.numbersSaying(block, w))
	}
	return hits
}

// numbersSaying unites the sets of all words that begin so; a word of one or two
// letters must be whole.
func (tx *Tx) numbersSaying(block int, word string) numberSet {
	if len([]rune(word)) < 3 {
		return tx.numbersWith(block, "w:"+word)
	}
	var any numberSet
	tx.scan(ticketIndex, blockPrefix(block)+"w:"+word, "", func(_ string, raw []byte) bool {
		s, err := unpack(raw)
		tx.fail(err)
		any.or(s)
		return tx.err == nil
	})
	return any
}

// TicketsSince lists the tickets opened at an instant or later, by number: numbers and
// instants grow together, so that the older ones are not read.
func (tx *Tx) TicketsSince(at time.Time) []Ticket { return tx.Tickets(tx.FirstSince(at)) }

// FirstSince is the number of the first ticket opened at an instant or later; one more
// than the last number when there is none.
func (tx *Tx) FirstSince(at time.Time) int {
	last, _ := find[int](tx, "meta", "next/ticket")
	low, high := 1, last+1
	for low < high {
		mid := (low + high) / 2
		t, ok := tx.firstFrom(mid)
		if ok && t.Opened.Before(at) {
			low = t.N + 1
		} else {
			high = mid
		}
	}
	return low
}

// firstFrom is the first ticket from a number on.
func (tx *Tx) firstFrom(n int) (t Ticket, ok bool) {
	each(tx, "ticket", "", num(n), func(_ string, one Ticket) bool { t, ok = one, true; return false })
	return t, ok
}

// RelatedTo lists the numbers of the tickets that name this one in a relation.
func (tx *Tx) RelatedTo(n int, r Relation) []int {
	return tx.naming(string(r), n)
}

func (tx *Tx) naming(field string, n int) []int {
	var out []int
	list, _ := tx.FindTickets(TicketQuery{Any: [][]string{{field + ":" + strings.TrimLeft(num(n), "0")}}, Limit: 20})
	for _, t := range list {
		out = append(out, t.N)
	}
	slices.Reverse(out)
	return out
}

// Fits tells whether a ticket at hand fulfils a query, by its fields and its subject alone: what was
// said in it is not looked at.
func (q TicketQuery) Fits(t Ticket) bool {
	terms := t.terms()
	has := func(term string) bool { return slices.Contains(terms, term) }
	for _, group := range q.Any {
		if !slices.ContainsFunc(group, has) {
			return false
		}
	}
	subject := Words(t.Subject + " " + t.Site + " " + t.Service)
	for _, w := range q.Words {
		if !slices.ContainsFunc(subject, func(s string) bool { return s == w || len([]rune(w)) > 2 && strings.HasPrefix(s, w) }) {
			return false
		}
	}
	return !slices.ContainsFunc(q.None, has) && (q.First == 0 || t.N >= q.First) && (q.Last == 0 || t.N <= q.Last) && (q.Keep == nil || q.Keep(t))
}
