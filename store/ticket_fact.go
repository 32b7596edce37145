package store

import (
	"strings"
	"time"
)

// TicketFact is what is counted of one ticket. It names no requester and holds no
// words, and is kept when the ticket is erased: figures do not change by it. Its
// month is that of the ticket's opening.
type TicketFact struct {
	N       int        `json:"n"`
	Month   string     `json:"month"`
	Opened  time.Time  `json:"opened"`
	Kind    TicketKind `json:"kind"`
	Service string     `json:"service,omitempty"`
	// First is how long the first word of an adminsys took, zero while there is none.
	First time.Duration `json:"first,omitempty"`
	// Hands are the adminsys who answered it or solved it, the first one first.
	Hands    []string `json:"hands,omitempty"`
	Reopened int      `json:"reopened,omitempty"`
	// Over says that nothing is left to do; Void that it never counted: spam, or
	// merged into another.
	Over   bool   `json:"over,omitempty"`
	Void   bool   `json:"void,omitempty"`
	Rating string `json:"rating,omitempty"`
}

// monthForm writes a month so that it sorts by time.
const monthForm = "2006-01"

// Month is the month of an instant by a zone's clock, as facts are filed.
func Month(at time.Time, zone *time.Location) string { return at.In(zone).Format(monthForm) }

// FactOf is what the events of a ticket add up to, as far as it is counted.
func FactOf(t Ticket, events []TicketEvent, zone *time.Location) TicketFact {
	f := TicketFact{N: t.N, Month: Month(t.Opened, zone), Opened: t.Opened, Kind: t.Kind, Service: t.Service, Reopened: t.Reopened,
		Over: !t.Active(), Void: t.State == TicketSpam || t.State == TicketMerged, Rating: t.Rating}
	for _, e := range AsAmended(events) {
		staff := e.By != "" && e.By != t.Requester
		if !staff || e.Act != ActReply && e.Act != ActSolve && e.Act != ActReject {
			continue
		}
		if f.First == 0 {
			f.First = max(e.At.Sub(t.Opened), time.Second)
		}
		f.Hands = with(f.Hands, e.By)
	}
	return f
}

// CountTicket files what is counted of a ticket, in place of what was filed before.
func (tx *Tx) CountTicket(n int, zone *time.Location) {
	t, ok := tx.Ticket(n)
	if !ok {
		return // erased: what was counted stays
	}
	f := FactOf(t, tx.TicketEvents(n), zone)
	tx.put("ticket-fact", f.Month+"/"+num(n), f)
}

// TicketFacts lists what was counted of the tickets opened between two instants,
// the second not included, in order.
func (tx *Tx) TicketFacts(from, until time.Time) []TicketFact {
	var out []TicketFact
	first, last := from.AddDate(0, 0, -1).Format(monthForm), until.AddDate(0, 0, 1).Format(monthForm) // whatever the zone was
	each(tx, "ticket-fact", "", first, func(key string, f TicketFact) bool {
		if month, _, _ := strings.Cut(key, "/"); month > last {
			return false
		}
		if !f.Opened.Before(from) && f.Opened.Before(until) {
			out = append(out, f)
		}
		return true
	})
	return out
}

// EnsureFacts counts the tickets of a store that an older Vigie wrote, or that were
// imported. It costs one look otherwise.
func (tx *Tx) EnsureFacts(zone *time.Location) {
	n, _ := find[int](tx, "meta", "next/ticket")
	newest, ok := tx.Ticket(n)
	if !ok || tx.raw("ticket-fact", Month(newest.Opened, zone)+"/"+num(n)) != nil {
		return
	}
	for _, t := range tx.Tickets(0) {
		tx.CountTicket(t.N, zone)
	}
}
