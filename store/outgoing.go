package store

import (
	"slices"
	"time"

	"vigie/bot/chat"
)

// Outgoing is a reply on its way: it stays in the outbox until the network has
// proved that it has it, or until it is given up.
type Outgoing struct {
	// Seq orders the outbox: rows of one room are sent in this order.
	Seq   int        `json:"seq"`
	Reply chat.Reply `json:"reply"`
	// Once: rather lost than said twice, where the network cannot tell which.
	Once bool `json:"once,omitempty"`
	// Claimed says that a Once row may have left; written before it is sent.
	Claimed bool `json:"claimed,omitempty"`
	// Track keeps a Delivery after the end, for proofs and delivery reports.
	Track bool `json:"track,omitempty"`
	// Away: waiting for a sign of life of Reply.Room.Account.
	Away bool `json:"away,omitempty"`
	// Anywhere: it is for the person, by whichever of their linked identities they
	// show life first. Other rows are for the one identity: what a role gives right
	// to does not follow a link.
	Anywhere bool `json:"anywhere,omitempty"`

	NotBefore time.Time `json:"not_before,omitzero"`
	Tries     int       `json:"tries,omitempty"`
	LastError string    `json:"last_error,omitempty"`
	Queued    time.Time `json:"queued"`
}

// DeliveryState is what is known of a tracked reply.
type DeliveryState string

// The states of a Delivery.
const (
	Queued    DeliveryState = "queued"
	Proven    DeliveryState = "proven"
	Failed    DeliveryState = "failed"
	Stale     DeliveryState = "stale"
	Uncertain DeliveryState = "unknown"
)

// Delivery is what became of a tracked reply; it outlives the outbox row.
type Delivery struct {
	Key   string        `json:"key"`
	Room  chat.Room     `json:"room"`
	State DeliveryState `json:"state"`
	Proof string        `json:"proof,omitempty"`
	Error string        `json:"error,omitempty"`
	At    time.Time     `json:"at"`
}

// Enqueue puts a reply in the outbox. A key that is there, or that has a
// Delivery, is not said again: Enqueue then returns false.
func (tx *Tx) Enqueue(o Outgoing) (Outgoing, bool) {
	key := o.Reply.Key
	if tx.raw("out-key", key) != nil || tx.raw("delivery", key) != nil {
		return o, false
	}
	o.Seq = tx.Next("out")
	o.Queued = tx.Now
	tx.put("out", num(o.Seq), o)
	tx.put("out-key", key, o.Seq)
	if o.Track {
		tx.put("delivery", key, Delivery{Key: key, Room: o.Reply.Room, State: Queued, At: tx.Now})
	}
	return o, true
}

// Outgoing finds a row of the outbox by its reply's key.
func (tx *Tx) Outgoing(key string) (Outgoing, bool) {
	seq, ok := find[int](tx, "out-key", key)
	if !ok {
		return Outgoing{}, false
	}
	return find[Outgoing](tx, "out", num(seq))
}

// Outbox lists what is on its way, in order.
func (tx *Tx) Outbox() []Outgoing {
	var rows []Outgoing
	each(tx, "out", "", "", func(_ string, o Outgoing) bool { rows = append(rows, o); return true })
	return rows
}

// PutOutgoing writes a row back after a change.
func (tx *Tx) PutOutgoing(o Outgoing) { tx.put("out", num(o.Seq), o) }

// Finish takes a row out of the outbox and keeps its end when it is tracked.
func (tx *Tx) Finish(o Outgoing, state DeliveryState, proof string) {
	tx.del("out", num(o.Seq))
	tx.del("out-key", o.Reply.Key)
	if o.Track {
		tx.put("delivery", o.Reply.Key, Delivery{Key: o.Reply.Key, Room: o.Reply.Room, State: state,
			Proof: proof, Error: o.LastError, At: tx.Now})
	}
}

// Delivery is what is known of a tracked reply.
func (tx *Tx) Delivery(key string) (Delivery, bool) { return find[Delivery](tx, "delivery", key) }

// Deliveries lists tracked replies whose key starts with prefix, by key.
func (tx *Tx) Deliveries(prefix string) []Delivery {
	var out []Delivery
	each(tx, "delivery", prefix, "", func(_ string, d Delivery) bool { out = append(out, d); return true })
	return out
}

// WakeAway lets the rows that wait for this account go now, and returns them in
// order. What is for the person anywhere comes to this account from the others too.
func (tx *Tx) WakeAway(network, account string) []Outgoing {
	if account == "" {
		return nil
	}
	here := chat.Identity{Network: network, Account: account}
	var p Person
	var looked bool
	var rows []Outgoing
	for _, o := range tx.Outbox() {
		r := o.Reply.Room
		if !o.Away {
			continue
		}
		if r.Network != network || r.Account != account {
			if !looked {
				p, _ = tx.FindPerson(here)
				looked = true
			}
			i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Network == network && r.Account == account })
			if !o.Anywhere || i < 0 || !slices.Contains(p.Identities, r.Network+"/"+r.Account) {
				continue
			}
			o.Reply.Room, o.Reply.Thread, o.Reply.ThreadOf = p.Rooms[i], "", ""
		}
		o.Away, o.NotBefore = false, time.Time{}
		tx.PutOutgoing(o)
		rows = append(rows, o)
	}
	return rows
}
