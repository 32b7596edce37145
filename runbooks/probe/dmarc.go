package probe

import (
	"context"
	"strings"

	"vigie/runbooks"
)

// checkDMARC reads the policy of a domain, or of the registered domain above it.
func checkDMARC(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	domain, err := parseDomain(strings.TrimSpace(args["domain"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	found, err := a.texts(ctx, "_dmarc."+domain, "v=DMARC1")
	if top := registrable(domain); err == nil && len(found) == 0 && top != domain {
		found, err = a.texts(ctx, "_dmarc."+top, "v=DMARC1")
	}
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	fields := map[string]any{"policy": "", "rua": false}
	switch len(found) {
	case 0:
		return verdict("none", fields, "")
	case 1:
	default:
		return verdict("multiple", fields, "")
	}
	parts, ok := tags(found[0])
	policy := strings.ToLower(parts["p"])
	fields["rua"] = strings.HasPrefix(strings.ToLower(parts["rua"]), "mailto:")
	if !ok || parts["v"] != "DMARC1" || policy != "none" && policy != "quarantine" && policy != "reject" {
		return verdict("syntax", fields, found[0])
	}
	fields["policy"] = policy
	return verdict(runbooks.OK, fields, found[0])
}
