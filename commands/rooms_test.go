package commands

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// manyRooms is a host that announces in 100 rooms on each of two networks, and a person who may.
func manyRooms(t testing.TB) (*bot.Machine, *store.Store, func(string)) {
	t.Helper()
	st, err := store.Open(context.Background(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	c := testConfig()
	for n := range 100 {
		c.Rooms[fmt.Sprint("r", n)] = Room{Audience: Public, Announcements: true, Topic: true, Places: []string{fmt.Sprintf("irc/#r%d", n), fmt.Sprintf("matrix/!r%d", n)}}
	}
	table, errs := New(testOptions(c))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	m := bot.NewMachine(st, table, slog.New(slog.NewTextHandler(io.Discard, nil)))
	now, jean := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), chat.Identity{Network: "matrix", Account: "@jean:example.org", Nick: "Jean"}
	seq := 0
	say := func(room chat.Room, text string) {
		seq++
		now = now.Add(time.Second)
		if _, err := m.Take(context.Background(), now, bot.FromNetwork(chat.Message{Room: room, ID: fmt.Sprint("$", seq), From: jean, Text: text, At: now, Received: now, Addressed: room.Private})); err != nil {
			t.Fatal(err)
		}
	}
	say(chat.Room{Network: "matrix", ID: jean.Account, Private: true, Account: jean.Account}, "!charte accepte")
	return m, st, func(text string) { say(chat.Room{Network: "matrix", ID: "!staff"}, text) }
}

func TestEachOfManyRoomsIsToldOnce(t *testing.T) {
	_, st, say := manyRooms(t)
	say("!incident ouvrir web 2 serveur web3 injoignable")
	say("!incident maj la baie est éteinte") // nobody is connected: the first word is old by now
	_ = st.View(func(tx *store.Tx) error {
		told := map[chat.Room]int{}
		for _, row := range tx.Outbox() {
			if strings.HasPrefix(row.Reply.Key, "incident/1/post/") {
				told[row.Reply.Room]++
				if !strings.Contains(row.Reply.Text, "Panne en cours") || !strings.Contains(row.Reply.Text, "baie") {
					t.Errorf("%s would read %q", row.Reply.Room, row.Reply.Text)
				}
			}
		}
		if len(told) != 202 {
			t.Errorf("%d rooms are told", len(told))
		}
		for room, n := range told {
			if n != 1 {
				t.Errorf("%s is told %d times", room, n)
			}
		}
		return nil
	})
}

// BenchmarkAnnounceInManyRooms is one turn that opens an incident, gives news of it and ends it, in
// 202 rooms.
func BenchmarkAnnounceInManyRooms(b *testing.B) {
	_, _, say := manyRooms(b)
	for b.Loop() {
		say("!incident ouvrir web 2 serveur web3 injoignable")
		say("!incident maj la baie est éteinte")
		say("!incident resolu")
	}
}
