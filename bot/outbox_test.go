package bot

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// deliver is a world whose messages say the given reply.
func deliver(t *testing.T, r chat.Reply, d Delivery) *world {
	t.Helper()
	if r.Room == (chat.Room{}) {
		r.Room = room
	}
	w := newWorld(t, func(t *Turn) error {
		if m, ok := t.Message(); ok && m.Text == "go" {
			t.Deliver(r, d)
		}
		return nil
	})
	w.link("irc", true)
	return w
}

// later lets time pass until the outbox's next deadline, and handles it.
func (w *world) later() Effects {
	w.Helper()
	d, ok, err := w.machine.FirstDue()
	if err != nil || !ok || d.Kind != dueOut {
		w.Fatalf("no row is due: %+v, %v", d, err)
	}
	w.now = d.At
	return w.take(Due{d})
}

// What becomes of a row is decided by its promise and the network's words.
func TestPolicy(t *testing.T) {
	refused, away := fmt.Errorf("banned: %w", chat.ErrRefused), fmt.Errorf("gone: %w", chat.ErrAway)
	unknown := fmt.Errorf("timeout: %w", chat.ErrUnknown)
	type try struct {
		err           error
		wait          time.Duration // until the next try
		maybe, repeat bool          // of the next try
	}
	for _, tt := range []struct {
		name  string
		once  bool
		tries []try // all but the last are tried again
		last  error
		end   store.DeliveryState
	}{
		{"proven at once", false, nil, nil, store.Proven},
		{"refused", false, nil, refused, store.Failed},
		{"insecure", true, nil, chat.ErrInsecure, store.Failed},
		{"away, not logged in", false, nil, away, store.Failed},
		{"down, then proven", false, []try{{err: chat.ErrDown, wait: time.Second}}, nil, store.Proven},
		{"trouble backs off", false, []try{{err: errors.New("500"), wait: 2 * time.Second}, {err: errors.New("500"), wait: 4 * time.Second}}, nil, store.Proven},
		{"unknown: look first", false, []try{{err: unknown, maybe: true}}, nil, store.Proven},
		{"unknown twice: a marked repeat", false, []try{{err: unknown, maybe: true}, {err: unknown, wait: 4 * time.Second, repeat: true}}, nil, store.Proven},
		{"unknown for ever: repeats", false, []try{{err: unknown, maybe: true}, {err: unknown, wait: 4 * time.Second, repeat: true},
			{err: unknown, wait: 8 * time.Second, repeat: true}}, refused, store.Failed},
		{"once: unknown, look, found", true, []try{{err: unknown, maybe: true}}, nil, store.Proven},
		{"once: unknown twice: given up", true, []try{{err: unknown, maybe: true}}, unknown, store.Uncertain},
		{"once: down is not unknown", true, []try{{err: chat.ErrDown, wait: time.Second}}, nil, store.Proven},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := deliver(t, chat.Reply{Text: "x"}, Delivery{Once: tt.once, Track: true})
			e := w.take(hear("1", "go"))
			for _, try := range tt.tries {
				began := w.now
				e = w.take(sent(w.texts(e, "x")[0], try.err))
				if try.wait > 0 {
					e = w.later()
				}
				row := w.texts(e, "x")[0]
				if got := w.now.Sub(began); got != try.wait || row.Reply.Maybe != try.maybe || row.Reply.Repeat != try.repeat {
					t.Fatalf("after %v: tried again in %v, maybe %v, repeat %v", try.err, got, row.Reply.Maybe, row.Reply.Repeat)
				}
			}
			row := w.texts(e, "x")[0]
			w.texts(w.take(sent(row, tt.last)))
			if want := []string{"x " + string(tt.end)}; !slices.Equal(w.ends, want) {
				t.Errorf("told %q, want %q", w.ends, want)
			}
			w.view(func(tx *store.Tx) {
				d, ok := tx.Delivery(row.Reply.Key)
				if !ok || d.State != tt.end || len(tx.Outbox()) != 0 || tt.end == store.Proven && d.Proof != "$x" {
					t.Errorf("delivery %+v", d)
				}
			})
			w.texts(w.take(sent(row, nil))) // a second word changes nothing
			if len(w.ends) != 1 {
				t.Error("told twice")
			}
		})
	}
}

