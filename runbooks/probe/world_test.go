package probe

import (
	"context"
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
	t     testing.TB
	cfg   Config
	ca    *certAuthority
	dns   string
	mu    sync.Mutex
	rrs   map[string][]dns.RR
	first func(q *dns.Msg) *dns.Msg // answers first, if it wants to
	asks  atomic.Int64
}

func newWorld(t testing.TB) *world {
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
func checkReport(t testing.TB, rep runbooks.Report) {
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
