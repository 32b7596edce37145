package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/runbooks"
)

// maxRDAP bounds a registration answer in bytes.
const maxRDAP = 256 << 10

// rdapDomain is what we read of RFC 9083.
type rdapDomain struct {
	ObjectClassName string       `json:"objectClassName"`
	Status          []string     `json:"status"`
	Events          []rdapEvent  `json:"events"`
	Nameservers     []rdapServer `json:"nameservers"`
	Entities        []rdapEntity `json:"entities"`
}

type rdapEvent struct {
	Action string `json:"eventAction"`
	Date   string `json:"eventDate"`
}

type rdapServer struct {
	Name string `json:"ldhName"`
}

type rdapEntity struct {
	Roles  []string          `json:"roles"`
	Handle string            `json:"handle"`
	VCard  []json.RawMessage `json:"vcardArray"`
}

// checkRDAP asks the registry about the registered part of a domain. Status comes
// before date: a registry renews a gTLD by itself on its last day and takes that back
// weeks later, so the date alone calls a parked or held domain healthy.
func checkRDAP(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	name, err := parseDomain(strings.TrimSpace(args["domain"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	name = registered(name)
	base, registry := a.rdapBase(name)
	u, err := parseURL(strings.TrimSuffix(base, "/") + "/domain/" + name)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	p, err := a.follow(ctx, u, anyFamily, maxRDAP, false)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	if p.status == 404 {
		// A redirecting service says 404 for suffixes it does not know.
		if !registry && p.hops == 0 {
			return verdict(runbooks.Unknown, nil, "no registry data service is known for this suffix")
		}
		return verdict("not_registered", map[string]any{"expiry_known": false}, "HTTP 404")
	}
	var d rdapDomain
	if p.status != 200 || json.Unmarshal(p.body, &d) != nil || !strings.EqualFold(d.ObjectClassName, "domain") {
		return verdict(runbooks.Unknown, nil, fmt.Sprintf("HTTP %d, not a domain in RDAP", p.status))
	}
	return a.judgeRDAP(d, time.Now())
}

// rdapBase gives the base URL for a domain, by its longest known suffix, and whether it
// is a registry's own.
func (a *attempt) rdapBase(name string) (string, bool) {
	for rest := name; rest != ""; {
		_, after, _ := strings.Cut(rest, ".")
		if base, ok := a.set.RDAP.Bootstrap[after]; ok && after != "" {
			return base, true
		}
		rest = after
	}
	return a.set.RDAP.Default, false
}

func (a *attempt) judgeRDAP(d rdapDomain, now time.Time) runbooks.Report {
	fields := map[string]any{"expiry_known": false, "status": []string{}, "ns": []string{}}
	status := cleanAll(d.Status, 16, 60)
	for i, s := range status {
		status[i] = strings.ToLower(s)
	}
	fields["status"] = status
	var ns []string
	for _, s := range d.Nameservers {
		ns = append(ns, strings.ToLower(strings.TrimSuffix(s.Name, ".")))
	}
	fields["ns"] = cleanAll(ns, 13, 253)
	if r := registrarOf(d.Entities); r != "" {
		fields["registrar"] = r
	}
	expires, known := expiryOf(d.Events)
	days := 0
	if known {
		days = wholeDays(expires.Sub(now))
		fields["expiry_known"], fields["expires"], fields["days_left"] = true, expires.UTC().Format(time.RFC3339), int64(days)
	}
	has := func(words ...string) bool {
		return slices.ContainsFunc(status, func(s string) bool { return slices.Contains(words, squash(s)) })
	}
	var v runbooks.Verdict = "active"
	switch {
	case has("redemptionperiod", "pendingrestore"):
		v = "redemption"
	case has("pendingdelete"):
		v = "pending_delete"
	case has("clienthold", "serverhold"):
		v = "hold"
	case known && expires.Before(now):
		v = "expired"
	case known && days <= a.set.ExpiresSoonDays:
		v = "expires_soon"
	}
	return verdict(v, fields, strings.Join(status, ", "))
}

// squash makes "client hold", "clientHold" and "client_hold" equal.
func squash(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(s))
}

// expiryOf finds the end of the registration: the registrar's own date, where the
// registry gives both, since that is the one that the owner pays for.
func expiryOf(events []rdapEvent) (time.Time, bool) {
	for _, action := range []string{"registrarexpiration", "expiration"} {
		for _, e := range events {
			if squash(e.Action) != action {
				continue
			}
			if t, err := time.Parse(time.RFC3339, e.Date); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// registrarOf reads the registrar's name out of its jCard, or its handle.
func registrarOf(entities []rdapEntity) string {
	for _, e := range entities {
		if !slices.ContainsFunc(e.Roles, func(r string) bool { return strings.EqualFold(r, "registrar") }) {
			continue
		}
		if name, err := cardName(e.VCard); err == nil && name != "" {
			return clean(name, 120)
		}
		return clean(e.Handle, 120)
	}
	return ""
}

var errNoCard = errors.New("no name in the card")

func cardName(card []json.RawMessage) (string, error) {
	if len(card) < 2 {
		return "", errNoCard
	}
	var properties [][]json.RawMessage
	if err := json.Unmarshal(card[1], &properties); err != nil {
		return "", errNoCard
	}
	for _, p := range properties {
		var name, value string
		if len(p) < 4 || json.Unmarshal(p[0], &name) != nil || name != "fn" {
			continue
		}
		if json.Unmarshal(p[3], &value) == nil {
			return value, nil
		}
	}
	return "", errNoCard
}

// wholeDays rounds down, so that "0 days left" means today.
func wholeDays(d time.Duration) int {
	days := int(d / (24 * time.Hour))
	if d < 0 && d%(24*time.Hour) != 0 {
		days--
	}
	return days
}
