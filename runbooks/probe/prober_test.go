package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"vigie/runbooks"
)

func TestEveryNetworkKindIsCarriedOut(t *testing.T) {
	t.Parallel()
	for kind := range runbooks.Kinds() {
		_, ok := checks()[kind]
		if want := kind != "incident" && kind != "inventory"; ok != want {
			t.Errorf("kind %s: carried out %v, want %v", kind, ok, want)
		}
	}
	w := newWorld(t)
	w.want(runbooks.Unknown, nil, "incident")
	w.want(runbooks.Unknown, nil, "inventory")
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(runbooks.Unknown, nil, "dns")
	w.want(runbooks.Unknown, nil, "dns", "name", "  ")
	w.want(runbooks.Unknown, nil, "dns", "name", "site.test", "shell", "x")
	w.want(runbooks.Unknown, nil, "http", "url", "http://x.test/"+strings.Repeat("a", 9000))
	p := w.prober()
	rep := p.Run(context.Background(), "", map[string]runbooks.Request{"x": {Kind: "\x1b[31mrm\u202e"}})["x"]
	if rep.Verdict != runbooks.Unknown || rep.Kind != "[31mrm" {
		t.Errorf("%+v", rep)
	}
	if w.asks.Load() != 0 {
		t.Error("a bad request sent something")
	}
}

// TestRunInParallel: six slow checks take the time of one, and one report comes for each.
func TestRunInParallel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.ConfirmAfter = -1
	var now, most atomic.Int64
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		<-time.After(100 * time.Millisecond) // a server's slowness is what is tested
		_, _ = io.WriteString(rw, goodPage)
	})
	requests := map[string]runbooks.Request{}
	for i := range maxChecks + 3 {
		requests[string(rune('a'+i))] = runbooks.Request{Kind: "http", Args: map[string]string{"url": "http://www.site.test/" + string(rune('a'+i))}}
	}
	reports := w.prober().Run(context.Background(), "x", requests)
	ok := 0
	for _, r := range reports {
		if r.Verdict == runbooks.OK {
			ok++
		}
	}
	if len(reports) != len(requests) || ok != maxChecks || most.Load() > maxParallel || most.Load() < 2 {
		t.Errorf("%d reports, %d ok, %d at once", len(reports), ok, most.Load())
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	block := make(chan struct{})
	w.site(func(http.ResponseWriter, *http.Request) { <-block })
	defer close(block)
	ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
	defer cancel()
	begin := time.Now()
	rep := w.prober().Run(ctx, "x", map[string]runbooks.Request{"x": {Kind: "http", Args: map[string]string{"url": "http://www.site.test/"}}})["x"]
	if took := time.Since(begin); rep.Verdict != runbooks.Unknown || took > time.Second {
		t.Errorf("%s after %s", rep.Verdict, took)
	}
}

// TestFlap: a negative that goes away on the second look is not told as one.
func TestFlap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var visits atomic.Int64
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		if visits.Add(1) == 1 {
			rw.WriteHeader(http.StatusBadGateway)
		}
		_, _ = io.WriteString(rw, goodPage)
	})
	rep := w.want("ok", nil, "http", "url", "http://www.site.test/")
	if rep.Confirmed || !strings.Contains(rep.Detail, "gateway") {
		t.Errorf("%+v", rep)
	}
}

// TestNoTimeToConfirm: when the repeat would not fit, the first look stands, unconfirmed.
func TestNoTimeToConfirm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.ConfirmAfter = time.Hour
	if rep := w.want("nxdomain", nil, "dns", "name", "no.test"); rep.Confirmed {
		t.Error("confirmed without a second look")
	}
}

func TestCanaries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Canaries = []string{"https://canary1.test/", "http://canary2.test/"}
	w.rr("www.site.test. 60 IN A 185.96.10.1", "canary2.test. 60 IN A 185.96.40.2")
	w.connect("www.site.test:443", closedPort(t))
	rep := w.want(runbooks.Unknown, nil, "http", "url", "https://www.site.test/")
	if !strings.Contains(rep.Detail, "our own network") {
		t.Errorf("detail %q", rep.Detail)
	}
	w.connect("canary2.test:80", web(t, nil, http.NotFound)) // any answer will do
	w.want("refused", nil, "http", "url", "https://www.site.test/")
}

func TestCacheAndSingleFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var visits atomic.Int64
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		<-time.After(50 * time.Millisecond) // so that the others arrive meanwhile
		_, _ = io.WriteString(rw, goodPage)
	})
	p := w.prober()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { w.runWith(p, "http", "url", "http://www.site.test/") })
	}
	wg.Wait()
	first := w.runWith(p, "http", "url", "http://www.site.test/")
	first.Fields["v4"] = "spoilt by a reader"
	if again := w.runWith(p, "http", "url", "http://www.site.test/"); again.Fields["v4"] != "ok" || visits.Load() != 1 {
		t.Errorf("%d visits, v4 %v", visits.Load(), again.Fields["v4"])
	}
	w.runWith(p, "http", "url", "http://www.site.test/Other")
	w.runWith(p, "http", "url", "http://www.site.test/other")
	if visits.Load() != 3 {
		t.Error("paths that differ in case were taken for one")
	}
}

func TestFlightsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights(time.Minute)
		defer f.close()
		runs := 0
		do := func(v runbooks.Verdict) runbooks.Verdict {
			rep, err := f.do(t.Context(), "k", func() error { return nil }, func(context.Context) runbooks.Report {
				runs++
				return runbooks.Report{Verdict: v}
			})
			if err != nil {
				t.Fatal(err)
			}
			return rep.Verdict
		}
		if do(runbooks.Unknown) != runbooks.Unknown || do("ok") != "ok" || do("timeout") != "ok" || runs != 2 {
			t.Errorf("unknown is kept, or ok is not (%d runs)", runs)
		}
		time.Sleep(time.Minute)
		if do("timeout") != "timeout" || runs != 3 {
			t.Errorf("a report was kept for longer than a minute (%d runs)", runs)
		}
		// Nobody waits any more: the flight is told to end, and the next is a new one.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended := false
		_, err := f.do(ctx, "other", func() error { return nil }, func(ctx context.Context) runbooks.Report {
			<-ctx.Done()
			ended = true
			return runbooks.Report{Verdict: "timeout"}
		})
		synctest.Wait()
		if err == nil || !ended || len(f.flying) != 0 || len(f.reports) != 1 {
			t.Errorf("err %v, ended %v, %d flying, %d kept", err, ended, len(f.flying), len(f.reports))
		}
	})
}

func TestBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(Budget{Window: time.Minute, Person: 3, Target: 4, Global: 8})
		spend := func(who, target string, n int) (ok int) {
			for range n {
				if err := b.take(who, target); err == nil {
					ok++
				} else if !errors.Is(err, errBudget) {
					t.Fatal(err)
				}
			}
			return ok
		}
		if n := spend("ana", "a.test", 9); n != 3 {
			t.Errorf("a person got %d", n)
		}
		if n := spend("bob", "a.test", 9); n != 1 {
			t.Errorf("a target got %d more", n)
		}
		if n := spend("", "b.test", 9); n != 4 {
			t.Errorf("the bot itself got %d, or all together more than 8", n)
		}
		for i := range 1000 {
			_ = b.take("x", string(rune('a'+i%26))+string(rune('a'+i/26))+".test")
		}
		if len(b.buckets) > 20 {
			t.Errorf("%d buckets made by refused requests", len(b.buckets))
		}
		time.Sleep(20 * time.Second)
		if n := spend("ana", "c.test", 9); n != 1 {
			t.Errorf("after a third of the window a person got %d", n)
		}
		time.Sleep(3 * time.Minute)
		if n := spend("zoe", "z.test", 9); n != 3 || len(b.buckets) != 3 {
			t.Errorf("%d given, %d buckets kept", n, len(b.buckets))
		}
	})
}

func TestBudgetIsToldAsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Budget.Person = 1
	w.rr("site.test. 60 IN A 185.96.10.1")
	p := w.prober()
	w.runWith(p, "dns", "name", "site.test")
	if rep := w.runWith(p, "dns", "name", "site.test"); rep.Verdict != runbooks.OK {
		t.Error("an answer out of the cache was charged")
	}
	if rep := w.runWith(p, "mx", "domain", "site.test"); rep.Verdict != runbooks.Unknown || !strings.Contains(rep.Detail, "budget") {
		t.Errorf("%+v", rep)
	}
}

