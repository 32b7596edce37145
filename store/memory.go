package store

import (
	"strings"
	"time"
)

// Cursor is a transport's committed position, nil at the first start.
func (tx *Tx) Cursor(network string) []byte {
	c, _ := find[[]byte](tx, "cursor", network)
	return c
}

// SetCursor commits a transport's position.
func (tx *Tx) SetCursor(network string, c []byte) { tx.put("cursor", network, c) }

// Seen tells whether a message with this id has changed anything before.
func (tx *Tx) Seen(network, id string) bool { return tx.raw("seen", network+"/"+id) != nil }

// MarkSeen remembers a handled message.
func (tx *Tx) MarkSeen(network, id string) { tx.put("seen", network+"/"+id, instant(tx.Now)) }

// PruneSeen forgets ids older than keep; no network repeats them after that.
func (tx *Tx) PruneSeen(keep time.Duration) {
	limit := instant(tx.Now.Add(-keep))
	each(tx, "seen", "", "", func(k, at string) bool {
		if at < limit {
			tx.del("seen", k)
		}
		return true
	})
}

// Audit is one privileged act, without its content.
type Audit struct {
	Seq    int       `json:"seq"`
	At     time.Time `json:"at"`
	By     string    `json:"by"` // person id
	Act    string    `json:"act"`
	Object string    `json:"object,omitempty"`
	Room   string    `json:"room,omitempty"`
}

// Audit writes an act down.
func (tx *Tx) Audit(by, act, object, room string) {
	a := Audit{Seq: tx.Next("audit"), At: tx.Now, By: by, Act: act, Object: object, Room: room}
	tx.put("audit", num(a.Seq), a)
}

// Audits lists the last n acts, the newest first.
func (tx *Tx) Audits(n int) []Audit {
	last, _ := find[int](tx, "meta", "next/audit")
	var out []Audit
	for seq := last; seq > 0 && len(out) < n; seq-- {
		if a, ok := find[Audit](tx, "audit", num(seq)); ok {
			out = append(out, a)
		}
	}
	return out
}

// More is the rest of a long answer, kept for "!suite" under the person's id.
func (tx *Tx) More(person string) []string {
	lines, _ := find[[]string](tx, "more", person)
	return lines
}

// SetMore keeps the rest of a long answer; none forgets it.
func (tx *Tx) SetMore(person string, lines []string) {
	if len(lines) == 0 {
		if tx.raw("more", person) != nil {
			tx.del("more", person)
		}
		return
	}
	tx.put("more", person, lines)
}

// Note is a small value under a name of its owner's choosing ("topic/#support",
// "cooldown/…"): for state that has no record of its own. Empty when absent.
func (tx *Tx) Note(name string) string {
	v, _ := find[string](tx, "note", name)
	return v
}

// SetNote keeps a small value; empty forgets it.
func (tx *Tx) SetNote(name, value string) {
	if value == "" {
		tx.del("note", name)
		return
	}
	tx.put("note", name, value)
}

// Notes lists the small values whose name starts with prefix, without it.
func (tx *Tx) Notes(prefix string) map[string]string {
	out := map[string]string{}
	each(tx, "note", prefix, "", func(k, v string) bool { out[strings.TrimPrefix(k, prefix)] = v; return true })
	return out
}
