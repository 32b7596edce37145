package bot

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// wire is a Transport that does what a test tells it.
type wire struct {
	name string
	// in is what it delivers; end makes Run return an error.
	in  chan chat.Inbound
	end chan error
	// refuse, when set, decides what Send answers.
	refuse func(chat.Reply) error

	mu     sync.Mutex
	cursor string
	sent   []string
}

func newWire(name string) *wire {
	return &wire{name: name, in: make(chan chat.Inbound), end: make(chan error)}
}

func (w *wire) Name() string { return w.name }

func (w *wire) Run(ctx context.Context, cursor []byte, deliver func(context.Context, chat.Inbound) error) error {
	w.mu.Lock()
	w.cursor = string(cursor)
	w.mu.Unlock()
	if err := deliver(ctx, chat.Status{Network: w.name, Up: true, At: time.Now()}); err != nil {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-w.end:
			return err
		case in := <-w.in:
			if deliver(ctx, in) != nil {
				return nil
			}
		}
	}
}

func (w *wire) Send(ctx context.Context, r chat.Reply) error {
	if w.refuse != nil {
		if err := w.refuse(r); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, r.Text)
	return nil
}

func (w *wire) texts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// life is a Bot running in a bubble.
type life struct {
	*testing.T
	bot    *Bot
	wires  map[string]*wire
	cancel context.CancelFunc
	ended  chan error
}

func run(t *testing.T, e store.Engine, handle func(*Turn) error, names ...string) *life {
	t.Helper()
	s, err := store.Open(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	l := &life{T: t, wires: map[string]*wire{}, ended: make(chan error, 1)}
	l.bot = &Bot{Store: s, Handler: &script{handle: handle}, Log: slog.New(slog.DiscardHandler),
		Prober: func(_ context.Context, kind string, _ []byte) []byte { return []byte("found " + kind) }}
	for _, n := range names {
		l.wires[n] = newWire(n)
		l.bot.Transports = append(l.bot.Transports, l.wires[n])
	}
	return l
}

// start runs the bot; the bubble fails when a goroutine outlives the test.
func (l *life) start() *life {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	go func() { l.ended <- l.bot.Run(ctx) }()
	synctest.Wait()
	return l
}

// stop ends the bot and tells how long that took.
func (l *life) stop() time.Duration {
	l.Helper()
	began := time.Now()
	l.cancel()
	if err := <-l.ended; err != nil {
		l.Errorf("Run: %v", err)
	}
	return time.Since(began)
}

func (l *life) want(network string, texts ...string) {
	l.Helper()
	synctest.Wait()
	if got := l.wires[network].texts(); !slices.Equal(got, texts) {
		l.Fatalf("%s was sent %q, want %q", network, got, texts)
	}
}

func (l *life) hear(network, id, text string) {
	m := hear(id, text).Message
	m.Room.Network, m.From.Network = network, network
	m.Cursor = []byte(id)
	l.wires[network].in <- m
	synctest.Wait()
}

func TestRunAnswersAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := store.NewMemory()
		l := run(t, e, say, "irc", "matrix").start()
		l.hear("irc", "1", "a")
		l.hear("matrix", "2", "+b")
		l.want("irc", "a")
		l.want("matrix", "b")
		if took := l.stop(); took > time.Second {
			t.Errorf("stopping took %v", took)
		}
		again := run(t, e, say, "irc", "matrix").start()
		again.want("matrix", "b") // never proven
		if got := again.wires["matrix"].cursor; got != "2" {
			t.Errorf("starts again from cursor %q", got)
		}
		again.stop()
	})
}

func TestRunHandsProofsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := store.NewMemory()
		l := run(t, e, say, "irc").start()
		l.hear("irc", "1", "+a")
		var key string
		if err := l.bot.Store.View(func(tx *store.Tx) error { key = tx.Outbox()[0].Reply.Key; return nil }); err != nil {
			t.Fatal(err)
		}
		l.wires["irc"].in <- chat.Sent{Network: "irc", Key: key, Proof: "$1"}
		synctest.Wait()
		l.stop()
		again := run(t, e, say, "irc").start()
		again.want("irc")
		again.stop()
	})
}

func TestRunTriesAgainWhatSendRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(t, store.NewMemory(), say, "irc")
		tries := 0
		l.wires["irc"].refuse = func(chat.Reply) error {
			if tries++; tries < 3 {
				return chat.ErrDown
			}
			return nil
		}
		l.start()
		l.hear("irc", "1", "+a")
		l.want("irc")
		time.Sleep(3 * time.Second)
		l.want("irc", "a")
		l.stop()
	})
}

func TestRunDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		l := run(t, store.NewMemory(), func(t *Turn) error {
			switch t.Event.(type) {
			case Heard:
				t.Tx.SetDue("nag", "1", t.Now.Add(90*time.Minute))
			case Due:
				t.Say(chat.Reply{Room: room, Text: t.Now.Sub(began).Round(time.Second).String()})
			}
			return nil
		}, "irc").start()
		l.hear("irc", "1", "x")
		time.Sleep(89 * time.Minute)
		l.want("irc")
		time.Sleep(time.Minute + time.Second)
		l.want("irc", "1h30m0s")
		time.Sleep(48 * time.Hour) // the loop's own pruning comes and goes
		l.want("irc", "1h30m0s")
		l.stop()
	})
}

func TestOneNetworksDeathIsNotTheBots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var links []string
		l := run(t, store.NewMemory(), func(t *Turn) error {
			if e, ok := t.Event.(Link); ok && !e.Up {
				links = append(links, e.Network+" "+e.Err.Error())
			}
			return say(t)
		}, "irc", "matrix").start()
		l.wires["irc"].end <- errors.New("password refused")
		l.hear("matrix", "1", "a")
		l.want("matrix", "a")
		if !slices.Equal(links, []string{"irc password refused"}) {
			t.Errorf("told %q", links)
		}
		l.wires["matrix"].end <- nil
		err := <-l.ended
		if err == nil || !strings.Contains(err.Error(), "matrix") {
			t.Errorf("after the last network's end: %v", err)
		}
		l.cancel()
	})
}

// refused is a Transport that its network refuses at once, for good.
type refused struct{ *wire }

func (refused) Run(context.Context, []byte, func(context.Context, chat.Inbound) error) error {
	return errors.New("wrong password")
}

func TestANetworkThatWasNeverUpEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(t, store.NewMemory(), say, "irc", "matrix")
		l.bot.Transports[1] = refused{l.wires["matrix"]}
		l.start()
		synctest.Wait()
		if err := <-l.ended; err == nil || !strings.Contains(err.Error(), "matrix: wrong password") {
			t.Errorf("Run returned %v", err)
		}
		l.cancel()
	})
}

func TestRunEndsWithTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &fullEngine{Engine: store.NewMemory()}
		l := run(t, e, say, "irc").start()
		e.broken = errors.New("input/output error")
		l.hear("irc", "1", "+a")
		if err := <-l.ended; !errors.Is(err, e.broken) {
			t.Errorf("Run: %v", err)
		}
		l.cancel()
	})
}

func TestRunGoesOnWithAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &fullEngine{Engine: store.NewMemory()}
		l := run(t, e, say, "irc").start()
		l.hear("irc", "1", "+a")
		e.full.Store(true)
		l.hear("irc", "2", "+b")
		l.hear("irc", "3", "c")
		l.wires["irc"].in <- chat.Status{Network: "irc"}
		l.wires["irc"].in <- chat.Status{Network: "irc", Up: true}
		time.Sleep(time.Hour)
		synctest.Wait()
		e.full.Store(false)
		time.Sleep(time.Minute + time.Second)
		l.hear("irc", "4", "+d")
		synctest.Wait()
		if got := l.wires["irc"].texts(); !slices.Equal(got[:3], []string{"a", "sorry", "c"}) || got[len(got)-1] != "d" {
			t.Errorf("sent %q", got)
		}
		l.stop()
	})
}

func TestProbesRunAgainAfterADeath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := store.NewMemory()
		handle := func(t *Turn) error {
			if f, ok := t.Event.(Found); ok {
				t.Say(chat.Reply{Room: room, Text: string(f.Report)})
				return nil
			}
			if m, ok := t.Message(); ok {
				return t.Probe(m.ID, m.Text, "", nil)
			}
			return nil
		}
		l := run(t, e, handle, "irc")
		l.bot.Prober = func(ctx context.Context, _ string, _ []byte) []byte { <-ctx.Done(); return nil }
		l.start()
		for _, id := range []string{"1", "2", "3"} {
			l.hear("irc", id, "tls")
		}
		l.stop()
		again := run(t, e, handle, "irc")
		again.bot.Probers = 1
		running, most := 0, 0
		var mu sync.Mutex
		again.bot.Prober = func(context.Context, string, []byte) []byte {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			panic("a bug in a check")
		}
		again.start()
		time.Sleep(10 * time.Second)
		again.want("irc", "", "", "") // an empty report each, and the bot lives
		if most != 1 {
			t.Errorf("%d probes at once", most)
		}
		again.stop()
	})
}

