package store

import (
	"errors"
	"strings"
	"time"
)

// Taught is an answer that staff taught in chat: a word, and what to say about it.
// There is one per word, language and room; every change makes a new version, and
// no version is lost.
type Taught struct {
	// Word is what it is called by, folded: small letters, no accents.
	Word string `json:"word"`
	// Lang is "fr" or "en".
	Lang string `json:"lang"`
	// Room is the only logical room where it may be said; empty for any.
	Room    string   `json:"room,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
	Text    string   `json:"text"`
	// Draft is made from a ticket: only staff see it until it is reviewed.
	Draft bool `json:"draft,omitempty"`
	// Locked is who locked it, a person's id; empty when anybody of the staff may change it.
	Locked string `json:"locked,omitempty"`
	// By wrote this version's words, at At.
	By string    `json:"by"`
	At time.Time `json:"at"`
	// Reviewer read them; Reviewed is zero until somebody else than By did.
	Reviewer string    `json:"reviewer,omitempty"`
	Reviewed time.Time `json:"reviewed,omitzero"`
	// Expires is when it falls silent unless somebody says that it still holds.
	Expires time.Time `json:"expires"`
	// Gone: unlearnt.
	Gone bool `json:"gone,omitempty"`
	// Seq counts versions; Of is the version whose content this one has, another
	// than Seq after an undo.
	Seq int `json:"seq"`
	Of  int `json:"of"`
}

// TaughtVersion is one change of a Taught: who, when, what, and what it then was.
type TaughtVersion struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Act   TaughtAct `json:"act"`
	Entry Taught    `json:"entry"`
}

// TaughtAct is what somebody did to a taught answer.
type TaughtAct string

// The acts on taught answers.
const (
	TaughtTeach  TaughtAct = "teach"
	TaughtEdit   TaughtAct = "edit"
	TaughtAlias  TaughtAct = "alias"
	TaughtReview TaughtAct = "review"
	TaughtLock   TaughtAct = "lock"
	TaughtUnlock TaughtAct = "unlock"
	TaughtKeep   TaughtAct = "keep"
	TaughtForget TaughtAct = "forget"
	TaughtUndo   TaughtAct = "undo"
)

// ErrOwnWords says that nobody reviews what they wrote themselves.
var ErrOwnWords = errors.New("the reviewer wrote these words")

// TaughtKey names the answer for a word, in a language and a room ("" for any).
func TaughtKey(lang, room, word string) string { return lang + "|" + room + "|" + word }

// Key names this answer.
func (e Taught) Key() string { return TaughtKey(e.Lang, e.Room, e.Word) }

// Live tells whether it may be said to members who ask for it by its word.
func (e Taught) Live(now time.Time) bool {
	return !e.Gone && !e.Draft && e.Expires.After(now)
}

// Unprompted tells whether it may answer a plain question too.
func (e Taught) Unprompted(now time.Time) bool { return e.Live(now) && !e.Reviewed.IsZero() }

// Rewritten is the answer with other words by somebody: to be reviewed anew.
func (e Taught) Rewritten(by string, now time.Time) Taught {
	e.By, e.At, e.Reviewer, e.Reviewed, e.Gone = by, now, "", time.Time{}, false
	return e
}

// ReviewedBy is the answer once a second person has read it. A draft becomes an
// answer like others. ErrOwnWords: they wrote it.
func (e Taught) ReviewedBy(by string, now time.Time) (Taught, error) {
	if by == e.By {
		return e, ErrOwnWords
	}
	e.Reviewer, e.Reviewed, e.Draft = by, now, false
	return e, nil
}

// Taught finds an answer by its key; one that was unlearnt is not found.
func (tx *Tx) Taught(key string) (Taught, bool) {
	e, ok := find[Taught](tx, "taught", key)
	return e, ok && !e.Gone
}

// TaughtAll lists the answers that were not unlearnt, by key.
func (tx *Tx) TaughtAll() []Taught {
	var out []Taught
	each(tx, "taught", "", "", func(_ string, e Taught) bool {
		if !e.Gone {
			out = append(out, e)
		}
		return true
	})
	return out
}

// ChangeTaught writes a new version down and returns it with its number. The
// caller judges whether by may.
func (tx *Tx) ChangeTaught(by string, act TaughtAct, e Taught) Taught {
	last, _ := find[Taught](tx, "taught", e.Key())
	e.Seq = last.Seq + 1
	e.Of = e.Seq
	tx.putTaught(by, act, e)
	return e
}

func (tx *Tx) putTaught(by string, act TaughtAct, e Taught) {
	tx.put("taught", e.Key(), e)
	tx.put("taught-past", e.Key()+"|"+num(e.Seq), TaughtVersion{At: tx.Now, By: by, Act: act, Entry: e})
}

// UndoTaught takes back the last change of an answer, unlearning included; done
// again, the one before it. Before the first there was nothing: the answer is then
// gone. ErrNotFound: there is nothing to take back.
func (tx *Tx) UndoTaught(by, key string) (Taught, error) {
	now, ok := find[Taught](tx, "taught", key)
	if !ok || now.Gone && now.Of == 0 {
		return now, ErrNotFound
	}
	back := now
	back.Gone, back.Of = true, 0
	if v, found := find[TaughtVersion](tx, "taught-past", key+"|"+num(now.Of-1)); found {
		back = v.Entry
	}
	back.Seq = now.Seq + 1
	tx.putTaught(by, TaughtUndo, back)
	return back, nil
}

// TaughtHistory lists the versions of an answer, the oldest first, those of an
// answer that was unlearnt too.
func (tx *Tx) TaughtHistory(key string) []TaughtVersion {
	var out []TaughtVersion
	each(tx, "taught-past", key+"|", "", func(k string, v TaughtVersion) bool {
		if !strings.Contains(strings.TrimPrefix(k, key+"|"), "|") {
			out = append(out, v)
		}
		return true
	})
	return out
}
