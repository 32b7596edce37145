package commands

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
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
	mine := ok && c.personID() != "" && t.Requester == c.personID() && (!t.Private || c.Msg.From.SameSession(t.Session))
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

// showTicket tells a ticket's state and its last words.
func showTicket(c *Call, n int) error {
	t, err := c.ownTicket(n)
	if err != nil {
		return err
	}
	staff := c.Has(Adminsys) && (c.Private() || c.InStaffRoom())
	args := words.Args{"N": t.N, "State": c.W("ticket.state_"+string(t.State), nil), "Subject": c.Table.subject(c.Lang(), t), "Date": c.Local(t.Opened).Format("02/01 15:04")}
	rows := []string{c.W("ticket.shown", args)}
	for _, e := range store.AsAmended(c.Tx.TicketEvents(n)) {
		if row := c.transcriptLine(e, staff); row != "" {
			rows = append(rows, row)
		}
	}
	if !c.Private() && !c.InStaffRoom() { // answers went to the member alone
		c.SayID("ticket.shown_public", args)
		c.Whisper(strings.Join(rows, "\n"))
		return nil
	}
	if staff {
		if told := c.Table.diagnosis(c.Tx, c.Lang(), t, c.Now); told != "" {
			rows = append(rows, told)
		}
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// transcriptLine is one event as a reader may see it: members never see notes.
func (c *Call) transcriptLine(e store.TicketEvent, staff bool) string {
	if e.Text == "" || e.Act == store.ActNote && !staff {
		return ""
	}
	switch e.Act {
	case store.ActOpen, store.ActSay, store.ActReply, store.ActNote, store.ActSolve, store.ActReject:
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
	return fmt.Sprintf("- %s %s%s : %s", c.Local(e.At).Format("02/01 15:04"), who, mark, oneLine(e.Text))
}

// record adds a member's words to a ticket and tells staff.
func (t *Table) record(c *Call, tk store.Ticket, text string) (store.Ticket, error) {
	p := c.Person()
	tk, err := c.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActSay, By: p.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg), Text: cleanLines(text)})
	if err != nil {
		return tk, c.wrongMoment(err)
	}
	c.Tx.ClearDue(dueTicketClose, strconv.Itoa(tk.N))
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("said-%d", tk.Seq), chat.Plain(p.Name, 40)+" : "+cleanLines(text), chat.Room{})
	return tk, nil
}

// memberSays is record, and tells the member so.
func (t *Table) memberSays(c *Call, tk store.Ticket, text string) error {
	before := tk.State
	tk, err := t.record(c, tk, text)
	if err != nil {
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
	if t.Requester != c.personID() { // staff solve, the member closes
		return c.Refuse("ticket.staff_solves", words.Args{"N": n})
	}
	return c.Table.closeFor(c, t)
}

// closeFor closes a ticket by somebody's word and thanks them.
func (t *Table) closeFor(c *Call, tk store.Ticket) error {
	p := c.Person()
	tk, err := c.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActClose, By: p.ID, Room: c.Msg.Room.String()})
	if err != nil {
		return c.wrongMoment(err)
	}
	c.Tx.ClearDue(dueTicketClose, strconv.Itoa(tk.N))
	t.endTicketDialog(c.Turn, tk)
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("closed-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_closed", nil), chat.Room{})
	c.SayID("ticket.closed", words.Args{"N": tk.N})
	if tk.Requester == c.personID() {
		t.nextSolved(c)
	}
	return nil
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
	return c.Table.reopenFor(c, t)
}

func (t *Table) reopenFor(c *Call, tk store.Ticket) error {
	p := c.Person()
	tk, err := c.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActReopen, By: p.ID, Room: c.Msg.Room.String()})
	if err != nil {
		return c.wrongMoment(err)
	}
	c.Tx.ClearDue(dueTicketClose, strconv.Itoa(tk.N))
	if tk.Requester != p.ID { // by staff
		name := chat.Plain(p.Name, 40)
		c.Tx.Audit(p.ID, "reopen", fmt.Sprintf("ticket %d", tk.N), c.RoomName)
		t.staffThread(c.Turn, tk.N, fmt.Sprintf("reopened-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_reopened_by", words.Args{"Name": name}), c.sawIt(tk.N))
		t.tellMember(c.Turn, tk, fmt.Sprintf("reopened-%d", tk.Seq), t.words.Say(t.langOfTicket(c.Tx, tk), "ticket.member_reopened", words.Args{"N": tk.N, "Name": name}))
	} else {
		t.staffThread(c.Turn, tk.N, fmt.Sprintf("reopened-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_reopened", nil), chat.Room{})
	}
	c.SayID("ticket.reopened", words.Args{"N": tk.N})
	if tk.Requester == p.ID {
		t.listen(c.Turn, c.asker(), tk.N)
		t.nextSolved(c)
	}
	return nil
}

// dialogTicket is the kind of a dialogue in which the member's words go to a ticket.
const dialogTicket = "ticket"

// endTicketDialog lets the member's next words belong to nothing any more.
func (t *Table) endTicketDialog(turn *bot.Turn, tk store.Ticket) {
	for _, d := range turn.Tx.Dialogs() {
		if d.Kind == dialogTicket && d.Ticket == tk.N && d.Person == tk.Requester {
			turn.Tx.DropDialog(d.Key())
			turn.Tx.ClearDue(dueDialog, d.Key())
		}
	}
}

// ticketWords takes what a member says after an answer: "yes" and "no" when the
// question was whether it works, otherwise an addition.
func (t *Table) ticketWords(c *Call, d store.Dialog, l line) error {
	tk, ok := c.Tx.Ticket(d.Ticket)
	if !ok || tk.Private && !c.Msg.From.SameSession(tk.Session) { // gone, or the nick is another's now
		c.Tx.DropDialog(d.Key())
		return t.question(c, l.text, true)
	}
	if c.person == nil || c.person.Lang == "" {
		c.lang = t.langOfTicket(c.Tx, tk) // "ok" tells of no language
	}
	w := word(l.text)
	solved := tk.State == store.TicketSolved
	switch {
	case solved && verdict(l.text) > 0:
		return t.closeFor(c, tk)
	case solved && verdict(l.text) < 0:
		return t.reopenFor(c, tk)
	case slices.Contains([]string{"stop", "fin", "end"}, w):
		t.endTicketDialog(c.Turn, tk)
		c.SayID("ticket.dialog_left", words.Args{"N": tk.N})
		return nil
	case thanks(w):
		c.SayID("ticket.welcome", nil)
		return nil
	case t.bare(c, l):
		c.lang = ""
		return t.run(c, l)
	case t.stale(c, d, tk, l):
		c.lang = ""
		return t.question(c, l.text, true)
	case !tk.Active():
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

func thanks(w string) bool {
	return slices.Contains([]string{"merci", "merci beaucoup", "merci bien", "un grand merci", "super merci", "ok merci", "thanks", "thank you", "thx", "many thanks"}, w)
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
