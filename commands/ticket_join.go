package commands

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// actMerge is what a confirmed merge is called.
const actMerge = "merge"

// mergeCommand asks whether a ticket is to go on in another.
func mergeCommand(c *Call) error {
	one, two := cutWord(c.Args)
	two, _ = cutWord(strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(two, "dans "), "into ")))
	a, ok := number(one)
	b, ok2 := number(two)
	if n, inThread := c.threadTicket(); ok && !ok2 && inThread { // "!fusionner 9" in the thread of 12
		a, b, ok2 = n, a, true
	}
	if !ok || !ok2 {
		return c.Usage()
	}
	source, ok := c.Tx.Current(a)
	if !ok {
		return c.Refuse("ticket.not_found_staff", words.Args{"N": a})
	}
	target, ok := c.Tx.Current(b)
	if !ok {
		return c.Refuse("ticket.not_found_staff", words.Args{"N": b})
	}
	if source.N == target.N {
		return c.Refuse("ticketact.merge_same", words.Args{"N": source.N})
	}
	for _, tk := range []store.Ticket{source, target} {
		if !tk.Active() || tk.State == store.TicketSolved {
			return c.Refuse("ticket.wrong_moment", words.Args{"N": tk.N, "State": c.W("ticket.state_"+string(tk.State), nil)})
		}
	}
	id := "ticketact.merge_confirm"
	if !sameAskers(source, target) {
		id = "ticketact.merge_confirm_two"
	}
	return c.confirm(confirmation{Act: actMerge, Text: fmt.Sprintf("%d %d", source.N, target.N)}, id, words.Args{"A": source.N, "B": target.N,
		"AboutA": c.Table.about(c.Lang(), source), "AboutB": c.Table.about(c.Lang(), target), "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
}

func sameAskers(a, b store.Ticket) bool {
	return !slices.ContainsFunc(a.Askers(), func(x store.Asker) bool { return !b.AskedBy(x.Person) })
}

// mergeNow merges what was confirmed, and tells everybody whom it concerns.
func (t *Table) mergeNow(c *Call, what string) error {
	one, two, _ := strings.Cut(what, " ")
	a, _ := strconv.Atoi(one)
	b, _ := strconv.Atoi(two)
	p := c.Person()
	source, target, steps, err := c.Tx.MergeTickets(a, b, store.TicketEvent{By: p.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg)})
	if errors.Is(err, store.ErrCycle) {
		return c.Refuse("ticketact.merge_same", words.Args{"N": a})
	}
	if err != nil {
		return c.wrongMoment(err)
	}
	t.rearm(c.Turn, source)
	t.rearm(c.Turn, target)
	c.Tx.Audit(p.ID, "merge", fmt.Sprintf("ticket %d into %d", source.N, target.N), c.RoomName)
	args := words.Args{"A": source.N, "B": target.N, "Name": chat.Plain(p.Name, 40)}
	told := t.tellMerged(c.Turn, source, target)
	for _, n := range []int{source.N, target.N} {
		t.staffThread(c.Turn, n, fmt.Sprintf("merge-%d-%d", source.N, steps[0].Seq), t.words.Say(t.cfg.Language, "ticketact.staff_merge", args), c.sawIt(n))
	}
	c.keepOp(store.TicketOp{Act: store.ActMerge, Steps: steps, Told: told})
	c.SayID("ticketact.done_merge", args)
	return nil
}

// tellMerged tells those who asked for either ticket, once each: under which number it goes on,
// and, to those of the target, that others have the same.
func (t *Table) tellMerged(turn *bot.Turn, source, target store.Ticket) []store.TicketTold {
	var told []store.TicketTold
	for _, a := range target.Askers() {
		id := "ticketact.member_joined"
		if source.AskedBy(a.Person) {
			id = "ticketact.member_merged"
		}
		told = append(told, t.tellAsker(turn, target, a, fmt.Sprintf("merge-%d-%d", source.N, source.Seq),
			t.words.Say(t.langOfAsker(turn.Tx, a), id, words.Args{"A": source.N, "B": target.N}))...)
	}
	for _, d := range turn.Tx.Dialogs() { // what they say next is for the ticket that goes on
		if d.Kind == dialogTicket && d.Ticket == source.N {
			d.Ticket = target.N
			turn.Tx.PutDialog(d)
		}
	}
	return told
}

