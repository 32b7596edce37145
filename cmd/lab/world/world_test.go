package world

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"vigie/cmd/lab/pki"
)

// open starts a world that hosts site.test, and a visitor of it.
func open(t *testing.T) (*World, *visitor) {
	t.Helper()
	ca, err := pki.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := Start(t.Context(), ca)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, _, err := w.Host("site.test"); err != nil {
		t.Fatal(err)
	}
	return w, &visitor{t: t, to: w.ConnectTo(), pool: ca.Pool(), patient: 10 * time.Second}
}

// A visitor goes about the world as the bot's checks do, through the table of places.
type visitor struct {
	t       *testing.T
	to      map[string]string
	pool    *x509.CertPool
	patient time.Duration // of one exchange
}

func (v *visitor) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	to, ok := v.to[addr]
	if !ok {
		v.t.Errorf("the world does not serve %s", addr)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", to)
}

// get fetches a page without following redirects.
func (v *visitor) get(url string) (status int, header http.Header, body string, err error) {
	c := &http.Client{Timeout: v.patient,
		Transport:     &http.Transport{DialContext: v.dial, TLSClientConfig: &tls.Config{RootCAs: v.pool}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Get(url)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(data), err
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func TestSiteModes(t *testing.T) {
	w, v := open(t)
	site := w.Site("site.test")
	for _, c := range []struct {
		mode   Mode
		status int
		words  string
		fails  func(error) bool
	}{
		{mode: OK, status: 200, words: "notre association"},
		{mode: Error500, status: 500, words: "Internal Server Error"},
		{mode: DatabaseDown, status: 503, words: "problème technique (serveur SQL)"},
		{mode: NotFound, status: 404},
		{mode: Forbidden, status: 403},
		{mode: Redirect, status: 302},
		{mode: RedirectLoop, status: 302},
		{mode: Refused, fails: func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		{mode: Timeout, fails: isTimeout},
		{mode: CertExpired, fails: func(err error) bool {
			var e x509.CertificateInvalidError
			return errors.As(err, &e) && e.Reason == x509.Expired
		}},
		{mode: CertWrongName, fails: func(err error) bool { return errors.As(err, new(x509.HostnameError)) }},
		{mode: CertUnknown, fails: func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) }},
		{mode: OK, status: 200, words: "notre association"}, // and well again after all that
	} {
		if err := site.Set(c.mode); err != nil {
			t.Fatal(err)
		}
		v.patient = 10 * time.Second
		if c.mode == Timeout {
			v.patient = 200 * time.Millisecond
		}
		status, _, body, err := v.get("https://site.test/")
		switch {
		case c.fails != nil:
			if err == nil || !c.fails(err) {
				t.Errorf("mode %d: status %d, error %v", c.mode, status, err)
			}
		case err != nil || status != c.status || !strings.Contains(body, c.words):
			t.Errorf("mode %d: status %d, %q, %v", c.mode, status, body, err)
		}
	}
	if status, h, _, err := v.get("http://www.site.test/page?x=1"); status != 301 || h.Get("Location") != "https://site.test/page?x=1" {
		t.Errorf("plain HTTP: %d to %s, %v", status, h.Get("Location"), err)
	}
	if err := site.Set(Redirect); err != nil {
		t.Fatal(err)
	}
	if _, h, _, err := v.get("https://site.test/"); err != nil || h.Get("Location") != "https://www.site.test/accueil" {
		t.Errorf("redirect: %v, %v", h, err)
	}
	if n := site.Hits(); n != 10 {
		t.Errorf("%d requests counted, want 10", n)
	}
}

func TestIPv6AloneCanBeSick(t *testing.T) {
	w, v := open(t)
	if err := w.Site("site.test").SetIPv6(Refused); err != nil {
		t.Fatal(err)
	}
	if status, _, _, err := v.get("https://site.test/"); status != 200 {
		t.Errorf("IPv4: %d, %v", status, err)
	}
	if _, _, _, err := v.get("https://[2a0c:e300::a]/"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("IPv6: %v", err)
	}
}

func (v *visitor) ask(w *World, name string, kind uint16, change func(*dns.Msg)) *dns.Msg {
	v.t.Helper()
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), kind)
	if change != nil {
		change(q)
	}
	reply, _, err := (&dns.Client{Timeout: time.Second}).Exchange(q, w.DNS.Addr)
	if err != nil {
		v.t.Fatalf("%s %s: %v", name, dns.TypeToString[kind], err)
	}
	return reply
}