func TestRetryIsTheNetworksWord(t *testing.T) {
	w := deliver(t, chat.Reply{Text: "x"}, Delivery{Stored: true})
	row := w.take(hear("1", "go")).Send[0]
	s := settle{chat.Sent{Network: "irc", Key: row.Reply.Key, Err: errors.New("slow down"), Retry: 30 * time.Second}}
	w.take(s)
	w.texts(w.later(), "x")
	if got := w.now.Sub(epoch); got != 30*time.Second {
		t.Errorf("tried again after %v", got)
	}
	s.Retry = -1
	w.take(s)
	if !slices.Equal(w.ends, []string{"x failed"}) {
		t.Errorf("ends %q", w.ends)
	}
}

// After a crash, what may have left is looked for first; a known repeat is not.
func TestClaimedRowsAfterACrash(t *testing.T) {
	w := deliver(t, chat.Reply{Text: "x"}, Delivery{Once: true})
	w.take(hear("1", "go"))
	w.restart()
	row := w.texts(w.link("irc", true), "x")[0]
	if !row.Reply.Maybe {
		t.Error("what may have left is said again without a look")
	}
	w.take(sent(row, chat.ErrUnknown))
	if !slices.Equal(w.ends, []string{"x unknown"}) {
		t.Errorf("ends %q", w.ends)
	}
	w = deliver(t, chat.Reply{Text: "y"}, Delivery{Stored: true})
	w.link("irc", false)
	w.take(hear("1", "go"))
	w.restart()
	if row := w.texts(w.link("irc", true), "y")[0]; row.Reply.Maybe {
		t.Error("what never left is looked for")
	}
}

// Whoever looks for an earlier attempt has to know how far back: at the first one, whatever came between, a crash included.
func TestARowKnowsSinceWhenItMayHaveArrived(t *testing.T) {
	w := deliver(t, chat.Reply{Text: "x"}, Delivery{Once: true})
	first := w.texts(w.take(hear("1", "go")), "x")[0].Reply
	if !first.Since.Equal(w.now) || first.Maybe {
		t.Fatalf("the first attempt, at %v: %+v", w.now, first)
	}
	w.now = w.now.Add(time.Hour)
	w.restart()
	again := w.texts(w.link("irc", true), "x")[0].Reply
	if !again.Maybe || !again.Since.Equal(first.Since) {
		t.Errorf("the second: %+v", again)
	}
}

func TestAwayWaitsForASignOfLife(t *testing.T) {
	private := chat.Room{Network: "irc", ID: "m", Private: true, Account: "claire"}
	w := deliver(t, chat.Reply{Text: "x", Room: private}, Delivery{Stored: true})
	row := w.take(hear("1", "go")).Send[0]
	w.texts(w.take(sent(row, chat.ErrAway)))
	w.link("irc", false)
	w.texts(w.link("irc", true))
	stranger := hear("2", "hello")
	stranger.From.Account = "" // the same nick, and nobody vouches for it
	w.texts(w.take(stranger))
	elsewhere := hear("3", "hello")
	elsewhere.From.Network, elsewhere.Room.Network = "matrix", "matrix"
	w.texts(w.take(elsewhere))
	w.restart()
	w.texts(w.link("irc", true))
	alive := hear("", "")
	alive.Kind = chat.Alive
	if row := w.texts(w.take(alive), "x")[0]; row.Reply.Maybe {
		t.Error("it was not written, and need not be looked for")
	}
}

func TestExpires(t *testing.T) {
	w := deliver(t, chat.Reply{Text: "x", Expires: epoch.Add(time.Hour)}, Delivery{Track: true})
	w.link("irc", false)
	w.take(hear("1", "go"))
	w.now = w.now.Add(time.Hour)
	w.texts(w.link("irc", true))
	if !slices.Equal(w.ends, []string{"x stale"}) || len(w.outbox()) != 0 {
		t.Errorf("ends %q, outbox %q", w.ends, w.outbox())
	}
}

// thread says a tracked root, an answer in its thread, and a plain line.
func thread(t *Turn) error {
	if m, ok := t.Message(); !ok || m.Text != "go" {
		return nil
	}
	t.Deliver(chat.Reply{Key: "root", Room: room, Text: "root", Expires: epoch.Add(time.Hour)}, Delivery{Track: true})
	t.Say(chat.Reply{Room: room, Text: "inside", ThreadOf: "root"})
	t.Say(chat.Reply{Room: room, Kind: chat.Amend, Text: "amended", TargetOf: "root"})
	t.Say(chat.Reply{Room: other, Text: "elsewhere", ThreadOf: "root"})
	return nil
}

