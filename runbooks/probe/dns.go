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

// recordTypes are what "type" may ask for; without it, the addresses.
func recordTypes() map[string]uint16 {
	return map[string]uint16{
		"A": dns.TypeA, "AAAA": dns.TypeAAAA, "CNAME": dns.TypeCNAME, "NS": dns.TypeNS, "MX": dns.TypeMX, "TXT": dns.TypeTXT,
		"SRV": dns.TypeSRV, "SOA": dns.TypeSOA, "CAA": dns.TypeCAA, "DS": dns.TypeDS, "TLSA": dns.TypeTLSA,
	}
}

// checkDNS resolves a name as the world does, then asks the name servers of its zone
// themselves whether they agree. A reserved address is a finding here: it is reported,
// never touched.
func checkDNS(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	name, err := parseDomain(strings.TrimSpace(args["name"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	only, err := a.askedType(args["type"])
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	var four, six, other records
	var err4, err6, errOther error
	var z zone
	together(
		func() { four, err4 = a.resolver.lookup(ctx, name, dns.TypeA) },
		func() { six, err6 = a.resolver.lookup(ctx, name, dns.TypeAAAA) },
		func() { z = a.zoneOf(ctx, name) },
		func() {
			if only != 0 {
				other, errOther = a.resolver.lookup(ctx, name, only)
			}
		},
	)
	fields := a.dnsFields(four, six, z, err4, err6)
	v, detail := a.judgeDNS(four, six, err4, err6)
	switch {
	case only != 0 && errOther != nil:
		v, detail = lookupVerdict(errOther), errOther.Error()
	case only != 0 && len(other.rrs) == 0:
		v, detail = "no_address", "no record of that type"
	case only != 0 && only != dns.TypeA && only != dns.TypeAAAA:
		v, detail = runbooks.OK, ""
	}
	return a.withServers(ctx, name, z, verdict(v, fields, detail))
}

// askedType reads the argument type; 0 stands for "the addresses".
func (a *attempt) askedType(text string) (uint16, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	if text == "" {
		return 0, nil
	}
	if t, ok := recordTypes()[text]; ok {
		return t, nil
	}
	return 0, errors.New("a record type that is not looked up")
}

func (a *attempt) dnsFields(four, six records, z zone, err4, err6 error) map[string]any {
	addrs := func(rec records) []string {
		out := []string{}
		for _, ip := range rec.addresses() {
			out = append(out, ip.String())
		}
		slices.Sort(out)
		return out
	}
	f := map[string]any{"a": addrs(four), "aaaa": addrs(six), "ns": z.servers, "dnssec": "unsigned", "ttl": int64(four.ttl)}
	longest := four
	if len(four.rrs) == 0 {
		longest, f["ttl"] = six, int64(six.ttl)
	}
	if n := len(longest.alias); n > 0 {
		f["cname"] = strings.TrimSuffix(longest.alias[n-1], ".")
	}
	switch {
	case errors.Is(err4, errBogus) || errors.Is(err6, errBogus):
		f["dnssec"] = "bogus"
	case longest.valid:
		f["dnssec"] = "valid"
	}
	ours := false
	for _, s := range z.servers {
		ours = ours || hasName(a.set.Own.NameServers, s)
	}
	f["ns_ours"] = ours
	if p := a.pointsTo(append(four.addresses(), six.addresses()...), append(longest.alias, z.servers...)); p != "" {
		f["points_to"] = p
	}
	return f
}

// pointsTo tells whose machines the addresses are. All must be ours for "ours": a name
// half moved is one moved. Without prefixes of ours nobody can tell, and it is "".
func (a *attempt) pointsTo(addrs []netip.Addr, names []string) string {
	if len(addrs) == 0 {
		return "none"
	}
	for _, n := range names {
		if underAny(a.set.Parking, n) {
			return "parking"
		}
	}
	if len(a.set.own) == 0 {
		return ""
	}
	for _, ip := range addrs {
		if !a.set.isOwn(ip) {
			return "other"
		}
	}
	return "ours"
}

// judgeDNS gives the verdict on the addresses, the worst of both families first: a name
// that validates for A and not for AAAA is broken for some.
func (a *attempt) judgeDNS(four, six records, err4, err6 error) (runbooks.Verdict, string) {
	for _, ip := range append(four.addresses(), six.addresses()...) {
		if a.set.guard.isReserved(ip) {
			return "reserved_address", ip.String()
		}
	}
	for _, err := range []error{err4, err6} {
		if errors.Is(err, errBogus) {
			return "bogus", err.Error()
		}
	}
	switch {
	case len(four.rrs)+len(six.rrs) > 0:
		return runbooks.OK, ""
	case err4 != nil:
		return lookupVerdict(err4), err4.Error()
	case err6 != nil:
		return lookupVerdict(err6), err6.Error()
	}
	return "no_address", ""
}

// lookupVerdict maps the errors of lookup to verdicts of the kind dns.
func lookupVerdict(err error) runbooks.Verdict {
	switch {
	case errors.Is(err, errNoResolver):
		return runbooks.Unknown
	case errors.Is(err, errNXDomain):
		return "nxdomain"
	case errors.Is(err, errBogus):
		return "bogus"
	case errors.Is(err, errDNSTimeout):
		return "timeout"
	}
	return "servfail"
}
