package bot

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"strconv"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// Handler decides what the bot does about events. It is called by one goroutine.
type Handler interface {
	// Handle does what the event asks, in the turn's transaction.
	Handle(*Turn) error
	// Apologise says, in a turn of its own whose Event is the one that failed,
	// that something went wrong: err is a *Notice, wraps store.ErrFull, or is an
	// accident that the log knows under ref. It may only Say.
	Apologise(t *Turn, ref string, err error)
}

// Machine turns events into commits and effects. It knows no clock, no network
// and no goroutine: Bot drives it in earnest, the console, simulations and transcript
// tests drive the very same turns with a time of their own.
type Machine struct {
	store   *store.Store
	handler Handler
	log     *slog.Logger
	nonce   string
	count   int
	recent  recent
	cursors map[string][]byte
	// waiting is, by room, the row that holds up those behind it.
	waiting map[chat.Room]waiting
	// up names the networks that are connected, and flying the stored rows that
	// are in a pump's hands.
	up, flying map[string]bool
	// full says that the last commit failed for want of room: tell once. Proofs
	// are what the networks said meanwhile and could not be written down, and kept
	// the other events that would not come again.
	full   bool
	proofs []settle
	kept   []Event
}

// Effects is what has to happen once a commit is done.
type Effects struct {
	// Send holds replies in order, stored ones (Seq > 0) and passing ones.
	Send []store.Outgoing
	// Probes are to be begun.
	Probes []store.Probe
}

// NewMachine returns a Machine over a store.
func NewMachine(s *store.Store, h Handler, log *slog.Logger) *Machine {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return &Machine{store: s, handler: h, log: log, nonce: hex.EncodeToString(b[:]), cursors: map[string][]byte{},
		up: map[string]bool{}, flying: map[string]bool{}, waiting: map[chat.Room]waiting{}}
}

// Take handles events one by one, each in its own Turn at the instant now, and
// commits them together. On an error the process must end: except that with
// store.ErrFull the people concerned have an answer in Effects, and it may go on.
func (m *Machine) Take(ctx context.Context, now time.Time, events ...Event) (Effects, error) {
	g, err := m.store.Begin()
	if err != nil {
		return Effects{}, fmt.Errorf("begin turns: %w", err)
	}
	defer g.Discard()
	b := &batch{Group: g, now: now.UTC()}
	before := maps.Clone(m.cursors)
	m.resume(b)
	for _, e := range events {
		for _, e := range m.prepare(b, e) {
			m.turn(b, e)
		}
		m.tellEnds(b)
	}
	if g.Dirty() {
		m.putCursors(b)
	}
	err = g.Commit(ctx)
	if errors.Is(err, store.ErrFull) {
		return m.refuse(b, err)
	}
	if err != nil {
		m.cursors = before // of what was not written, no position may be kept later
		return Effects{}, fmt.Errorf("commit turns: %w", err)
	}
	if g.Dirty() {
		clear(m.cursors)
	}
	m.full = false
	return b.effects, nil
}

// tellEnds makes turns of the replies that a launch found stale.
func (m *Machine) tellEnds(b *batch) {
	for len(b.ended) > 0 {
		e := b.ended[0]
		b.ended = b.ended[1:]
		m.turn(b, e)
	}
}

// batch is one Take under way.
type batch struct {
	*store.Group
	now     time.Time
	effects Effects
	// passing holds the replies of turns that wrote nothing, and wrote the events of
	// those that did: what to do when the commit fails.
	passing []store.Outgoing
	wrote   []Event
	// flown are the keys that this batch put in flight, and proofs the networks'
	// words that it takes: what must not be forgotten with a failing commit.
	flown  []string
	proofs []settle
	// ended are replies found stale, not yet told.
	ended []Event
}

// turn runs one event through the handler and keeps what it did.
func (m *Machine) turn(b *batch, e Event) {
	start := time.Now() // measured for the log only; decisions know t.Now alone
	flown, ended := len(b.flown), len(b.ended)
	t := m.newTurn(b, e)
	err := m.handle(t)
	dirty := false
	if err == nil {
		t.finish()
		dirty = t.Tx.Dirty()
		if h, ok := e.(Heard); ok && h.ID != "" && dirty {
			t.Tx.MarkSeen(h.Room.Network, h.ID)
		}
		t.replies = m.launch(b, t.Tx, t.replies)
		err = b.Keep(t.Tx)
	}
	if err != nil {
		m.land(b, flown)
		b.ended = b.ended[:ended]
		t, dirty = m.fail(b, e, err), false
	}
	if took := time.Since(start); took > 100*time.Millisecond {
		m.log.Warn("slow turn", "event", fmt.Sprintf("%T", e), "ms", took.Milliseconds())
	}
	b.effects.Send = append(b.effects.Send, t.replies...)
	b.effects.Probes = append(b.effects.Probes, t.probes...)
	if dirty {
		b.wrote = append(b.wrote, e)
	} else {
		b.passing = append(b.passing, t.replies...)
	}
}

func (m *Machine) newTurn(b *batch, e Event) *Turn {
	m.count++
	return &Turn{Event: e, Now: b.now, Tx: b.Tx(b.now), Log: m.log,
		base: eventBase(e, m.nonce+"-"+strconv.Itoa(m.count))}
}

// handle calls the handler and makes a panic an error.
func (m *Machine) handle(t *Turn) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return m.handler.Handle(t)
}