func TestThreadsWaitForTheirRoot(t *testing.T) {
	w := newWorld(t, thread)
	w.link("irc", true)
	root := w.texts(w.take(hear("1", "go")), "root")[0]
	w.restart()
	again := w.texts(w.link("irc", true), "root")[0]
	if again.Reply.Key != root.Reply.Key {
		t.Fatal("another key")
	}
	rows := w.texts(w.take(sent(again, nil)), "inside", "amended", "elsewhere")
	if rows[0].Reply.Thread != "$root" || rows[1].Reply.Target != "$root" || rows[1].Reply.Kind != chat.Amend {
		t.Errorf("the proof is not put in place: %+v", rows[:2])
	}
	if rows[2].Reply.Thread != "" {
		t.Error("a thread of another room is used")
	}
}

// A root that fails or goes stale sets free what waited for it.
func TestThreadsOutliveTheirRoot(t *testing.T) {
	w := newWorld(t, thread)
	w.link("irc", true)
	root := w.take(hear("1", "go")).Send[0]
	rows := w.texts(w.take(sent(root, chat.ErrRefused)), "inside", "amended", "elsewhere")
	if rows[0].Reply.Thread != "" || rows[1].Reply.Kind != chat.Say {
		t.Errorf("%+v", rows)
	}
	w = newWorld(t, thread)
	w.take(hear("1", "go"))
	w.now = w.now.Add(2 * time.Hour)
	w.texts(w.link("irc", true), "inside", "amended", "elsewhere")
}

// A passing reply that depends on a proof becomes one that waits.
func TestPassingRepliesMayWaitToo(t *testing.T) {
	w := newWorld(t, func(t *Turn) error {
		if m, _ := t.Message(); m.Text == "root" {
			t.Deliver(chat.Reply{Key: "root", Room: room, Text: "root"}, Delivery{Track: true})
		} else if m.Text == "go" {
			t.Say(chat.Reply{Room: room, Text: "inside", ThreadOf: "root"})
		}
		return nil
	})
	w.link("irc", true)
	root := w.take(hear("1", "root")).Send[0]
	w.texts(w.take(hear("2", "go")))
	w.texts(w.take(sent(root, nil)), "inside")
}

func TestOrder(t *testing.T) {
	w := newWorld(t, say)
	w.take(hear("1", "+a"), hear("2", "+b"), hear("3", "+c"))
	rows := w.texts(w.link("irc", true), "a", "b", "c")
	for _, row := range rows { // the link broke under them
		w.take(sent(row, chat.ErrDown))
	}
	var again []string
	for len(again) < 3 {
		for _, row := range w.later().Send {
			again = append(again, row.Reply.Text)
		}
	}
	if !slices.Equal(again, []string{"a", "b", "c"}) {
		t.Errorf("said again as %q", again)
	}
	w.texts(w.link("irc", true)) // said twice, the link is up once
	w.link("irc", false)
	w.texts(w.link("irc", true)) // and what flies is not sent again
}

// What a turn says is stored in the order of saying, kept or not.
// TestOrderBehindARetry: what is decided later is not read before what has to be
// tried again, in the same room; another room does not wait for it.
func TestOrderBehindARetry(t *testing.T) {
	w := newWorld(t, func(t *Turn) error {
		if m, ok := t.Message(); ok {
			t.Deliver(chat.Reply{Room: room, Text: m.Text}, Delivery{Track: true})
			t.Deliver(chat.Reply{Room: other, Text: m.Text + " elsewhere"}, Delivery{Track: true})
		}
		return nil
	})
	w.link("irc", true)
	rows := w.texts(w.take(hear("1", "ongoing")), "ongoing", "ongoing elsewhere")
	w.take(sent(rows[0], errors.New("too many requests")))
	w.texts(w.take(hear("2", "resolved")), "resolved elsewhere")
	var again []string
	for len(again) < 2 {
		for _, row := range w.later().Send {
			again = append(again, row.Reply.Text)
		}
	}
	if !slices.Equal(again, []string{"ongoing", "resolved"}) {
		t.Errorf("read as %q", again)
	}
}

func TestOrderWithinATurn(t *testing.T) {
	w := newWorld(t, func(t *Turn) error {
		if _, ok := t.Message(); ok {
			t.Say(chat.Reply{Room: room, Text: "a"})
			t.Say(chat.Reply{Room: room, Kind: chat.Typing})
			t.Deliver(chat.Reply{Room: room, Text: "b"}, Delivery{Track: true})
			t.Say(chat.Reply{Room: room, Text: "c"})
		}
		return nil
	})
	w.link("irc", true)
	w.texts(w.take(hear("1", "go")), "a", "", "b", "c")
	if got := w.outbox(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("stored as %q", got)
	}
}

