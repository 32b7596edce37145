package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"time"

	"vigie/bot/chat"
)

// settle is how long Export waits for what comes with a change, so that a turn of
// many commits is written once.
const settle = 300 * time.Millisecond

// Export keeps the static copy of the site in Config.Static until ctx ends: it writes
// after each change of what the public may know, and at least each Config.Rewrite,
// because a page whose age nobody renews is one that nobody should believe. Then it
// runs Config.Push. told hears of each failure that is new, and of each success
// after one and at first; it is called from a goroutine of Export's own.
func (w *Site) Export(ctx context.Context, told func(error)) {
	if w.cfg.Static == "" {
		return
	}
	built := make(chan error, 1) // the newest result of Build
	var both sync.WaitGroup
	both.Go(func() { w.handOn(ctx, built, told) })
	var last State
	var when time.Time
	for ctx.Err() == nil {
		s, err := w.current()
		if err == nil && (time.Since(when) >= w.cfg.rewrite() || !sameFacts(last, s.state)) {
			if _, err = w.Build(w.cfg.Static); err == nil {
				last, when = s.state, time.Now()
			}
			replaceIn(built, err)
		}
		wait := time.Minute
		if err != nil {
			wait = 10 * time.Second
			w.log.Error("info site: the static copy cannot be written", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-w.changed:
			pause(ctx, settle)
		case <-time.After(wait):
		}
	}
	both.Wait()
}

// replaceIn puts a result in the place of one that nobody took.
func replaceIn(c chan error, err error) {
	select {
	case <-c:
	default:
	}
	c <- err
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// sameFacts tells whether two states differ by nothing but the instant.
func sameFacts(a, b State) bool {
	a.Now = b.Now
	return reflect.DeepEqual(a, b)
}

// handOn runs Push after each Build, and again, later each time, while it fails.
func (w *Site) handOn(ctx context.Context, built <-chan error, told func(error)) {
	said, first, tries := "", true, 0
	var again <-chan time.Time
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case err = <-built:
			tries = 0
		case <-again:
		}
		again = nil
		if err == nil {
			err = w.push(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		words := ""
		if err != nil {
			words = err.Error()
			again = time.After(min(time.Minute<<min(tries, 4), 15*time.Minute))
			tries++
		}
		if first || words != said {
			told(err)
		}
		said, first = words, false
	}
}

// push runs the command that publishes the static copy, in its folder: no shell, an
// environment without the bot's secrets, and an end.
func (w *Site) push(ctx context.Context) error {
	if len(w.cfg.Push) == 0 {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, w.cfg.pushTimeout())
	defer cancel()
	cmd := exec.CommandContext(limited, w.cfg.Push[0], w.cfg.Push[1:]...) //nolint:gosec // the operator's own words
	cmd.Dir, cmd.Env, cmd.WaitDelay = w.cfg.Static, pushEnv(), 2*time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s did not end within %s", w.cfg.Push[0], w.cfg.pushTimeout())
	}
	return fmt.Errorf("%s: %w %s", w.cfg.Push[0], err, chat.Plain(string(out.last), 200))
}

// pushEnv is what rsync, ssh and git need of the environment; secrets may be in the rest.
func pushEnv() []string {
	var out []string
	for _, name := range []string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "SSH_AUTH_SOCK"} {
		if v, ok := os.LookupEnv(name); ok {
			out = append(out, name+"="+v)
		}
	}
	return append(out, "GIT_TERMINAL_PROMPT=0") // nobody is there to answer
}

// tail keeps the end of what is written to it.
type tail struct{ last []byte }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if most := 400; len(t.last) > most {
		t.last = bytes.Clone(t.last[len(t.last)-most:])
	}
	return len(p), nil
}

// rewrite is how often the static copy is written when nothing changes.
func (c Config) rewrite() time.Duration {
	if c.Rewrite > 0 {
		return c.Rewrite
	}
	return 5 * time.Minute
}

func (c Config) pushTimeout() time.Duration {
	if c.PushTimeout > 0 {
		return c.PushTimeout
	}
	return 2 * time.Minute
}

// validateExport finds mistakes in what is said of the static copy.
func (c Config) validateExport() []error {
	var errs []error
	if len(c.Push) > 0 && (c.Static == "" || strings.TrimSpace(c.Push[0]) == "") {
		errs = append(errs, errors.New(`web.push needs web.static and a program: write static: site and push: [rsync, -a, --delete, "./", "www@example.net:info/"]`))
	}
	if c.Rewrite != 0 && c.Rewrite < 30*time.Second || c.PushTimeout < 0 {
		errs = append(errs, errors.New("web.rewrite or web.push_timeout is too short: write rewrite: 5m, push_timeout: 2m"))
	}
	return errs
}
