package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

var (
	epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	room  = chat.Room{Network: "irc", ID: "#support"}
	other = chat.Room{Network: "irc", ID: "#staff"}
)

// script is a Handler made of functions; it notes what it was told.
type script struct {
	handle func(*Turn) error
	said   []string // what Apologise was told
	ends   []string // Settled events: key and state
}

func (s *script) Handle(t *Turn) error {
	if e, ok := t.Event.(Settled); ok {
		s.ends = append(s.ends, e.Row.Reply.Text+" "+string(e.State))
		return nil
	}
	if s.handle == nil {
		return nil
	}
	return s.handle(t)
}

func (s *script) Apologise(t *Turn, ref string, err error) {
	s.said = append(s.said, ref+": "+err.Error())
	if _, ok := t.Message(); ok {
		t.Say(chat.Reply{Room: room, Text: "sorry"})
	}
}

// fullEngine is an Engine whose disk can be filled.
type fullEngine struct {
	store.Engine
	full    atomic.Bool
	broken  error
	commits int
}

func (e *fullEngine) Commit(ctx context.Context, b store.Batch) error {
	if e.full.Load() {
		return fmt.Errorf("no room: %w", store.ErrFull)
	}
	if e.broken != nil {
		return e.broken
	}
	e.commits++
	return e.Engine.Commit(ctx, b)
}

// world is a Machine under test with its store and an instant.
type world struct {
	*testing.T
	*script
	engine  *fullEngine
	store   *store.Store
	machine *Machine
	now     time.Time
}

func newWorld(t *testing.T, handle func(*Turn) error) *world {
	t.Helper()
	w := &world{T: t, script: &script{handle: handle}, engine: &fullEngine{Engine: store.NewMemory()}, now: epoch}
	w.restart()
	return w
}

// restart is what a new process does: it forgets the machine and keeps the store.
func (w *world) restart() Effects {
	w.Helper()
	s, err := store.Open(context.Background(), w.engine)
	if err != nil {
		w.Fatal(err)
	}
	w.store = s
	w.machine = NewMachine(s, w.script, slog.New(slog.DiscardHandler))
	e, err := w.machine.Start(context.Background(), w.now)
	if err != nil {
		w.Fatal(err)
	}
	return e
}

// take wants no error.
func (w *world) take(events ...Event) Effects {
	w.Helper()
	e, err := w.machine.Take(context.Background(), w.now, events...)
	if err != nil {
		w.Fatalf("take: %v", err)
	}
	return e
}

func (w *world) link(network string, up bool) Effects {
	w.Helper()
	return w.take(Link{chat.Status{Network: network, Up: up}})
}

// hear is a message in the room.
func hear(id, text string) Heard {
	return Heard{chat.Message{Room: room, ID: id, Text: text, From: chat.Identity{Network: "irc", Nick: "m", Account: "claire"}}}
}

// sent is the network's word on a row.
func sent(row store.Outgoing, err error) Event {
	proof := ""
	if err == nil {
		proof = "$" + row.Reply.Text
	}
	return settle{chat.Sent{Network: row.Reply.Room.Network, Key: row.Reply.Key, Proof: proof, Err: err}}
}

// texts wants these texts to leave, in this order.
func (w *world) texts(e Effects, want ...string) []store.Outgoing {
	w.Helper()
	var got []string
	for _, row := range e.Send {
		got = append(got, row.Reply.Text)
	}
	if !slices.Equal(got, want) {
		w.Fatalf("sent %q, want %q", got, want)
	}
	return e.Send
}

// note reads a note of the last commit.
func (w *world) note(name string) (v string) {
	w.Helper()
	w.view(func(tx *store.Tx) { v = tx.Note(name) })
	return v
}

func (w *world) view(fn func(*store.Tx)) {
	w.Helper()
	if err := w.store.View(func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		w.Fatal(err)
	}
}

// outbox lists the texts on their way.
func (w *world) outbox() (texts []string) {
	w.view(func(tx *store.Tx) {
		for _, row := range tx.Outbox() {
			texts = append(texts, row.Reply.Text)
		}
	})
	return texts
}

