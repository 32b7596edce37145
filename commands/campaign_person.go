package commands

import (
	"slices"
	"strings"
	"time"

	"vigie/commands/words"
	"vigie/store"
)

// PersonCaps are how often one person may be spoken to about gifts at most: never unasked,
// only after thanks, in private.
type PersonCaps struct {
	// PerYear is how many times in any 365 days; 0 for never.
	PerYear int `yaml:"per_year"`
	// Every is the least time between two of them.
	Every time.Duration `yaml:"every"`
	// Fewer is for how long nothing is said after "!don moins".
	Fewer time.Duration `yaml:"fewer"`
}

// year is how long back PerYear counts.
const year = 365 * 24 * time.Hour

func defaultPersonCaps() PersonCaps {
	return PersonCaps{PerYear: 2, Every: 90 * 24 * time.Hour, Fewer: year}
}

// askedNote and fewerNote keep when somebody was asked, and when they wanted fewer of it.
func askedNote(person string) string { return "asked-person/" + person }
func fewerNote(person string) string { return "asked-fewer/" + person }

// mention adds one line about the running campaign to an answer that ended well, in
// private. It keeps quiet when anything speaks against it: the gate, the person's caps, a
// ticket of theirs that waits.
func (t *Table) mention(c *Call) {
	if !c.Private() || !c.Msg.From.Known() || !t.mayMention(c.Tx, c.personID(), c.Now) {
		return
	}
	k, ok := t.campaignFor(c.Tx, "")
	in := store.GateInput{Now: c.Now, Zone: t.cfg.Location(), Campaign: k, Incidents: c.Tx.Incidents(), Rules: t.cfg.Campaigns.Gate}
	in.Rules.ActiveWithin, in.Rules.Busy, in.Rules.Every = 0, 0, 0 // which are about rooms
	if !ok || len(store.Gate(in)) > 0 {
		return
	}
	note := askedNote(c.personID())
	c.Tx.SetNote(note, strings.TrimSpace(c.Tx.Note(note)+" "+c.Now.UTC().Format(time.RFC3339)))
	c.Say(c.W("campaign.mention", words.Args{"Text": t.callText(c.Lang(), k)}))
}

// mayMention tells whether this person may be spoken to about gifts now.
func (t *Table) mayMention(tx *store.Tx, person string, now time.Time) bool {
	caps := t.cfg.Campaigns.Person
	if at, err := time.Parse(time.RFC3339, tx.Note(fewerNote(person))); err == nil && now.Before(at.Add(caps.Fewer)) {
		return false
	}
	within := 0
	for _, s := range strings.Fields(tx.Note(askedNote(person))) {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			continue
		}
		if now.Sub(at) < caps.Every {
			return false
		}
		if now.Sub(at) < year {
			within++
		}
	}
	waits := slices.ContainsFunc(tx.Tickets(0), func(tk store.Ticket) bool { return tk.Active() && tk.State != store.TicketSolved && tk.AskedBy(person) })
	return within < caps.PerYear && !waits
}

// fewerAsks keeps the bot from speaking to somebody about gifts for a long while.
func fewerAsks(c *Call) error {
	c.Tx.SetNote(fewerNote(c.Person().ID), c.Now.UTC().Format(time.RFC3339))
	c.SayID("campaign.fewer", words.Args{"Time": span(c.Table.cfg.Campaigns.Person.Fewer, c.Lang())})
	return nil
}
