package matrix

import (
	"context"
	"errors"
	"sync"
	"time"

	"vigie/bot/chat"
)

// errands are what a session does beside reading and writing: entering rooms,
// telling topics, marking what was read. One goroutine does them one by one, so
// that a server that is slow about one of them holds up no message.
type errands struct {
	mu   sync.Mutex
	list []errand
	wake chan struct{}
}

// errand is one thing to do, the same at each try.
type errand struct {
	name string
	do   func(context.Context) error
	at   time.Time // not before
	wait time.Duration
}

// mostErrands bounds the list: what comes on top of it is not done. A flood of
// invitations must not fill the memory.
const mostErrands = 1000

// later puts something on the list. A name that is there already is replaced.
func (s *session) later(name string, do func(context.Context) error) {
	s.todo.put(errand{name: name, do: do})
}

func (e *errands) put(one errand) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.list {
		if e.list[i].name == one.name {
			if one.at.IsZero() { // news, and not a failure's second try
				e.list[i] = one
				e.ring()
			}
			return
		}
	}
	if len(e.list) < mostErrands {
		e.list = append(e.list, one)
		e.ring()
	}
}

// ring tells the goroutine to look again; the lock is held.
func (e *errands) ring() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// next takes the first errand that is due, or says how long until one is.
func (e *errands) next(now time.Time) (one errand, ok bool, wait time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	wait = time.Hour
	for i, f := range e.list {
		if d := f.at.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		e.list = append(e.list[:i:i], e.list[i+1:]...)
		return f, true, 0
	}
	return errand{}, false, wait
}

// run does errands until the session ends. One that may succeed later is tried
// again after 10 s, then ever more rarely, up to 10 minutes.
func (s *session) run() {
	for s.ctx.Err() == nil {
		one, ok, wait := s.todo.next(time.Now())
		if !ok {
			timer := time.NewTimer(wait)
			select {
			case <-s.ctx.Done():
			case <-s.todo.wake:
			case <-timer.C:
			}
			timer.Stop()
			continue
		}
		var err error
		s.guard("errand", func() { err = one.do(s.ctx) })
		m, after := judge(err)
		if err == nil || s.ctx.Err() != nil {
			continue
		}
		s.log.Warn("matrix: an errand failed", "what", one.name, "error", brief(err))
		if m == denied && one.name == "key backup" {
			one.wait = time.Minute // another client may just have made another one
		} else if m == denied || m == badToken || errors.As(err, new(fatal)) {
			continue
		}
		one.wait = min(max(2*one.wait, 10*time.Second), 10*time.Minute)
		one.at = time.Now().Add(max(after, jitter(one.wait)))
		s.todo.put(one)
	}
}

// report tells the sysadmins of something that needs a hand, as soon as there is
// a link. It never waits.
func (t *Transport) report(err error) {
	in := chat.Status{Network: t.cfg.Name, Up: true, Err: err, At: time.Now()}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == nil {
		if len(t.held) < mostHeld {
			t.held = append(t.held, in)
		}
		return
	}
	t.aside.put(in)
}

// mostHeld bounds what is to be reported once there is a link.
const mostHeld = 20

// sparing lets something through at most n times in a while, for each key.
type sparing struct {
	n     int
	while time.Duration

	mu   sync.Mutex
	seen map[string][]time.Time
}

// mostKeys bounds how many keys are told apart; beyond, nothing passes.
const mostKeys = 1000

func (p *sparing) allow(key string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string][]time.Time{}
	}
	if _, known := p.seen[key]; !known && len(p.seen) >= mostKeys {
		for k, times := range p.seen {
			if now.Sub(times[len(times)-1]) >= p.while {
				delete(p.seen, k)
			}
		}
		if len(p.seen) >= mostKeys {
			return false
		}
	}
	recent := p.seen[key][:0:0]
	for _, at := range p.seen[key] {
		if now.Sub(at) < p.while {
			recent = append(recent, at)
		}
	}
	ok := len(recent) < p.n
	if ok {
		recent = append(recent, now)
	}
	p.seen[key] = recent
	return ok
}
