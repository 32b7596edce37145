package commands

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// TicketsConfig bounds tickets and says what is aimed at.
type TicketsConfig struct {
	// MaxOpen is how many tickets one person may have open at once.
	MaxOpen int `yaml:"max_open"`
	// CloseAfter is how long a solved ticket waits for the member's word.
	CloseAfter time.Duration `yaml:"close_after"`
	// Targets are what is aimed at, by kind of ticket.
	Targets TargetsConfig `yaml:"targets"`
	// QuietFrom and QuietUntil ("22:00", "08:00") are when nobody is reminded of
	// tickets, also where the opening hours go on.
	QuietFrom  string `yaml:"quiet_from"`
	QuietUntil string `yaml:"quiet_until"`
	// Files bounds what people send beside their words.
	Files FilesConfig `yaml:"files"`
	// Silence is how long a ticket waits for its member when no day was named; it is then closed.
	Silence time.Duration `yaml:"silence"`
	// Undo is how long an act may be undone.
	Undo time.Duration `yaml:"undo"`
	// ExpandEvery is how often a ticket that is spoken of in a staff room is shown there.
	ExpandEvery time.Duration `yaml:"expand_every"`
	// Views are saved searches.
	Views []ViewConfig `yaml:"views"`
	// Canned are answers that staff give often.
	Canned []CannedConfig `yaml:"canned"`
}

func defaultTickets() TicketsConfig {
	return TicketsConfig{MaxOpen: 10, CloseAfter: 7 * 24 * time.Hour, Targets: defaultTargets(), QuietFrom: "22:00", QuietUntil: "08:00",
		Silence: 14 * 24 * time.Hour, Undo: 10 * time.Minute, Files: defaultFiles(), ExpandEvery: 5 * time.Minute}
}

func (c *TicketsConfig) check() []Problem {
	if c.MaxOpen < 1 || c.CloseAfter <= 0 || c.Silence <= 0 || c.Undo <= 0 || c.Files.Max < 0 || c.Files.Size < 0 || c.ExpandEvery < 0 {
		return []Problem{{"tickets", "a bound is zero or less", "write max_open: 10, close_after: 168h, silence: 336h, undo: 10m"}}
	}
	return append(c.checkCanned(), c.checkViews()...)
}

// ticketCommands are what members and staff do with tickets.
func ticketCommands() []*Command {
	return []*Command{
		{Name: "ticket", English: "ticket", Role: Anyone, Run: ticket},
		{Name: "humain", English: "human", Role: Anyone, Run: human},
		{Name: "tickets", English: "tickets", Role: Member, Run: listTickets},
		{Name: "fermer", English: "close", Role: Anyone, Run: closeTicket},
		{Name: "rouvrir", English: "reopen", Role: Anyone, Run: reopenTicket},
		{Name: "prendre", English: "take", Role: Adminsys, Where: StaffOnly, Run: act(store.ActTake)},
		{Name: "rendre", English: "release", Role: Adminsys, Where: StaffOnly, Run: act(store.ActRelease)},
		{Name: "repondre", English: "reply", Role: Adminsys, Where: StaffOnly, Run: replyCommand},
		{Name: "noter", English: "note", Role: Adminsys, Where: StaffOnly, Run: noteCommand},
		{Name: "resoudre", English: "solve", Role: Adminsys, Where: StaffOnly, Run: act(store.ActSolve)},
		{Name: "refuser", English: "reject", Role: Adminsys, Where: StaffOnly, Run: act(store.ActReject)},
		{Name: "indesirable", English: "spam", Role: Adminsys, Where: StaffOnly, Run: act(store.ActSpam)},
		{Name: "priorite", English: "priority", Role: Adminsys, Where: StaffOnly, Run: priorityCommand},
		{Name: "confier", English: "assign", Role: Adminsys, Where: StaffOnly, Run: assignCommand},
		{Name: "attente", English: "wait", Role: Adminsys, Where: StaffOnly, Run: waitCommand},
		{Name: "etiquette", English: "tag", Role: Adminsys, Where: StaffOnly, Run: tagCommand},
		{Name: "suivre", English: "watch", Role: Adminsys, Where: StaffOnly, Run: watchCommand},
		{Name: "fusionner", English: "merge", Role: Adminsys, Where: StaffOnly, Run: mergeCommand},
		{Name: "scinder", English: "split", Role: Adminsys, Where: StaffOnly, Run: splitCommand},
		{Name: "lien", English: "relate", Role: Adminsys, Where: StaffOnly, Run: relateCommand},
		{Name: "annuler", English: "undo", Role: Adminsys, Where: StaffOnly, Run: undoCommand},
		{Name: "pour", English: "for", Role: Adminsys, Where: StaffOnly, Run: forCommand},
		{Name: "modele", English: "canned", Role: Adminsys, Where: StaffOnly, Run: cannedCommand},
	}
}

