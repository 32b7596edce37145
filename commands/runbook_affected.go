package commands

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// tooForm is how somebody says that it is the same for them, as asWords gives it.
var tooForm = regexp.MustCompile(`^(?:(?:oui|yes|ah|bonjour|hello|salut|euh) )*(?:moi aussi|nous aussi|pareil(?: (?:ici|pour moi|pour nous|chez moi|chez nous|que (?:lui|elle|toi|vous)))?|idem(?: (?:ici|pour moi|pour nous|chez moi|chez nous))?|(?:ici|chez moi|chez nous) aussi|meme (?:souci|probleme|chose|panne)(?: (?:ici|pour moi|pour nous|chez moi|chez nous))?|me too|us too|same(?: (?:here|for me|for us|problem|problem here|issue|issue here))?)$`)

const (
	// maxAffected bounds who is counted beside one dialogue.
	maxAffected = 200
	// affectedName names the note of the persons who say "me too" of a dialogue.
	affectedName = "affected/"
)

// affectedOf names the note of those who are counted beside a dialogue.
func affectedOf(d store.Dialog) string { return affectedName + d.Key() }

// meToo counts who says "moi aussi" in a shared room to somebody else's trouble: in
// the diagnosis that runs there, else in the ticket that was opened there a moment
// ago. They are told what the team answers, as the other is. It tells whether the
// line was that.
func (t *Table) meToo(c *Call, l line) (bool, error) {
	if c.Private() || c.InStaffRoom() || l.prefixed || len(l.text) > 60 || !tooForm.MatchString(asWords(l.text)) {
		return false, nil
	}
	if _, talking := c.dialog(); talking {
		return false, nil // an answer of theirs
	}
	if d, ok := t.talkedOfHere(c); ok {
		note := affectedOf(d)
		counted := strings.Fields(c.Tx.Note(note))
		if id := c.Person().ID; !slices.Contains(counted, id) && len(counted) < maxAffected {
			c.Tx.SetNote(note, strings.Join(append(counted, id), " "))
		}
		c.sayCounted()
		return true, nil
	}
	tk, ok := t.openedHere(c)
	if !ok {
		return false, nil
	}
	if p := c.Person(); !t.countedIn(c.Tx, tk.N, p.ID) {
		n, err := t.alsoAffected(c.Tx, tk, p)
		if err != nil {
			return true, err
		}
		t.staffThread(c.Turn, tk.N, "too-"+p.ID, t.words.Say(t.cfg.Language, "runbook.too_staff",
			words.Args{"Who": t.nameOf(c.Tx, t.cfg.Language, p.ID), "All": n}), chat.Room{})
	}
	c.sayCounted()
	return true, nil
}

// sayCounted tells somebody that they are counted, and promises news only to whom
// they can be brought: the network must vouch for them.
func (c *Call) sayCounted() {
	if c.Msg.From.Known() {
		c.SayID("runbook.me_too", nil)
		return
	}
	c.SayID("runbook.me_too_unknown", nil)
}

// talkedOfHere is the diagnosis of somebody else that was last spoken of in this
// room, if that was a moment ago.
func (t *Table) talkedOfHere(c *Call) (store.Dialog, bool) {
	var last store.Dialog
	for _, d := range c.Tx.Dialogs() {
		if d.Room == c.Msg.Room && !own(d.Kind) && d.Person != c.personID() && d.Updated.After(last.Updated) {
			last = d
		}
	}
	return last, last.Kind != "" && c.Now.Sub(last.Updated) <= t.cfg.Answers.Listen
}

// openedHere is the public outage that somebody else reported in this room last, if
// that is not long ago.
func (t *Table) openedHere(c *Call) (store.Ticket, bool) {
	var last store.Ticket
	for _, tk := range c.Tx.ActiveTickets() {
		here := tk.Origin == c.Msg.Room && !tk.Private && tk.Kind == store.KindOutage && tk.State != store.TicketSolved
		if here && !tk.AskedBy(c.personID()) && tk.N > last.N {
			last = tk
		}
	}
	return last, last.N > 0 && c.Now.Sub(last.Opened) <= t.cfg.Incidents.Window
}

// affectedNote names the note of those who are counted beside a ticket's requester.
func affectedNote(n int) string { return affectedName + "ticket/" + strconv.Itoa(n) }

func (t *Table) countedIn(tx *store.Tx, n int, person string) bool {
	return slices.Contains(strings.Fields(tx.Note(affectedNote(n))), person)
}

