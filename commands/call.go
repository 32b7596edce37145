package commands

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// Call is one person's words in one turn: who speaks, where, with which roles,
// in which language, and how to answer them.
type Call struct {
	*bot.Turn
	// Table is the bot's handler, with all that it was made of.
	Table *Table
	// Msg is what was written, secrets already taken out of its text.
	Msg chat.Message
	// Cmd is the command that runs, nil while words are still being routed; Word
	// is the name it was called by and Args what followed.
	Cmd        *Command
	Word, Args string
	// Room is the logical room, with its name; a private conversation has none.
	Room     Room
	RoomName string

	lang   string
	person *store.Person
	// unasked: what is answered was not put to the bot.
	unasked bool
	// secret: a password, a key or a bank number was taken out of the message; filesTaken: what
	// came with it went somewhere.
	secret, filesTaken bool
}

// newCall begins a Call for a message.
func (t *Table) newCall(turn *bot.Turn, m chat.Message) *Call {
	c := &Call{Turn: turn, Table: t, Msg: m}
	c.RoomName, c.Room, _ = t.cfg.RoomOf(m.Room)
	if p, ok := turn.Tx.FindPerson(m.From); ok {
		c.person = &p
	}
	return c
}

// Person is who speaks; they get an opaque id at their first act.
func (c *Call) Person() store.Person {
	p := c.Tx.PersonFor(c.Msg.From)
	if heard := c.heard(); heard != "" && heard != p.Heard {
		p.Heard = heard
		c.Tx.PutPerson(p)
	}
	c.person = &p
	return p
}

// heard is the language of the speaker's own words, empty when they do not tell.
// Somebody whose language is known does not change it by an odd line.
func (c *Call) heard() string {
	text := ""
	switch {
	case c.Msg.Kind != chat.Text:
		return ""
	case c.Cmd == nil:
		text = c.Msg.Text
	case c.Cmd.Name == c.Cmd.English:
		text = c.Args
	}
	if c.person != nil && c.person.Heard != "" && plainWords(text) < 3 {
		return ""
	}
	return c.Table.detect(text)
}

// plainWords counts the words of a text that are made of letters alone.
func plainWords(text string) int {
	n := 0
	for _, w := range strings.Fields(text) {
		w = strings.Trim(w, ".,;:!?…()'\"«»“”")
		if w != "" && !strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' }) {
			n++
		}
	}
	return n
}

// personID is the speaker's id, empty for somebody who never did anything.
func (c *Call) personID() string {
	if c.person == nil {
		return ""
	}
	return c.person.ID
}

// Private tells whether only this person reads here.
func (c *Call) Private() bool { return c.Msg.Room.Private }

// InStaffRoom tells whether this is a room that staff alone read.
func (c *Call) InStaffRoom() bool { return c.Room.Audience == Staff }

// Lang is the language to answer in: the person's choice, else what they write,
// else the room's, else the bot's.
func (c *Call) Lang() string {
	if c.lang != "" {
		return c.lang
	}
	switch {
	case c.person != nil && c.person.Lang != "":
		c.lang = c.person.Lang
	case c.Cmd != nil && Fold(c.Word) == Fold(c.Cmd.English) && c.Cmd.English != c.Cmd.Name:
		c.lang = "en"
	case c.Cmd != nil && Fold(c.Word) == Fold(c.Cmd.Name) && c.Cmd.English != c.Cmd.Name:
		c.lang = "fr"
	case c.heard() != "":
		c.lang = c.heard()
	case c.person != nil && c.person.Heard != "":
		c.lang = c.person.Heard
	case c.Room.Language != "":
		c.lang = c.Room.Language
	default:
		c.lang = c.Table.cfg.Language
	}
	return c.lang
}

// W is a sentence in the speaker's language.
func (c *Call) W(id string, args words.Args) string { return c.Table.words.Say(c.Lang(), id, args) }

// Say answers in the place and the thread where the words were said, addressed
// to the speaker. A text of more lines than the network bears is cut; "!suite"
// gives the rest.
func (c *Call) Say(text string) { c.SayWith(text, chat.Reply{}) }

// SayID says a sentence of the catalog.
func (c *Call) SayID(id string, args words.Args) { c.Say(c.W(id, args)) }

// SayWith is Say with more of the Reply chosen by the caller.
func (c *Call) SayWith(text string, r chat.Reply) {
	r.Room = c.Msg.Room
	r.Text = c.fold(text)
	r.Thread = c.Msg.Thread
	r.Secret = c.Private() || c.InStaffRoom()
	if r.Priority = chat.Answer; c.Has(Adminsys) {
		r.Priority = chat.Urgent
	}
	if !c.Private() {
		from := c.Msg.From
		r.To = &from
	}
	c.Turn.Say(r)
}

