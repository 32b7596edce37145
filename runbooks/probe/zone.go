package probe

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"vigie/runbooks"
)

// maxServers is how many name servers of a zone are asked.
const maxServers = 4

// zone is the zone that a name is in, as the resolver sees it, or as the parent
// delegates it when the resolver cannot.
type zone struct {
	apex    string
	servers []string // canonical, without final dot
}

// zoneOf finds the zone of a name. A zone that nobody can resolve still has a
// delegation in its parent, and that is where its faulty servers are named.
func (a *attempt) zoneOf(ctx context.Context, name string) zone {
	ctx, cancel := context.WithTimeout(ctx, a.set.Attempt)
	defer cancel()
	z := zone{apex: registered(name), servers: []string{}}
	if reply, err := a.resolver.ask(ctx, name, dns.TypeSOA, true); err == nil {
		for _, rr := range append(reply.Answer, reply.Ns...) {
			if soa, ok := rr.(*dns.SOA); ok && dns.IsSubDomain(soa.Hdr.Name, dns.Fqdn(name)) {
				z.apex = strings.TrimSuffix(dns.CanonicalName(soa.Hdr.Name), ".")
			}
		}
	}
	// A name that does not exist has its parent's SOA: "org" is nobody's zone to check.
	if !strings.Contains(z.apex, ".") || len(z.apex) < len(registered(name)) {
		return zone{apex: registered(name), servers: []string{}}
	}
	// Unchecked, since a zone whose signatures fail still has servers to name.
	if reply, err := a.resolver.ask(ctx, z.apex, dns.TypeNS, true); err == nil {
		z.servers = serverNames(chase(reply, z.apex, dns.TypeNS).rrs)
	}
	if len(z.servers) == 0 {
		z.servers = a.delegation(ctx, registered(name))
		z.apex = registered(name)
	}
	return z
}

func serverNames(rrs []dns.RR) []string {
	out := []string{}
	for _, rr := range rrs {
		if ns, ok := rr.(*dns.NS); ok && len(out) < 13 {
			if n, err := parseDomain(ns.Ns); err == nil && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return out
}

// delegation asks the servers of the parent zone to whom they delegate.
func (a *attempt) delegation(ctx context.Context, apex string) []string {
	_, parent, ok := strings.Cut(apex, ".")
	if !ok || parent == "" {
		return []string{}
	}
	rec, err := a.resolver.lookup(ctx, parent, dns.TypeNS)
	if err != nil {
		return []string{}
	}
	for _, server := range serverNames(rec.rrs)[:min(2, len(serverNames(rec.rrs)))] {
		reply, err := a.askServer(ctx, server, apex, dns.TypeNS)
		if err != nil {
			continue
		}
		if names := serverNames(append(reply.Answer, reply.Ns...)); len(names) > 0 {
			a.glue(names, reply.Extra)
			return names
		}
	}
	return []string{}
}

// glue notes the addresses that a delegation gives for its servers: those of a broken
// zone cannot be found otherwise. They are vetted like all others.
func (a *attempt) glue(names []string, extra []dns.RR) {
	for _, name := range names {
		var addrs []netip.Addr
		for _, rr := range extra {
			if dns.CanonicalName(rr.Header().Name) == dns.Fqdn(name) && len(addrs) < maxAnswers {
				addrs = append(addrs, records{rrs: []dns.RR{rr}}.addresses()...)
			}
		}
		if len(addrs) == 0 {
			continue
		}
		r := &resolution{}
		r.once.Do(func() { r.addrs, r.err = a.set.guard.vetAll(name, addrs) })
		a.mu.Lock()
		a.seen[name] = r
		a.mu.Unlock()
	}
}

// askServer asks one name server itself, without recursion, through the guard.
func (a *attempt) askServer(ctx context.Context, server, name string, qtype uint16) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, a.resolver.wait)
	defer cancel()
	addrs, err := a.resolve(ctx, host{name: server})
	if err != nil {
		return nil, err
	}
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), qtype)
	q.RecursionDesired = false
	q.SetEdns0(udpSize, false)
	var reply *dns.Msg
	for _, network := range []string{"udp", "tcp"} {
		reply, err = a.askOnce(ctx, network, sortedFew(addrs, 1)[0], q)
		if err != nil || !reply.Truncated {
			return reply, err
		}
	}
	return reply, nil
}