func TestDNS(t *testing.T) {
	w, v := open(t)
	w.DNS.SetZone(Zone{Name: "alias.test", Secure: true, Records: []string{"www CNAME www.site.test.", "a.b TXT deep"}})
	for _, c := range []struct {
		name  string
		kind  uint16
		rcode int
		words string // in the answers
	}{
		{"site.test", dns.TypeA, 0, "185.96.10.10"},
		{"WWW.Site.Test", dns.TypeAAAA, 0, "2a0c:e300::a"},
		{"site.test", dns.TypeMX, 0, "10 mail.site.test."},
		{"site.test", dns.TypeTXT, 0, "v=spf1 mx -all"},
		{"site.test", dns.TypeNS, 0, "ns1.lab.test."},
		{"site.test", dns.TypeSOA, 0, "2026010101"},
		{"ns1.lab.test", dns.TypeA, 0, "185.96.10.1"},
		{"www.alias.test", dns.TypeA, 0, "185.96.10.10"}, // through the alias
		{"site.test", dns.TypeCAA, 0, ""},
		{"b.alias.test", dns.TypeA, 0, ""}, // empty, but it exists
		{"nulle-part.site.test", dns.TypeA, dns.RcodeNameError, ""},
		{"inconnu.test", dns.TypeA, dns.RcodeNameError, ""},
		{"example.org", dns.TypeA, dns.RcodeNameError, ""},
	} {
		reply := v.ask(w, c.name, c.kind, nil)
		var answers []string
		for _, rr := range reply.Answer {
			answers = append(answers, rr.String())
		}
		got := strings.Join(answers, "; ")
		if reply.Rcode != c.rcode || !strings.Contains(got, c.words) || c.words == "" && got != "" {
			t.Errorf("%s %s: %s, %q", c.name, dns.TypeToString[c.kind], dns.RcodeToString[reply.Rcode], got)
		}
	}
	if v.ask(w, "site.test", dns.TypeA, nil).AuthenticatedData || !v.ask(w, "www.alias.test", dns.TypeTXT, nil).RecursionAvailable {
		t.Error("flags")
	}
	if !v.ask(w, "a.b.alias.test", dns.TypeTXT, nil).AuthenticatedData {
		t.Error("a secure zone should be marked so")
	}
	if asked := w.DNS.Asked(); asked[0] != "site.test. A" {
		t.Errorf("first question noted: %s", asked[0])
	}
}

