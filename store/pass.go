package store

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"
)

// Pass is a code or a phrase by which somebody shows that they are the person who
// was given it. Of the words themselves only a hash is kept.
type Pass struct {
	// Selector finds it, and is no secret; Hash is that of all the words.
	Selector string `json:"selector"`
	Hash     []byte `json:"hash"`
	// Person is who it was given to, Identity by which they had it, Session that of
	// somebody whom no network vouches for.
	Person   string `json:"person"`
	Identity string `json:"identity,omitempty"`
	Session  string `json:"session,omitempty"`
	// Tickets are those that a phrase opens; a code opens none.
	Tickets []int `json:"tickets,omitempty"`
	// Expires is when it is worth nothing; zero: not by itself.
	Expires time.Time `json:"expires,omitzero"`
	// Tries counts wrong words since Since.
	Tries int       `json:"tries,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// HashPass is what is kept of the words. They hold 64 bits that were drawn at random,
// so that a plain hash cannot be searched.
func HashPass(words string) []byte {
	h := sha256.Sum256([]byte("vigie pass\n" + words))
	return h[:]
}

// Opens tells, in a time that says nothing of how near it is, whether these are the words.
func (p Pass) Opens(words string) bool {
	return subtle.ConstantTimeCompare(p.Hash, HashPass(words)) == 1
}

// PutPass keeps a pass.
func (tx *Tx) PutPass(p Pass) { tx.put("pass", p.Selector, p) }

// Pass finds one by its selector.
func (tx *Tx) Pass(selector string) (Pass, bool) { return find[Pass](tx, "pass", selector) }

// DropPass forgets it.
func (tx *Tx) DropPass(selector string) { tx.del("pass", selector) }

// PassesOf lists what was given to a person.
func (tx *Tx) PassesOf(person string) []Pass {
	var out []Pass
	each(tx, "pass", "", "", func(_ string, p Pass) bool {
		if p.Person == person {
			out = append(out, p)
		}
		return true
	})
	return out
}

// PrunePasses forgets what has expired.
func (tx *Tx) PrunePasses() {
	each(tx, "pass", "", "", func(k string, p Pass) bool {
		if !p.Expires.IsZero() && !p.Expires.After(tx.Now) {
			tx.del("pass", k)
		}
		return true
	})
}

// Reattach gives the tickets of a pass phrase to whoever knows it, who may have no
// account either: then session is theirs. What waited for the phrase's owner is handed
// back, to be said now.
func (tx *Tx) Reattach(p Pass, to Person, session string) (tickets []Ticket, held string) {
	for _, n := range p.Tickets {
		t, ok := tx.Ticket(n)
		if !ok || !t.AskedBy(p.Person) {
			continue
		}
		tx.identify(n, p.Person, to.ID, session)
		if t, ok = tx.Ticket(n); ok {
			tickets = append(tickets, t)
		}
	}
	note := "held/" + p.Person + "/" + p.Session
	held = tx.Note(note)
	if held != "" {
		tx.SetNote(note, "")
	}
	return tickets, strings.TrimSpace(held)
}
