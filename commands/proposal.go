package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/commands/words"
	"vigie/store"
)

// considerIncident looks whether a new ticket belongs to a known incident, or
// makes a proposal with others on the same service.
func (t *Table) considerIncident(turn *bot.Turn, tk store.Ticket) error {
	if tk.Service == "" || tk.Kind != store.KindOutage {
		return nil
	}
	for _, i := range turn.Tx.Incidents() {
		proposed := i.State == store.IncidentReported && turn.Now.Sub(i.Reported) <= t.cfg.Incidents.Window
		if i.Service != tk.Service || !i.Open() && !proposed {
			continue // an old proposal explains nothing
		}
		if err := t.link(turn, &i, tk.N); err != nil {
			return err
		}
		if i.State == store.IncidentReported {
			t.staffSay(turn, fmt.Sprintf("incident-%d-ticket-%d", i.N, tk.N), t.words.Say(t.cfg.Language, "incident.proposal_grows",
				words.Args{"N": i.N, "Ticket": tk.N, "Count": len(i.Tickets)}), false)
		}
		return nil
	}
	near := t.similar(turn, tk)
	if len(near) == 0 {
		return nil
	}
	i := turn.Tx.NewIncident(store.Incident{Service: tk.Service, Severity: 2})
	for _, n := range near {
		if err := t.link(turn, &i, n); err != nil {
			return err
		}
	}
	t.staffSay(turn, proposalKey(i.N), t.words.Say(t.cfg.Language, "incident.proposal", words.Args{"N": i.N,
		"Service": t.serviceTitle(t.cfg.Language, i.Service), "Tickets": numbers(i.Tickets)}), true)
	return nil
}

func proposalKey(n int) string { return fmt.Sprintf("proposal-%d", n) }

// similar are the recent tickets on one service, when enough different people
// (or associations, where known) opened them.
func (t *Table) similar(turn *bot.Turn, tk store.Ticket) []int {
	who := map[string]bool{}
	var out []int
	for _, other := range turn.Tx.ActiveTickets() {
		if other.Service != tk.Service || other.Kind != store.KindOutage || other.Incident != 0 || other.State == store.TicketSolved ||
			turn.Now.Sub(other.Opened) > t.cfg.Incidents.Window {
			continue
		}
		name := t.reporter(turn.Tx, other.Requester)
		if other.Association != "" {
			name = "a/" + other.Association
		}
		who[name] = true
		out = append(out, other.N)
	}
	if len(who) < t.cfg.Incidents.Reports {
		return nil
	}
	return out
}

// reporter is who counts as one in a proposal. Those without an account do by where
// they connect from: three nicks of one connection are one person.
func (t *Table) reporter(tx *store.Tx, person string) string {
	p, ok := tx.Person(person)
	if ok && !p.Known() {
		for _, key := range p.Identities {
			if _, from, masked := strings.Cut(key, "!"); masked {
				return "h/" + strings.ToLower(from)
			}
		}
	}
	return person
}

// link ties a ticket to an incident, both ways.
func (t *Table) link(turn *bot.Turn, i *store.Incident, n int) error {
	if slices.Contains(i.Tickets, n) {
		return nil
	}
	if _, err := turn.Tx.ActOnTicket(n, store.TicketEvent{Act: store.ActLink, To: strconv.Itoa(i.N)}); err != nil {
		return fmt.Errorf("link ticket %d to incident %d: %w", n, i.N, err)
	}
	i.Tickets = append(i.Tickets, n)
	turn.Tx.PutIncident(*i)
	return nil
}

func numbers(list []int) string {
	var out []string
	for _, n := range list {
		out = append(out, "#"+strconv.Itoa(n))
	}
	return strings.Join(out, " ")
}

// incidentReaction reads a gesture of staff on a proposal: a tick makes it public.
func (t *Table) incidentReaction(c *Call) error {
	if t.pinned(c) {
		return nil
	}
	if !c.InStaffRoom() || !c.Has(Adminsys) {
		return nil
	}
	n, err := strconv.Atoi(c.Tx.Note("proposal/" + c.Msg.Room.Network + "/" + c.Msg.Target))
	if err != nil {
		return nil
	}
	i, ok := c.Tx.Incident(n)
	if !ok || i.State != store.IncidentReported {
		return nil
	}
	switch gesture(c.Msg.Text) {
	case "✅", "✔", "👍":
		return t.publish(c, i)
	case "❌", "👎":
		c.Args = strconv.Itoa(n)
		return changeIncident(c, store.IncidentCancelled)
	}
	return nil
}

// settledProposal learns which message stands for a proposal.
func (t *Table) settledProposal(turn *bot.Turn, e bot.Settled) {
	rest, ok := strings.CutPrefix(e.Row.Reply.Key, "staff/proposal-")
	if !ok || e.State != store.Proven {
		return
	}
	n, _, _ := strings.Cut(rest, "/")
	turn.Tx.SetNote("proposal/"+e.Row.Reply.Room.Network+"/"+e.Proof, n)
}
