package store

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vigie/bot/chat"
)

// Erasure is what is known of somebody who is being erased: enough to find every
// trace, and kept in memory for that one turn only.
type Erasure struct {
	// IDs are the person's opaque ids, those of linked persons included. They stay in
	// what is counted, and stand for nobody any more.
	IDs []string
	// texts are what surely names them and nobody else: identities, Matrix accounts, private rooms.
	texts []string
	// traces are how that and their nicks stand in what is kept.
	traces []trace
	// Tickets are those that they asked for.
	Tickets []int
}

// ErasePerson takes out of the store what says who somebody is and what they said. Tickets
// stay as skeletons: when, what kind, which service, in which states, so that counts and
// clocks do not change. The person's own tickets are emptied here; what they did in
// others' is for EraseActs, in turns of bounded length. Bytes that are deleted may still be read in the
// file until it is compacted.
func (tx *Tx) ErasePerson(p Person) Erasure {
	e := Erasure{IDs: []string{p.ID}}
	for _, l := range p.Linked {
		e.IDs = append(e.IDs, l.ID)
	}
	e.trace(p)
	for _, id := range e.IDs {
		if gone, ok := find[Person](tx, "person", id); ok {
			e.trace(gone)
			for _, key := range gone.Identities {
				tx.del("identity", key)
			}
		}
		tx.del("person", id)
		for _, t := range tx.TicketsOf(id) {
			if !slices.Contains(e.Tickets, t.N) {
				e.Tickets = append(e.Tickets, t.N)
			}
		}
		for _, pass := range tx.PassesOf(id) {
			tx.DropPass(pass.Selector)
			tx.ClearDue("link-code", pass.Selector)
		}
	}
	for _, n := range e.Tickets {
		tx.StripTicket(n, e.IDs)
	}
	for _, c := range tx.Contacts() {
		if slices.Contains(e.IDs, c.By) && c.Correction != "" {
			c.Correction = ""
			tx.PutContact(c)
		}
	}
	tx.sweep(e)
	return e
}

// trace is a piece of JSON that names a person, and what is left in its place.
type trace struct{ needle, rest []byte }

// trace remembers how a person is found. What somebody chose freely, a nick, a name or the
// account of that name, may be any word, such as a network's name or a key of a record: it
// counts only where a nick, an account or a private room stands.
func (e *Erasure) trace(p Person) {
	for _, key := range p.Identities { // "irc/claire", "irc?claire!u@h": nobody else's
		e.text(key)
		if _, account, ok := strings.Cut(key, "/"); ok && !strings.Contains(key, "?") {
			e.find(`"account":`+quote(account), `"account":""`)
			e.find(`"nick":`+quote(account), `"nick":""`)
		}
		if _, host, masked := strings.Cut(key, "?"); masked && strings.Contains(host, "!") {
			e.text(host)
		}
	}
	for _, r := range p.Rooms {
		network := `"network":` + quote(r.Network)
		e.find(network+`,"id":`+quote(r.ID)+`,"private":true`, network+`,"id":"","private":true`)
		e.find(`"nick":`+quote(r.ID), `"nick":""`)
		e.text(r.String())
	}
	if p.Name != "" {
		e.find(`"nick":`+quote(p.Name), `"nick":""`)
	}
}

func (e *Erasure) text(s string) {
	if s != "" && !slices.Contains(e.texts, s) {
		e.texts = append(e.texts, s)
		e.find(quote(s), `""`)
	}
}

// find looks for a piece of JSON, and for the same inside a string of JSON.
func (e *Erasure) find(needle, rest string) {
	inside := func(s string) []byte { q := quote(s); return []byte(q[1 : len(q)-1]) }
	e.traces = append(e.traces, trace{[]byte(needle), []byte(rest)}, trace{inside(needle), inside(rest)})
}

func quote(s string) string {
	raw, _ := json.Marshal(s) // strings always encode
	return string(raw)
}

// in tells whether a value names the person.
func (e *Erasure) in(raw []byte) bool {
	return slices.ContainsFunc(e.traces, func(t trace) bool { return bytes.Contains(raw, t.needle) })
}

// names tells whether a key names the person: by opaque id, or by an identity or room.
func (e *Erasure) names(key string) bool {
	parts := strings.FieldsFunc(key, func(r rune) bool { return strings.ContainsRune("/| ", r) })
	if slices.ContainsFunc(parts, func(s string) bool { return slices.Contains(e.IDs, s) }) {
		return true
	}
	return slices.ContainsFunc(e.texts, func(s string) bool {
		i := strings.Index(key, s)
		if i < 0 || !strings.ContainsAny(s, "/:@!") {
			return false // a nick may be a word of anybody's
		}
		rest := key[i+len(s):]
		return (i == 0 || strings.ContainsRune("/|! ", rune(key[i-1]))) && (rest == "" || strings.ContainsRune("/|! ~", rune(rest[0])))
	})
}

