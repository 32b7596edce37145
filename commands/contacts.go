package commands

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/register"
	"vigie/commands/words"
	"vigie/store"
)

// ContactsConfig says how the register is kept true by those whom it is about.
type ContactsConfig struct {
	// Every is how long a confirmed entry is believed. Zero: nobody is asked.
	Every time.Duration `yaml:"every"`
	// Again is how long to wait before asking somebody who has not answered.
	Again time.Duration `yaml:"again"`
	// PerDay is how many contacts are asked in a day, so that a new register does not
	// write to everybody at once.
	PerDay int `yaml:"per_day"`
	// At is the hour, "10:00".
	At string `yaml:"at"`
}

func defaultContacts() ContactsConfig {
	return ContactsConfig{Every: 365 * 24 * time.Hour, Again: 30 * 24 * time.Hour, PerDay: 5, At: "10:00"}
}

func (c *ContactsConfig) check() []Problem {
	if _, err := time.Parse("15:04", c.At); err != nil || c.Every < 0 || c.Again <= 0 || c.PerDay < 1 {
		return []Problem{{"contacts", "a bound is too small, or the hour is none", `write every: 8760h, again: 720h, per_day: 5, at: "10:00"`}}
	}
	return nil
}

const (
	// dueContacts is when today's contacts are asked.
	dueContacts = "contacts"
	// dialogContact is the kind of a dialogue that waits for a contact's word.
	dialogContact = "contact"
	// maxCorrection is how much of a correction is kept, in runes.
	maxCorrection = 2000
)

// planContacts sets the next day of asking, if none is set.
func (t *Table) planContacts(turn *bot.Turn) {
	if _, set := turn.Tx.DueAt(dueContacts, "all"); !set && t.cfg.Contacts.Every > 0 && len(t.register.Members()) > 0 {
		turn.Tx.SetDue(dueContacts, "all", nextAt(turn.Now, t.cfg.Contacts.At, t.cfg.Location()))
	}
}

// nextAt is the next time that the clock on the wall shows an hour, on a working day.
func nextAt(now time.Time, hour string, where *time.Location) time.Time {
	h, _ := time.Parse("15:04", hour)
	local := now.In(where)
	for day := 0; ; day++ {
		at := time.Date(local.Year(), local.Month(), local.Day()+day, h.Hour(), h.Minute(), 0, 0, where)
		if at.After(now) && at.Weekday() != time.Saturday && at.Weekday() != time.Sunday {
			return at
		}
	}
}

// contactsDue asks those whose word is due, a few a day, the longest unconfirmed first.
func (t *Table) contactsDue(turn *bot.Turn, _ store.Due) error {
	overdue := t.unconfirmed(turn.Tx, turn.Now)
	asked := 0
	for _, m := range overdue {
		k := turn.Tx.Contact(register.Fold(m.Association))
		if asked == t.cfg.Contacts.PerDay {
			break
		}
		if k.Correction == "" && (k.Asked.IsZero() || turn.Now.Sub(k.Asked) >= t.cfg.Contacts.Again) && t.askContact(turn, m, k) {
			asked++
		}
	}
	t.planContacts(turn)
	return nil
}

// unconfirmed are the associations that nobody has confirmed within Every, the
// longest ago first.
func (t *Table) unconfirmed(tx *store.Tx, now time.Time) []register.Member {
	since := func(m register.Member) time.Time {
		return tx.Contact(register.Fold(m.Association)).Since(m.Confirmed.Time)
	}
	out := slices.DeleteFunc(t.register.Members(), func(m register.Member) bool {
		return m.Association == "" || t.cfg.Contacts.Every <= 0 || now.Sub(since(m)) < t.cfg.Contacts.Every
	})
	slices.SortStableFunc(out, func(a, b register.Member) int {
		return cmp.Or(since(a).Compare(since(b)), strings.Compare(a.Association, b.Association))
	})
	return out
}

