package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestBadConfigurationIsToldClearly(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{Listen: "nonsense"}, `web.listen "nonsense"`},
		{Config{}, `web.listen ""`},
		{Config{Listen: ":0", URL: "info.example.org"}, `web.url "info.example.org"`},
		{Config{Listen: ":0", URL: "javascript://x"}, "web.url"},
		{Config{Listen: ":0", Metrics: "yes"}, `web.metrics "yes"`},
		{Config{Listen: ":0", Proxies: []string{"10.0.0.0/8", "proxy"}}, `web.proxies: "proxy"`},
	} {
		if _, err := New(c.cfg, facts(), newStore(t), nil); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "write ") {
			t.Errorf("%+v: %v", c.cfg, err)
		}
	}
	if errs := (Config{Listen: "x", URL: "y", Metrics: "z"}).Validate(); len(errs) != 3 {
		t.Errorf("not all at once: %v", errs)
	}
	for _, c := range []Config{Defaults(), config(), {Off: true}, {Listen: "[::1]:0", Metrics: "off", Proxies: []string{}}} {
		if errs := c.Validate(); len(errs) > 0 {
			t.Errorf("%+v: %v", c, errs)
		}
	}
}

func TestRunSaysWhereItCannotListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, addr := range []string{taken.Addr().String(), "127.0.0.1:99999", "192.0.2.1:80"} {
		err = newSite(t, Config{Listen: addr}, facts(), newStore(t)).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "web.listen") {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestRunOffServesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSite(t, Config{Off: true}, facts(), newStore(t)).Run(ctx); err != nil {
		t.Error(err)
	}
}

// TestRunServesAndStopsInTime stops a server on which one client holds a
// connection open and another is in the middle of a request.
func TestRunServesAndStopsInTime(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	w := newSite(t, config(), facts(), sample(t, time.Now()))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.serve(ctx, l) }()
	addr := l.Addr().String()
	idle, half := dial(t, addr), dial(t, addr)
	fmt.Fprintf(idle, "GET /fr/ HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(idle), nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(page), "Une panne en cours") {
		t.Errorf("served %q (%v)", page, err)
	}
	fmt.Fprintf(half, "GET /fr/ HTTP/1.1\r\nHo")
	began := time.Now()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	if took := time.Since(began); took > stopWithin+time.Second {
		t.Errorf("stopping took %v", took)
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		_ = c.Close()
		t.Error("something still listens")
	}
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config()
		c.PerMinute = 60 // a burst of 12, then one a second
		h := newSite(t, c, facts(), newStore(t)).Handler()
		ask := func(peer, forwarded string) int {
			r, err := http.NewRequest(http.MethodGet, "/fr/", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.RemoteAddr = peer
			if forwarded != "" {
				r.Header.Set("X-Forwarded-For", forwarded)
			}
			rw := record(h, r)
			if wait, _ := strconv.Atoi(rw.Header().Get("Retry-After")); rw.Code == http.StatusTooManyRequests && wait < 1 {
				t.Error("does not say when to come back")
			}
			return rw.Code
		}
		flood := func(peer, forwarded string, n int) (passed int) {
			for range n {
				if ask(peer, forwarded) == http.StatusOK {
					passed++
				}
			}
			return passed
		}
		for _, who := range [][2]string{{"203.0.113.9:1", ""}, {"127.0.0.1:1", "198.51.100.7"}, {"[::1]:1", "1.1.1.1, 198.51.100.8, 127.0.0.1"}, {"[2001:db8:1:1::1]:9", ""}} {
			if n := flood(who[0], who[1], 40); n != 12 {
				t.Errorf("%v: %d of 40 at once", who, n)
			}
		}
		if ask("[2001:db8:1:1:ffff::2]:9", "") != http.StatusTooManyRequests {
			t.Error("an address of the same subscriber has an allowance of its own")
		}
		if ask("[2001:db8:1:2::1]:9", "") != http.StatusOK || ask("127.0.0.1:1", "198.51.100.9") != http.StatusOK {
			t.Error("a neighbour pays too")
		}
		if n := flood("203.0.113.50:1", "198.51.100.99", 40); n != 12 { // a stranger's header is not believed
			t.Errorf("a stranger who names others: %d of 40", n)
		}
		for _, xff := range []string{"", "127.0.0.1", "rubbish"} {
			if n := flood("127.0.0.1:1", xff, 40); n != 40 {
				t.Errorf("a proxy that names nobody (%q): %d of 40", xff, n)
			}
		}
		time.Sleep(5 * time.Second)
		if n := flood("203.0.113.9:1", "", 40); n != 5 {
			t.Errorf("after five seconds: %d", n)
		}
		time.Sleep(time.Hour)
		if n := flood("203.0.113.9:1", "", 40); n != 12 {
			t.Errorf("after an hour: %d", n)
		}
	})
}

