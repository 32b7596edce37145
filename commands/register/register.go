// Package register is the register of members: which associations the host
// serves, who speaks for each, on which domains and services, and since when that
// was last confirmed. It is read from a file that people keep (CSV out of a
// spreadsheet, or YAML), and is plain data: it knows no store, no network and
// no command. A Register is immutable and safe for concurrent use.
package register

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Member is one association of the register.
type Member struct {
	// Association is its name, as people write it.
	Association string `yaml:"association"`
	// People speak for it: identities, "network/account".
	People []string `yaml:"people"`
	// Contact is who of them is asked once a year whether all this still holds;
	// empty for the first of People.
	Contact string `yaml:"contact"`
	// Confirmed is the day when that was last known to be right; zero: never.
	Confirmed Day `yaml:"confirmed"`
	// Site is where its machines stand.
	Site     string   `yaml:"site"`
	Services []string `yaml:"services"`
	Domains  []Domain `yaml:"domains"`
}

// Asked is who is asked to confirm the entry, empty when nobody can be.
func (m Member) Asked() string {
	if m.Contact == "" && len(m.People) > 0 {
		return m.People[0]
	}
	return m.Contact
}

// Speaks tells whether an identity speaks for the association.
func (m Member) Speaks(identity string) bool {
	return m.Contact == identity && identity != "" || slices.Contains(m.People, identity)
}

// Uses tells whether the association uses a service, by itself or for a domain.
func (m Member) Uses(service string) bool {
	return slices.Contains(m.Services, service) ||
		slices.ContainsFunc(m.Domains, func(d Domain) bool { return d.Service == service })
}

// Domain is a name that an association uses, and the service that serves it:
// written "cinema.example.org", or "cinema.example.org:web".
type Domain struct{ Name, Service string }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Domain) UnmarshalText(raw []byte) error {
	name, service, _ := strings.Cut(strings.TrimSpace(string(raw)), ":")
	d.Name, d.Service = strings.TrimSuffix(strings.ToLower(name), "."), service
	return nil
}

// Day is a date without an hour, written 2026-01-31.
type Day struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Day) UnmarshalText(raw []byte) error {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(string(raw)))
	d.Time = t
	return err
}

// Register finds its members by what people say of them.
type Register struct {
	members []Member
	domains map[string]int // bare domain → index of members
}

// New makes a Register. Entries of the same association, whatever its case and
// accents, become one: the host may write sites in one place and people in another.
func New(entries ...Member) *Register {
	r := &Register{domains: map[string]int{}}
	for _, m := range entries {
		i := slices.IndexFunc(r.members, func(o Member) bool { return Fold(o.Association) == Fold(m.Association) })
		if i < 0 || m.Association == "" {
			r.members = append(r.members, m.clone())
			continue
		}
		r.members[i] = r.members[i].with(m)
	}
	for i, m := range r.members {
		for j, d := range m.Domains {
			if d.Service == "" && len(m.Services) > 0 {
				r.members[i].Domains[j].Service = m.Services[0]
			}
			if _, dup := r.domains[bare(d.Name)]; !dup {
				r.domains[bare(d.Name)] = i
			}
		}
	}
	return r
}

func (m Member) clone() Member {
	m.People, m.Services, m.Domains = slices.Clone(m.People), slices.Clone(m.Services), slices.Clone(m.Domains)
	return m
}

// with adds what another entry of the same association says.
func (m Member) with(o Member) Member {
	m.Contact, m.Site = cmp.Or(m.Contact, o.Contact), cmp.Or(m.Site, o.Site)
	if o.Confirmed.After(m.Confirmed.Time) {
		m.Confirmed = o.Confirmed
	}
	m.People, m.Services = union(m.People, o.People), union(m.Services, o.Services)
	for _, d := range o.Domains {
		i := slices.IndexFunc(m.Domains, func(k Domain) bool { return bare(k.Name) == bare(d.Name) })
		if i < 0 {
			m.Domains = append(m.Domains, d)
		} else if m.Domains[i].Service == "" {
			m.Domains[i].Service = d.Service
		}
	}
	return m
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// Members lists the associations in the order of the file.
func (r *Register) Members() []Member { return slices.Clone(r.members) }

// Find is the association of that name, whatever its case and accents.
func (r *Register) Find(association string) (Member, bool) {
	i := slices.IndexFunc(r.members, func(m Member) bool { return association != "" && Fold(m.Association) == Fold(association) })
	if i < 0 {
		return Member{}, false
	}
	return r.members[i], true
}

// Of lists the associations that one of these identities speaks for.
func (r *Register) Of(identities ...string) []Member {
	return r.which(func(m Member) bool { return slices.ContainsFunc(identities, m.Speaks) })
}

// On lists the associations that use a service; at, when it is not empty, is the
// only site that counts: an association whose site nobody wrote counts everywhere.
func (r *Register) On(service, at string) []Member {
	return r.which(func(m Member) bool {
		return m.Uses(service) && (at == "" || m.Site == "" || Fold(m.Site) == Fold(at))
	})
}

func (r *Register) which(keep func(Member) bool) []Member {
	var out []Member
	for _, m := range r.members {
		if keep(m) {
			out = append(out, m)
		}
	}
	return out
}

// Domain is whose a domain is, and what serves it: the name itself, or the
// registered name that it is under. "www." does not matter.
func (r *Register) Domain(name string) (Member, Domain, bool) {
	for name = bare(name); strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		i, ok := r.domains[name]
		if !ok {
			continue
		}
		m := r.members[i]
		j := slices.IndexFunc(m.Domains, func(d Domain) bool { return bare(d.Name) == name })
		return m, m.Domains[j], true
	}
	return Member{}, Domain{}, false
}

// bare is a domain as domains are compared.
func bare(name string) string {
	return strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), "."), "www.")
}

// Fold makes names comparable: small letters, no accents, single spaces.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