// say answers with the message's text, in a stored reply for "+text".
func say(t *Turn) error {
	m, ok := t.Message()
	if !ok {
		return nil
	}
	if text, stored := strings.CutPrefix(m.Text, "+"); stored {
		t.Deliver(chat.Reply{Room: m.Room, Text: text}, Delivery{Stored: true})
		return nil
	}
	t.Say(chat.Reply{Room: m.Room, Text: m.Text})
	return nil
}

func TestFailingTurnTakesAllBack(t *testing.T) {
	for name, fails := range map[string]func() error{
		"error":  func() error { return errors.New("broken") },
		"panic":  func() error { panic("broken") },
		"notice": func() error { return fmt.Errorf("in: %w", &Notice{"broken", "do this"}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(t *Turn) error {
				m, ok := t.Message()
				if !ok {
					return nil
				}
				t.Tx.SetNote(m.Text, "written")
				t.Say(chat.Reply{Room: room, Text: m.Text})
				if err := t.Probe("p"+m.Text, "tls", "", "x"); err != nil {
					return err
				}
				if m.Text == "bad" {
					t.Deliver(chat.Reply{Room: room, Text: "kept"}, Delivery{Track: true})
					return fails()
				}
				return nil
			})
			w.link("irc", true)
			e := w.take(hear("1", "a"), hear("2", "bad"), hear("3", "c"))
			w.texts(e, "a", "sorry", "c")
			if len(e.Probes) != 2 {
				t.Errorf("%d probes of two good turns", len(e.Probes))
			}
			if w.note("a") == "" || w.note("bad") != "" || w.note("c") == "" {
				t.Error("the failing turn's writes, and only those, must be gone")
			}
			if len(w.said) != 1 || !strings.Contains(w.said[0], "broken") {
				t.Fatalf("apologies: %q", w.said)
			}
			if mild := strings.HasPrefix(w.said[0], ": "); mild != (name == "notice") {
				t.Errorf("only accidents have a reference: %q", w.said[0])
			}
			w.take(hear("2", "bad"))
			if len(w.said) != 1 {
				t.Error("a replay of a failed message is answered again")
			}
		})
	}
}

func TestReplays(t *testing.T) {
	w := newWorld(t, say)
	w.link("irc", true)
	w.texts(w.take(hear("1", "passing"), hear("2", "+stored"), hear("2", "+stored"), hear("", "noid"), hear("", "noid")),
		"passing", "stored", "noid", "noid")
	w.texts(w.take(hear("1", "passing"), hear("2", "+stored")))
	w.restart()
	w.link("irc", true) // the stored one was never proven
	w.texts(w.take(hear("2", "+stored"), hear("1", "passing")), "passing")
	again := hear("1", "again")
	again.Room = chat.Room{Network: "matrix", ID: "!r"}
	w.link("matrix", true)
	w.texts(w.take(again), "again")
}

func TestPassingRepliesCostNoCommit(t *testing.T) {
	w := newWorld(t, say)
	w.link("irc", true)
	before := w.engine.commits
	w.texts(w.take(hear("1", "a"), hear("2", "b")), "a", "b")
	if w.engine.commits != before {
		t.Error("turns that change nothing wrote something")
	}
	w.take(hear("3", "+c"), hear("4", "+d"), hear("5", "e"))
	if w.engine.commits != before+1 {
		t.Errorf("%d commits for one batch", w.engine.commits-before)
	}
	w.link("irc", false)
	w.texts(w.take(hear("6", "lost")))
	w.link("irc", true)
	if got := w.outbox(); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("outbox %q", got)
	}
}

func TestAnsweredHistoryIsLookedForFirst(t *testing.T) {
	w := newWorld(t, say)
	w.link("irc", true)
	h := hear("1", "x")
	h.History = true
	if e := w.take(h); len(e.Send) != 1 || !e.Send[0].Reply.Maybe {
		t.Errorf("an answer to history may have been given: %+v", e.Send)
	}
}