func TestRateLimitIsBounded(t *testing.T) {
	l := newLimiter(300, nil)
	now := time.Now()
	for n := range 50_000 {
		if l.take(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), now) > 0 {
			t.Fatal("a newcomer is refused")
		}
	}
	if n := len(l.now) + len(l.old); n > 2*keepAddresses {
		t.Errorf("%d addresses are kept", n)
	}
	if free := newLimiter(-1, nil); free.every != 0 {
		t.Error("below 0 is not without bound")
	}
}

func TestMetricsAreForTheMachineItself(t *testing.T) {
	for _, c := range []struct {
		who, peer, host, header string
		want                    int
	}{
		{"", "127.0.0.1:1", "localhost:8480", "", 200},
		{"loopback", "[::1]:1", "[::1]:8480", "", 200},
		{"", "203.0.113.9:1", "127.0.0.1", "", 404},
		{"", "127.0.0.1:1", "info.example.org", "", 404},
		{"", "127.0.0.1:1", "127.0.0.1:8480", "X-Forwarded-For", 404},
		{"", "127.0.0.1:1", "127.0.0.1:8480", "Forwarded", 404},
		{"off", "127.0.0.1:1", "127.0.0.1:8480", "", 404},
		{"all", "203.0.113.9:1", "info.example.org", "", 200},
	} {
		cfg := config()
		cfg.Metrics = c.who
		w := newSite(t, cfg, facts(), sample(t, time.Now()))
		w.Turn(3, time.Millisecond)
		w.Turn(0, 0)
		r, err := http.NewRequest(http.MethodGet, "/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.RemoteAddr, r.Host = c.peer, c.host
		if c.header != "" {
			r.Header.Set(c.header, "x")
		}
		rw := record(w.Handler(), r)
		if rw.Code != c.want {
			t.Errorf("%+v: %d", c, rw.Code)
		}
		if c.want == 200 {
			holds(t, rw.Body.String(), "vigie_events_total 3", "vigie_turn_seconds_count 1", "vigie_incidents_open 1", "vigie_tickets_active 3", "vigie_outbox_rows 0", "vigie_last_turn_timestamp_seconds")
		}
	}
}

// BenchmarkPage compares the page with a plain file server that serves the same
// bytes, on loopback, one after the other: ratio is pages per file.
func BenchmarkPage(b *testing.B) {
	w := newSite(b, config(), facts(), sample(b, time.Now()))
	page := body(b, w.Handler(), "/fr/")
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte(page), 0o600); err != nil {
		b.Fatal(err)
	}
	measure := func(h http.Handler, path string) time.Duration {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		srv := &http.Server{Handler: h}
		done := make(chan error, 1)
		go func() { done <- srv.Serve(l) }()
		c := dial(b, l.Addr().String())
		in := bufio.NewReader(c)
		began := time.Now()
		for range b.N {
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				b.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, resp.Body); err != nil || int(n) != len(page) {
				b.Fatalf("%d bytes of %d (%v)", n, len(page), err)
			}
		}
		took := time.Since(began)
		_ = c.Close()
		_ = srv.Close()
		<-done
		return took
	}
	b.ResetTimer()
	ours := measure(w.Handler(), "/fr/")
	theirs := measure(http.FileServer(http.Dir(dir)), "/page.html")
	b.ReportMetric(float64(theirs)/float64(ours), "ratio")
	b.ReportMetric(float64(b.N)/ours.Seconds(), "pages/s")
	b.ReportMetric(float64(b.N)/theirs.Seconds(), "files/s")
}
