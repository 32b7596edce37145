package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// oneSided is a connection whose peer has said all it will, and swallows what it hears.
type oneSided struct {
	net.Conn
	r io.Reader
}

func (c oneSided) Read(b []byte) (int, error)  { return c.r.Read(b) }
func (c oneSided) Write(b []byte) (int, error) { return len(b), nil }

// peerSays makes lines of a peer that says text.
func peerSays(text string) *lines { return newLines(oneSided{r: strings.NewReader(text)}) }

// FuzzMailTalk: whatever a mail server says, the conversation ends, and only a server that
// offered STARTTLS gets as far as the handshake.
func FuzzMailTalk(f *testing.F) {
	for _, s := range []string{
		"220 x\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n", "220-x\r\n220 y\r\n250 SIZE 5\r\n", "554 no\r\n", "* OK x\r\n* CAPABILITY STARTTLS\r\na OK\r\nb OK\r\n", "* BYE\r\n",
		"220 x\r\n250-a\r\n250 STARTTLS\r\n220 go\r\nevil\r\n", "\r\n", "2", "220", "250-\r\n", "220 \xff\r\n", strings.Repeat("220-a\r\n", 70), strings.Repeat("a", 5000),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if server, err := smtpUpgrade(peerSays(text), "[127.0.0.1]"); err == nil && !server.starttls {
			t.Fatalf("a handshake that nobody offered: %q", text)
		}
		if offered, err := imapUpgrade(peerSays(text)); err == nil && !offered {
			t.Fatalf("a handshake that nobody offered: %q", text)
		}
		if server, _ := smtpHello(peerSays(text), "x"); server.size < 0 {
			t.Fatalf("a negative size out of %q", text)
		}
	})
}

// FuzzAnswer: whatever an HTTP server says, a page is bounded and its texts are clean.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\n\r\n<title>x</title>", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nxx", "HTTP/1.1 103 x\r\n\r\nHTTP/1.0 404 y\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc",
		"HTTP/1.1 301 x\r\nLocation: //127.0.0.1\r\n\r\n", "HTTP/9.9 999 x\r\n\r\n", "HTTP/1.1 200 OK\r\nSet-Cookie: \x00\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n<title>\u202e\x1b[0m", "SSH-2.0\r\n",
	} {
		f.Add(s)
	}
	u, err := parseURL("http://www.site.test/")
	if err != nil {
		f.Fatal(err)
	}
	set, err := settle(Config{})
	if err != nil {
		f.Fatal(err)
	}
	a := newAttempt(&Prober{set: set})
	f.Fuzz(func(t *testing.T, text string) {
		p, err := a.exchange(context.Background(), oneSided{r: strings.NewReader(text)}, u, 1<<10, nil)
		if p != nil && p.size > 1<<10 {
			t.Fatalf("%d bytes of %d", p.size, 1<<10)
		}
		rep := a.judge(p, err, "")
		rep.Kind, rep.At, rep.Detail = "http", time.Unix(1, 0), clean(rep.Detail, maxDetail)
		checkReport(t, rep)
	})
}

// FuzzDNSAnswer: whatever a packet holds, following it ends and keeps to its bounds.
func FuzzDNSAnswer(f *testing.F) {
	m := new(dns.Msg)
	m.SetQuestion("a.test.", dns.TypeA)
	for _, text := range []string{"a.test. 1 IN CNAME b.test.", "b.test. 1 IN CNAME a.test.", "b.test. 1 IN A 1.2.3.4"} {
		rr, err := dns.NewRR(text)
		if err != nil {
			f.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	packet, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packet)
	f.Add(packet[:20])
	f.Fuzz(func(t *testing.T, packet []byte) {
		var m dns.Msg
		if m.Unpack(packet) != nil {
			return
		}
		for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT, dns.TypeNS} {
			rec := chase(&m, "a.test", qtype)
			if len(rec.rrs) > maxAnswers || len(rec.alias) > maxAliases || len(rec.addresses()) > maxAnswers {
				t.Fatalf("%d records, %d aliases", len(rec.rrs), len(rec.alias))
			}
			for _, s := range serverNames(rec.rrs) {
				if _, err := parseDomain(s); err != nil {
					t.Fatalf("a name server named %q", s)
				}
			}
			exchangers(rec.rrs)
		}
	})
}

