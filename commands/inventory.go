package commands

import (
	"strings"

	"vigie/bot"
	"vigie/runbooks"
)

// Site is one site that the host serves, as the register knows it.
type Site struct {
	Domain      string `yaml:"domain"`
	Association string `yaml:"association"`
	Service     string `yaml:"service"`
	Server      string `yaml:"server"`
	// Canary is a page on the same server that must always answer.
	Canary string `yaml:"canary"`
	// Contacts are who speaks for it: "network/account". Known in private, they are
	// not asked which site they mean.
	Contacts []string `yaml:"contacts"`
	// Suspended says that the site was closed on purpose.
	Suspended bool `yaml:"suspended"`
}

// checkInventory answers the check of that kind from the register.
func (t *Table) checkInventory(turn *bot.Turn, req runbooks.Request) runbooks.Report {
	rep := runbooks.Report{Kind: "inventory", Verdict: runbooks.Unknown, At: turn.Now,
		Fields: map[string]any{"service": "", "server": "", "canary_url": "", "quota_pct": int64(-1)}}
	if len(t.cfg.Sites) == 0 {
		return rep
	}
	rep.Verdict = "not_hosted"
	domain := strings.TrimPrefix(strings.ToLower(req.Args["domain"]), "www.")
	for _, s := range t.cfg.Sites {
		if domain != strings.TrimPrefix(strings.ToLower(s.Domain), "www.") {
			continue
		}
		rep.Verdict = "hosted"
		if s.Suspended {
			rep.Verdict = "suspended"
		}
		rep.Fields["service"], rep.Fields["server"], rep.Fields["canary_url"] = s.Service, s.Server, s.Canary
	}
	return rep
}
