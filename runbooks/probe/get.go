package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/url"
	"time"
)

const (
	maxHeader    = 32 << 10  // bytes of response headers
	keptBody     = 256 << 10 // bytes of a page that are looked at; the rest is counted
	maxRedirects = 3
)

// family restricts a fetch to one kind of address.
type family int

const (
	anyFamily family = iota
	onlyV4
	onlyV6
)

// page is what one URL answered.
type page struct {
	url    webURL
	status int
	header http.Header
	body   []byte // the first keptBody bytes, decoded
	size   int64  // decoded bytes read, up to the limit
	ttfb   time.Duration
	hops   int
}

var (
	// errManyRedirects and errLoop end a chain of redirects.
	errManyRedirects = errors.New("too many redirects")
	errLoop          = errors.New("a redirect back to where it came from")
	// errAway is a redirect to somebody else's domain, which is not followed.
	errAway = errors.New("a redirect to another domain")
)

// choose picks the addresses of a family; if the name has none there, as a browser
// would, any. anyFamily may try several, one family one address only.
func choose(addrs []vetted, f family) []vetted {
	if f == anyFamily {
		return sortedFew(addrs, 4)
	}
	for _, v := range addrs {
		if v.is4() == (f == onlyV4) {
			return []vetted{v}
		}
	}
	return sortedFew(addrs, 1)
}

// get fetches one URL without following redirects.
func (a *attempt) get(ctx context.Context, u webURL, f family, limit int64) (*page, error) {
	return a.fetch(ctx, u, f, limit, nil)
}

// fetch is get with a cookie jar. The body's error, if any, comes with the page as far
// as it was read.
func (a *attempt) fetch(ctx context.Context, u webURL, f family, limit int64, jar http.CookieJar) (*page, error) {
	addrs, err := a.resolve(ctx, u.host)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, a.set.Attempt)
	defer cancel()
	tr := a.transport(choose(addrs, f), u.port)
	defer tr.CloseIdleConnections()
	p := &page{url: u}
	var wrote time.Time
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest:         func(httptrace.WroteRequestInfo) { wrote = time.Now() },
		GotFirstResponseByte: func() { p.ttfb = time.Since(wrote) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: not a request", errBlocked)
	}
	req.Header.Set("User-Agent", a.set.agent)
	req.Header.Set("Accept", "text/html,application/rdap+json,application/json;q=0.9,*/*;q=0.8")
	client := &http.Client{Transport: tr, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		// A *url.Error repeats the URL, which may hold a stranger's text.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		if errors.Is(err, http.ErrSchemeMismatch) { // plain words where TLS was spoken
			err = fmt.Errorf("%w: %w", errTLS, err)
		}
		return nil, fmt.Errorf("get: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	p.status, p.header = resp.StatusCode, resp.Header
	return p, p.read(resp.Body, limit)
}

// read takes a decoded body, keeps its head and counts up to limit.
func (p *page) read(body io.Reader, limit int64) error {
	var head bytes.Buffer
	kept, err := io.Copy(&head, io.LimitReader(body, min(limit, keptBody)))
	p.body, p.size = head.Bytes(), kept
	if err == nil && limit > kept && kept == keptBody {
		var rest int64
		rest, err = io.Copy(io.Discard, io.LimitReader(body, limit-kept))
		p.size += rest
	}
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return nil
}

// transport connects to the vetted addresses whatever name it is given. It serves one
// request, speaks HTTP/1.1 only, and knows no proxy.
func (a *attempt) transport(addrs []vetted, port uint16) *http.Transport {
	return &http.Transport{
		Proxy: nil,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, _, err := a.dialFirst(ctx, addrs, port)
			return conn, err
		},
		TLSClientConfig:        &tls.Config{RootCAs: a.roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    a.set.Attempt,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// follow fetches a URL and its redirects, at most maxRedirects, each through the
// guard again. stay refuses redirects to another registered domain before anything is
// resolved. With an error, the page is the last one that answered, or nil.
func (a *attempt) follow(ctx context.Context, u webURL, f family, limit int64, stay bool) (*page, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("cookies: %w", err)
	}
	home := registrable(u.host.name)
	been := map[string]int{}
	for hops := 0; ; hops++ {
		p, err := a.fetch(ctx, u, f, limit, jar)
		if p != nil {
			p.hops = hops
		}
		if err != nil {
			return p, err
		}
		location := p.header.Get("Location")
		if p.status < 300 || p.status > 399 || location == "" {
			return p, nil
		}
		next, err := redirect(u, location)
		if err != nil {
			return p, err
		}
		// A page may send the visitor back to itself once, with a cookie set.
		if been[u.url.String()]++; been[next.url.String()] > 1 {
			return p, errLoop
		}
		if stay && registrable(next.host.name) != home {
			p.url = next
			return p, errAway
		}
		if hops == maxRedirects {
			return p, errManyRedirects
		}
		u = next
	}
}

// redirect reads a Location as hostile text, relative to where it was said.
func redirect(from webURL, location string) (webURL, error) {
	if len(location) > maxURL {
		return webURL{}, fmt.Errorf("%w: a redirect that long", errBlocked)
	}
	ref, err := url.Parse(location)
	if err != nil {
		return webURL{}, fmt.Errorf("%w: a redirect to no URL", errBlocked)
	}
	return checkURL(from.url.ResolveReference(ref))
}
