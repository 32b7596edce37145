package matrix

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vigie/bot/chat"
)

// Transport is one Matrix account. See chat.Transport for what its methods promise.
type Transport struct {
	cfg Config
	log *slog.Logger
	web watched

	// deliver is Run's; gate lets one delivery through at a time.
	gate    sync.Mutex
	deliver func(context.Context, chat.Inbound) error

	// live is the session that Send may use, nil while there is none; lost says
	// that the loss of the link has been told.
	mu   sync.Mutex
	live *session
	lost bool

	aside sideQueue
	// held is what is to be reported once there is a link; under mu. told spares
	// the sysadmins what comes in floods.
	held []chat.Status
	told sparing
	// sealed spares somebody whose messages cannot be decrypted being told of each.
	sealed sparing
	// refused is a configured access token that the server did not take, and
	// relogged when we last logged in anew; both of Run's goroutine only.
	refused  string
	relogged time.Time
	// kept are the tokens of an authentication service, nil with any other login.
	kept atomic.Pointer[keeper]
	// skewSaid says that the wrong clock was told.
	skewSaid atomic.Bool
	// unread counts the events that could not be decrypted when they came.
	unread atomic.Int64
}

var _ chat.Transport = (*Transport)(nil)

// New checks cfg and makes a Transport that does nothing before Run.
func New(cfg Config, log *slog.Logger) (*Transport, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("matrix %s: %w", cfg.Name, err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Transport{cfg: cfg.withDefaults(), log: log.With("network", cfg.Name)}
	t.web = watched{newWeb(), t}
	t.aside.ready = make(chan struct{}, 1)
	t.told = sparing{n: 3, while: time.Hour}
	t.sealed = sparing{n: 1, while: t.cfg.UnreadableEvery}
	return t, nil
}

// Name is the name of the configuration.
func (t *Transport) Name() string { return t.cfg.Name }

// Unread is how many events could not be decrypted when they came; some of them
// may have been read since.
func (t *Transport) Unread() int64 { return t.unread.Load() }

// Run implements chat.Transport. It ends with an error only when a person must
// act, and the error says what to do.
func (t *Transport) Run(ctx context.Context, cursor []byte, deliver func(context.Context, chat.Inbound) error) error {
	pos, err := parsePosition(cursor)
	if err != nil {
		return fmt.Errorf("matrix %s: %w", t.cfg.Name, err)
	}
	t.deliver = deliver
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { t.pumpAside(ctx) })
	defer func() {
		cancel()
		done.Wait()
		t.web.CloseIdleConnections()
	}()
	for back := (backoff{}); ; {
		again, err := t.attend(ctx, &pos, &back)
		if ctx.Err() != nil {
			return nil
		}
		var f fatal
		if errors.As(err, &f) {
			t.down(ctx, err)
			return fmt.Errorf("matrix %s: %w", t.cfg.Name, err)
		}
		t.down(ctx, err)
		if again {
			continue
		}
		if sleep(ctx, back.next()) != nil {
			return nil
		}
	}
}

// attend is one session from its opening to its end; again asks for another one
// at once. It always ends with an error.
func (t *Transport) attend(ctx context.Context, pos *position, back *backoff) (again bool, err error) {
	t.skewSaid.Store(false)
	s, err := t.open(ctx)
	if err != nil {
		return false, err
	}
	defer func() {
		t.mu.Lock()
		t.live = nil
		t.mu.Unlock()
		err = errors.Join(err, s.close())
	}()
	if err := s.start(ctx, pos); err != nil {
		return false, err
	}
	err = s.follow(ctx, pos, back)
	if m, _ := judge(err); err != nil && m == badToken {
		if time.Since(t.relogged) < time.Minute {
			return false, fatalf("the homeserver refuses every login of %s; look whether the account is still there, and log its other sessions out", s.me)
		}
		t.relogged = time.Now()
		return true, fmt.Errorf("logged out by the homeserver: %w", err)
	}
	return false, err
}

// follow asks for what is new until the session is no longer good.
func (s *session) follow(ctx context.Context, pos *position, back *backoff) error {
	up := false
	for {
		wait := s.t.cfg.PollTime
		if !up {
			wait = 0 // learn at once whether the link is good
		}
		err := s.step(ctx, pos, wait)
		switch m, after := judge(err); {
		case err == nil:
			*back, up = backoff{}, true
			continue
		case ctx.Err() != nil, errors.As(err, new(fatal)), m == badToken:
			return err
		case m == denied:
			return fmt.Errorf("asking for news: %w", err)
		default:
			up = false
			s.t.down(ctx, err)
			if sleep(ctx, max(after, back.next())) != nil {
				return ctx.Err()
			}
		}
	}
}

// up opens the way for Sends and tells so, once per session and loss. It is
// called before the first messages are delivered, so that they can be answered.
func (t *Transport) up(ctx context.Context, s *session) {
	t.mu.Lock()
	already := t.live == s
	t.live, t.lost = s, false
	held := t.held
	t.held = nil
	t.mu.Unlock()
	if already {
		return
	}
	t.log.Info("matrix: connected", "user", s.me, "device", s.cli.DeviceID)
	_ = t.emit(ctx, chat.Status{Network: t.cfg.Name, Up: true, At: time.Now()})
	for _, in := range held {
		t.aside.put(in)
	}
	s.later("topics", s.tellTopics)
	s.later("upgrades", s.missedUpgrades)
}

// down tells that there is no link, once per loss. Sends fail from here on.
func (t *Transport) down(ctx context.Context, err error) {
	t.mu.Lock()
	told := t.lost
	t.live, t.lost = nil, true
	t.mu.Unlock()
	if told || ctx.Err() != nil {
		return
	}
	t.log.Warn("matrix: not connected", "error", brief(err))
	_ = t.emit(ctx, chat.Status{Network: t.cfg.Name, Err: err, At: time.Now()})
}

// online tells whether s is the session that Sends are to use.
func (t *Transport) online(s *session) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live == s
}

// emit delivers one thing, in turn. Its error is the end of ctx.
func (t *Transport) emit(ctx context.Context, in chat.Inbound) error {
	t.gate.Lock()
	defer t.gate.Unlock()
	return t.deliver(ctx, in)
}

// backoff grows from one second to a minute.
type backoff struct{ d time.Duration }

func (b *backoff) next() time.Duration {
	if b.d = min(2*b.d, time.Minute); b.d == 0 {
		b.d = time.Second
	}
	return jitter(b.d)
}

// sideQueue holds the outcomes of Sends, and reports, until Run has delivered
// them: a Send must not wait for whoever takes its outcome.
type sideQueue struct {
	mu    sync.Mutex
	list  []chat.Inbound
	ready chan struct{}
}

func (q *sideQueue) put(in chat.Inbound) {
	q.mu.Lock()
	q.list = append(q.list, in)
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *sideQueue) take() []chat.Inbound {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.list
	q.list = nil
	return l
}

// pumpAside delivers outcomes and reports until ctx ends.
func (t *Transport) pumpAside(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.aside.ready:
		}
		for _, in := range t.aside.take() {
			if t.emit(ctx, in) != nil {
				return
			}
		}
	}
}
