package register

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Problem is one mistake: where (members[3].domains[1]), what, and what to write instead.
type Problem struct{ Path, Message, Hint string }

// Known is what a register may name: the host's networks and services. Nil
// Services: any may be named.
type Known struct{ Networks, Services []string }

var domainForm = regexp.MustCompile(`^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$`)

// Check finds every mistake that a file's form alone does not show.
func Check(members []Member, known Known) []Problem {
	c := checker{known: known, names: map[string]string{}, domains: map[string]string{}}
	for i, m := range members {
		c.member(fmt.Sprintf("members[%d]", i), m)
	}
	return c.found
}

type checker struct {
	known          Known
	names, domains map[string]string // folded → where it stands first
	found          []Problem
}

func (c *checker) add(path, hint, format string, args ...any) {
	c.found = append(c.found, Problem{path, fmt.Sprintf(format, args...), hint})
}

func (c *checker) member(path string, m Member) {
	name := Fold(m.Association)
	switch first, twice := c.names[name]; {
	case name == "":
		c.add(path+".association", "write association: with its name", "an association needs its name")
	case twice:
		c.add(path+".association", "keep one entry, with all its people and domains", "%q is there already, at %s", m.Association, first)
	default:
		c.names[name] = path
	}
	for j, id := range m.People {
		c.identity(fmt.Sprintf("%s.people[%d]", path, j), id)
	}
	if m.Contact != "" {
		c.identity(path+".contact", m.Contact)
	}
	for j, s := range m.Services {
		c.service(fmt.Sprintf("%s.services[%d]", path, j), s)
	}
	for j, d := range m.Domains {
		c.domain(fmt.Sprintf("%s.domains[%d]", path, j), d)
	}
}

func (c *checker) identity(path, id string) {
	network, account, ok := strings.Cut(id, "/")
	if !ok || account == "" || strings.ContainsAny(id, " \t") || !slices.Contains(c.known.Networks, network) {
		c.add(path, "write NETWORK/ACCOUNT, with one of: "+strings.Join(c.known.Networks, ", ")+" (a services account on IRC, @name:server on Matrix)",
			"%q is not an identity", id)
	}
}

func (c *checker) service(path, s string) {
	if c.known.Services != nil && !slices.Contains(c.known.Services, s) {
		c.add(path, "the services are: "+strings.Join(c.known.Services, ", "), "%q is no service of the configuration", s)
	}
}

func (c *checker) domain(path string, d Domain) {
	if !domainForm.MatchString(d.Name) {
		c.add(path, "write it as cinema.example.org, or cinema.example.org:web to name its service", "%q is not a domain name", d.Name)
		return
	}
	if d.Service != "" {
		c.service(path, d.Service)
	}
	if first, twice := c.domains[bare(d.Name)]; twice {
		c.add(path, "a domain belongs to one association", "%s is there already, at %s", d.Name, first)
		return
	}
	c.domains[bare(d.Name)] = path
}
