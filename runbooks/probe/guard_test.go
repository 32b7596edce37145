package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/miekg/dns"

	"vigie/runbooks"
)

func TestGuardByAddress(t *testing.T) {
	t.Parallel()
	g := &guard{reserved: reservedRanges(), denied: []netip.Prefix{netip.MustParsePrefix("185.96.99.0/24"), netip.MustParsePrefix("2a0c:e300:99::/48")}}
	refused := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
		"203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1",
		"2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1",
		"4000::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "2a0c:e300::5efe:127.0.0.1", "2a0c:e300::200:5efe:7f00:1",
		"185.96.99.1", "::ffff:185.96.99.1", "2a0c:e300:99::1",
	}
	for _, text := range refused {
		if _, err := g.vet("x", netip.MustParseAddr(text)); !errors.Is(err, errBlocked) {
			t.Errorf("%s passed the guard (%v)", text, err)
		}
	}
	if _, err := g.vet("x", netip.Addr{}); !errors.Is(err, errBlocked) {
		t.Error("the zero address passed the guard")
	}
	if _, err := g.vet("x", netip.MustParseAddr("2a0c:e300::1").WithZone("eth0")); !errors.Is(err, errBlocked) {
		t.Error("an address with a zone passed the guard")
	}
	for _, text := range []string{"8.8.8.8", "185.96.10.1", "::ffff:185.96.10.1", "2a0c:e300::1", "2606:4700::1111", "100.63.255.255", "100.128.0.1", "172.32.0.1", "223.255.255.255", "2001:4860:4860::8888"} {
		v, err := g.vet("x", netip.MustParseAddr(text))
		if err != nil || v.addr.Is4In6() {
			t.Errorf("%s was refused or not unmapped: %v %v", text, v, err)
		}
	}
}

// hostile lists ways to write an address that is not a public machine's, or to hide one.
func hostile() []string {
	return []string{
		"127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7F.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "127.0.0.01",
		"0127.0.0.1", "00000177.0.0.1", "0", "0.0.0.0", "0x0", "10.0.0.1", "10.1", "167772161", "192.168.0.1", "192.168.1", "3232235521", "169.254.169.254", "2852039166",
		"0xa9fea9fe", "0251.0376.0251.0376", "172.16.0.1", "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255", "4294967295",
		"[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::ffff:10.0.0.1]",
		"[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]",
		"[fc00::1]", "[fd12:3456::1]", "[fec0::1]", "[ff02::1]", "[::1]:22", "127.0.0.1:22", "[::1%25lo0]", "[::ffff:169.254.169.254]",
		"localhost", "LOCALHOST.", "foo.localhost", "printer.local", "metadata.google.internal", "router.lan", "box.home", "1.0.0.127.in-addr.arpa", "intranet", "x.onion",
		"１２７.０.０.１", "①②⑦.0.0.1", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "loc\u00adalhost", "%31%32%37.0.0.1", "%6c%6f%63%61lhost",
		"user@127.0.0.1", "www.site.test@127.0.0.1", "www.site.test:80@127.0.0.1", "127.0.0.1#@www.site.test", "127.0.0.1?@www.site.test", "127.0.0.1\\@www.site.test", "www.site.test\\@127.0.0.1",
		"127.0.0.1%00.site.test", "127.0.0.1%0d%0aHost:x", "127.0.0.1\t", "site.test\x00", "1.2.3.4.5", "1.2.3.256", "256.256.256.256", "1e9.1", "0x", "site..test", ".site.test", "-.test",
		"xn--", "xn--a.test", strings.Repeat("a.", 130) + "test", strings.Repeat("a", 64) + ".test", "[", "]", "[]", ":", "", "[::1", "::1", "1::2:3::4",
	}
}

// sentinel listens where an attack would arrive, on loopback, and reports who comes.
type sentinel struct{ hits atomic.Int64 }

func newSentinel(t *testing.T) (*sentinel, string) {
	s := &sentinel{}
	return s, serve(t, func(net.Conn) { s.hits.Add(1) })
}

// TestHostileTargetsNeverConnect gives each spelling directly, as a redirect and as a DNS
// answer's source, to all kinds that connect. The lab even maps the loopback addresses to a
// sentinel, so that a guard with a hole would lead there.
func TestHostileTargetsNeverConnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, at := newSentinel(t)
	for _, from := range []string{"127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "192.168.0.1", "0.0.0.0"} {
		w.connect(from+":80", at)
		w.connect(from+":443", at)
	}
	for _, from := range []string{"[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"} {
		w.connect(from+":80", at)
		w.connect(from+":443", at)
	}
	var location atomic.Value
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header()["Location"] = []string{location.Load().(string)}
		rw.WriteHeader(http.StatusFound)
	})
	w.cfg.Budget = Budget{Person: 1e6, Target: 1e6, Global: 1e6}
	w.cfg.ConfirmAfter = -1
	p := w.prober()
	for i, h := range hostile() {
		for _, url := range []string{"http://" + h + "/", "https://" + h + "/"} {
			if rep := w.runWith(p, "http", "url", url); rep.Verdict != "blocked_target" {
				t.Errorf("%q: %s %s", url, rep.Verdict, rep.Detail)
			}
		}
		for _, kind := range []string{"tls", "tcp", "smtp", "imap", "ping"} {
			if rep := w.runWith(p, kind, hostArgs(kind, h)...); rep.Verdict != runbooks.Unknown {
				t.Errorf("%s %q: %s", kind, h, rep.Verdict)
			}
		}
		if strings.ContainsAny(h, "\r\n\x00") {
			continue
		}
		location.Store("http://" + h + "/secret")
		switch rep := w.runWith(p, "http", "url", fmt.Sprintf("http://www.site.test/%d", i)); rep.Verdict {
		case "blocked_target":
		default:
			t.Errorf("redirect to %q: %s %s", h, rep.Verdict, rep.Detail)
		}
	}
	if len(hostile()) < 60 || s.hits.Load() != 0 {
		t.Fatalf("%d spellings, %d connections to what must never be touched", len(hostile()), s.hits.Load())
	}
}

