package probe

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"vigie/runbooks"
)

// zone puts a zone with two name servers on the world, served by the world itself.
func (w *world) zone(apex string) {
	w.rr(apex+". 300 IN SOA ns1.host.test. root.host.test. 1 2 3 4 5", apex+". 300 IN NS ns1.host.test.", apex+". 300 IN NS ns2.host.test.",
		"ns1.host.test. 300 IN A 185.96.10.53", "ns2.host.test. 300 IN A 185.96.10.54")
	w.connect("ns1.host.test:53", w.dns)
	w.connect("ns2.host.test:53", w.dns)
}

func TestDNSOK(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone("site.test")
	w.rr("www.site.test. 120 IN CNAME web.site.test.", "web.site.test. 60 IN A 185.96.10.2", "web.site.test. 60 IN A 185.96.10.1", "web.site.test. 60 IN AAAA 2a0c:e300::1")
	w.want("ok", map[string]any{
		"a": []string{"185.96.10.1", "185.96.10.2"}, "aaaa": []string{"2a0c:e300::1"}, "cname": "web.site.test", "ns": []string{"ns1.host.test", "ns2.host.test"},
		"ns_ours": true, "servers_agree": true, "ttl": int64(60), "dnssec": "unsigned", "points_to": "ours",
	}, "dns", "name", "WWW.site.test")
}

func TestDNSPointsTo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		want string
		rrs  []string
	}{
		{"ours", []string{"site.test. 60 IN A 185.96.10.9"}},
		{"other", []string{"site.test. 60 IN A 185.97.1.1"}},
		{"other", []string{"site.test. 60 IN A 185.96.10.9", "site.test. 60 IN AAAA 2a00:1450::1"}},
		{"parking", []string{"site.test. 60 IN A 185.97.1.1", "site.test. 60 IN NS ns1.sedoparking.com."}},
		{"none", []string{"site.test. 60 IN TXT x"}},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.rr("site.test. 300 IN SOA ns1.x.test. root.x.test. 1 2 3 4 5")
		w.rr(tt.rrs...)
		if got := w.run("dns", "name", "site.test").Fields["points_to"]; got != tt.want {
			t.Errorf("%v: points_to %v, want %s", tt.rrs, got, tt.want)
		}
	}
	w := newWorld(t)
	w.cfg.Own = Own{}
	w.rr("site.test. 60 IN A 185.97.1.1")
	if _, told := w.run("dns", "name", "site.test").Fields["points_to"]; told {
		t.Error("points_to is told without knowing what is ours")
	}
}

func TestDNSNegatives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone("site.test")
	w.rr("mail.site.test. 60 IN TXT x")
	if rep := w.want("nxdomain", map[string]any{"points_to": "none", "a": []string{}}, "dns", "name", "no.site.test"); !rep.Confirmed {
		t.Error("a negative was not seen twice")
	}
	w.want("no_address", nil, "dns", "name", "mail.site.test")
	w.want("nxdomain", map[string]any{"ns": []string{}}, "dns", "name", "nobody.test")
}

func TestDNSByType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone("site.test")
	w.rr("site.test. 60 IN MX 10 mail.site.test.", "site.test. 60 IN A 185.96.10.1")
	w.want("ok", nil, "dns", "name", "site.test", "type", "mx")
	w.want("ok", nil, "dns", "name", "site.test", "type", "A")
	w.want("no_address", nil, "dns", "name", "site.test", "type", "AAAA")
	w.want("no_address", nil, "dns", "name", "site.test", "type", "CAA")
	w.want("nxdomain", nil, "dns", "name", "x.site.test", "type", "TXT")
	w.want(runbooks.Unknown, nil, "dns", "name", "site.test", "type", "AXFR")
}

func TestDNSSEC(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone("site.test")
	w.rr("site.test. 60 IN A 185.96.10.1")
	w.hook(func(q *dns.Msg) *dns.Msg { // validated
		if q.Question[0].Qtype != dns.TypeA || q.Question[0].Name != "site.test." {
			return nil
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		m := new(dns.Msg)
		m.SetReply(q)
		m.Answer, m.AuthenticatedData, m.Authoritative = w.rrs["site.test."][3:4], true, !q.RecursionDesired
		return m
	})
	w.want("ok", map[string]any{"dnssec": "valid"}, "dns", "name", "site.test")
	w.hook(func(q *dns.Msg) *dns.Msg { // failing unless told not to check
		if q.RecursionDesired && !q.CheckingDisabled && q.Question[0].Name == "site.test." {
			return rcode(q, dns.RcodeServerFailure)
		}
		return nil
	})
	w.want("bogus", map[string]any{"dnssec": "bogus", "ns_ours": true}, "dns", "name", "site.test")
	w.hook(func(q *dns.Msg) *dns.Msg { // failing, with the reason (RFC 8914)
		if q.Question[0].Name != "site.test." || !q.RecursionDesired {
			return nil
		}
		m := rcode(q, dns.RcodeServerFailure)
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeSignatureExpired}}
		return m
	})
	w.want("bogus", map[string]any{"dnssec": "bogus"}, "dns", "name", "site.test")
}

