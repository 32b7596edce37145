package chattest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/bot/chat"
)

// probe is one check under way: a transport at work, and what it has delivered.
type probe struct {
	testing.TB
	Harness
	ear    *ear
	cancel context.CancelFunc
	ended  chan error
	serial int

	mu sync.Mutex
	// taken are the keys whose Send returned nil, by how often.
	taken map[string]int
}

func newProbe(t testing.TB, h Harness) *probe {
	return &probe{TB: t, Harness: h, taken: map[string]int{}}
}

// start runs a transport from a cursor and waits until it is up.
func (p *probe) start(t chat.Transport, cursor []byte) {
	p.Helper()
	p.launch(t, cursor)
	p.await("the link", func(in []chat.Inbound) bool { return link(in) > 0 })
}

func (p *probe) launch(t chat.Transport, cursor []byte) {
	ctx, cancel := context.WithCancel(context.Background())
	e := &ear{grown: make(chan struct{})}
	ended := make(chan error, 1)
	p.Transport, p.ear, p.cancel, p.ended = t, e, cancel, ended
	go func() {
		err := t.Run(ctx, cursor, e.deliver)
		e.close()
		ended <- err
	}()
}

// end stops the transport, if it runs, and checks that it obeys.
func (p *probe) end() {
	p.Helper()
	if p.cancel == nil {
		return
	}
	p.cancel()
	p.cancel = nil
	began := time.Now()
	select {
	case err := <-p.ended:
		if err != nil {
			p.Errorf("Run = %v after its context ended, want nil", err)
		}
		if d := time.Since(began); d > p.StopWithin {
			p.Errorf("Run took %v to end", d)
		}
	case <-time.After(p.Within):
		p.Fatalf("Run has not ended %v after its context", p.Within)
	}
	if n := p.ear.after(); n > 0 {
		p.Errorf("%d things were delivered after Run had ended", n)
	}
}

// await waits until what was delivered is as it should be.
func (p *probe) await(what string, ok func([]chat.Inbound) bool) {
	p.Helper()
	if err := p.ear.wait(p.Within, ok); err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}

// awaitRead waits until people have read something in a room.
func (p *probe) awaitRead(room chat.Room, what string, ok func([]string) bool) {
	p.Helper()
	for late := time.After(p.Within); !ok(p.Read(room)); {
		select {
		case <-late:
			p.Fatalf("%s: %s reads %q", what, room, p.Read(room))
		case <-time.After(20 * time.Millisecond): // people on a network do not tell us when they read
		}
	}
}

// word is a text that nobody has said before.
func (p *probe) word(what string) string {
	p.serial++
	return fmt.Sprintf("%s-%d-%x", what, p.serial, time.Now().UnixNano()&0xffffff)
}

// reply is something to say in a room, under a key of its own.
func (p *probe) reply(room chat.Room, text string) chat.Reply {
	return chat.Reply{Key: "chattest-" + p.word("key"), Room: room, Text: text, Tone: chat.Loud, Priority: chat.Answer, Since: time.Now()}
}

// send gives the transport a reply, and returns what Send returned; a Send that
// does not return is a failure.
func (p *probe) send(r chat.Reply) error {
	ctx, cancel := context.WithTimeout(context.Background(), p.Within)
	defer cancel()
	err := p.Transport.Send(ctx, r)
	if ctx.Err() != nil {
		p.Errorf("Send did not return within %v", p.Within)
	}
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.taken[r.Key]++
	}
	return err
}

// says sends a reply and returns its one outcome.
func (p *probe) says(r chat.Reply) chat.Sent {
	p.Helper()
	if err := p.send(r); err != nil {
		p.Fatalf("Send = %v", err)
	}
	return p.outcome(r.Key)
}

// outcome waits for the Sent of a key.
func (p *probe) outcome(key string) chat.Sent {
	p.Helper()
	p.mu.Lock()
	want := max(1, p.taken[key])
	p.mu.Unlock()
	p.await("what became of a reply", func(in []chat.Inbound) bool { return len(sents(in, key)) >= want })
	s := sents(p.ear.all(), key)
	last := s[len(s)-1]
	if last.Network != p.Transport.Name() {
		p.Errorf("an outcome of the network %q: %+v", last.Network, last)
	}
	return last
}

