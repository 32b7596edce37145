package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// stopWithin bounds how long Run takes to end once told to.
const stopWithin = 2 * time.Second

// Run serves until ctx ends, and returns within two seconds of that. An address
// that cannot be listened on is an error at once.
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
	return w.serve(ctx, l)
}

// serve is Run on a listener, which it closes.
func (w *Site) serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: w.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(w.log.Handler(), slog.LevelDebug)}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	w.log.Info("info site", "address", l.Addr().String())
	select {
	case err := <-done:
		return fmt.Errorf("info site: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		_ = srv.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("info site: %w", err)
	}
	return nil
}

// The forms that the site's documents take.
const (
	formPage       = "page"
	formIncident   = "incident"
	formHistory    = "history"
	formMeeting    = "meeting"
	formFeed       = "feed"
	formCalendar   = "calendar"
	formBadge      = "badge"
	formSummary    = "summary"
	formStatus     = "status"
	formComponents = "components"
	formIncidents  = "incidents"
	formUnresolved = "unresolved"
	formWorks      = "works"
	formUpcoming   = "upcoming"
	formActive     = "active"
	formMissing    = "missing"
)

// documents are the paths of what exists once a language.
func documents() map[string]string {
	return map[string]string{
		"/{$}": formPage, "/feed.atom": formFeed, "/calendar.ics": formCalendar, "/badge.svg": formBadge,
		"/api/v2/summary.json": formSummary, "/api/v2/status.json": formStatus, "/api/v2/components.json": formComponents,
		"/api/v2/incidents.json": formIncidents, "/api/v2/incidents/unresolved.json": formUnresolved,
		"/api/v2/scheduled-maintenances.json": formWorks, "/api/v2/scheduled-maintenances/upcoming.json": formUpcoming,
		"/api/v2/scheduled-maintenances/active.json": formActive,
	}
}

// Handler is the site as an http.Handler. Each document is at its plain path, in
// the language that the request prefers, and under /fr and /en.
func (w *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, lang := range []string{"", "fr", "en"} {
		prefix := "GET "
		if lang != "" {
			prefix += "/" + lang
			mux.Handle("GET /"+lang, http.RedirectHandler("/"+lang+"/", http.StatusPermanentRedirect))
		}
		for path, form := range documents() {
			mux.HandleFunc(prefix+path, func(rw http.ResponseWriter, r *http.Request) { w.show(rw, r, item{form: form, lang: lang}) })
		}
		for path, form := range map[string]string{"/incident/{n}": formIncident, "/history/{n}": formHistory, "/meeting/{n}": formMeeting} {
			mux.HandleFunc(prefix+path, func(rw http.ResponseWriter, r *http.Request) {
				n, err := strconv.Atoi(r.PathValue("n"))
				if err != nil || n < 1 || strconv.Itoa(n) != r.PathValue("n") { // one address a page
					n = 0
				}
				if to := w.mergedInto(form, n); to > 0 {
					http.Redirect(rw, r, strings.Replace(r.URL.Path, r.PathValue("n"), strconv.Itoa(to), 1), http.StatusFound)
					return
				}
				w.show(rw, r, item{form: form, lang: lang, n: n})
			})
		}
		mux.HandleFunc(prefix+"/", func(rw http.ResponseWriter, r *http.Request) { w.show(rw, r, item{form: formMissing, lang: lang}) })
		mux.HandleFunc(prefix+"/history", func(rw http.ResponseWriter, r *http.Request) {
			w.show(rw, r, item{form: formHistory, lang: lang, n: w.lastYear()})
		})
	}
	mux.Handle("GET /style.css", fixed("text/css; charset=utf-8", styleCSS))
	mux.Handle("GET /icon.svg", fixed("image/svg+xml", iconSVG))
	mux.HandleFunc("GET /healthz", w.health)
	if w.hooks != nil {
		mux.Handle("POST /hook/{name}", w.hooks)
	}
	mux.Handle("GET /metrics", w.meters.handler(w.cfg.Metrics))
	return w.meters.count(strictHeaders(w.limit.wrap(mux)))
}

// mergedInto is the incident under which another goes on, 0 when it does not.
func (w *Site) mergedInto(form string, n int) int {
	if form != formIncident {
		return 0
	}
	s, err := w.current()
	if err != nil {
		return 0
	}
	return s.state.Merged[n]
}

// fixed serves what the binary holds.
func fixed(kind string, body []byte) http.Handler {
	d := newDoc(kind, body)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { d.write(rw, r) })
}

// strictHeaders keeps pages from loading or leaking anything: no script, no
// foreign resource, no frame, no referrer.
func strictHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(rw, r)
	})
}
