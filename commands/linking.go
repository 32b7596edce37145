package commands

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// LinkingConfig bounds the codes by which somebody shows that two accounts are theirs.
type LinkingConfig struct {
	// Code is how long a code is worth something.
	Code time.Duration `yaml:"code"`
	// Tries is how many wrong words are heard, for one code and from one person,
	// within Code; for a pass phrase likewise.
	Tries int `yaml:"tries"`
}

func defaultLinking() LinkingConfig { return LinkingConfig{Code: 10 * time.Minute, Tries: 5} }

func (c *LinkingConfig) check() []Problem {
	if c.Code <= 0 || c.Tries < 1 {
		return []Problem{{"linking", "a bound is zero or less", "write code: 10m, tries: 5"}}
	}
	return nil
}

// dueLinkCode is when a code is worth nothing any more.
const dueLinkCode = "link-code"

// passWords is how many words a code or phrase has: the first finds it, the others
// are the secret, of 16 bits each.
const passWords = 5

// draw makes a code: words of five letters that can be read out and typed anywhere.
// Each stands for 16 bits, consonant by four and vowel by two.
func (t *Table) draw() (string, error) {
	const consonants, vowels = "bdfghjklmnprstvz", "aiou"
	var raw [2 * passWords]byte
	if _, err := io.ReadFull(t.random, raw[:]); err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	var out []string
	for i := range passWords {
		n := uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
		out = append(out, string([]byte{consonants[n>>12&15], vowels[n>>10&3], consonants[n>>6&15], vowels[n>>4&3], consonants[n&15]}))
	}
	return strings.Join(out, "-"), nil
}

// newPass draws words that nobody has, and keeps what p says under them.
func (t *Table) newPass(tx *store.Tx, p store.Pass) (string, error) {
	for {
		code, err := t.draw()
		if err != nil {
			return "", err
		}
		selector, _, _ := strings.Cut(code, "-")
		if _, taken := tx.Pass(selector); taken {
			continue
		}
		p.Selector, p.Hash = selector, store.HashPass(code)
		tx.PutPass(p)
		return code, nil
	}
}

// passTyped is a code as somebody typed it, in any case, with spaces or anything else
// between its words; empty when it cannot be one.
func passTyped(text string) string {
	var letters []rune
	for _, r := range Fold(text) {
		if unicode.IsLetter(r) {
			letters = append(letters, r)
		}
	}
	if len(letters) != 5*passWords {
		return ""
	}
	var out []string
	for part := range slices.Chunk(letters, 5) {
		out = append(out, string(part))
	}
	return strings.Join(out, "-")
}

// link gives a code, takes one, or undoes a link.
func link(c *Call) error {
	switch {
	case c.Sub() == "defaire":
		return unlink(c)
	case c.Args != "":
		return takePass(c)
	case !c.Msg.From.Known():
		return c.Refuse("linking.login_first", nil)
	}
	p := c.Person()
	for _, old := range c.Tx.PassesOf(p.ID) {
		if len(old.Tickets) == 0 {
			c.dropCode(old)
		}
	}
	l := c.Table.cfg.Linking
	code, err := c.Table.newPass(c.Tx, store.Pass{Person: p.ID, Identity: c.Msg.From.Key(), Expires: c.Now.Add(l.Code), Since: c.Now})
	if err != nil {
		return err
	}
	selector, _, _ := strings.Cut(code, "-")
	c.Tx.SetDue(dueLinkCode, selector, c.Now.Add(l.Code))
	c.SayID("linking.code", words.Args{"Code": code, "Time": span(l.Code, c.Lang())})
	return nil
}

func (c *Call) dropCode(p store.Pass) {
	c.Tx.DropPass(p.Selector)
	c.Tx.ClearDue(dueLinkCode, p.Selector)
}

// linkCodeDue forgets a code that nobody typed.
func (t *Table) linkCodeDue(turn *bot.Turn, _ store.Due) error {
	turn.Tx.PrunePasses()
	return nil
}

// takePass takes a code or a pass phrase. Wrong words are counted against who types
// them and against the code that they begin like; nothing tells which was wrong.
func takePass(c *Call) error {
	l := c.Table.cfg.Linking
	wrong := c.Table.tries(c)
	if wrong.count >= l.Tries {
		c.SayID("linking.too_many", words.Args{"Time": span(l.Code, c.Lang())})
		return nil
	}
	typed := passTyped(c.Args)
	selector, _, _ := strings.Cut(typed, "-")
	p, found := c.Tx.Pass(selector)
	if c.Now.Sub(p.Since) > l.Code {
		p.Tries, p.Since = 0, c.Now
	}
	expired := !p.Expires.IsZero() && !p.Expires.After(c.Now)
	if !p.Opens(typed) || !found || expired || p.Tries >= l.Tries {
		wrong.count++
		if found && !p.Opens(typed) {
			c.countTry(p)
		}
		c.SayID("linking.wrong", nil)
		return nil
	}
	if len(p.Tickets) > 0 {
		return takePhrase(c, p, typed)
	}
	return takeCode(c, p)
}

// countTry notes a wrong try at a code; after the last it is worth nothing.
func (c *Call) countTry(p store.Pass) {
	p.Tries++
	if p.Tries >= c.Table.cfg.Linking.Tries && len(p.Tickets) == 0 {
		c.dropCode(p)
		return
	}
	c.Tx.PutPass(p)
}

