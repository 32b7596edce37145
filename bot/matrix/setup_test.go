package matrix

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vigie/bot/chat"
)

const (
	me   = "@vigie:test"
	anne = "@anne:test"
	bob  = "@bob:test"
)

// bench is a Transport at work on a home, and what it has delivered.
type bench struct {
	t    *testing.T
	home *home
	tr   *Transport
	cfg  Config

	in     chan chat.Inbound
	cursor []byte // the last one delivered
	stop   context.CancelFunc
	ended  chan error
}

// newBench makes a configuration with a password; change may amend it.
func newBench(t *testing.T, h *home, change func(*Config)) *bench {
	t.Helper()
	dir := t.TempDir()
	pass := filepath.Join(dir, "password")
	if err := os.WriteFile(pass, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Name: "matrix", Homeserver: h.srv.URL, User: me, PasswordFile: pass, Data: filepath.Join(dir, "data"),
		RetryWait: time.Millisecond, RateLimitWait: 50 * time.Millisecond, RequestTimeout: 20 * time.Second, PollTime: 10 * time.Second,
		NoCrossSigning: true,
	}
	if change != nil {
		change(&cfg)
	}
	b := &bench{t: t, home: h, cfg: cfg}
	t.Cleanup(func() {
		if b.stop != nil {
			b.halt()
		}
	})
	return b
}

// run starts a new Transport, as after a restart, and waits until it is up.
func (b *bench) run() *bench {
	b.t.Helper()
	b.launch(b.cursor)
	if s := next[chat.Status](b); !s.Up {
		b.t.Fatalf("not up: %v", s.Err)
	}
	return b
}

func (b *bench) launch(cursor []byte) {
	b.t.Helper()
	tr, err := New(b.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	b.tr, b.stop = tr, stop
	b.in, b.ended = make(chan chat.Inbound), make(chan error, 1)
	in := b.in
	go func() {
		b.ended <- tr.Run(ctx, cursor, func(ctx context.Context, i chat.Inbound) error {
			select {
			case in <- i:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
}

// halt stops the Transport and checks that it ends in time.
func (b *bench) halt() {
	b.t.Helper()
	b.stop()
	b.stop = nil
	select {
	case err := <-b.ended:
		if err != nil {
			b.t.Errorf("Run: %v", err)
		}
	case <-time.After(5 * time.Second):
		b.t.Fatal("Run did not end within 5 s")
	}
}

// next waits for the next thing of one kind; others before it are a failure,
// except a Status.
func next[T chat.Inbound](b *bench) T {
	b.t.Helper()
	for {
		select {
		case in := <-b.in:
			if m, ok := in.(chat.Message); ok && m.Cursor != nil {
				b.cursor = m.Cursor
			}
			if v, ok := in.(T); ok {
				return v
			}
			if _, ok := in.(chat.Status); !ok {
				b.t.Fatalf("got %#v", in)
			}
		case err := <-b.ended:
			b.t.Fatalf("Run ended: %v", err)
		case <-time.After(20 * time.Second):
			b.t.Fatal("nothing came")
		}
	}
}

// text waits for the next message and checks its text.
func (b *bench) text(want string) chat.Message {
	b.t.Helper()
	m := next[chat.Message](b)
	if m.Text != want {
		b.t.Fatalf("got %q (%+v), want %q", m.Text, m, want)
	}
	return m
}

// quiet checks that nothing is delivered before a marker said in the room.
func (b *bench) quiet(room string) {
	b.t.Helper()
	b.home.text(room, bob, "marker")
	b.text("marker")
}

// live is the session that sends and receives now.
func (b *bench) live() *session {
	b.tr.mu.Lock()
	defer b.tr.mu.Unlock()
	return b.tr.live
}

// waiting are the errands whose time is still to come.
func (b *bench) waiting() []errand {
	todo := &b.live().todo
	todo.mu.Lock()
	defer todo.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(todo.list), func(e errand) bool { return e.at.Before(time.Now()) })
}

// settle waits until no errand is due any more.
func (b *bench) settle() {
	b.t.Helper()
	done := make(chan struct{})
	b.live().later("settled", func(context.Context) error { close(done); return nil })
	for {
		select {
		case <-done:
			return
		case in := <-b.in:
			if m, ok := in.(chat.Message); ok && m.Cursor != nil {
				b.cursor = m.Cursor
			}
		case <-time.After(20 * time.Second):
			b.t.Fatal("the errands do not end")
		}
	}
}

// send sends r and returns its outcome.
func (b *bench) send(r chat.Reply) chat.Sent {
	b.t.Helper()
	if r.Room.Network == "" {
		r.Room.Network = "matrix"
	}
	if err := b.tr.Send(context.Background(), r); err != nil {
		b.t.Fatalf("Send: %v", err)
	}
	s := next[chat.Sent](b)
	if s.Key != r.Key || s.Network != "matrix" {
		b.t.Fatalf("Sent of another reply: %+v", s)
	}
	return s
}

// refused sends r and returns why it was not written.
func (b *bench) refused(r chat.Reply) error {
	b.t.Helper()
	err := b.tr.Send(context.Background(), r)
	if err == nil {
		b.t.Fatalf("Send took %+v", r)
	}
	return err
}

func group(id string) chat.Room { return chat.Room{Network: "matrix", ID: id} }

func private(user string) chat.Room {
	return chat.Room{Network: "matrix", ID: user, Private: true, Account: user}
}

// Nothing may be left running when every Transport has been stopped.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
