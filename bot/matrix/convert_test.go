package matrix

import (
	"testing"

	"vigie/bot/chat"
)

func message(text string, more map[string]any) map[string]any {
	c := map[string]any{"msgtype": "m.text", "body": text}
	for k, v := range more {
		c[k] = v
	}
	return c
}

func relates(rel map[string]any) map[string]any { return map[string]any{"m.relates_to": rel} }

func TestWhatIsSaid(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	h.state(room, anne, "m.room.member", anne, map[string]any{"membership": "join", "displayname": "Anne\u202e\nMartin"})
	b := newBench(t, h, nil).run()
	mention := map[string]any{"m.mentions": map[string]any{"user_ids": []string{me}}}
	for _, tc := range []struct {
		name, kind string
		content    map[string]any
		want       chat.Message
	}{
		{"several lines", "m.room.message", message("!a\n!b ", nil), chat.Message{Text: "!a\n!b"}},
		{"mention", "m.room.message", message("Vigie la bot : aide", mention), chat.Message{Text: "aide", Addressed: true}},
		{"mention by id", "m.room.message", message(me+", aide", mention), chat.Message{Text: "aide", Addressed: true}},
		{"mention and nothing else", "m.room.message", message("Vigie la bot", mention), chat.Message{Text: "Vigie la bot", Addressed: true}},
		{"mention in the middle", "m.room.message", message("dis, Vigie la bot", mention), chat.Message{Text: "dis, Vigie la bot", Addressed: true}},
		{"thread", "m.room.message", message("x", relates(map[string]any{"rel_type": "m.thread", "event_id": "$root", "is_falling_back": true, "m.in_reply_to": map[string]any{"event_id": "$last"}})),
			chat.Message{Text: "x", Thread: "$root"}},
		{"reply in a thread", "m.room.message", message("x", relates(map[string]any{"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": map[string]any{"event_id": "$it"}})),
			chat.Message{Text: "x", Thread: "$root", Target: "$it"}},
		{"reply", "m.room.message", message("> <@bob:test> !danger\n\noui", relates(map[string]any{"m.in_reply_to": map[string]any{"event_id": "$it"}})),
			chat.Message{Text: "oui", Target: "$it"}},
		{"edit", "m.room.message", message("* y", map[string]any{
			"m.relates_to": map[string]any{"rel_type": "m.replace", "event_id": "$it"}, "m.new_content": map[string]any{"msgtype": "m.text", "body": "y"}, "m.mentions": mention["m.mentions"]}),
			chat.Message{Kind: chat.Edit, Text: "y", Target: "$it"}},
		{"reaction", "m.reaction", relates(map[string]any{"rel_type": "m.annotation", "event_id": "$it", "key": "✅"}),
			chat.Message{Kind: chat.Reaction, Text: "✅", Target: "$it"}},
		{"redaction", "m.room.redaction", map[string]any{"redacts": "$it"}, chat.Message{Kind: chat.Redaction, Target: "$it"}},
	} {
		eventID := h.say(room, anne, tc.kind, tc.content)
		got := next[chat.Message](b)
		if got.At.IsZero() || got.Received.IsZero() || got.Cursor == nil || got.ID != eventID {
			t.Errorf("%s: got %+v", tc.name, got)
		}
		want := tc.want
		want.Room, want.ID, want.From = group(room), eventID, chat.Identity{Network: "matrix", Account: anne, Nick: "Anne Martin"}
		want.At, want.Received, want.Cursor = got.At, got.Received, got.Cursor
		if got.Text != want.Text || got.Kind != want.Kind || got.Addressed != want.Addressed || got.Thread != want.Thread ||
			got.Target != want.Target || got.From != want.From || got.Room != want.Room || got.Encrypted || got.History {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.name, got, want)
		}
	}
}

// None of these is said to the bot, and none of them stops it.
func TestWhatIsNotSaid(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	for _, e := range []struct {
		sender, kind string
		content      map[string]any
	}{
		{me, "m.room.message", message("!aide", nil)},
		{anne, "m.room.message", map[string]any{"msgtype": "m.notice", "body": "!aide"}},
		{anne, "m.room.message", map[string]any{"msgtype": "m.emote", "body": "!aide"}},
		{anne, "m.room.message", map[string]any{"msgtype": "m.image", "body": "!aide"}},
		{anne, "m.room.message", map[string]any{}},
		{anne, "m.room.message", message(" \n ", nil)},
		{anne, "m.room.message", map[string]any{"msgtype": 7, "body": []any{}}},
		{anne, "m.room.message", message("* x", relates(map[string]any{"rel_type": "m.replace", "event_id": "$it"}))},
		{anne, "m.room.message", message("x", relates(map[string]any{"rel_type": "m.replace", "event_id": []any{1}}))},
		{anne, "m.reaction", relates(map[string]any{"rel_type": "m.annotation", "event_id": "$it"})},
		{anne, "m.reaction", map[string]any{}},
		{anne, "m.room.redaction", map[string]any{}},
		{anne, "m.sticker", map[string]any{"body": "x", "msgtype": "m.text"}},
		{anne, "m.room.encrypted", map[string]any{"algorithm": 1}},
		{anne, "org.example.unknown", map[string]any{"body": "!aide"}},
	} {
		h.say(room, e.sender, e.kind, e.content)
	}
	h.state(room, anne, "m.room.member", bob, map[string]any{"membership": "ban"})
	h.state(room, anne, "m.room.encryption", "not empty", map[string]any{"algorithm": "m.megolm.v1.aes-sha2"})
	b.quiet(room)
	if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"}); s.Err != nil || h.sent(room, me)[1]["type"] != "m.room.message" {
		t.Errorf("got %+v", s)
	}
}

// A message in a room of two is private; a third person makes it not so.
func TestPrivateOnlyWhileAlone(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, me)
	b := newBench(t, h, nil).run()
	h.text(room, anne, "seule")
	if m := b.text("seule"); m.Room != private(anne) || !m.Addressed {
		t.Errorf("got %+v", m)
	}
	h.member(room, bob, "invite", anne)
	h.text(room, anne, "à trois")
	if m := b.text("à trois"); m.Room != group(room) || m.Addressed {
		t.Errorf("got %+v", m)
	}
	h.member(room, bob, "leave", bob)
	h.text(room, anne, "à deux")
	if m := b.text("à deux"); m.Room != private(anne) {
		t.Errorf("got %+v", m)
	}
}