// personOf finds the person behind an identity of the configuration, or begins one.
func personOf(tx *store.Tx, identity string) (store.Person, chat.Identity) {
	network, account, _ := strings.Cut(identity, "/")
	id := chat.Identity{Network: network, Account: account, Nick: account}
	if p, ok := tx.FindPerson(id); ok {
		return p, id
	}
	return tx.PersonFor(id), id
}

// askContact puts the question in private, and tells whether it could: somebody in
// the middle of something else is left alone today.
func (t *Table) askContact(turn *bot.Turn, m register.Member, k store.Contact) bool {
	if m.Asked() == "" {
		return false
	}
	p, id := personOf(turn.Tx, m.Asked())
	room := privateRoom(id)
	if i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Network == id.Network && r.Account == id.Account }); i >= 0 {
		room = p.Rooms[i]
	}
	raw, _ := json.Marshal(contactTalk{Key: k.Key}) // strings always encode
	d := store.Dialog{Person: p.ID, Room: room, With: id, Kind: dialogContact, Session: raw}
	if _, talking := turn.Tx.Dialog(d.Key()); talking {
		return false
	}
	k.Asked, k.To = turn.Now, p.ID
	turn.Tx.PutContact(k)
	turn.Tx.PutDialog(d)
	turn.Tx.SetDue(dueDialog, d.Key(), turn.Now.Add(t.cfg.Contacts.Again))
	lang := t.langOf(p)
	turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("contact/%s/%s", turn.Now.Format("20060102"), k.Key)), Room: room, Secret: true, Tone: chat.Loud,
		Priority: chat.Digest, Text: t.words.Say(lang, "contacts.ask", words.Args{"Association": chat.Plain(m.Association, 80), "Entry": t.entry(lang, m)})}, bot.Delivery{Stored: true})
	return true
}

// contactTalk is what a contact's dialogue is about. Wanted: they have just been
// asked what has changed, and any words will do.
type contactTalk struct {
	Key    string `json:"key"`
	Wanted bool   `json:"wanted,omitempty"`
}

// entry is what the register says of an association, in a line.
func (t *Table) entry(lang string, m register.Member) string {
	var domains, services []string
	for _, d := range m.Domains {
		domains = append(domains, chat.Plain(d.Name, 80))
	}
	for _, s := range m.Services {
		services = append(services, t.serviceTitle(lang, s))
	}
	none := t.words.Say(lang, "contacts.none_written", nil)
	return t.words.Say(lang, "contacts.entry", words.Args{"People": cmp.Or(chat.Plain(strings.Join(m.People, ", "), 300), none),
		"Domains": cmp.Or(strings.Join(domains, ", "), none), "Services": cmp.Or(strings.Join(services, ", "), none)})
}

// contactWords takes a contact's answer: yes, or what is wrong. What is surely
// something else is heard as such, and the question stands.
func (t *Table) contactWords(c *Call, d store.Dialog, l line) error {
	var about contactTalk
	if err := json.Unmarshal(d.Session, &about); err != nil {
		return fmt.Errorf("read a contact's dialogue: %w", err)
	}
	k, w := c.Tx.Contact(about.Key), word(l.text)
	args := words.Args{"Association": t.memberName(about.Key)}
	end := func() { c.Tx.DropDialog(d.Key()); c.Tx.ClearDue(dueDialog, d.Key()) }
	switch {
	case yes(w):
		c.Tx.PutContact(k.Confirm(c.Person().ID, c.Now))
		end()
		c.SayID("contacts.confirmed", args)
	case slices.Contains([]string{"stop", "plus tard", "later", "fin", "end"}, w):
		end()
		c.SayID("contacts.later", args)
	case k.Correction != "" && slices.Contains([]string{"annuler", "cancel"}, w):
		k.Correction, k.Corrected = "", time.Time{}
		c.Tx.PutContact(k)
		c.SayID("contacts.withdrawn", args)
	case no(w):
		about.Wanted = true
		d.Session, _ = json.Marshal(about) // strings always encode
		c.Tx.PutDialog(d)
		c.SayID("contacts.what", args)
	case t.bare(c, l):
		return t.run(c, l)
	case !about.Wanted && (strings.HasSuffix(strings.TrimSpace(l.text), "?") || t.know.Decide(l.text, true, false).Kind == Sure):
		return t.question(c, l.text, true)
	default:
		k = k.Correct(c.Person().ID, chat.Plain(l.text, maxCorrection), maxCorrection, c.Now)
		c.Tx.PutContact(k)
		c.SayID("contacts.corrected", args)
		t.tellRole(c.Turn, Board, fmt.Sprintf("correction-%d", c.Now.UnixNano()), "contacts.board_correction", args)
	}
	return nil
}

