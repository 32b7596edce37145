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
	mine := ok && c.personID() != "" && t.Requester == c.personID()
	staff := ok && c.Has(Adminsys) && (c.Private() || c.InStaffRoom())
	if !mine && !staff {
		return t, c.Refuse("ticket.not_found", nil)
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
	rows := []string{c.W("ticket.shown", words.Args{"N": t.N, "State": c.W("ticket.state_"+string(t.State), nil),
		"Subject": t.Subject, "Date": c.Local(t.Opened).Format("02/01 15:04")})}
	for _, e := range c.Tx.TicketEvents(n) {
		if row := c.transcriptLine(e, staff); row != "" {
			rows = append(rows, row)
		}
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

// memberSays adds a member's words to a ticket and tells staff.
func (t *Table) memberSays(c *Call, tk store.Ticket, text string) error {
	p := c.Person()
	before := tk.State
	tk, err := c.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActSay, By: p.ID, Room: c.Msg.Room.String(), Ref: ref(c.Msg), Text: cleanLines(text)})
	if err != nil {
		return c.wrongMoment(err)
	}
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("said-%d", tk.Seq), chat.Plain(p.Name, 40)+" : "+cleanLines(text), chat.Room{})
	id := "ticket.added"
	if before != tk.State && before != store.TicketWaitingMember {
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
	return c.Table.closeFor(c, t)
}

// closeFor closes a ticket by somebody's word and thanks them.
func (t *Table) closeFor(c *Call, tk store.Ticket) error {
	p := c.Person()
	tk, err := c.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActClose, By: p.ID, Room: c.Msg.Room.String()})
	if err != nil {
		return c.wrongMoment(err)
	}
	c.Tx.ClearDue(dueTicketClose, fmt.Sprint(tk.N))
	c.Table.staffThread(c.Turn, tk.N, fmt.Sprintf("closed-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_closed", nil), chat.Room{})
	c.SayID("ticket.closed", words.Args{"N": tk.N})
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
	c.Tx.ClearDue(dueTicketClose, fmt.Sprint(tk.N))
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("reopened-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_reopened", nil), chat.Room{})
	c.SayID("ticket.reopened", words.Args{"N": tk.N})
	return nil
}

// tellMember says something about a ticket to whoever asked for it: in private,
// bound to their account, where they have one; otherwise where they opened it.
// key makes it said once.
func (t *Table) tellMember(turn *bot.Turn, tk store.Ticket, key, text string) {
	p, ok := turn.Tx.Person(tk.Requester)
	if !ok {
		return
	}
	room, to := t.roomFor(tk, p)
	turn.Deliver(chat.Reply{Key: fmt.Sprintf("ticket/%d/member/%s", tk.N, key), Room: room, To: to, Text: text, Tone: chat.Loud,
		Secret: room.Private, Priority: chat.Answer}, bot.Delivery{Track: true})
	// What the person says there next belongs to this ticket.
	turn.Tx.PutDialog(store.Dialog{Person: p.ID, Room: room, Kind: dialogTicket, Ticket: tk.N, Session: []byte("{}")})
}

// roomFor is where a ticket's answers are read by the member.
func (t *Table) roomFor(tk store.Ticket, p store.Person) (chat.Room, *chat.Identity) {
	for _, r := range p.Rooms {
		if r.Account != "" {
			return r, nil
		}
	}
	if tk.Origin.Private || tk.Private {
		if i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Network == tk.Origin.Network }); i >= 0 {
			return p.Rooms[i], nil
		}
		return tk.Origin, nil
	}
	return tk.Origin, &chat.Identity{Network: tk.Origin.Network, Nick: p.Name}
}

// dialogTicket is the kind of a dialogue in which the member's words go to a ticket.
const dialogTicket = "ticket"

// ticketWords takes what a member says after an answer: "yes" and "no" when the
// question was whether it works, otherwise an addition.
func (t *Table) ticketWords(c *Call, d store.Dialog, l line) error {
	tk, ok := c.Tx.Ticket(d.Ticket)
	if !ok {
		c.Tx.DropDialog(d.Key())
		return t.question(c, l.text, true)
	}
	word := strings.Trim(Fold(l.text), " .!?")
	switch {
	case tk.State == store.TicketSolved && yes(word):
		c.Tx.DropDialog(d.Key())
		return t.closeFor(c, tk)
	case tk.State == store.TicketSolved && no(word):
		return t.reopenFor(c, tk)
	case word == "stop" || word == "fin" || word == "end":
		c.Tx.DropDialog(d.Key())
		c.SayID("ticket.dialog_left", words.Args{"N": tk.N})
		return nil
	case thanks(word) && !tk.Active():
		c.Tx.DropDialog(d.Key())
		c.SayID("ticket.welcome", nil)
		return nil
	case !tk.Active():
		c.Tx.DropDialog(d.Key())
		return t.question(c, l.text, true)
	}
	return t.memberSays(c, tk, l.text)
}

func yes(w string) bool {
	return slices.Contains([]string{"oui", "yes", "ok", "o", "y", "ouais", "yep", "c'est bon", "ca marche", "it works", "👍", "✅", "oui merci", "yes thanks"}, w)
}

func no(w string) bool {
	return slices.Contains([]string{"non", "no", "n", "nope", "pas du tout", "toujours pas", "ca marche pas", "not yet", "👎", "❌", "still broken"}, w)
}

func thanks(w string) bool {
	return slices.Contains([]string{"merci", "merci beaucoup", "merci !", "thanks", "thank you", "thx"}, w)
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
	return strings.ToLower(strings.TrimPrefix(m[1], "www."))
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
