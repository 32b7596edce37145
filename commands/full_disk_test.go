package commands

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// TestAFullDiskIsSaidToWhoAnswers: words that do not name the bot, but answer its
// question, are missed too; others' talk is met with silence as ever.
func TestAFullDiskIsSaidToWhoAnswers(t *testing.T) {
	ctx := context.Background()
	disk := &full{Engine: store.NewMemory()}
	s, err := store.Open(ctx, disk)
	if err != nil {
		t.Fatal(err)
	}
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	m := bot.NewMachine(s, table, slog.New(slog.DiscardHandler))
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	room := chat.Room{Network: "irc", ID: "#support"}
	say := func(who, text string) string {
		t.Helper()
		now = now.Add(time.Second)
		effects, err := m.Take(ctx, now, bot.FromNetwork(chat.Message{Room: room, From: players()[who].id, Text: text, At: now, Received: now}))
		if err != nil && !strings.Contains(err.Error(), store.ErrFull.Error()) {
			t.Fatal(err)
		}
		var said []string
		for _, row := range effects.Send {
			if row.Reply.Room == room {
				said = append(said, row.Reply.Text)
			}
		}
		return strings.Join(said, "\n")
	}
	if _, err := m.Take(ctx, now, bot.FromNetwork(chat.Status{Network: "irc", Up: true, At: now})); err != nil {
		t.Fatal(err)
	}
	if got := say("claire", "vigie: notre site ne s'ouvre plus"); !strings.Contains(got, "adresse du site") {
		t.Fatalf("asked %q", got)
	}
	disk.yes = true
	if got := say("claire", "cinema.example"); !strings.Contains(got, "Je ne peux rien enregistrer") {
		t.Errorf("to an answer: %q", got)
	}
	if got := say("paul", "bonjour à tous"); got != "" {
		t.Errorf("to talk: %q", got)
	}
}