// memberName is an association's name as the register writes it, by its folded one.
func (t *Table) memberName(key string) string {
	if m, ok := t.register.Find(key); ok {
		key = m.Association
	}
	return chat.Plain(key, 80)
}

// tellRole says something in private to each holder of a role who has accepted the
// charter. key makes it said once to each.
func (t *Table) tellRole(turn *bot.Turn, role Role, key, id string, args words.Args) {
	for _, identity := range t.cfg.Roles[role] {
		network, account, _ := strings.Cut(identity, "/")
		who := chat.Identity{Network: network, Account: account, Nick: account}
		p, ok := turn.Tx.FindPerson(who)
		if !ok || !slices.Contains(t.active(who, &p), role) {
			continue
		}
		room := privateRoom(who)
		if i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Network == network && r.Account == account }); i >= 0 {
			room = p.Rooms[i]
		}
		turn.Deliver(chat.Reply{Key: replyKey("role/" + key + "/" + p.ID + "/" + network), Room: room, Text: t.words.Say(t.langOf(p), id, args),
			Tone: chat.Loud, Secret: true, Priority: chat.Answer}, bot.Delivery{Stored: true})
	}
}

// contacts is the board's review of the register: what is to be corrected, who was
// asked in vain, who has not confirmed for long; "fait NAME" ends a correction.
func contacts(c *Call) error {
	if c.Sub() == "fait" {
		return correctionDone(c)
	}
	t := c.Table
	if c.Args != "" {
		m, ok := t.register.Find(c.Args)
		if !ok {
			return c.Refuse("contacts.unknown", words.Args{"Word": chat.Plain(c.Args, 60)})
		}
		c.Say(c.reviewed(m) + "\n" + t.entry(c.Lang(), m))
		return nil
	}
	var rows []string
	for _, k := range c.Tx.Contacts() {
		if k.Correction != "" {
			rows = append(rows, c.W("contacts.row_correction", words.Args{"Association": t.memberName(k.Key), "Date": c.Local(k.Corrected).Format("02/01/2006"), "Text": k.Correction}))
		}
	}
	overdue := t.unconfirmed(c.Tx, c.Now)
	head := c.W("contacts.head", words.Args{"Total": len(t.register.Members()), "Overdue": len(overdue), "Corrections": len(rows)})
	for _, m := range overdue {
		if c.Tx.Contact(register.Fold(m.Association)).Correction == "" {
			rows = append(rows, c.reviewed(m))
		}
	}
	c.Say(strings.Join(append([]string{head}, rows...), "\n"))
	return nil
}

// reviewed is an association in the board's list.
func (c *Call) reviewed(m register.Member) string {
	k := c.Tx.Contact(register.Fold(m.Association))
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return c.Local(at).Format("02/01/2006")
	}
	return c.W("contacts.row", words.Args{"Association": chat.Plain(m.Association, 80), "Since": day(k.Since(m.Confirmed.Time)), "Asked": day(k.Asked),
		"Contact": chat.Plain(m.Asked(), 80)})
}

func correctionDone(c *Call) error {
	key := register.Fold(c.Args)
	k := c.Tx.Contact(key)
	if key == "" || k.Correction == "" {
		return c.Refuse("contacts.unknown", words.Args{"Word": chat.Plain(c.Args, 60)})
	}
	c.Tx.Audit(c.Person().ID, "contact corrected", key, c.RoomName)
	c.Tx.PutContact(k.Confirm(k.By, c.Now))
	c.SayID("contacts.done", words.Args{"Association": chat.Plain(c.Args, 80)})
	return nil
}