// ticket shows one ("!ticket 12"), adds to one ("!ticket #12 words") or opens one.
func ticket(c *Call) error {
	word, rest := cutWord(c.Args)
	n, isNumber := number(word)
	switch {
	case !isNumber && numeric(word) && (rest == "" || word[0] == '#'): // 0, -1, more than there can be
		return c.Table.noSuchTicket(c)
	case !strings.ContainsFunc(c.Args, unicode.IsLetter) && !(isNumber && rest == ""):
		return c.Usage()
	case isNumber && rest == "":
		return showTicket(c, n)
	case isNumber && (strings.HasPrefix(word, "#") || c.asked(n)):
		t, err := c.ownTicket(n)
		if err != nil {
			return err
		}
		if !t.AskedBy(c.personID()) {
			return c.Refuse("ticket.staff_choose", words.Args{"N": n})
		}
		return c.Table.memberSays(c, t, rest)
	}
	return openByWords(c, c.Args)
}

// number reads "12" and "#12".
func number(s string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(s, "#"))
	return n, err == nil && n > 0
}

// numeric tells whether a word is meant as a number, whatever its size, sign and script.
func numeric(s string) bool {
	digits := strings.ContainsFunc(s, unicode.IsDigit)
	return digits && strings.TrimFunc(s, func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune("#+-.", r) }) == ""
}

// noSuchTicket is the refusal of a number that is nobody's; who has no account is
// not sent to a list that they may not read.
func (t *Table) noSuchTicket(c *Call) error {
	if !c.Msg.From.Known() {
		return c.Refuse("ticket.not_found_unknown", nil)
	}
	return c.Refuse("ticket.not_found", nil)
}

// openByWords opens a ticket that begins with what somebody wrote.
func openByWords(c *Call, text string) error {
	t := c.Table
	o := t.classified(store.Opening{Subject: chat.Plain(text, 140), Private: c.Private()}, text)
	tk, err := t.openTicket(c, o, text)
	if err != nil {
		return err
	}
	heard := t.listen(c.Turn, c.asker(), tk.N)
	now, _ := c.Tx.Ticket(tk.N)
	if i, known := c.Tx.Incident(now.Incident); known && i.Open() {
		c.SayID("ticket.opened_incident", words.Args{"N": tk.N, "News": t.headline(c.Lang(), i, i.Posts[len(i.Posts)-1])})
		return nil
	}
	id := "ticket.opened"
	if heard {
		id = "ticket.opened_private"
	}
	c.SayID(id, words.Args{"N": tk.N})
	return nil
}

// outageOf is the service that words surely say is out; empty when they do not: from
// these tickets incidents are proposed.
func (t *Table) outageOf(text string) string {
	if d := t.know.Decide(text, true, false); d.Kind == Sure && len(d.IDs) > 0 {
		if _, ok := t.lib.ByIntent(d.IDs[0]); ok {
			return t.serviceFor(d.IDs[0])
		}
	}
	said := " " + asWords(text) + " "
	if !outageForm.MatchString(said) {
		return ""
	}
	for _, s := range t.cfg.Services {
		if strings.Contains(said, " "+asWords(s.ID)+" ") {
			return s.ID
		}
	}
	for _, w := range strings.Fields(said) {
		switch w {
		case "site", "sites", "wiki", "forum", "blog", "website", "websites":
			return t.serviceFor("site_down")
		case "mail", "mails", "email", "emails", "courriel", "courriels", "messagerie":
			return t.serviceFor("mail_receive")
		case "telephone", "phone":
			return t.serviceFor("voip")
		}
	}
	return ""
}

