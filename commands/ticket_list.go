package commands

import (
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// listTickets lists one's own tickets; for staff, where staff read, all that match.
func listTickets(c *Call) error {
	staff := c.Has(Adminsys) && (c.Private() || c.InStaffRoom())
	var list []store.Ticket
	if staff {
		list = c.Tx.ActiveTickets()
		if strings.Contains(c.Args, ":") {
			list = c.Tx.Tickets(0)
		}
	} else {
		for _, t := range c.Tx.TicketsOf(c.personID()) {
			if t.Active() && (c.Private() || !t.Private) {
				list = append(list, t)
			}
		}
	}
	if staff {
		byDeadline(c.Tx, list)
	}
	keep := c.filter(c.Args)
	var rows []string
	for _, t := range list {
		if keep(t) {
			rows = append(rows, c.ticketRow(t, staff))
		}
	}
	if len(rows) == 0 && !staff && !c.Private() {
		c.SayID("ticket.none_here", nil)
		return nil
	}
	if len(rows) == 0 {
		c.SayID("ticket.none", nil)
		return nil
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

func (c *Call) ticketRow(t store.Ticket, staff bool) string {
	row := "#" + strconv.Itoa(t.N) + " " + c.W("ticket.state_"+string(t.State), nil) + " · " + c.Table.about(c.Lang(), t)
	if !staff {
		return row
	}
	if p, ok := c.Tx.Person(t.Requester); ok {
		row += " · " + chat.Plain(p.Name, 30)
	}
	if p, ok := c.Tx.Person(t.Owner); ok {
		row += " → " + chat.Plain(p.Name, 30)
	}
	if waits := c.clockWords(t); waits != "" {
		row += " · " + waits
	}
	return row
}

// filter reads the search words: state:open, service:mail, age>3h, who:jean,
// French or English field names, and plain words of the subject.
func (c *Call) filter(text string) func(store.Ticket) bool {
	var tests []func(store.Ticket) bool
	for _, w := range strings.Fields(text) {
		tests = append(tests, c.filterWord(w))
	}
	return func(t store.Ticket) bool {
		for _, ok := range tests {
			if !ok(t) {
				return false
			}
		}
		return true
	}
}

// stateNamed is the state that people call so, in either language; what has no such
// name is handed back.
func stateNamed(name string) store.TicketState {
	french := map[string]store.TicketState{"nouveau": store.TicketNew, "ouvert": store.TicketOpen, "attente_membre": store.TicketWaitingMember,
		"attente_tiers": store.TicketWaitingOther, "resolu": store.TicketSolved, "ferme": store.TicketClosed, "refuse": store.TicketRejected,
		"indesirable": store.TicketSpam, "fusionne": store.TicketMerged}
	if s, ok := french[name]; ok {
		return s
	}
	return store.TicketState(name)
}

func (c *Call) filterWord(w string) func(store.Ticket) bool {
	if field, value, ok := strings.Cut(w, ":"); ok && value != "" {
		value = Fold(value)
		switch Fold(field) {
		case "etat", "state":
			return func(t store.Ticket) bool {
				return stateNamed(value) == t.State || (value == "actif" || value == "active") && t.Active()
			}
		case "service":
			return func(t store.Ticket) bool { return Fold(t.Service) == value }
		case "site":
			return func(t store.Ticket) bool { return strings.Contains(Fold(t.Site), value) }
		case "qui", "who", "de", "from":
			return func(t store.Ticket) bool {
				p, _ := c.Tx.Person(t.Requester)
				o, _ := c.Tx.Person(t.Owner)
				return Fold(p.Name) == value || Fold(o.Name) == value
			}
		}
	}
	if age, ok := strings.CutPrefix(Fold(w), "age>"); ok {
		if d, err := time.ParseDuration(age); err == nil {
			return func(t store.Ticket) bool { return c.Now.Sub(t.Opened) > d }
		}
	}
	return func(t store.Ticket) bool {
		return strings.Contains(Fold(t.Subject+" "+t.Site+" "+t.Service), Fold(w))
	}
}

// span is a length of time in a few letters: 12 min, 3 h, 2 j (d in English).
func span(d time.Duration, lang string) string {
	day := " j"
	if lang == "en" {
		day = " d"
	}
	switch {
	case d < time.Minute:
		return strconv.Itoa(max(1, int(d.Seconds()))) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return strconv.Itoa(int(d.Hours()/24)) + day
}