func TestDNSTroubles(t *testing.T) {
	w, v := open(t)
	w.DNS.SetTrouble("site.test", Bogus)
	if r := v.ask(w, "site.test", dns.TypeA, nil); r.Rcode != dns.RcodeServerFailure {
		t.Errorf("bogus: %v", r)
	}
	if r := v.ask(w, "site.test", dns.TypeA, func(q *dns.Msg) { q.CheckingDisabled = true }); len(r.Answer) != 1 {
		t.Errorf("bogus, checking disabled: %v", r)
	}
	w.DNS.SetTrouble("site.test", ServFail)
	if r := v.ask(w, "site.test", dns.TypeA, func(q *dns.Msg) { q.CheckingDisabled = true }); r.Rcode != dns.RcodeServerFailure {
		t.Errorf("servfail: %v", r)
	}
	w.DNS.SetTrouble("site.test", Gone)
	if r := v.ask(w, "site.test", dns.TypeA, nil); r.Rcode != dns.RcodeNameError || len(r.Ns) != 1 || r.Ns[0].Header().Name != "test." {
		t.Errorf("gone: %v", r)
	}
	w.DNS.SetTrouble("site.test", Silent)
	if r := v.ask(w, "site.test", dns.TypeA, nil); r.Rcode != dns.RcodeServerFailure {
		t.Errorf("a resolver should give up on silent servers: %v", r)
	}
	impatient := &dns.Client{Timeout: 100 * time.Millisecond}
	q := new(dns.Msg)
	q.SetQuestion("site.test.", dns.TypeA)
	q.RecursionDesired = false
	if _, _, err := impatient.Exchange(q, w.DNS.Addr); !isTimeout(err) {
		t.Errorf("silent: %v", err)
	}
	// The registry delegates the zone, silent or not, and knows nothing that is gone.
	if r, _, err := (&dns.Client{}).Exchange(q, w.ConnectTo()["a.nic.test:53"]); err != nil || len(r.Ns) != 2 || len(r.Answer) != 0 {
		t.Errorf("delegation: %v, %v", r, err)
	}
	w.DNS.SetTrouble("site.test", Gone)
	if r, _, err := (&dns.Client{}).Exchange(q, w.ConnectTo()["a.nic.test:53"]); err != nil || r.Rcode != dns.RcodeNameError {
		t.Errorf("no delegation: %v, %v", r, err)
	}
	w.DNS.SetTrouble("site.test", Bogus)
	if r, _, err := (&dns.Client{}).Exchange(q, w.DNS.Addr); err != nil || len(r.Answer) != 1 || !r.Authoritative {
		t.Errorf("the zone's own servers do not check: %v, %v", r, err)
	}
	w.DNS.SetResolverDown(true)
	q.RecursionDesired = true
	if _, _, err := impatient.Exchange(q, w.DNS.Addr); !isTimeout(err) {
		t.Errorf("resolver down: %v", err)
	}
	w.DNS.SetResolverDown(false)
	var long []string
	for range 40 {
		long = append(long, "@ TXT "+strings.Repeat("x", 200)+string(rune('a'+len(long)%26))+strings.Repeat("y", len(long)))
	}
	w.DNS.SetZone(Zone{Name: "site.test", Records: long})
	if r := v.ask(w, "site.test", dns.TypeTXT, nil); !r.Truncated {
		t.Error("a long answer should be cut over UDP")
	}
	q.SetQuestion("site.test.", dns.TypeTXT)
	if r, _, err := (&dns.Client{Net: "tcp"}).Exchange(q, w.DNS.Addr); err != nil || len(r.Answer) != 40 {
		t.Errorf("over TCP: %v", err)
	}
}

func TestRegistry(t *testing.T) {
	w, v := open(t)
	base := w.Config().RDAP["test"]
	status, h, body, err := v.get(base + "domain/site.test")
	if err != nil || status != 200 || h.Get("Content-Type") != "application/rdap+json" {
		t.Fatalf("status %d, %v, %v", status, h, err)
	}
	var d struct {
		LDHName string
		Status  []string
		Events  []struct{ EventAction, EventDate string }
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	if d.LDHName != "site.test" || d.Status[0] != "active" || d.Events[1].EventAction != "expiration" {
		t.Errorf("got %+v", d)
	}
	held := Healthy()
	held.Status, held.Expires = []string{"client hold"}, time.Time{}
	w.Registry.Set("site.test", held)
	if _, _, body, _ := v.get(base + "domain/SITE.test"); !strings.Contains(body, "client hold") || strings.Contains(body, "expiration") {
		t.Errorf("held: %s", body)
	}
	w.Registry.Forget("site.test")
	if status, _, _, _ := v.get(base + "domain/site.test"); status != 404 {
		t.Errorf("forgotten: %d", status)
	}
	w.Registry.SetDown(true)
	if status, _, _, _ := v.get(base + "domain/site.test"); status != 503 {
		t.Errorf("down: %d", status)
	}
}

// talk opens a session with a mail server and returns a function that says a line and reads the answer's last line.
func (v *visitor) talk(addr string, secure bool) (*bufio.Reader, net.Conn, error) {
	conn, err := v.dial(v.t.Context(), "tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	v.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(v.patient))
	if secure {
		conn = tls.Client(conn, &tls.Config{RootCAs: v.pool, ServerName: strings.Split(addr, ":")[0]})
	}
	return bufio.NewReader(conn), conn, nil
}

func TestMail(t *testing.T) {
	w, v := open(t)
	mail := w.Mail("site.test")
	for _, c := range []struct {
		port   string
		secure bool
		mode   Mode
		begins string
	}{
		{"25", false, OK, "220 mail.site.test"}, {"587", false, OK, "220 "}, {"465", true, OK, "220 "},
		{"143", false, OK, "* OK [CAPABILITY IMAP4rev1 STARTTLS"}, {"993", true, OK, "* OK [CAPABILITY IMAP4rev1 AUTH"},
		{"25", false, TempFail, "421 "}, {"25", false, Reject, "554 "}, {"25", false, BadBanner, "SSH-"},
		{"143", false, TempFail, "* BYE"}, {"143", false, NoStartTLS, "* OK [CAPABILITY IMAP4rev1 AUTH"}, {"143", false, BadBanner, "SSH-"},
	} {
		if err := mail.Set(c.mode); err != nil {
			t.Fatal(err)
		}
		r, _, err := v.talk("mail.site.test:"+c.port, c.secure)
		if err != nil {
			t.Fatal(err)
		}
		if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, c.begins) {
			t.Errorf("port %s, mode %d: %q, %v", c.port, c.mode, line, err)
		}
	}
	for mode, wrong := range map[Mode]func(error) bool{
		Refused: func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) },
		Timeout: isTimeout,
	} {
		if err := mail.Set(mode); err != nil {
			t.Fatal(err)
		}
		v.patient = 200 * time.Millisecond
		r, _, err := v.talk("mail.site.test:25", false)
		if err == nil {
			_, err = r.ReadString('\n')
		}
		if !wrong(err) {
			t.Errorf("mode %d: %v", mode, err)
		}
	}
}