// FuzzRecordTexts: the parsers of published texts never fail badly, and no key is longer
// than its text.
func FuzzRecordTexts(f *testing.F) {
	for _, s := range []string{"v=DKIM1; k=rsa; p=AAAA", "v=DMARC1; p=none; p=reject", "p=", "k=ed25519;p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ";;;=", "a/33//129"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if bits, err := keyBits(text); err == nil && (bits <= 0 || bits > 8*len(text)) {
			t.Fatalf("%d bits in %q", bits, text)
		}
		parts, ok := tags(text)
		for k, v := range parts {
			if !ok || k == "" || k != strings.ToLower(k) || strings.Contains(v, ";") {
				t.Fatalf("%q=%q out of %q", k, v, text)
			}
		}
	})
}

// FuzzRegistration: whatever a registry answers, the report keeps to its schema.
func FuzzRegistration(f *testing.F) {
	f.Add(rdapJSON(`"active"`, event("expiration", day)))
	f.Add(`{"objectClassName":"domain","entities":[{"roles":["registrar"],"vcardArray":[1,[["fn",{},"text",5]]]}]}`)
	f.Add(`{"objectClassName":"domain","events":[{"eventAction":"expiration","eventDate":"9999-99-99"}],"status":[null,""]}`)
	set, err := settle(Config{})
	if err != nil {
		f.Fatal(err)
	}
	a := newAttempt(&Prober{set: set})
	f.Fuzz(func(t *testing.T, text string) {
		var d rdapDomain
		if json.Unmarshal([]byte(text), &d) != nil {
			return
		}
		rep := a.judgeRDAP(d, time.Unix(1800000000, 0))
		rep.Kind, rep.At, rep.Detail = "rdap", time.Unix(1, 0), clean(rep.Detail, maxDetail)
		checkReport(t, rep)
	})
}

// FuzzBatch: whatever the seam is given, it answers with valid JSON.
func FuzzBatch(f *testing.F) {
	f.Add([]byte(`{"checks":{"a":{"kind":"incident"}},"timeout_ms":5,"who":"x"}`))
	f.Add([]byte(`{"checks":{"a":{"kind":"dns","args":{"name":"127.0.0.1"}}}}`))
	f.Add([]byte(`[`))
	// A resolver that nobody runs: no text may lead further than this.
	p, err := New(Config{Lab: &Lab{Resolver: "127.0.0.1:1"}, Attempt: 20 * time.Millisecond, Timeout: 50 * time.Millisecond})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(p.Close)
	f.Fuzz(func(t *testing.T, batch []byte) {
		var r Result
		if err := json.Unmarshal(p.Probe(context.Background(), "checks", batch), &r); err != nil || r.Reports == nil {
			t.Fatalf("%q: %v", batch, err)
		}
		for id, rep := range r.Reports {
			if rep.Verdict == "ok" {
				t.Fatalf("%s is ok without a network", id)
			}
		}
	})
}

func TestReadHead(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequest(http.MethodGet, "http://www.site.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"HTTP/1.1 200 OK\r\n\r\n":                               200,
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\n\r\n":  404,
		strings.Repeat("HTTP/1.1 103 Hint\r\n\r\n", maxInterim): 0,
		"HTTP/1.1 101 Switching\r\n\r\n":                        0,
		"":                                                      0,
		"HTTP/1.1 abc OK\r\n\r\n":                               0,
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n":                   0,
	} {
		resp, err := readHead(bufio.NewReader(strings.NewReader(text)), req)
		if err == nil != (want > 0) || err == nil && resp.StatusCode != want {
			t.Errorf("%q: %v, want status %d", text, err, want)
		}
	}
}
