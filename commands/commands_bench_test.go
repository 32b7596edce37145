package commands_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands"
	"vigie/commands/answer"
	"vigie/runbooks/library"
	"vigie/store"
)

// bench is a bot whose networks prove everything at once.
type bench struct {
	tb      testing.TB
	machine *bot.Machine
	now     time.Time
	count   int
}

// benchTable is a host with a room of each kind and the shipped content.
func benchTable(tb testing.TB) *commands.Table {
	tb.Helper()
	host := map[string]string{}
	for _, k := range library.HostKeys() {
		host[k.Name] = k.Example
	}
	cfg := commands.Defaults()
	cfg.Host = host
	cfg.Rooms = map[string]commands.Room{
		"support":  {Audience: commands.Public, Places: []string{"irc/#support"}},
		"adminsys": {Audience: commands.Staff, Places: []string{"matrix/!staff"}},
		"annonces": {Audience: commands.Public, Places: []string{"irc/#annonces"}, Announcements: true},
	}
	mind, errs := commands.NewMind(host, answer.Options{}, library.FS())
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	t, errs := commands.New(commands.Options{Config: cfg, Content: []fs.FS{library.FS()}, Understand: mind, ShortLines: []string{"irc"}})
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	return t
}

func newBench(tb testing.TB, table *commands.Table, engine store.Engine) *bench {
	tb.Helper()
	s, err := store.Open(tb.Context(), engine)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	b := &bench{tb: tb, machine: bot.NewMachine(s, table, slog.New(slog.DiscardHandler)),
		now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	if _, err := b.machine.Start(tb.Context(), b.now); err != nil {
		tb.Fatal(err)
	}
	for _, n := range []string{"irc", "matrix"} {
		b.take(chat.Status{Network: n, Up: true, At: b.now})
	}
	return b
}

// take gives the bot an inbound, proves every reply, and tells how many there were.
func (b *bench) take(in ...chat.Inbound) (said int) {
	for len(in) > 0 {
		events := make([]bot.Event, len(in))
		for i := range in {
			events[i] = bot.FromNetwork(in[i])
		}
		effects, err := b.machine.Take(context.Background(), b.now, events...)
		if err != nil {
			b.tb.Fatal(err)
		}
		in = in[:0]
		for _, row := range effects.Send {
			said++
			if row.Seq > 0 {
				in = append(in, chat.Sent{Network: row.Reply.Room.Network, Key: row.Reply.Key, Proof: "$" + row.Reply.Key})
			}
		}
	}
	return said
}

// say is a private line of a member who never says two within the flood's window.
func (b *bench) say(text string) int {
	b.count++
	b.now = b.now.Add(6 * time.Second)
	nick := fmt.Sprintf("membre%d", b.count%200)
	return b.take(chat.Message{Room: chat.Room{Network: "irc", ID: nick, Private: true, Account: nick}, Addressed: true,
		ID: fmt.Sprint("m", b.count), From: chat.Identity{Network: "irc", Account: nick, Nick: nick, Host: nick + "!u@h"},
		Text: text, At: b.now, Received: b.now})
}

// BenchmarkTurn is one question whose answer changes nothing: nothing is written.
func BenchmarkTurn(b *testing.B) {
	on := newBench(b, benchTable(b), store.NewMemory())
	b.ReportAllocs()
	for b.Loop() {
		if on.say("!etat") == 0 {
			b.Fatal("no answer")
		}
	}
}

// BenchmarkQuestion is a question in plain words that the FAQ answers.
func BenchmarkQuestion(b *testing.B) {
	on := newBench(b, benchTable(b), store.NewMemory())
	b.ReportAllocs()
	for b.Loop() {
		if on.say("comment adhérer à l'association ?") == 0 {
			b.Fatal("no answer")
		}
	}
}

// BenchmarkTicket is one ticket from the line that opens it to the proofs of all
// replies: the member's number and the staff's thread. A store takes a hundred.
func BenchmarkTicket(b *testing.B) {
	engines := map[string]func() store.Engine{
		"memory": func() store.Engine { return store.NewMemory() },
		"bbolt": func() store.Engine {
			e, err := store.OpenBolt(filepath.Join(b.TempDir(), "vigie.db"), store.BoltOptions{})
			if err != nil {
				b.Fatal(err)
			}
			return e
		},
	}
	table := benchTable(b)
	for _, name := range []string{"memory", "bbolt"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var on *bench
			for n := 0; b.Loop(); n++ {
				if n%100 == 0 {
					b.StopTimer()
					on = newBench(b, table, engines[name]())
					b.StartTimer()
				}
				if on.say("!ticket notre formulaire de contact n'envoie plus rien") < 2 {
					b.Fatal("the member and the staff were not both told")
				}
			}
		})
	}
}
