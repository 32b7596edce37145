package commands

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot"
	"vigie/bot/bottest"
	"vigie/bot/chat"
)

// cast is who speaks in the random conversations.
type cast struct {
	id    chat.Identity
	staff bool // an adminsys who accepted the charter
}

func players() map[string]cast {
	irc := func(nick, account string) cast {
		return cast{id: chat.Identity{Network: "irc", Nick: nick, Account: account, Host: nick + "!u@h"}}
	}
	matrix := func(name string, staff bool) cast {
		return cast{chat.Identity{Network: "matrix", Nick: name, Account: "@" + name + ":example.org"}, staff}
	}
	return map[string]cast{"claire": irc("claire", "claire"), "paul": irc("paul", "paul"), "passant": irc("passant", ""),
		"kate": matrix("kate", false), "jean": matrix("jean", true), "lea": matrix("lea", false)} // lea never accepts
}

// privateTo is where somebody is spoken to alone.
func privateTo(c cast) chat.Room { return privateRoom(c.id) }

// secret is a text of the conversation and who may read it, besides the staff rooms
// and the active adminsys.
type secretText struct{ reader string }

// world is a conversation under way and what may be read where.
type world struct {
	t       *rapid.T
	p       *bottest.Player
	now     time.Time
	cast    map[string]cast
	texts   map[string]secretText // by marker
	tickets []string              // whose, by number - 1
	count   int
}

var marker = regexp.MustCompile(`MARK\d+Z`)

// check holds one reply against what its text may be read by.
func (w *world) check(_ time.Time, _ string, r chat.Reply) {
	for _, m := range marker.FindAllString(r.Text, -1) {
		s, secret := w.texts[m]
		if !secret || r.Room.ID == "!staff" || r.Room.ID == "#staff" {
			continue
		}
		if !r.Room.Private {
			w.t.Fatalf("%s, for %q alone, is said in %s: %q", m, s.reader, r.Room, r.Text)
		}
		fits := slices.ContainsFunc([]string{s.reader, "jean"}, func(name string) bool { return name != "" && privateTo(w.cast[name]) == r.Room })
		if !fits {
			w.t.Fatalf("%s, for %q alone, is said to %s: %q", m, s.reader, r.Room, r.Text)
		}
	}
}

func (w *world) say(who string, room chat.Room, text string) {
	w.count++
	w.now = w.now.Add(11 * time.Second)
	m := chat.Message{Room: room, ID: fmt.Sprint("m", w.count), From: w.cast[who].id, Text: text, Addressed: room.Private, At: w.now, Received: w.now}
	if err := w.p.Take(w.now, m, w.check); err != nil {
		w.t.Fatal(err)
	}
}

// mark makes a text that is recognised wherever it shows up.
func (w *world) mark(reader string) string {
	m := fmt.Sprintf("MARK%dZ", len(w.texts)+1)
	w.texts[m] = secretText{reader}
	return m
}

// TestNothingReachesAWiderAudience lets members, strangers, an adminsys and one who
// has not accepted the charter do as they like, and looks at each reply: a member's
// private words and the answers to them reach that member and staff only, and
// staff's notes no member at all.
func TestNothingReachesAWiderAudience(t *testing.T) {
	table := sharedTable(t)
	rapid.Check(t, func(t *rapid.T) {
		o := bottest.Options{New: func(time.Time) bot.Handler { table.flood = map[string]*tally{}; return &reality{Table: table} }}
		w := &world{t: t, p: bottest.NewPlayer(o), now: o.Start, cast: players(), texts: map[string]secretText{}}
		defer func() { _ = w.p.Close() }()
		w.now = w.p.Now()
		if err := w.p.Restart(w.now, w.check); err != nil {
			t.Fatal(err)
		}
		w.say("jean", privateTo(w.cast["jean"]), "!charte accepte")
		for range 40 {
			if rapid.IntRange(0, 2).Draw(t, "side") == 0 {
				w.staffActs()
			} else {
				w.memberActs()
			}
		}
	})
}

func (w *world) someTicket() int {
	return rapid.IntRange(1, len(w.tickets)+1).Draw(w.t, "ticket")
}

