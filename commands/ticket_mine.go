package commands

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// What members say of a ticket without naming it, as asWords gives it.
var (
	worksForm = regexp.MustCompile(`^(?:(?:oui|yes|ok|super|parfait|great|merci|thanks) )*(?:(?:ca|cela|tout|c est|le site|it|everything|all) )?(?:re)?(?:marche|fonctionne|works|repare|regle|bon|fixed)(?: (?:bien|tres bien|nickel|maintenant|a nouveau|de nouveau|now|again|fine|well|merci|beaucoup|thanks|thank you))*$`)
	failsForm = regexp.MustCompile(`^(?:(?:non|no|desole|sorry|bah|ben|mais) )*(?:(?:ca|cela|le site|it) )?(?:(?:ne|n) )?(?:still )?(?:(?:re)?(?:marche|fonctionne|marchent) (?:toujours )?pas|toujours pas|toujours (?:en panne|pareil|casse)|pareil|(?:does not|doesn t|is not|isn t|not) work(?:ing)?|broken|down)(?: (?:encore|toujours|non plus|yet|du tout|at all|either|still))*$`)
	agreeForm = regexp.MustCompile(`^(?:oui|yes)\b`)
	doubtForm = regexp.MustCompile(`\b(?:mais|but|sauf|except|pas|plus|not|non|no|encore|still|n|erreur|error)\b`)
	newsForm  = regexp.MustCompile(`^(?:et |alors |bonjour |hello )*(?:ou en (?:est|sont|etes)(?: (?:vous|on|ca|mon|ma|mes|notre|le|ce|la|les|cette|ticket|tickets|demande|demandes|probleme|dossier))*|des nouvelles.{0,40}|(?:vous avez )?du nouveau.{0,30}|any (?:news|update).{0,40}|c est long(?: quand meme| la| non| dites donc)*|it is taking long|(?:vous etes|tu es|y a|il y a) (?:toujours )?(?:la|quelqu un)|are you (?:still )?there|anybody there|(?:c est|ce sera) pour quand|how long (?:will|does|is|until|before) (?:it|this|that|my|you).{0,30}|combien de temps (?:ca|cela|il faut|vous|encore|avant|pour mon|pour ma).{0,40}|ca avance|(?:how|what) (?:is|about|s) (?:the )?(?:status of )?my (?:ticket|request).{0,20}|status of my ticket|quand (?:aurai|est ce que j aurai) .{0,30})$`)
	closeForm = regexp.MustCompile(`^(?:(?:merci de|please|vous pouvez|tu peux|you can|peux tu|pouvez vous|can you) )*(?:ferme|fermez|fermer|close|cloture|cloturez|cloturer|annule|annulez|annuler|cancel) (?:(?:mon|ma|notre|le|la|ce|my|our|the|this) )?(?:ticket|demande|request)(?: (?:svp|stp|merci|please|thanks))?$`)
	robotForm = regexp.MustCompile(`^(?:(?:mais|but|so|hello|hi|bonjour) )*(?:are you (?:a |an )?(?:robot|bot|human|machine|real person|ai)|(?:vous etes|es tu|etes vous|tu es|t es|c est|suis je avec|je parle a|est ce que je parle a|am i talking to) (?:a |un |une |vraiment )*(?:robot|bot|machine|humain|vraie personne|human|ia))\b.{0,20}$`)
)

// verdict reads whether something works now: 1 it does, -1 it does not, 0 neither.
func verdict(text string) int {
	w, said := word(text), asWords(text)
	switch {
	case no(w) || failsForm.MatchString(said):
		return -1
	case yes(w) || worksForm.MatchString(said):
		return 1
	case agreeForm.MatchString(said) && !doubtForm.MatchString(said) && len(strings.Fields(said)) <= 8:
		return 1
	}
	return 0
}

// listen lets what somebody says next in private go to their ticket, and tells
// whether it does: a diagnosis or a question that waits there comes first.
func (t *Table) listen(turn *bot.Turn, who asker, n int) bool {
	if !who.room.Private {
		return false
	}
	d := store.Dialog{Person: who.person.ID, Room: who.room, With: who.with, Kind: dialogTicket, Ticket: n, Session: []byte("{}")}
	if now, talking := turn.Tx.Dialog(d.Key()); talking && now.Kind != dialogTicket && now.Kind != dialogChoice {
		return false
	}
	turn.Tx.PutDialog(d)
	turn.Tx.SetDue(dueDialog, d.Key(), turn.Now.Add(t.cfg.Tickets.CloseAfter))
	return true
}

// current are the speaker's tickets that go on, the newest first; solved picks
// those that wait for their word, or the others.
func (c *Call) current(solved bool) []store.Ticket {
	return slices.DeleteFunc(c.Tx.TicketsOf(c.personID()), func(tk store.Ticket) bool {
		return !tk.Active() || (tk.State == store.TicketSolved) != solved
	})
}

// mine takes what somebody says of their ticket without naming it: whether it
// works now, where it stands, that it may be closed. It tells whether that is
// what the line was. A diagnosis under way hears its own answers first.
func (t *Table) mine(c *Call, l line) (bool, error) {
	d, talking := c.dialog()
	if l.prefixed || c.InStaffRoom() || talking && d.Kind != dialogTicket && d.Kind != dialogChoice {
		return false, nil
	}
	said := asWords(l.text)
	if l.addressed && len(said) < 80 && robotForm.MatchString(said) {
		c.SayID("core.robot", nil)
		return true, nil
	}
	if c.person == nil || l.text == "" {
		return false, nil
	}
	if did, err := t.aboutSolved(c, d, l); did || err != nil || !l.addressed {
		return did, err
	}
	open := c.current(false)
	over := closeForm.MatchString(said) || worksForm.MatchString(said)
	switch {
	case len(open) == 0:
		return false, nil
	case over && len(open) > 1:
		c.SayID("ticket.which", words.Args{"Tickets": numbers(ticketNumbers(open)), "N": open[0].N})
		return true, nil
	case over:
		return true, t.decide(c, open[0], store.ActClose)
	case len(said) < 80 && newsForm.MatchString(said):
		c.progress(open)
		return true, nil
	}
	return false, nil
}

