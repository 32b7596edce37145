package world

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"vigie/cmd/lab/servers"
)

// A Trouble is how a zone misbehaves.
type Trouble int

// The troubles of a zone.
const (
	Well     Trouble = iota
	Silent           // its own servers never answer, so that resolvers give up with SERVFAIL
	ServFail         // its own servers do not serve it: SERVFAIL from all
	Bogus            // its DNSSEC is broken: SERVFAIL from resolvers, unless they are told not to check
	Gone             // the registry does not know it: NXDOMAIN
)

// A Zone is a part of the name space and its records.
type Zone struct {
	Name string // "site.test"
	// Records are in zone file form without class, owners relative to the zone ("@", "www"); a TTL of 300 unless given. SOA
	// and NS (ns1.lab.test, ns2.lab.test) are added if they are missing.
	Records []string
	Secure  bool // answers carry the AD bit: DNSSEC validated
	Trouble Trouble
}

// A DNS answers as a recursive server to questions that ask for recursion, and as the zones' own servers to the others, on
// one port, UDP and TCP. The servers of .test, which delegate the zones, have a port of their own.
type DNS struct {
	Addr string // "127.0.0.1:port"

	main, parent *listener
	mu           sync.Mutex
	zones        map[string]zone // by canonical name
	asked        []string
	down         bool
}

type zone struct {
	Zone
	rrs []dns.RR
}

func newDNS() (*DNS, error) {
	d := &DNS{zones: map[string]zone{}}
	var err error
	if d.main, err = listen(d); err != nil {
		return nil, err
	}
	if d.parent, err = listen(dns.HandlerFunc(d.delegate)); err != nil {
		return nil, errors.Join(err, d.main.close())
	}
	d.Addr = d.main.addr
	return d, nil
}

// Close ends the servers.
func (d *DNS) Close() error { return errors.Join(d.main.close(), d.parent.close()) }

// A listener is one loopback port with a DNS server on UDP and on TCP.
type listener struct {
	addr     string
	udp, tcp *dns.Server
	once     sync.Once
}

func listen(h dns.Handler) (*listener, error) {
	for range 20 { // the same port must be free for UDP and for TCP
		ports, err := servers.FreePorts(1)
		if err != nil {
			return nil, err
		}
		addr := fmt.Sprintf("127.0.0.1:%d", ports[0])
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		pc, err := net.ListenPacket("udp", addr)
		if err != nil {
			l.Close()
			continue
		}
		out := &listener{addr: addr, udp: &dns.Server{PacketConn: pc, Handler: h}, tcp: &dns.Server{Listener: l, Handler: h}}
		var ready sync.WaitGroup
		ready.Add(2)
		for _, s := range []*dns.Server{out.udp, out.tcp} {
			s.NotifyStartedFunc = ready.Done
			go s.ActivateAndServe()
		}
		ready.Wait()
		return out, nil
	}
	return nil, errors.New("no free port for a name server")
}

func (l *listener) close() (err error) {
	l.once.Do(func() { err = errors.Join(l.udp.Shutdown(), l.tcp.Shutdown()) })
	return err
}

// SetResolverDown has the recursive server answer nothing at all, or answer again. The zones' own servers go on.
func (d *DNS) SetResolverDown(down bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = down
}

// SetZone adds or replaces a zone. It panics on a record that does not parse: records are written by the test's author.
func (d *DNS) SetZone(z Zone) {
	origin := dns.Fqdn(z.Name)
	kept := zone{Zone: z}
	var hasNS bool
	for _, text := range z.Records {
		rr, err := dns.NewRR("$ORIGIN " + origin + "\n$TTL 300\n" + text)
		if err != nil || rr == nil {
			panic(fmt.Sprintf("zone %s: record %q: %v", z.Name, text, err))
		}
		hasNS = hasNS || rr.Header().Rrtype == dns.TypeNS && rr.Header().Name == origin
		kept.rrs = append(kept.rrs, rr)
	}
	more := []string{origin + " 300 IN SOA ns1.lab.test. postmaster.lab.test. 2026010101 7200 3600 1209600 300"}
	if !hasNS {
		more = append(more, origin+" 300 IN NS ns1.lab.test.", origin+" 300 IN NS ns2.lab.test.")
	}
	for _, text := range more {
		rr, err := dns.NewRR(text)
		if err != nil {
			panic(fmt.Sprintf("zone %s: %v", z.Name, err))
		}
		kept.rrs = append(kept.rrs, rr)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.zones[dns.CanonicalName(z.Name)] = kept
}

// SetTrouble changes how a zone misbehaves.
func (d *DNS) SetTrouble(name string, t Trouble) {
	d.mu.Lock()
	defer d.mu.Unlock()
	z, ok := d.zones[dns.CanonicalName(name)]
	if !ok {
		panic("no zone " + name)
	}
	z.Trouble = t
	d.zones[dns.CanonicalName(name)] = z
}

// Asked lists the questions received, oldest first, as "site.test. AAAA".
func (d *DNS) Asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.asked...)
}

