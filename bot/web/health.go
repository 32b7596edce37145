package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vigie/store"
)

// silentAfter is how long the loop may give no sign of life; it gives one a
// minute when all is well.
const silentAfter = 3 * time.Minute

// health answers 200 when the bot's loop turned lately, the store can be read,
// and no deadline waits that should be over; else 503 and why, in one line. Details
// are in the log.
func (w *Site) health(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	if why := w.ill(time.Now()); why != "" {
		http.Error(rw, why, http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(rw, "ok")
}

// ill says what is wrong, or nothing.
func (w *Site) ill(now time.Time) string {
	if idle := now.Sub(time.Unix(0, w.alive.Load())); idle > silentAfter {
		return fmt.Sprintf("the loop has not turned for %s", idle.Truncate(time.Second))
	}
	var due store.Due
	var some bool
	if err := w.store.View(func(tx *store.Tx) error { due, some = tx.FirstDue(); return nil }); err != nil {
		w.log.Error("health", "err", err)
		return "the store cannot be read"
	}
	if late := now.Sub(due.At); some && late > silentAfter {
		return fmt.Sprintf("a deadline is %s late", late.Truncate(time.Second))
	}
	return ""
}

// meters are what /metrics tells. None has a label that somebody outside chooses.
type meters struct {
	registry *prometheus.Registry
	took     prometheus.Histogram
	events   prometheus.Counter
	requests *prometheus.CounterVec
}

func newMeters(w *Site) meters {
	m := meters{registry: prometheus.NewRegistry(),
		took:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "vigie_turn_seconds", Help: "How long commits of turns took.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
		events:   prometheus.NewCounter(prometheus.CounterOpts{Name: "vigie_events_total", Help: "Events handled."}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "vigie_web_requests_total", Help: "Answers of the info site by status."}, []string{"code"})}
	gauge := func(name, help string, value func(*store.Tx) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			n := -1.0
			_ = w.store.View(func(tx *store.Tx) error { n = value(tx); return nil })
			return n
		})
	}
	m.registry.MustRegister(m.took, m.events, m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vigie_last_turn_timestamp_seconds", Help: "When the loop last turned."},
			func() float64 { return float64(w.alive.Load()) / 1e9 }),
		gauge("vigie_outbox_rows", "Replies on their way; -1: the store cannot be read.", func(tx *store.Tx) float64 { return float64(len(tx.Outbox())) }),
		gauge("vigie_tickets_active", "Tickets that are not over; -1: the store cannot be read.", func(tx *store.Tx) float64 { return float64(len(tx.ActiveTickets())) }),
		gauge("vigie_incidents_open", "Public incidents that are not over; -1: the store cannot be read.", func(tx *store.Tx) float64 {
			n := 0
			for _, i := range tx.Incidents() {
				if i.Open() {
					n++
				}
			}
			return float64(n)
		}))
	return m
}

// handler serves the meters to whom may read them.
func (m meters) handler(who string) http.Handler {
	h := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Cache-Control", "no-store")
		if who == "off" || who != "all" && !fromHere(r) {
			http.NotFound(rw, r)
			return
		}
		h.ServeHTTP(rw, r)
	})
}

// fromHere tells whether a request was made on this machine, and not handed on
// by a proxy on it.
func fromHere(r *http.Request) bool {
	for _, h := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	named, err := netip.ParseAddr(host)
	local := host == "localhost" || err == nil && named.IsLoopback()
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return local && err == nil && peer.Addr().IsLoopback()
}

// count counts answers by status.
func (m meters) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		c := &counted{ResponseWriter: rw, code: http.StatusOK}
		next.ServeHTTP(c, r)
		m.requests.WithLabelValues(strconv.Itoa(c.code)).Inc()
	})
}

// counted remembers the status of an answer.
type counted struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (c *counted) WriteHeader(code int) { c.code = code; c.ResponseWriter.WriteHeader(code) }

// Unwrap lets http.ResponseController find the connection.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
