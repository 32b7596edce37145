package store

import (
	"encoding/json"
	"time"

	"vigie/bot/chat"
)

// Dialog is a conversation in progress with one person in one room, as it is
// saved. What Session holds is known to package commands only.
type Dialog struct {
	Person string    `json:"person"`
	Room   chat.Room `json:"room"`
	// With is who was spoken to, so that a later line can name them.
	With chat.Identity `json:"with"`
	// Kind says what is going on: a runbook's id, or a form's name.
	Kind    string          `json:"kind"`
	Session json.RawMessage `json:"session"`
	// Hash pins the runbook's version; Pinned finds its source.
	Hash string `json:"hash,omitempty"`
	// Ticket is the ticket this dialogue is about, 0 for none.
	Ticket int `json:"ticket,omitempty"`
	// Thread is where it goes on, on networks that have threads.
	Thread  string    `json:"thread,omitempty"`
	Updated time.Time `json:"updated"`
}

// DialogKey names the dialogue of a person in a room, for deadlines and probes.
// In private there is one per network, whatever nick the person has today.
func DialogKey(person string, room chat.Room) string {
	if room.Private {
		return person + "|" + room.Network
	}
	return person + "|" + room.String()
}

// Key names this dialogue.
func (d Dialog) Key() string { return DialogKey(d.Person, d.Room) }

// Dialog finds a dialogue by its key.
func (tx *Tx) Dialog(key string) (Dialog, bool) { return find[Dialog](tx, "dialog", key) }

// PutDialog saves a dialogue; there is one per person and room.
func (tx *Tx) PutDialog(d Dialog) {
	d.Updated = tx.Now
	tx.put("dialog", d.Key(), d)
}

// DropDialog ends a dialogue.
func (tx *Tx) DropDialog(key string) { tx.del("dialog", key) }

// Dialogs lists all dialogues in progress.
func (tx *Tx) Dialogs() []Dialog {
	var out []Dialog
	each(tx, "dialog", "", "", func(_ string, d Dialog) bool { out = append(out, d); return true })
	return out
}

// Pin keeps the source of a runbook's version, for ever: dialogues go on with it,
// and tickets are read with it.
func (tx *Tx) Pin(hash string, source []byte) {
	if tx.raw("pinned", hash) == nil {
		tx.put("pinned", hash, source)
	}
}

// Pinned is the source of a pinned version, nil when there is none.
func (tx *Tx) Pinned(hash string) []byte {
	src, _ := find[[]byte](tx, "pinned", hash)
	return src
}
