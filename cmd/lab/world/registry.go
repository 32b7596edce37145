package world

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Domain is what the registry says of one. The zero value is unregistered.
type Domain struct {
	Registrar  string
	Registered time.Time
	Expires    time.Time // zero means that the registry does not tell
	Status     []string  // "active", "client hold", "redemption period", "pending delete"…
	NS         []string
}

// Healthy is a domain registered long ago, that expires in 200 days.
func Healthy() Domain {
	now := time.Now()
	return Domain{Registrar: "Gestionnaire de noms SARL", Registered: now.AddDate(-4, 0, 0), Expires: now.AddDate(0, 0, 200),
		Status: []string{"active"}, NS: []string{"ns1.lab.test", "ns2.lab.test"}}
}

// A Registry is the RDAP service of the top-level domain .test, served at https://rdap.nic.test/.
type Registry struct {
	mu      sync.Mutex
	domains map[string]Domain
	down    bool
}

// Set changes what is known of a domain.
func (r *Registry) Set(name string, d Domain) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.domains[strings.ToLower(name)] = d
}

// Forget makes a domain unregistered.
func (r *Registry) Forget(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.domains, strings.ToLower(name))
}

// SetDown has the registry answer 503 to everything, or no longer.
func (r *Registry) SetDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

// ServeHTTP answers /domain/NAME.
func (r *Registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	name, ok := strings.CutPrefix(req.URL.Path, "/domain/")
	r.mu.Lock()
	d, known := r.domains[strings.ToLower(strings.TrimSuffix(name, "."))]
	down := r.down
	r.mu.Unlock()
	w.Header().Set("Content-Type", "application/rdap+json")
	switch {
	case down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case !ok || !known:
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(map[string]any{"errorCode": 404, "title": "Not Found"})
	default:
		_ = json.NewEncoder(w).Encode(d.rdap(name))
	}
}

// rdap is the domain as RFC 9083 has it, of which this is the part that registries fill.
func (d Domain) rdap(name string) map[string]any {
	events := []map[string]string{{"eventAction": "registration", "eventDate": rdapTime(d.Registered)}}
	if !d.Expires.IsZero() {
		events = append(events, map[string]string{"eventAction": "expiration", "eventDate": rdapTime(d.Expires)})
	}
	ns := []map[string]string{}
	for _, n := range d.NS {
		ns = append(ns, map[string]string{"objectClassName": "nameserver", "ldhName": n})
	}
	return map[string]any{
		"objectClassName": "domain",
		"rdapConformance": []string{"rdap_level_0"},
		"ldhName":         name,
		"status":          d.Status,
		"events":          events,
		"nameservers":     ns,
		"entities": []map[string]any{{
			"objectClassName": "entity",
			"roles":           []string{"registrar"},
			"vcardArray":      []any{"vcard", []any{[]any{"version", map[string]any{}, "text", "4.0"}, []any{"fn", map[string]any{}, "text", d.Registrar}}},
		}},
	}
}

// rdapTime is how the registry writes an instant.
func rdapTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
