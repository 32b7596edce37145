package store

import (
	"slices"
	"time"

	"vigie/bot/chat"
)

// Person is somebody, under an opaque id. All other records name people by ID
// only; what it stands for is here and in the identity index, nowhere else.
type Person struct {
	ID string `json:"id"`
	// Identities are keys of chat.Identity, at most one anonymous mask among them.
	Identities []string `json:"identities"`
	// Name is what the person was last called, for staff to read. Never an identity.
	Name string `json:"name,omitempty"`
	// Lang is the person's own choice, "fr" or "en"; empty: none made.
	Lang string `json:"lang,omitempty"`
	// Heard is the language that they last wrote in, as far as it could be told.
	Heard string `json:"heard,omitempty"`
	// Charter is when the confidentiality charter was accepted; zero: not yet.
	Charter time.Time `json:"charter,omitzero"`
	// CharterBy are the identities by which it was accepted; see Accepted.
	CharterBy []string `json:"charter_by,omitempty"`
	// Rooms are the private rooms to write to, by network, the one seen last first.
	Rooms []chat.Room `json:"rooms,omitempty"`
	// Since is when they were first heard of.
	Since time.Time `json:"since,omitzero"`
	// Linked are those who turned out to be this person, and Into, in their records, is
	// who that is.
	Linked []LinkedPerson `json:"linked,omitempty"`
	Into   string         `json:"into,omitempty"`
}

// FindPerson is the person behind an identity, if there is one yet.
func (tx *Tx) FindPerson(id chat.Identity) (Person, bool) {
	pid, ok := find[string](tx, "identity", id.Key())
	if !ok {
		return Person{}, false
	}
	return tx.Person(pid)
}

// Person finds somebody by opaque id; somebody who was linked is found as the person
// that they turned out to be.
func (tx *Tx) Person(id string) (Person, bool) {
	p, ok := find[Person](tx, "person", id)
	if ok && p.Into != "" {
		return find[Person](tx, "person", p.Into)
	}
	return p, ok
}

// PersonFor finds the person behind an identity, or begins one, and notes how
// they are called and where to write to them in private.
func (tx *Tx) PersonFor(id chat.Identity) Person {
	p, ok := tx.FindPerson(id)
	if !ok {
		p = Person{ID: "p" + num(tx.Next("person")), Identities: []string{id.Key()}, Since: tx.Now}
		tx.put("identity", id.Key(), p.ID)
	}
	room := chat.Room{Network: id.Network, ID: id.Nick, Private: true, Account: id.Account}
	if id.Host == "" { // Matrix: the account is the address
		room.ID = id.Account
	}
	name := chat.Plain(id.Nick, 40)
	if ok && p.Name == name && len(p.Rooms) > 0 && p.Rooms[0] == room {
		return p
	}
	p.Name = name
	p.Rooms = slices.DeleteFunc(p.Rooms, func(r chat.Room) bool {
		return r.Network == room.Network && (r.Account == room.Account || r.Account == "")
	})
	p.Rooms = slices.Insert(p.Rooms, 0, room)
	tx.PutPerson(p)
	return p
}

// PutPerson writes a person back after a change.
func (tx *Tx) PutPerson(p Person) { tx.put("person", p.ID, p) }

// Known tells whether a network vouches for one of the person's identities.
func (p Person) Known() bool {
	return slices.ContainsFunc(p.Rooms, func(r chat.Room) bool { return r.Account != "" })
}
