package bottest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

var (
	support = chat.Room{Network: "irc", ID: "#support"}
	staff   = chat.Room{Network: "matrix", ID: "!staff"}
)

// echo is a small handler that makes use of everything a turn has.
type echo struct{}

func (echo) Handle(t *bot.Turn) error {
	switch e := t.Event.(type) {
	case bot.Heard:
		return heard(t, e)
	case bot.Due:
		t.Say(chat.Reply{Room: support, Text: t.Now.Format("15:04")})
	case bot.Found:
		t.Tx.SetNote("found", string(e.Report))
		t.Say(chat.Reply{Room: support, Text: string(e.Report)})
	case bot.Alert:
		t.Say(chat.Reply{Room: staff, Text: e.Source + string(e.Body)})
	}
	return nil
}

func heard(t *bot.Turn, e bot.Heard) error {
	word, rest, _ := strings.Cut(e.Text, " ")
	switch {
	case e.Kind == chat.Reaction:
		t.Say(chat.Reply{Room: e.Room, Kind: chat.React, Text: "✅", Target: e.Target})
	case e.Kind != chat.Text:
	case word == "echo":
		t.Say(chat.Reply{Room: e.Room, To: &e.From, Text: rest, Thread: e.Thread})
	case word == "ticket":
		n := t.Tx.Next("ticket")
		t.Deliver(chat.Reply{Room: staff, Text: "**ticket** " + rest, Tone: chat.Loud}, bot.Delivery{Track: true})
		t.Say(chat.Reply{Room: support, Kind: chat.Topic, Text: strconv.Itoa(n) + " ticket"})
	case word == "check":
		kind, target, _ := strings.Cut(rest, " ")
		return t.Probe(rest, kind, "", target)
	case word == "remind":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return err
		}
		t.Tx.SetDue("remind", e.ID, t.Now.Add(d))
	case word == "tell":
		_, text, _ := strings.Cut(rest, " ")
		t.Deliver(chat.Reply{Room: chat.Room{Network: "irc", ID: "membre", Private: true, Account: "claire"}, Text: text}, bot.Delivery{Stored: true})
	case word == "loop":
		t.Tx.SetDue("remind", "", t.Now)
	}
	return nil
}

func (echo) Apologise(t *bot.Turn, ref string, err error) {}

func options() Options {
	return Options{
		New: func(time.Time) bot.Handler { return echo{} },
		Probe: func(kind string, args []byte, canned map[string]string) []byte {
			var target string
			if err := json.Unmarshal(args, &target); err != nil {
				return []byte(err.Error())
			}
			return []byte(canned[kind+" "+target])
		},
	}
}

func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) { Play(t, f, options()) })
	}
}

func TestOnDisk(t *testing.T) {
	o := options()
	o.Store = func() store.Engine {
		e, err := store.OpenBolt(filepath.Join(t.TempDir(), "vigie.db"), store.BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	Play(t, "testdata/echo.txt", o)
}

// What was really said takes the place of what was expected, and nothing else
// in the file changes.
func TestRewriting(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"another text", "> irc/#a m: echo x\n< irc/#a m: y\n", "> irc/#a m: echo x\n< irc/#a m: x\n"},
		{"nothing expected", "# one\n> irc/#a m: echo x\n\n# two\n", "# one\n> irc/#a m: echo x\n< irc/#a m: x\n\n# two\n"},
		{"nothing said", "> irc/#a m: hm\n< irc/#a m: y\n\n+ 1h\n", "> irc/#a m: hm\n\n+ 1h\n"},
		{"a right line stays", "> irc/#a m: ticket x\n<~ irc/#support topic: 1\n", "> irc/#a m: ticket x\n< matrix/!staff: **ticket** x\n<~ irc/#support topic: 1\n"},
		{"a wrong order", "> irc/#a m: ticket x\n< irc/#support topic: 1 ticket\n< matrix/!staff: **ticket** x\n",
			"> irc/#a m: ticket x\n< matrix/!staff: **ticket** x\n< irc/#support topic: 1 ticket\n"},
		{"a name stays", "> irc/#a m: ticket x\n< matrix/!staff [id $r]: z\n< irc/#support topic: 1 ticket\n> matrix/!staff [thread $r] j: echo ok\n",
			"> irc/#a m: ticket x\n< matrix/!staff [id $r]: **ticket** x\n< irc/#support topic: 1 ticket\n> matrix/!staff [thread $r] j: echo ok\n< matrix/!staff [thread $r] j: ok\n"},
		{"a mark asked for", "> irc/#a m: ticket x\n< matrix/!staff [loud]: z\n<...\n", "> irc/#a m: ticket x\n< matrix/!staff [loud]: **ticket** x\n<...\n"},
		{"several lines", "> irc/#a m: echo x\n| y\n< irc/#a m: x\n", "> irc/#a m: echo x\n| y\n< irc/#a m: x\n| y\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := NewPlayer(options())
			got, err := p.Play(tt.script)
			if !errors.Is(err, ErrSaid) {
				t.Fatalf("a wrong transcript passes: %v", err)
			}
			if got != tt.want {
				t.Errorf("really:\n%swant:\n%s", got, tt.want)
			}
			if again, err := NewPlayer(options()).Play(got); err != nil || again != got {
				t.Errorf("what was written down does not pass: %v\n%s", err, again)
			}
		})
	}
}

