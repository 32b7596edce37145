package irc

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// zone is a name server on loopback whose answers can be changed.
type zone struct {
	mu      sync.Mutex
	records map[uint16]string // by type
	asked   int
}

func (z *zone) set(a, aaaa string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records = map[uint16]string{dns.TypeA: a, dns.TypeAAAA: aaaa}
}

func (z *zone) questions() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.asked
}

// resolver starts the name server, and gives a resolver that asks it.
func (z *zone) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		z.mu.Lock()
		z.asked++
		text := z.records[q.Question[0].Qtype]
		z.mu.Unlock()
		m := new(dns.Msg)
		m.SetReply(q)
		kind := map[uint16]string{dns.TypeA: "A", dns.TypeAAAA: "AAAA"}[q.Question[0].Qtype]
		if text != "" {
			if rr, err := dns.NewRR(q.Question[0].Name + " 3600 IN " + kind + " " + text); err == nil {
				m.Answer = []dns.RR{rr}
			}
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = srv.ActivateAndServe() }()
	t.Cleanup(func() { _ = srv.Shutdown() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// Both families are tried, and the name is looked up at each attempt: a network that moves is found again without a restart.
func TestAddressesOfAName(t *testing.T) {
	addr := listen(t, func(net.Conn) {})
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	no := false
	z := &zone{}
	tr := &Transport{cfg: Config{ConnectTimeout: 5 * time.Second}.withDefaults(), resolver: z.resolver(t)}
	server := Server{Address: "irc.vigie.example:" + port, TLS: &no}
	dial := func() error {
		conn, err := tr.dialServer(t.Context(), server)
		if err == nil {
			conn.Close()
		}
		return err
	}
	z.set("127.0.0.1", "::1") // nobody listens on IPv6
	if err := dial(); err != nil {
		t.Errorf("IPv6 is refused, and IPv4 was not tried: %v", err)
	}
	z.set("127.0.0.2", "") // refused: the network has moved, as far as the old answer goes
	before := z.questions()
	if err := dial(); err == nil {
		t.Error("nobody listens there")
	}
	z.set("127.0.0.1", "")
	if err := dial(); err != nil || z.questions() <= before {
		t.Errorf("the new address was not looked up: %v, %d questions before, %d now", err, before, z.questions())
	}
	z.set("", "")
	if err := dial(); err == nil {
		t.Error("a name without address")
	}
}

func TestIPv6IsTried(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: this machine has no IPv6: %v", err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	no := false
	z := &zone{}
	z.set("127.0.0.1", "::1") // nobody listens on IPv4
	tr := &Transport{cfg: Config{}.withDefaults(), resolver: z.resolver(t)}
	for _, address := range []string{"irc.vigie.example:" + port, "[::1]:" + port} {
		conn, err := tr.dialServer(t.Context(), Server{Address: address, TLS: &no})
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		conn.Close()
	}
}

func TestBind(t *testing.T) {
	from := make(chan string, 1)
	addr := listen(t, func(c net.Conn) { from <- c.RemoteAddr().String() })
	no := false
	tr := &Transport{cfg: Config{}.withDefaults()}
	conn, err := tr.dialServer(t.Context(), Server{Address: addr, TLS: &no, Bind: "127.0.0.9"})
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: this machine has one loopback address only: %v", err)
	}
	defer conn.Close()
	if got := <-from; !strings.HasPrefix(got, "127.0.0.9:") {
		t.Errorf("it came from %s", got)
	}
}

// The servers of a network are tried in turn, for ever, each time with a pause.
func TestServersInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b := idle(t, n, func(c *Config) {
			c.Servers = []Server{{Address: "a.test:6697"}, {Address: "b.test:6697"}, {Address: "[2001:db8::1]:6697"}}
		})
		var tried []string
		var mu sync.Mutex
		up := ""
		b.dial = func(ctx context.Context, s Server) (net.Conn, error) {
			mu.Lock()
			tried = append(tried, s.Address[:1])
			ok := s.Address == up
			mu.Unlock()
			if !ok {
				return nil, errors.New("no route")
			}
			return n.dial(ctx, s)
		}
		b.run(nil)
		defer b.stop()
		time.Sleep(20 * time.Second)
		mu.Lock()
		if got := strings.Join(tried, ""); !strings.HasPrefix(got, "ab[ab") {
			t.Errorf("tried %q", got)
		}
		up = "b.test:6697"
		mu.Unlock()
		time.Sleep(3 * time.Minute)
		if got := ups(b.take()); len(got) == 0 || !got[len(got)-1] {
			t.Errorf("one of three is there, status %v", got)
		}
	})
}
