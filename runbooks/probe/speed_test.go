package probe

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

// healthy is a world in which a site is well: its name paid for, its directory, its
// certificate and its page in order, each server taking its time.
func healthy(t testing.TB, slowness time.Duration) *world {
	w := newWorld(t)
	w.cfg.Budget = Budget{Person: 1e6, Target: 1e6, Global: 1e6}
	page := func(rw http.ResponseWriter, r *http.Request) {
		<-time.After(slowness) // a server's slowness is what is measured
		_, _ = io.WriteString(rw, goodPage)
	}
	w.rr("site.test. 300 IN A 185.96.10.1", "site.test. 300 IN NS ns1.host.test.", "site.test. 300 IN SOA ns1.host.test. a.host.test. 1 2 3 4 5",
		"ns1.host.test. 300 IN A 185.96.10.53", "rdap.test. 300 IN A 185.96.10.9")
	w.connect("ns1.host.test:53", w.dns)
	w.connect("site.test:443", web(t, w.ca.issue(nil, "site.test"), page))
	w.connect("rdap.test:443", web(t, w.ca.issue(nil, "rdap.test"), func(rw http.ResponseWriter, r *http.Request) {
		<-time.After(slowness / 2)
		_, _ = io.WriteString(rw, rdapJSON(`"active"`, event("expiration", 300*day)))
	}))
	return w
}

// siteDown leads a member through the shipped site-down up to the first question after
// its checks. It returns how long the checks took and how long the slowest of them.
func siteDown(t testing.TB, lib *runbooks.Library, p *Prober) (all, slowest time.Duration) {
	rb, _ := lib.ByID("site-down")
	s, _, err := runbooks.Start(lib, rb, runbooks.StartOptions{Lang: "fr", Facts: map[string]string{"domain": "site.test"}, Now: time.Now()})
	for err == nil && s.State == runbooks.Probing {
		asked, reports := map[string]runbooks.Request{}, map[string]runbooks.Report{}
		for key, pending := range s.Pending {
			switch pending.Request.Kind {
			case "incident":
				reports[key] = runbooks.Report{Kind: "incident", Verdict: "none"}
			case "inventory":
				reports[key] = runbooks.Report{Kind: "inventory", Verdict: "hosted"}
			default:
				asked[key] = pending.Request
			}
		}
		begin := time.Now()
		for key, rep := range p.Run(context.Background(), "somebody", asked) {
			reports[key] = rep
			slowest = max(slowest, time.Duration(rep.MS)*time.Millisecond)
		}
		all += time.Since(begin)
		s, _, err = runbooks.Found(lib, s, reports, time.Now())
	}
	if err != nil || s.Step() != "fine" {
		for _, r := range s.Runs {
			t.Logf("%s %v: %s %s", r.Check, r.Request.Args, r.Report.Verdict, r.Report.Detail)
		}
		t.Fatalf("a healthy site leads to %s: %v", s.Step(), err)
	}
	return all, slowest
}

func shippedLibrary(t testing.TB) *runbooks.Library {
	lib, found := runbooks.Load(nil, library.FS())
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return lib
}

// TestSiteDownOnAHealthySite: the checks of a step run side by side, so that a member
// waits for the slowest and not for their sum. The bound is loose, for busy machines;
// the benchmark below gives the figure.
func TestSiteDownOnAHealthySite(t *testing.T) {
	t.Parallel()
	all, slowest := siteDown(t, shippedLibrary(t), healthy(t, 400*time.Millisecond).prober())
	if all > 3*slowest {
		t.Errorf("%s in all, the slowest check took %s", all, slowest)
	}
}

// BenchmarkSiteDown gives ×slowest: how many times its slowest check the diagnosis of a
// healthy site takes. The aim is under 1.5.
func BenchmarkSiteDown(b *testing.B) {
	lib, w := shippedLibrary(b), healthy(b, 100*time.Millisecond)
	var all, slowest time.Duration
	for b.Loop() {
		a, s := siteDown(b, lib, w.prober())
		all, slowest = all+a, slowest+s
	}
	b.ReportMetric(float64(all)/float64(slowest), "×slowest")
}

// TestHTTP2Servers: a server that prefers HTTP/2 is visited as any other, in the
// HTTP/1.1 that every server still speaks.
func TestHTTP2Servers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	spoke := make(chan string, 10)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		spoke <- r.Proto
		_, _ = io.WriteString(rw, goodPage)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	s.TLS.Certificates[0] = *w.ca.issue(nil, "www.site.test")
	w.rr("www.site.test. 300 IN A 185.96.10.1")
	w.connect("www.site.test:443", s.Listener.Addr().String())
	w.want("ok", nil, "http", "url", "https://www.site.test/")
	w.want("ok", map[string]any{"protocol": "TLS 1.3"}, "tls", "host", "www.site.test")
	if got := <-spoke; got != "HTTP/1.1" {
		t.Errorf("spoke %s", got)
	}
	if s.TLS.NextProtos[0] != "h2" {
		t.Errorf("the server does not offer HTTP/2: %v", s.TLS.NextProtos)
	}
}
