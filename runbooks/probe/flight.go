package probe

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vigie/runbooks"
)

// maxCached bounds the reports kept.
const maxCached = 2048

// flights runs equal checks once at a time and keeps their reports for a while.
type flights struct {
	keep    time.Duration
	base    context.Context
	stop    context.CancelFunc
	wg      sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	flying  map[string]*flight
	reports map[string]cached
}

type flight struct {
	done    chan struct{}
	report  runbooks.Report // valid once done is closed
	waiters int
	cancel  context.CancelFunc
}

type cached struct {
	report runbooks.Report
	until  time.Time
}

func newFlights(keep time.Duration) *flights {
	base, stop := context.WithCancel(context.Background())
	return &flights{keep: keep, base: base, stop: stop, flying: map[string]*flight{}, reports: map[string]cached{}}
}

func (f *flights) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.stop()
	f.wg.Wait()
}

// flightKey is equal for equal requests.
func flightKey(req runbooks.Request) string {
	var b strings.Builder
	b.WriteString(req.Kind)
	for _, k := range slices.Sorted(maps.Keys(req.Args)) {
		b.WriteString("\x00" + k + "\x01" + strings.ToLower(strings.TrimSpace(req.Args[k])))
	}
	if req.Kind == "http" { // paths know case
		b.WriteString("\x02" + req.Args["url"] + "\x01" + req.Args["expect"])
	}
	return b.String()
}

// do returns the report of key: kept, from the flight under way, or from a new one
// if charge allows it. The flight ends when nobody waits for it any more.
func (f *flights) do(ctx context.Context, key string, charge func() error, fly func(context.Context) runbooks.Report) (runbooks.Report, error) {
	f.mu.Lock()
	if c, ok := f.reports[key]; ok && time.Now().Before(c.until) {
		f.mu.Unlock()
		return cloneReport(c.report), nil
	}
	if f.closed {
		f.mu.Unlock()
		return runbooks.Report{}, errors.New("the prober is closed")
	}
	fl := f.flying[key]
	if fl == nil {
		if err := charge(); err != nil {
			f.mu.Unlock()
			return runbooks.Report{}, err
		}
		fl = f.launch(key, fly)
	}
	fl.waiters++
	f.mu.Unlock()
	select {
	case <-fl.done:
		return cloneReport(fl.report), nil
	case <-ctx.Done():
		f.leave(key, fl)
		return runbooks.Report{}, errors.New("no time left")
	}
}

// launch starts a flight; f.mu is held.
func (f *flights) launch(key string, fly func(context.Context) runbooks.Report) *flight {
	ctx, cancel := context.WithCancel(f.base)
	fl := &flight{done: make(chan struct{}), cancel: cancel}
	f.flying[key] = fl
	f.wg.Go(func() {
		defer cancel()
		rep := fly(ctx)
		f.mu.Lock()
		if f.flying[key] == fl {
			delete(f.flying, key)
		}
		if rep.Verdict != runbooks.Unknown && ctx.Err() == nil {
			f.store(key, rep)
		}
		fl.report = rep
		f.mu.Unlock()
		close(fl.done)
	})
	return fl
}

// leave counts a waiter out, and the last one ends the flight; a later equal
// request then starts anew instead of joining a dying one.
func (f *flights) leave(key string, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.waiters--
	if fl.waiters == 0 {
		fl.cancel()
		if f.flying[key] == fl {
			delete(f.flying, key)
		}
	}
}

// store keeps a report, and makes room first; f.mu is held.
func (f *flights) store(key string, rep runbooks.Report) {
	now := time.Now()
	if len(f.reports) >= maxCached {
		maps.DeleteFunc(f.reports, func(_ string, c cached) bool { return !now.Before(c.until) })
	}
	if len(f.reports) >= maxCached {
		clear(f.reports)
	}
	f.reports[key] = cached{report: rep, until: now.Add(f.keep)}
}

// cloneReport keeps one reader's changes out of another's report.
func cloneReport(r runbooks.Report) runbooks.Report {
	r.Fields = maps.Clone(r.Fields)
	for k, v := range r.Fields {
		if list, ok := v.([]string); ok {
			r.Fields[k] = slices.Clone(list)
		}
	}
	return r
}
