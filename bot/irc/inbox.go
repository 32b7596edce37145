package irc

import (
	"context"
	"sync"

	"vigie/bot/chat"
)

// inbox holds what waits to be delivered, so that a turn of the bot that takes
// long does not keep the link from being read. It is bounded: signs of life are
// dropped above inboxSigns, for the next one says the same; for anything else the
// loop waits at inboxMax.
type inbox struct {
	mu    sync.Mutex
	items []chat.Inbound
	more  chan struct{} // holds a token when there are items
	less  chan struct{} // holds a token when there is space again
}

const (
	inboxSigns = 4096
	inboxMax   = 8192
)

func newInbox() *inbox {
	return &inbox{more: make(chan struct{}, 1), less: make(chan struct{}, 1)}
}

// push adds in at the end. It blocks only when the inbox is full.
func (b *inbox) push(ctx context.Context, in chat.Inbound) {
	for !b.add(in) {
		select {
		case <-b.less:
		case <-ctx.Done():
			return
		}
	}
}

// add tells whether in was taken, or needs not be.
func (b *inbox) add(in chat.Inbound) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := in.(chat.Message)
	if ok && (m.Kind == chat.Join || m.Kind == chat.Alive) && len(b.items) >= inboxSigns {
		return true
	}
	if len(b.items) >= inboxMax {
		return false
	}
	b.items = append(b.items, in)
	signal(b.more)
	return true
}

func (b *inbox) take() (in chat.Inbound, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) == 0 {
		return nil, false
	}
	in, b.items[0] = b.items[0], nil
	if b.items = b.items[1:]; len(b.items) == 0 {
		b.items = nil
	}
	signal(b.less)
	return in, true
}

// run delivers until ctx ends.
func (b *inbox) run(ctx context.Context, deliver func(context.Context, chat.Inbound) error) {
	for {
		in, ok := b.take()
		if !ok {
			select {
			case <-b.more:
				continue
			case <-ctx.Done():
				return
			}
		}
		if deliver(ctx, in) != nil && ctx.Err() != nil {
			return
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
