package commands

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// ownTicket finds a ticket that the speaker may touch: their own, or any for
// staff where staff read. Of others' tickets not even the existence is told.
func (c *Call) ownTicket(n int) (store.Ticket, error) {
	t, ok := c.Tx.Ticket(n)
	mine := ok && c.mayRead(t)
	staff := ok && c.Has(Adminsys) && (c.Private() || c.InStaffRoom())
	if !mine && !staff {
		if c.Has(Adminsys) && (c.Private() || c.InStaffRoom()) {
			return t, c.Refuse("ticket.not_found_staff", words.Args{"N": n})
		}
		return t, c.Table.noSuchTicket(c)
	}
	if mine && !staff && t.Private && !c.Private() {
		return t, c.Refuse("core.private_only", nil)
	}
	return t, nil
}

// mayRead tells whether a ticket is the speaker's to read. Of what is private that needs more
// than a nick: the account, or the connection, from which it was opened.
func (c *Call) mayRead(t store.Ticket) bool {
	for _, a := range t.Askers() {
		if a.Person == c.personID() && c.personID() != "" {
			return !t.Private || c.Msg.From.SameSession(a.Session)
		}
	}
	return false
}

// showTicket tells a ticket's state and its last words.
func showTicket(c *Call, n int) error {
	t, err := c.ownTicket(n)
	if err != nil {
		return err
	}
	staff := c.Has(Adminsys) && (c.Private() || c.InStaffRoom())
	asked := c.asAsker(t)
	args := words.Args{"N": t.N, "State": c.W("ticket.state_"+string(t.State), nil), "Subject": c.Table.subject(c.Lang(), c.begun(t, asked, staff)),
		"Date": c.Local(t.Opened).Format("02/01 15:04")}
	rows := []string{c.W("ticket.shown", args)}
	for _, e := range store.AsAmended(c.Tx.TicketEvents(n)) {
		if !staff && !forAsker(t, asked, e) {
			continue
		}
		if row := c.transcriptLine(e, staff); row != "" {
			rows = append(rows, row)
		}
	}
	if t.State == store.TicketMerged {
		rows = append(rows, c.W("ticketact.goes_on", words.Args{"N": t.MergedTo}))
	}
	if !c.Private() && !c.InStaffRoom() { // answers went to the member alone
		c.SayID("ticket.shown_public", args)
		c.Whisper(strings.Join(rows, "\n"))
		return nil
	}
	if staff {
		rows = append(rows, c.Table.standing(c, t)...)
		rows = slices.Insert(rows, 1, c.clockLines(t)...)
		if told := c.Table.diagnosis(c.Tx, c.Lang(), t, c.Now); told != "" {
			rows = append(rows, told)
		}
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// asAsker is the speaker as one who asked for a ticket, empty when they did not.
func (c *Call) asAsker(t store.Ticket) store.Asker {
	for _, a := range t.Askers() {
		if a.Person == c.personID() {
			return a
		}
	}
	return store.Asker{}
}

// begun is the ticket by whose words the speaker knows it: their own, where theirs was merged
// into another's.
func (c *Call) begun(t store.Ticket, a store.Asker, staff bool) store.Ticket {
	if own, ok := c.Tx.Ticket(a.From); ok && !staff && a.From != t.N {
		return own
	}
	return t
}

// forAsker tells whether an event of a ticket is for one of those who asked to read: their own
// words, and those of staff since they are in it. What the others who asked wrote stays
// theirs.
func forAsker(t store.Ticket, a store.Asker, e store.TicketEvent) bool {
	if e.By == a.Person {
		return true
	}
	return !t.AskedBy(e.By) && !e.At.Before(a.Since)
}

// transcriptLine is one event as a reader may see it: members never see notes.
func (c *Call) transcriptLine(e store.TicketEvent, staff bool) string {
	if e.Text == "" && len(e.Files) == 0 || e.Act == store.ActNote && !staff {
		return ""
	}
	switch e.Act {
	case store.ActOpen, store.ActSay, store.ActReply, store.ActNote, store.ActSolve, store.ActReject, store.ActThank:
	default:
		return ""
	}
	who := "Vigie"
	if p, ok := c.Tx.Person(e.By); ok {
		who = chat.Plain(p.Name, 30)
	}
	mark := ""
	if e.Act == store.ActNote {
		mark = " (" + c.W("ticket.internal", nil) + ")"
	}
	said := oneLine(e.Text)
	from, _, _ := strings.Cut(e.Room, "/")
	for _, f := range e.Files {
		said = strings.TrimSpace(said + " " + c.Table.fileWords(c.Lang(), f, from))
	}
	return fmt.Sprintf("- %s %s%s : %s", c.Local(e.At).Format("02/01 15:04"), who, mark, said)
}

// record adds a member's words to a ticket and tells staff.
func (t *Table) record(c *Call, tk store.Ticket, text string) (store.Ticket, error) {
	p := c.Person()
	e := store.TicketEvent{Act: store.ActSay, By: p.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg), Text: cleanLines(text), Files: c.ticketFiles(tk.N)}
	if e.Text == "" && len(e.Files) == 0 { // files that may not be kept: that was said
		return tk, nil
	}
	tk, err := t.act(c.Turn, tk.N, e)
	if err != nil {
		return tk, c.wrongMoment(err)
	}
	e.Seq = tk.Seq
	if e.Text != "" {
		t.staffThread(c.Turn, tk.N, fmt.Sprintf("said-%d", tk.Seq), chat.Plain(p.Name, 40)+" : "+e.Text, chat.Room{})
	}
	t.staffFiles(c.Turn, tk.N, e, chat.Room{})
	return t.makePrivate(c, tk, text)
}

// memberSays is record, and tells the member so.
func (t *Table) memberSays(c *Call, tk store.Ticket, text string) error {
	if c.thanksFor(tk, text) {
		return t.thanked(c, tk, text)
	}
	before, seq := tk.State, tk.Seq
	tk, err := t.record(c, tk, text)
	if err != nil || tk.Seq == seq {
		return err
	}
	id := "ticket.added"
	if before != tk.State && before != store.TicketWaitingMember && before != store.TicketMerged {
		id = "ticket.reopened"
	}
	c.SayID(id, words.Args{"N": tk.N})
	return nil
}

func closeTicket(c *Call) error {
	n, ok := number(c.Args)
	if !ok {
		return c.Usage()
	}
	t, err := c.ownTicket(n)
	if err != nil {
		return err
	}
	if !t.AskedBy(c.personID()) { // staff solve, the member closes
		return c.Refuse("ticket.staff_solves", words.Args{"N": n})
	}
	return c.Table.decide(c, t, store.ActClose)
}

func reopenTicket(c *Call) error {
	n, ok := number(c.Args)
	if !ok {
		return c.Usage()
	}
	t, err := c.ownTicket(n)
	if err != nil {
		return err
	}
	return c.Table.decide(c, t, store.ActReopen)
}

// decide closes or reopens a ticket by somebody's word: the member's, who was asked whether it
// is settled, or, to reopen it, a word of staff.
func (t *Table) decide(c *Call, tk store.Ticket, a store.TicketAct) error {
	p := c.Person()
	tk, err := t.act(c.Turn, tk.N, store.TicketEvent{Act: a, By: p.ID, Room: c.Msg.Room.String()})
	if err != nil {
		return c.wrongMoment(err)
	}
	name, done := chat.Plain(p.Name, 40), map[store.TicketAct]string{store.ActClose: "closed", store.ActReopen: "reopened"}[a]
	key := fmt.Sprintf("%s-%d", done, tk.Seq)
	if !tk.AskedBy(p.ID) {
		c.Tx.Audit(p.ID, string(a), fmt.Sprintf("ticket %d", tk.N), c.RoomName)
		t.staffThread(c.Turn, tk.N, key, t.words.Say(t.cfg.Language, "ticket.staff_"+done+"_by", words.Args{"Name": name}), c.sawIt(tk.N))
		told := t.tellMember(c.Turn, tk, key, "ticket.member_"+done, words.Args{"N": tk.N, "Name": name})
		c.keepOp(store.TicketOp{Act: a, Steps: []store.TicketStep{{N: tk.N, Seq: tk.Seq}}, Told: told})
		c.SayID("ticket."+done, words.Args{"N": tk.N})
		return nil
	}
	t.staffThread(c.Turn, tk.N, key, t.words.Say(t.cfg.Language, "ticket.staff_"+done, nil), chat.Room{})
	if a == store.ActClose {
		t.sayClosed(c, tk)
		t.endTicketDialog(c.Turn, tk)
	} else {
		c.SayID("ticket.reopened", words.Args{"N": tk.N})
		t.listen(c.Turn, c.asker(), tk.N)
	}
	t.nextSolved(c)
	return nil
}

// dialogTicket is the kind of a dialogue in which the member's words go to a ticket.
const dialogTicket = "ticket"

// endTicketDialog lets the member's next words belong to nothing any more.
func (t *Table) endTicketDialog(turn *bot.Turn, tk store.Ticket) {
	for _, d := range turn.Tx.Dialogs() {
		if d.Kind == dialogTicket && d.Ticket == tk.N && tk.AskedBy(d.Person) {
			turn.Tx.DropDialog(d.Key())
			turn.Tx.ClearDue(dueDialog, d.Key())
		}
	}
}

// ticketWords takes what a member says after an answer: "yes" and "no" when the
// question was whether it works, otherwise an addition.
func (t *Table) ticketWords(c *Call, d store.Dialog, l line) error {
	tk, ok := c.Tx.Ticket(d.Ticket)
	if !ok || tk.Private && !c.mayRead(tk) { // gone, or the nick is another's now
		c.Tx.DropDialog(d.Key())
		return t.question(c, l.text, true)
	}
	if c.person == nil || c.person.Lang == "" {
		c.lang = t.langOfAsker(c.Tx, c.asAsker(tk)) // "ok" tells of no language
	}
	w := word(l.text)
	if now, found := c.Tx.Current(tk.N); found {
		tk = now
	}
	solved := tk.State == store.TicketSolved
	switch {
	case solved && verdict(l.text) > 0:
		return t.decide(c, tk, store.ActClose)
	case solved && verdict(l.text) < 0:
		return t.decide(c, tk, store.ActReopen)
	case slices.Contains([]string{"stop", "fin", "end"}, w):
		t.endTicketDialog(c.Turn, tk)
		c.SayID("ticket.dialog_left", words.Args{"N": tk.N})
		return nil
	case c.thanksFor(tk, l.text):
		return t.thanked(c, tk, l.text)
	case t.bare(c, l):
		c.lang = ""
		return t.run(c, l)
	case t.stale(c, d, tk, l):
		c.lang = ""
		return t.question(c, l.text, true)
	case tk.State == store.TicketSpam:
		t.endTicketDialog(c.Turn, tk)
		return t.question(c, l.text, true)
	}
	c.Tx.PutDialog(d)
	return t.memberSays(c, tk, l.text)
}

func yes(w string) bool {
	return slices.Contains([]string{"oui", "yes", "ok", "o", "y", "ouais", "yep", "c'est bon", "ca marche", "ca remarche", "it works", "it works now",
		"👍", "✅", "oui merci", "oui, merci", "oui c'est bon", "oui ca marche", "merci oui", "yes thanks", "yes thank you", "yes, thanks", "yes it works", "d'accord"}, w)
}

func no(w string) bool {
	return slices.Contains([]string{"non", "no", "n", "nope", "pas du tout", "toujours pas", "non toujours pas", "ca marche pas", "ca ne marche pas", "non ca marche pas",
		"non merci", "not yet", "👎", "❌", "still broken", "no it does not", "it does not work"}, w)
}

var (
	domainForm = regexp.MustCompile(`(?i)\b(?:https?://)?((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,24})\b`)
	emailForm  = regexp.MustCompile(`[^\s<>"(),;:]+@[^\s<>"(),;:]+\.[a-zA-Z]{2,}`)
	phoneForm  = regexp.MustCompile(`(?:\+\d{1,3}[ .-]?|\b0)[1-9](?:[ .-]?\d{2}){4}\b`)
)

// site is the first domain name that a text names, small letters.
func site(text string) string {
	m := domainForm.FindStringSubmatch(emailForm.ReplaceAllString(text, " "))
	if m == nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(m[1]), "www.")
}

// personal tells whether a text holds an e-mail address or a telephone number.
func personal(text string) bool {
	return emailForm.MatchString(text) || phoneForm.MatchString(text)
}

// cleanLines makes what somebody wrote fit to be kept and shown, line by line.
func cleanLines(text string) string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if l = chat.Plain(l, 2000); l != "" {
			out = append(out, l)
		}
		if len(out) == 40 {
			break
		}
	}
	return strings.Join(out, "\n")
}
