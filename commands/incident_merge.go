package commands

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// mergeIncidents makes one of two: "fusionner 3 2" lets 3 go on as 2. Its tickets and those
// who follow it go with it, and the rooms that had heard of it are told.
func mergeIncidents(c *Call) error {
	a, rest := cutWord(c.Args)
	b, _ := cutWord(rest)
	if into := Fold(b); into == "dans" || into == "into" || into == "in" {
		_, rest = cutWord(rest)
		b, _ = cutWord(rest)
	}
	n, ok1 := number(a)
	m, ok2 := number(b)
	if !ok1 || !ok2 {
		return c.Usage()
	}
	from, ok1 := c.Tx.Incident(n)
	to, ok2 := c.Tx.Incident(m)
	if !ok1 || !ok2 {
		return c.Refuse("incident.not_found", nil)
	}
	public, moved := from.Public(), from.Tickets
	if err := from.MergeInto(&to, c.Now); err != nil {
		if errors.Is(err, store.ErrMergeSelf) {
			return c.Refuse("incident.merge_self", nil)
		}
		return c.wrongIncident(err)
	}
	c.Tx.PutIncident(to)
	for _, ticket := range moved {
		if _, err := c.Tx.ActOnTicket(ticket, store.TicketEvent{Act: store.ActLink, To: strconv.Itoa(to.N)}); err != nil {
			return fmt.Errorf("link ticket %d to incident %d: %w", ticket, to.N, err)
		}
	}
	c.Tx.Audit(c.Person().ID, "incident merge", strconv.Itoa(from.N)+" into "+strconv.Itoa(to.N), c.RoomName)
	c.Table.dropHeld(c, from)
	if public && !to.Public() { // what everybody knows of is not swallowed by what nobody does
		if err := to.Move(store.IncidentOngoing, c.Now); err != nil {
			return c.wrongIncident(err)
		}
		c.Table.post(c.Turn, &to, c.personID(), "")
	}
	if public {
		c.Table.post(c.Turn, &from, c.personID(), "")
	} else {
		c.Tx.PutIncident(from)
	}
	c.SayID("incident.merged", words.Args{"N": from.N, "Into": to.N, "Count": len(to.Tickets)})
	return nil
}

// listIncidents shows what is open and proposed, or one incident with its timeline.
func listIncidents(c *Call) error {
	if n, ok := number(strings.TrimSpace(c.Args)); ok {
		i, found := c.Tx.Incident(n)
		if !found {
			return c.Refuse("incident.not_found", nil)
		}
		return showIncident(c, i)
	}
	if c.Args != "" {
		return c.Usage()
	}
	var rows []string
	for _, i := range c.Tx.Incidents() {
		if i.Open() || i.State == store.IncidentReported && c.Now.Sub(i.Reported) <= c.Table.cfg.Incidents.Window {
			rows = append(rows, c.Table.incidentRow(c, i))
		}
	}
	if len(rows) == 0 {
		return c.Refuse("incident.none_open", nil)
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// incidentRow is an incident on one line, for staff.
func (t *Table) incidentRow(c *Call, i store.Incident) string {
	args := words.Args{"N": i.N, "Service": t.serviceTitle(c.Lang(), i.Service), "State": c.W("incident.state_"+string(i.State), nil), "Severity": i.Severity,
		"Lead": "?", "Tickets": len(i.Tickets), "Affected": t.affected(i.Service, i.Site), "Site": i.Site, "Next": ""}
	if p, ok := c.Tx.Person(i.Lead); ok {
		args["Lead"] = p.Name
	}
	if !i.NextUpdate.IsZero() {
		args["Next"] = c.Local(i.NextUpdate).Format("15:04")
	}
	return c.W("incident.row", args)
}

func showIncident(c *Call, i store.Incident) error {
	rows := []string{c.Table.incidentRow(c, i)}
	if len(i.Tickets) > 0 {
		rows = append(rows, c.W("incident.linked", words.Args{"Tickets": numbers(i.Tickets)}))
	}
	for _, l := range i.Timeline() {
		text := l.Text
		if l.State != "" {
			text = strings.TrimSpace(c.W("incident.state_"+string(l.State), nil) + " " + text)
		}
		rows = append(rows, "- "+c.Local(l.At).Format("02/01 15:04")+" "+chat.Plain(text, 300))
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}
