package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"vigie/runbooks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a small Internet on loopback: names, certificates and servers, reached as
// the lab is.
type world struct {
	t     *testing.T
	cfg   Config
	ca    *certAuthority
	dns   string
	mu    sync.Mutex
	rrs   map[string][]dns.RR
	first func(q *dns.Msg) *dns.Msg // answers first, if it wants to
	asks  atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, rrs: map[string][]dns.RR{}, ca: newAuthority(t, "Lab Root")}
	w.rr(". 60 IN NS a.root.test.")
	w.dns = serveDNS(t, w.answer)
	w.cfg = Config{
		Timeout: 6 * time.Second, Attempt: 1200 * time.Millisecond, ConfirmAfter: 10 * time.Millisecond,
		RDAP: RDAP{Bootstrap: map[string]string{"test": "https://rdap.test/"}, Default: "https://rdap-any.test/"},
		Own:  Own{Prefixes: []string{"185.96.10.0/24", "2a0c:e300::/32"}, NameServers: []string{"ns1.host.test"}},
		Lab:  &Lab{Resolver: w.dns, CA: w.ca.pem(), ConnectTo: map[string]string{}},
	}
	return w
}

// prober makes a Prober of the world as it stands.
func (w *world) prober() *Prober {
	w.t.Helper()
	p, err := New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.Close)
	return p
}

// run carries out one check, with a Prober of its own.
func (w *world) run(kind string, pairs ...string) runbooks.Report {
	w.t.Helper()
	return w.runWith(w.prober(), kind, pairs...)
}

func (w *world) runWith(p *Prober, kind string, pairs ...string) runbooks.Report {
	w.t.Helper()
	args := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		args[pairs[i]] = pairs[i+1]
	}
	rep := p.Run(context.Background(), "someone", map[string]runbooks.Request{"x": {Kind: kind, Args: args}})["x"]
	checkReport(w.t, rep)
	return rep
}

// want runs a check and compares its verdict and some fields.
func (w *world) want(v runbooks.Verdict, fields map[string]any, kind string, pairs ...string) runbooks.Report {
	w.t.Helper()
	rep := w.run(kind, pairs...)
	if rep.Verdict != v {
		w.t.Fatalf("%s %v: verdict %s, want %s (%s) %v", kind, pairs, rep.Verdict, v, rep.Detail, rep.Fields)
	}
	for k, f := range fields {
		if got := rep.Fields[k]; !equalField(got, f) {
			w.t.Errorf("%s %v: field %s = %#v, want %#v", kind, pairs, k, got, f)
		}
	}
	return rep
}

func equalField(got, want any) bool {
	list, ok := want.([]string)
	if !ok {
		return got == want
	}
	have, ok := got.([]string)
	return ok && strings.Join(have, "|") == strings.Join(list, "|")
}

// checkReport holds a report against its kind's schema.
func checkReport(t *testing.T, rep runbooks.Report) {
	t.Helper()
	kind, ok := runbooks.Kinds()[rep.Kind]
	if !ok {
		t.Fatalf("report of a kind that is none: %q", rep.Kind)
	}
	allowed := rep.Verdict == runbooks.Unknown
	for _, v := range kind.Verdicts {
		allowed = allowed || v == rep.Verdict
	}
	if !allowed {
		t.Errorf("%s: verdict %q is not of this kind", rep.Kind, rep.Verdict)
	}
	for name, value := range rep.Fields {
		if !typed(kind.Fields[name], value) {
			t.Errorf("%s: field %s = %#v, want %s", rep.Kind, name, value, kind.Fields[name])
		}
		if text, is := value.(string); is && text != clean(text, 1000) {
			t.Errorf("%s: field %s is not clean: %q", rep.Kind, name, text)
		}
	}
	if rep.Detail != clean(rep.Detail, maxDetail) || rep.At.IsZero() {
		t.Errorf("%s: unclean or undated: %q", rep.Kind, rep.Detail)
	}
}

// typed says that a field's value has the type that its kind gives it.
func typed(want runbooks.FieldType, value any) (ok bool) {
	switch want {
	case runbooks.FieldString:
		_, ok = value.(string)
	case runbooks.FieldInt:
		_, ok = value.(int64)
	case runbooks.FieldBool:
		_, ok = value.(bool)
	case runbooks.FieldStrings:
		_, ok = value.([]string)
	case runbooks.FieldTime:
		text, _ := value.(string)
		_, err := time.Parse(time.RFC3339, text)
		ok = err == nil
	}
	return ok
}

// rr adds records in zone-file form.
func (w *world) rr(texts ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range texts {
		rr, err := dns.NewRR(t)
		if err != nil || rr == nil {
			w.t.Fatalf("record %q: %v", t, err)
		}
		name := strings.ToLower(rr.Header().Name)
		w.rrs[name] = append(w.rrs[name], rr)
	}
}

// connect maps "host:port" to a server of the world.
func (w *world) connect(from, to string) { w.cfg.Lab.ConnectTo[from] = to }