// Stopping while a pump waits in Send: the row was not written, and leaves at
// the next start without a look.
func TestStopWhileSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := store.NewMemory()
		l := run(t, e, say, "irc")
		ctx, cancel := context.WithCancelCause(context.Background())
		l.wires["irc"].refuse = func(chat.Reply) error { <-ctx.Done(); return context.Cause(ctx) }
		go func() { l.ended <- l.bot.Run(ctx) }()
		synctest.Wait()
		l.hear("irc", "1", "+a")
		l.hear("irc", "2", "+b")
		cancel(errors.New("terminated signal received")) // as signal.NotifyContext does
		if err := <-l.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		err := l.bot.Store.View(func(tx *store.Tx) error {
			for _, row := range tx.Outbox() {
				if row.Claimed || row.Reply.Maybe {
					t.Errorf("%s is left as if it had been sent", row.Reply.Text)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		again := run(t, e, say, "irc").start()
		time.Sleep(3 * time.Second)
		again.want("irc", "a", "b")
		again.stop()
	})
}

// A turn that the stop cut short took nothing: the position that is kept at the
// end is the one before it, so that the next process hears the message.
func TestStopInATurnKeepsItsMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := store.NewMemory()
		var l *life
		l = run(t, e, func(turn *Turn) error {
			if m, ok := turn.Message(); ok && m.ID == "2" {
				l.cancel()
			}
			return say(turn)
		}, "irc").start()
		l.hear("irc", "1", "a")
		l.hear("irc", "2", "+b")
		if err := <-l.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		again := run(t, e, say, "irc").start()
		if got := again.wires["irc"].cursor; got != "1" {
			t.Errorf("the next process begins after %q: a message is lost", got)
		}
		again.stop()
	})
}

// A transport that does not end is not waited for longer than stopWithin.
func TestStopIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(t, store.NewMemory(), say, "irc")
		release := make(chan bool)
		l.wires["irc"].refuse = func(chat.Reply) error { <-release; return nil }
		l.start()
		l.hear("irc", "1", "a")
		began := time.Now()
		l.cancel()
		if err := <-l.ended; err == nil || time.Since(began) != stopWithin {
			t.Errorf("Run ended after %v: %v", time.Since(began), err)
		}
		close(release)
	})
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	var b Bot
	ctx, cancel := context.WithCancel(context.Background())
	for range 256 {
		if err := b.Deliver(ctx, Alert{}); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := b.Deliver(ctx, Alert{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Deliver to a loop that is behind: %v", err)
	}
}

func TestPumpOrder(t *testing.T) {
	p := newPump(newWire("irc"), nil)
	row := func(room chat.Room, text string, pr chat.Priority) store.Outgoing {
		return store.Outgoing{Reply: chat.Reply{Room: room, Text: text, Priority: pr}}
	}
	p.push(row(room, "n1", chat.News), row(other, "d1", chat.Digest), row(room, "u1", chat.Urgent), row(other, "a1", chat.Answer),
		row(chat.Room{Network: "irc", ID: "#third"}, "a2", chat.Answer))
	p.done = true // nothing more comes: pop does not wait for it
	var got []string
	for {
		r, ok := p.pop()
		if !ok {
			break
		}
		p.free(r.Reply.Room)
		got = append(got, r.Reply.Text)
	}
	// Never out of order within a room; among the rooms' heads the most urgent.
	if want := []string{"a2", "n1", "u1", "d1", "a1"}; !slices.Equal(got, want) {
		t.Errorf("popped %q, want %q", got, want)
	}
}

// TestPumpWaitsForNobodyElse: a room whose Send waits does not hold up another,
// and is itself served one reply at a time.
func TestPumpWaitsForNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &slowRoom{Transport: newWire("irc"), release: make(chan struct{})}
		p := newPump(w, func(chat.Sent) {})
		ended := make(chan struct{})
		go func() { p.run(ctx); close(ended) }()
		p.push(store.Outgoing{Seq: 1, Reply: chat.Reply{Key: "slow-1", Room: room}}, store.Outgoing{Seq: 2, Reply: chat.Reply{Key: "slow-2", Room: room}},
			store.Outgoing{Seq: 3, Reply: chat.Reply{Key: "quick", Room: other}})
		synctest.Wait()
		if got := w.log(); !slices.Equal(got, []string{"begin slow-1", "begin quick", "end quick"}) && !slices.Equal(got, []string{"begin quick", "end quick", "begin slow-1"}) {
			t.Errorf("while the first room waits: %q", got)
		}
		close(w.release)
		synctest.Wait()
		if got := w.log(); len(got) != 6 || !slices.Equal(got[3:], []string{"end slow-1", "begin slow-2", "end slow-2"}) {
			t.Errorf("afterwards: %q", got)
		}
		cancel()
		<-ended
	})
}

// slowRoom is a transport on which one room waits until it is released.
type slowRoom struct {
	chat.Transport
	release chan struct{}
	mu      sync.Mutex
	said    []string
}

func (w *slowRoom) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, s)
}

func (w *slowRoom) log() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.said)
}

func (w *slowRoom) Send(_ context.Context, r chat.Reply) error {
	w.note("begin " + r.Key)
	if r.Room == room {
		<-w.release
	}
	w.note("end " + r.Key)
	return nil
}
