// Package export writes tickets out of the store in forms that other programs and
// people read, and reads back the one that loses nothing: JSON Lines, whose import
// is a replay. A Reader of none of these needs Vigie.
package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"vigie/store"
)

// version grows when an older Vigie could not read what is written.
const version = 1

// line is one line of the JSON Lines form: the head, a person, an event, or the end.
type line struct {
	Vigie  int                `json:"vigie,omitempty"`
	Person *store.Person      `json:"person,omitempty"`
	Ticket int                `json:"ticket,omitempty"`
	Event  *store.TicketEvent `json:"event,omitempty"`
	// End holds how many tickets there are, and the hash of their state.
	End *end `json:"end,omitempty"`
}

type end struct {
	Tickets int    `json:"tickets"`
	Events  int    `json:"events"`
	Hash    string `json:"hash"`
}

// Hash is the SHA-256 of the state of all tickets, in order: two stores with the same
// hash hold the same tickets, whatever else they hold.
func Hash(tx *store.Tx) (string, error) {
	h := sha256.New()
	e := json.NewEncoder(h)
	for _, t := range tx.Tickets(0) {
		if err := e.Encode(t); err != nil {
			return "", fmt.Errorf("hash ticket %d: %w", t.N, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// JSONL writes the people and every event of every ticket, one a line, and ends with the
// hash of the state, which it returns.
func JSONL(w io.Writer, tx *store.Tx) (string, error) {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	if err := out.Encode(line{Vigie: version}); err != nil {
		return "", fmt.Errorf("write the head: %w", err)
	}
	for _, p := range tx.People() {
		if err := out.Encode(line{Person: &p}); err != nil {
			return "", fmt.Errorf("write a person: %w", err)
		}
	}
	last := end{}
	for _, t := range tx.Tickets(0) {
		last.Tickets++
		for _, e := range tx.TicketEvents(t.N) {
			last.Events++
			if err := out.Encode(line{Ticket: t.N, Event: &e}); err != nil {
				return "", fmt.Errorf("write ticket %d: %w", t.N, err)
			}
		}
	}
	var err error
	if last.Hash, err = Hash(tx); err != nil {
		return "", err
	}
	if err := out.Encode(line{End: &last}); err != nil {
		return "", fmt.Errorf("write the end: %w", err)
	}
	return last.Hash, nil
}

// ErrNotEmpty: the store holds tickets already; an import would mix two histories.
var ErrNotEmpty = errors.New("the store holds tickets already: import into an empty one")

// maxLine bounds one line, in bytes: a message is bounded, a diagnosis is not by much.
const maxLine = 16 << 20

// Import replays what JSONL wrote into a store without tickets, in one commit, and returns
// the hash of the state that it came to. Nothing is written unless the file is whole and the hash
// is the one at its end.
func Import(ctx context.Context, s *store.Store, r io.Reader, now time.Time) (string, error) {
	hash := ""
	err := s.Update(ctx, now, func(tx *store.Tx) error {
		if tx.LastTicket() > 0 {
			return ErrNotEmpty
		}
		last, err := replay(tx, r)
		if err != nil {
			return err
		}
		if hash, err = Hash(tx); err != nil {
			return err
		}
		if hash != last.Hash {
			return fmt.Errorf("the tickets come to %s, and the file says %s: it was changed, or this version reads it otherwise", hash, last.Hash)
		}
		return nil
	})
	return hash, err
}

// replay reads all lines.
func replay(tx *store.Tx, r io.Reader) (end, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), maxLine)
	b := batch{tx: tx}
	for n := 1; in.Scan(); n++ {
		var l line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			return end{}, fmt.Errorf("line %d: %w", n, err)
		}
		if err := b.take(n, l); err != nil {
			return end{}, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := in.Err(); err != nil {
		return end{}, fmt.Errorf("read: %w", err)
	}
	switch {
	case b.last == nil:
		return end{}, errors.New("the end is missing: the file was cut short")
	case b.tickets != b.last.Tickets || b.events != b.last.Events:
		return end{}, fmt.Errorf("%d tickets with %d events, and the file says %d with %d", b.tickets, b.events, b.last.Tickets, b.last.Events)
	}
	return *b.last, nil
}

// batch gathers the events of one ticket, and puts them in the store when the next begins.
type batch struct {
	tx              *store.Tx
	n               int
	pending         []store.TicketEvent
	tickets, events int
	last            *end
}

func (b *batch) take(n int, l line) error {
	switch {
	case n == 1 && l.Vigie == 0:
		return errors.New("this is no export of tickets: it does not begin with {\"vigie\":1}")
	case n == 1 && l.Vigie > version:
		return fmt.Errorf("written by a newer version (form %d, this one knows %d)", l.Vigie, version)
	case b.last != nil:
		return errors.New("there is something after the end")
	case l.Person != nil:
		return b.tx.RestorePerson(*l.Person)
	case l.Event != nil:
		if l.Ticket != b.n {
			if err := b.flush(); err != nil {
				return err
			}
			b.n = l.Ticket
		}
		b.pending = append(b.pending, *l.Event)
		b.events++
	case l.End != nil:
		b.last = l.End
		return b.flush()
	}
	return nil
}

func (b *batch) flush() error {
	if len(b.pending) == 0 {
		return nil
	}
	b.tickets++
	err := b.tx.RestoreTicket(b.n, b.pending)
	b.pending = nil
	return err
}
