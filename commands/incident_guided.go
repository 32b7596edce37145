package commands

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// dialogIncident is the kind of a dialogue that asks what "!incident ouvrir" was not told.
const dialogIncident = "incident"

// opening is what a guided opening knows so far.
type opening struct {
	Service  string `json:"service,omitempty"`
	Severity int    `json:"severity,omitempty"`
	Lang     string `json:"lang"`
}

// guideOpening asks the first thing that is missing.
func (t *Table) guideOpening(c *Call, o opening) error {
	o.Lang = c.Lang()
	raw, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("keep a guided opening: %w", err)
	}
	d := store.Dialog{Person: c.Person().ID, Room: c.Msg.Room, With: c.Msg.From, Kind: dialogIncident, Session: raw, Thread: c.Msg.Thread}
	c.Tx.PutDialog(d)
	c.Tx.SetDue(dueDialog, d.Key(), c.Now.Add(t.cfg.Limits.Confirm))
	switch {
	case o.Service == "":
		var list []string
		for n, s := range t.cfg.Services {
			list = append(list, fmt.Sprintf("%d. %s", n+1, t.serviceTitle(c.Lang(), s.ID)))
		}
		c.SayID("incident.ask_service", words.Args{"Services": strings.Join(list, " · ")})
	case o.Severity == 0:
		c.SayID("incident.ask_severity", nil)
	default:
		c.SayID("incident.ask_words", words.Args{"Service": t.serviceTitle(c.Lang(), o.Service)})
	}
	return nil
}

// answersOpening tells whether a line that is not put to the bot surely answers what a guided
// opening asks: a service, a number; its words only in answer to the bot by name or soon.
func (t *Table) answersOpening(c *Call, d store.Dialog, text string) bool {
	var o opening
	if json.Unmarshal(d.Session, &o) != nil {
		return false
	}
	switch w := word(text); {
	case stopped(w):
		return true
	case o.Service == "":
		return t.serviceChosen(text) != ""
	case o.Severity == 0:
		return severityChosen(w) > 0
	case no(w):
		return true
	}
	return c.Private() || c.Now.Sub(d.Updated) <= t.cfg.Answers.Listen
}

// openingWords takes an answer of a guided opening.
func (t *Table) openingWords(c *Call, d store.Dialog, l line) error {
	var o opening
	if err := json.Unmarshal(d.Session, &o); err != nil {
		return fmt.Errorf("read a guided opening: %w", err)
	}
	c.Tx.DropDialog(d.Key())
	c.Tx.ClearDue(dueDialog, d.Key())
	if c.person == nil || c.person.Lang == "" {
		c.lang = o.Lang
	}
	w := word(l.text)
	switch {
	case stopped(w), !c.Has(Adminsys):
		c.SayID("incident.announce_dropped", nil)
		return nil
	case o.Service == "":
		o.Service = t.serviceChosen(l.text)
	case o.Severity == 0:
		o.Severity = severityChosen(w)
	default:
		title := chat.Plain(l.text, 120)
		if no(w) || w == "-" || w == "rien" || w == "nothing" {
			title = ""
		}
		if open, ok := openOn(c.Tx, o.Service); ok {
			return c.Refuse("incident.already", words.Args{"N": open.N})
		}
		return t.publish(c, c.Tx.NewIncident(store.Incident{Service: o.Service, Severity: o.Severity, Title: title}))
	}
	return t.guideOpening(c, o)
}

// stopped tells whether a word gives a dialogue up.
func stopped(w string) bool {
	switch w {
	case "stop", "annuler", "annule", "cancel", "abandon", "laisse tomber", "never mind":
		return true
	}
	return false
}

// serviceChosen is the service that an answer names or numbers, empty when it does not.
func (t *Table) serviceChosen(text string) string {
	text = strings.Trim(text, " .!?")
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(t.cfg.Services) {
		return t.cfg.Services[n-1].ID
	}
	return t.serviceNamed(text)
}

func severityChosen(w string) int {
	if len(w) == 1 && w[0] >= '1' && w[0] <= '4' {
		return int(w[0] - '0')
	}
	return 0
}

// openingLapsed says that a guided opening was left unfinished, and so announced nothing.
func (t *Table) openingLapsed(turn *bot.Turn, d store.Dialog) {
	var o opening
	if d.Kind != dialogIncident || json.Unmarshal(d.Session, &o) != nil {
		return
	}
	from := d.With
	r := chat.Reply{Room: d.Room, Thread: d.Thread, Text: t.words.Say(o.Lang, "incident.opening_lapsed", nil), Secret: true, Priority: chat.Urgent}
	if !d.Room.Private {
		r.To = &from
	}
	turn.Say(r)
}
