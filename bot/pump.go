package bot

import (
	"context"
	"errors"
	"sync"

	"vigie/bot/chat"
	"vigie/store"
)

// pump carries one network's replies from the loop to its Transport: room by
// room in order, the most urgent room's head first. What Send refuses comes back
// to the loop as a Sent.
type pump struct {
	transport chat.Transport
	report    func(chat.Sent)

	mu    sync.Mutex
	rooms map[chat.Room][]store.Outgoing
	order []chat.Room // rooms with something to send, the longest waiting first
	wake  chan struct{}
}

func newPump(t chat.Transport, report func(chat.Sent)) *pump {
	return &pump{transport: t, report: report, rooms: map[chat.Room][]store.Outgoing{}, wake: make(chan struct{}, 1)}
}

// push adds rows in the order in which they are to be sent. It never blocks.
func (p *pump) push(rows ...store.Outgoing) {
	p.mu.Lock()
	for _, row := range rows {
		r := row.Reply.Room
		if len(p.rooms[r]) == 0 {
			p.order = append(p.order, r)
		}
		p.rooms[r] = append(p.rooms[r], row)
	}
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// pop takes the next row: among the rooms' heads the most urgent, and of those
// the room that has waited longest.
func (p *pump) pop() (store.Outgoing, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.order) == 0 {
		return store.Outgoing{}, false
	}
	best := 0
	for i, r := range p.order {
		if p.rooms[r][0].Reply.Priority < p.rooms[p.order[best]][0].Reply.Priority {
			best = i
		}
	}
	room := p.order[best]
	row := p.rooms[room][0]
	p.rooms[room] = p.rooms[room][1:]
	p.order = append(p.order[:best], p.order[best+1:]...)
	if len(p.rooms[room]) == 0 {
		delete(p.rooms, room)
	} else {
		p.order = append(p.order, room)
	}
	return row, true
}

// run sends until ctx ends; what is left then was never written, and is said so.
func (p *pump) run(ctx context.Context) {
	for {
		row, ok := p.pop()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-p.wake:
			}
			continue
		}
		err := ctx.Err()
		if err == nil {
			err = p.transport.Send(ctx, row.Reply)
		}
		if err == nil || row.Seq == 0 {
			continue
		}
		if ctx.Err() != nil && !errors.Is(err, chat.ErrUnknown) {
			err = chat.ErrDown
		}
		p.report(chat.Sent{Network: row.Reply.Room.Network, Key: row.Reply.Key, Err: err})
	}
}
