package chattest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// square is a network in memory: a room in which everything is heard.
type square struct {
	mu      sync.Mutex
	lines   []string
	read    map[chat.Room][]string
	said    map[string]bool
	down    bool
	changed chan struct{} // closed and replaced at each change
}

func (s *square) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	close(s.changed)
	s.changed = make(chan struct{})
}

// model is a transport that keeps every promise, but for its fault.
type model struct {
	*square
	fault string
	up    bool
	sents []chat.Sent
	stay  chan struct{} // what a leaked goroutine waits for
}

func (m *model) Name() string { return "square" }

func (m *model) Run(ctx context.Context, cursor []byte, deliver func(context.Context, chat.Inbound) error) error {
	m.mu.Lock()
	pos, err := strconv.Atoi(string(cursor))
	if err != nil || m.fault == "starts anew" {
		pos = len(m.lines)
	}
	m.mu.Unlock()
	if m.fault == "leaks" {
		go func() { <-m.stay }()
	}
	defer func() {
		m.change(func() { m.up = false })
		switch m.fault {
		case "slow to stop":
			time.Sleep(6 * time.Second)
		case "speaks from the grave":
			go func() {
				time.Sleep(time.Nanosecond)
				_ = deliver(context.Background(), chat.Status{})
			}()
		}
	}()
	for told := false; ctx.Err() == nil; {
		m.mu.Lock()
		changed, up, lines, sents := m.changed, !m.down || m.fault == "hides a loss", slices.Clone(m.lines[pos:]), m.sents
		m.up, m.sents = up, nil
		m.mu.Unlock()
		if up != told {
			told = up
			_ = deliver(ctx, chat.Status{Network: "square", Up: up, At: time.Now()})
		}
		for _, s := range sents {
			_ = deliver(ctx, s)
		}
		if up {
			pos += m.pass(ctx, lines, pos, deliver)
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return nil
}

// pass delivers lines.
func (m *model) pass(ctx context.Context, lines []string, pos int, deliver func(context.Context, chat.Inbound) error) int {
	if m.fault == "shuffles" {
		slices.Reverse(lines)
	}
	for i, l := range lines {
		if m.fault == "loses lines" && (pos+i)%10 == 9 {
			continue
		}
		if m.fault == "mangles" {
			l = chat.Clean(l)
		}
		_ = deliver(ctx, chat.Message{Room: room, From: chat.Identity{Network: "square", Nick: "anne"}, Text: l,
			ID: strconv.Itoa(pos + i), Received: time.Now(), Cursor: []byte(strconv.Itoa(pos + i + 1))})
	}
	return len(lines)
}

func (m *model) Send(_ context.Context, r chat.Reply) (err error) {
	m.change(func() { err = m.send(r) })
	return err
}

func (m *model) send(r chat.Reply) error {
	s := chat.Sent{Network: "square", Key: r.Key, Proof: "p" + r.Key}
	switch {
	case !m.up || m.down:
		if m.fault != "takes all" {
			return fmt.Errorf("square: %w", chat.ErrDown)
		}
	case r.Room == absent && m.fault != "shouts":
		return fmt.Errorf("square: %w", chat.ErrAway)
	case m.said[r.Key] && r.Maybe && m.fault != "repeats":
	default:
		if r.Room == absent {
			r.Room = room
		}
		text := r.Text
		if m.fault != "says all" {
			text = strings.NewReplacer("\r", "", "\x00", "").Replace(text)
		}
		m.read[r.Room], m.said[r.Key] = append(m.read[r.Room], text), true
		if m.fault == "stutters" {
			m.read[r.Room] = append(m.read[r.Room], text)
		}
		if m.fault == "turns round" {
			slices.Reverse(m.read[r.Room])
		}
	}
	switch m.fault {
	case "proves nothing":
		s.Proof = ""
	case "proves twice":
		m.sents = append(m.sents, s)
	case "tells nothing":
		return nil
	}
	m.sents = append(m.sents, s)
	return nil
}

var (
	room   = chat.Room{Network: "square", ID: "#place"}
	person = chat.Room{Network: "square", ID: "anne", Private: true}
	absent = chat.Room{Network: "square", ID: "bob", Private: true, Account: "bob"}
)

func harness(fault string) (Harness, *model) {
	s := &square{read: map[chat.Room][]string{}, said: map[string]bool{}, changed: make(chan struct{})}
	m := &model{square: s, fault: fault, stay: make(chan struct{})}
	return Harness{Transport: m, Room: room, Person: person, Absent: absent, Tells: true,
		Write: func(text string) {
			s.change(func() { s.lines = append(s.lines, text) })
		},
		Read: func(r chat.Room) []string {
			s.mu.Lock()
			defer s.mu.Unlock()
			return slices.Clone(s.read[r])
		},
		Cut:   func() { s.change(func() { s.down = true }) },
		Mend:  func() { s.change(func() { s.down = false }) },
		Again: func() chat.Transport { return &model{square: s, fault: fault, stay: m.stay} },
	}, m
}

func TestAFaithfulTransport(t *testing.T) {
	RunInBubble(t, func(*testing.T) Harness {
		h, _ := harness("")
		return h
	})
	Run(t, func(*testing.T) Harness {
		h, _ := harness("")
		return h
	})
}

// judge is a testing.TB that only notes what went wrong.
type judge struct {
	testing.TB
	mu     sync.Mutex
	faults []string
}

func (j *judge) Errorf(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.faults = append(j.faults, fmt.Sprintf(format, args...))
}

func (j *judge) Error(args ...any) { j.Errorf("%s", fmt.Sprint(args...)) }
func (j *judge) Fatalf(format string, args ...any) {
	j.Errorf(format, args...)
	runtime.Goexit()
}
func (j *judge) Helper()    {}
func (j *judge) Log(...any) {}

// TestEachFaultIsFound: every promise that a transport breaks is noticed by the
// check that is about it.
func TestEachFaultIsFound(t *testing.T) {
	for fault, by := range map[string]string{
		"starts anew": "read back", "leaks": "who, where", "slow to stop": "stops in time", "speaks from the grave": "nothing follows",
		"hides a loss": "the link comes back", "shuffles": "heard in order", "loses lines": "blocked deliver", "mangles": "hostile words",
		"takes all": "without a link", "shouts": "away", "repeats": "not said twice", "says all": "hostile replies",
		"stutters": "one proof", "turns round": "in which they were said", "proves nothing": "one proof", "proves twice": "one proof",
		"tells nothing": "Sends at once",
	} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				found := false
				for _, c := range checks() {
					if !strings.Contains(c.name, by) {
						continue
					}
					h, m := harness(fault)
					j := &judge{TB: t}
					done := make(chan struct{})
					go func() {
						defer close(done)
						c.run(j, h)
					}()
					<-done
					close(m.stay)
					synctest.Wait()
					found = found || len(j.faults) > 0
				}
				if !found {
					t.Errorf("no check about %q noticed", by)
				}
			})
		})
	}
}
