package story

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"maunium.net/go/mautrix/id"

	"vigie/cmd/lab/clients"
)

func TestFold(t *testing.T) {
	six := "1\n2\n3\n4\n5\n6"
	if got := fold(six); got != six {
		t.Errorf("six lines became %q", got)
	}
	if got := fold(six + "\n7\n8"); got != six+"\n(et 2 lignes)" {
		t.Errorf("eight lines became %q", got)
	}
}

func TestIRCRow(t *testing.T) {
	line := func(from, command string, params ...string) clients.IRCLine {
		return clients.IRCLine{From: from, Command: command, Params: params}
	}
	for _, c := range []struct {
		name     string
		line     clients.IRCLine
		channels bool
		where    string // empty: not shown
		text     string
	}{
		{"a channel, to an onlooker", line("vigie", "PRIVMSG", "#support", "\x02bonjour\x02"), true, "irc #support", "bonjour"},
		{"a channel, to a member", line("vigie", "PRIVMSG", "#support", "bonjour"), false, "", ""},
		{"private words to the member", line("vigie", "PRIVMSG", "claire", "bonjour"), false, "irc en privé → claire", "bonjour"},
		{"private words of the member", line("claire", "PRIVMSG", "vigie", "oui"), false, "irc en privé → vigie", "oui"},
		{"private words to an onlooker", line("vigie", "PRIVMSG", "temoin", "bonjour"), true, "", ""},
		{"the server's own notice", line("irc.lab.test", "NOTICE", "claire", "welcome"), false, "", ""},
		{"a topic", line("vigie", "TOPIC", "#annonces", "⚠ Panne"), true, "irc #annonces", "[sujet] ⚠ Panne"},
		{"an arrival", line("vigie", "JOIN", "#support"), true, "", ""},
	} {
		r, shown := ircRow(c.line, "claire", c.channels)
		if shown != (c.where != "") || shown && (r.where != c.where || r.text != c.text) {
			t.Errorf("%s: %v %+v", c.name, shown, r)
		}
	}
}

func TestMatrixRow(t *testing.T) {
	from := id.UserID("@vigie:lab.test")
	for _, c := range []struct {
		name  string
		event clients.MatrixEvent
		where string // empty: not shown
		text  string
	}{
		{"in a thread, encrypted", clients.MatrixEvent{Type: "m.room.message", Text: "a", Encrypted: true, Thread: "$root"}, "matrix #x 🔒 ↳fil", "a"},
		{"corrected", clients.MatrixEvent{Type: "m.room.message", Text: "b", Edits: "$old"}, "matrix #x", "(corrigé) b"},
		{"a gesture", clients.MatrixEvent{Type: "m.reaction", React: "✅"}, "matrix #x", "✅"},
		{"a topic", clients.MatrixEvent{Type: "m.room.topic", Text: "t"}, "matrix #x", "[sujet] t"},
		{"not to be read", clients.MatrixEvent{Type: "m.room.encrypted", Problem: "no key"}, "matrix #x", "(illisible : no key)"},
		{"an arrival", clients.MatrixEvent{Type: "m.room.member"}, "", ""},
	} {
		c.event.Sender = from
		r, shown := matrixRow(c.event, "#x")
		if shown != (c.where != "") || shown && (r.where != c.where || r.text != c.text || r.who != "vigie") {
			t.Errorf("%s: %v %+v", c.name, shown, r)
		}
	}
}

// lines is a source that gives its rows once.
func lines(rows ...row) func() []row {
	return func() []row {
		out := rows
		rows = nil
		return out
	}
}

func TestScreenIsInTheOrderOfTime(t *testing.T) {
	var out strings.Builder
	s := NewScreen(&out)
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	s.add(lines(row{at.Add(time.Second), "irc #support", "vigie", "deux"}))
	s.add(lines(row{at, "matrix #adminsys", "jean", "un\nencore"}))
	s.Note("fin")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(got) != 4 || !strings.HasPrefix(got[0], "20:00:00") || !strings.HasSuffix(got[0], "│ un") ||
		!strings.HasSuffix(got[1], "│ encore") || !strings.HasSuffix(got[2], "│ deux") || got[3] != "fin" {
		t.Errorf("the transcript is:\n%s", out.String())
	}
	if a, b := column(got[0]), column(got[1]); a != b {
		t.Errorf("the margin is at %d, then at %d", a, b)
	}
}

// column is where the margin of a line stands, in characters.
func column(line string) int {
	before, _, _ := strings.Cut(line, "│")
	return utf8.RuneCountInString(before)
}

// full is a terminal that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestScreenTellsOfAFullTerminal(t *testing.T) {
	s := NewScreen(full{})
	s.Note("a")
	if err := s.Close(); err == nil {
		t.Error("nobody is told")
	}
}
