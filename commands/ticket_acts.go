package commands

import (
	"strings"
	"unicode"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/when"
	"vigie/commands/words"
	"vigie/store"
)

// assignCommand gives a ticket to an adminsys, who is told in private.
func assignCommand(c *Call) error {
	tk, err := c.ticketArg()
	if err != nil {
		return err
	}
	if c.Args == "" {
		return c.Usage()
	}
	p, err := c.someone(c.Args)
	if err != nil {
		return err
	}
	granted, active := c.Table.holds(p, Adminsys)
	switch {
	case p.ID == c.Person().ID:
		return c.Table.staffAct(c, tk, store.TicketEvent{Act: store.ActTake})
	case !granted:
		return c.Refuse("ticketact.not_adminsys", words.Args{"Name": chat.Plain(p.Name, 40)})
	case !active:
		return c.Refuse("ticketact.no_charter", words.Args{"Name": chat.Plain(p.Name, 40)})
	}
	if tk.Owner == p.ID {
		c.SayID("ticketact.already", words.Args{"N": tk.N})
		return nil
	}
	if err := c.Table.staffAct(c, tk, store.TicketEvent{Act: store.ActAssign, To: p.ID}); err != nil {
		return err
	}
	if room, ok := c.Table.roomWith(p, Adminsys); ok {
		now, _ := c.Tx.Current(tk.N)
		lang := c.Table.langOf(p)
		c.Turn.Deliver(chat.Reply{Room: room, Tone: chat.Loud, Secret: true, Priority: chat.Urgent, Text: c.Table.words.Say(lang, "ticketact.assigned_you",
			words.Args{"N": now.N, "Name": chat.Plain(c.person.Name, 40), "About": c.Table.about(lang, now)})}, bot.Delivery{Stored: true})
	}
	return nil
}

// waitCommand lets a ticket wait for its member or for somebody else, until a day that is told
// back in full, and for a reason that the member reads.
func waitCommand(c *Call) error {
	tk, err := c.ticketArg()
	if err != nil {
		return err
	}
	who, rest := cutWord(c.Args)
	e := store.TicketEvent{Act: store.ActWait}
	switch Fold(who) {
	case "":
		return c.Usage()
	case "fin", "fini", "finie", "stop", "end", "over", "done":
		return c.Table.staffAct(c, tk, store.TicketEvent{Act: store.ActWake})
	case "membre", "member":
	default:
		e.To = chat.Plain(who, 60)
	}
	at, why, dated := when.Read(rest, c.Local(c.Now))
	if dated {
		e.Until = at.UTC()
	}
	if !dated && asksDate(rest) {
		return c.Refuse("ticketact.date", words.Args{"Text": chat.Plain(rest, 60)})
	}
	if !dated && e.To != "" { // nobody but us would remember
		return c.Refuse("ticketact.wait_date", words.Args{"To": e.To, "N": tk.N})
	}
	e.Text = cleanLines(why)
	return c.Table.staffAct(c, tk, e)
}

// asksDate tells whether words that could not be read as a time were meant as one: taking them
// for the reason would lose it.
func asksDate(text string) bool {
	first, _ := cutWord(Fold(text))
	return first != "" && (unicode.IsDigit([]rune(first)[0]) || strings.HasPrefix(first, "jusqu") || first == "until" || first == "till")
}

// tagCommand adds tags, or takes off those with a "-" in front. The name of a kind of ticket
// changes the kind, and with it what is aimed at.
func tagCommand(c *Call) error {
	tk, err := c.ticketArg()
	if err != nil {
		return err
	}
	tags := strings.FieldsFunc(c.Args, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	if len(tags) == 0 || len(tags) > 8 {
		return c.Usage()
	}
	for _, tag := range tags {
		e := store.TicketEvent{Act: store.ActTag}
		name, off := strings.CutPrefix(tag, "-")
		if off {
			e.Act = store.ActUntag
		}
		e.Text = strings.TrimPrefix(chat.Plain(Fold(name), 30), "#")
		if e.Text == "" {
			return c.Usage()
		}
		if kind := kindNamed(e.Text); kind != "" && !off {
			e.Act, e.Text = store.ActKind, string(kind)
		}
		if err := c.Table.staffAct(c, tk, e); err != nil {
			return err
		}
		tk, _ = c.Tx.Current(tk.N)
	}
	return nil
}

// kindNamed is the kind of ticket that a word means, in either language.
func kindNamed(word string) store.TicketKind {
	switch strings.TrimPrefix(strings.TrimPrefix(word, "genre:"), "kind:") {
	case "panne", "outage":
		return store.KindOutage
	case "question":
		return store.KindQuestion
	case "demande", "request":
		return store.KindRequest
	}
	return ""
}

// watchCommand lets somebody hear what the member of a ticket hears: the speaker, or whoever is
// named; "-" in front of the name, or "fin", ends it.
func watchCommand(c *Call) error {
	tk, err := c.ticketArg()
	if err != nil {
		return err
	}
	e := store.TicketEvent{Act: store.ActWatch}
	name, off := strings.CutPrefix(strings.TrimSpace(c.Args), "-")
	if f := Fold(name); f == "fin" || f == "stop" || f == "end" {
		name, off = "", true
	}
	if off {
		e.Act = store.ActUnwatch
	}
	if name == "" {
		name = "moi"
	}
	p, err := c.someone(name)
	if err != nil {
		return err
	}
	if !p.Known() {
		return c.Refuse("ticketact.no_account", words.Args{"Name": chat.Plain(p.Name, 40)})
	}
	if c.Table.sleeps(p) && !tk.AskedBy(p.ID) && !off {
		return c.Refuse("ticketact.no_charter", words.Args{"Name": chat.Plain(p.Name, 40)})
	}
	e.To = p.ID
	return c.Table.staffAct(c, tk, e)
}

// mute ends a guided diagnosis that goes on with a ticket's member in that ticket: a person
// takes over.
func (t *Table) mute(turn *bot.Turn, tk store.Ticket) {
	for _, d := range turn.Tx.Dialogs() {
		if own(d.Kind) || d.Ticket != tk.N || !tk.AskedBy(d.Person) {
			continue
		}
		turn.Tx.DropDialog(d.Key())
		turn.Tx.ClearDue(dueDialog, d.Key())
		turn.Tx.SetNote(said(d), "")
		(&talk{Turn: turn, table: t, d: d}).forgetChecks()
		if p, ok := turn.Tx.Person(d.Person); ok {
			t.hearAnswer(turn, p, d.Room, tk.N)
		}
	}
}
