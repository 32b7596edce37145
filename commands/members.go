package commands

import (
	"slices"
	"strings"

	"vigie/commands/register"
	"vigie/store"
)

// registered makes the register of what the members' file and "sites:" say, and
// adds the file's domains to Sites, so that checks, diagnoses and tickets know
// them all. What "sites:" says of a domain wins.
func (c *Config) registered() *register.Register {
	entries := slices.Clone(c.Members)
	for _, s := range c.Sites {
		m := register.Member{Association: s.Association, People: s.Contacts, Domains: []register.Domain{{Name: strings.ToLower(s.Domain), Service: s.Service}}}
		if s.Service != "" {
			m.Services = []string{s.Service}
		}
		entries = append(entries, m)
	}
	reg := register.New(entries...)
	sites := slices.Clone(c.Sites)
	for _, m := range reg.Members() {
		for _, d := range m.Domains {
			if !slices.ContainsFunc(sites, func(s Site) bool { return sameDomain(s.Domain, d.Name) }) {
				sites = append(sites, Site{Domain: d.Name, Association: m.Association, Service: d.Service, Contacts: m.People})
			}
		}
	}
	c.Sites = sites
	return reg
}

func sameDomain(a, b string) bool {
	bare := func(s string) string { return strings.TrimPrefix(canonicalHost(s), "www.") }
	return bare(a) == bare(b)
}

// membersOf are the associations that a person speaks for, by any of the
// identities that a network vouches for.
func (t *Table) membersOf(p store.Person) []register.Member { return t.register.Of(p.Identities...) }

// associationOf is the one association that a person surely speaks for; empty
// when there is none or several.
func (t *Table) associationOf(p store.Person) string {
	if of := t.membersOf(p); len(of) == 1 {
		return of[0].Association
	}
	return ""
}

// affected is how many associations trouble with a service concerns; at, when it is
// not empty, is the only site in trouble.
func (t *Table) affected(service, at string) int { return len(t.register.On(service, at)) }
