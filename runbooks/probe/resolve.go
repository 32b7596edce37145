package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// What a look-up can end with, besides records.
var (
	errNoAddress  = errors.New("no address")
	errNXDomain   = errors.New("no such name")
	errServFail   = errors.New("the resolver could not resolve")
	errDNSTimeout = errors.New("no DNS answer in time")
	errBogus      = errors.New("DNSSEC validation failed")
	// errNoResolver is our own trouble: no resolver answers anything.
	errNoResolver = errors.New("our resolver does not answer")
)

const (
	maxAnswers = 32 // records kept of one answer
	maxAliases = 8  // CNAME depth followed in one answer
	udpSize    = 1232
)

// resolver asks recursive DNS servers. It has no cache: they do.
type resolver struct {
	servers []string
	wait    time.Duration // for one answer: a quarter of an attempt
}

// records is what a look-up found.
type records struct {
	final string   // the name at the end of the aliases
	alias []string // the aliases' targets, in order
	rrs   []dns.RR // of the type asked, at most maxAnswers
	ttl   uint32   // smallest of the chain
	valid bool     // the resolver validated the answer (AD)
	reply *dns.Msg
}

// newResolver takes the servers of the lab, of the configuration, or of the system.
func newResolver(s *settings) (*resolver, error) {
	if s.lab != nil {
		return &resolver{servers: []string{s.lab.resolver.String()}, wait: s.Attempt / 4}, nil
	}
	r := &resolver{wait: s.Attempt / 4}
	for _, t := range s.Resolvers {
		if a, err := netip.ParseAddr(t); err == nil {
			t = netip.AddrPortFrom(a, 53).String()
		}
		if _, err := netip.ParseAddrPort(t); err != nil {
			return nil, fmt.Errorf("checks: resolvers: %q is not an address such as 9.9.9.9 or 9.9.9.9:53", t)
		}
		r.servers = append(r.servers, t)
	}
	if len(r.servers) > 0 {
		return r, nil
	}
	sys, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil, fmt.Errorf("checks: no resolvers given, and none found: %w", err)
	}
	for _, a := range sys.Servers {
		r.servers = append(r.servers, net.JoinHostPort(a, sys.Port))
	}
	if len(r.servers) == 0 {
		return nil, errors.New("checks: no resolvers given, and none in /etc/resolv.conf")
	}
	return r, nil
}

// ask sends one question to the servers in turn, twice round, and returns the first
// useful reply. A SERVFAIL is returned only if no server does better.
func (r *resolver) ask(ctx context.Context, name string, qtype uint16, checkingDisabled bool) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), qtype)
	q.AuthenticatedData = true
	q.CheckingDisabled = checkingDisabled
	q.SetEdns0(udpSize, true)
	var poor *dns.Msg
	for range 2 {
		for _, server := range r.servers {
			reply, err := r.exchange(ctx, server, q)
			if err == nil && (reply.Rcode == dns.RcodeSuccess || reply.Rcode == dns.RcodeNameError) {
				return reply, nil
			}
			if err == nil {
				poor = reply
			}
			if ctx.Err() != nil {
				return nil, fmt.Errorf("%w: %w", errDNSTimeout, ctx.Err())
			}
		}
		if poor != nil {
			return poor, nil
		}
	}
	return nil, errDNSTimeout
}

// exchange asks one server over UDP, then over TCP if the answer was cut.
func (r *resolver) exchange(ctx context.Context, server string, q *dns.Msg) (*dns.Msg, error) {
	for _, network := range []string{"udp", "tcp"} {
		c := dns.Client{Net: network, Timeout: left(ctx, r.wait), UDPSize: udpSize}
		if c.Timeout <= 0 {
			return nil, errDNSTimeout
		}
		reply, _, err := c.ExchangeContext(ctx, q, server)
		if err != nil {
			return nil, fmt.Errorf("dns exchange: %w", err)
		}
		if !sameQuestion(q, reply) {
			return nil, errors.New("dns exchange: the answer is to another question")
		}
		if !reply.Truncated {
			return reply, nil
		}
	}
	return nil, errors.New("dns exchange: the answer is cut over TCP too")
}

func sameQuestion(q, reply *dns.Msg) bool {
	return len(reply.Question) == 1 && reply.Question[0].Qtype == q.Question[0].Qtype &&
		strings.EqualFold(reply.Question[0].Name, q.Question[0].Name)
}

