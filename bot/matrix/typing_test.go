package matrix

import (
	"context"
	"slices"
	"testing"

	"vigie/bot/chat"
)

func TestTypingEndsWithTheAnswer(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	b.send(chat.Reply{Key: "k0", Room: group(room), Text: "x"})
	if err := b.tr.Send(context.Background(), chat.Reply{Kind: chat.Typing, Room: group(room), Key: "t"}); err != nil {
		t.Fatal(err)
	}
	next[chat.Sent](b)
	b.send(chat.Reply{Key: "k1", Room: group(room), Text: "voilà"})
	h.await(func() bool { return slices.Equal(h.typing, []bool{true, false}) })
}

func TestWhatIsHandledIsMarkedRead(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.text(room, anne, "un")
	b.text("un")
	last := h.text(room, anne, "deux")
	b.text("deux")
	h.await(func() bool { return h.read[room] == last })
}

func TestCallingEverybody(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	h.state(room, anne, "m.room.power_levels", "", map[string]any{"users": map[string]any{me: 40}})
	b := newBench(t, h, nil).run()
	r := chat.Reply{Key: "k1", Room: group(room), Text: "panne @room", Tone: chat.Loud, Everyone: true}
	if err := b.tr.Send(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	told := false
	for range 2 { // the outcome, and a word to the sysadmins
		if s, ok := (<-b.in).(chat.Status); ok {
			told = s.Up && s.Err != nil
		}
	}
	if c := content(h.sent(room, me)[0]); !told || len(c["m.mentions"].(map[string]any)) != 0 || c["body"] != "panne @\u2060room" {
		t.Errorf("told %v: %s", told, raw(c))
	}
	h.state(room, anne, "m.room.power_levels", "", map[string]any{"users": map[string]any{me: 50}})
	r.Key = "k2"
	b.send(r)
	if c := content(h.sent(room, me)[1]); c["m.mentions"].(map[string]any)["room"] != true || c["body"] != "@room panne @\u2060room" {
		t.Errorf("got %s", raw(c))
	}
	r.Key, r.Tone = "k3", chat.Quiet // an answer never calls anybody
	b.send(r)
	if c := content(h.sent(room, me)[2]); len(c["m.mentions"].(map[string]any)) != 0 {
		t.Errorf("got %s", raw(c))
	}
}