// alsoAffected counts somebody in a ticket, and lets them hear what its requester
// hears. It returns how many are affected now, the requester among them.
func (t *Table) alsoAffected(tx *store.Tx, tk store.Ticket, p store.Person) (int, error) {
	counted := strings.Fields(tx.Note(affectedNote(tk.N)))
	if slices.Contains(counted, p.ID) || len(counted) >= maxAffected {
		return len(counted) + 1, nil
	}
	counted = append(counted, p.ID)
	tx.SetNote(affectedNote(tk.N), strings.Join(counted, " "))
	if !slices.Contains(tk.Watchers, p.ID) {
		if _, err := tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActWatch, By: p.ID, To: p.ID}); err != nil {
			return 0, fmt.Errorf("let %s hear of ticket %d: %w", p.ID, tk.N, err)
		}
	}
	return len(counted) + 1, nil
}

// bringAffected adds to a new ticket those who said "me too" while it was being
// diagnosed.
func (k *talk) bringAffected(tk store.Ticket) error {
	var names []string
	count := 0
	for _, id := range strings.Fields(k.Tx.Note(affectedOf(k.d))) {
		p, ok := k.Tx.Person(id)
		if !ok || id == k.d.Person || tk.Private {
			continue
		}
		n, err := k.table.alsoAffected(k.Tx, tk, p)
		if err != nil {
			return err
		}
		count = n
		names = append(names, k.table.nameOf(k.Tx, k.table.cfg.Language, id))
	}
	if len(names) > 0 {
		k.table.staffThread(k.Turn, tk.N, "too", k.table.words.Say(k.table.cfg.Language, "runbook.too_staff",
			words.Args{"Who": strings.Join(names, ", "), "All": count}), chat.Room{})
	}
	return nil
}

// tellAffected ends the count of a dialogue: if it met a known incident, those who
// were counted are told its end too.
func (k *talk) tellAffected() {
	note := affectedOf(k.d)
	for _, r := range k.s.Runs {
		if r.Request.Kind != "incident" || k.s.Outcome != runbooks.KnownIncident {
			continue
		}
		incident, _ := r.Report.Fields["id"].(string)
		for _, id := range strings.Fields(k.Tx.Note(note)) {
			k.table.followIncident(k.Turn, id, incident)
		}
	}
	k.Tx.SetNote(note, "")
}

// shared finds the ticket that somebody else of the same association has open on
// the same trouble: same service, same site. Only who surely speaks for that
// association, by the register, is counted there instead of getting a ticket of
// their own; private tickets are nobody else's matter.
func (k *talk) shared(o store.Opening, p store.Person) (store.Ticket, bool) {
	if o.Site == "" || o.Service == "" || o.Private {
		return store.Ticket{}, false
	}
	speaks := false
	for _, m := range k.table.membersOf(p) {
		for _, d := range m.Domains {
			speaks = speaks || sameDomain(d.Name, o.Site)
		}
	}
	if !speaks {
		return store.Ticket{}, false
	}
	for _, tk := range k.Tx.ActiveTickets() {
		if sameDomain(tk.Site, o.Site) && tk.Service == o.Service && tk.Kind == o.Kind && !tk.Private &&
			tk.State != store.TicketSolved && !tk.AskedBy(p.ID) {
			return tk, true
		}
	}
	return store.Ticket{}, false
}

// join counts a diagnosis in a ticket that another member of the association has
// open, with what it found as a note for staff.
func (k *talk) join(tk store.Ticket, p store.Person, raw []byte, first string) error {
	count, err := k.table.alsoAffected(k.Tx, tk, p)
	if err != nil {
		return err
	}
	lang := k.table.cfg.Language
	said := k.table.words.Say(lang, "runbook.joined_staff", words.Args{"Who": k.table.nameOf(k.Tx, lang, p.ID), "Text": first, "All": count})
	if told := k.table.diagnosis(k.Tx, lang, store.Ticket{Opening: store.Opening{Runbook: raw}}, k.Now); told != "" {
		said += "\n" + told
	}
	if _, err := k.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActNote, By: p.ID, Room: k.d.Room.String(), Text: said}); err != nil {
		return fmt.Errorf("note a further report in ticket %d: %w", tk.N, err)
	}
	k.table.staffThread(k.Turn, tk.N, "joined-"+p.ID, said, chat.Room{})
	k.d.Ticket = tk.N
	k.text = append(k.text, k.table.words.Say(k.lang(), "runbook.joined", words.Args{"N": tk.N, "Site": tk.Site}))
	return nil
}
