package world

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Site is a web site, over HTTP (which sends to HTTPS) and HTTPS, over IPv4 and IPv6.
type Site struct {
	Domain string
	v4, v6 *face
}

// A face is a site as one address family sees it.
type face struct {
	plain, secure *gate
	servers       []*http.Server

	mu   sync.Mutex
	mode Mode
	hits int
}

// Set changes the site's behaviour over both families, from the next connection on.
func (s *Site) Set(m Mode) error { return errors.Join(s.v4.set(m), s.v6.set(m)) }

// SetIPv6 changes the site's behaviour over IPv6 only.
func (s *Site) SetIPv6(m Mode) error { return s.v6.set(m) }

// Hits counts the HTTP requests answered so far, over both families.
func (s *Site) Hits() int {
	n := 0
	for _, f := range []*face{s.v4, s.v6} {
		f.mu.Lock()
		n += f.hits
		f.mu.Unlock()
	}
	return n
}

// serveSite serves a site under its domain and other names. A nil handler is a small page of a small association.
func (w *World) serveSite(domain string, page http.Handler, aliases ...string) (*Site, error) {
	names := append([]string{domain}, aliases...)
	shown, err := newCerts(w.ca, names...)
	if err != nil {
		return nil, fmt.Errorf("site %s: %w", domain, err)
	}
	s := &Site{Domain: domain}
	if page == nil {
		page = http.HandlerFunc(welcome)
	}
	for _, f := range []**face{&s.v4, &s.v6} {
		if *f, err = newFace(domain, page, shown); err != nil {
			return nil, fmt.Errorf("site %s: %w", domain, err)
		}
		w.own(*f)
	}
	for _, name := range names {
		w.route(name+":80", s.v4.plain.addr)
		w.route(name+":443", s.v4.secure.addr)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sites[domain] = s
	return s, nil
}

func newFace(domain string, page http.Handler, shown certs) (f *face, err error) {
	f = &face{}
	if f.plain, err = newGate(); err != nil {
		return nil, err
	}
	if f.secure, err = newGate(); err != nil {
		return nil, errors.Join(err, f.plain.Close())
	}
	quiet := log.New(io.Discard, "", 0) // refused certificates are what is wanted here
	upgrade := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+domain+r.URL.RequestURI(), http.StatusMovedPermanently)
	})
	conf := shown.config(f.now)
	for _, half := range []struct {
		page http.Handler
		at   net.Listener
	}{{upgrade, f.plain}, {f.troubled(domain, page), tls.NewListener(f.secure, conf)}} {
		srv := &http.Server{Handler: f.counted(half.page), ErrorLog: quiet, ReadTimeout: 30 * time.Second}
		srv.SetKeepAlivesEnabled(false) // so that a change of mode is seen by the next request
		f.servers = append(f.servers, srv)
		go srv.Serve(half.at)
	}
	return f, nil
}

func (f *face) set(m Mode) error {
	f.mu.Lock()
	f.mode = m
	f.mu.Unlock()
	return errors.Join(f.plain.set(m), f.secure.set(m))
}

func (f *face) now() Mode {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mode
}

// Close ends the face's servers and their gates.
func (f *face) Close() error {
	var errs []error
	for _, s := range f.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, f.plain.Close(), f.secure.Close())...)
}

func (f *face) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.hits++
		f.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// troubled answers as the mode wants, else with the page.
func (f *face) troubled(domain string, page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch f.now() {
		case Error500:
			write(w, http.StatusInternalServerError, "<h1>Internal Server Error</h1>")
		case DatabaseDown:
			write(w, http.StatusServiceUnavailable, "<title>Site en travaux</title><h1>Site en travaux</h1>"+
				"<p>Attention : un problème technique (serveur SQL) empêche l'accès à cette partie du site. Merci de votre compréhension.</p>")
		case NotFound:
			write(w, http.StatusNotFound, "<h1>Not Found</h1>")
		case Forbidden:
			write(w, http.StatusForbidden, "<h1>Forbidden</h1>")
		case Redirect:
			http.Redirect(w, r, "https://www."+domain+"/accueil", http.StatusFound)
		case RedirectLoop:
			http.Redirect(w, r, "https://"+domain+r.URL.RequestURI(), http.StatusFound)
		default:
			page.ServeHTTP(w, r)
		}
	})
}

func welcome(w http.ResponseWriter, r *http.Request) {
	write(w, http.StatusOK, "<title>"+r.Host+"</title><h1>Bienvenue</h1><p>Le site de notre association.</p>")
}

func write(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!doctype html><html lang=fr><meta charset=utf-8>"+body+"</html>\n") // the visitor may have left
}