func TestKeysAreTheSameInAnyProcess(t *testing.T) {
	var keys []string
	for range 2 {
		w := newWorld(t, say)
		w.link("irc", true)
		keys = append(keys, w.take(hear("1", "x")).Send[0].Reply.Key)
	}
	if keys[0] != keys[1] || len(keys[0]) > 120 {
		t.Errorf("keys %q", keys)
	}
}

func TestCursorsGoWithTheNextWrite(t *testing.T) {
	w := newWorld(t, say)
	w.link("irc", true)
	cursor := func() string {
		c, err := w.machine.Cursor("irc")
		if err != nil {
			t.Fatal(err)
		}
		return string(c)
	}
	at := func(h Heard, c string) Heard { h.Cursor = []byte(c); return h }
	w.take(at(hear("1", "a"), "one"))
	if cursor() != "" {
		t.Error("a passing answer wrote the cursor")
	}
	w.take(at(hear("2", "+b"), "two"))
	if cursor() != "two" {
		t.Errorf("cursor %q", cursor())
	}
	row := w.outbox()
	if len(row) != 1 {
		t.Fatal(row)
	}
	w.view(func(tx *store.Tx) {
		s := settle{chat.Sent{Network: "irc", Key: tx.Outbox()[0].Reply.Key, Proof: "$b", Cursor: []byte("three")}}
		w.take(s)
	})
	if cursor() != "three" {
		t.Errorf("a proof's cursor is not kept: %q", cursor())
	}
	w.take(at(hear("3", "c"), "four"))
	if w.take(rest{}); cursor() != "four" {
		t.Errorf("a quiet moment does not keep the position of what changed nothing: %q", cursor())
	}
}

func TestDueIsPostponedAfterFailing(t *testing.T) {
	fail := true
	w := newWorld(t, func(t *Turn) error {
		if _, ok := t.Event.(Due); !ok {
			t.Tx.SetDue("nag", "1", t.Now)
			return nil
		}
		t.Tx.SetNote("done", "yes")
		if fail {
			return errors.New("not yet")
		}
		return nil
	})
	w.take(hear("1", "x"))
	for _, wait := range []time.Duration{0, time.Minute, 2 * time.Minute, 4 * time.Minute} {
		w.now = w.now.Add(wait)
		d, ok, err := w.machine.FirstDue()
		if err != nil || !ok || d.Kind != "nag" || !d.At.Equal(w.now) {
			t.Fatalf("due %+v, %v, %v; want at %v", d, ok, err, w.now)
		}
		fail = wait < 4*time.Minute
		w.take(Due{d})
	}
	if d, ok, _ := w.machine.FirstDue(); w.note("done") != "yes" || ok && d.Kind == "nag" {
		t.Errorf("after success: %+v", d)
	}
}

func TestProbes(t *testing.T) {
	var found []string
	w := newWorld(t, func(t *Turn) error {
		if f, ok := t.Event.(Found); ok {
			found = append(found, string(f.Report))
			return nil
		}
		if m, ok := t.Message(); ok {
			return t.Probe("one", "tls", "owner", m.Text)
		}
		return nil
	})
	first := w.take(hear("1", "a")).Probes[0]
	w.now = w.now.Add(time.Second)
	second := w.take(hear("2", "b")).Probes[0]
	w.take(Found{Probe: first, Report: []byte("old")})
	if len(found) != 0 {
		t.Fatal("the report of a probe that was asked anew is taken")
	}
	begun := w.restart()
	if len(begun.Probes) != 1 || string(begun.Probes[0].Args) != `"b"` || begun.Probes[0].For != "owner" {
		t.Fatalf("begun again: %+v", begun.Probes)
	}
	w.take(Found{Probe: begun.Probes[0], Report: []byte("new")}, Found{Probe: second, Report: []byte("twice")})
	if !slices.Equal(found, []string{"new"}) {
		t.Errorf("reports %q", found)
	}
	if begun := w.restart(); len(begun.Probes) != 0 {
		t.Errorf("ended and begun again: %+v", begun.Probes)
	}
}
