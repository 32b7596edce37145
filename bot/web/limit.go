package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// limiter bounds how often one address may ask. It keeps, for each, when its
// allowance will be whole again (the generic cell rate algorithm). Memory is
// bounded by forgetting: under an attack from very many addresses some get a
// fresh allowance, and nobody is shut out.
type limiter struct {
	every, burst time.Duration
	proxies      []netip.Prefix

	mu       sync.Mutex
	now, old map[netip.Addr]time.Time
	turned   time.Time
}

// keepAddresses is how many addresses a generation holds; there are two.
const keepAddresses = 4096

// newLimiter lets perMinute requests through a minute, a fifth of it in one go;
// below 0 all of them.
func newLimiter(perMinute int, proxies []netip.Prefix) *limiter {
	l := &limiter{proxies: proxies, now: map[netip.Addr]time.Time{}}
	if perMinute > 0 {
		l.every = time.Minute / time.Duration(perMinute)
		l.burst = time.Duration(max(1, perMinute/5)) * l.every
	}
	return l
}

// wrap answers 429 to who asks too often.
func (l *limiter) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if who, ok := l.client(r); ok && l.every > 0 {
			if wait := l.take(who, time.Now()); wait > 0 {
				rw.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
				rw.Header().Set("Cache-Control", "no-store")
				http.Error(rw, "trop de demandes / too many requests", http.StatusTooManyRequests)
				return
			}
		}
		next.ServeHTTP(rw, r)
	})
}

// take counts a request; more than zero is how long to wait instead.
func (l *limiter) take(who netip.Addr, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.now) >= keepAddresses || now.Sub(l.turned) > 2*time.Minute {
		l.old, l.now, l.turned = l.now, map[netip.Addr]time.Time{}, now
	}
	whole, ok := l.now[who]
	if !ok {
		whole = l.old[who]
	}
	if whole.Before(now) {
		whole = now
	}
	if wait := whole.Sub(now) + l.every - l.burst; wait > 0 {
		return wait
	}
	l.now[who] = whole.Add(l.every)
	return 0
}

// client is whom a request is counted for; false for a proxy that names nobody,
// whose visitors would otherwise pay for each other.
func (l *limiter) client(r *http.Request) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	a := peer.Addr().Unmap()
	if !l.trusted(a) {
		return network(a), true
	}
	// From the right: what is left of the first stranger is that stranger's word.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return netip.Addr{}, false
		}
		if a = a.Unmap(); !l.trusted(a) {
			return network(a), true
		}
	}
	return netip.Addr{}, false
}

func (l *limiter) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(l.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// network is what one subscriber has: an IPv4 address, an IPv6 /64.
func network(a netip.Addr) netip.Addr {
	a = a.WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.Addr()
	}
	return a
}