// balance checks, at the end, that no Send had more than one outcome, and that
// nothing has an outcome that Send did not take.
func (p *probe) balance() {
	p.Helper()
	if p.ear == nil {
		return
	}
	n := map[string]int{}
	for _, i := range p.ear.all() {
		if s, ok := i.(chat.Sent); ok {
			n[s.Key]++
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, got := range n {
		if got > p.taken[key] {
			p.Errorf("%d outcomes of %s, of which Send took %d", got, key, p.taken[key])
		}
	}
}

// once checks that a text was read exactly once in a room.
func (p *probe) once(room chat.Room, text string) {
	p.Helper()
	p.awaitRead(room, "what was proved", func(lines []string) bool { return count(lines, text) > 0 })
	if n := count(p.Read(room), text); n != 1 {
		p.Errorf("%q was read %d times in %s", text, n, room)
	}
}

// ear is what a transport has delivered, oldest first.
type ear struct {
	mu    sync.Mutex
	in    []chat.Inbound
	grown chan struct{} // closed and replaced at each addition
	shut  chan struct{} // while not nil, deliver waits for it
	over  bool
	late  int
}

func (e *ear) deliver(ctx context.Context, in chat.Inbound) error {
	e.mu.Lock()
	shut := e.shut
	e.mu.Unlock()
	if shut != nil {
		select {
		case <-shut:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		e.late++
	}
	e.in = append(e.in, in)
	close(e.grown)
	e.grown = make(chan struct{})
	return nil
}

// block makes deliver wait until the returned function is called.
func (e *ear) block() (open func()) {
	shut := make(chan struct{})
	e.mu.Lock()
	e.shut = shut
	e.mu.Unlock()
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.shut == shut {
			e.shut = nil
			close(shut)
		}
	}
}

func (e *ear) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
}

func (e *ear) after() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.late
}

func (e *ear) all() []chat.Inbound {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]chat.Inbound(nil), e.in...)
}

func (e *ear) wait(within time.Duration, ok func([]chat.Inbound) bool) error {
	for late := time.After(within); ; {
		e.mu.Lock()
		in, grown := append([]chat.Inbound(nil), e.in...), e.grown
		e.mu.Unlock()
		if ok(in) {
			return nil
		}
		select {
		case <-grown:
		case <-late:
			return fmt.Errorf("not within %v; delivered: %s", within, describe(in))
		}
	}
}

// link counts the times that the link came up, less one for each time it went
// down after.
func link(in []chat.Inbound) int {
	up := 0
	for _, i := range in {
		if s, ok := i.(chat.Status); ok && s.Up {
			up = 1
		} else if ok {
			up = 0
		}
	}
	return up
}

// texts are the messages delivered, in order, whose text holds mark.
func texts(in []chat.Inbound, mark string) (out []chat.Message) {
	for _, i := range in {
		if m, ok := i.(chat.Message); ok && m.Kind == chat.Text && strings.Contains(m.Text, mark) {
			out = append(out, m)
		}
	}
	return out
}

func sents(in []chat.Inbound, key string) (out []chat.Sent) {
	for _, i := range in {
		if s, ok := i.(chat.Sent); ok && s.Key == key {
			out = append(out, s)
		}
	}
	return out
}

func count(lines []string, text string) (n int) {
	for _, l := range lines {
		if strings.Contains(l, text) {
			n++
		}
	}
	return n
}

func describe(in []chat.Inbound) string {
	var b strings.Builder
	for _, i := range in {
		switch i := i.(type) {
		case chat.Message:
			fmt.Fprintf(&b, "\n  message %d in %s: %q", i.Kind, i.Room, i.Text)
		default:
			fmt.Fprintf(&b, "\n  %+v", i)
		}
	}
	return b.String()
}
