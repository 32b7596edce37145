package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/commands/words"
	"vigie/runbooks/bounded"
	"vigie/store"
)

// ViewConfig is a saved search: staff call it by name ("!tickets :oublies"), and a schedule of kind
// digest may post it.
type ViewConfig struct {
	Name string `yaml:"name"`
	// Title is what it shows, by language.
	Title map[string]string `yaml:"title"`
	// Expr chooses among the tickets that are not over: see viewed.
	Expr string `yaml:"expr"`
}

// viewed is a ticket as the expressions of views see it. Lengths of time are in hours.
type viewed struct {
	State       string   `expr:"state"`
	Kind        string   `expr:"kind"`
	Service     string   `expr:"service"`
	Site        string   `expr:"site"`
	Association string   `expr:"association"`
	Priority    string   `expr:"priority"`
	Owner       string   `expr:"owner"` // empty: nobody's
	Tags        []string `expr:"tags"`
	Incident    int      `expr:"incident"`
	Reopened    int      `expr:"reopened"`
	Private     bool     `expr:"private"`
	// Age counts since it was opened, Waits since the oldest word without an answer (0: none), Quiet
	// since the last word of staff, or the opening.
	Age   float64 `expr:"age"`
	Waits float64 `expr:"waits"`
	Quiet float64 `expr:"quiet"`
}

func seen(tx *store.Tx, t store.Ticket) viewed {
	hours := func(at time.Time) float64 {
		if at.IsZero() {
			return 0
		}
		return tx.Now.Sub(at).Hours()
	}
	v := viewed{State: string(t.State), Kind: string(t.Kind), Service: t.Service, Site: t.Site, Association: t.Association, Priority: t.Priority, Tags: t.Tags,
		Incident: t.Incident, Reopened: t.Reopened, Private: t.Private, Age: hours(t.Opened), Waits: hours(t.Unanswered), Quiet: hours(t.LastStaff)}
	if p, ok := tx.Person(t.Owner); ok {
		v.Owner = p.Name
	}
	if t.LastStaff.IsZero() {
		v.Quiet = v.Age
	}
	return v
}

// checkViews types every view.
func (c *TicketsConfig) checkViews() []Problem {
	var p []Problem
	seen := map[string]bool{}
	for i, v := range c.Views {
		path := fmt.Sprintf("tickets.views[%d]", i)
		if name := Fold(v.Name); name == "" || strings.ContainsAny(name, " :/") || seen[name] {
			p = append(p, Problem{path + ".name", fmt.Sprintf("%q cannot be used", v.Name), "one word of its own"})
		}
		seen[Fold(v.Name)] = true
		if v.Title["fr"] == "" || v.Title["en"] == "" {
			p = append(p, Problem{path + ".title", "a title is missing", "write title: {fr: …, en: …}"})
		}
		if _, err := bounded.Compile(v.Expr, viewed{}); err != nil {
			p = append(p, Problem{path + ".expr", err.Error(), `for example: state == "open" && quiet > 72`})
		}
	}
	return p
}

// view finds a view by name.
func (c *TicketsConfig) view(name string) (ViewConfig, bool) {
	i := slices.IndexFunc(c.Views, func(v ViewConfig) bool { return Fold(v.Name) == Fold(name) })
	if i < 0 {
		return ViewConfig{}, false
	}
	return c.Views[i], true
}

// inView are the tickets of a view, the one that breaks first in front.
func (t *Table) inView(tx *store.Tx, v ViewConfig) ([]store.Ticket, error) {
	cond, err := bounded.Compile(v.Expr, viewed{})
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", v.Name, err)
	}
	var out []store.Ticket
	for _, tk := range tx.ActiveTickets() {
		in, err := cond.Holds(seen(tx, tk))
		if err != nil {
			return nil, fmt.Errorf("view %s: %w", v.Name, err)
		}
		if in {
			out = append(out, tk)
		}
	}
	byDeadline(tx, out)
	return out, nil
}

// showView lists a view, or names those there are.
func showView(c *Call, name string) error {
	v, ok := c.Table.cfg.Tickets.view(strings.TrimSpace(name))
	if !ok {
		var names []string
		for _, v := range c.Table.cfg.Tickets.Views {
			names = append(names, ":"+v.Name+" ("+v.Title[c.Lang()]+")")
		}
		if len(names) == 0 {
			c.SayID("ticketfind.no_views", nil)
			return nil
		}
		c.SayID("ticketfind.views", words.Args{"Views": strings.Join(names, ", ")})
		return nil
	}
	list, err := c.Table.inView(c.Tx, v)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		c.SayID("ticketfind.view_empty", words.Args{"Title": v.Title[c.Lang()]})
		return nil
	}
	rows := c.ticketRows(list[:min(most, len(list))], len(list), true)
	c.Say(strings.Join(append([]string{c.W("ticketfind.view", words.Args{"Title": v.Title[c.Lang()], "Count": len(list)})}, rows...), "\n"))
	return nil
}

// viewDigest is a view as a schedule posts it in a staff room.
func (t *Table) viewDigest(turn *bot.Turn, lang, name string) string {
	v, ok := t.cfg.Tickets.view(name)
	if !ok {
		return ""
	}
	list, err := t.inView(turn.Tx, v)
	if err != nil {
		turn.Log.Error("a view cannot be shown", "view", v.Name, "err", err)
		return ""
	}
	if len(list) == 0 {
		return t.words.Say(lang, "ticketfind.view_empty", words.Args{"Title": v.Title[lang]})
	}
	c := &Call{Turn: turn, Table: t, lang: lang}
	rows := c.ticketRows(list[:min(most, len(list))], len(list), true)
	return strings.Join(append([]string{t.words.Say(lang, "ticketfind.view", words.Args{"Title": v.Title[lang], "Count": len(list)})}, rows...), "\n")
}

// checkDigest holds a schedule that shows a view to where that may be read.
func (c *Config) checkDigest(s ScheduleConfig, path string) []Problem {
	if s.View == "" {
		return nil
	}
	var p []Problem
	if _, ok := c.Tickets.view(s.View); !ok || s.Kind != digest {
		p = append(p, Problem{path + ".view", fmt.Sprintf("%q cannot be shown", s.View), "name one of tickets.views, in a schedule of kind digest"})
	}
	if len(s.Rooms) == 0 || slices.ContainsFunc(s.Rooms, func(name string) bool { return c.Rooms[name].Audience != Staff }) {
		p = append(p, Problem{path + ".rooms", "tickets are shown in staff rooms only", "write rooms: [adminsys]"})
	}
	return p
}
