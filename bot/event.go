package bot

import (
	"encoding/json"
	"errors"

	"vigie/bot/chat"
	"vigie/store"
)

// Event is one thing that happens to the bot. Each makes one Turn.
type Event interface{ event() }

// Heard: somebody did something in a room.
type Heard struct{ chat.Message }

// Settled: a reply that was in the outbox came to its end: proven, failed, stale
// or of unknown outcome.
type Settled struct {
	Row   store.Outgoing
	State store.DeliveryState
	Proof string
	Err   error
}

// Link: a network's connection came up or went down.
type Link struct{ chat.Status }

// Due: a deadline came.
type Due struct{ store.Due }

// Found: a probe ended. Report is what its Prober returned, empty when it broke down.
type Found struct {
	Probe  store.Probe
	Report []byte
}

// Begun: the process has started on its store. It is the first event of all.
type Begun struct{}

// Alert: somebody's monitoring called in.
type Alert struct {
	Source string
	Body   json.RawMessage
	// Taken, if set, is called once what was made of it is on disk; never when it could
	// not be written. It must not block.
	Taken func()
}

// Fetched: a client of another service (package bot/fetch) brought something.
type Fetched struct {
	Source string
	Body   json.RawMessage
	Err    string
}

// Reloaded: the configuration was read again. Config is what the handler knows it as.
type Reloaded struct {
	Config any
	// By asks for an answer to who wanted it, nil for SIGHUP.
	By *chat.Message
	// Err is why the old configuration stays.
	Err error
}

// rest is a moment in which nothing happens: positions that no write took along
// are committed.
type rest struct{}

// settle is a Sent on its way to becoming a Settled: the loop's own.
type settle struct{ chat.Sent }

func (Heard) event()    {}
func (Settled) event()  {}
func (Link) event()     {}
func (Due) event()      {}
func (Found) event()    {}
func (Begun) event()    {}
func (Alert) event()    {}
func (Fetched) event()  {}
func (Reloaded) event() {}
func (settle) event()   {}
func (rest) event()     {}

// Notice is an error that the person may read: Message says what is wrong, Hint
// what to do, both in their language already. The turn that returns it is
// undone, and Message and Hint are its only answer.
type Notice struct{ Message, Hint string }

// Error implements error.
func (n *Notice) Error() string { return n.Message }

// AsNotice finds a Notice in err.
func AsNotice(err error) (*Notice, bool) { return errors.AsType[*Notice](err) }
