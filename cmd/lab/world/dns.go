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
	Silent           // its questions are never answered
	ServFail         // answered SERVFAIL
	Bogus            // answered SERVFAIL, but in full when checking is disabled: a broken DNSSEC
	Gone             // answered NXDOMAIN, as if the registry did not know it
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

// A DNS answers as a recursive server would, and as the zones' own servers, on one port, UDP and TCP.
type DNS struct {
	Addr string // "127.0.0.1:port"

	udp, tcp *dns.Server
	once     sync.Once
	mu       sync.Mutex
	zones    map[string]zone // by canonical name
	asked    []string
}

type zone struct {
	Zone
	rrs []dns.RR
}

func newDNS() (*DNS, error) {
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
		d := &DNS{Addr: addr, zones: map[string]zone{}}
		d.udp, d.tcp = &dns.Server{PacketConn: pc, Handler: d}, &dns.Server{Listener: l, Handler: d}
		var ready sync.WaitGroup
		ready.Add(2)
		for _, s := range []*dns.Server{d.udp, d.tcp} {
			s.NotifyStartedFunc = ready.Done
			go s.ActivateAndServe()
		}
		ready.Wait()
		return d, nil
	}
	return nil, errors.New("no free port for the name server")
}

// Close ends the server.
func (d *DNS) Close() (err error) {
	d.once.Do(func() { err = errors.Join(d.udp.Shutdown(), d.tcp.Shutdown()) })
	return err
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
	reply.RecursionAvailable, reply.Authoritative = true, true
	if len(req.Question) != 1 {
		reply.Rcode = dns.RcodeFormatError
		_ = w.WriteMsg(reply) // the asker has gone: nothing to do about it
		return
	}
	q := req.Question[0]
	d.mu.Lock()
	d.asked = append(d.asked, q.Name+" "+dns.TypeToString[q.Qtype])
	answered := d.answer(reply, q, req.CheckingDisabled, 0)
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
func (d *DNS) answer(reply *dns.Msg, q dns.Question, checkingDisabled bool, depth int) bool {
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
	case z.Trouble == Silent:
		return false
	case z.Trouble == ServFail, z.Trouble == Bogus && !checkingDisabled:
		reply.Rcode = dns.RcodeServerFailure
		return true
	}
	reply.AuthenticatedData = z.Secure && z.Trouble == Well
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
			return d.answer(reply, q, checkingDisabled, depth+1)
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
