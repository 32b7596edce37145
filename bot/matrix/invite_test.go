package matrix

import (
	"strings"
	"testing"

	"vigie/bot/chat"
)

func TestRefusedInvitationIsPoliteAndReported(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, func(c *Config) { c.Words.Refusal = "Bonjour, je ne peux pas." }).run()
	for _, id := range []string{"!a:test", "!b:test", "!c:test", "!d:test", "!e:test"} {
		h.member(h.room(id, false, bob), me, "invite", bob)
		h.await(func() bool { return h.membership(h.rooms[id], me) == "leave" })
	}
	leave := h.rooms["!a:test"].state["m.room.member|"+me]["content"].(map[string]any)
	if leave["reason"] != "Bonjour, je ne peux pas." {
		t.Errorf("got %v", leave)
	}
	for range 3 { // and no more: five invitations are a flood
		if s := next[chat.Status](b); !s.Up || s.Err == nil || !strings.Contains(s.Err.Error(), bob) || !strings.Contains(s.Err.Error(), "invites") {
			t.Errorf("got %+v", s)
		}
	}
	room := h.room("!r:test", false, anne, bob, me)
	h.text(room, anne, "marker")
	select {
	case in := <-b.in:
		if m, ok := in.(chat.Message); !ok || m.Kind != chat.Text {
			t.Errorf("got %#v", in)
		}
	case <-t.Context().Done():
	}
}

func TestDirectInvitationIsListedAndLeftWhenEmpty(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, func(c *Config) { c.Staff = []string{anne} }).run()
	dm := h.room("!dm:test", false, anne)
	h.state(dm, anne, "m.room.member", me, map[string]any{"membership": "invite", "is_direct": true})
	h.await(func() bool { return string(h.account[me+"/m.direct"]) == `{"@anne:test":["!dm:test"]}` })
	h.text(dm, anne, "bonjour")
	b.text("bonjour")
	h.member(dm, anne, "leave", anne)
	h.await(func() bool { return h.membership(h.rooms[dm], me) == "leave" })
	h.await(func() bool { return string(h.account[me+"/m.direct"]) == `{}` })
	b.settle()
	if h.count("POST /_matrix/client/v3/rooms/!dm:test/forget") != 1 {
		t.Error("the room was not forgotten")
	}
}

func TestConfiguredRoomIsNeverLeft(t *testing.T) {
	h := newHome(t)
	room, other := h.room("!r:test", false, anne, me), h.room("!o:test", false, anne, me)
	b := newBench(t, h, func(c *Config) { c.Rooms = []RoomConfig{{Room: room}} }).run()
	h.member(room, anne, "leave", anne)
	h.member(other, anne, "leave", anne)
	h.await(func() bool { return h.membership(h.rooms[other], me) == "leave" })
	b.settle()
	if h.membership(h.rooms[room], me) != "join" {
		t.Error("left a room of the configuration")
	}
}
