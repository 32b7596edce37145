package probe

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"vigie/runbooks"
)

func TestMX(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		want   runbooks.Verdict
		fields map[string]any
		rrs    []string
	}{
		{"ours by address", "ok", map[string]any{"hosts": []string{"mx1.site.test", "mx2.site.test"}, "ours": true, "implicit": false},
			[]string{"site.test. 60 IN MX 20 mx2.site.test.", "site.test. 60 IN MX 10 mx1.site.test.", "mx1.site.test. 60 IN A 185.96.10.1", "mx2.site.test. 60 IN A 185.97.10.1"}},
		{"ours by name", "ok", map[string]any{"ours": true}, []string{"site.test. 60 IN MX 10 mx.host.test.", "mx.host.test. 60 IN A 185.97.1.1"}},
		{"elsewhere", "elsewhere", map[string]any{"ours": false}, []string{"site.test. 60 IN MX 10 mx.other.test.", "mx.other.test. 60 IN A 185.97.1.1"}},
		{"implicit", "ok", map[string]any{"hosts": []string{"site.test"}, "implicit": true, "ours": true}, []string{"site.test. 60 IN A 185.96.10.1"}},
		{"none", "none", map[string]any{"hosts": []string{}, "implicit": false}, []string{"site.test. 60 IN TXT x"}},
		{"no such domain", "none", nil, []string{"other.test. 60 IN TXT x"}},
		{"null", "null_mx", nil, []string{"site.test. 60 IN MX 0 ."}},
		{"alias", "cname", nil, []string{"site.test. 60 IN MX 10 mx.site.test.", "mx.site.test. 60 IN CNAME mx.host.test.", "mx.host.test. 60 IN A 185.96.10.1"}},
		{"unresolvable", "unresolvable", nil, []string{"site.test. 60 IN MX 10 mx.site.test."}},
		{"an address", "unresolvable", nil, []string{"site.test. 60 IN MX 10 185.96.10.1."}},
		{"internal", "unresolvable", nil, []string{"site.test. 60 IN MX 10 mx.site.test.", "mx.site.test. 60 IN A 192.168.0.25"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Own.MailServers = []string{"mx.host.test"}
			w.rr(tt.rrs...)
			w.want(tt.want, tt.fields, "mx", "domain", "site.test")
		})
	}
	w := newWorld(t)
	w.hook(func(q *dns.Msg) *dns.Msg { return rcodeFor(q, "site.test.", dns.RcodeServerFailure) })
	w.want("unresolvable", nil, "mx", "domain", "site.test")
}

// rcodeFor fails one name.
func rcodeFor(q *dns.Msg, name string, code int) *dns.Msg {
	if q.Question[0].Name != name {
		return nil
	}
	return rcode(q, code)
}

