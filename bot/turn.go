package bot

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strconv"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// Turn is one event and what the bot does about it, in one transaction.
//
// A handler that returns an error takes everything back: what it wrote and what
// it said. Nothing is sent from inside a handler: replies and probes leave after
// the commit, and are lost with it if it fails.
type Turn struct {
	Event Event
	// Now is the event's instant, in UTC. A turn knows no other.
	Now time.Time
	// Tx reads and writes the store.
	Tx *store.Tx
	// Log is for sysadmins; no text that somebody wrote goes in it.
	Log *slog.Logger

	base    string // prefix of the keys of this turn's replies
	said    int
	replies []store.Outgoing
	probes  []store.Probe
}

// Delivery says how a reply is to be kept.
type Delivery struct {
	// Once: rather lost than said twice (meetings, donations, digests).
	Once bool
	// Track keeps what became of it, for thread roots and delivery reports. A
	// tracked key is said once, for ever.
	Track bool
	// Stored keeps the reply in the outbox even if the turn changes nothing else.
	Stored bool
	// Anywhere lets it reach, in private, any of the person's linked identities: see
	// store.Outgoing. Never for what only a role gives right to.
	Anywhere bool
}

// Say adds a reply. Without a Key it gets one from the event, the same if the
// event is handled again after a crash. A reply of a turn that writes nothing
// skips the outbox, and may be lost in a crash.
func (t *Turn) Say(r chat.Reply) { t.Deliver(r, Delivery{}) }

// Deliver is Say with a choice of how the reply is kept.
func (t *Turn) Deliver(r chat.Reply, d Delivery) {
	if r.Key == "" {
		t.said++
		r.Key = t.base + "/" + strconv.Itoa(t.said)
	}
	if h, ok := t.Event.(Heard); ok && h.History && r.Room == h.Room {
		r.Maybe = true // it may have been answered just before the crash
	}
	row := store.Outgoing{Reply: r, Once: d.Once, Track: d.Track, Anywhere: d.Anywhere}
	if d.Once || d.Track || d.Stored || d.Anywhere {
		t.enqueue(row)
		return
	}
	t.replies = append(t.replies, row)
}

// enqueue stores a reply, behind those that were said before it: the turn writes
// now, and so all of it is kept.
func (t *Turn) enqueue(row store.Outgoing) {
	t.store()
	if row, fresh := t.Tx.Enqueue(row); fresh {
		t.replies = append(t.replies, row)
	}
}

// store moves the replies said so far to the outbox. One whose key is there
// already was said before.
func (t *Turn) store() {
	kept := t.replies[:0]
	for _, row := range t.replies {
		fresh := true
		if row.Seq == 0 && row.Reply.Kind != chat.Typing {
			row, fresh = t.Tx.Enqueue(row)
		}
		if fresh {
			kept = append(kept, row)
		}
	}
	t.replies = kept
}

// Probe asks the outside for something; the answer comes back as Found with the
// same ID and For. Args are encoded as JSON.
func (t *Turn) Probe(id, kind, owner string, args any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("ask for probe %s: %w", kind, err)
	}
	p := store.Probe{ID: id, Kind: kind, For: owner, Args: raw, Asked: t.Now}
	t.Tx.PutProbe(p)
	t.probes = append(t.probes, p)
	return nil
}

// Message is the message that this turn answers, if its event is one.
func (t *Turn) Message() (chat.Message, bool) {
	h, ok := t.Event.(Heard)
	return h.Message, ok
}

// finish moves unkept replies to the outbox if the turn changed anything.
func (t *Turn) finish() {
	for _, row := range t.replies {
		if row.Seq == 0 && unresolved(t.Tx, row.Reply) {
			t.Tx.Next("waited") // makes the turn one that writes
			break
		}
	}
	if t.Tx.Dirty() {
		t.store()
	}
}

// eventBase derives the keys of an event's replies: the same event gives the
// same keys in any process. nonce stands in for events that have no name of
// their own.
func eventBase(e Event, nonce string) string {
	switch e := e.(type) {
	case Heard:
		if e.ID != "" {
			return "m/" + digest(e.Room.Network, e.Room.ID, e.ID)
		}
	case Due:
		return "d/" + digest(e.Kind, e.Key, e.At.String())
	case Found:
		return "f/" + digest(e.Probe.ID, e.Probe.Asked.String())
	case Settled:
		return "s/" + digest(e.Row.Reply.Key, strconv.Itoa(e.Row.Tries))
	}
	return "x/" + nonce
}

func digest(parts ...string) string {
	h := fnv.New128a()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