// outageForm is how people say that something named is out.
var outageForm = regexp.MustCompile(` (?:en panne|est (?:mort|morte|hs|tombe|down|inaccessible)|ne (?:marche|fonctionne|repond) plus|(?:is|are) (?:down|dead)) `)

// asked tells whether a ticket is the speaker's own and goes on.
func (c *Call) asked(n int) bool {
	t, ok := c.Tx.Ticket(n)
	return ok && t.AskedBy(c.personID()) && t.Active()
}

// human opens a ticket for whoever wants a person, and says who may read it. In
// the middle of a diagnosis the ticket holds what was found so far.
func human(c *Call) error {
	text := c.Args
	if d, talking := c.dialog(); talking && !own(d.Kind) {
		return c.Table.handOver(c, d, text)
	}
	if did, err := c.Table.recall(c, text); did || err != nil {
		return err
	}
	if text == "" {
		text = c.Table.words.Say(c.Table.cfg.Language, "ticket.human_subject", nil)
	}
	tk, err := c.Table.openTicket(c, store.Opening{Subject: chat.Plain(text, 140), Kind: store.KindQuestion, Private: c.Private()}, text)
	if err != nil {
		return err
	}
	c.Table.listen(c.Turn, c.asker(), tk.N)
	c.SayID(handOverWords("human", c.Msg.Room), words.Args{"N": tk.N, "Duty": c.Table.dutyWords(c.Turn, c.Lang())})
	return nil
}

// asker is whoever a ticket is opened for, and where.
type asker struct {
	person store.Person
	with   chat.Identity
	room   chat.Room
	lang   string
	ref    string
	files  []store.TicketFile
	secret bool // one was taken out of what they wrote
}

func (c *Call) asker() asker {
	return asker{person: c.Person(), with: c.Msg.From, room: c.Msg.Room, lang: c.Lang(), ref: ref(c.Msg), secret: c.secret}
}

// openTicket opens a ticket for the speaker; see openFor.
func (t *Table) openTicket(c *Call, o store.Opening, first string) (store.Ticket, error) {
	who := c.asker()
	who.files = c.filesFor(0)
	return t.openFor(c.Turn, who, o, first)
}

// openFor opens a ticket, tells the staff rooms, and looks whether others have
// reported the same. first is what was said, secrets already taken out. The
// caller says the number: it is read only after the commit.
func (t *Table) openFor(turn *bot.Turn, who asker, o store.Opening, first string) (store.Ticket, error) {
	open := 0
	for _, old := range turn.Tx.TicketsOf(who.person.ID) {
		if old.Active() && old.State != store.TicketSolved {
			open++
		}
	}
	if open >= t.cfg.Tickets.MaxOpen {
		return store.Ticket{}, &bot.Notice{Message: t.words.Say(who.lang, "ticket.too_many", words.Args{"Count": open})}
	}
	o.Requester, o.Session, o.Lang, o.Origin = who.person.ID, who.with.Session, who.lang, who.room
	if o.Site == "" {
		o.Site = site(first)
	}
	o.Association = t.association(o.Site)
	if !o.Private && (personal(first) || who.secret) {
		o.Private = true
		id := "ticket.made_private"
		if who.secret {
			id = "ticketfile.private_secret"
		}
		turn.Say(chat.Reply{Room: privateRoom(who.with), Text: t.words.Say(who.lang, id, nil), Secret: true, Priority: chat.Answer})
	}
	tk, err := turn.Tx.OpenTicket(o, store.TicketEvent{By: who.person.ID, Room: who.room.String(), Ref: who.ref, Text: cleanLines(first), Files: who.files})
	if err != nil {
		return tk, fmt.Errorf("open a ticket: %w", err)
	}
	if err := t.givePhrase(turn, who, tk.N); err != nil {
		return tk, err
	}
	if o.Private { // "we go on here"
		who.room = privateRoom(who.with)
		t.listen(turn, who, tk.N)
	}
	t.postTicket(turn, tk, who.person, first)
	t.staffFiles(turn, tk.N, store.TicketEvent{Seq: tk.Seq, Room: who.room.String(), Files: who.files}, chat.Room{})
	return tk, t.considerIncident(turn, tk)
}

