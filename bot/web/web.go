// Package web is the info site: a light page in French and English that needs no
// JavaScript, an Atom feed, Statuspage's summary.json, and for operators
// /healthz and /metrics.
//
// It reads snapshots of the store and turns them into the public types of
// state.go; pages and feeds are made from those alone, so that nothing private
// can reach them. It changes nothing.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vigie/commands/words"
	"vigie/store"
)

// Config says where the info site is served.
type Config struct {
	// Listen is address:port; loopback by default, for a reverse proxy. Empty
	// with Off.
	Listen string `yaml:"listen"`
	// Off serves nothing.
	Off bool `yaml:"off"`
	// URL is how the site is reached from outside, without a slash at the end.
	URL string `yaml:"url"`
}

// Defaults is the configuration when nothing is said.
func Defaults() Config { return Config{Listen: "127.0.0.1:8480"} }

// Facts is what the site says of the host.
type Facts struct {
	Name     string
	Language string
	Zone     *time.Location
	Services []Service
}

// Service is a component as the public sees it.
type Service struct {
	ID    string
	Title map[string]string
}

// Site serves the info site. Its methods are safe for concurrent use.
type Site struct {
	cfg   Config
	facts Facts
	store *store.Store
	log   *slog.Logger
	words *words.Catalog

	// turns counts commits; a cached state is good while it has not moved.
	turns  atomic.Int64
	cached atomic.Pointer[cachedState]
	alive  atomic.Int64 // unix nanoseconds of the last turn

	registry *prometheus.Registry
	took     prometheus.Histogram
	events   prometheus.Counter
}

type cachedState struct {
	turns int64
	at    time.Time
	state State
}

// New makes a Site; nothing listens before Run.
func New(cfg Config, facts Facts, s *store.Store, log *slog.Logger) (*Site, error) {
	cat, err := words.Load()
	if err != nil {
		return nil, fmt.Errorf("info site: %w", err)
	}
	if facts.Zone == nil {
		facts.Zone = time.UTC
	}
	w := &Site{cfg: cfg, facts: facts, store: s, log: log, words: cat, registry: prometheus.NewRegistry(),
		took:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "vigie_turn_seconds", Help: "How long commits of turns took.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
		events: prometheus.NewCounter(prometheus.CounterOpts{Name: "vigie_events_total", Help: "Events handled."})}
	w.registry.MustRegister(w.took, w.events)
	return w, nil
}

// Turn tells the site of a commit: what it shows may have changed.
func (w *Site) Turn(events int, took time.Duration) {
	w.turns.Add(1)
	w.alive.Store(time.Now().UnixNano())
	w.events.Add(float64(events))
	w.took.Observe(took.Seconds())
}

// Run serves until ctx ends. An address that cannot be listened on is an error
// at once.
func (w *Site) Run(ctx context.Context) error {
	if w.cfg.Off {
		<-ctx.Done()
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", w.cfg.Listen)
	if err != nil {
		return fmt.Errorf("info site: cannot listen on %s: %w (choose another web.listen)", w.cfg.Listen, err)
	}
	srv := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	w.log.Info("info site", "address", l.Addr().String())
	select {
	case err := <-done:
		return fmt.Errorf("info site: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		_ = srv.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Handler is the site as an http.Handler.
func (w *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.page)
	mux.HandleFunc("GET /incident/{n}", w.incidentPage)
	mux.HandleFunc("GET /style.css", w.style)
	mux.HandleFunc("GET /feed.atom", w.feed)
	mux.HandleFunc("GET /api/v2/summary.json", w.summary)
	mux.HandleFunc("GET /healthz", w.health)
	mux.Handle("GET /metrics", promhttp.HandlerFor(w.registry, promhttp.HandlerOpts{}))
	return strictHeaders(mux)
}

// strictHeaders keeps pages from loading or leaking anything: no script, no
// foreign resource, no frame, no referrer.
func strictHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "public, max-age=15")
		next.ServeHTTP(rw, r)
	})
}

// state is the public state now, read again after each commit and each minute.
func (w *Site) state() (State, error) {
	turns, now := w.turns.Load(), time.Now()
	if c := w.cached.Load(); c != nil && c.turns == turns && now.Sub(c.at) < time.Minute {
		return c.state, nil
	}
	var s State
	err := w.store.View(func(tx *store.Tx) error { s = Read(tx, w.facts, now); return nil })
	if err == nil {
		w.cached.Store(&cachedState{turns, now, s})
	}
	return s, err
}

// health says whether the bot's loop still turns: it takes a turn a minute at least... or
// has not begun.
func (w *Site) health(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	if _, err := w.state(); err != nil {
		http.Error(rw, "store: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(rw, "ok")
}
