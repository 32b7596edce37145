package irc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"vigie/bot/chat"
)

// Transport is one account on one IRC network. It implements chat.Transport.
type Transport struct {
	cfg      Config
	log      *slog.Logger
	password string            // of SASL; never logged, never in an error
	keys     map[string]string // of channels, by folded name
	dial     func(context.Context, Server) (net.Conn, error)
	resolver *net.Resolver // nil: the system's
	inbox    *inbox

	mu   sync.Mutex
	live *session // registered and ready for jobs; nil when there is none

	// What outlives a session; sessions follow one another, so that no two touch it.
	marks  marks
	speed  speed
	proved bool // the password was accepted once: a later refusal may be a passing one
}

// The transport is what the bot drives.
var _ chat.Transport = (*Transport)(nil)

// fatal is an error after which trying again makes no sense.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

// slow is an error after which trying again soon makes it worse: the server
// bans, or throttles.
type slow struct {
	error
	wait time.Duration
}

func (s slow) Unwrap() error { return s.error }

// New checks cfg and reads the files that it names. The errors of all that is
// wrong come joined.
func New(cfg Config, log *slog.Logger) (*Transport, error) {
	if errs := cfg.Validate(); len(errs) > 0 {
		return nil, fmt.Errorf("irc %s: %w", cfg.Name, errors.Join(errs...))
	}
	cfg = cfg.withDefaults()
	log = cmp.Or(log, slog.New(slog.DiscardHandler))
	t := &Transport{cfg: cfg, log: log.With("network", cfg.Name), keys: map[string]string{}, inbox: newInbox(),
		speed: speed{full: cfg.Rate, now: cfg.Rate}}
	t.dial = t.dialServer
	var errs []error
	for _, s := range cfg.Servers {
		_, err := tlsConfig(s)
		errs = append(errs, err)
	}
	var err error
	if cfg.SASL != nil && cfg.SASL.Mechanism != mechExternal && cfg.SASL.password() {
		t.password, err = readSecret("the SASL password", cfg.SASL.PasswordFile, cfg.SASL.PasswordEnv)
		errs = append(errs, err)
	}
	for _, ch := range cfg.Channels {
		if ch.KeyFile == "" && ch.KeyEnv == "" {
			continue
		}
		key, err := readSecret("the key of "+ch.Name, ch.KeyFile, ch.KeyEnv)
		if strings.ContainsAny(key, " ,:") {
			err = fmt.Errorf("the key of %s may not hold a space, a comma or a colon", ch.Name)
		}
		t.keys[ch.Name], errs = key, append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("irc %s: %w", cfg.Name, err)
	}
	return t, nil
}

// readSecret reads a secret from a file or the environment. Its errors name the
// place and never what was there.
func readSecret(what, file, env string) (string, error) {
	v := os.Getenv(env)
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("%s cannot be read: %w", what, err)
		}
		v = string(b)
	}
	v = strings.TrimRight(v, "\r\n")
	if v == "" {
		return "", fmt.Errorf("%s is empty: fill %s", what, cmp.Or(file, "the variable "+env))
	}
	if strings.ContainsAny(v, "\r\n\x00") {
		return "", fmt.Errorf("%s in %s must be one line", what, cmp.Or(file, "the variable "+env))
	}
	return v, nil
}

// Name is the network's name in the configuration.
func (t *Transport) Name() string { return t.cfg.Name }

// Run implements chat.Transport. It returns an error only when the password is
// refused at the first login; everything else is tried again for ever.
func (t *Transport) Run(ctx context.Context, cursor []byte, deliver func(context.Context, chat.Inbound) error) error {
	t.marks = readMarks(cursor)
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { t.inbox.run(ctx, deliver) })
	defer wg.Wait()
	defer cancel()

	wait := time.Second
	for i := 0; ; i++ {
		server := t.cfg.Servers[i%len(t.cfg.Servers)]
		began := time.Now()
		err := t.connect(ctx, server)
		if ctx.Err() != nil {
			return nil
		}
		err = fmt.Errorf("irc %s: %s: %w", t.cfg.Name, server.Address, err)
		if f := (fatal{}); errors.As(err, &f) {
			return err
		}
		if time.Since(began) > time.Minute {
			wait = time.Second
		}
		pause := wait
		if s := (slow{}); errors.As(err, &s) {
			pause = max(wait, 2*s.wait) // half of it is chance
		}
		t.log.Warn("irc: the link is down", "server", server.Address, "error", err, "retry_in", pause.String())
		t.inbox.push(ctx, chat.Status{Network: t.cfg.Name, Err: err, At: time.Now()})
		if !sleep(ctx, pause/2+rand.N(pause/2+1)) {
			return nil
		}
		wait = min(wait*2, time.Minute)
	}
}

// sleep waits, and tells whether ctx went on all that time.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Send implements chat.Transport; see the package for what it promises.
func (t *Transport) Send(ctx context.Context, r chat.Reply) error {
	t.mu.Lock()
	s := t.live
	t.mu.Unlock()
	if s == nil {
		return fmt.Errorf("irc %s: %w", t.cfg.Name, chat.ErrDown)
	}
	j := newJob(r)
	select {
	case s.jobs <- j:
	case <-s.done:
		return fmt.Errorf("irc %s: %w", t.cfg.Name, chat.ErrDown)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.result:
		return err
	case <-ctx.Done():
		if j.cancel() {
			return ctx.Err()
		}
		return <-j.result // it is being written: within the write timeout it is known
	}
}

// setLive says where Send finds the loop; nil when nowhere.
func (t *Transport) setLive(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = s
}

// speed is the rate of the out-queue, in lines a second: halved when the server
// says that it was too much, and climbing back.
type speed struct {
	full, now float64
	calm      time.Time
}

func (s *speed) halve(now time.Time) { s.now, s.calm = max(s.now/2, s.full/16, 0.05), now }

func (s *speed) climb(now time.Time) {
	if s.now < s.full && now.Sub(s.calm) >= time.Minute {
		s.now, s.calm = min(s.now*1.25, s.full), now
	}
}
