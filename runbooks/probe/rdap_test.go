package probe

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/runbooks"
)

// rdapJSON is a domain object as registries write it.
func rdapJSON(status string, events ...string) string {
	return fmt.Sprintf(`{"objectClassName":"domain","ldhName":"SITE.TEST","status":[%s],"events":[%s],
		"nameservers":[{"ldhName":"NS1.HOST.TEST."},{"ldhName":"ns2.host.test"}],
		"entities":[{"roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","A Person"]]]},
		{"roles":["registrar"],"handle":"42","vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Gandi\u0007 SAS"]]]}]}`,
		status, strings.Join(events, ","))
}

func event(action string, in time.Duration) string {
	return fmt.Sprintf(`{"eventAction":%q,"eventDate":%q}`, action, time.Now().Add(in+time.Hour).UTC().Format(time.RFC3339))
}

// registry serves RDAP for .test.
func (w *world) registry(h http.HandlerFunc) {
	w.rr("rdap.test. 60 IN A 185.96.30.1")
	w.connect("rdap.test:443", web(w.t, w.ca.issue(nil, "rdap.test"), h))
}

func TestRDAPVerdicts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		want runbooks.Verdict
		body string
	}{
		{"active", "active", rdapJSON(`"active"`, event("expiration", 300*day))},
		{"no date", "active", rdapJSON(`"active"`)},
		{"soon", "expires_soon", rdapJSON(`"active"`, event("expiration", 12*day))},
		{"expired", "expired", rdapJSON(`"active"`, event("expiration", -3*day))},
		{"renewed by the registry only", "expired", rdapJSON(`"auto renew period"`, event("expiration", 360*day), event("registrar expiration", -5*day))},
		{"held", "hold", rdapJSON(`"client hold","auto renew period"`, event("expiration", 360*day))},
		{"held, epp spelling", "hold", rdapJSON(`"serverHold"`, event("expiration", 360*day))},
		{"redemption", "redemption", rdapJSON(`"pending delete","redemption period"`, event("expiration", -33*day))},
		{"pending delete", "pending_delete", rdapJSON(`"pending delete"`, event("expiration", -70*day))},
		{"pending delete is over", "pending_delete", rdapJSON(`"pendingDelete","client hold"`)},
		{"not rdap", "unknown", `<html>`},
		{"not a domain", "unknown", `{"objectClassName":"entity"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			var asked string
			w.registry(func(rw http.ResponseWriter, r *http.Request) {
				asked = r.URL.Path
				_, _ = io.WriteString(rw, tt.body)
			})
			rep := w.want(tt.want, nil, "rdap", "domain", "www.Site.test")
			if asked != "/domain/site.test" {
				t.Errorf("asked %q", asked)
			}
			if tt.want != "unknown" && (rep.Fields["registrar"] != "Gandi SAS" || !equalField(rep.Fields["ns"], []string{"ns1.host.test", "ns2.host.test"})) {
				t.Errorf("fields %v", rep.Fields)
			}
		})
	}
}

func TestRDAPFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registry(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(rw, rdapJSON(`"active","client transfer prohibited"`, event("registration", -900*day), event("expiration", 12*day)))
	})
	rep := w.want("expires_soon", map[string]any{"days_left": int64(12), "expiry_known": true, "status": []string{"active", "client transfer prohibited"}}, "rdap", "domain", "site.test")
	if rep.Confirmed {
		t.Error("a date needs no second look")
	}
}

func TestRDAPNotRegistered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registry(http.NotFound)
	if rep := w.want("not_registered", nil, "rdap", "domain", "site.test"); !rep.Confirmed {
		t.Error("not registered was said after one look")
	}
	// The general service does not know the suffix: that says nothing of the name.
	w.rr("rdap-any.test. 60 IN A 185.96.30.2")
	w.connect("rdap-any.test:443", web(t, w.ca.issue(nil, "rdap-any.test"), func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".org") {
			http.Redirect(rw, r, "https://rdap.test"+r.URL.Path, http.StatusFound)
			return
		}
		http.NotFound(rw, r)
	}))
	w.want(runbooks.Unknown, nil, "rdap", "domain", "site.nowhere")
	w.want("not_registered", nil, "rdap", "domain", "site.org")
}

func TestRDAPTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(runbooks.Unknown, nil, "rdap", "domain", "site.test")
	w.want(runbooks.Unknown, nil, "rdap", "domain", "127.0.0.1")
	s, at := newSentinel(t)
	w.connect("127.0.0.1:443", at)
	w.registry(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://127.0.0.1/domain/x", http.StatusFound)
	})
	w.want(runbooks.Unknown, nil, "rdap", "domain", "site.test")
	w.registry(func(rw http.ResponseWriter, r *http.Request) { http.Error(rw, "slow down", http.StatusTooManyRequests) })
	w.want(runbooks.Unknown, nil, "rdap", "domain", "site.test")
	if s.hits.Load() != 0 {
		t.Error("a registry led to loopback")
	}
}
