package store

import (
	"slices"
	"strings"
	"time"
)

// Duty is a stretch of time in which one person is on call.
type Duty struct {
	N int `json:"n"`
	// Person is who is on call, By who proposed it.
	Person string `json:"person"`
	By     string `json:"by"`
	// From and Until bound it; Until is not part of it.
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Accepted is when the person said yes; zero: not yet, and they are not on call.
	Accepted time.Time `json:"accepted,omitzero"`
}

// Covers tells whether the person has said yes and is on call at an instant.
func (d Duty) Covers(at time.Time) bool {
	return !d.Accepted.IsZero() && !at.Before(d.From) && at.Before(d.Until)
}

// Over tells whether it lies in the past.
func (d Duty) Over(now time.Time) bool { return !now.Before(d.Until) }

// Accept makes the person be on call, and shortens or drops what others had
// accepted for the same time: they hand over. It returns those as they were.
func (tx *Tx) Accept(d Duty) (handed []Duty) {
	d.Accepted = tx.Now
	for _, o := range tx.Duties() {
		if o.N == d.N || o.Accepted.IsZero() || !o.From.Before(d.Until) || !d.From.Before(o.Until) {
			continue
		}
		if o.Person != d.Person {
			handed = append(handed, o)
		}
		tx.DropDuty(o.N)
		rest := []Duty{o, o}
		rest[0].Until, rest[1].From = d.From, d.Until
		for _, r := range rest {
			if r.From.Before(r.Until) {
				r.N = tx.Next("duty")
				tx.PutDuty(r)
			}
		}
	}
	tx.PutDuty(d)
	return handed
}

// NewDuty keeps a duty that nobody has accepted yet, under the next number.
func (tx *Tx) NewDuty(d Duty) Duty {
	d.N = tx.Next("duty")
	tx.PutDuty(d)
	return d
}

// PutDuty writes a duty back after a change.
func (tx *Tx) PutDuty(d Duty) { tx.put("duty", num(d.N), d) }

// DropDuty forgets a duty.
func (tx *Tx) DropDuty(n int) { tx.del("duty", num(n)) }

// Duty finds a duty by its number.
func (tx *Tx) Duty(n int) (Duty, bool) { return find[Duty](tx, "duty", num(n)) }

// Duties lists all that are kept, by their beginning.
func (tx *Tx) Duties() []Duty {
	var out []Duty
	each(tx, "duty", "", "", func(_ string, d Duty) bool { out = append(out, d); return true })
	slices.SortStableFunc(out, func(a, b Duty) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return strings.Compare(a.Person, b.Person)
	})
	return out
}

// OnCall is who is on call at an instant, if somebody is.
func (tx *Tx) OnCall(at time.Time) (Duty, bool) {
	for _, d := range tx.Duties() {
		if d.Covers(at) {
			return d, true
		}
	}
	return Duty{}, false
}
