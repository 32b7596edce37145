// Package chattest tells whether a chat.Transport keeps what chat.Transport
// promises, on whatever network is behind it: a scripted server in a unit test,
// or a real one in the lab.
//
//	chattest.Run(t, func(t *testing.T) chattest.Harness { … })
//
// makes a new Harness for each check. The checks know no network: they write as
// somebody else through the Harness, say things through the Transport, and read
// what people read. A transport whose test server lives in memory can be checked
// with RunInBubble, where no time passes.
package chattest

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"vigie/bot/chat"
)

// A Harness is a transport that does not run yet, and the network behind it. Its
// functions may be called from any goroutine.
type Harness struct {
	Transport chat.Transport
	// Room is a shared room that the transport enters by itself.
	Room chat.Room
	// Person is the private conversation with somebody who is there.
	Person chat.Room
	// Absent is the private conversation with an account that nobody is logged in
	// to now. Zero: people are always there on this network.
	Absent chat.Room
	// Write has somebody else write a line in Room.
	Write func(text string)
	// Read lists what people have read from the transport in a room so far, oldest
	// first: a line each on a network of lines, otherwise a message each.
	Read func(room chat.Room) []string
	// Cut breaks the link, and Mend lets it come back.
	Cut, Mend func()
	// Again is the same account's transport in a new process, after the first has
	// ended. Nil: what is written in its absence cannot be read back.
	Again func() chat.Transport
	// Tells says that the network's history shows whether an earlier attempt at a
	// reply has arrived.
	Tells bool
	// Within bounds each wait; zero is 30 s. StopWithin bounds the end of Run; zero
	// is 5 s.
	Within, StopWithin time.Duration
	// Ignore are goroutines that the network's side comes and goes with.
	Ignore []goleak.Option
}

// A check is one promise.
type check struct {
	name string
	do   func(*probe)
	// idle: the check starts the transport itself.
	idle bool
}

// checks are all of them, the plainest first.
func checks() []check {
	return []check{
		{"a message says who, where and when", hears, false},
		{"hostile words arrive unharmed", hearsHostile, false},
		{"what is heard is heard in order", hearsInOrder, false},
		{"a blocked deliver loses nothing", waitsForDeliver, false},
		{"one proof for every Send", proves, false},
		{"a room reads things in the order in which they were said", keepsOrder, false},
		{"Sends at once", sendsAtOnce, false},
		{"hostile replies break nothing", saysHostile, false},
		{"what may have arrived is not said twice", retries, false},
		{"who is away is said so", missesAbsent, false},
		{"no Send without a link", refusesWhenDown, true},
		{"the link comes back", comesBack, false},
		{"a cut leaves nobody in doubt without saying so", survivesCut, false},
		{"Run stops in time, and nothing follows", stops, false},
		{"Run stops while deliver is blocked", stopsBlocked, false},
		{"Run stops while there is no link", stopsDown, false},
		{"what was written in its absence is read back", readsBack, false},
	}
}

// Run makes each check in a subtest with a Harness of its own. Nothing of the
// transport may be left running at its end.
func Run(t *testing.T, harness func(*testing.T) Harness) {
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) { c.run(t, harness(t)) })
	}
}

// RunInBubble is Run with each check in a testing/synctest bubble, for networks in
// memory.
func RunInBubble(t *testing.T, harness func(*testing.T) Harness) {
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.run(t, harness(t)) })
		})
	}
}

// run makes one check. What it left running is looked for once Run has ended.
func (c check) run(t testing.TB, h Harness) {
	if h.Within == 0 {
		h.Within = 30 * time.Second
	}
	if h.StopWithin == 0 {
		h.StopWithin = 5 * time.Second
	}
	others := append(slices.Clone(h.Ignore), goleak.IgnoreCurrent())
	p := newProbe(t, h)
	if !c.idle {
		p.start(h.Transport, nil)
	}
	defer func() {
		p.end()
		p.balance()
		if err := goleak.Find(others...); err != nil {
			t.Errorf("after Run has ended: %v", err)
		}
	}()
	c.do(p)
}
