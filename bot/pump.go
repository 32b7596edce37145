package bot

import (
	"context"
	"errors"
	"slices"
	"sync"

	"vigie/bot/chat"
	"vigie/store"
)

// sendsAtOnce is how many rooms of one network are served at a time: one that
// makes Send wait (somebody to look for, a history to read) holds up nobody else.
const sendsAtOnce = 4

// pump carries one network's replies from the loop to its Transport: each room
// in order and one reply at a time, the rooms with the most urgent head first.
// What Send refuses comes back to the loop as a Sent.
type pump struct {
	transport chat.Transport
	report    func(chat.Sent)

	mu    sync.Mutex
	wake  *sync.Cond
	rooms map[chat.Room][]store.Outgoing
	order []chat.Room // rooms with something to send and not being served, the longest waiting first
	busy  map[chat.Room]bool
	done  bool
}

func newPump(t chat.Transport, report func(chat.Sent)) *pump {
	p := &pump{transport: t, report: report, rooms: map[chat.Room][]store.Outgoing{}, busy: map[chat.Room]bool{}}
	p.wake = sync.NewCond(&p.mu)
	return p
}

// push adds rows in the order in which they are to be sent. It never blocks.
func (p *pump) push(rows ...store.Outgoing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, row := range rows {
		r := row.Reply.Room
		if len(p.rooms[r]) == 0 && !p.busy[r] {
			p.order = append(p.order, r)
		}
		p.rooms[r] = append(p.rooms[r], row)
	}
	p.wake.Broadcast()
}

// pop waits for the next row: among the free rooms' heads the most urgent, and
// of those the room that has waited longest. Its room is busy until free is
// called. At the end it gives what is left, and then nothing.
func (p *pump) pop() (store.Outgoing, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.order) == 0 {
		if p.done {
			return store.Outgoing{}, false
		}
		p.wake.Wait()
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
	p.order = slices.Delete(p.order, best, best+1)
	p.busy[room] = true
	return row, true
}

// free lets a room be served again.
func (p *pump) free(room chat.Room) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, room)
	if len(p.rooms[room]) == 0 {
		delete(p.rooms, room)
		return
	}
	p.order = append(p.order, room)
	p.wake.Broadcast()
}

// run sends until ctx ends; what is left then was never written, and is said so.
func (p *pump) run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done = true
		p.wake.Broadcast()
	})
	defer stop()
	var senders sync.WaitGroup
	for range sendsAtOnce {
		senders.Go(func() {
			for {
				row, ok := p.pop()
				if !ok {
					return
				}
				if p.send(ctx, row) {
					p.giveBack(row.Reply.Room)
				}
				p.free(row.Reply.Room)
			}
		})
	}
	senders.Wait()
}

// send sends one row and tells whether it will have to be tried again: then
// nothing behind it in its room may leave before it.
func (p *pump) send(ctx context.Context, row store.Outgoing) (again bool) {
	err := ctx.Err()
	if err == nil {
		err = p.transport.Send(ctx, row.Reply)
	}
	if err == nil || row.Seq == 0 {
		return false
	}
	if ctx.Err() != nil && !errors.Is(err, chat.ErrUnknown) {
		err = chat.ErrDown
	}
	p.report(chat.Sent{Network: row.Reply.Room.Network, Key: row.Reply.Key, Err: err})
	return !errors.Is(err, chat.ErrAway) && !errors.Is(err, chat.ErrRefused) && !errors.Is(err, chat.ErrInsecure)
}

// giveBack returns a room's stored rows to the loop, untried.
func (p *pump) giveBack(room chat.Room) {
	p.mu.Lock()
	var back, keep []store.Outgoing
	for _, row := range p.rooms[room] {
		if row.Seq == 0 {
			keep = append(keep, row)
		} else {
			back = append(back, row)
		}
	}
	p.rooms[room] = keep
	p.mu.Unlock()
	for _, row := range back {
		p.report(chat.Sent{Network: room.Network, Key: row.Reply.Key, Err: chat.ErrDown})
	}
}