// hook lets a function answer before the records do; nil is "no opinion".
func (w *world) hook(first func(*dns.Msg) *dns.Msg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.first = first
}

// answer is a resolver that knows rrs and follows aliases.
func (w *world) answer(q *dns.Msg) *dns.Msg {
	w.asks.Add(1)
	w.mu.Lock()
	first := w.first
	w.mu.Unlock()
	if first != nil {
		if m := first(q); m != nil {
			return m
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable = true
	m.Authoritative = !q.RecursionDesired
	name := strings.ToLower(q.Question[0].Name)
	for range 10 {
		next := ""
		for _, rr := range w.rrs[name] {
			switch c, isAlias := rr.(*dns.CNAME); {
			case rr.Header().Rrtype == q.Question[0].Qtype:
				m.Answer = append(m.Answer, rr)
			case isAlias:
				m.Answer = append(m.Answer, rr)
				next = strings.ToLower(c.Target)
			}
		}
		if next == "" {
			break
		}
		name = next
	}
	if !w.exists(name) {
		m.Rcode = dns.RcodeNameError
	}
	if len(m.Answer) == 0 {
		for cut := name; cut != ""; {
			for _, rr := range w.rrs[cut] {
				if rr.Header().Rrtype == dns.TypeSOA {
					m.Ns = []dns.RR{rr}
					return m
				}
			}
			_, cut, _ = strings.Cut(cut, ".")
		}
	}
	return m
}

// exists says that a name or one below it is known; w.mu is held.
func (w *world) exists(name string) bool {
	for n := range w.rrs {
		if n == name || strings.HasSuffix(n, "."+name) {
			return true
		}
	}
	return false
}

// rcode makes a reply that is only a code.
func rcode(q *dns.Msg, code int) *dns.Msg {
	m := new(dns.Msg)
	m.SetRcode(q, code)
	return m
}

// silence is an answer that serveDNS does not send.
var silence = &dns.Msg{}

// serveDNS serves UDP and TCP on one loopback port.
func serveDNS(t *testing.T, answer func(*dns.Msg) *dns.Msg) string {
	t.Helper()
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		if m := answer(q); m != silence {
			if w.RemoteAddr().Network() == "udp" {
				m.Truncate(udpSize)
			}
			_ = w.WriteMsg(m)
		}
	})
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc, err := net.ListenPacket("udp", l.Addr().String())
		if err != nil {
			_ = l.Close()
			continue
		}
		for _, s := range []*dns.Server{{Listener: l, Handler: handler}, {PacketConn: pc, Handler: handler}} {
			ready := make(chan struct{})
			s.NotifyStartedFunc = func() { close(ready) }
			go func() { _ = s.ActivateAndServe() }()
			<-ready
			t.Cleanup(func() { _ = s.Shutdown() })
		}
		return l.Addr().String()
	}
	t.Fatal("no port free for both UDP and TCP")
	return ""
}

// serve accepts connections and gives each to talk, in a goroutine of its own.
func serve(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns[c] = true
			mu.Unlock()
			wg.Go(func() {
				defer func() { _ = c.Close() }()
				talk(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// web serves HTTP, over TLS if there is a certificate.
func web(t *testing.T, cert *tls.Certificate, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Second, ErrorLog: quiet()}
	if cert != nil {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS10})
	}
	done := make(chan struct{})
	go func() { _ = s.Serve(l); close(done) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return addr
}

// closedPort is a loopback address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// certAuthority issues certificates.
type certAuthority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

var serial atomic.Int64

func newAuthority(t *testing.T, name string) *certAuthority {
	t.Helper()
	tpl := template(name)
	tpl.IsCA, tpl.BasicConstraintsValid, tpl.KeyUsage = true, true, x509.KeyUsageCertSign
	a := &certAuthority{t: t, key: newKey(t)}
	a.cert = a.sign(tpl, tpl, a.key, a.key)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-10 * 24 * time.Hour), NotAfter: time.Now().Add(80 * 24 * time.Hour),
	}
}

func (a *certAuthority) sign(tpl, parent *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, tpl, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

// intermediate makes an authority below this one.
func (a *certAuthority) intermediate(name string) *certAuthority {
	tpl := template(name)
	tpl.IsCA, tpl.BasicConstraintsValid, tpl.KeyUsage = true, true, x509.KeyUsageCertSign
	sub := &certAuthority{t: a.t, key: newKey(a.t)}
	sub.cert = a.sign(tpl, a.cert, sub.key, a.key)
	return sub
}

// issue makes a server certificate for names; change may spoil it.
func (a *certAuthority) issue(change func(*x509.Certificate), names ...string) *tls.Certificate {
	tpl := template(names[0])
	tpl.DNSNames, tpl.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if change != nil {
		change(tpl)
	}
	key := newKey(a.t)
	c := a.sign(tpl, a.cert, key, a.key)
	return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

func (a *certAuthority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
