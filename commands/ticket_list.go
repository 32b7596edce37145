package commands

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

const (
	// most is how many tickets a list shows; how many more there are is said.
	most = 40
	// ranked is how many of those found, the newest, are put in the order in which they are due.
	ranked = 100
)

// listTickets lists one's own tickets; for staff, where staff read, all that match, or those of
// a saved view (":oublies").
func listTickets(c *Call) error {
	staff := c.Has(Adminsys) && (c.Private() || c.InStaffRoom())
	if name, ok := strings.CutPrefix(strings.TrimSpace(c.Args), ":"); ok && staff {
		return showView(c, name)
	}
	q, err := c.query(c.Args, staff)
	if err != nil {
		return err
	}
	var list []store.Ticket
	total := 0
	if staff {
		q.Limit = ranked
		list, total = c.Tx.FindTickets(q)
		slices.Reverse(list)
		byDeadline(c.Tx, list)
		list = list[:min(most, len(list))]
	} else {
		for _, t := range c.Tx.TicketsOf(c.personID()) {
			if q.Fits(t) && c.mayRead(t) && (c.Private() || !t.Private) {
				list = append(list, t)
			}
		}
		total = len(list)
		list = list[:min(most, total)]
	}
	if len(list) == 0 {
		id := "ticket.none"
		if !staff && !c.Private() {
			id = "ticket.none_here"
		}
		c.SayID(id, nil)
		return nil
	}
	c.Say(strings.Join(c.ticketRows(list, total, staff), "\n"))
	return nil
}

// ticketRows are tickets, one a line, and how many more there are.
func (c *Call) ticketRows(list []store.Ticket, total int, staff bool) []string {
	var rows []string
	for _, t := range list {
		rows = append(rows, c.ticketRow(t, staff))
	}
	if total > len(list) {
		rows = append(rows, c.W("ticketfind.more", words.Args{"Count": total - len(list)}))
	}
	return rows
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
