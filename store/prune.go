package store

import "time"

// PruneDialogs forgets talks that nobody went on with since an instant.
func (tx *Tx) PruneDialogs(before time.Time) {
	for _, d := range tx.Dialogs() {
		if d.Updated.Before(before) {
			tx.DropDialog(d.Key())
			tx.ClearDue("dialog", d.Key())
		}
	}
}

// PruneAudit forgets acts from before an instant.
func (tx *Tx) PruneAudit(before time.Time) {
	each(tx, "audit", "", "", func(k string, a Audit) bool {
		if !a.At.Before(before) {
			return false // they come in the order of time
		}
		tx.del("audit", k)
		return true
	})
}

// PruneDeliveries forgets what became of messages that ended before an instant, at most
// most of them, and tells how many. What begins the talk of a ticket that goes on stays.
func (tx *Tx) PruneDeliveries(before time.Time, most int) int {
	gone := 0
	each(tx, "delivery", "", "", func(k string, d Delivery) bool {
		if gone == most {
			return false
		}
		if d.At.Before(before) && d.State != Queued && !tx.rootOfActive(k) {
			tx.del("delivery", k)
			gone++
		}
		return true
	})
	return gone
}

// rootOfActive tells whether a delivery's key is of a ticket that goes on.
func (tx *Tx) rootOfActive(key string) bool {
	n, ok := ticketOfKey(key)
	if !ok {
		return false
	}
	t, found := tx.Ticket(n)
	return found && t.Active()
}

// PruneStrangers erases persons without an account whom nobody has seen since an
// instant and whose tickets are all over, at most most of them, and tells how many.
func (tx *Tx) PruneStrangers(before time.Time, most int) int {
	var old []Person
	each(tx, "person", "", "", func(_ string, p Person) bool {
		if len(old) < most && p.Into == "" && !p.Known() && p.Since.Before(before) && tx.allOver(p, before) {
			old = append(old, p)
		}
		return true
	})
	for _, p := range old {
		tx.ErasePerson(p)
	}
	return len(old)
}

func (tx *Tx) allOver(p Person, before time.Time) bool {
	for _, t := range tx.TicketsOf(p.ID) {
		if t.Active() || !t.Closed.Before(before) {
			return false
		}
	}
	return true
}
