package commands

import (
	"slices"
	"strings"

	"vigie/runbooks"
)

// refused answers the check that its target does not allow: anyone may have a
// name, a certificate and a page looked at, which is what every visitor does;
// a knock at other doors is for what a member has registered, or for the host's
// own. The member reads that it could not be tested, the sysadmins read why.
func (k *talk) refused(req runbooks.Request) (runbooks.Report, bool) {
	if forEverybody(req) {
		return runbooks.Report{}, false
	}
	host := canonicalHost(req.Args["host"])
	if u := req.Args["url"]; u != "" {
		host = canonicalHost(hostOfURL(u))
	}
	if host != "" && (k.table.registered(host) || k.table.hostsOwn(host) || k.takesMailOfMember(host)) {
		return runbooks.Report{}, false
	}
	return runbooks.Report{Kind: req.Kind, Verdict: runbooks.Unknown, At: k.Now,
		Detail: "not made: " + req.Kind + " is only for sites in the register, their mail servers, and the host's own machines"}, true
}

// forEverybody tells the checks that may be made of any target. ptr and dnsbl ask
// the DNS alone.
func forEverybody(req runbooks.Request) bool {
	switch req.Kind {
	case "dns", "mx", "spf", "dkim", "dmarc", "rdap", "ptr", "dnsbl":
		return true
	case "tls":
		return req.Args["starttls"] == "" && slices.Contains([]string{"", "443", "80"}, req.Args["port"])
	case "http":
		port := portOfURL(req.Args["url"])
		return slices.Contains([]string{"", "443", "80"}, port)
	}
	return false
}

// registered tells whether a name is a site of the register, or under one.
func (t *Table) registered(host string) bool {
	return slices.ContainsFunc(t.cfg.Sites, func(s Site) bool {
		domain := strings.TrimPrefix(canonicalHost(s.Domain), "www.")
		return domain != "" && (host == domain || strings.HasSuffix(host, "."+domain))
	})
}

// hostsOwn tells whether the configuration names this very machine among the
// host's values, as smtp, imap, ftp, sip and mx do. Web and mail addresses are
// not names of machines: a donation page belongs to somebody else.
func (t *Table) hostsOwn(host string) bool {
	for _, value := range t.cfg.Host {
		if !strings.ContainsAny(value, "/@ ") && strings.ContainsAny(value, ".:") && canonicalHost(value) == host {
			return true
		}
	}
	return false
}

// takesMailOfMember tells whether this session has found that a registered
// domain has its mail brought to this machine.
func (k *talk) takesMailOfMember(host string) bool {
	for _, run := range k.s.Runs {
		if run.Request.Kind != "mx" || !k.table.registered(canonicalHost(run.Request.Args["domain"])) {
			continue
		}
		switch hosts := run.Report.Fields["hosts"].(type) { // []any once the session has been stored
		case []string:
			if slices.ContainsFunc(hosts, func(h string) bool { return canonicalHost(h) == host }) {
				return true
			}
		case []any:
			if slices.ContainsFunc(hosts, func(h any) bool { s, _ := h.(string); return canonicalHost(s) == host }) {
				return true
			}
		}
	}
	return false
}

// canonicalHost is a name as names are compared. It makes no name valid: what
// the prober finds malformed it refuses.
func canonicalHost(s string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".")
}

// authority is the part of a URL between the slashes and the path, without the
// user. Checks are made of https when no scheme is named.
func authority(u string) string {
	if _, rest, ok := strings.Cut(u, "://"); ok {
		u = rest
	}
	if i := strings.IndexAny(u, `/?#\`); i >= 0 {
		u = u[:i]
	}
	return u[strings.LastIndexByte(u, '@')+1:]
}

func hostOfURL(u string) string {
	a := authority(u)
	if strings.HasPrefix(a, "[") {
		host, _, _ := strings.Cut(a[1:], "]")
		return host
	}
	host, _, _ := strings.Cut(a, ":")
	return host
}

func portOfURL(u string) string {
	a := authority(u)
	if i := strings.LastIndexByte(a, ']'); i >= 0 {
		a = a[i:]
	}
	_, port, _ := strings.Cut(a, ":")
	return port
}
