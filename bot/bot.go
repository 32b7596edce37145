package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// Prober does work in the outside world for a turn: it makes checks, and answers
// with a report that its asker can read. It must be safe for concurrent use,
// and end within its own time limits.
type Prober func(ctx context.Context, kind string, args []byte) []byte

// Bot runs a Handler on real networks. Fill in the fields, then call Run once.
type Bot struct {
	Store      *store.Store
	Handler    Handler
	Transports []chat.Transport
	Prober     Prober
	Log        *slog.Logger
	// Probers bounds how many probes run at once. Zero: 8.
	Probers int
	// OnTurn, if set, is told each time the loop has turned, which is at least once
	// a minute: how many events it took, and how long their commit; both zero when
	// there was nothing to do. For the watchdog, health and metrics.
	OnTurn func(events int, took time.Duration)

	once  sync.Once
	inbox chan Event
}

// most is how many waiting events share one commit.
const most = 64

// startWithin is how long a network that was never up may still end Run by
// refusing for good: a wrong password is noticed while somebody looks. Later the
// other networks go on without it.
const startWithin = 5 * time.Minute

// stopWithin bounds how long Run takes to end once told to.
const stopWithin = 8 * time.Second

func (b *Bot) init() {
	b.once.Do(func() { b.inbox = make(chan Event, 256) })
}

// Deliver hands an event to the loop: webhooks, fetchers and reloads come this
// way. It blocks while the loop is behind, and fails only when ctx ends.
func (b *Bot) Deliver(ctx context.Context, e Event) error {
	b.init()
	select {
	case b.inbox <- e:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run starts everything and returns when all of it has ended: nil after ctx
// ended, otherwise the first failure that makes going on senseless: the store's,
// that of every transport, or that of one which was never up. Any other
// transport's end is logged and told to the handler as a Link; the others go on.
func (b *Bot) Run(ctx context.Context) error {
	b.init()
	parent := ctx
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	m := NewMachine(b.Store, b.Handler, b.Log)
	begun, err := m.Start(ctx, time.Now())
	if err != nil {
		return err
	}
	r := &running{Bot: b, machine: m, pumps: map[string]*pump{}, slots: make(chan struct{}, cmp.Or(b.Probers, 8))}
	cursors := map[string][]byte{}
	for _, t := range b.Transports {
		if cursors[t.Name()], err = m.Cursor(t.Name()); err != nil {
			return err
		}
		r.pumps[t.Name()] = newPump(t, func(s chat.Sent) { r.report(ctx, s) })
	}
	r.alive.Store(int32(len(b.Transports)))
	for _, t := range b.Transports {
		r.workers.Go(func() { r.transport(ctx, cancel, t, cursors[t.Name()]) })
		r.workers.Go(func() { r.pumps[t.Name()].run(ctx) })
	}
	r.carryOut(ctx, begun)
	err = r.loop(ctx)
	cancel(err)
	if err == nil && parent.Err() == nil { // ended from within
		err = context.Cause(ctx)
	}
	return errors.Join(err, r.stop())
}

// running is one Run under way.
type running struct {
	*Bot
	machine *Machine
	pumps   map[string]*pump
	workers sync.WaitGroup
	slots   chan struct{}
	alive   atomic.Int32

	mu   sync.Mutex
	late []Event // what pumps and transports said after the loop had ended
}

// transport runs one network to its end. One that ends for good before it was
// ever up is a mistake in the configuration, a wrong password for instance, and
// ends the run: whoever has just started the bot has to know.
func (r *running) transport(ctx context.Context, cancel context.CancelCauseFunc, t chat.Transport, cursor []byte) {
	var been atomic.Bool
	began := time.Now()
	err := t.Run(ctx, cursor, func(ctx context.Context, in chat.Inbound) error {
		if s, ok := in.(chat.Status); ok && s.Up {
			been.Store(true)
		}
		return r.Deliver(ctx, FromNetwork(in))
	})
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		err = errors.New("the connection ended by itself")
	}
	r.Log.Error("a network is given up", "network", t.Name(), "err", err)
	if r.alive.Add(-1) == 0 || !been.Load() && time.Since(began) < startWithin {
		cancel(fmt.Errorf("%s: %w", t.Name(), err))
		return
	}
	_ = r.Deliver(ctx, Link{chat.Status{Network: t.Name(), Err: err, At: time.Now()}})
}

// FromNetwork makes what a Transport delivers an event, for those who drive a
// Machine themselves.
func FromNetwork(in chat.Inbound) Event {
	switch in := in.(type) {
	case chat.Message:
		return Heard{in}
	case chat.Sent:
		return settle{in}
	case chat.Status:
		return Link{in}
	}
	panic(fmt.Sprintf("unknown Inbound %T", in))
}

// report brings a Send's refusal back to the loop, even when the loop is ending.
func (r *running) report(ctx context.Context, s chat.Sent) {
	if r.Deliver(ctx, settle{s}) != nil {
		r.mu.Lock()
		r.late = append(r.late, settle{s})
		r.mu.Unlock()
	}
}

// loop is the one goroutine that decides. Its timer is the only place where the
// bot reads the clock.
func (r *running) loop(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var events []Event
		select {
		case <-ctx.Done():
			return nil
		case e := <-r.inbox:
			events = r.drain(e)
		case <-timer.C:
			d, ok, err := r.machine.FirstDue()
			if err != nil {
				return err
			}
			if ok && !d.At.After(time.Now()) {
				events = []Event{Due{d}}
			}
		}
		if err := r.take(ctx, events); err != nil {
			return err
		}
		if err := r.wind(timer); err != nil {
			return err
		}
	}
}

