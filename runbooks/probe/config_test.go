package probe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

func TestConfigFromYAML(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, []byte(newAuthority(t, "x").pem()), 0o600); err != nil {
		t.Fatal(err)
	}
	text := `
resolvers: [9.9.9.9, "[2620:fe::fe]:53"]
name: L'hébergeur
contact: contact@host.example
helo: vigie.host.example
own: {prefixes: [185.96.10.0/24, "2a0c:e300::1"], name_servers: [ns1.host.example], mail_servers: [mx.host.example], mail_out: [185.96.10.25]}
denied: [185.96.99.0/24]
ports: [22, 80]
timeout: 15s
confirm_after: 2s
rdap: {bootstrap: {fr: "https://rdap.nic.fr/"}, default: "https://rdap.org/"}
canaries: ["https://www.example.org/"]
budget: {window: 5m, person: 10, target: 11, global: 12}
blocklists: [zen.spamhaus.org]
lab: {resolver: "127.0.0.1:5353", ca: ` + ca + `, connect_to: {"site.test:443": "127.0.0.1:39443", "[2a0c:e300::1]:443": "[::1]:39444"}}
`
	var c Config
	if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if c.Timeout != 15*time.Second || c.Budget.Window != 5*time.Minute || c.Lab.ConnectTo["site.test:443"] != "127.0.0.1:39443" {
		t.Errorf("%+v", c)
	}
	p := mustNew(t, c)
	if len(p.resolver.servers) != 1 || p.resolver.servers[0] != "127.0.0.1:5353" {
		t.Errorf("in the lab, %v is asked", p.resolver.servers)
	}
	c.Lab = nil
	if p = mustNew(t, c); strings.Join(p.resolver.servers, " ") != "9.9.9.9:53 [2620:fe::fe]:53" {
		t.Errorf("resolvers %v", p.resolver.servers)
	}
}

// TestConfigErrors: all at once, each naming its key.
func TestConfigErrors(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Own: Own{Prefixes: []string{"10.0.0.0/33"}, MailOut: []string{"mail"}}, Denied: []string{"x"}, Ports: []int{0, 70000},
		Canaries: []string{"https://127.0.0.1/", "ftp://x.test"}, RDAP: RDAP{Default: "rdap.org", Bootstrap: map[string]string{"fr": "https://u@rdap.nic.fr/"}},
		Lab: &Lab{Resolver: "9.9.9.9:53", CA: "/nonexistent/ca.pem", ConnectTo: map[string]string{
			"site.test:443": "185.96.10.1:443", "site.test": "127.0.0.1:1", "a.test:80": "localhost:80", "b.test:80": "127.0.0.1:0", "c.test:80": "0.0.0.0:80", "d.test:80": "10.0.0.1:80",
		}},
	})
	if err == nil {
		t.Fatal("a bad configuration was taken")
	}
	for _, want := range []string{
		"own.prefixes", "own.mail_out", "denied", "ports: 0", "ports: 70000", "https://127.0.0.1/", "ftp://x.test", "rdap.default", "rdap.bootstrap.fr", "lab.resolver", "lab.ca",
		"connect_to[site.test:443]", `"site.test" is not host:port`, "connect_to[a.test:80]", "connect_to[b.test:80]", "connect_to[c.test:80]", "connect_to[d.test:80]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %s in: %v", want, err)
		}
	}
	for _, c := range []Config{
		{Resolvers: []string{"dns.example.org"}},
		{Lab: &Lab{Resolver: "127.0.0.1:53", CA: "-----BEGIN CERTIFICATE-----\nnot\n-----END CERTIFICATE-----\n"}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("taken: %+v", c)
		}
	}
}

// TestLabLetsNothingOut: what the lab does not name is refused without a packet.
func TestLabLetsNothingOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("real.test. 60 IN A 8.8.8.8", "real.test. 60 IN MX 5 real.test.")
	w.want("refused", nil, "http", "url", "https://real.test/")
	w.want("refused", nil, "tls", "host", "real.test")
	w.want("refused", nil, "tcp", "host", "8.8.8.8", "port", "53")
	w.want("refused", nil, "smtp", "host", "real.test")
	w.want("refused", nil, "imap", "host", "real.test")
}

func TestClean(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		max  int
		want string
	}{
		{"  deux   mots \r\n", 80, "deux mots"},
		{"a\x00b\x1b[31mc\u009bd", 80, "a b [31mc d"},
		{"gauche\u202edroite\u2066x\u200by\ufeffz\U000e0041", 80, "gauchedroitexyz"},
		{"é\xffé", 80, "éé"},
		{"aaaa", 3, "aaa"},
		{"ééé", 5, "éé"},
		{"aa bb", 3, "aa"},
		{"z" + strings.Repeat("\u0301", 50), 80, "z\u0301\u0301"},
		{strings.Repeat(" ", 1000), 80, ""},
	}
	for _, tt := range tests {
		if got := clean(tt.in, tt.max); got != tt.want {
			t.Errorf("clean(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\u202e\x00 b", 10)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(max(n, 0), 500)
		got := clean(s, n)
		if len(got) > n || !utf8.ValidString(got) || clean(got, n) != got || strings.ContainsAny(got, "\r\n\x00\u202e\u200f\u2066") {
			t.Fatalf("clean(%q, %d) = %q", s, n, got)
		}
	})
}