// Whisper answers in private, whatever the room. It is tied to the speaker's
// account where they have one.
func (c *Call) Whisper(text string) {
	if c.Private() {
		c.Say(text)
		return
	}
	c.Turn.Say(chat.Reply{Room: privateRoom(c.Msg.From), Text: text, Secret: true, Priority: chat.Answer})
}

func privateRoom(id chat.Identity) chat.Room {
	r := chat.Room{Network: id.Network, ID: id.Nick, Private: true, Account: id.Account}
	if id.Host == "" {
		r.ID = id.Account
	}
	return r
}

// fold keeps as many lines as the network bears and stores the rest for "!suite",
// which gives it in the same room only: what was said in private stays there.
func (c *Call) fold(text string) string {
	max := c.Table.lines(c.Msg.Room.Network)
	lines := strings.Split(text, "\n")
	if max <= 0 || len(lines) <= max {
		return text
	}
	c.Tx.SetMore(store.DialogKey(c.Person().ID, c.Msg.Room), lines[max:])
	lines[max-1] += " " + c.W("core.more", words.Args{"Count": len(lines) - max})
	return strings.Join(lines[:max], "\n")
}

// Has tells whether the speaker holds a role here and now: granted by the
// configuration to the identity that the network vouches for on this very
// message, and active once the charter is accepted.
func (c *Call) Has(role Role) bool {
	if role == Anyone || role == "" {
		return true
	}
	return slices.Contains(c.Table.active(c.Msg.From, c.person), role)
}

// active are the roles that an identity may use now. Whoever the network vouches
// for is a member as far as their own data go; other roles wait for the charter.
func (t *Table) active(id chat.Identity, p *store.Person) []Role {
	roles := []Role{Anyone}
	if id.Known() {
		roles = append(roles, Member)
	}
	if p == nil || !p.Accepted(id.Key()) {
		return roles
	}
	for _, r := range t.granted(id) {
		if r != Member {
			roles = append(roles, r)
		}
		if r == Adminsys {
			roles = append(roles, Volunteer)
		}
	}
	return roles
}

// granted are the roles that the configuration gives to an identity, accepted
// charter or not.
func (t *Table) granted(id chat.Identity) []Role {
	if !id.Known() {
		return nil
	}
	var out []Role
	for _, r := range grantable() {
		if slices.Contains(t.cfg.Roles[r], id.Network+"/"+id.Account) {
			out = append(out, r)
		}
	}
	return out
}

// Local is an instant as the clock on the wall shows it.
func (c *Call) Local(at time.Time) time.Time { return at.In(c.Table.cfg.Location()) }

// Refuse is an error that the speaker reads, in their language; nothing is kept
// of the turn.
func (c *Call) Refuse(id string, args words.Args) error {
	return &bot.Notice{Message: c.W(id, args)}
}

// Usage is the error for arguments that make no sense.
func (c *Call) Usage() error {
	return c.Refuse("core.usage", words.Args{
		"Usage": "!" + c.W("help."+c.Cmd.Name+".usage", nil), "Example": "!" + c.W("help."+c.Cmd.Name+".example", nil)})
}

// Sub takes the subcommand off the arguments and returns its French name, empty
// when the first word is none of the command's.
func (c *Call) Sub() string {
	word, rest := cutWord(c.Args)
	for _, s := range c.Cmd.Subs {
		if f := Fold(word); f != "" && (f == Fold(s.Name) || f == Fold(s.English)) {
			c.Args = rest
			if s.English != s.Name && f == Fold(s.English) && (c.person == nil || c.person.Lang == "") {
				c.lang = "en"
			}
			return s.Name
		}
	}
	return ""
}

// staffSay tells the staff rooms something, in the bot's language. key names it
// for ever: it is said once per room.
func (t *Table) staffSay(turn *bot.Turn, key, text string, loud bool) {
	for _, room := range t.cfg.StaffRooms() {
		r := chat.Reply{Key: replyKey("staff/" + key + "/" + room.String()), Room: room, Text: text, Secret: true, Priority: chat.Urgent}
		if loud {
			r.Tone = chat.Loud
		}
		turn.Deliver(r, bot.Delivery{Track: true})
	}
}

// maxKey is how long the key of a reply may be, in bytes.
const maxKey = 120

// replyKey makes a name fit to be a reply's key: ASCII, and short. What does not
// fit keeps its beginning, from which the reply's kind is read.
func replyKey(name string) string {
	fits := len(name) <= maxKey
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			fits = false
			return '_'
		}
		return r
	}, name)
	if fits {
		return name
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("%s~%016x", clean[:min(len(clean), maxKey-17)], h.Sum64())
}