// splitCommand makes a ticket of its own of a message: the one replied to, or else the member's
// last. What follows the number is the new ticket's subject.
func splitCommand(c *Call) error {
	tk, err := c.ticketArg()
	if err != nil {
		return err
	}
	events := store.AsAmended(c.Tx.TicketEvents(tk.N))
	i := slices.IndexFunc(events, func(e store.TicketEvent) bool {
		return e.Ref != "" && c.Msg.Target != "" && e.Ref == c.Msg.Room.Network+"/"+c.Msg.Target
	})
	for j := len(events) - 1; i < 0 && j >= 0; j-- {
		if e := events[j]; (e.Act == store.ActSay || e.Act == store.ActOpen) && e.Text != "" {
			i = j
		}
	}
	if i < 0 {
		return c.Refuse("ticketact.split_nothing", words.Args{"N": tk.N})
	}
	part := events[i]
	subject := cleanLines(c.Args)
	if subject == "" {
		subject = part.Text
	}
	asked := tk.Askers()[0]
	for _, a := range tk.Askers() {
		if a.Person == part.By {
			asked = a
		}
	}
	p := c.Person()
	o := store.Opening{Subject: chat.Plain(subject, 140), Kind: store.KindQuestion, Association: tk.Association, Site: tk.Site, Requester: asked.Person, Session: asked.Session,
		Lang: asked.Lang, Private: tk.Private, Origin: asked.Origin, For: p.ID}
	source, made, steps, err := c.Tx.SplitTicket(tk.N, o, part, store.TicketEvent{By: p.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg)})
	if err != nil {
		return c.wrongMoment(err)
	}
	t := c.Table
	c.Tx.Audit(p.ID, "split", fmt.Sprintf("ticket %d from %d", made.N, source.N), c.RoomName)
	owner, _ := c.Tx.Person(asked.Person)
	t.postTicket(c.Turn, made, owner, part.Text)
	args := words.Args{"N": source.N, "New": made.N, "Name": chat.Plain(p.Name, 40), "Text": t.subject(t.langOfTicket(c.Tx, made), made)}
	told := t.tellAsker(c.Turn, made, made.Askers()[0], "split", t.words.Say(t.langOfTicket(c.Tx, made), "ticketact.member_split", args))
	t.staffThread(c.Turn, source.N, fmt.Sprintf("split-%d", source.Seq), t.words.Say(t.cfg.Language, "ticketact.staff_split", args), c.sawIt(source.N))
	c.keepOp(store.TicketOp{Act: store.ActSplit, Steps: steps, Told: told, Made: made.N})
	c.SayID("ticketact.done_split", args)
	return nil
}

// relateCommand notes how a ticket stands to another ticket or to an incident; "-" in front of the
// number ends it.
func relateCommand(c *Call) error {
	tk, err := c.ticketArg()
	if err != nil {
		return err
	}
	how, rest := cutWord(c.Args)
	name, end := strings.CutPrefix(rest, "-")
	to, ok := number(name)
	relation := map[string]store.Relation{"parent": store.RelParent, "depend": store.RelDepends, "depends": store.RelDepends, "doublon": store.RelDuplicate,
		"duplicate": store.RelDuplicate, "incident": "incident"}[Fold(how)]
	if relation == "" || !ok {
		return c.Usage()
	}
	p := c.Person()
	e := store.TicketEvent{By: p.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg)}
	if relation == "incident" {
		return c.Table.relateIncident(c, tk, to, end, e)
	}
	if _, found := c.Tx.Ticket(to); !found {
		return c.Refuse("ticket.not_found_staff", words.Args{"N": to})
	}
	now, err := c.Tx.RelateTickets(tk.N, relation, to, end, e)
	if errors.Is(err, store.ErrCycle) {
		return c.Refuse("ticketact.circle", words.Args{"N": tk.N, "M": to})
	}
	if err != nil {
		return c.wrongMoment(err)
	}
	id := "relate_" + string(relation)
	if end {
		id = "unrelate"
	}
	c.Table.related(c, now, id, to)
	return nil
}

// related tells of a relation that was noted, and lets it be undone.
func (t *Table) related(c *Call, tk store.Ticket, id string, to int) {
	args := words.Args{"N": tk.N, "M": to, "Name": chat.Plain(c.person.Name, 40)}
	c.Tx.Audit(c.person.ID, "relate", fmt.Sprintf("ticket %d %s %d", tk.N, id, to), c.RoomName)
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("relate-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticketact."+id, args), c.sawIt(tk.N))
	c.keepOp(store.TicketOp{Act: store.ActRelate, Steps: []store.TicketStep{{N: tk.N, Seq: tk.Seq}}})
	c.SayID("ticketact."+id, args)
}

// relateIncident puts a ticket among those of an incident, or takes it out.
func (t *Table) relateIncident(c *Call, tk store.Ticket, n int, end bool, e store.TicketEvent) error {
	i, ok := c.Tx.Incident(n)
	if !ok {
		return c.Refuse("incident.not_found", words.Args{"N": n})
	}
	if tk.Incident == n && !end {
		c.SayID("ticketact.already", words.Args{"N": tk.N})
		return nil
	}
	prior := tk.Incident
	e.Act, e.To = store.ActLink, strconv.Itoa(n)
	if end {
		e.To = "0"
	}
	now, err := t.act(c.Turn, tk.N, e)
	if err != nil {
		return c.wrongMoment(err)
	}
	t.moveIncident(c.Turn, now.N, prior, now.Incident)
	id := "relate_incident"
	if end {
		id = "unrelate"
	}
	t.related(c, now, id, i.N)
	return nil
}

// moveIncident keeps incidents' lists of tickets in step with the tickets.
func (t *Table) moveIncident(turn *bot.Turn, ticket, from, to int) {
	if i, ok := turn.Tx.Incident(from); ok && from != to {
		i.Tickets = slices.DeleteFunc(slices.Clone(i.Tickets), func(n int) bool { return n == ticket })
		turn.Tx.PutIncident(i)
	}
	if i, ok := turn.Tx.Incident(to); ok && !slices.Contains(i.Tickets, ticket) {
		i.Tickets = append(slices.Clone(i.Tickets), ticket)
		turn.Tx.PutIncident(i)
	}
}
