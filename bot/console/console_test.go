package console

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot"
	"vigie/bot/bottest"
	"vigie/bot/chat"
)

// parrot repeats what is said, tells what it knows of who said it, and rings an
// hour later.
type parrot struct{}

func (parrot) Handle(t *bot.Turn) error {
	if _, ok := t.Event.(bot.Due); ok {
		t.Say(chat.Reply{Room: chat.Room{Network: "irc", ID: "#support"}, Text: "dring"})
		return nil
	}
	m, ok := t.Message()
	if !ok {
		return nil
	}
	switch {
	case m.Kind == chat.Join:
	case m.Kind == chat.Reaction:
		t.Say(chat.Reply{Room: m.Room, Kind: chat.React, Text: m.Text, Target: m.Target})
	case m.Text == "rappel":
		t.Tx.SetDue("ring", "", t.Now.Add(time.Hour))
	case m.Text == "sujet":
		t.Say(chat.Reply{Room: m.Room, Kind: chat.Topic, Text: "calme"})
	case m.Text == "qui":
		t.Say(chat.Reply{Room: m.Room, Text: m.From.Key() + " " + m.Room.String()})
	case m.Text == "evil":
		t.Say(chat.Reply{Room: m.Room, Text: "a\x1b[2Jb\u202ec\n**fat** and 2**3"})
	case m.Text == "encore":
		n := t.Tx.Next("turns")
		t.Say(chat.Reply{Room: m.Room, Text: strings.Repeat("x", n)})
	default:
		t.Say(chat.Reply{Room: m.Room, To: &m.From, Text: m.Text, Thread: m.Thread})
	}
	return nil
}

func (parrot) Apologise(*bot.Turn, string, error) {}

