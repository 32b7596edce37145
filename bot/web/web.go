// Package web is the info site: a light page in French and English that needs no
// JavaScript, its plain text for curl, an Atom feed, Statuspage's API, a calendar,
// a badge, and for operators /healthz and /metrics.
//
// It reads snapshots of the store and turns them into the public types of
// state.go; pages and feeds are made from those alone, so that nothing private
// can reach them. It changes nothing.
//
// A request goes: serve.go (headers, rate, routes) → shelf.go (what is rendered
// already, since the last commit) → one renderer: page.go, plain.go, atom.go,
// statuspage.go, calendar.go, badge.go. build.go writes the same as files.
package web

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
	// Feeds, calendar and JSON name their things by it: it had better not change.
	URL string `yaml:"url"`
	// Metrics says who may read /metrics: "loopback" (the default), "all" or "off".
	Metrics string `yaml:"metrics"`
	// Proxies are the addresses or prefixes whose X-Forwarded-For is believed;
	// loopback by default.
	Proxies []string `yaml:"proxies"`
	// PerMinute is how many requests a minute one address may make; 0: 300, below
	// 0: no bound. Requests of a proxy that names nobody are not counted.
	PerMinute int `yaml:"per_minute"`
	// Static is a folder where the site is written as files after each change; empty: nowhere.
	Static string `yaml:"static"`
	// Rewrite is how often it is written when nothing changes; 0: 5 minutes. The page says it.
	Rewrite time.Duration `yaml:"rewrite"`
	// Push is a program and its arguments, run in that folder after each writing, to
	// publish it elsewhere. No shell reads it.
	Push []string `yaml:"push"`
	// PushTimeout is how long it may take; 0: 2 minutes.
	PushTimeout time.Duration `yaml:"push_timeout"`
}

// Defaults is the configuration when nothing is said.
func Defaults() Config { return Config{Listen: "127.0.0.1:8480"} }

// Validate finds every mistake that can be seen without listening.
func (c Config) Validate() []error {
	errs := c.validateExport()
	if c.Off {
		return errs
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("web.listen %q is not address:port: write 127.0.0.1:8480", c.Listen))
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "") {
		errs = append(errs, fmt.Errorf("web.url %q is not the address of a site: write https://info.example.org", c.URL))
	}
	switch c.Metrics {
	case "", "loopback", "all", "off":
	default:
		errs = append(errs, fmt.Errorf("web.metrics %q: write loopback, all or off", c.Metrics))
	}
	if _, err := c.proxies(); err != nil {
		errs = append(errs, err)
	}
	return errs
}

// proxies reads Proxies.
func (c Config) proxies() ([]netip.Prefix, error) {
	list := c.Proxies
	if list == nil {
		list = []string{"127.0.0.0/8", "::1"}
	}
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if a, err2 := netip.ParseAddr(s); err2 == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("web.proxies: %q is not an address or a prefix: write 127.0.0.1 or 10.0.0.0/8", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Facts is what the site says of the host.
type Facts struct {
	Name string
	// Language is what is served to who asks for neither French nor English.
	Language string
	Zone     *time.Location
	Services []Service
}

// Service is a component as the public sees it.
type Service struct {
	ID    string
	Title map[string]string
	// Sites are the places it runs at, when the host tells them apart.
	Sites []string
}

// zone is the host's, never nil.
func (f Facts) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

// Site serves the info site. Its methods are safe for concurrent use.
type Site struct {
	cfg   Config
	facts Facts
	store *store.Store
	log   *slog.Logger
	words *words.Catalog
	base  string // URL without a slash at the end
	limit *limiter

	// turns counts commits; a shelf is good while it has not moved.
	turns atomic.Int64
	// changed wakes Export.
	changed chan struct{}
	alive   atomic.Int64 // unix nanoseconds of the loop's last sign of life
	shelf   atomic.Pointer[shelf]
	mu      sync.Mutex // held by whoever makes the next shelf
	// first responses are measured now and then, not at each commit.
	measured Measure
	measure  time.Time // when; guarded by mu

	meters meters
	hooks  *hooks // nil: nobody may post
}

// New makes a Site; nothing listens before Run. An error is a mistake in cfg.
func New(cfg Config, facts Facts, s *store.Store, log *slog.Logger) (*Site, error) {
	if errs := cfg.Validate(); len(errs) > 0 {
		return nil, fmt.Errorf("info site: %w", errors.Join(errs...))
	}
	cat, err := words.Load()
	if err != nil {
		return nil, fmt.Errorf("info site: %w", err)
	}
	if facts.Zone == nil {
		facts.Zone = time.UTC
	}
	if facts.Language != "en" {
		facts.Language = "fr"
	}
	prefixes, err := cfg.proxies()
	if err != nil {
		return nil, fmt.Errorf("info site: %w", err)
	}
	w := &Site{cfg: cfg, facts: facts, store: s, log: log, words: cat,
		base:  cmp.Or(strings.TrimRight(cfg.URL, "/"), "http://"+cfg.Listen),
		limit: newLimiter(cmp.Or(cfg.PerMinute, 300), prefixes), changed: make(chan struct{}, 1)}
	w.alive.Store(time.Now().UnixNano())
	w.meters = newMeters(w)
	return w, nil
}

// Turn tells the site that the bot's loop turned: it took so many events and a
// commit, so that what the site shows may have changed; or none, and it is
// merely alive.
func (w *Site) Turn(events int, took time.Duration) {
	w.alive.Store(time.Now().UnixNano())
	if events == 0 {
		return
	}
	w.turns.Add(1)
	select {
	case w.changed <- struct{}{}:
	default:
	}
	w.meters.events.Add(float64(events))
	w.meters.took.Observe(took.Seconds())
}
