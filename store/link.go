package store

import (
	"errors"
	"slices"
	"time"

	"vigie/bot/chat"
)

// LinkedPerson is somebody who turned out to be the person that holds it: what to give
// back when the link is undone.
type LinkedPerson struct {
	// ID is the person's own, whose record stays with Into set.
	ID         string    `json:"id"`
	Identities []string  `json:"identities"`
	At         time.Time `json:"at"`
}

// ErrLinked: the two are one person already.
var ErrLinked = errors.New("they are linked already")

// AcceptCharter notes that the charter was accepted by one of the person's
// identities: a link does not make it accepted for another.
func (p Person) AcceptCharter(identity string, now time.Time) Person {
	p.CharterBy = with(p.acceptedBy(), identity)
	if p.Charter.IsZero() {
		p.Charter = now
	}
	return p
}

// Accepted tells whether an identity of the person's has accepted the charter.
func (p Person) Accepted(identity string) bool { return slices.Contains(p.acceptedBy(), identity) }

// acceptedBy are the identities that accepted; in records older than links, all.
func (p Person) acceptedBy() []string {
	if len(p.CharterBy) == 0 && !p.Charter.IsZero() {
		return slices.Clone(p.Identities)
	}
	return p.CharterBy
}

// LinkPersons makes two persons one, under the id of the older: identities, rooms,
// tickets and talks come together. Roles are not the store's: an identity has those
// that the configuration gives to it, and a charter counts for who accepted it. The
// error is ErrLinked when there is nothing to do.
func (tx *Tx) LinkPersons(a, b Person) (Person, error) {
	if a.ID == b.ID {
		return a, ErrLinked
	}
	if b.ID < a.ID {
		a, b = b, a
	}
	own := slices.DeleteFunc(slices.Clone(b.Identities), func(id string) bool {
		return slices.ContainsFunc(b.Linked, func(l LinkedPerson) bool { return slices.Contains(l.Identities, id) })
	})
	a.Linked = append(append(slices.Clone(a.Linked), b.Linked...), LinkedPerson{ID: b.ID, Identities: own, At: tx.Now})
	a.CharterBy = append(a.acceptedBy(), b.acceptedBy()...)
	if !b.Charter.IsZero() && (a.Charter.IsZero() || b.Charter.Before(a.Charter)) {
		a.Charter = b.Charter
	}
	if a.Lang == "" {
		a.Lang = b.Lang
	}
	a.Identities = append(slices.Clone(a.Identities), b.Identities...)
	a.Rooms = append(slices.Clone(a.Rooms), b.Rooms...)
	for _, id := range b.Identities {
		tx.put("identity", id, a.ID)
	}
	for _, l := range append(b.Linked, LinkedPerson{ID: b.ID}) {
		if gone, ok := find[Person](tx, "person", l.ID); ok {
			gone.Into = a.ID
			tx.PutPerson(gone)
		}
	}
	tx.PutPerson(a)
	for _, t := range tx.TicketsOf(b.ID) {
		tx.identify(t.N, b.ID, a.ID, "")
	}
	tx.moveDialogs(b.ID, a.ID)
	tx.moveFollowed(b.ID, a.ID)
	tx.moveSubscription(b.ID, a.ID)
	return a, nil
}

// UnlinkPerson gives somebody who was linked their identities and tickets back. What
// was opened since stays.
func (tx *Tx) UnlinkPerson(p Person, l LinkedPerson) (Person, error) {
	back, ok := find[Person](tx, "person", l.ID)
	if !ok || back.Into != p.ID {
		return p, ErrNotFound
	}
	theirs := func(r chat.Room) bool { return slices.Contains(l.Identities, r.Network+"/"+r.Account) }
	back.Into, back.Identities, back.Linked = "", slices.Clone(l.Identities), nil
	back.Rooms = slices.DeleteFunc(slices.Clone(p.Rooms), func(r chat.Room) bool { return !theirs(r) })
	back.Lang, back.Heard = p.Lang, p.Heard
	back.CharterBy = slices.DeleteFunc(slices.Clone(p.acceptedBy()), func(id string) bool { return !slices.Contains(l.Identities, id) })
	if back.Charter = p.Charter; len(back.CharterBy) == 0 {
		back.Charter = time.Time{}
	}
	kept := slices.DeleteFunc(slices.Clone(p.acceptedBy()), func(id string) bool { return slices.Contains(l.Identities, id) })
	if p.CharterBy = kept; len(kept) == 0 {
		p.Charter = time.Time{}
	}
	p.Identities = slices.DeleteFunc(slices.Clone(p.Identities), func(id string) bool { return slices.Contains(l.Identities, id) })
	p.Rooms = slices.DeleteFunc(slices.Clone(p.Rooms), theirs)
	p.Linked = slices.DeleteFunc(slices.Clone(p.Linked), func(o LinkedPerson) bool { return o.ID == l.ID })
	for _, id := range l.Identities {
		tx.put("identity", id, back.ID)
	}
	tx.PutPerson(back)
	tx.PutPerson(p)
	for _, t := range tx.TicketsOf(p.ID) {
		if firstOf(tx.TicketEvents(t.N), p, back.ID) == back.ID {
			tx.identify(t.N, p.ID, back.ID, "")
		}
	}
	return p, nil
}

