package irc

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

// looks is what a reader sees of pieces: each byte with or without bold.
func looks(pieces ...string) (text string, fat []bool) {
	var b strings.Builder
	for _, p := range pieces {
		on := false
		for i := range len(p) {
			if p[i] == bold {
				on = !on
				continue
			}
			b.WriteByte(p[i])
			fat = append(fat, on)
		}
	}
	return b.String(), fat
}

// checkSplit holds every promise of split.
func checkSplit(t rapid.TB, text string, limit int) {
	t.Helper()
	pieces := split(text, limit)
	for _, p := range pieces {
		if len(p) > limit {
			t.Fatalf("a piece has %d bytes, %d fit: %q", len(p), limit, p)
		}
		if strings.Count(p, string(bold))%2 != 0 {
			t.Fatalf("bold is left open in %q", p)
		}
		if utf8.ValidString(text) && !utf8.ValidString(p) {
			t.Fatalf("a character is cut in %q", p)
		}
	}
	want, wantFat := looks(text)
	got, gotFat := looks(pieces...)
	if got != want || !slices.Equal(gotFat, wantFat) {
		t.Fatalf("split(%q, %d) gives back %q", text, limit, got)
	}
	checkCuts(t, want, pieces, limit)
}

// checkCuts looks at each place between two pieces.
func checkCuts(t rapid.TB, text string, pieces []string, limit int) {
	t.Helper()
	at := 0
	for _, p := range pieces[:max(0, len(pieces)-1)] {
		plain, _ := looks(p)
		at += len(plain)
		if text[at-1] == ' ' || text[at] == ' ' {
			continue
		}
		low, high := max(0, at-limit-1), min(len(text), at+limit+1) // a longer word may be cut
		start := low + strings.LastIndexByte(text[low:at], ' ') + 1
		end := high
		if i := strings.IndexByte(text[at:high], ' '); i >= 0 {
			end = at + i
		}
		if toggles := 2 * (end - start); end-start+toggles <= limit {
			t.Fatalf("the word %q fits %d bytes and was cut", text[start:end], limit)
		}
	}
}

func TestSplitKeepsItsPromises(t *testing.T) {
	words := rapid.OneOf(
		rapid.StringN(0, 30, 90),
		rapid.StringMatching(`[a-zéà]{1,12}`),
		rapid.SampledFrom([]string{"👩‍👩‍👧‍👦", "e\u0301\u0302\u0303", "🇫🇷", "\x02", "\x02gras\x02", "наш сайт", "我的网站打不开了", "https://wiki.example.org/a?b=c&d=100%25#e", "  ", "\u00a0:"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(words).Draw(t, "words"), rapid.SampledFrom([]string{" ", "", "  "}).Draw(t, "between"))
		checkSplit(t, text, rapid.IntRange(8, 450).Draw(t, "limit"))
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("un \x02mot gras\x02 et https://example.org/page", 20)
	f.Add("\xff\xfe", 8)
	f.Add(strings.Repeat("e\u0301", 300), 40)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		checkSplit(t, text, 8+max(limit, -limit, 0)%500)
	})
}

func TestSplitNeverBreaksAGrapheme(t *testing.T) {
	family := strings.Repeat("👩‍👩‍👧‍👦", 40)
	var got int
	for _, p := range split(family, 60) {
		got += uniseg.GraphemeClusterCount(p)
	}
	if got != 40 {
		t.Errorf("40 families became %d", got)
	}
}

func TestSplitKeepsAURLWhole(t *testing.T) {
	url := "https://wiki.example.org/" + strings.Repeat("a", 70)
	pieces := split("voir la page "+url+" pour la suite", 100)
	if !slices.ContainsFunc(pieces, func(p string) bool { return strings.Contains(p, url) }) {
		t.Errorf("the URL is cut: %q", pieces)
	}
}

func TestTextRoomCountsWhatOthersReceive(t *testing.T) {
	prefix, target := "vigie!vigie@host.example", "#support"
	text := strings.Repeat("x", textRoom(len(prefix), "PRIVMSG", target))
	if n := len(":" + prefix + " PRIVMSG " + target + " :" + text + "\r\n"); n != lineMax {
		t.Errorf("a full line has %d bytes, want %d", n, lineMax)
	}
}
