package probe

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

const (
	maxHeader    = 32 << 10  // bytes of response headers
	keptBody     = 256 << 10 // bytes of a page that are looked at; the rest is counted
	maxRedirects = 3
	maxInterim   = 5 // 1xx answers before the real one
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

// fetch is get with cookies. If the body breaks off, the page comes with the error, as
// far as it was read.
//
// It speaks HTTP/1.1 over its own connection rather than through an http.Transport,
// which would retry, pool, log what strangers send, and read Location before us.
func (a *attempt) fetch(ctx context.Context, u webURL, f family, limit int64, cookies http.CookieJar) (*page, error) {
	addrs, err := a.resolve(ctx, u.host)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, a.set.Attempt)
	defer cancel()
	conn, _, err := a.dialFirst(ctx, choose(addrs, f), u.port)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if u.url.Scheme == "https" {
		secure, err := handshake(ctx, conn, a.strict(u.host))
		if err != nil {
			return nil, err
		}
		return a.exchange(ctx, secure, u, limit, cookies)
	}
	return a.exchange(ctx, conn, u, limit, cookies)
}

// exchange sends one request and reads its answer.
func (a *attempt) exchange(ctx context.Context, conn net.Conn, u webURL, limit int64, cookies http.CookieJar) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: not a request", errBlocked)
	}
	req.Close = true
	req.Header.Set("User-Agent", a.set.agent)
	req.Header.Set("Accept", "text/html,application/rdap+json,application/json;q=0.9,*/*;q=0.8")
	req.Header.Set("Accept-Encoding", "gzip")
	if cookies != nil {
		for _, c := range cookies.Cookies(u.url) {
			req.AddCookie(c)
		}
	}
	begin := time.Now()
	if err := req.Write(conn); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	raw := &io.LimitedReader{R: conn, N: maxHeader}
	resp, err := readHead(bufio.NewReader(raw), req)
	if err != nil && raw.N <= 0 {
		return nil, fmt.Errorf("%w: headers without end", errProtocol)
	}
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw.N = limit + maxHeader // decoded, it is never less than that
	p := &page{url: u, status: resp.StatusCode, header: resp.Header, ttfb: time.Since(begin)}
	if cookies != nil {
		cookies.SetCookies(u.url, resp.Cookies())
	}
	if p.redirects() {
		return p, nil // nobody reads what a redirect says
	}
	return p, p.read(resp, limit)
}

// redirects says that the answer sends the visitor elsewhere.
func (p *page) redirects() bool {
	return p.status >= 300 && p.status <= 399 && p.header.Get("Location") != ""
}

// readHead reads up to the headers of the final answer.
func readHead(r *bufio.Reader, req *http.Request) (*http.Response, error) {
	for range maxInterim {
		resp, err := http.ReadResponse(r, req)
		if err != nil || resp.StatusCode >= 200 {
			return resp, err
		}
	}
	return nil, fmt.Errorf("%w: only interim answers", errProtocol)
}

// read takes the body, keeps its head and counts up to limit, both decoded.
func (p *page) read(resp *http.Response, limit int64) error {
	var body io.Reader = resp.Body
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(body)
		if errors.Is(err, io.EOF) {
			return nil // a redirect, say, without a body
		}
		if err != nil {
			return fmt.Errorf("body: %w", err)
		}
		body = z
	}
	var head bytes.Buffer
	kept, err := io.Copy(&head, io.LimitReader(body, min(limit, keptBody)))
	p.body, p.size = head.Bytes(), kept
	if err == nil && limit > kept && kept == keptBody {
		var rest int64
		rest, err = io.Copy(io.Discard, io.LimitReader(body, limit-kept))
		p.size += rest
	}
	// A page that ends with its connection ends there, with or without TLS's goodbye.
	unframed := resp.ContentLength < 0 && len(resp.TransferEncoding) == 0
	if unframed && errors.Is(err, io.ErrUnexpectedEOF) || p.size >= keptBody && errKind(err) == failTimeout {
		return nil // and so does, for us, one that is long or endless, as a radio is
	}
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return nil
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
		if !p.redirects() {
			return p, nil
		}
		next, err := redirect(u, p.header.Get("Location"))
		if err == nil {
			err = a.literal(next.host)
		}
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

// literal vets an address written in a URL, before anything else is said of it.
func (a *attempt) literal(h host) error {
	if !h.addr.IsValid() {
		return nil
	}
	_, err := a.set.guard.vet(h.name, h.addr)
	return err
}