// hostArgs are the arguments of a kind that takes a host.
func hostArgs(kind, host string) []string {
	if kind == "tcp" {
		return []string{"host", host, "port", "80"}
	}
	return []string{"host", host}
}

func TestHostileURLs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.site(func(http.ResponseWriter, *http.Request) {})
	for _, u := range []string{
		"ftp://www.site.test/", "file:///etc/passwd", "gopher://www.site.test/", "javascript:alert(1)", "//www.site.test/", "www.site.test", "http:/www.site.test",
		"http://www.site.test:22/", "http://www.site.test:8080/", "http://www.site.test:0/", "http://www.site.test:/", "http://www.site.test:080x/", "http://www.site.test:65616/",
		"http://user:pass@www.site.test/", "http://@www.site.test/", "http:///x", "http://?", "http:www.site.test", "http://www.site.test /", "http://www.site.test\\x", "http://" + strings.Repeat("a", 3000),
	} {
		if rep := w.run("http", "url", u); rep.Verdict != "blocked_target" && len(u) < maxURL {
			t.Errorf("%q: %s %s", u, rep.Verdict, rep.Detail)
		} else if rep.Verdict != "blocked_target" && rep.Verdict != runbooks.Unknown {
			t.Errorf("long URL: %s", rep.Verdict)
		}
	}
}

// TestInternalAnswers gives names whose addresses are not public. They are a finding of
// the kind dns, and never touched by any other.
func TestInternalAnswers(t *testing.T) {
	t.Parallel()
	for _, rr := range []string{
		"A 127.0.0.1", "A 10.0.0.1", "A 0.0.0.0", "A 169.254.169.254", "A 192.168.1.1", "A 100.64.1.1", "A 224.0.0.1", "A 255.255.255.255", "A 192.0.2.1",
		"AAAA ::1", "AAAA ::", "AAAA ::ffff:127.0.0.1", "AAAA 64:ff9b::7f00:1", "AAAA 2002:7f00:1::", "AAAA fe80::1", "AAAA fd00::1", "AAAA 2001:0:7f00:1::", "AAAA ::127.0.0.1", "CNAME localhost.",
	} {
		t.Run(rr, func(t *testing.T) {
			w := newWorld(t)
			s, at := newSentinel(t)
			w.rr("trap.test. 60 IN "+rr, "localhost. 60 IN A 127.0.0.1", "ns.trap.test. 60 IN A 10.0.0.53")
			for _, port := range []string{"80", "443", "25", "993"} {
				w.connect("trap.test:"+port, at)
			}
			if rep := w.run("http", "url", "http://trap.test/"); rep.Verdict != "blocked_target" {
				t.Errorf("http: %s %s", rep.Verdict, rep.Detail)
			}
			for _, kind := range []string{"tls", "smtp", "imap"} {
				if rep := w.run(kind, "host", "trap.test"); rep.Verdict != runbooks.Unknown {
					t.Errorf("%s: %s", kind, rep.Verdict)
				}
			}
			w.want("reserved_address", nil, "dns", "name", "trap.test")
			w.rr("mixed.test. 60 IN A 185.96.10.1", "mixed.test. 60 IN "+strings.Replace(rr, "CNAME localhost.", "A 127.0.0.1", 1))
			w.connect("mixed.test:80", at)
			if rep := w.run("http", "url", "http://mixed.test/"); rep.Verdict != "blocked_target" {
				t.Errorf("mixed: %s", rep.Verdict)
			}
			if s.hits.Load() != 0 {
				t.Error("an internal address was connected to")
			}
		})
	}
}