func TestStartTLS(t *testing.T) {
	w, v := open(t)
	mail := w.Mail("site.test")
	for _, c := range []struct {
		port, ask, answer string
		mode              Mode
		upgraded          bool
	}{
		{"25", "EHLO lab\r\nSTARTTLS\r\n", "220 2.0.0", OK, true},
		{"25", "EHLO lab\r\nSTARTTLS\r\n", "502 ", NoStartTLS, false},
		{"25", "EHLO lab\r\nSTARTTLS\r\n", "220 2.0.0", CertExpired, false},
		{"143", "a STARTTLS\r\n", "a OK", OK, true},
		{"143", "a STARTTLS\r\n", "a BAD", NoStartTLS, false},
		{"143", "a STARTTLS\r\n", "a OK", CertWrongName, false},
	} {
		if err := mail.Set(c.mode); err != nil {
			t.Fatal(err)
		}
		r, conn, err := v.talk("mail.site.test:"+c.port, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(c.ask)); err != nil {
			t.Fatal(err)
		}
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatalf("port %s, mode %d: %v", c.port, c.mode, err)
			}
			if strings.HasPrefix(line, c.answer) {
				break
			}
		}
		if c.mode == NoStartTLS {
			continue // refused in words
		}
		err = tls.Client(conn, &tls.Config{RootCAs: v.pool, ServerName: "mail.site.test"}).Handshake()
		if (err == nil) != c.upgraded {
			t.Errorf("port %s, mode %d: TLS says %v", c.port, c.mode, err)
		}
	}
}

func TestEverythingIsOnLoopback(t *testing.T) {
	w, _ := open(t)
	conf := w.Config()
	for from, to := range conf.ConnectTo {
		if host, _, err := net.SplitHostPort(to); err != nil || host != "127.0.0.1" {
			t.Errorf("%s goes to %s", from, to)
		}
	}
	for _, want := range []string{"site.test:80", "www.site.test:443", "mail.site.test:587", "rdap.nic.test:443", "canary.lab.test:443",
		"ns1.lab.test:53", "[2a0c:e300::a]:443"} {
		if conf.ConnectTo[want] == "" {
			t.Errorf("%s is not served", want)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for from, to := range conf.ConnectTo {
		if c, err := net.DialTimeout("tcp", to, time.Second); err == nil {
			c.Close()
			t.Errorf("%s still answers after Close", from)
		}
	}
	if err := w.Site("site.test").Set(OK); err == nil {
		t.Error("a closed site was opened again")
	}
}