// kept are the buckets that a sweep leaves alone: they name people by opaque id only, or
// are rewritten apart.
func kept() []string {
	return []string{"meta", "ticket", "ticket-event", "ticket-of", "ticket-active", "ticket-ref", "ticket-index", "ticket-op", "ticket-clock", "ticket-fact", "duty", "thread", "due", "due-at",
		"pinned", "runstats", "tally", "seen", "cursor", "person", "identity", "contact", "pass", "out-key"}
}

// passing are the buckets of what is under way: a row that names the person in any way goes.
func passing() []string { return []string{"dialog", "note", "given", "more", "probe", "said"} }

// sweep goes through everything else: rows under the person's name go, rows that hold
// a trace of them are emptied of it.
func (tx *Tx) sweep(e Erasure) {
	for _, bucket := range tx.buckets() {
		if slices.Contains(kept(), bucket) {
			continue
		}
		tx.scan(bucket, "", "", func(key string, raw []byte) bool {
			switch {
			case bucket == "out":
				tx.sweepOut(e, raw)
			case e.names(key), bucket == "more", // the rest of some long answer, about anybody
				slices.Contains(passing(), bucket) && (e.in(raw) || e.byID(raw)):
				tx.del(bucket, key)
			case bucket == "delivery" && e.in(raw):
				tx.sweepDelivery(key, raw)
			case e.in(raw):
				tx.writes.set(bucket, key, e.without(raw))
			}
			return tx.err == nil
		})
	}
	tx.scan("due", "", "", func(_ string, raw []byte) bool {
		var d Due
		if json.Unmarshal(raw, &d) == nil && e.names(d.Key) {
			tx.ClearDue(d.Kind, d.Key)
		}
		return true
	})
}

// byID tells whether a value is about the person by opaque id.
func (e *Erasure) byID(raw []byte) bool {
	return slices.ContainsFunc(e.IDs, func(id string) bool {
		return bytes.Contains(raw, []byte(`"`+id+`"`)) || bytes.Contains(raw, []byte(id+"|")) || bytes.Contains(raw, []byte(`"`+id+`\"`))
	})
}

// sweepOut drops what is on its way to the person, or tells others of their tickets.
func (tx *Tx) sweepOut(e Erasure, raw []byte) {
	var o Outgoing
	if err := json.Unmarshal(raw, &o); err != nil {
		tx.fail(err)
		return
	}
	theirs := e.in(raw) || e.names(o.Reply.Key) || slices.ContainsFunc(e.Tickets, func(n int) bool { return ofTicket(o.Reply.Key, n) })
	if theirs {
		o.LastError = ""
		tx.Finish(o, Stale, "")
		if d, ok := tx.Delivery(o.Reply.Key); ok {
			d.Room = withoutPerson(d.Room)
			tx.put("delivery", d.Key, d)
		}
	}
}

// ofTicket tells whether a reply's key is of a ticket.
func ofTicket(key string, n int) bool {
	of, ok := ticketOfKey(key)
	return ok && of == n
}

// ticketOfKey is the ticket whose reply a key names: "ticket/12/…".
func ticketOfKey(key string) (int, bool) {
	rest, ok := strings.CutPrefix(key, "ticket/")
	number, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(number)
	return n, ok && err == nil
}

// sweepDelivery keeps what became of a delivery, and not whose it was.
func (tx *Tx) sweepDelivery(key string, raw []byte) {
	var d Delivery
	if err := json.Unmarshal(raw, &d); err != nil {
		tx.fail(err)
		return
	}
	d.Room, d.Error = withoutPerson(d.Room), ""
	tx.put("delivery", key, d)
}

// withoutPerson is a private room without whose it is.
func withoutPerson(r chat.Room) chat.Room {
	if r.Private {
		return chat.Room{Network: r.Network, Private: true}
	}
	return r
}

// without empties what names the person in a value.
func (e *Erasure) without(raw []byte) []byte {
	for _, t := range e.traces {
		raw = bytes.ReplaceAll(raw, t.needle, t.rest)
	}
	return raw
}

// buckets lists those that hold anything.
func (tx *Tx) buckets() []string {
	all := map[string]bool{}
	list, err := tx.group.snap.Buckets()
	tx.fail(err)
	for _, b := range list {
		all[b] = true
	}
	for _, o := range []overlay{tx.group.writes, tx.writes} {
		for b := range o {
			all[b] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
