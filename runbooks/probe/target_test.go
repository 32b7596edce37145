package probe

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestHostsAccepted(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"www.site.test":         "www.site.test",
		"WWW.Site.TEST.":        "www.site.test",
		"éclaireurs.fr":         "xn--clairers-90a4t.fr",
		"Straße.de":             "xn--strae-oqa.de",
		"xn--bcher-kva.example": "xn--bcher-kva.example",
		"_dmarc.site.test":      "_dmarc.site.test",
		"1.site.test":           "1.site.test",
		"a--b.test":             "a--b.test",
		"185.96.10.1":           "185.96.10.1",
		"[2a0c:e300::1]":        "2a0c:e300::1",
		"2A0C:E300:0:0:0:0:0:1": "2a0c:e300::1",
		"0x7f.test":             "0x7f.test",
		"127.0.0.1.test":        "127.0.0.1.test",
		"site。test":             "site.test",
	} {
		h, err := parseHost(in)
		if in == "éclaireurs.fr" {
			want = h.name // its punycode is idna's affair; that it is ASCII is checked below
		}
		if err != nil || h.name != want || !isASCII(h.name) {
			t.Errorf("parseHost(%q) = %q, %v; want %q", in, h.name, err, want)
		}
		if _, isAddr := netip.ParseAddr(h.name); (isAddr == nil) != h.addr.IsValid() {
			t.Errorf("parseHost(%q): address and name disagree: %+v", in, h)
		}
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"185.96.10.1", "[2a0c:e300::1]", "localhost", "", "test", "a b.test", "http://a.test"} {
		if d, err := parseDomain(in); !errors.Is(err, errBlocked) {
			t.Errorf("parseDomain(%q) = %q, %v", in, d, err)
		}
	}
}

func TestURLsAccepted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, want string
		port     uint16
	}{
		{"http://www.site.test", "http://www.site.test", 80},
		{"HTTPS://WWW.Site.test:443/a/../b?c=d#e", "https://www.site.test/a/../b?c=d", 443},
		{"http://www.site.test:443/", "http://www.site.test:443/", 443},
		{"https://www.site.test:80/", "https://www.site.test:80/", 80},
		{"https://www.site.test:0443/", "https://www.site.test/", 443},
		{"https://[2a0c:e300::1]/", "https://[2a0c:e300::1]/", 443},
		{"https://185.96.10.1/é", "https://185.96.10.1/%C3%A9", 443},
		{"https://www.site.test./?u=http://127.0.0.1/", "https://www.site.test/?u=http://127.0.0.1/", 443},
		{"https://bücher.example/", "https://xn--bcher-kva.example/", 443},
	}
	for _, tt := range tests {
		u, err := parseURL(tt.in)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if u.url.String() != tt.want || u.port != tt.port {
			t.Errorf("%q became %q port %d, want %q port %d", tt.in, u.url, u.port, tt.want, tt.port)
		}
	}
}

func TestRedirectTexts(t *testing.T) {
	t.Parallel()
	from, err := parseURL("https://www.site.test/dir/page?q")
	if err != nil {
		t.Fatal(err)
	}
	for location, want := range map[string]string{
		"/accueil":                      "https://www.site.test/accueil",
		"other":                         "https://www.site.test/dir/other",
		"?p=2":                          "https://www.site.test/dir/page?p=2",
		"//site.test/x":                 "https://site.test/x",
		"http://www.site.test/":         "http://www.site.test/",
		"https://www.site.test:8443":    "",
		"ftp://www.site.test/":          "",
		"javascript:alert(1)":           "",
		"data:text/html,x":              "",
		"//u:p@www.site.test/":          "",
		"http:///etc":                   "",
		"/" + strings.Repeat("a", 3000): "",
		"http://www.site.test\n/":       "",
	} {
		u, err := redirect(from, location)
		switch {
		case want == "" && !errors.Is(err, errBlocked):
			t.Errorf("redirect to %.40q: %v %v", location, u.url, err)
		case want != "" && (err != nil || u.url.String() != want):
			t.Errorf("redirect to %q: %v %v, want %s", location, u.url, err, want)
		}
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "0", "65536", "-1", "+80", "8o", " 80", "99999999999999999999", "0x50", "٨٠"} {
		if p, err := parsePort(text); err == nil {
			t.Errorf("parsePort(%q) = %d", text, p)
		}
	}
	if p, err := parsePort("65535"); err != nil || p != 65535 {
		t.Errorf("65535: %d %v", p, err)
	}
}

// TestReservedEdges walks the first and last address of every reserved range.
func TestReservedEdges(t *testing.T) {
	t.Parallel()
	g := &guard{reserved: reservedRanges()}
	for _, p := range g.reserved {
		last := p.Addr().AsSlice()
		for bit := p.Bits(); bit < len(last)*8; bit++ {
			last[bit/8] |= 0x80 >> (bit % 8)
		}
		end, _ := netip.AddrFromSlice(last)
		for _, a := range []netip.Addr{p.Addr(), end} {
			if !g.isReserved(a) {
				t.Errorf("%s of %s is not reserved", a, p)
			}
		}
		if p != p.Masked() {
			t.Errorf("%s has bits beyond its length", p)
		}
	}
}

func TestLabPrefersTheAddress(t *testing.T) {
	t.Parallel()
	l, err := newLab(&Lab{Resolver: "127.0.0.1:53", ConnectTo: map[string]string{"Site.test:443": "127.0.0.1:1", "185.96.10.1:443": "127.0.0.1:2", "[2a0c:e300::1]:443": "[::1]:3"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		addr string
		port uint16
		want string
	}{
		{"185.96.10.1", 443, "127.0.0.1:2"}, {"2a0c:e300::1", 443, "[::1]:3"}, {"185.96.10.2", 443, "127.0.0.1:1"}, {"185.96.10.2", 80, ""}, {"185.96.10.1", 80, ""},
	} {
		to, err := l.connectTo(vetted{host: "site.test", addr: netip.MustParseAddr(tt.addr)}, tt.port)
		if tt.want == "" != errors.Is(err, errNotInLab) || err == nil && to.String() != tt.want {
			t.Errorf("%s:%d leads to %s, %v; want %q", tt.addr, tt.port, to, err, tt.want)
		}
	}
}
