package irc

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRender(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"bonjour", []string{"bonjour"}},
		{"**gras** et `code`", []string{"\x02gras\x02 et code"}},
		{"- un\n- deux\n\n", []string{"- un", "- deux"}},
		{"2*3 et 4**5", []string{"2*3 et 4**5"}},
		{"`a ** b` **c**", []string{"a ** b \x02c\x02"}},
		{"**`x`**", []string{"\x02x\x02"}},
		{"`seul", []string{"`seul"}},
		{"****", []string{"****"}},
		{"a\tb", []string{"a b"}},
		{"\n \n", nil},
	} {
		if got := render(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("render(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestNothingRenderedCanEndALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "\r\nQUIT", "\x00", "\x01VERSION\x01", "\u0085", "a\rb"}).Draw(t, "evil")
		for _, line := range render(in) {
			if strings.ContainsAny(line, "\r\n\x00\x01\u0085") {
				t.Fatalf("render(%q) lets %q through", in, line)
			}
		}
	})
}

func TestStrip(t *testing.T) {
	for in, want := range map[string]string{
		"simple": "simple", "\x02gras\x02": "gras", "\x0304,12rouge\x03 fin": "rouge fin",
		"\x03,5x": ",5x", "\x0312345": "345", "\x04ff0000rouge": "rouge", "a\x1d\x1f\x16\x0f\x11b": "ab", "\x0399": "", "\x034,": ",",
	} {
		if got := strip(in); got != want {
			t.Errorf("strip(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTopicText(t *testing.T) {
	if got := topicText("**Incident**\nmail en panne", 100); got != "Incident · mail en panne" {
		t.Errorf("topicText = %q", got)
	}
	long := topicText(strings.Repeat("éléphant ", 50), 80)
	if len(long) > 80 || !strings.HasSuffix(long, "…") {
		t.Errorf("a long topic becomes %d bytes: %q", len(long), long)
	}
}
