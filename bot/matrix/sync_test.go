package matrix

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
)

func TestFirstStartLearnsAndDoesNotAnswerThePast(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	h.text(room, anne, "long ago")
	b := newBench(t, h, nil).run()
	h.text(room, anne, "now")
	m := b.text("now")
	if m.Room != group(room) || m.From.Account != anne || m.From.Nick != "anne" || m.Addressed || m.Encrypted || m.Cursor == nil {
		t.Errorf("got %+v", m)
	}
}

// A crash before the first message must not learn, and skip, a second time.
func TestFirstPositionSurvivesACrash(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	b.halt()
	h.text(room, anne, "while down")
	if b.cursor != nil {
		t.Fatal("a cursor was delivered; the test proves nothing")
	}
	b.run0("while down")
}

// run0 starts and waits for the messages that were missed.
func (b *bench) run0(want ...string) (list []chat.Message) {
	b.t.Helper()
	b.launch(b.cursor)
	for _, w := range want {
		list = append(list, b.text(w))
	}
	return list
}

// The bot dies between two deliveries of one response: what it had committed is
// the position before, so that all of it comes again and nothing is skipped.
func TestCrashBetweenDeliveriesRepeatsAndNeverSkips(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.text(room, anne, "zero")
	committed := b.text("zero").Cursor
	b.halt()
	for i := range 3 {
		h.text(room, anne, fmt.Sprint("m", i))
	}
	for died := range 3 {
		b.cursor = committed
		b.launch(b.cursor)
		for i := range died + 1 {
			m := b.text(fmt.Sprint("m", i))
			if last := i == 2; (m.Cursor != nil) != last {
				t.Errorf("message %d of 3: cursor %s", i, m.Cursor)
			}
		}
		b.halt()
	}
	h.text(room, anne, "after")
	b.run0("after")
}

func TestGapIsReadBackInOrder(t *testing.T) {
	h := newHome(t)
	h.limit = 5
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.text(room, anne, "before")
	b.text("before")
	b.halt()
	var want []string
	for i := range 40 {
		want = append(want, fmt.Sprint("missed ", i))
		h.text(room, anne, want[i])
	}
	got := b.run0(want...)
	if got[0].History || got[39].Cursor == nil || got[38].Cursor != nil {
		t.Errorf("the last: %+v", got[39])
	}
	b.quiet(room)
}

func TestOldMessagesOfAGapAreHistory(t *testing.T) {
	h := newHome(t)
	h.limit = 2
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.text(room, anne, "before")
	b.text("before")
	b.halt()
	h.text(room, anne, "old")
	h.mu.Lock()
	rm := h.rooms[room]
	rm.events[len(rm.events)-1].evt["origin_server_ts"] = time.Now().Add(-time.Hour).UnixMilli()
	h.mu.Unlock()
	h.text(room, anne, "a")
	h.text(room, anne, "b")
	got := b.run0("old", "a", "b")
	if !got[0].History || got[0].Age() < 50*time.Minute || got[1].History {
		t.Errorf("got %+v", got[0])
	}
}

// A room that refuses its past still gives what the response holds.
func TestGapThatCannotBeReadBack(t *testing.T) {
	h := newHome(t)
	h.limit = 2
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.text(room, anne, "before")
	b.text("before")
	b.halt()
	h.rooms[room].forgot = true
	for i := range 5 {
		h.text(room, anne, fmt.Sprint(i))
	}
	b.run0("3", "4")
}

func TestQuestionSentWithTheInvitationIsDelivered(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, func(c *Config) { c.Invites.Servers = []string{"test"} }).run()
	room := h.room("!dm:test", false, anne)
	h.text(room, anne, "before the bot")
	h.member(room, me, "invite", anne)
	h.text(room, anne, "mon site est en panne")
	m := b.text("mon site est en panne")
	if m.Room != private(anne) || !m.Addressed {
		t.Errorf("got %+v", m)
	}
}

func TestInvitationsByPolicy(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, func(c *Config) { c.Invites.Users = []string{anne} }).run()
	no := h.room("!no:test", false, bob)
	h.member(no, me, "invite", bob)
	yes := h.room("!yes:test", false, anne, bob)
	h.member(yes, me, "invite", anne)
	h.text(yes, anne, "bienvenue")
	b.text("bienvenue")
	b.quiet(yes)
	h.mu.Lock()
	defer h.mu.Unlock()
	if got := h.membership(h.rooms[no], me); got != "leave" {
		t.Errorf("the invitation of a stranger: %q", got)
	}
}

func TestConfiguredRoomIsJoinedAndKeepsItsName(t *testing.T) {
	h := newHome(t)
	room := h.room("!s:test", false, anne, bob)
	h.aliases["#support:test"] = room
	b := newBench(t, h, func(c *Config) { c.Rooms = []RoomConfig{{Room: "#support:test"}} }).run()
	h.text(room, anne, "bonjour")
	if m := b.text("bonjour"); m.Room != group("#support:test") {
		t.Errorf("got %+v", m.Room)
	}
	if s := b.send(chat.Reply{Key: "k1", Room: group("#support:test"), Text: "oui"}); s.Err != nil {
		t.Fatal(s.Err)
	}
	if n := len(h.sent(room, me)); n != 1 {
		t.Errorf("%d messages", n)
	}
	// Somebody points the alias elsewhere: we stay.
	b.halt()
	h.mu.Lock()
	h.aliases["#support:test"] = "!trap:test"
	h.mu.Unlock()
	b.run()
	if s := b.send(chat.Reply{Key: "k2", Room: group("#support:test"), Text: "oui"}); s.Err != nil || len(h.sent(room, me)) != 2 {
		t.Errorf("got %+v", s)
	}
}

func TestUpgradeIsFollowedOnlyWhenTheNewRoomAgrees(t *testing.T) {
	h := newHome(t)
	old := h.room("!old:test", true, anne, bob, me)
	liar := h.room("!liar:test", false, bob)
	heir := h.room("!heir:test", false, anne)
	h.state(heir, anne, "m.room.create", "", map[string]any{"predecessor": map[string]any{"room_id": old}})
	b := newBench(t, h, func(c *Config) { c.Rooms = []RoomConfig{{Room: old}} }).run()
	h.state(old, bob, "m.room.tombstone", "", map[string]any{"replacement_room": liar})
	h.text(old, anne, "encore là")
	b.text("encore là")
	h.state(old, anne, "m.room.tombstone", "", map[string]any{"replacement_room": heir})
	h.await(func() bool { return h.membership(h.rooms[heir], me) == "join" })
	h.text(heir, anne, "et là")
	if m := b.text("et là"); m.Room != group(old) {
		t.Errorf("got %+v", m.Room)
	}
	// The old room was encrypted: the new one is spoken to in ciphertext, too.
	b.send(chat.Reply{Key: "k", Room: group(old), Text: "oui"})
	got := h.sent(heir, me)
	if len(got) != 1 || got[0]["type"] != "m.room.encrypted" {
		t.Errorf("got %v", got)
	}
}

func TestHomeserverGoesAndComesBack(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(502)
		return true
	})
	h.srv.CloseClientConnections()
	if s := next[chat.Status](b); s.Up || s.Err == nil {
		t.Errorf("got %+v", s)
	}
	if err := b.refused(chat.Reply{Key: "k", Room: group(room), Text: "x"}); !strings.Contains(err.Error(), chat.ErrDown.Error()) {
		t.Errorf("got %v", err)
	}
	h.text(room, anne, "missed")
	h.setFault(nil)
	if s := next[chat.Status](b); !s.Up {
		t.Errorf("got %+v", s)
	}
	b.text("missed")
}