// TestRebinding flips the answer of a name at each question: the address that was vetted is
// the one connected to, and a name has one meaning within an attempt.
func TestRebinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, at := newSentinel(t)
	var asks atomic.Int64
	w.hook(func(q *dns.Msg) *dns.Msg {
		if q.Question[0].Name != "flip.test." || q.Question[0].Qtype != dns.TypeA {
			return nil
		}
		m := new(dns.Msg)
		m.SetReply(q)
		text := "flip.test. 0 IN A 185.96.10.1"
		if asks.Add(1) > 1 {
			text = "flip.test. 0 IN A 127.0.0.1"
		}
		rr, _ := dns.NewRR(text)
		m.Answer = []dns.RR{rr}
		return m
	})
	w.rr("flip.test. 0 IN TXT x")
	w.connect("127.0.0.1:80", at)
	w.cfg.ConfirmAfter = -1
	w.connect("185.96.10.1:80", web(t, nil, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/again", http.StatusFound) }))
	w.want("redirect_loop", nil, "http", "url", "http://flip.test/")
	if asks.Load() != 1 {
		t.Errorf("the name was resolved %d times within one attempt", asks.Load())
	}
	w.want("blocked_target", nil, "http", "url", "http://flip.test/")
	if s.hits.Load() != 0 {
		t.Error("the flipped address was connected to")
	}
}

// TestDeniedByTheHost: public addresses that the host denies are no target either.
func TestDeniedByTheHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, at := newSentinel(t)
	w.cfg.Denied = []string{"185.96.11.0/24", "185.96.12.7"}
	w.rr("ipmi.test. 60 IN A 185.96.11.4", "one.test. 60 IN A 185.96.12.7")
	w.connect("ipmi.test:443", at)
	w.connect("185.96.11.4:443", at)
	w.connect("one.test:443", at)
	w.want("blocked_target", nil, "http", "url", "https://ipmi.test/")
	w.want("blocked_target", nil, "http", "url", "https://one.test/")
	w.want("blocked_target", nil, "http", "url", "https://185.96.11.4/")
	w.want(runbooks.Unknown, nil, "tls", "host", "ipmi.test")
	if s.hits.Load() != 0 {
		t.Error("a denied address was connected to")
	}
}

// TestDialLooksAgain builds a vetted by hand, as only a mistake could, and dials it.
func TestDialLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, at := newSentinel(t)
	here := netip.MustParseAddrPort(at)
	w.connect(at, at)
	for _, p := range []*Prober{w.prober(), mustNew(t, Config{Resolvers: []string{w.dns}})} {
		if _, err := p.dial(context.Background(), "tcp", vetted{host: "x", addr: here.Addr()}, here.Port()); !errors.Is(err, errBlocked) {
			t.Errorf("dial to loopback: %v", err)
		}
	}
	control := exactly(netip.MustParseAddrPort("185.96.10.1:80"))
	for _, other := range []string{"127.0.0.1:80", "185.96.10.1:81", "[::1]:80", "185.96.10.2:80", "x"} {
		if err := control(context.Background(), "tcp", other, syscall.RawConn(nil)); !errors.Is(err, errBlocked) {
			t.Errorf("the socket may go to %s: %v", other, err)
		}
	}
	if err := control(context.Background(), "tcp", "185.96.10.1:80", nil); err != nil {
		t.Errorf("the vetted address is refused: %v", err)
	}
	if s.hits.Load() != 0 {
		t.Error("loopback was connected to")
	}
}

func mustNew(t *testing.T, c Config) *Prober {
	t.Helper()
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// FuzzTargets: whatever the text, a target that comes through is in the one canonical
// form, and none of its literal addresses is internal once vetted.
func FuzzTargets(f *testing.F) {
	for _, h := range hostile() {
		f.Add(h)
		f.Add("http://" + h + "/")
	}
	f.Add("https://www.site.test/a?b#c")
	g := &guard{reserved: reservedRanges()}
	f.Fuzz(func(t *testing.T, text string) {
		if h, err := parseHost(text); err == nil {
			checkHost(t, g, h)
		}
		u, err := parseURL(text)
		if err != nil {
			if !errors.Is(err, errBlocked) {
				t.Fatalf("%q: error %v is not errBlocked", text, err)
			}
			return
		}
		checkHost(t, g, u.host)
		if u.port != 80 && u.port != 443 || u.url.User != nil || u.url.Scheme != "http" && u.url.Scheme != "https" {
			t.Fatalf("%q became %v", text, u)
		}
		again, err := parseURL(u.url.String())
		if err != nil || again.host != u.host || again.port != u.port {
			t.Fatalf("%q: %q is read otherwise the second time: %v %v", text, u.url, again.host, err)
		}
	})
}

func checkHost(t *testing.T, g *guard, h host) {
	t.Helper()
	if h.name == "" || !isASCII(h.name) || strings.ToLower(h.name) != h.name || strings.HasSuffix(h.name, ".") {
		t.Fatalf("not canonical: %+v", h)
	}
	if a, err := netip.ParseAddr(h.name); err == nil && a != h.addr {
		t.Fatalf("an address taken for a name: %+v", h)
	}
	if ip := net.ParseIP(h.name); ip != nil && !h.addr.IsValid() {
		t.Fatalf("an address taken for a name: %+v", h)
	}
	if again, err := parseHost(h.name); err != nil || again != h {
		t.Fatalf("%+v is read otherwise the second time: %+v %v", h, again, err)
	}
	if _, err := g.vet(h.name, h.addr); err == nil && !h.addr.IsGlobalUnicast() || err == nil && h.addr.IsPrivate() {
		t.Fatalf("an internal address was vetted: %+v", h)
	}
}
