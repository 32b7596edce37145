package matrix

import (
	"strings"
	"testing"

	"vigie/bot/chat"
)

// Whoever has no right to close a room leads us nowhere.
func TestTombstoneWithoutTheRight(t *testing.T) {
	h := newHome(t)
	old, trap := h.room("!old:test", false, anne, bob, me), h.room("!trap:test", false, bob)
	h.state(old, anne, "m.room.power_levels", "", map[string]any{"users": map[string]any{anne: 100}, "events": map[string]any{"m.room.tombstone": 100}})
	h.state(trap, bob, "m.room.create", "", map[string]any{"predecessor": map[string]any{"room_id": old}})
	b := newBench(t, h, func(c *Config) { c.Rooms = []RoomConfig{{Room: old}} }).run()
	h.state(old, bob, "m.room.tombstone", "", map[string]any{"replacement_room": trap})
	if s := next[chat.Status](b); s.Err == nil || !strings.Contains(s.Err.Error(), "no right") {
		t.Errorf("got %+v", s)
	}
	if h.membership(h.rooms[trap], me) != "" {
		t.Error("followed")
	}
}

// An upgrade to room version 12, while we were away: the id names no server, and
// the creator stands above all levels.
func TestUpgradeToVersion12WhileAway(t *testing.T) {
	h := newHome(t)
	old := h.room("!old:test", false, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.Rooms = []RoomConfig{{Room: old}} }).run()
	h.text(old, anne, "avant")
	b.text("avant")
	b.halt()
	heir := h.room("!hashofthecreateevent", false, anne)
	h.state(heir, anne, "m.room.create", "", map[string]any{"room_version": "12", "predecessor": map[string]any{"room_id": old}})
	h.state(heir, anne, "m.room.power_levels", "", map[string]any{"users": map[string]any{}, "events": map[string]any{"m.room.topic": 100}})
	h.state(old, anne, "m.room.tombstone", "", map[string]any{"replacement_room": heir})
	// Its response was committed by a process that died before it had followed.
	h.mu.Lock()
	p := position{N: 9, Since: "s" + strings.TrimPrefix(string(raw(h.pos)), "s")}
	h.mu.Unlock()
	b.cursor = p.cursor()
	b.run()
	h.await(func() bool { return h.membership(h.rooms[heir], me) == "join" })
	b.settle()
	if s := b.send(chat.Reply{Key: "k", Room: group(old), Text: "oui"}); s.Err != nil || len(h.sent(heir, me)) != 1 {
		t.Errorf("got %+v", s)
	}
	err := b.refused(chat.Reply{Kind: chat.Topic, Key: "t", Room: group(old), Text: "sujet"})
	if !strings.Contains(err.Error(), "level 0") || !strings.Contains(err.Error(), "needs 100") {
		t.Errorf("got %v", err)
	}
	h.state(heir, anne, "m.room.create", "", map[string]any{"room_version": "12", "additional_creators": []string{me}})
	if s := b.send(chat.Reply{Kind: chat.Topic, Key: "t2", Room: group(old), Text: "sujet"}); s.Err != nil {
		t.Errorf("a creator may not: %v", s.Err)
	}
}
