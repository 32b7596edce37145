package matrix

import (
	"testing"
	"time"

	"vigie/bot/chat"
)

func TestUnreadableIsToldOnceInAWhile(t *testing.T) {
	h := newHome(t)
	a, p := newPerson(t, h, anne), newPerson(t, h, bob)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.KeyGrace = time.Millisecond }).run()
	a.pull()
	p.pull()
	c := a.seal(room, "un", false)
	a.say(room, c)
	m := next[chat.Message](b)
	if m.Kind != chat.Unreadable || m.Text != "" || m.Target == "" || m.ID == m.Target || m.From.Account != anne || m.Room != group(room) || !m.Encrypted || m.Addressed {
		t.Errorf("got %+v", m)
	}
	a.say(room, a.seal(room, "deux", false)) // the same person: not again
	p.say(room, p.seal(room, "trois", false))
	if m := next[chat.Message](b); m.Kind != chat.Unreadable || m.From.Account != bob {
		t.Errorf("got %+v", m)
	}
	// The key comes: the message follows under its own id.
	a.give(room, c, me)
	if got := b.text("un"); got.ID != m.Target || got.Kind != chat.Text {
		t.Errorf("got %+v", got)
	}
	b.text("deux")
}

func TestKeyWithinItsGraceIsNotMissed(t *testing.T) {
	h := newHome(t)
	a := newPerson(t, h, anne)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.KeyGrace = time.Hour }).run()
	a.pull()
	c := a.seal(room, "un", false)
	a.say(room, c)
	b.quiet(room)
	a.give(room, c, me)
	b.text("un")
	b.quiet(room) // by then it is noted as told
	b.settle()
	if list := b.waiting(); len(list) != 1 || list[0].do(t.Context()) != nil {
		t.Errorf("%d errands wait for their time", len(list))
	}
	b.quiet(room) // the errand found that it was read
}

// What no key would open is told too; what says nothing to any client is not.
func TestBrokenCiphertext(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.say(room, bob, "m.room.encrypted", map[string]any{"algorithm": 1})
	h.say(room, anne, "m.room.encrypted", map[string]any{"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "zz", "session_id": "x"})
	if m := next[chat.Message](b); m.Kind != chat.Unreadable || m.From.Account != anne {
		t.Errorf("got %+v", m)
	}
}
