package commands

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// full is an engine without room.
type full struct {
	store.Engine
	yes bool
}

func (f *full) Commit(ctx context.Context, b store.Batch) error {
	if f.yes {
		return store.ErrFull
	}
	return f.Engine.Commit(ctx, b)
}

// broken understands nothing without breaking.
type broken struct{ Understanding }

func (broken) Decide(string, bool, bool) Decision { panic("broken on purpose") }

// hears gives a private line of claire's to a handler on an engine.
func hears(t *testing.T, e store.Engine, o Options, lines ...string) []string {
	t.Helper()
	s, err := store.Open(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	table, errs := New(o)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	l := &life{t: t, store: s, m: bot.NewMachine(s, table, slog.New(slog.DiscardHandler))}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	l.take(now, bot.FromNetwork(chat.Status{Network: "irc", Up: true, At: now}))
	claire := players()["claire"]
	var said []string
	for i, text := range lines {
		now = now.Add(time.Second)
		if f, ok := e.(*full); ok && i == len(lines)-1 {
			f.yes = true
		}
		m := chat.Message{Room: privateTo(claire), From: claire.id, Text: text, Addressed: true, At: now, Received: now}
		effects, err := l.m.Take(context.Background(), now, bot.FromNetwork(m))
		if err != nil && !strings.Contains(err.Error(), store.ErrFull.Error()) {
			t.Fatal(err)
		}
		said = nil
		for _, row := range effects.Send {
			if row.Reply.Room == privateTo(claire) {
				said = append(said, row.Reply.Text)
			}
		}
	}
	return said
}

func TestAFullDiskIsSaid(t *testing.T) {
	said := hears(t, &full{Engine: store.NewMemory()}, testOptions(testConfig()), "!ticket le wiki est lent")
	if len(said) != 1 || !strings.Contains(said[0], "Je ne peux rien enregistrer") {
		t.Errorf("said %q", said)
	}
}

func TestAnAccidentIsSaidAndUndone(t *testing.T) {
	o := testOptions(testConfig())
	o.Understand = broken{mind()}
	said := hears(t, store.NewMemory(), o, "notre site est en panne")
	if len(said) != 1 || !strings.Contains(said[0], "Ça a cassé chez moi") || !strings.Contains(said[0], "référence") {
		t.Errorf("said %q", said)
	}
}

// TestADialogueThatCannotGoOn hands its member to people, with a ticket.
func TestADialogueThatCannotGoOn(t *testing.T) {
	for name, session := range map[string]string{"nothing": `{}`, "another version": `{"v":1,"runbook":"site-down","hash":"feed","state":"asking","lang":"fr","frames":[{"runbook":"site-down","hash":"feed","step":"which"}],"path":["which"]}`} {
		t.Run(name, func(t *testing.T) {
			e := store.NewMemory()
			s, err := store.Open(context.Background(), e)
			if err != nil {
				t.Fatal(err)
			}
			claire := players()["claire"]
			if err := s.Update(context.Background(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), func(tx *store.Tx) error {
				p := tx.PersonFor(claire.id)
				tx.PutDialog(store.Dialog{Person: p.ID, Room: privateTo(claire), With: claire.id, Kind: "site-down", Session: json.RawMessage(session)})
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			said := hears(t, e, testOptions(testConfig()), "asso.example")
			if len(said) != 1 || !strings.Contains(said[0], "Une personne de l'équipe prend la suite") || !strings.Contains(said[0], "#1") {
				t.Errorf("said %q", said)
			}
			said = hears(t, e, testOptions(testConfig()), "etat")
			if len(said) != 1 || !strings.Contains(said[0], "Aucune panne") {
				t.Errorf("the dialogue is not over: %q", said)
			}
		})
	}
}

// TestAnOldReportIsNotTakenForANewOne: a diagnosis begun anew waits for its own
// checks only.
func TestAnOldReportIsNotTakenForANewOne(t *testing.T) {
	l := newLife(t, testConfig(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	claire := players()["claire"]
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var probes []store.Probe
	for _, text := range []string{"!diag site-down", "asso.example", "!diag certificate", "autre.example"} {
		now = now.Add(time.Second)
		effects, err := l.m.Take(context.Background(), now, bot.FromNetwork(chat.Message{Room: privateTo(claire), From: claire.id, Text: text, Addressed: true, At: now, Received: now}))
		if err != nil {
			t.Fatal(err)
		}
		probes = append(probes, effects.Probes...)
	}
	if len(probes) != 2 {
		t.Fatalf("%d probes", len(probes))
	}
	old := cannedReports("", probes[0].Args, map[string]string{"tls asso.example": "expired", "dns asso.example": "ok", "http https://asso.example/": "tls_error"})
	if said := l.take(now, bot.Found{Probe: probes[0], Report: old}); len(said) > 0 {
		t.Errorf("an old report is taken: %q", said)
	}
	if err := l.store.View(func(tx *store.Tx) error {
		if n := len(tx.Probes()); n != 1 {
			t.Errorf("%d probes are waited for", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAnAnnouncementThatFailsIsTold: the adminsys hear of a room that refuses.
func TestAnAnnouncementThatFailsIsTold(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	l := newLife(t, testConfig(), now)
	jean := players()["jean"]
	send := func(room chat.Room, text string) bot.Effects {
		now = now.Add(time.Second)
		effects, err := l.m.Take(context.Background(), now, bot.FromNetwork(chat.Message{Room: room, From: jean.id, Text: text, At: now, Received: now}))
		if err != nil {
			t.Fatal(err)
		}
		return effects
	}
	send(privateTo(jean), "!charte accepte")
	for _, row := range send(chat.Room{Network: "matrix", ID: "!staff"}, "!incident ouvrir web").Send {
		if row.Reply.Room.ID != "#annonces" || row.Reply.Kind != chat.Say {
			continue
		}
		effects, err := l.m.Take(context.Background(), now, bot.FromNetwork(chat.Sent{Network: "irc", Key: row.Reply.Key, Err: chat.ErrRefused}))
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, row := range effects.Send {
			if row.Reply.Room.ID == "!staff" && strings.Contains(row.Reply.Text, "irc/#annonces") {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
		return
	}
	t.Error("nothing was announced on irc")
}