// tries counts the wrong words of whoever speaks. It is in memory: a restart forgives.
func (t *Table) tries(c *Call) *tally {
	who := floodKey(c.Msg.From) + "/link"
	n := t.flood[who]
	if n == nil || c.Now.Sub(n.since) > t.cfg.Linking.Code {
		n = &tally{since: c.Now}
		t.flood[who] = n
	}
	return n
}

// takeCode makes the speaker and whoever was given the code one person.
func takeCode(c *Call, p store.Pass) error {
	if !c.Msg.From.Known() {
		return c.Refuse("linking.login_first", nil)
	}
	other, ok := c.Tx.Person(p.Person)
	me := c.Person()
	if !ok || p.Identity == c.Msg.From.Key() {
		return c.Refuse("linking.same_account", nil)
	}
	c.dropCode(p)
	one, err := c.Tx.LinkPersons(me, other)
	if errors.Is(err, store.ErrLinked) {
		c.SayID("linking.already", nil)
		return nil
	}
	if err != nil {
		return err
	}
	c.person = &one
	c.Tx.Audit(one.ID, "link", me.ID+" "+other.ID, "")
	c.Table.tellLink(c, one, p.Identity, "linking.done_other", c.Msg.From.Key())
	c.SayID("linking.done", words.Args{"Account": chat.Plain(p.Identity, 120), "Tickets": len(c.Tx.TicketsOf(one.ID))})
	return nil
}

// tellLink tells one of a person's identities what happened by another.
func (t *Table) tellLink(c *Call, p store.Person, to, id, by string) {
	network, account, _ := strings.Cut(to, "/")
	room := privateRoom(chat.Identity{Network: network, Account: account, Nick: account})
	if i := slices.IndexFunc(p.Rooms, func(r chat.Room) bool { return r.Network == network && r.Account == account }); i >= 0 {
		room = p.Rooms[i]
	}
	c.Turn.Deliver(chat.Reply{Room: room, Text: t.words.Say(t.langOf(p), id, words.Args{"Account": chat.Plain(by, 120)}),
		Tone: chat.Loud, Secret: true, Priority: chat.Answer}, bot.Delivery{Stored: true})
}

// unlink gives back what a link joined: the one that there is, or the one named.
func unlink(c *Call) error {
	if c.person == nil || len(c.person.Linked) == 0 {
		return c.Refuse("linking.none", nil)
	}
	p := c.Person()
	which, _ := cutWord(c.Args)
	i := slices.IndexFunc(p.Linked, func(l store.LinkedPerson) bool {
		return slices.ContainsFunc(l.Identities, func(id string) bool { return strings.EqualFold(id, which) })
	})
	if which == "" && len(p.Linked) == 1 {
		i = 0
	}
	if i < 0 {
		return c.Refuse("linking.which", words.Args{"Accounts": c.linkedTo(), "Example": chat.Plain(p.Linked[0].Identities[0], 120)})
	}
	l := p.Linked[i]
	rest, err := c.Tx.UnlinkPerson(p, l)
	if err != nil {
		return fmt.Errorf("undo a link: %w", err)
	}
	c.Tx.Audit(p.ID, "unlink", l.ID, "")
	from := c.Msg.From.Key()
	for _, id := range p.Identities {
		if id != from {
			c.Table.tellLink(c, p, id, "linking.undone_other", from)
		}
	}
	mine, _ := c.Tx.FindPerson(c.Msg.From)
	c.person = &mine
	if mine.ID == rest.ID {
		c.SayID("linking.undone", words.Args{"Account": chat.Plain(strings.Join(l.Identities, ", "), 200)})
		return nil
	}
	c.SayID("linking.undone", words.Args{"Account": chat.Plain(strings.Join(rest.Identities, ", "), 200)})
	return nil
}

// linkedTo lists the speaker's other accounts, empty when there are none.
func (c *Call) linkedTo() string {
	if c.person == nil {
		return ""
	}
	others := slices.DeleteFunc(slices.Clone(c.person.Identities), func(id string) bool { return id == c.Msg.From.Key() })
	return chat.Plain(strings.Join(others, ", "), 300)
}

// associations lists those that the speaker speaks for; in private only: a room need not know.
func (c *Call) associations() string {
	if c.person == nil || !c.Private() {
		return ""
	}
	var out []string
	for _, m := range c.Table.membersOf(*c.person) {
		out = append(out, chat.Plain(m.Association, 80))
	}
	return strings.Join(out, ", ")
}

// hearAnswer lets what somebody says next where they were told of a ticket belong to
// it, by whichever of their linked identities they are reached, unless a diagnosis is under way.
func (t *Table) hearAnswer(turn *bot.Turn, p store.Person, room chat.Room, n int) {
	rooms := []chat.Room{room}
	if room.Account != "" {
		rooms = append(rooms, p.Rooms...)
	}
	done := map[string]bool{}
	for _, r := range rooms {
		d := store.Dialog{Person: p.ID, Room: r, Kind: dialogTicket, Ticket: n, Session: []byte("{}")}
		now, talking := turn.Tx.Dialog(d.Key())
		if done[d.Key()] || talking && (!own(now.Kind) || now.Kind == dialogConfirm) {
			continue
		}
		done[d.Key()] = true
		turn.Tx.PutDialog(d)
		turn.Tx.SetDue(dueDialog, d.Key(), turn.Now.Add(t.cfg.Tickets.CloseAfter))
	}
}