// aboutSolved takes "yes", "no", "it still does not work" of somebody who was asked
// whether a ticket is settled, where no dialogue hears it as an answer.
func (t *Table) aboutSolved(c *Call, d store.Dialog, l line) (bool, error) {
	v := verdict(l.text)
	solved := c.current(true)
	if v == 0 || len(solved) == 0 {
		return false, nil
	}
	if d.Kind == dialogTicket {
		tk, ok := c.Tx.Ticket(d.Ticket)
		if ok && (tk.State == store.TicketSolved || !tk.LastStaff.IsZero() && tk.Unanswered.IsZero()) {
			return false, nil // it answers what was asked last
		}
	}
	tk := slices.MaxFunc(solved, func(a, b store.Ticket) int { return a.Solved.Compare(b.Solved) })
	if !l.addressed { // people also talk to each other
		w := word(l.text)
		if tk.Origin != c.Msg.Room || (yes(w) || no(w)) && c.Now.Sub(tk.Solved) > t.cfg.Answers.Listen {
			return false, nil
		}
	}
	if c.person.Lang == "" {
		c.lang = t.langOfAsker(c.Tx, c.asAsker(tk))
	}
	if v > 0 {
		return true, t.decide(c, tk, store.ActClose)
	}
	return true, t.decide(c, tk, store.ActReopen)
}

// nextSolved asks about another ticket of the speaker's that waits for their word.
func (t *Table) nextSolved(c *Call) {
	for _, tk := range c.current(true) {
		if tk.Private && !c.Private() {
			continue
		}
		d := store.Dialog{Person: c.personID(), Room: c.Msg.Room, With: c.Msg.From, Kind: dialogTicket, Ticket: tk.N, Session: []byte("{}")}
		if now, talking := c.Tx.Dialog(d.Key()); talking && !own(now.Kind) {
			return
		}
		c.Tx.PutDialog(d)
		c.Tx.SetDue(dueDialog, d.Key(), c.Now.Add(t.cfg.Tickets.CloseAfter))
		c.SayID("ticket.and_solved", words.Args{"N": tk.N, "Subject": t.subject(c.Lang(), tk)})
		return
	}
}

// progress says where tickets stand, in a line each.
func (c *Call) progress(list []store.Ticket) {
	var rows []string
	for _, tk := range list {
		name := ""
		if p, ok := c.Tx.Person(tk.Owner); ok {
			name = chat.Plain(p.Name, 30)
		}
		rows = append(rows, c.W("ticket.progress", words.Args{"N": tk.N, "State": c.W("ticket.state_"+string(tk.State), nil), "Name": name}))
	}
	c.Say(strings.Join(append(rows, c.W("ticket.volunteers", nil)), "\n"))
}

func ticketNumbers(list []store.Ticket) []int {
	var out []int
	for _, tk := range list {
		out = append(out, tk.N)
	}
	return out
}

const (
	// recallWithin is how long after a ticket's last words asking for a person means
	// that ticket, recallPause how long staff are not called for it again.
	recallWithin = 24 * time.Hour
	recallPause  = 10 * time.Minute
)

// recall reminds staff of the speaker's ticket, instead of opening another for
// who asks for a person again. It tells whether there was one.
func (t *Table) recall(c *Call, text string) (bool, error) {
	open := c.current(false)
	if len(open) == 0 {
		return false, nil
	}
	tk := open[0]
	events := c.Tx.TicketEvents(tk.N)
	last := events[len(events)-1].At
	for _, e := range slices.Backward(events) {
		if e.By == c.personID() {
			last = e.At
			break
		}
	}
	if c.Now.Sub(last) > recallWithin {
		return false, nil
	}
	heard := t.listen(c.Turn, c.asker(), tk.N)
	id := "ticket.recalled"
	if !heard {
		id = "ticket.recalled_add"
	}
	if text == "" && c.Now.Sub(last) <= recallPause {
		c.SayID(id, words.Args{"N": tk.N, "Duty": t.dutyWords(c.Turn, c.Lang())})
		return true, nil
	}
	if text == "" {
		text = t.words.Say(t.cfg.Language, "ticket.human_subject", nil)
	}
	if _, err := t.record(c, tk, text); err != nil {
		return true, err
	}
	c.SayID(id, words.Args{"N": tk.N, "Duty": t.dutyWords(c.Turn, c.Lang())})
	return true, nil
}

// stale tells whether somebody who comes back to a ticket's talk begins to speak of
// something else: a complaint that surely is one, long after, when nobody waits
// for their word.
func (t *Table) stale(c *Call, d store.Dialog, tk store.Ticket, l line) bool {
	if tk.State != store.TicketNew && tk.State != store.TicketOpen || !tk.LastStaff.IsZero() || c.Now.Sub(d.Updated) < time.Hour {
		return false
	}
	what := t.know.Decide(l.text, true, false)
	return what.Kind == Sure && len(what.IDs) > 0
}