func TestSPF(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		want   runbooks.Verdict
		fields map[string]any
		rrs    []string
	}{
		{"ip4", "ok", map[string]any{"all": "-all", "lookups": int64(0), "record": "v=spf1 ip4:185.96.10.0/24 -all"}, []string{`site.test. 60 IN TXT "v=spf1 ip4:185.96.10.0/24 -all"`}},
		{"several strings", "ok", map[string]any{"all": "~all"}, []string{`site.test. 60 IN TXT "v=spf1 ip4:185.96" ".10.25 ~all"`}},
		{"include", "ok", map[string]any{"lookups": int64(2), "all": "?all"}, []string{`site.test. 60 IN TXT "v=spf1 include:_spf.host.test ?all"`, `_spf.host.test. 60 IN TXT "v=spf1 a:out.host.test -all"`, "out.host.test. 60 IN A 185.96.10.25"}},
		{"a with mask", "ok", nil, []string{`site.test. 60 IN TXT "v=spf1 a/24 -all"`, "site.test. 60 IN A 185.96.10.1"}},
		{"mx", "ok", nil, []string{`site.test. 60 IN TXT "v=spf1 mx -all"`, "site.test. 60 IN MX 5 mx.site.test.", "mx.site.test. 60 IN A 185.96.10.25"}},
		{"redirect", "ok", map[string]any{"all": "-all"}, []string{`site.test. 60 IN TXT "v=spf1 redirect=_spf.host.test"`, `_spf.host.test. 60 IN TXT "v=spf1 ip4:185.96.10.25 -all"`}},
		{"none", "none", nil, []string{`site.test. 60 IN TXT "google-site-verification=x"`, `site.test. 60 IN TXT "v=spf10 -all"`}},
		{"no name", "none", nil, []string{"other.test. 60 IN TXT x"}},
		{"multiple", "multiple", nil, []string{`site.test. 60 IN TXT "v=spf1 -all"`, `site.test. 60 IN TXT "v=spf1 mx -all"`}},
		{"syntax", "syntax", nil, []string{`site.test. 60 IN TXT "v=spf1 ipv4:185.96.10.25 -all"`}},
		{"bad address", "syntax", nil, []string{`site.test. 60 IN TXT "v=spf1 ip4:185.96.10.999 -all"`}},
		{"include of nothing", "syntax", nil, []string{`site.test. 60 IN TXT "v=spf1 include:no.test -all"`}},
		{"loop", "too_many_lookups", map[string]any{"lookups": int64(11)}, []string{`site.test. 60 IN TXT "v=spf1 include:site.test -all"`}},
		{"many", "too_many_lookups", nil, []string{`site.test. 60 IN TXT "v=spf1 a a a a a a a a a a a -all"`, "site.test. 60 IN A 185.96.10.1"}},
		{"not us", "not_us", nil, []string{`site.test. 60 IN TXT "v=spf1 ip4:185.97.0.0/16 -all"`}},
		{"minus us", "not_us", nil, []string{`site.test. 60 IN TXT "v=spf1 -ip4:185.96.10.25 ~all"`}},
		{"anybody", "ok", map[string]any{"all": "+all"}, []string{`site.test. 60 IN TXT "v=spf1 all"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Own.MailOut = []string{"185.96.10.25"}
			w.rr(tt.rrs...)
			w.want(tt.want, tt.fields, "spf", "domain", "site.test")
		})
	}
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	rsaKey := func(bits int) string {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(der)
	}
	pub, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// A short key cannot be generated any more, but old ones are still published.
	const short = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANDiE2+Xi/WnO+s120NiiJhNyIButVu6zxqlVzz0wy2j4kQVUC4ZRZD80IY+4wIiX2YxKBZKGnd2TtPkcJ/ljkUCAwEAAQ=="
	tests := []struct {
		name, record string
		want         runbooks.Verdict
		bits         int64
	}{
		{"rsa", "v=DKIM1; k=rsa; p=" + rsaKey(2048), "ok", 2048},
		{"no version", "p=" + rsaKey(1024), "ok", 1024},
		{"ed25519", "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub), "ok", 256},
		{"short", "v=DKIM1; p=" + short, "short_key", 512},
		{"revoked", "v=DKIM1; p=", "bad_key", 0},
		{"no base64", "v=DKIM1; p=!!", "bad_key", 0},
		{"no key", "v=DKIM1; k=rsa", "bad_key", 0},
		{"cut", "v=DKIM1; p=" + short[:40], "bad_key", 0},
		{"missing", "", "missing", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.rr("site.test. 60 IN TXT x")
			if tt.record != "" {
				quoted := ""
				for s := tt.record; s != ""; {
					n := min(200, len(s))
					quoted, s = quoted+` "`+strings.ReplaceAll(s[:n], ";", `\;`)+`"`, s[n:]
				}
				w.rr("alternc._domainkey.site.test. 60 IN TXT"+quoted, "s2._domainkey.site.test. 60 IN TXT"+quoted)
			}
			w.want(tt.want, map[string]any{"bits": tt.bits}, "dkim", "domain", "site.test")
			w.want(tt.want, map[string]any{"bits": tt.bits}, "dkim", "domain", "site.test", "selector", "s2")
		})
	}
}

func TestDMARC(t *testing.T) {
	t.Parallel()
	tests := []struct {
		want   runbooks.Verdict
		domain string
		fields map[string]any
		rrs    []string
	}{
		{"ok", "site.test", map[string]any{"policy": "quarantine", "rua": true}, []string{`_dmarc.site.test. 60 IN TXT "v=DMARC1; p=quarantine; rua=mailto:x@site.test"`}},
		{"ok", "www.site.test", map[string]any{"policy": "none", "rua": false}, []string{`_dmarc.site.test. 60 IN TXT "v=DMARC1; p=none"`}},
		{"none", "site.test", nil, []string{"site.test. 60 IN TXT x"}},
		{"multiple", "site.test", nil, []string{`_dmarc.site.test. 60 IN TXT "v=DMARC1; p=none"`, `_dmarc.site.test. 60 IN TXT "v=DMARC1; p=reject"`}},
		{"syntax", "site.test", nil, []string{`_dmarc.site.test. 60 IN TXT "v=DMARC1; p=strict"`}},
		{"syntax", "site.test", nil, []string{`_dmarc.site.test. 60 IN TXT "v=DMARC1; p"`}},
	}
	for _, tt := range tests {
		w := newWorld(t)
		for i := range tt.rrs {
			tt.rrs[i] = strings.ReplaceAll(tt.rrs[i], ";", `\;`)
		}
		w.rr(tt.rrs...)
		w.want(tt.want, tt.fields, "dmarc", "domain", tt.domain)
	}
}

func TestPTR(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("25.10.96.185.in-addr.arpa. 60 IN PTR Mail.host.test.", "mail.host.test. 60 IN A 185.96.10.25",
		"26.10.96.185.in-addr.arpa. 60 IN PTR mail.host.test.", "27.10.96.185.in-addr.arpa. 60 IN PTR gone.host.test.")
	w.want("ok", map[string]any{"name": "mail.host.test"}, "ptr", "ip", "185.96.10.25")
	w.want("mismatch", map[string]any{"name": "mail.host.test"}, "ptr", "ip", "185.96.10.26")
	w.want("mismatch", nil, "ptr", "ip", "185.96.10.27")
	w.want("none", nil, "ptr", "ip", "185.96.10.28")
	for _, ip := range []string{"8.8.8.8", "127.0.0.1", "x", "10.0.0.1", "2a0c:e300::1%lo"} {
		w.want(runbooks.Unknown, nil, "ptr", "ip", ip)
	}
}

func TestDNSBL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Blocklists = []string{"one.bl.test", "two.bl.test"}
	w.rr("bl.test. 60 IN TXT x", "25.10.96.185.one.bl.test. 60 IN A 127.0.0.4", "26.10.96.185.one.bl.test. 60 IN A 127.255.255.254",
		"26.10.96.185.two.bl.test. 60 IN A 127.255.255.252", "27.10.96.185.one.bl.test. 60 IN A 127.255.255.254", "28.10.96.185.one.bl.test. 60 IN A 185.1.1.1")
	w.want("listed", map[string]any{"lists": []string{"one.bl.test"}}, "dnsbl", "ip", "185.96.10.25")
	w.want(runbooks.Unknown, nil, "dnsbl", "ip", "185.96.10.26") // both say that we may not ask
	w.want("clean", nil, "dnsbl", "ip", "185.96.10.27")
	w.want("clean", nil, "dnsbl", "ip", "185.96.10.28") // a list that answers anything has ended
	w.want("clean", map[string]any{"lists": []string{}}, "dnsbl", "ip", "185.96.10.29")
	w.want("clean", nil, "dnsbl", "ip", "2a0c:e300::25")
	w.want(runbooks.Unknown, nil, "dnsbl", "ip", "8.8.8.8")
}

func TestPing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("vps.test. 60 IN A 185.96.10.1")
	w.want(runbooks.Unknown, nil, "ping", "host", "vps.test")
	w.want(runbooks.Unknown, nil, "ping", "host", "nobody.test")
	for _, tt := range []struct {
		received int
		want     runbooks.Verdict
	}{{0, "none"}, {1, "loss"}, {2, "loss"}, {3, "ok"}} {
		rep := judgePings(3, tt.received, 30e6)
		if rep.Verdict != tt.want || rep.Fields["received"] != int64(tt.received) || tt.received == 3 && rep.Fields["rtt_ms"] != int64(10) {
			t.Errorf("%d of 3: %+v", tt.received, rep)
		}
	}
}
