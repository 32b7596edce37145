package probe

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"

	"vigie/runbooks"
)

func TestWholeDays(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]int{0: 0, time.Hour: 0, day: 1, 36 * time.Hour: 1, -time.Hour: -1, -day: -1, -25 * time.Hour: -2} {
		if got := wholeDays(d); got != want {
			t.Errorf("wholeDays(%s) = %d, want %d", d, got, want)
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		events []rdapEvent
		want   string
	}{
		{[]rdapEvent{{"expiration", "2027-01-02T03:04:05Z"}}, "2027-01-02"},
		{[]rdapEvent{{"expiration", "2027-01-02T03:04:05Z"}, {"registrar expiration", "2026-01-02T03:04:05+02:00"}}, "2026-01-02"},
		{[]rdapEvent{{"expiration", "soon"}, {"expiration", "2027-05-06T00:00:00.5Z"}}, "2027-05-06"},
		{[]rdapEvent{{"registration", "2020-01-02T03:04:05Z"}}, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		at, known := expiryOf(tt.events)
		if known != (tt.want != "") || known && at.Format(time.DateOnly) != tt.want {
			t.Errorf("%v: %s %v", tt.events, at, known)
		}
	}
}

func TestRDAPBase(t *testing.T) {
	t.Parallel()
	set, err := settle(Config{RDAP: RDAP{Bootstrap: map[string]string{"uk": "https://uk.test/", "co.uk": "https://couk.test/"}}})
	if err != nil {
		t.Fatal(err)
	}
	a := newAttempt(&Prober{set: set})
	for name, want := range map[string]string{"site.uk": "https://uk.test/", "site.co.uk": "https://couk.test/", "site.fr": "https://rdap.org/"} {
		base, registry := a.rdapBase(name)
		if base != want || registry != (name != "site.fr") {
			t.Errorf("%s: %s %v", name, base, registry)
		}
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ ip, mask, want string }{
		{"185.96.10.7", "", "185.96.10.7/32"}, {"185.96.10.7", "24", "185.96.10.0/24"}, {"185.96.10.7", "24//64", "185.96.10.0/24"}, {"185.96.10.7", "/64", "185.96.10.7/32"},
		{"2a0c:e300::7", "24//64", "2a0c:e300::/64"}, {"2a0c:e300::7", "/64", "2a0c:e300::/64"}, {"2a0c:e300::7", "24", "2a0c:e300::7/128"}, {"185.96.10.7", "33", ""}, {"185.96.10.7", "x", ""},
	} {
		p, err := maskOf(netip.MustParseAddr(tt.ip), tt.mask)
		if tt.want == "" != errors.Is(err, errSPFSyntax) || err == nil && p.String() != tt.want {
			t.Errorf("%s with %q: %s %v", tt.ip, tt.mask, p, err)
		}
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	one, two := said{asked: true, answers: "1"}, said{asked: true, answers: "2"}
	mute, lame := said{asked: true, silent: true}, said{asked: true, lame: true}
	tests := []struct {
		all                     []said
		agree, lame, lameFailed bool
	}{
		{[]said{one, one}, true, false, false},
		{[]said{one, {}}, true, false, false},
		{[]said{one, two}, false, false, false},
		{[]said{one, mute}, false, false, false},
		{[]said{one, lame}, false, false, false},
		{[]said{lame, lame}, false, true, true},
		{[]said{lame, mute}, false, false, true},
		{[]said{mute, mute}, false, false, false},
	}
	for _, tt := range tests {
		c := count(tt.all)
		if c.agree != tt.agree || c.allLame(false) != tt.lame || c.allLame(true) != tt.lameFailed {
			t.Errorf("%+v: %+v", tt.all, c)
		}
	}
}

// TestServersWeCannotReach: the world resolves the name, and only we do not reach its
// servers. That is a firewall of ours, not a fault of theirs.
func TestServersWeCannotReach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone("site.test")
	w.rr("site.test. 60 IN A 185.96.10.1")
	deaf := serveDNS(t, func(*dns.Msg) *dns.Msg { return silence })
	w.connect("ns1.host.test:53", deaf)
	w.connect("ns2.host.test:53", deaf)
	rep := w.want("ok", nil, "dns", "name", "site.test")
	if _, told := rep.Fields["servers_agree"]; told {
		t.Error("servers that we cannot reach are said to agree or not")
	}
	lame := serveDNS(t, func(q *dns.Msg) *dns.Msg { return rcode(q, dns.RcodeRefused) })
	w.connect("ns1.host.test:53", lame)
	w.connect("ns2.host.test:53", lame)
	w.want("lame", map[string]any{"servers_agree": false}, "dns", "name", "site.test")
}

// TestServersOnInternalAddresses: a zone may name servers on internal addresses; they are
// not asked.
func TestServersOnInternalAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, at := newSentinel(t)
	w.rr("site.test. 60 IN SOA ns.site.test. r.site.test. 1 2 3 4 5", "site.test. 60 IN NS ns.site.test.", "ns.site.test. 60 IN A 10.0.0.53", "site.test. 60 IN A 185.96.10.1")
	w.connect("ns.site.test:53", at)
	w.want("ok", nil, "dns", "name", "site.test")
	if s.hits.Load() != 0 {
		t.Error("a name server on an internal address was asked")
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leaf := w.ca.cert
	for _, at := range []time.Time{leaf.NotBefore.Add(-day), leaf.NotBefore.Add(day), leaf.NotAfter.Add(day)} {
		got := within(leaf, at)
		if got.Before(leaf.NotBefore) || got.After(leaf.NotAfter) {
			t.Errorf("%s gives %s, out of the certificate's life", at, got)
		}
	}
	if !isSelfSigned(leaf) {
		t.Error("a root signs itself")
	}
	if isSelfSigned(w.ca.intermediate("x").cert) {
		t.Error("an intermediate does not sign itself")
	}
}

func TestStoreIsBounded(t *testing.T) {
	t.Parallel()
	f := newFlights(time.Hour)
	defer f.close()
	for i := range maxCached + 10 {
		f.store(string(rune(i)), runbooks.Report{Verdict: "ok"})
	}
	if n := len(f.reports); n > maxCached || n == 0 {
		t.Errorf("%d reports kept", n)
	}
}

// TestPinger pings loopback through a hand-made vetted, where the system lets us; where it
// does not, the error must not look like the other side's.
func TestPinger(t *testing.T) {
	t.Parallel()
	p, err := newPinger(vetted{host: "here", addr: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		if k := errKind(err); k == failUnreachable || k == failTimeout {
			t.Errorf("no right to ping is told as %s: %v", k, err)
		}
		return
	}
	defer func() { _ = p.conn.Close() }()
	if _, err := p.echo(t.Context(), 1); err != nil {
		t.Errorf("loopback does not echo: %v", err)
	}
}