func (w *world) memberActs() {
	who := rapid.SampledFrom([]string{"claire", "paul", "passant", "kate", "lea"}).Draw(w.t, "who")
	room := privateTo(w.cast[who])
	public := chat.Room{Network: w.cast[who].id.Network, ID: map[string]string{"irc": "#support", "matrix": "!support"}[w.cast[who].id.Network]}
	n := w.someTicket()
	switch rapid.IntRange(0, 8).Draw(w.t, "act") {
	case 8: // in public, with a number in it: the ticket becomes private
		w.say(who, public, "!ticket rappelez-moi au 06 12 34 56 78")
		w.tickets = append(w.tickets, who)
	case 0, 1:
		w.say(who, room, "!ticket "+w.mark(who))
		w.tickets = append(w.tickets, who)
	case 2:
		mine := n <= len(w.tickets) && w.tickets[n-1] == who
		if mine {
			w.say(who, room, fmt.Sprintf("!ticket #%d %s", n, w.mark(who)))
		} else {
			w.say(who, room, fmt.Sprintf("!ticket #%d coucou", n))
		}
	case 3:
		w.say(who, public, fmt.Sprintf("!ticket %d", n))
	case 4:
		w.say(who, room, fmt.Sprintf("!ticket %d", n))
	case 5:
		w.say(who, rapid.SampledFrom([]chat.Room{room, public}).Draw(w.t, "room"), rapid.SampledFrom([]string{"!suite", "!tickets", "!etat"}).Draw(w.t, "word"))
	case 6:
		w.say(who, room, rapid.SampledFrom([]string{"oui", "non", "stop"}).Draw(w.t, "word"))
	case 7:
		w.say(who, room, fmt.Sprintf(rapid.SampledFrom([]string{"!fermer %d", "!rouvrir %d", "!prendre %d", "!repondre %d bonjour"}).Draw(w.t, "word"), n))
	}
}

func (w *world) staffActs() {
	jean := w.cast["jean"]
	room := rapid.SampledFrom([]chat.Room{{Network: "matrix", ID: "!staff"}, privateTo(jean), {Network: "matrix", ID: "!support"}}).Draw(w.t, "room")
	n := w.someTicket()
	owner := ""
	if n <= len(w.tickets) {
		owner = w.tickets[n-1]
	}
	if room.ID == "!support" { // what he types there is public already
		w.say("jean", room, fmt.Sprintf(rapid.SampledFrom([]string{"!ticket %d", "!tickets mot%d", "!suite %d", "!prendre %d"}).Draw(w.t, "word"), n))
		return
	}
	switch rapid.IntRange(0, 5).Draw(w.t, "act") {
	case 0:
		w.say("jean", room, fmt.Sprintf("!noter %d %s", n, w.mark("")))
	case 1, 2:
		w.say("jean", room, fmt.Sprintf("!repondre %d %s", n, w.mark(owner)))
	case 3:
		w.say("jean", room, fmt.Sprintf("!resoudre %d %s", n, w.mark(owner)))
	case 4:
		w.say("jean", room, fmt.Sprintf("!ticket %d", n))
	case 5:
		w.say("jean", room, fmt.Sprintf(rapid.SampledFrom([]string{"!prendre %d", "!rendre %d", "!refuser %d non", "!tickets %d"}).Draw(w.t, "word"), n))
	}
}

// sharedTable is made once for tests that play many short conversations.
func sharedTable(t interface {
	Helper()
	Fatalf(string, ...any)
}) *Table {
	t.Helper()
	c := testConfig()
	c.Tickets.MaxOpen = 1000
	table, errs := New(testOptions(c))
	if len(errs) > 0 {
		t.Fatalf("make the table: %v", errs)
	}
	return table
}