func player(t *testing.T) Driver {
	p := bottest.NewPlayer(bottest.Options{New: func(time.Time) bot.Handler { return parrot{} }})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CET", 3600))

// talk types lines and returns what was printed, the greeting and goodbye left out.
func talk(t *testing.T, o Options, lines ...string) string {
	t.Helper()
	var out strings.Builder
	o.Start = start
	err := Run(t.Context(), strings.NewReader(strings.Join(lines, "\n")), &out, player(t), o)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	printed := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	return strings.Join(printed[1:len(printed)-1], "\n")
}

func TestTalking(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"a line", []string{"bonjour"}, "10:00:01 #2 irc/#support à membre | bonjour"},
		{"two slashes", []string{"//bonjour"}, "10:00:01 #2 irc/#support à membre | /bonjour"},
		{"nothing", []string{"", "  "}, ""},
		{"people", []string{"/qui jean", "qui", "/qui jean jdupont", "qui", "/qui jean -", "qui"},
			"-- Vous êtes jean (sans compte).\n10:00:01 #2 irc/#support | irc?jean!jean@console.invalid irc/#support\n" +
				"-- Vous êtes jean (jdupont).\n10:00:02 #4 irc/#support | irc/jdupont irc/#support\n" +
				"-- Vous êtes jean (sans compte).\n10:00:03 #6 irc/#support | irc?jean!jean@console.invalid irc/#support"},
		{"in private", []string{"/salon @", "qui"},
			"-- Vous êtes dans irc/@membre.\n10:00:02 #3 irc/@membre | irc?membre!membre@console.invalid irc/membre!"},
		{"another network", []string{"/salon matrix/!staff", "qui", "/salon @", "qui"},
			"-- Vous êtes dans matrix/!staff.\n10:00:02 #3 matrix/!staff | matrix/@membre:example.org matrix/!staff\n" +
				"-- Vous êtes dans matrix/@membre:example.org.\n10:00:04 #6 matrix/@membre:example.org | matrix/@membre:example.org matrix/@membre:example.org!@membre:example.org"},
		{"a network nobody named", []string{"/salon libera/#x", "a"}, "-- Vous êtes dans libera/#x.\n10:00:02 #3 libera/#x à membre | a"},
		{"threads and reactions", []string{"a", "/fil 2", "b", "/fil", "/reagir ✋ #4"},
			"10:00:01 #2 irc/#support à membre | a\n-- Vous écrivez dans le fil du message #2.\n" +
				"    10:00:02 #4 irc/#support ↳#2 à membre | b\n-- Vous êtes dans irc/#support.\n10:00:03 #6 irc/#support (réagit à #4) | ✋"},
		{"topic", []string{"sujet"}, "10:00:01 #2 irc/#support (sujet du salon) | calme"},
		{"time", []string{"rappel", "/heure +59m", "/heure +2d", "/heure", "/heure 2026-12-01T00:00:00+01:00"},
			"-- Il est 2026-11-23 10:59:01 CET.\n11:00:01 #2 irc/#support | dring\n-- Il est 2026-11-25 10:59:01 CET.\n" +
				"-- Il est 2026-11-25 10:59:01 CET.\n-- Il est 2026-12-01 00:00:00 CET."},
		{"a death", []string{"encore", "/redemarre", "encore"},
			"10:00:01 #2 irc/#support | x\n-- Vigie est repartie.\n10:00:02 #4 irc/#support | xx"},
		{"hostile text", []string{"evil"}, "10:00:01 #2 irc/#support |\n    a[2Jbc\n    fat and 2**3"},
		{"mistakes", []string{"/dance", "/qui", "/salon", "/salon irc/", "/fil 9", "/reagir ✋", "/heure demain", "/heure +-1h", "/heure +xd", "/heure 2020-01-01T00:00:00Z"},
			"-- Je ne connais pas /dance. /aide donne la liste.\n-- Écrivez : /qui NOM [compte]\n-- Écrivez : /salon réseau/#nom\n" +
				"-- Écrivez : /salon réseau/#nom\n-- Il n'y a pas de message #9.\n-- Écrivez : /reagir ✋ 3" + strings.Repeat("\n-- "+french.noTime, 4)},
		{"after the end", []string{"/quitter", "bonjour"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := talk(t, Options{}, tt.lines...); got != tt.want {
				t.Errorf("printed\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestEnglishBoldAndPrompt(t *testing.T) {
	got := talk(t, Options{Lang: "en", Bold: true, Prompt: true, Name: "ann"}, "evil", "/help")
	for _, want := range []string{"ann irc/#support> 10:00:01", "\x1b[1mfat\x1b[22m and 2**3", "-- /quit: end"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// Every command that the help names is known, and the languages say as much.
func TestHelpIsTrue(t *testing.T) {
	for _, w := range []words{french, english} {
		for _, l := range strings.Split(w.help, "\n") {
			name, _, _ := strings.Cut(strings.Split(l, " ")[0], ":")
			if strings.HasPrefix(name, "//") {
				continue
			}
			if command(name) == "" {
				t.Errorf("help names %q, which is not known", name)
			}
		}
	}
	if strings.Count(french.help, "\n") != strings.Count(english.help, "\n") {
		t.Error("one language's help says more than the other's")
	}
}

func TestEndings(t *testing.T) {
	var out strings.Builder
	long := strings.NewReader(strings.Repeat("x", 70<<10))
	if err := Run(t.Context(), long, &out, player(t), Options{}); err == nil || !strings.Contains(out.String(), french.tooLong) {
		t.Errorf("a line without end: %v", err)
	}
	if err := Run(t.Context(), strings.NewReader("a\nb"), failing{}, player(t), Options{}); err == nil {
		t.Error("a terminal that is gone is not noticed")
	}
	broken := errors.New("no store")
	if err := Run(t.Context(), strings.NewReader("a"), io.Discard, dead{broken}, Options{}); !errors.Is(err, broken) {
		t.Errorf("a bot that cannot start: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

type dead struct{ err error }

func (d dead) Restart(time.Time, func(time.Time, string, chat.Reply)) error { return d.err }
func (d dead) Take(time.Time, chat.Inbound, func(time.Time, string, chat.Reply)) error {
	return d.err
}
func (d dead) Advance(time.Time, func(time.Time, string, chat.Reply)) error { return d.err }

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		in, typing := io.Pipe()
		ended := make(chan error)
		go func() { ended <- Run(ctx, in, io.Discard, player(t), Options{Start: start}) }()
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = typing.Close() // lets the reader's goroutine go
	})
}
