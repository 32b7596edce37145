package store

import (
	"encoding/json"
	"strings"
	"time"
)

// Due is a deadline: at its instant the loop makes it an event. There is one per
// (Kind, Key): setting it again moves it.
type Due struct {
	At time.Time `json:"-"`
	// Kind says who wants to know ("dialog", "nag", "schedule" …) and Key of what.
	Kind string `json:"kind"`
	Key  string `json:"key"`
	// Tries counts the turns that failed on it.
	Tries int `json:"tries,omitempty"`
}

// SetDue makes (kind, key) due at the instant, moving it when it was due already.
// kind holds no "/".
func (tx *Tx) SetDue(kind, key string, at time.Time) { tx.setDue(Due{At: at, Kind: kind, Key: key}) }

// DueBy lists the deadlines of a kind that have come by an instant, the earliest first.
func (tx *Tx) DueBy(kind string, at time.Time) []Due {
	var out []Due
	each(tx, "due", "", "", func(k string, d Due) bool {
		when, _, _ := strings.Cut(k, "/")
		if when > instant(at) {
			return false
		}
		if d.Kind == kind {
			d.At, _ = time.Parse(instantForm, when)
			out = append(out, d)
		}
		return true
	})
	return out
}

func (tx *Tx) setDue(d Due) {
	tx.ClearDue(d.Kind, d.Key)
	name := d.Kind + "/" + d.Key
	tx.put("due", instant(d.At)+"/"+name, d)
	tx.put("due-at", name, instant(d.At))
}

// ClearDue forgets the deadline, if there is one.
func (tx *Tx) ClearDue(kind, key string) {
	name := kind + "/" + key
	if at, ok := find[string](tx, "due-at", name); ok {
		tx.del("due", at+"/"+name)
		tx.del("due-at", name)
	}
}

// DueAt tells when (kind, key) is due.
func (tx *Tx) DueAt(kind, key string) (time.Time, bool) {
	at, ok := find[string](tx, "due-at", kind+"/"+key)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(instantForm, at)
	tx.fail(err)
	return t, err == nil
}

// FirstDue is the earliest deadline of all.
func (tx *Tx) FirstDue() (Due, bool) {
	var first Due
	var ok bool
	tx.scan("due", "", "", func(k string, raw []byte) bool {
		at, _, _ := strings.Cut(k, "/")
		t, err := time.Parse(instantForm, at)
		tx.fail(err)
		tx.fail(json.Unmarshal(raw, &first))
		first.At = t
		ok = tx.err == nil
		return false
	})
	return first, ok
}

// TakeDue removes the deadline that a turn is about to handle.
func (tx *Tx) TakeDue(d Due) { tx.ClearDue(d.Kind, d.Key) }

// Postpone sets a deadline whose turn failed again, later each time: one minute,
// two, four … an hour.
func (tx *Tx) Postpone(d Due) {
	wait := time.Hour
	if d.Tries < 6 {
		wait = time.Minute << d.Tries
	}
	d.Tries++
	d.At = tx.Now.Add(wait)
	tx.setDue(d)
}