// FuzzHandle lets anybody write anything anywhere. Nothing that is typed may break
// a turn, call a whole room, or bring an invisible character back out.
func FuzzHandle(f *testing.F) {
	for _, s := range []string{"\x00vigie: bonjour", "\x11!ticket @room \u202e\x00\r\nQUIT", "\x02!annonce @everyone ici\x1e\x02oui", "\x02!incident ouvrir web 1 @here\x1e\x02!incident maj 1 \u0007x",
		"\x01!diag site-down\x1e\x01asso.example\x1e\x01humain", "\x03mdp: hunter2 FR7630006000011234567890189", "\x12!ticket a@b.fr\x1e\x02!repondre 1 **`@channel`\x1e\x01!ticket 1",
		"\x30\xff\xfe!", "\x21！aide ticket", "\x01!langue en\n!suite\n!tickets :x age>", "\x42x\x1e\x62", "\x02!programme lancer reunion\x1e\x02!campagne montant 1e400"} {
		f.Add(s)
	}
	table := sharedTable(f)
	log := &failures{}
	f.Fuzz(func(t *testing.T, script string) {
		if len(script) > 2000 {
			t.Skip("a message is bounded before it comes here")
		}
		o := bottest.Options{Log: log.logger(), Probe: cannedReports, New: func(time.Time) bot.Handler { table.flood = map[string]*tally{}; return &reality{Table: table} }}
		p := bottest.NewPlayer(o)
		defer func() { _ = p.Close() }()
		check := func(_ time.Time, _ string, r chat.Reply) { wholesome(t, r) }
		now := p.Now()
		if err := p.Restart(now, check); err != nil {
			t.Fatal(err)
		}
		jean := players()["jean"]
		_ = p.Take(now, chat.Message{Room: privateTo(jean), From: jean.id, Text: "!charte accepte", At: now, Received: now}, check)
		for i, text := range strings.Split(script, "\x1e") {
			if text == "" {
				continue
			}
			now = now.Add(time.Second)
			if err := p.Take(now, typed(i, text[0], strings.ToValidUTF8(text[1:], "\uFFFD"), now), check); err != nil {
				t.Fatal(err)
			}
		}
		if broken := log.take(); broken != "" {
			t.Fatalf("a turn broke: %s", broken)
		}
	})
}

// typed makes a message: the low bits of how choose who and where, the high ones what.
func typed(i int, how byte, text string, now time.Time) chat.Message {
	names := []string{"passant", "claire", "jean", "kate"}
	who := players()[names[how&3]]
	m := chat.Message{ID: fmt.Sprint("m", i), From: who.id, Text: text, At: now, Received: now}
	switch {
	case how&0x10 != 0:
		m.Room, m.Addressed = privateTo(who), true
	case who.staff:
		m.Room = chat.Room{Network: "matrix", ID: "!staff"}
	default:
		m.Room = chat.Room{Network: who.id.Network, ID: map[string]string{"irc": "#support", "matrix": "!support"}[who.id.Network]}
	}
	if how&0x20 != 0 {
		m.At = now.Add(-10 * time.Minute)
	}
	if how&0x40 != 0 {
		m.Kind, m.Target = []chat.MessageKind{chat.Reaction, chat.Edit, chat.Redaction, chat.TopicIs}[how>>2&3], "m0"
	}
	return m
}

// wholesome says what is wrong with a reply that should never leave.
func wholesome(t interface{ Fatalf(string, ...any) }, r chat.Reply) {
	for _, c := range r.Text {
		if c != '\n' && c != '\u2060' && chat.Invisible(c) {
			t.Fatalf("an invisible %U goes out: %q", c, r.Text)
		}
	}
	low := strings.ToLower(r.Text)
	for _, w := range []string{"@room", "@everyone", "@here", "@all", "@channel"} {
		if strings.Contains(low, w) {
			t.Fatalf("a whole room is called: %q", r.Text)
		}
	}
	if r.Kind == chat.Topic && strings.Contains(r.Text, "\n") {
		t.Fatalf("a topic of two lines: %q", r.Text)
	}
	if len(r.Key) > maxKey || strings.ContainsFunc(r.Key, func(c rune) bool { return c < ' ' || c > '~' }) {
		t.Fatalf("a key that is none: %q", r.Key)
	}
	if strings.Contains(r.Text, "⟦") {
		t.Fatalf("words are missing: %q", r.Text)
	}
}