// firstOf is which of the persons who are p, or were until now, a ticket was first of.
func firstOf(events []TicketEvent, p Person, until string) string {
	theirs := func(id string) bool {
		return id == p.ID || id == until || slices.ContainsFunc(p.Linked, func(l LinkedPerson) bool { return l.ID == id })
	}
	for _, e := range events {
		switch {
		case e.Opening != nil && theirs(e.Opening.Requester):
			return e.Opening.Requester
		case e.Act == ActIdentify && theirs(e.To):
			return e.To
		}
	}
	return ""
}

// identify says in a ticket that one of its people turned out to be another person;
// session is theirs when no network vouches for them.
func (tx *Tx) identify(n int, from, to, session string) {
	t, ok := tx.Ticket(n)
	if !ok {
		return
	}
	if err := tx.applyTicket(&t, TicketEvent{Act: ActIdentify, By: from, To: to, Text: session}); err != nil {
		tx.fail(err)
		return
	}
	tx.del("ticket-of", from+"/"+num(n))
	tx.put("ticket-of", to+"/"+num(n), n)
}

// identified puts one person in the place of another.
func (t *Ticket) identified(e TicketEvent) {
	if t.Requester == e.By {
		t.Requester, t.Session = e.To, e.Text
	}
	t.Also = slices.Clone(t.Also)
	for i := range t.Also {
		if t.Also[i].Person == e.By {
			t.Also[i].Person, t.Also[i].Session = e.To, e.Text
		}
	}
	t.Also = slices.DeleteFunc(t.Also, func(a Asker) bool { return a.Person == t.Requester })
	if slices.Contains(t.Watchers, e.By) {
		t.Watchers = with(without(t.Watchers, e.By), e.To)
	}
	if len(t.Also) == 0 {
		t.Also = nil
	}
}

// moveDialogs lets talks under way go on under the other id.
func (tx *Tx) moveDialogs(from, to string) {
	for _, d := range tx.Dialogs() {
		if d.Person != from {
			continue
		}
		old := d.Key()
		due, set := tx.DueAt("dialog", old)
		tx.DropDialog(old)
		tx.ClearDue("dialog", old)
		d.Person = to
		if _, busy := tx.Dialog(d.Key()); busy {
			continue
		}
		tx.put("dialog", d.Key(), d)
		if set {
			tx.SetDue("dialog", d.Key(), due)
		}
		for _, p := range tx.Probes() {
			if p.For == old {
				p.For = d.Key()
				tx.put("probe", p.ID, p)
			}
		}
	}
}

// moveSubscription makes one of two subscriptions: the person is told once.
func (tx *Tx) moveSubscription(from, to string) {
	old, now := tx.Subscription(from), tx.Subscription(to)
	switch has := now.All || len(now.Services) > 0; {
	case !old.All && len(old.Services) == 0:
		return
	case !has:
		now.Night = old.Night
	default: // by night only who asked for it by both
		now.Night = now.Night && old.Night
	}
	now.All = now.All || old.All
	for _, s := range old.Services {
		now.Services = with(now.Services, s)
	}
	for _, w := range old.Waiting {
		now.Hold(w)
	}
	tx.PutSubscription(now)
	tx.PutSubscription(Subscription{Person: from})
}

// moveFollowed lets whoever wanted to hear of an incident hear of it once.
func (tx *Tx) moveFollowed(from, to string) {
	for _, i := range tx.Incidents() {
		if slices.Contains(i.Followers, from) {
			i.Followers = with(without(i.Followers, from), to)
			tx.PutIncident(i)
		}
	}
}
