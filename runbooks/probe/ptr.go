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

// ownAddress reads an address that must be the host's own: these two checks speak of its
// reputation, and of nobody else's.
func (a *attempt) ownAddress(text string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(strings.TrimSpace(text))
	if err != nil || ip.Zone() != "" {
		return netip.Addr{}, errors.New("not an address")
	}
	v, err := a.set.guard.vet("", ip)
	if err != nil {
		return netip.Addr{}, err
	}
	if !a.set.isOwn(v.addr) {
		return netip.Addr{}, errors.New("not an address of ours")
	}
	return v.addr, nil
}

// checkPTR looks an address of ours up backwards and forwards again.
func checkPTR(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	ip, err := a.ownAddress(args["ip"])
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	reverse, err := dns.ReverseAddr(ip.String())
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	rec, err := a.resolver.lookup(ctx, reverse, dns.TypePTR)
	if err != nil && !errors.Is(err, errNXDomain) {
		return because(runbooks.Unknown, err)
	}
	var names []string
	for _, rr := range rec.rrs {
		if p, ok := rr.(*dns.PTR); ok {
			names = append(names, clean(strings.ToLower(strings.TrimSuffix(p.Ptr, ".")), 253))
		}
	}
	if len(names) == 0 {
		return verdict("none", map[string]any{"name": ""}, "")
	}
	fields := map[string]any{"name": names[0]}
	for _, n := range names[:min(4, len(names))] {
		addrs, err := a.resolver.hosts(ctx, n)
		if errors.Is(err, errNoResolver) {
			return because(runbooks.Unknown, err)
		}
		if slices.Contains(addrs, ip) {
			fields["name"] = n
			return verdict(runbooks.OK, fields, "")
		}
	}
	return verdict("mismatch", fields, "the name does not lead back to the address")
}

// checkDNSBL asks the block lists about an address of ours. Lists answer 127.0.0.x for
// "listed"; 127.255.255.x is an error of the asker (a public resolver, too many
// questions), which proves nothing.
func checkDNSBL(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	ip, err := a.ownAddress(args["ip"])
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	reverse, err := dns.ReverseAddr(ip.String())
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	reverse = strings.TrimSuffix(strings.TrimSuffix(reverse, "in-addr.arpa."), "ip6.arpa.")
	states := make([]listState, len(a.set.Blocklists))
	var all []func()
	for i, zone := range a.set.Blocklists {
		all = append(all, func() { states[i] = a.askList(ctx, reverse+zone) })
	}
	together(all...)
	listed, answered := []string{}, false
	for i, s := range states {
		if s == listListed {
			listed = append(listed, a.set.Blocklists[i])
		}
		answered = answered || s != listError
	}
	fields := map[string]any{"lists": listed}
	switch {
	case len(listed) > 0:
		return verdict("listed", fields, "")
	case !answered:
		return verdict(runbooks.Unknown, fields, "no list answers us")
	}
	return verdict("clean", fields, "")
}

type listState int

const (
	listError listState = iota
	listClean
	listListed
)

func (a *attempt) askList(ctx context.Context, name string) listState {
	rec, err := a.resolver.lookup(ctx, name, dns.TypeA)
	if errors.Is(err, errNXDomain) {
		return listClean
	}
	if err != nil {
		return listError
	}
	state := listClean
	for _, ip := range rec.addresses() {
		b := ip.As4()
		switch {
		case b[0] != 127, b[1] == 255 && b[2] == 255:
			return listError
		default:
			state = listListed
		}
	}
	return state
}
