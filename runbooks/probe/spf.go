package probe

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"vigie/runbooks"
)

const (
	maxSPFLookups = 10 // of RFC 7208
	maxSPFTerms   = 100
)

var (
	errSPFSyntax = errors.New("a term that is no SPF")
	errSPFMany   = errors.New("more than 10 look-ups")
)

// checkSPF reads a domain's SPF record with all it includes, and whether the host's own
// outgoing addresses may send for it.
func checkSPF(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	domain, err := parseDomain(strings.TrimSpace(args["domain"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	found, err := a.spfRecords(ctx, domain)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	fields := map[string]any{"record": "", "all": "", "lookups": int64(0)}
	if len(found) == 0 {
		return verdict("none", fields, "")
	}
	fields["record"] = clean(found[0], 300)
	if len(found) > 1 {
		return verdict("multiple", fields, strings.Join(found, " | "))
	}
	walk := &spfWalk{attempt: a}
	err = walk.record(ctx, domain, found[0], "+")
	fields["all"], fields["lookups"] = walk.all, int64(walk.lookups)
	switch {
	case errors.Is(err, errSPFMany):
		return verdict("too_many_lookups", fields, err.Error())
	case errors.Is(err, errSPFSyntax):
		return verdict("syntax", fields, err.Error())
	case err != nil:
		return verdict(runbooks.Unknown, fields, err.Error())
	case walk.all == "+all":
		return verdict(runbooks.OK, fields, "anybody may send")
	}
	for _, ip := range a.set.mailOut {
		if !walk.allows(ip) {
			return verdict("not_us", fields, ip.String()+" is not allowed")
		}
	}
	return verdict(runbooks.OK, fields, "")
}

// spfRecords lists the SPF records of a name: "v=spf1" and then a space or the end.
func (a *attempt) spfRecords(ctx context.Context, name string) ([]string, error) {
	found, err := a.texts(ctx, name, "v=spf1")
	out := found[:0]
	for _, t := range found {
		if len(t) == len("v=spf1") || t[len("v=spf1")] == ' ' {
			out = append(out, t)
		}
	}
	return out, err
}

// spfWalk collects what a record and its includes allow.
type spfWalk struct {
	*attempt
	lookups int
	all     string // of the record asked about: "-all", "~all", "?all", "+all"
	depth   int
	allowed []netip.Prefix
	dynamic bool // a term that only a real message can answer (macros, exists, ptr)
}

func (w *spfWalk) allows(ip netip.Addr) bool {
	for _, p := range w.allowed {
		if p.Contains(ip) {
			return true
		}
	}
	return w.dynamic
}

// record walks one record. qualifier is what the includes above it make of a match.
func (w *spfWalk) record(ctx context.Context, domain, text, qualifier string) error {
	terms := strings.Fields(text)[1:]
	if len(terms) > maxSPFTerms {
		return errSPFSyntax
	}
	redirect := ""
	sawAll := false
	for _, t := range terms {
		if key, value, ok := strings.Cut(t, "="); ok && !strings.ContainsAny(key, ":/") {
			if strings.EqualFold(key, "redirect") {
				redirect = value
			}
			continue
		}
		q := qualifier
		if strings.ContainsAny(t[:1], "+-~?") {
			if q == "+" {
				q = t[:1]
			}
			t = t[1:]
		}
		if strings.EqualFold(t, "all") {
			sawAll = true
			if w.depth == 0 {
				w.all = q + "all"
			}
			w.dynamic = w.dynamic || w.depth > 0 && q == "+"
			break // what comes after "all" is never read
		}
		if err := w.term(ctx, domain, t, q); err != nil {
			return err
		}
	}
	if redirect == "" || sawAll {
		return nil
	}
	// A redirect takes this record's place, its "all" included.
	return w.enter(ctx, redirect, qualifier, 0)
}

// term walks one mechanism other than all.
func (w *spfWalk) term(ctx context.Context, domain, t, q string) error {
	name, value, _ := strings.Cut(t, ":")
	name, mask, _ := strings.Cut(name, "/")
	if base, m, ok := strings.Cut(value, "/"); ok && !strings.HasPrefix(strings.ToLower(name), "ip") {
		value, mask = base, m
	}
	target := value
	if target == "" {
		target = domain
	}
	switch strings.ToLower(name) {
	case "ip4", "ip6":
		return w.network(strings.ToLower(name), value, q)
	case "include":
		if value == "" {
			return errSPFSyntax
		}
		return w.enter(ctx, value, q, 1)
	case "a", "mx":
		return w.hostTerm(ctx, strings.ToLower(name), target, mask, q)
	case "exists", "ptr":
		w.dynamic = w.dynamic || q == "+"
		return w.count()
	}
	return errSPFSyntax
}

// count spends one of the ten look-ups.
func (w *spfWalk) count() error {
	if w.lookups++; w.lookups > maxSPFLookups {
		return errSPFMany
	}
	return nil
}

// enter walks another domain's record; deeper is 0 for a redirect.
func (w *spfWalk) enter(ctx context.Context, domain, q string, deeper int) error {
	if err := w.count(); err != nil {
		return err
	}
	if strings.Contains(domain, "%") {
		w.dynamic = true
		return nil
	}
	name, err := parseDomain(domain)
	if err != nil {
		return errSPFSyntax
	}
	found, err := w.spfRecords(ctx, name)
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return errSPFSyntax // an include of nothing fails the whole record
	}
	w.depth += deeper
	defer func() { w.depth -= deeper }()
	return w.record(ctx, name, found[0], q)
}

func (w *spfWalk) network(kind, text, q string) error {
	p, err := netip.ParsePrefix(text)
	if a, err2 := netip.ParseAddr(text); err2 == nil {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	if err != nil || p.Addr().Is4() != (kind == "ip4") {
		return errSPFSyntax
	}
	if q == "+" {
		w.allowed = append(w.allowed, p.Masked())
	}
	return nil
}

// hostTerm resolves "a" and "mx", which stand for the addresses of a name.
func (w *spfWalk) hostTerm(ctx context.Context, kind, target, mask, q string) error {
	if err := w.count(); err != nil {
		return err
	}
	if strings.Contains(target, "%") {
		w.dynamic = true
		return nil
	}
	name, err := parseDomain(target)
	if err != nil {
		return errSPFSyntax
	}
	names := []string{name}
	if kind == "mx" {
		rec, err := w.resolver.lookup(ctx, name, dns.TypeMX)
		if err != nil && !errors.Is(err, errNXDomain) {
			return err
		}
		if names, _ = exchangers(rec.rrs); len(names) > maxSPFLookups {
			return errSPFMany
		}
	}
	for _, n := range names {
		addrs, err := w.resolver.hosts(ctx, n)
		if errors.Is(err, errNoResolver) {
			return err
		}
		for _, ip := range addrs {
			p, err := maskOf(ip, mask)
			if err != nil {
				return err
			}
			if q == "+" {
				w.allowed = append(w.allowed, p)
			}
		}
	}
	return nil
}

// maskOf applies the "/24//64" of an SPF term to an address.
func maskOf(ip netip.Addr, mask string) (netip.Prefix, error) {
	four, six, _ := strings.Cut(mask, "//")
	if rest, only6 := strings.CutPrefix(mask, "/"); only6 {
		four, six = "", rest
	}
	bits := four
	if !ip.Is4() {
		bits = six
	}
	if bits == "" {
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(ip.String() + "/" + bits)
	if err != nil {
		return netip.Prefix{}, errSPFSyntax
	}
	return p.Masked(), nil
}
