package bot

import (
	"errors"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// launch picks the rows that can leave now, in order, and marks the stored ones
// as claimed: from this commit on they may have left. The others wait in the
// store for a link, a proof they depend on, or an instant.
//
// A row that is claimed and not in flight was in an earlier process's hands:
// it may have arrived.
func (m *Machine) launch(b *batch, tx *store.Tx, rows []store.Outgoing) []store.Outgoing {
	var out []store.Outgoing
	for len(rows) > 0 {
		row := rows[0]
		rows = rows[1:]
		if row.Seq == 0 { // passing: now or never
			if r, ok := m.resolve(tx, row.Reply); ok && m.up[r.Room.Network] {
				row.Reply = r
				out = append(out, row)
			}
			continue
		}
		if row.Away || m.flying[row.Reply.Key] || !m.up[row.Reply.Room.Network] {
			continue
		}
		if row.NotBefore.After(tx.Now) {
			tx.SetDue(dueOut, row.Reply.Key, row.NotBefore)
			m.holdBack(row, tx.Now)
			continue
		}
		if w, ok := m.waiting[row.Reply.Room]; ok && !w.until.After(tx.Now) {
			delete(m.waiting, row.Reply.Room)
		} else if ok && row.Seq > w.seq {
			continue // its turn comes with the row before it
		}
		if e := row.Reply.Expires; !e.IsZero() && !e.After(tx.Now) {
			tx.Finish(row, store.Stale, "")
			b.ended = append(b.ended, Settled{Row: row, State: store.Stale})
			rows = append(dependents(tx, row.Reply.Key), rows...)
			continue
		}
		resolved, ok := m.resolve(tx, row.Reply)
		if !ok {
			continue
		}
		if row.Claimed {
			row.Reply.Maybe, resolved.Maybe = !row.Reply.Repeat, !row.Reply.Repeat
		}
		if row.Reply.Since.IsZero() {
			row.Reply.Since = tx.Now
		}
		row.Claimed, resolved.Since = true, row.Reply.Since
		tx.PutOutgoing(row)
		m.flying[row.Reply.Key] = true
		b.flown = append(b.flown, row.Reply.Key)
		row.Reply = resolved
		out = append(out, row)
	}
	return out
}

// waiting is the first row of a room that waits to be tried again: those behind
// it wait too, so that a room reads things in the order in which they were decided.
type waiting struct {
	seq   int
	until time.Time
}

// patience is how often a row is tried before it no longer holds up its room.
const patience = 8

func (m *Machine) holdBack(row store.Outgoing, now time.Time) {
	if w, ok := m.waiting[row.Reply.Room]; row.Tries <= patience && (!ok || row.Seq < w.seq || !w.until.After(now)) {
		m.waiting[row.Reply.Room] = waiting{row.Seq, row.NotBefore}
	}
}

// resolve puts proofs in the place of keys, and tells whether they are known.
func (m *Machine) resolve(tx *store.Tx, r chat.Reply) (chat.Reply, bool) {
	for _, ref := range []struct {
		of string
		id *string
	}{{r.ThreadOf, &r.Thread}, {r.TargetOf, &r.Target}} {
		if ref.of == "" {
			continue
		}
		d, ok := tx.Delivery(ref.of)
		if ok && d.State == store.Queued {
			return r, false
		}
		if ok && d.State == store.Proven && d.Room == r.Room {
			*ref.id = d.Proof
		}
	}
	if r.Kind == chat.Amend && r.Target == "" {
		r.Kind = chat.Say
	}
	return r, true
}

// unresolved tells whether a reply has to wait for another's proof.
func unresolved(tx *store.Tx, r chat.Reply) bool {
	for _, of := range []string{r.ThreadOf, r.TargetOf} {
		if d, ok := tx.Delivery(of); of != "" && ok && d.State == store.Queued {
			return true
		}
	}
	return false
}

// settle takes a network's word on a reply. What is final goes to the handler.
func (m *Machine) settle(b *batch, s chat.Sent) []Event {
	if s.Cursor != nil {
		m.cursors[s.Network] = s.Cursor
	}
	tx := b.Tx(b.now)
	row, ok := tx.Outgoing(s.Key)
	if !ok {
		return nil // a passing reply: nobody waits for its end
	}
	delete(m.flying, s.Key)
	ended := m.conclude(tx, &row, s)
	if ended == nil {
		b.effects.Send = append(b.effects.Send, m.launch(b, tx, []store.Outgoing{row})...)
		m.keep(b, tx)
		return nil
	}
	if ended.State != store.Proven {
		m.log.Error("a reply did not arrive", "key", s.Key, "room", row.Reply.Room.String(), "state", string(ended.State), "err", s.Err)
	}
	tx.Finish(row, ended.State, s.Proof)
	b.effects.Send = append(b.effects.Send, m.launch(b, tx, dependents(tx, s.Key))...)
	m.keep(b, tx)
	ended.Row = row
	return []Event{*ended}
}

// conclude applies the promise: with proof it is done; without, what may be said
// twice is said again, what must not be is given up as uncertain.
func (m *Machine) conclude(tx *store.Tx, row *store.Outgoing, s chat.Sent) *Settled {
	if s.Err == nil {
		return &Settled{State: store.Proven, Proof: s.Proof}
	}
	row.Tries++
	row.LastError = chat.Plain(s.Err.Error(), 200)
	row.Claimed = false
	defer func() { tx.PutOutgoing(*row) }()
	switch {
	case errors.Is(s.Err, chat.ErrRefused), errors.Is(s.Err, chat.ErrInsecure), s.Retry < 0:
		return &Settled{State: store.Failed, Err: s.Err}
	case errors.Is(s.Err, chat.ErrAway):
		if row.Reply.Room.Account == "" {
			return &Settled{State: store.Failed, Err: s.Err}
		}
		row.Away = true
	case errors.Is(s.Err, chat.ErrUnknown) && row.Once && row.Reply.Maybe:
		return &Settled{State: store.Uncertain, Err: s.Err}
	case errors.Is(s.Err, chat.ErrUnknown) && !row.Reply.Maybe && !row.Reply.Repeat:
		row.Reply.Maybe = true
	case errors.Is(s.Err, chat.ErrUnknown):
		row.Reply.Maybe, row.Reply.Repeat = false, true
		row.NotBefore = tx.Now.Add(backoff(row.Tries))
	case errors.Is(s.Err, chat.ErrDown):
		row.NotBefore = tx.Now.Add(time.Second)
	default:
		row.NotBefore = tx.Now.Add(max(s.Retry, backoff(row.Tries)))
	}
	return nil
}

// backoff grows from two seconds to ten minutes.
func backoff(tries int) time.Duration {
	if tries > 8 {
		return 10 * time.Minute
	}
	return min(time.Second<<tries, 10*time.Minute)
}

// dependents are the rows that waited for the proof of key.
func dependents(tx *store.Tx, key string) []store.Outgoing {
	var rows []store.Outgoing
	for _, row := range tx.Outbox() {
		if row.Reply.ThreadOf == key || row.Reply.TargetOf == key {
			rows = append(rows, row)
		}
	}
	return rows
}

// link notes a network's state; what waited for it goes when it comes up.
func (m *Machine) link(b *batch, s chat.Status) {
	if m.up[s.Network] == s.Up {
		return
	}
	m.up[s.Network] = s.Up
	if !s.Up {
		return
	}
	tx := b.Tx(b.now)
	var rows []store.Outgoing
	for _, row := range tx.Outbox() {
		if row.Reply.Room.Network == s.Network {
			rows = append(rows, row)
		}
	}
	b.effects.Send = append(b.effects.Send, m.launch(b, tx, rows)...)
	m.keep(b, tx)
}

// Up tells whether a network is connected, as far as the machine was told.
func (m *Machine) Up(network string) bool { return m.up[network] }
