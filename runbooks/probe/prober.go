package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vigie/runbooks"
)

const (
	maxParallel = 6  // checks of one Run at the same time
	maxChecks   = 24 // checks of one Run in all
	maxFlights  = 32 // checks at the same time, of all Runs
)

// Prober carries out checks. Make one with New; it is safe for concurrent use.
type Prober struct {
	set      *settings
	resolver *resolver
	roots    *x509.CertPool
	kinds    map[string]check
	flights  *flights
	budget   *budget
	slots    chan struct{}
	canary   canary
}

// check is one kind's work: one attempt at it. It must end soon after ctx does, and
// returns verdict, fields and detail; the Prober fills in the rest.
type check func(ctx context.Context, a *attempt, args map[string]string) runbooks.Report

// New checks the configuration, all of it, and returns a Prober, or every error joined.
// It touches no network.
func New(cfg Config) (*Prober, error) {
	set, err := settle(cfg)
	if err != nil {
		return nil, err
	}
	res, err := newResolver(set)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if set.lab != nil && len(set.lab.ca) > 0 && !roots.AppendCertsFromPEM(set.lab.ca) {
		return nil, errors.New("checks: lab.ca holds no certificate in PEM form")
	}
	return &Prober{
		set: set, resolver: res, roots: roots, kinds: checks(),
		flights: newFlights(set.CacheFor), budget: newBudget(set.Budget),
		slots: make(chan struct{}, maxFlights),
	}, nil
}

// checks is the table of kinds. "incident" and "inventory" are not here: they are
// answered from the store.
func checks() map[string]check {
	return map[string]check{
		"rdap": checkRDAP, "dns": checkDNS, "http": checkHTTP, "tls": checkTLS, "tcp": checkTCP, "ping": checkPing,
		"mx": checkMX, "smtp": checkSMTP, "imap": checkIMAP, "spf": checkSPF, "dkim": checkDKIM,
		"dmarc": checkDMARC, "ptr": checkPTR, "dnsbl": checkDNSBL,
	}
}

// Close ends the checks under way and waits for them.
func (p *Prober) Close() { p.flights.close() }

// Run carries out the requests, six at a time, and returns one report for each id,
// when all are done or ctx ends: what was not done by then is unknown. who is an
// opaque key of the person who asks, for the budget; "" is the bot itself, which only
// the target and global budgets bound.
func (p *Prober) Run(ctx context.Context, who string, requests map[string]runbooks.Request) map[string]runbooks.Report {
	out := make(map[string]runbooks.Report, len(requests))
	var mu sync.Mutex
	put := func(id string, rep runbooks.Report) {
		mu.Lock()
		defer mu.Unlock()
		out[id] = rep
	}
	var wg sync.WaitGroup
	lanes := make(chan struct{}, maxParallel)
	for i, id := range slices.Sorted(maps.Keys(requests)) {
		req := requests[id]
		if i >= maxChecks {
			put(id, p.unknown(req.Kind, "too many checks at once"))
			continue
		}
		wg.Go(func() {
			rep := p.unknown(req.Kind, "no time left")
			select {
			case lanes <- struct{}{}:
				rep = p.one(ctx, who, req)
				<-lanes
			case <-ctx.Done():
			}
			put(id, rep)
		})
	}
	wg.Wait()
	return out
}

// unknown is the report of a check that could not be made.
func (p *Prober) unknown(kind, why string) runbooks.Report {
	return runbooks.Report{Kind: clean(kind, 40), Verdict: runbooks.Unknown, At: time.Now().UTC(), Detail: clean(why, maxDetail)}
}

// one carries out one request: out of the cache, along with an equal one under way, or anew.
func (p *Prober) one(ctx context.Context, who string, req runbooks.Request) runbooks.Report {
	do, known := p.kinds[req.Kind]
	if !known {
		return p.unknown(req.Kind, "not a kind that a probe carries out")
	}
	if err := checkArgs(req); err != nil {
		return p.unknown(req.Kind, err.Error())
	}
	charge := func() error { return p.budget.take(who, targetOf(req)) }
	// A little less than the caller has, so that a repeat that does not fit is left out
	// rather than the caller left without any answer.
	limit := left(ctx, p.set.Timeout)
	limit -= limit / 20
	rep, err := p.flights.do(ctx, flightKey(req), charge, func(ctx context.Context) runbooks.Report {
		return p.fly(ctx, limit, do, req)
	})
	if err != nil {
		return p.unknown(req.Kind, err.Error())
	}
	return rep
}

// checkArgs holds a request against the kind's schema.
func checkArgs(req runbooks.Request) error {
	kind := runbooks.Kinds()[req.Kind]
	for _, name := range kind.Required {
		if strings.TrimSpace(req.Args[name]) == "" {
			return fmt.Errorf("argument %s is missing", name)
		}
	}
	for name, value := range req.Args {
		if _, ok := kind.Args[name]; !ok {
			return errors.New("an argument that this kind does not have")
		}
		if len(value) > maxURL+100 {
			return fmt.Errorf("argument %s is too long", name)
		}
	}
	return nil
}