// drain takes what else waits, so that one commit serves all.
func (r *running) drain(first Event) []Event {
	events := []Event{first}
	for len(events) < most {
		select {
		case e := <-r.inbox:
			events = append(events, e)
		default:
			return events
		}
	}
	return events
}

func (r *running) take(ctx context.Context, events []Event) error {
	if len(events) == 0 && !r.machine.full && len(r.machine.cursors) == 0 { // full: try again with nothing new
		if r.OnTurn != nil {
			r.OnTurn(0, 0)
		}
		return nil
	}
	start := time.Now()
	if len(events) == 0 {
		events = []Event{rest{}}
	}
	effects, err := r.machine.Take(ctx, start, events...)
	if err != nil && !errors.Is(err, store.ErrFull) {
		if ctx.Err() == nil {
			return err
		}
		// Stopping: nothing was written, and nothing said of it. What the networks
		// told us must not be lost with it.
		r.mu.Lock()
		r.late = append(r.late, slices.DeleteFunc(events, func(e Event) bool { _, ours := e.(settle); return !ours })...)
		r.mu.Unlock()
		return nil
	}
	r.carryOut(ctx, effects)
	for _, e := range events {
		if a, ok := e.(Alert); ok && a.Taken != nil && err == nil {
			a.Taken()
		}
	}
	if r.OnTurn != nil {
		r.OnTurn(len(events), time.Since(start))
	}
	return nil
}

// wind sets the timer to the first deadline, and to a minute at most: a clock
// that is set back or forward is noticed then.
func (r *running) wind(timer *time.Timer) error {
	d, ok, err := r.machine.FirstDue()
	if err != nil {
		return err
	}
	wait := time.Minute
	if ok {
		wait = min(wait, max(0, time.Until(d.At)))
	}
	if r.machine.full { // nothing can be settled now: do not spin on it
		wait = max(wait, 5*time.Second)
	}
	timer.Reset(wait)
	return nil
}

// carryOut hands effects to those who do them.
func (r *running) carryOut(ctx context.Context, e Effects) {
	for _, row := range e.Send {
		if p := r.pumps[row.Reply.Room.Network]; p != nil {
			p.push(row)
			continue
		}
		r.Log.Warn("a reply for a network that is not configured", "network", row.Reply.Room.Network)
	}
	for _, p := range e.Probes {
		r.workers.Go(func() { r.probe(ctx, p) })
	}
}

func (r *running) probe(ctx context.Context, p store.Probe) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-r.slots }()
	report := r.ask(ctx, p)
	if ctx.Err() == nil {
		_ = r.Deliver(ctx, Found{Probe: p, Report: report})
	}
}

// ask calls the Prober. A panic in it is an empty report: the same probe would
// otherwise end every process that begins it again.
func (r *running) ask(ctx context.Context, p store.Probe) (report []byte) {
	defer func() {
		if e := recover(); e != nil {
			r.Log.Error("panic in a probe", "kind", p.Kind, "panic", e, "stack", string(debug.Stack()))
			report = nil
		}
	}()
	return r.Prober(ctx, p.Kind, p.Args)
}

// stop waits for every goroutine, then writes down what was left unsent.
func (r *running) stop() error {
	done := make(chan struct{})
	go func() { r.workers.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(stopWithin):
		return errors.New("not everything stopped in time")
	}
	for {
		select {
		case e := <-r.inbox:
			if _, ours := e.(settle); ours {
				r.late = append(r.late, e)
			}
			continue
		default:
		}
		break
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	clear(r.machine.up)
	_, err := r.machine.Take(ctx, time.Now(), append(r.late, rest{})...)
	if errors.Is(err, store.ErrFull) {
		return nil
	}
	return err
}