// association is whose site it is, as the register knows it; empty when it does not.
func (t *Table) association(domain string) string {
	for _, s := range t.cfg.Sites {
		if domain != "" && strings.TrimPrefix(strings.ToLower(s.Domain), "www.") == domain {
			return s.Association
		}
	}
	return ""
}

// ref names a message for ever.
func ref(m chat.Message) string {
	if m.ID == "" {
		return ""
	}
	return m.Room.Network + "/" + m.ID
}

// rootKey names the message that starts a ticket's talk in a staff room.
func rootKey(n int, room chat.Room) string {
	return replyKey(fmt.Sprintf("ticket/%d/root/%s", n, room))
}

// postTicket tells each staff room of a new ticket: on Matrix this message
// starts the ticket's thread.
func (t *Table) postTicket(turn *bot.Turn, tk store.Ticket, p store.Person, first string) {
	lang := t.cfg.Language
	head, like := t.head(tk, p), t.like(turn, tk, first)
	for _, room := range t.cfg.StaffRooms() {
		turn.Deliver(chat.Reply{Key: rootKey(tk.N, room), Room: room, Text: head, Tone: chat.Loud, Secret: true, Priority: chat.Urgent},
			bot.Delivery{Track: true})
		detail := t.numbered(room, tk.N) + "« " + cleanLines(first) + " »"
		if like != "" {
			detail += "\n" + like
		}
		if told := t.diagnosis(turn.Tx, lang, tk, turn.Now); told != "" {
			detail += "\n" + told
		}
		turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("ticket/%d/detail/%s", tk.N, room)), ThreadOf: rootKey(tk.N, room), Room: room,
			Text: t.brief(room, detail), Secret: true, Priority: chat.Urgent}, bot.Delivery{Track: true})
	}
}

// head is a ticket's first message in a staff room.
func (t *Table) head(tk store.Ticket, p store.Person) string {
	lang := t.cfg.Language
	return t.words.Say(lang, "ticket.head", words.Args{"N": tk.N, "Kind": t.words.Say(lang, "ticket.kind_"+string(tk.Kind), nil),
		"About": t.about(lang, tk), "Name": chat.Plain(p.Name, 40)})
}

// subject is what a ticket is about in its member's words, or that they took them back.
func (t *Table) subject(lang string, tk store.Ticket) string {
	if tk.Erased {
		return t.words.Say(lang, "privacy.erased", nil)
	}
	if tk.Subject == "" {
		return t.words.Say(lang, "ticket.taken_back", nil)
	}
	return tk.Subject
}

// brief cuts a text to what a network of short lines bears.
func (t *Table) brief(room chat.Room, text string) string {
	max := t.lines(room.Network)
	lines := strings.Split(text, "\n")
	if max <= 0 || len(lines) <= max {
		return text
	}
	return strings.Join(lines[:max], "\n") + " …"
}

// staffThread says something in a ticket's thread in each staff room; where a
// network has no threads the text carries the number.
func (t *Table) staffThread(turn *bot.Turn, n int, key, text string, except chat.Room) {
	for _, room := range t.cfg.StaffRooms() {
		if room == except {
			continue
		}
		turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("ticket/%d/%s/%s", n, key, room)), ThreadOf: rootKey(n, room), Room: room,
			Text: t.brief(room, t.numbered(room, n)+text), Secret: true, Priority: chat.Urgent}, bot.Delivery{Track: true})
	}
}

// numbered is a ticket's number in front of a text, where no thread shows it.
func (t *Table) numbered(room chat.Room, n int) string {
	if t.lines(room.Network) == 0 {
		return ""
	}
	return fmt.Sprintf("#%d · ", n)
}

// about is a ticket in a few words: service, site, urgency.
func (t *Table) about(lang string, tk store.Ticket) string {
	var parts []string
	if tk.Service != "" {
		parts = append(parts, t.serviceTitle(lang, tk.Service))
	}
	if tk.Site != "" {
		parts = append(parts, chat.Plain(tk.Site, 80))
	}
	if tk.Priority == "high" || tk.Priority == "urgent" {
		parts = append(parts, t.words.Say(lang, "ticket.priority_"+tk.Priority, nil))
	}
	if len(parts) == 0 {
		return t.subject(lang, tk)
	}
	return strings.Join(parts, " · ")
}
