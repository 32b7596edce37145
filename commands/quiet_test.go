package commands

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// counted counts the commits of an engine.
type counted struct {
	store.Engine
	commits int
}

func (c *counted) Commit(ctx context.Context, b store.Batch) error {
	c.commits++
	return c.Engine.Commit(ctx, b)
}

// TestWhatChangesNothingIsNotWritten: talk between people, and answers that
// change nothing, cost no write; a ticket costs one.
func TestWhatChangesNothingIsNotWritten(t *testing.T) {
	e := &counted{Engine: store.NewMemory()}
	s, err := store.Open(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	m := bot.NewMachine(s, table, slog.New(slog.DiscardHandler))
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	hear := func(room chat.Room, text string) (said int) {
		t.Helper()
		now = now.Add(20 * time.Second)
		effects, err := m.Take(context.Background(), now, bot.FromNetwork(chat.Message{Room: room, ID: fmt.Sprint(now.Unix()), From: players()["claire"].id,
			Text: text, Addressed: room.Private, At: now, Received: now}))
		if err != nil {
			t.Fatal(err)
		}
		return len(effects.Send)
	}
	if _, err := m.Take(context.Background(), now, bot.FromNetwork(chat.Status{Network: "irc", Up: true, At: now})); err != nil {
		t.Fatal(err)
	}
	support := chat.Room{Network: "irc", ID: "#support"}
	before := e.commits
	for _, text := range []string{"bon week-end à tous", "!meteo paris", "paul: tu viens ?", "oui", "jean, merci"} {
		if n := hear(support, text); n != 0 {
			t.Errorf("%q is answered", text)
		}
	}
	for _, text := range []string{"!etat", "!agenda", "!aide", "!quisuisje", "!qui", "vigie: bonjour", "!ticket 99", "!fermer"} {
		if n := hear(support, text); n != 1 {
			t.Errorf("%q has %d answers", text, n)
		}
	}
	if e.commits != before {
		t.Errorf("%d writes for words that change nothing", e.commits-before)
	}
	hear(privateTo(players()["claire"]), "!ticket le wiki est lent")
	if e.commits != before+1 {
		t.Errorf("%d writes for one ticket", e.commits-before)
	}
}