// fail answers for a turn that was undone, in a turn of its own.
func (m *Machine) fail(b *batch, e Event, cause error) *Turn {
	ref := ""
	if _, mild := AsNotice(cause); !mild {
		m.count++
		ref = digest(m.nonce, strconv.Itoa(m.count))[:4]
		m.log.Error("turn undone", "ref", ref, "event", fmt.Sprintf("%T", e), "err", cause)
	}
	t := m.newTurn(b, e)
	m.apologise(t, ref, cause)
	if d, ok := e.(Due); ok {
		t.Tx.Postpone(d.Due)
	}
	t.replies = m.launch(b, t.Tx, t.replies)
	m.keep(b, t.Tx)
	return t
}

// apologise calls the handler's apology, which had better not panic too.
func (m *Machine) apologise(t *Turn, ref string, cause error) {
	defer func() {
		if p := recover(); p != nil {
			m.log.Error("panic in the apology", "ref", ref, "panic", p)
		}
	}()
	m.handler.Apologise(t, ref, cause)
}

// prepare drops replays and does the loop's own part of an event; what it
// returns goes to the handler.
func (m *Machine) prepare(b *batch, e Event) []Event {
	switch e := e.(type) {
	case Heard:
		return m.heard(b, e)
	case settle:
		b.proofs = append(b.proofs, e)
		return m.settle(b, e.Sent)
	case rest:
		if len(m.cursors) > 0 {
			m.putCursors(b)
		}
		return nil
	case Link:
		m.link(b, e.Status)
	case Due:
		return m.due(b, e)
	case Found:
		tx := b.Tx(b.now)
		if !tx.Awaits(e.Probe) {
			return nil // asked anew since, or not wanted any more
		}
		tx.EndProbe(e.Probe.ID)
		m.keep(b, tx)
	}
	return []Event{e}
}

func (m *Machine) keep(b *batch, tx *store.Tx) {
	if err := b.Keep(tx); err != nil {
		m.log.Error("the loop's own writes", "err", err)
	}
}

func (m *Machine) heard(b *batch, e Heard) []Event {
	if e.Cursor != nil {
		m.cursors[e.Room.Network] = e.Cursor
	}
	tx := b.Tx(b.now)
	if e.ID != "" && (m.recent.has(e.Room.Network, e.ID) || tx.Seen(e.Room.Network, e.ID)) {
		return nil
	}
	m.recent.add(e.Room.Network, e.ID)
	woken := m.launch(b, tx, tx.WakeAway(e.Room.Network, e.From.Account))
	b.effects.Send = append(b.effects.Send, woken...)
	m.keep(b, tx)
	return []Event{e}
}

func (m *Machine) putCursors(b *batch) {
	tx := b.Tx(b.now)
	for network, c := range m.cursors {
		tx.SetCursor(network, c)
	}
	m.keep(b, tx)
}

// due takes the deadline out; those of the outbox are the loop's own.
func (m *Machine) due(b *batch, e Due) []Event {
	tx := b.Tx(b.now)
	tx.TakeDue(e.Due)
	defer m.keep(b, tx)
	switch e.Kind {
	case dueOut:
		if row, ok := tx.Outgoing(e.Key); ok { // with its room, so that the order stays
			b.effects.Send = append(b.effects.Send, m.launch(b, tx, inRoom(tx, row.Reply.Room))...)
		}
		return nil
	case duePrune:
		tx.PruneSeen(pruneKeep)
		tx.SetDue(duePrune, "", b.now.Add(pruneEvery))
		return nil
	}
	return []Event{e}
}

// The loop's own deadlines.
const (
	dueOut     = "out"
	duePrune   = "prune"
	pruneKeep  = 14 * 24 * time.Hour
	pruneEvery = 24 * time.Hour
)

// Start returns what was under way when the last process ended: probes without
// an end. The outbox goes on as each network's link comes up.
func (m *Machine) Start(ctx context.Context, now time.Time) (Effects, error) {
	g, err := m.store.Begin()
	if err != nil {
		return Effects{}, fmt.Errorf("begin at start: %w", err)
	}
	defer g.Discard()
	tx := g.Tx(now)
	b := &batch{Group: g, now: now.UTC(), effects: Effects{Probes: tx.Probes()}}
	if _, ok := tx.DueAt(duePrune, ""); !ok {
		tx.SetDue(duePrune, "", now.Add(pruneEvery))
	}
	if err := g.Keep(tx); err != nil {
		return Effects{}, err
	}
	m.turn(b, Begun{})
	err = g.Commit(ctx)
	if errors.Is(err, store.ErrFull) { // reading and answering go on
		m.log.Error("nothing can be written", "err", err)
		m.full, err = true, nil
		m.keepInMind(Begun{})
	}
	return b.effects, err
}

// FirstDue is the instant of the earliest deadline.
func (m *Machine) FirstDue() (store.Due, bool, error) {
	var d store.Due
	var ok bool
	err := m.store.View(func(tx *store.Tx) error { d, ok = tx.FirstDue(); return nil })
	return d, ok, err
}

// Cursor is the committed position of a transport.
func (m *Machine) Cursor(network string) ([]byte, error) {
	var c []byte
	err := m.store.View(func(tx *store.Tx) error { c = tx.Cursor(network); return nil })
	return c, err
}

// recent remembers the last ids heard, for replays that changed nothing.
type recent struct {
	ids  map[string]bool
	ring [1024]string
	next int
}

func (r *recent) has(network, id string) bool { return r.ids[network+"/"+id] }

func (r *recent) add(network, id string) {
	if id == "" {
		return
	}
	if r.ids == nil {
		r.ids = map[string]bool{}
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = network + "/" + id
	r.ids[r.ring[r.next]] = true
	r.next = (r.next + 1) % len(r.ring)
}