// fly carries out one check with its repeat, within limit.
func (p *Prober) fly(ctx context.Context, limit time.Duration, do check, req runbooks.Request) runbooks.Report {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	begin := time.Now()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return p.unknown(req.Kind, "too many checks at once")
	}
	rep := p.attempt(ctx, do, req)
	if blames(rep) {
		// The canaries are looked at during the pause before the repeat.
		took, up := time.Since(begin), true
		together(
			func() { rep = p.confirm(ctx, rep, took, func() runbooks.Report { return p.attempt(ctx, do, req) }) },
			func() { up = p.networkUp(ctx) },
		)
		if blames(rep) && !up {
			rep = p.unknown(req.Kind, "our canaries do not answer either: our own network is down")
		}
	}
	rep.Kind = req.Kind
	rep.MS = time.Since(begin).Milliseconds()
	rep.At = time.Now().UTC()
	rep.Detail = clean(rep.Detail, maxDetail)
	return rep
}

// attempt runs a check once. A panic, were there one, is our fault and concludes nothing.
func (p *Prober) attempt(ctx context.Context, do check, req runbooks.Request) (rep runbooks.Report) {
	defer func() {
		if r := recover(); r != nil {
			rep = p.unknown(req.Kind, "internal error")
		}
	}()
	begin := time.Now()
	rep = do(ctx, newAttempt(p), req.Args)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return p.unknown(req.Kind, "stopped")
	case left(ctx, time.Hour) < 20*time.Millisecond && blames(rep) && time.Since(begin) < p.set.Attempt:
		// The caller's time ran out, not the patience due to the other side.
		return p.unknown(req.Kind, "no time left")
	}
	return rep
}

// confirm repeats a negative once, if there is time (not one of the guard's own), and keeps the second word: a
// fault that went away is not one to tell.
func (p *Prober) confirm(ctx context.Context, first runbooks.Report, took time.Duration, again func() runbooks.Report) runbooks.Report {
	if first.Verdict == "blocked_target" || p.set.ConfirmAfter < 0 {
		return first
	}
	if d, ok := ctx.Deadline(); ok && time.Until(d) < p.set.ConfirmAfter+took+p.set.ConfirmAfter/3 {
		return first
	}
	select {
	case <-time.After(p.set.ConfirmAfter):
	case <-ctx.Done():
		return first
	}
	second := again()
	switch {
	case second.Verdict == first.Verdict:
		second.Confirmed = true
	case second.Verdict == runbooks.Unknown:
		return first
	default:
		second.Detail = fmt.Sprintf("flaps: first %s; %s", first.Verdict, second.Detail)
	}
	return second
}

// blames says that a report finds fault with somebody: it is worth a repeat and a
// look at the canaries.
func blames(r runbooks.Report) bool {
	switch r.Verdict {
	case runbooks.OK, runbooks.Unknown, "active", "clean", "expires_soon":
		return r.Fields["v4"] == "fail" || r.Fields["v6"] == "fail"
	}
	return true
}

// attempt is the state of one attempt at one check: what it has resolved, so that a
// name has one meaning from the first look to the last connect.
type attempt struct {
	*Prober
	mu   sync.Mutex
	seen map[string]*resolution
}

type resolution struct {
	once  sync.Once
	addrs []vetted
	err   error
}

func newAttempt(p *Prober) *attempt {
	return &attempt{Prober: p, seen: map[string]*resolution{}}
}

// resolve gives the vetted addresses of a host, resolved once per attempt.
func (a *attempt) resolve(ctx context.Context, h host) ([]vetted, error) {
	if h.addr.IsValid() {
		v, err := a.set.guard.vet(h.name, h.addr)
		return []vetted{v}, err
	}
	a.mu.Lock()
	r := a.seen[h.name]
	if r == nil {
		r = &resolution{}
		a.seen[h.name] = r
	}
	a.mu.Unlock()
	r.once.Do(func() {
		addrs, err := a.resolver.hosts(ctx, h.name)
		if err != nil {
			r.err = err
			return
		}
		r.addrs, r.err = a.set.guard.vetAll(h.name, addrs)
	})
	return r.addrs, r.err
}

// errFamily says that a host has no address of the family that was asked for: nothing
// can be concluded about the machine.
var errFamily = errors.New("no address of that family")

// resolveFamily is resolve for one family, "4" or "6"; "" means both.
func (a *attempt) resolveFamily(ctx context.Context, h host, family string) ([]vetted, error) {
	addrs, err := a.resolve(ctx, h)
	if err != nil || family == "" {
		return addrs, err
	}
	if family != "4" && family != "6" {
		return nil, fmt.Errorf("%w: %q", errFamily, clean(family, 10))
	}
	out := slices.DeleteFunc(slices.Clone(addrs), func(v vetted) bool { return v.is4() != (family == "4") })
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: IPv%s", errFamily, family)
	}
	return out, nil
}

// verdict makes a report of a verdict and fields.
func verdict(v runbooks.Verdict, fields map[string]any, detail string) runbooks.Report {
	return runbooks.Report{Verdict: v, Fields: fields, Detail: detail}
}

// because makes a report of a verdict and an error.
func because(v runbooks.Verdict, err error) runbooks.Report {
	return runbooks.Report{Verdict: v, Detail: fmt.Sprint(err)}
}
