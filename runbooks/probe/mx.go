package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"vigie/runbooks"
)

// maxMX is how many mail exchangers are looked up.
const maxMX = 6

// checkMX finds where a domain's mail goes, by name only: nothing is connected to.
func checkMX(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	name, err := parseDomain(strings.TrimSpace(args["domain"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	rec, err := a.resolver.lookup(ctx, name, dns.TypeMX)
	none := map[string]any{"hosts": []string{}, "ours": false, "implicit": false}
	switch {
	case errors.Is(err, errNXDomain):
		return verdict("none", none, err.Error())
	case errors.Is(err, errNoResolver):
		return because(runbooks.Unknown, err)
	case err != nil:
		return verdict("unresolvable", none, err.Error())
	}
	hosts, null := exchangers(rec.rrs)
	if null {
		return verdict("null_mx", none, "")
	}
	implicit := len(hosts) == 0
	if implicit {
		hosts = []string{name}
	}
	return a.judgeMX(hosts, implicit, a.lookExchangers(ctx, hosts[:min(maxMX, len(hosts))]))
}

// exchangers lists MX targets by preference; null is the "no mail here" of RFC 7505.
func exchangers(rrs []dns.RR) (hosts []string, null bool) {
	var mx []*dns.MX
	for _, rr := range rrs {
		if m, ok := rr.(*dns.MX); ok {
			mx = append(mx, m)
		}
	}
	slices.SortStableFunc(mx, func(x, y *dns.MX) int { return int(x.Preference) - int(y.Preference) })
	if len(mx) == 1 && mx[0].Mx == "." {
		return nil, true
	}
	for _, m := range mx {
		hosts = append(hosts, clean(strings.ToLower(strings.TrimSuffix(m.Mx, ".")), 253))
	}
	return hosts, false
}

// exchanger is what one MX target turned out to be.
type exchanger struct {
	resolves, alias, ours bool
	err                   error
}

func (a *attempt) lookExchangers(ctx context.Context, hosts []string) []exchanger {
	out := make([]exchanger, len(hosts))
	var all []func()
	for i, h := range hosts {
		all = append(all, func() {
			name, err := parseDomain(h)
			if err != nil {
				out[i].err = err
				return
			}
			rec, err := a.resolver.lookup(ctx, name, dns.TypeCNAME)
			out[i].alias = err == nil && len(rec.rrs) > 0
			addrs, err := a.resolver.hosts(ctx, name)
			out[i].resolves, out[i].err = err == nil, err
			out[i].ours = hasName(a.set.Own.MailServers, name)
			for _, ip := range addrs {
				out[i].ours = out[i].ours || a.set.isOwn(ip)
				if a.set.guard.isReserved(ip) {
					out[i].resolves, out[i].err = false, fmt.Errorf("%s has the reserved address %s", name, ip)
				}
			}
		})
	}
	together(all...)
	return out
}

func (a *attempt) judgeMX(hosts []string, implicit bool, found []exchanger) runbooks.Report {
	var resolves, alias, ours, blind bool
	var detail []string
	for i, e := range found {
		resolves, alias, ours = resolves || e.resolves, alias || e.alias, ours || e.ours
		blind = blind || errors.Is(e.err, errNoResolver)
		if e.err != nil {
			detail = append(detail, hosts[i]+": "+e.err.Error())
		}
	}
	fields := map[string]any{"hosts": cleanAll(hosts, maxAnswers, 253), "ours": ours, "implicit": implicit}
	text := strings.Join(detail, "; ")
	switch {
	case blind:
		return verdict(runbooks.Unknown, fields, text)
	case !resolves:
		return unresolved(implicit, fields, text)
	case alias && !implicit:
		return verdict("cname", fields, "an MX must not name an alias")
	case !ours && a.knowsOwnMail():
		return verdict("elsewhere", fields, text)
	}
	return verdict(runbooks.OK, fields, text)
}

// unresolved tells a domain without any mail from one whose mail servers are gone.
func unresolved(implicit bool, fields map[string]any, detail string) runbooks.Report {
	if !implicit {
		return verdict("unresolvable", fields, detail)
	}
	fields["hosts"], fields["implicit"] = []string{}, false
	return verdict("none", fields, detail)
}

// knowsOwnMail says whether the configuration lets us tell ours from others'.
func (a *attempt) knowsOwnMail() bool {
	return len(a.set.own) > 0 || len(a.set.Own.MailServers) > 0
}