// A right transcript comes back as it was written.
func TestRightTranscriptsStay(t *testing.T) {
	raw, err := os.ReadFile("testdata/echo.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := NewPlayer(options()).Play(string(raw)); err != nil || got != string(raw) {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestExpectationsThatMustNotPass(t *testing.T) {
	for _, script := range []string{
		"> irc/#a m: echo x\n< irc/#b m: x\n",
		"> irc/#a m: echo x\n< irc/#a n: x\n",
		"> irc/#a m: echo x\n< irc/#a: x\n",
		"> irc/#a m: echo x\n< irc/#a topic: x\n",
		"> irc/#a m: echo x\n<~ irc/#a m: xx\n",
		"> irc/#a m: echo x\n< irc/#a [loud] m: x\n",
		"> irc/#a m: echo x\n< irc/#a [thread $1] m: x\n",
		"> irc/#a m: echo x\n< irc/#a m: x\n< irc/#a m: x\n",
		"> irc/#a m: ticket x\n<...\n< irc/#b: y\n",
		"> irc/#a m reacts 👍 $1\n< irc/#a reacts ✅ $2\n",
	} {
		if _, err := NewPlayer(options()).Play(script); !errors.Is(err, ErrSaid) {
			t.Errorf("%v for\n%s", err, script)
		}
	}
}

func TestMistakesNameTheirLine(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"hello", "cannot start with"}, {"> irc m: x", "is no room"}, {"> irc/#a: x", "who does it"},
		{"> irc/#a m x", "what is"}, {"> irc/#a m", "nothing is said"}, {"> irc/#a [thread m: x", "not closed"},
		{"> irc/#a [loud] m: x", "unknown mark"}, {"> irc/#a m topic: x", "do not do"}, {"+ soon", "no duration"},
		{"+ -1h", "does not go back"}, {"@ now", "no instant"}, {"who m", "who NAME"}, {"who m irc age=3", "says nothing"},
		{"= tls", "KIND TARGET"}, {"down", "name of a network"}, {"away irc", "away NETWORK"}, {"| x", "none above"},
		{"> irc/#a m reacts ✋", "wants 2 words"}, {"> irc/#a m edits $1", "do not agree"}, {"> irc/#a [late x] m: y", "no duration"},
		{"@ 2026-11-23T10:00:00+01:00\n> irc/#a m: x\n@ 2026-11-22T10:00:00+01:00", "does not go back"},
		{"> irc/#a m: loop\n+ 1s", "says something else"}, {"< nowhere", "is no room"},
	} {
		script := "\n" + tt.line + "\n"
		_, err := NewPlayer(options()).Play(script)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: %v, want %q", tt.line, err, tt.want)
		}
	}
}

// stuck makes its own deadline due again and again.
type stuck struct{ echo }

func (stuck) Handle(t *bot.Turn) error { t.Tx.SetDue("stuck", "", t.Now); return nil }

func TestCirclesEnd(t *testing.T) {
	o := options()
	o.New = func(time.Time) bot.Handler { return stuck{} }
	if _, err := NewPlayer(o).Play("> irc/#a m: x\n"); err == nil || !strings.Contains(err.Error(), "again and again") {
		t.Errorf("a circle of deadlines: %v", err)
	}
}

func TestWaits(t *testing.T) {
	for s, want := range map[string]time.Duration{"15m": 15 * time.Minute, "3d": 72 * time.Hour, "1w 1d12h": 204 * time.Hour, "90s": 90 * time.Second} {
		if got, err := parseWait(s); err != nil || got != want {
			t.Errorf("parseWait(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"-1d", "d", "1", "1x", "x1d"} {
		if got, err := parseWait(s); err == nil {
			t.Errorf("parseWait(%q) = %v", s, got)
		}
	}
}

// tb records what a test would say.
type tb struct{ failed, said string }

func (*tb) Helper()                           {}
func (t *tb) Errorf(f string, a ...any)       { t.failed += fmt.Sprintf(f, a...) }
func (t *tb) Fatalf(f string, a ...any)       { t.failed += fmt.Sprintf(f, a...) }
func (t *tb) Logf(format string, args ...any) { t.said += fmt.Sprintf(format, args...) }

func TestPlayFailsWithTheTranscriptAndUpdates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte("> irc/#a m: echo x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var test tb
	Play(&test, path, options())
	if !strings.Contains(test.failed, "> irc/#a m: echo x\n< irc/#a m: x\n") {
		t.Errorf("the failure does not hold the transcript: %s", test.failed)
	}
	o := options()
	o.Update = true
	test = tb{}
	Play(&test, path, o)
	Play(&test, path, options())
	if test.failed != "" || test.said == "" {
		t.Errorf("after the rewrite: %s", test.failed)
	}
}