// lookup resolves one name and type. No records is no error; the errors are those
// at the head of this file.
func (r *resolver) lookup(ctx context.Context, name string, qtype uint16) (records, error) {
	reply, err := r.ask(ctx, name, qtype, false)
	switch {
	case err != nil && !r.alive(ctx):
		return records{}, errNoResolver
	case err != nil:
		return records{}, err
	case reply.Rcode == dns.RcodeNameError:
		return chase(reply, name, qtype), errNXDomain
	case reply.Rcode == dns.RcodeServerFailure && r.isBogus(ctx, reply, name, qtype):
		return records{reply: reply}, errBogus
	case reply.Rcode == dns.RcodeRefused && !r.alive(ctx):
		return records{}, errNoResolver
	case reply.Rcode != dns.RcodeSuccess:
		return records{reply: reply}, errServFail
	}
	return chase(reply, name, qtype), nil
}

// alive asks for what every resolver knows, the root's name servers: without an
// answer it is we who have no DNS, not the name that is broken.
func (r *resolver) alive(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.wait)
	defer cancel()
	q := new(dns.Msg)
	q.SetQuestion(".", dns.TypeNS)
	for _, server := range r.servers {
		if reply, err := r.exchange(ctx, server, q); err == nil && reply.Rcode == dns.RcodeSuccess {
			return true
		}
	}
	return false
}

// isBogus tells a failed validation from another failure: the resolver says so
// (RFC 8914), or answers once it is told not to check.
func (r *resolver) isBogus(ctx context.Context, reply *dns.Msg, name string, qtype uint16) bool {
	if opt := reply.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok && e.InfoCode >= dns.ExtendedErrorCodeDNSBogus && e.InfoCode <= dns.ExtendedErrorCodeNSECMissing {
				return true
			}
		}
	}
	unchecked, err := r.ask(ctx, name, qtype, true)
	return err == nil && (unchecked.Rcode == dns.RcodeSuccess || unchecked.Rcode == dns.RcodeNameError)
}

// chase follows the aliases of an answer, within it and at most maxAliases deep.
func chase(reply *dns.Msg, name string, qtype uint16) records {
	out := records{final: dns.CanonicalName(name), valid: reply.AuthenticatedData, reply: reply, ttl: ^uint32(0)}
	answer := reply.Answer[:min(len(reply.Answer), 4*maxAnswers)]
	for range maxAliases {
		next := ""
		for _, rr := range answer {
			if dns.CanonicalName(rr.Header().Name) != out.final {
				continue
			}
			if rr.Header().Rrtype == qtype && len(out.rrs) < maxAnswers {
				out.rrs = append(out.rrs, rr)
				out.ttl = min(out.ttl, rr.Header().Ttl)
			} else if c, ok := rr.(*dns.CNAME); ok && qtype != dns.TypeCNAME {
				next = dns.CanonicalName(c.Target)
				out.ttl = min(out.ttl, rr.Header().Ttl)
			}
		}
		if len(out.rrs) > 0 || next == "" || slices.Contains(out.alias, next) {
			break
		}
		out.final, out.alias = next, append(out.alias, next)
	}
	if out.ttl == ^uint32(0) {
		out.ttl = 0
	}
	return out
}

// addresses lists the A and AAAA records of an answer.
func (rec records) addresses() []netip.Addr {
	var out []netip.Addr
	for _, rr := range rec.rrs {
		var ip net.IP
		switch rr := rr.(type) {
		case *dns.A:
			ip = rr.A
		case *dns.AAAA:
			ip = rr.AAAA
		}
		// An AAAA that holds a mapped address stays one until the guard unmaps it.
		if a, ok := netip.AddrFromSlice(ip); ok {
			if rr.Header().Rrtype == dns.TypeA {
				a = a.Unmap()
			}
			out = append(out, a)
		}
	}
	return out
}

// hosts resolves a name to its addresses of both families. If one family fails and
// the other does not, the other is enough.
func (r *resolver) hosts(ctx context.Context, name string) ([]netip.Addr, error) {
	var four, six records
	var err4, err6 error
	together(
		func() { four, err4 = r.lookup(ctx, name, dns.TypeA) },
		func() { six, err6 = r.lookup(ctx, name, dns.TypeAAAA) },
	)
	all := append(four.addresses(), six.addresses()...)
	switch {
	case len(all) > 0:
		return all, nil
	case err4 != nil:
		return nil, err4
	case err6 != nil:
		return nil, err6
	}
	return nil, errNoAddress
}
