package chat

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestIdentityKeysNeverCollide(t *testing.T) {
	known := Identity{Network: "libera", Account: "jean", Nick: "jean"}
	liar := Identity{Network: "libera", Nick: "jean", Host: "jean!jean@example.org"}
	if known.Key() == liar.Key() {
		t.Fatalf("an unknown person has the key of an account: %q", known.Key())
	}
	forged := Identity{Network: "libera", Host: "/jean"}
	if forged.Key() == known.Key() {
		t.Fatal("a mask can be made to look like an account")
	}
}

func TestPlainTakesForceAway(t *testing.T) {
	for _, tt := range []struct{ in, banned string }{
		{"a\nQUIT", "\n"}, {"x\x00y", "\x00"}, {"\u202eevil", "\u202e"}, {"z\u200bw", "\u200b"},
		{"**fat**", "**"}, {"hey @room now", "@room"}, {"hey @ROOM", "@ROOM"}, {"`code`", "`"},
		{"tag\U000E0041", "\U000E0041"}, {"\x02bold\x03", "\x02"},
	} {
		if got := Plain(tt.in, 0); strings.Contains(got, tt.banned) {
			t.Errorf("Plain(%q) = %q still holds %q", tt.in, got, tt.banned)
		}
	}
	if got := Plain("e"+strings.Repeat("\u0301", 50), 0); utf8.RuneCountInString(got) > 4 {
		t.Errorf("combining marks are not capped: %d runes", utf8.RuneCountInString(got))
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in   string
		max  int
		want string
	}{{"abc", 0, "abc"}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"éàü", 2, "é…"}, {"", 3, ""}} {
		if got := Cut(tt.in, tt.max); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.max, got, tt.want)
		}
	}
}

func TestAgeIsNeverNegative(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if got := (Message{At: now.Add(time.Hour), Received: now}).Age(); got != 0 {
		t.Errorf("a message from the future is %v old", got)
	}
	if got := (Message{At: now.Add(-time.Hour), Received: now}).Age(); got != time.Hour {
		t.Errorf("age = %v, want 1h", got)
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("bonjour @room **x**", 10)
	f.Add("\x00\u202e\U000E0041", 3)
	f.Fuzz(func(t *testing.T, s string, max int) {
		got := Plain(s, max)
		if !utf8.ValidString(got) {
			t.Fatalf("invalid UTF-8 out of %q", s)
		}
		if strings.ContainsAny(got, "\r\n\x00") || strings.Contains(got, "**") {
			t.Fatalf("Plain(%q) = %q", s, got)
		}
	})
}
