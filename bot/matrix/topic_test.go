package matrix

import (
	"testing"

	"vigie/bot/chat"
)

// TestTopicsOfOthersAreTold: at start, so that the bot knows what to put back,
// and when somebody changes one; its own change is not told.
func TestTopicsOfOthersAreTold(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, me)
	h.state(room, anne, "m.room.topic", "", map[string]any{"topic": "Bienvenue"})
	b := newBench(t, h, func(c *Config) { c.Rooms = []RoomConfig{{Room: room}} }).run()
	if got := next[chat.Message](b); got.Kind != chat.TopicIs || got.Text != "Bienvenue" || got.Room != group(room) {
		t.Errorf("at start: %+v", got)
	}
	h.state(room, anne, "m.room.topic", "", map[string]any{"topic": "Réunion mardi"})
	if got := next[chat.Message](b); got.Kind != chat.TopicIs || got.Text != "Réunion mardi" {
		t.Errorf("after a change: %+v", got)
	}
	h.state(room, me, "m.room.topic", "", map[string]any{"topic": "⚠ Panne"})
	h.text(room, anne, "marker")
	b.text("marker")
}
