package chattest

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"vigie/bot/chat"
)

// hears: a line somebody writes is delivered with all that is known of it.
func hears(p *probe) {
	word := p.word("bonjour")
	p.Write(word)
	p.await("a line", func(in []chat.Inbound) bool { return len(texts(in, word)) > 0 })
	got := texts(p.ear.all(), word)
	if len(got) != 1 {
		p.Fatalf("delivered %d times", len(got))
	}
	m := got[0]
	if m.Text != word || m.Room != p.Room || m.From.Network != p.Transport.Name() || m.From.Nick == "" && m.From.Account == "" {
		p.Errorf("delivered as %+v", m)
	}
	if m.Received.IsZero() || m.Age() > time.Minute {
		p.Errorf("received at %v, %v old", m.Received, m.Age())
	}
}

// hostile are words that stay themselves on every network: no line breaks, and no
// control characters, which are some network's formatting.
var hostile = []string{
	`<b>&amp;</b><script>alert(1)</script>`, "@room @everyone !ticket", "%s%n%x $(reboot) `id` ' OR 1=1 --", "PRIVMSG #support :QUIT",
	"\u202egauche\u202c \u2066droite\u2069", "👩\u200d👩\u200d👧\u200d👦🇫🇷", "e\u0301e\u0301 \u0300\u0301\u0302\u0303", `{"type":"m.room.message"} \ \\ \" \u0000`,
	"Прощай 再见 مع السلامة", "* ** *** `` [x](javascript:alert) https://exemple.test/?a=1&b=<c>",
}

// hearsHostile: what a hostile person can type is delivered as it was typed.
func hearsHostile(p *probe) {
	for _, text := range hostile {
		word := p.word("h")
		p.Write(word + " " + text)
		p.await("hostile words", func(in []chat.Inbound) bool { return len(texts(in, word)) > 0 })
		if m := texts(p.ear.all(), word)[0]; m.Text != word+" "+text || !utf8.ValidString(m.Text) {
			p.Errorf("%q was delivered as %q", word+" "+text, m.Text)
		}
	}
}

// burst is how many lines are written at once.
const burst = 40

// hearsInOrder: lines are delivered once, in the order in which they were written,
// with ids of their own.
func hearsInOrder(p *probe) {
	word := p.word("suite")
	writeBurst(p, word)
	expectBurst(p, word)
}

func writeBurst(p *probe, word string) {
	for i := range burst {
		p.Write(fmt.Sprintf("%s %02d", word, i))
	}
}

func expectBurst(p *probe, word string) {
	p.await("every line", func(in []chat.Inbound) bool { return len(texts(in, word)) >= burst })
	ids := map[string]bool{}
	for i, m := range texts(p.ear.all(), word) {
		if want := fmt.Sprintf("%s %02d", word, i); m.Text != want {
			p.Fatalf("line %d is %q, want %q", i, m.Text, want)
		}
		if m.ID != "" && ids[m.ID] {
			p.Fatalf("two lines have the id %s", m.ID)
		}
		ids[m.ID] = true
	}
}

// waitsForDeliver: while the bot takes nothing, lines wait; none is lost, and
// their order stays.
func waitsForDeliver(p *probe) {
	open := p.ear.block()
	defer open()
	word := p.word("attente")
	writeBurst(p, word)
	if n := len(texts(p.ear.all(), word)); n != 0 {
		p.Fatalf("%d lines went past a blocked deliver", n)
	}
	open()
	expectBurst(p, word)
}

// readsBack: what was written while no process ran is delivered to the next one,
// at least once and in order, when it goes on from the last cursor.
func readsBack(p *probe) {
	if p.Again == nil {
		p.Log("this network shows nothing of what was written in one's absence")
		return
	}
	before := p.word("avant")
	p.Write(before)
	p.await("a line", func(in []chat.Inbound) bool { return len(texts(in, before)) > 0 && cursor(in) != nil })
	from := cursor(p.ear.all())
	p.end()
	word := p.word("absence")
	writeBurst(p, word)
	p.start(p.Again(), from)
	p.await("what was missed", func(in []chat.Inbound) bool { return len(distinct(texts(in, word))) == burst })
	if list := distinct(texts(p.ear.all(), word)); !slices.IsSorted(list) {
		p.Errorf("what was missed came as %q", list)
	}
}

// cursor is the last position delivered.
func cursor(in []chat.Inbound) (c []byte) {
	for _, i := range in {
		switch i := i.(type) {
		case chat.Message:
			if i.Cursor != nil {
				c = i.Cursor
			}
		case chat.Sent:
			if i.Cursor != nil {
				c = i.Cursor
			}
		}
	}
	return c
}

// distinct are the texts of messages, each at its first place.
func distinct(list []chat.Message) (out []string) {
	for _, m := range list {
		if !slices.Contains(out, m.Text) {
			out = append(out, m.Text)
		}
	}
	return out
}