func (a *attempt) askOnce(ctx context.Context, network string, v vetted, q *dns.Msg) (*dns.Msg, error) {
	raw, err := a.dial(ctx, network, v, 53)
	if err != nil {
		return nil, err
	}
	defer func() { _ = raw.Close() }()
	c := dns.Client{Timeout: left(ctx, a.resolver.wait), UDPSize: udpSize}
	reply, _, err := c.ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: raw, UDPSize: udpSize})
	if err != nil {
		return nil, err
	}
	if !sameQuestion(q, reply) {
		return nil, errServFail
	}
	return reply, nil
}

// said is one name server's answer about a name.
type said struct {
	asked   bool // our packet went out
	silent  bool // and nothing came back
	lame    bool // it answered, but not as one who serves the zone
	answers string
}

// withServers asks each name server of the zone, and refines a report: do they agree,
// and when the world cannot resolve the name, is it because they are silent or lame.
func (a *attempt) withServers(ctx context.Context, name string, z zone, rep runbooks.Report) runbooks.Report {
	if len(z.servers) == 0 || rep.Verdict == runbooks.Unknown {
		return rep
	}
	all := make([]said, min(maxServers, len(z.servers)))
	var asks []func()
	for i := range all {
		asks = append(asks, func() { all[i] = a.serverSays(ctx, z.servers[i], name) })
	}
	together(asks...)
	t := count(all)
	if t.asked == 0 || ctx.Err() != nil {
		return rep
	}
	failed := rep.Verdict == "servfail" || rep.Verdict == "timeout"
	if t.silent == t.asked && !failed {
		return rep // the world reaches them and we do not: a firewall of ours, most likely
	}
	rep.Fields["servers_agree"] = t.agree
	switch {
	case rep.Verdict == "bogus" || rep.Verdict == "reserved_address":
	case t.allLame(failed):
		rep.Verdict, rep.Detail = "lame", "the name servers do not serve the zone "+z.apex
	case t.silent == t.asked && failed:
		rep.Verdict, rep.Detail = "timeout", "no name server of the zone answers: "+z.apex
	}
	return rep
}

// tally sums up what the name servers of a zone said.
type tally struct {
	asked, silent, lame int
	agree               bool // all answered, and the same
}

// allLame says that no server serves the zone. Once the world fails to resolve it, the
// silent ones count too.
func (t tally) allLame(failed bool) bool {
	return t.lame == t.asked || failed && t.lame > 0 && t.lame+t.silent == t.asked
}

func count(all []said) tally {
	var t tally
	answers := map[string]bool{}
	for _, s := range all {
		if !s.asked {
			continue
		}
		t.asked++
		switch {
		case s.silent:
			t.silent++
		case s.lame:
			t.lame++
		default:
			answers[s.answers] = true
		}
	}
	t.agree = t.silent+t.lame == 0 && len(answers) == 1
	return t
}

// serverSays asks one server for the addresses of a name.
func (a *attempt) serverSays(ctx context.Context, server, name string) said {
	var out said
	for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
		reply, err := a.askServer(ctx, server, name, t)
		switch kind := errKind(err); {
		case errors.Is(err, errNXDomain), errors.Is(err, errNoAddress):
			return said{asked: true, lame: true} // a server that does not exist serves nothing
		case kind == failDNS, kind == failBlocked, kind == failOurs, errors.Is(err, errNotInLab):
			return said{}
		case err != nil:
			return said{asked: true, silent: true}
		}
		out.asked = true
		if !reply.Authoritative || reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError {
			return said{asked: true, lame: true}
		}
		var texts []string
		for _, ip := range chase(reply, name, t).addresses() {
			texts = append(texts, ip.String())
		}
		slices.Sort(texts)
		out.answers += strings.Join(texts, " ") + ";"
	}
	return out
}
