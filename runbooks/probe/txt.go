package probe

import (
	"context"
	"errors"
	"strings"

	"github.com/miekg/dns"
)

// texts returns the TXT records of a name that begin with a version tag, whole. A name
// that does not exist has none.
func (a *attempt) texts(ctx context.Context, name, version string) ([]string, error) {
	rec, err := a.resolver.lookup(ctx, name, dns.TypeTXT)
	if errors.Is(err, errNXDomain) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, rr := range rec.rrs {
		t, ok := rr.(*dns.TXT)
		if !ok {
			continue
		}
		whole := strings.Join(t.Txt, "")
		if len(whole) >= len(version) && strings.EqualFold(whole[:len(version)], version) {
			out = append(out, whole)
		}
	}
	return out, nil
}

// tags reads "k=v; k=v" as DKIM and DMARC write it. ok is false when a part is not that,
// or a key comes twice.
func tags(text string) (map[string]string, bool) {
	out := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		k, v, found := strings.Cut(part, "=")
		k = strings.ToLower(strings.TrimSpace(k))
		if _, twice := out[k]; !found || k == "" || twice {
			return nil, false
		}
		out[k] = strings.TrimSpace(v)
	}
	return out, true
}