// ServeDNS answers one question.
func (d *DNS) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(req)
	reply.RecursionAvailable, reply.Authoritative = req.RecursionDesired, !req.RecursionDesired
	if len(req.Question) != 1 {
		reply.Rcode = dns.RcodeFormatError
		_ = w.WriteMsg(reply) // the asker has gone: nothing to do about it
		return
	}
	q := req.Question[0]
	d.mu.Lock()
	d.asked = append(d.asked, q.Name+" "+dns.TypeToString[q.Qtype])
	answered := !(d.down && req.RecursionDesired) && d.answer(reply, q, req, 0)
	d.mu.Unlock()
	if !answered {
		return
	}
	if opt := req.IsEdns0(); opt != nil {
		reply.SetEdns0(1232, opt.Do())
	}
	if w.LocalAddr().Network() == "udp" {
		size := dns.MinMsgSize
		if opt := req.IsEdns0(); opt != nil {
			size = max(size, int(opt.UDPSize()))
		}
		reply.Truncate(min(size, 1232))
	}
	_ = w.WriteMsg(reply)
}

// answer fills a reply, following aliases; false means silence. The lock is held.
func (d *DNS) answer(reply *dns.Msg, q dns.Question, req *dns.Msg, depth int) bool {
	name := dns.CanonicalName(q.Name)
	z, ok := d.zoneOf(name)
	if !ok || z.Trouble == Gone {
		reply.Rcode = dns.RcodeNameError
		if parent, ok := d.zoneOf(strings.TrimPrefix(name[strings.IndexByte(name, '.'):], ".")); ok {
			reply.Ns = append(reply.Ns, parent.soa())
		}
		return true
	}
	switch {
	case z.Trouble == Silent && !req.RecursionDesired:
		return false
	case z.Trouble == Silent, z.Trouble == ServFail, z.Trouble == Bogus && req.RecursionDesired && !req.CheckingDisabled:
		reply.Rcode = dns.RcodeServerFailure
		return true
	}
	reply.AuthenticatedData = z.Secure && z.Trouble == Well && req.RecursionDesired
	exists := false
	for _, rr := range z.rrs {
		h := rr.Header()
		if owner := dns.CanonicalName(h.Name); owner != name {
			exists = exists || dns.IsSubDomain(name, owner) // an empty name between two others exists
			continue
		}
		exists = true
		if h.Rrtype == q.Qtype {
			reply.Answer = append(reply.Answer, rr)
		} else if alias, ok := rr.(*dns.CNAME); ok && depth < 8 {
			reply.Answer = append(reply.Answer, rr)
			q.Name = alias.Target
			return d.answer(reply, q, req, depth+1)
		}
	}
	if !exists {
		reply.Rcode = dns.RcodeNameError
	}
	if len(reply.Answer) == 0 {
		reply.Ns = append(reply.Ns, z.soa())
	}
	return true
}

// delegate answers as the servers of .test: with the name servers of the zone that a name is in, which only those know.
func (d *DNS) delegate(w dns.ResponseWriter, req *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(req)
	d.mu.Lock()
	if len(req.Question) == 1 {
		z, ok := d.zoneOf(dns.CanonicalName(req.Question[0].Name))
		if !ok || z.Trouble == Gone || z.Name == "test" {
			reply.Rcode = dns.RcodeNameError
		} else {
			for _, rr := range z.rrs {
				if rr.Header().Rrtype == dns.TypeNS && rr.Header().Name == dns.Fqdn(z.Name) {
					reply.Ns = append(reply.Ns, rr)
				}
			}
		}
	}
	d.mu.Unlock()
	_ = w.WriteMsg(reply) // the asker may have gone
}

// zoneOf finds the closest zone that holds a name.
func (d *DNS) zoneOf(name string) (zone, bool) {
	for name != "" {
		if z, ok := d.zones[name]; ok {
			return z, true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return zone{}, false
}

func (z zone) soa() dns.RR {
	for _, rr := range z.rrs {
		if rr.Header().Rrtype == dns.TypeSOA {
			return rr
		}
	}
	panic("zone without SOA: " + z.Name) // SetZone adds one
}
