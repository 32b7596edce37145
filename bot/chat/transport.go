package chat

import (
	"context"
	"errors"
)

// Transport is one account on one network. Its methods may be called from any
// goroutine, Run once only.
type Transport interface {
	// Name is how configuration, logs and Room.Network call it.
	Name() string
	// Run owns the connection: it connects, delivers what happens, connects
	// again with back-off when the link is lost, and returns when ctx ends (nil)
	// or when going on makes no sense (a refused password, a missing key: the
	// error says what to do). cursor is what the last committed Cursor of this
	// transport was, nil at the very first start. deliver blocks until the event
	// has been taken, in order; it fails only when ctx ends.
	//
	// A transport that can read back what it missed delivers each message at
	// least once: a message's Cursor is committed together with what the message
	// caused, and Run starts again from there. Whoever handles messages drops
	// those whose ID was handled before.
	Run(ctx context.Context, cursor []byte, deliver func(context.Context, Inbound) error) error
	// Send returns nil when the reply is written to the network, and an error
	// when it was not written at all (ErrDown, ErrAway, ErrRefused). It waits its turn in the
	// network's rate limit. What became of a written reply is delivered as Sent.
	Send(ctx context.Context, r Reply) error
}

// What can go wrong with a Reply. A transport wraps these, adding words for a
// sysadmin.
var (
	// ErrDown: there is no connection now; try again when it is back.
	ErrDown = errors.New("not connected")
	// ErrAway: the person is not there now; try again at the next sign of life.
	ErrAway = errors.New("the person is away")
	// ErrRefused: the network refuses for good (no right, no such room, banned).
	ErrRefused = errors.New("refused by the network")
	// ErrUnknown: written, and no proof came; it may or may not have arrived.
	ErrUnknown = errors.New("outcome unknown")
	// ErrInsecure: the text may not be said in a room that is not encrypted.
	ErrInsecure = errors.New("the room is not end-to-end encrypted")
)