func TestAKeyIsSaidOnce(t *testing.T) {
	w := newWorld(t, func(t *Turn) error {
		if m, ok := t.Message(); ok {
			t.Deliver(chat.Reply{Key: "news/1", Room: room, Text: "news"}, Delivery{Track: m.Text == "track", Stored: true})
			t.Tx.SetNote("turn", m.ID)
			t.Say(chat.Reply{Key: "said/1", Room: room, Text: "said"})
		}
		return nil
	})
	w.link("irc", true)
	rows := w.texts(w.take(hear("1", "track")), "news", "said")
	w.texts(w.take(hear("2", "track")))
	w.take(sent(rows[0], nil), sent(rows[1], nil))
	w.texts(w.take(hear("3", "track")), "said") // not tracked: it may be said anew once it has arrived
}

func TestFullDisk(t *testing.T) {
	w := newWorld(t, say)
	w.link("irc", true)
	flying := w.texts(w.take(hear("1", "+flying")), "flying")[0]
	w.link("matrix", false)
	w.engine.full.Store(true)
	refused := func(want []string, events ...Event) {
		t.Helper()
		e, err := w.machine.Take(t.Context(), w.now, events...)
		if !errors.Is(err, store.ErrFull) {
			t.Fatalf("take: %v", err)
		}
		w.texts(e, want...)
	}
	refused([]string{"passing", "sorry"}, hear("2", "passing"), hear("3", "+lost"))
	refused(nil, sent(flying, nil))
	if len(w.said) != 1 || w.note("x") != "" {
		t.Errorf("apologies %q", w.said)
	}
	refused([]string{"sorry"}, hear("4", "+lost too"))
	w.engine.full.Store(false)
	w.texts(w.take(hear("5", "+fits")), "fits")
	if got := w.outbox(); !slices.Equal(got, []string{"fits"}) {
		t.Errorf("the proof that came meanwhile is forgotten: outbox %q", got)
	}
	if !slices.Contains(w.ends, "flying proven") { // and again with each batch that was refused
		t.Errorf("ends %q", w.ends)
	}
}

// Rows whose leaving could not be written down leave as soon as it can.
func TestFullDiskHoldsRowsBack(t *testing.T) {
	w := newWorld(t, say)
	w.take(hear("1", "+waiting"))
	w.engine.full.Store(true)
	if e, err := w.machine.Take(t.Context(), w.now, Link{chat.Status{Network: "irc", Up: true}}); !errors.Is(err, store.ErrFull) || len(e.Send) != 0 {
		t.Fatalf("%+v, %v", e, err)
	}
	w.engine.full.Store(false)
	row := w.texts(w.take(), "waiting")[0]
	if row.Reply.Maybe {
		t.Error("it never left")
	}
	w.texts(w.take())
	w.engine.full.Store(true)
	w.restart()
	w.texts(w.take())
}

// A check's report that came while nothing could be written is not lost: somebody
// waits for it, and nobody else would bring it again.
func TestFullDiskKeepsReports(t *testing.T) {
	w := newWorld(t, func(t *Turn) error {
		switch e := t.Event.(type) {
		case Begun:
			t.Tx.SetNote("begun", t.Now.String())
		case Found:
			t.Tx.SetNote("found", string(e.Report))
			t.Say(chat.Reply{Room: room, Text: "it is " + string(e.Report)})
		case Heard:
			return t.Probe("one", "tls", "owner", "")
		}
		return nil
	})
	w.link("irc", true)
	probe := w.take(hear("1", "go")).Probes[0]
	w.engine.full.Store(true)
	for range 3 { // and again with each batch that is refused
		if e, err := w.machine.Take(t.Context(), w.now, Found{Probe: probe, Report: []byte("expired")}); !errors.Is(err, store.ErrFull) || len(e.Send) != 0 {
			t.Fatalf("%+v, %v", e, err)
		}
	}
	w.engine.full.Store(false)
	w.texts(w.take(), "it is expired")
	w.texts(w.take())
	if w.note("found") != "expired" {
		t.Error("the report is not kept")
	}
	w.engine.full.Store(true)
	w.now = w.now.Add(time.Hour)
	w.restart()
	w.engine.full.Store(false)
	if w.take(); w.note("begun") != w.now.String() {
		t.Error("what is done at the start was not done once it could be")
	}
}

func TestBrokenStoreEndsTheProcess(t *testing.T) {
	w := newWorld(t, say)
	w.engine.broken = errors.New("input/output error")
	if e, err := w.machine.Take(t.Context(), w.now, hear("1", "+x")); !errors.Is(err, w.engine.broken) || len(e.Send) != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}
