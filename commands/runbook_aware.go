package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// startOptions is what is known when a dialogue begins. Somebody who speaks for
// exactly one site of the register, and names no other, is not asked for its
// address; not in a public room, where the answer would tell whose it is.
func (t *Table) startOptions(c *Call, rb *runbooks.Runbook, utterance string) runbooks.StartOptions {
	o := runbooks.StartOptions{Lang: c.Lang(), Utterance: utterance, Private: c.Private(), Now: c.Now}
	domain := t.domainOf(c)
	wants := slices.ContainsFunc(rb.Facts, func(f runbooks.Fact) bool {
		return f.Name == "domain" && f.Type == runbooks.AskDomain && slices.Contains(f.From, "member")
	})
	if domain == "" || !wants || !c.Private() && c.Room.Audience != Members && c.Room.Audience != Staff {
		return o
	}
	if s, _, err := runbooks.Start(t.lib, rb, o); err != nil || s.Given["domain"] != "" {
		return o
	}
	o.Facts = map[string]string{"domain": domain}
	return o
}

// domainOf is the one site that the speaker is a contact of, by an identity that
// a network vouches for.
func (t *Table) domainOf(c *Call) string {
	var ids []string
	if c.Msg.From.Known() {
		ids = append(ids, c.Msg.From.Key())
		if c.person != nil {
			ids = append(ids, c.person.Identities...)
		}
	}
	found := ""
	for _, s := range t.cfg.Sites {
		if !slices.ContainsFunc(s.Contacts, func(id string) bool { return slices.Contains(ids, id) }) {
			continue
		}
		if found != "" {
			return "" // several: ask which
		}
		found = s.Domain
	}
	return found
}

// checkSites looks at the register.
func (c *Config) checkSites(networks []string, add func(path, message, hint string)) {
	for i, s := range c.Sites {
		if s.Domain == "" {
			add(fmt.Sprintf("sites[%d].domain", i), "a site needs its name", "write domain: asso.example")
		}
		for j, id := range s.Contacts {
			network, account, ok := strings.Cut(id, "/")
			if !ok || account == "" || !slices.Contains(networks, network) {
				add(fmt.Sprintf("sites[%d].contacts[%d]", i, j), fmt.Sprintf("%q is not an identity", id),
					"write NETWORK/ACCOUNT (a services account on IRC, @name:server on Matrix)")
			}
		}
	}
}

// awareNote names the note of the incidents that a dialogue has been told of.
func awareNote(d store.Dialog) string { return "aware/" + d.Key() }

// mindIncidents tells, once, of an incident that has opened since the dialogue
// began and may be what it is about.
func (k *talk) mindIncidents() {
	if k.s.State == runbooks.Ended || k.s.Parked {
		return
	}
	services := k.services()
	for _, i := range k.Tx.Incidents() {
		id := strconv.Itoa(i.N)
		told := strings.Fields(k.Tx.Note(awareNote(k.d)))
		fresh := i.Open() && i.Public() && i.Opened.After(k.s.Started)
		if !fresh || !slices.Contains(services, i.Service) || slices.Contains(told, id) || k.metIncident(id) {
			continue
		}
		k.Tx.SetNote(awareNote(k.d), strings.Join(append(told, id), " "))
		k.text = slices.Insert(k.text, 0, k.table.words.Say(k.lang(), "runbook.incident_meanwhile",
			words.Args{"Service": k.table.serviceTitle(k.lang(), i.Service), "URL": k.table.cfg.Incidents.InfoURL}))
	}
}

// services are those that the dialogue may be about: the one that its runbooks'
// intents name, and those whose incidents it has asked for.
func (k *talk) services() []string {
	var out []string
	for _, f := range k.s.Frames {
		if rb, ok := k.lib.ByHash(f.Hash); ok {
			for _, intent := range rb.Intents {
				out = append(out, k.table.serviceFor(intent))
			}
		}
	}
	for _, r := range k.s.Runs {
		if r.Request.Kind == "incident" {
			out = append(out, strings.FieldsFunc(r.Request.Args["services"], func(r rune) bool { return r == ',' || r == ' ' })...)
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// metIncident tells whether a check of this dialogue has found that incident.
func (k *talk) metIncident(id string) bool {
	return slices.ContainsFunc(k.s.Runs, func(r runbooks.Run) bool {
		return r.Request.Kind == "incident" && r.Report.Fields["id"] == id
	})
}

// closing does what every end of a dialogue brings with it: it is counted, and
// whoever stopped because of an incident is told when that is over.
func (k *talk) closing() {
	k.table.countRun(k.Tx, k.lib, k.s)
	if k.s.Outcome == runbooks.Cancelled {
		for _, id := range strings.Fields(k.Tx.Note(awareNote(k.d))) {
			k.table.followIncident(k.Turn, k.d.Person, id)
		}
	}
	k.Tx.SetNote(awareNote(k.d), "")
}