func TestPanicIsUnknown(t *testing.T) {
	t.Parallel()
	p := newWorld(t).prober()
	p.kinds["dns"] = func(context.Context, *attempt, map[string]string) runbooks.Report {
		together(func() {}, func() { panic("in a goroutine") })
		return runbooks.Report{Verdict: runbooks.OK}
	}
	rep := p.Run(context.Background(), "x", map[string]runbooks.Request{"x": {Kind: "dns", Args: map[string]string{"name": "a.test"}}})["x"]
	if rep.Verdict != runbooks.Unknown || strings.Contains(rep.Detail, "goroutine") {
		t.Errorf("%+v", rep)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.prober()
	p.Close()
	if rep := w.runWith(p, "dns", "name", "site.test"); rep.Verdict != runbooks.Unknown {
		t.Errorf("%+v", rep)
	}
}

func TestProbeSeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("site.test. 60 IN A 185.96.10.1")
	p := w.prober()
	var got Result
	out := p.Probe(context.Background(), "checks", []byte(`{"checks":{"d":{"kind":"dns","args":{"name":"site.test"}},"i":{"kind":"incident"}},"timeout_ms":3000,"who":"p1"}`))
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Reports) != 2 || got.Reports["d"].Verdict != runbooks.OK || got.Reports["i"].Verdict != runbooks.Unknown || got.Error != "" {
		t.Errorf("%s", out)
	}
	for _, bad := range []string{"", "null", "[]", `{"checks":3}`, `{"checks":{"x":null}}`, "\xff", `{"timeout_ms":-5}`, `{"timeout_ms":9e18}`} {
		var r Result
		if err := json.Unmarshal(p.Probe(context.Background(), "", []byte(bad)), &r); err != nil || r.Reports == nil {
			t.Errorf("%q: %v %+v", bad, err, r)
		}
	}
}

// TestErrorsByKind: what is our own trouble must never become somebody else's fault.
func TestErrorsByKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := newAttempt(w.prober())
	tests := []struct {
		err  error
		http runbooks.Verdict
		tls  runbooks.Verdict
		mail runbooks.Verdict
	}{
		{syscall.ENETUNREACH, "unknown", "unknown", "unknown"},
		{syscall.EADDRNOTAVAIL, "unknown", "unknown", "unknown"},
		{syscall.EMFILE, "unknown", "unknown", "unknown"},
		{syscall.EPERM, "unknown", "unknown", "unknown"},
		{context.Canceled, "unknown", "unknown", "unknown"},
		{errNoResolver, "unknown", "unknown", "unknown"},
		{errBlocked, "blocked_target", "unknown", "unknown"},
		{syscall.EHOSTUNREACH, "timeout", "timeout", "timeout"},
		{syscall.ETIMEDOUT, "timeout", "timeout", "timeout"},
		{context.DeadlineExceeded, "timeout", "timeout", "timeout"},
		{syscall.ECONNREFUSED, "refused", "refused", "refused"},
		{syscall.ECONNRESET, "reset", "handshake_failed", "refused"},
		{io.ErrUnexpectedEOF, "reset", "handshake_failed", "refused"},
		{errTLS, "tls_error", "handshake_failed", "cert_bad"},
		{errServFail, "dns_error", "unknown", "unknown"},
		{errors.New("gibberish"), "server_error", "handshake_failed", "unknown"},
	}
	for _, tt := range tests {
		err := fmt.Errorf("wrapped: %w", tt.err)
		if got := a.judge(nil, err, "").Verdict; got != tt.http {
			t.Errorf("http, %v: %s, want %s", tt.err, got, tt.http)
		}
		if got := tlsFailure(err); got != tt.tls {
			t.Errorf("tls, %v: %s, want %s", tt.err, got, tt.tls)
		}
		if got := mailFailure(err); got != tt.mail {
			t.Errorf("mail, %v: %s, want %s", tt.err, got, tt.mail)
		}
	}
	unreachable := &visit{rep: a.judge(nil, syscall.ENETUNREACH, "")}
	if unreachable.state() != "none" {
		t.Errorf("IPv6 that we do not have is told as %q", unreachable.state())
	}
}

func TestRegistered(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"www.site.fr": "site.fr", "site.fr": "site.fr", "a.b.monasso.asso.fr": "monasso.asso.fr", "x.github.io": "github.io", "www.x.github.io": "github.io",
		"www.site.test": "site.test", "site.co.uk": "site.co.uk", "fr": "fr", "a.b.xn--p1ai": "b.xn--p1ai",
	} {
		if got := registered(name); got != want {
			t.Errorf("registered(%s) = %s, want %s", name, got, want)
		}
	}
}
