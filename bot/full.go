package bot

import (
	"fmt"

	"vigie/bot/chat"
	"vigie/store"
)

// refuse answers everybody whose turn could not be written, and keeps in mind
// what must not be forgotten until something can be written again.
func (m *Machine) refuse(lost *batch, cause error) (Effects, error) {
	m.land(lost, 0)
	m.proofs, m.kept = lost.proofs, nil
	g, err := m.store.Begin()
	if err != nil {
		return Effects{}, fmt.Errorf("read after a refused commit: %w", err)
	}
	defer g.Discard()
	if !m.full {
		m.log.Error("nothing can be written", "err", cause)
		m.full = true
	}
	b := &batch{Group: g, now: lost.now}
	all := Effects{Send: lost.passing}
	for _, e := range lost.wrote {
		switch e.(type) {
		case Settled:
			continue // follows from its proof, which is kept
		case Heard, Due: // they are told, and it is in the store still
		default:
			m.keepInMind(e)
		}
		t := m.newTurn(b, e)
		m.apologise(t, "", cause)
		all.Send = append(all.Send, m.launch(b, t.Tx, t.replies)...)
	}
	m.land(b, 0)
	return all, cause
}

// resume begins a batch after a refused one with what that one lost: the
// networks' words first, then the rows that could not leave.
func (m *Machine) resume(b *batch) {
	proofs := m.proofs
	m.proofs = nil
	for _, s := range proofs {
		for _, e := range m.prepare(b, s) {
			m.turn(b, e)
		}
	}
	for _, e := range m.kept {
		for _, e := range m.prepare(b, e) {
			m.turn(b, e)
		}
	}
	m.kept = nil
	if !m.full {
		return
	}
	tx := b.Tx(b.now)
	b.effects.Send = append(b.effects.Send, m.launch(b, tx, tx.Outbox())...)
	m.keep(b, tx)
	m.tellEnds(b)
}

// mostKept bounds what is kept in mind while nothing can be written.
const mostKept = 256

// keepInMind keeps an event that nobody will bring again, such as a check's
// report for which somebody waits, until it can be written.
func (m *Machine) keepInMind(e Event) {
	if m.kept = append(m.kept, e); len(m.kept) > mostKept {
		m.kept = m.kept[1:]
	}
}

// land takes back that rows are in flight, from the batch's n-th on: what was
// not committed has not left.
func (m *Machine) land(b *batch, n int) {
	for _, key := range b.flown[n:] {
		delete(m.flying, key)
	}
	b.flown = b.flown[:n]
}

// inRoom lists what is on its way to one room, in order.
func inRoom(tx *store.Tx, room chat.Room) []store.Outgoing {
	var rows []store.Outgoing
	for _, row := range tx.Outbox() {
		if row.Reply.Room == room {
			rows = append(rows, row)
		}
	}
	return rows
}