// delegate answers as the parent of site.test, with glue.
func delegate(q *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	ns, _ := dns.NewRR("site.test. 60 IN NS ns.site.test.")
	glue, _ := dns.NewRR("ns.site.test. 60 IN A 185.96.20.2")
	m.Ns, m.Extra = []dns.RR{ns}, []dns.RR{glue}
	return m
}

func TestDNSServfailLameTimeout(t *testing.T) {
	t.Parallel()
	broken := func(q *dns.Msg) *dns.Msg {
		if q.RecursionDesired && strings.HasSuffix(q.Question[0].Name, "site.test.") {
			return rcode(q, dns.RcodeServerFailure)
		}
		return nil
	}
	// The zone cannot be resolved; its delegation is in the parent.
	parent := func(w *world) {
		w.rr("test. 60 IN NS ns.parent.test.", "ns.parent.test. 60 IN A 185.96.20.1")
		w.hook(broken)
		w.connect("ns.parent.test:53", serveDNS(t, delegate))
	}
	t.Run("servfail", func(t *testing.T) {
		w := newWorld(t)
		w.hook(broken)
		w.want("servfail", nil, "dns", "name", "www.site.test")
	})
	t.Run("lame", func(t *testing.T) {
		w := newWorld(t)
		parent(w)
		w.connect("ns.site.test:53", serveDNS(t, func(q *dns.Msg) *dns.Msg { return rcode(q, dns.RcodeRefused) }))
		w.want("lame", map[string]any{"ns": []string{"ns.site.test"}, "servers_agree": false}, "dns", "name", "www.site.test")
	})
	t.Run("silent servers", func(t *testing.T) {
		w := newWorld(t)
		parent(w)
		w.connect("ns.site.test:53", serveDNS(t, func(*dns.Msg) *dns.Msg { return silence }))
		w.want("timeout", map[string]any{"servers_agree": false}, "dns", "name", "www.site.test")
	})
	t.Run("timeout", func(t *testing.T) {
		w := newWorld(t)
		w.hook(func(q *dns.Msg) *dns.Msg {
			if strings.HasSuffix(q.Question[0].Name, "site.test.") {
				return silence
			}
			return nil
		})
		w.want("timeout", nil, "dns", "name", "www.site.test")
	})
	t.Run("our resolver is dead", func(t *testing.T) {
		w := newWorld(t)
		w.hook(func(*dns.Msg) *dns.Msg { return silence })
		w.want(runbooks.Unknown, nil, "dns", "name", "www.site.test")
		w.want(runbooks.Unknown, nil, "http", "url", "http://www.site.test/")
		w.want(runbooks.Unknown, nil, "mx", "domain", "site.test")
	})
	t.Run("our resolver refuses us", func(t *testing.T) {
		w := newWorld(t)
		w.hook(func(q *dns.Msg) *dns.Msg { return rcode(q, dns.RcodeRefused) })
		w.want(runbooks.Unknown, nil, "dns", "name", "www.site.test")
	})
}

func TestDNSServersDisagree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.zone("site.test")
	w.rr("site.test. 60 IN A 185.96.10.1")
	w.connect("ns2.host.test:53", serveDNS(t, func(q *dns.Msg) *dns.Msg {
		m := new(dns.Msg)
		m.SetReply(q)
		m.Authoritative = true
		if q.Question[0].Qtype == dns.TypeA {
			rr, _ := dns.NewRR("site.test. 60 IN A 185.96.10.99")
			m.Answer = []dns.RR{rr}
		}
		return m
	}))
	w.want("ok", map[string]any{"servers_agree": false}, "dns", "name", "site.test")
}

// TestDNSHostileAnswers: endless aliases, floods of records, answers to other questions and
// cut answers end in bounded time and say nothing false.
func TestDNSHostileAnswers(t *testing.T) {
	t.Parallel()
	loop := newWorld(t)
	loop.rr("a.test. 60 IN CNAME b.test.", "b.test. 60 IN CNAME a.test.")
	loop.want("no_address", nil, "dns", "name", "a.test")

	deep := newWorld(t)
	for i := range 25 {
		deep.rr("n" + strings.Repeat("x", i) + ".test. 60 IN CNAME n" + strings.Repeat("x", i+1) + ".test.")
	}
	deep.rr("n" + strings.Repeat("x", 25) + ".test. 60 IN A 185.96.10.1")
	deep.want("no_address", nil, "dns", "name", "n.test")

	flood := newWorld(t)
	for i := range 200 {
		flood.rr("many.test. 60 IN A 185.96.11." + strconv.Itoa(i))
	}
	if n := len(flood.run("dns", "name", "many.test").Fields["a"].([]string)); n != maxAnswers {
		t.Errorf("%d addresses kept", n)
	}

	other := newWorld(t)
	other.hook(func(q *dns.Msg) *dns.Msg {
		m := new(dns.Msg)
		m.SetReply(q)
		if q.Question[0].Name != "." {
			m.Question[0].Name = "evil.test."
		}
		return m
	})
	other.want("timeout", nil, "dns", "name", "good.test")

	cut := newWorld(t)
	cut.hook(func(q *dns.Msg) *dns.Msg {
		m := new(dns.Msg)
		m.SetReply(q)
		m.Truncated = q.Question[0].Name != "."
		return m
	})
	begin := time.Now()
	cut.want("timeout", nil, "dns", "name", "cut.test")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}
