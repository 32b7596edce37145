package chat

import (
	"strings"
	"unicode"
)

// Plain makes a text that somebody typed, or that a server answered, safe to
// stand inside a Reply: control, bidirectional, zero-width and tag characters
// go, line breaks become spaces, combining marks are capped, the markup's own
// signs are taken out of meaning, a mass mention loses its force, and at most max runes are kept
// (an ellipsis says that something was cut; max ≤ 0 keeps all).
func Plain(s string, max int) string {
	s = Clean(s)
	for strings.Contains(s, "**") { // "***" holds two
		s = strings.ReplaceAll(s, "**", "*\u2060*")
	}
	s = strings.ReplaceAll(s, "`", "'")
	s = defuse(s)
	return Cut(s, max)
}

// Clean takes out of s whatever a person cannot see and a program might obey:
// C0 and C1 controls, bidirectional and zero-width characters, tag characters,
// noncharacters, and more than three combining marks in a row. Line breaks and tabs become single spaces.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	marks := 0
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
			marks = 0
		case Invisible(r):
		case unicode.Is(unicode.Mn, r):
			if marks++; marks <= 3 {
				b.WriteRune(r)
			}
		default:
			marks = 0
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// Invisible tells whether r is a character that shows nothing and may change how
// the rest is read: controls, bidirectional marks, zero-width and format
// characters, tags, noncharacters. The zero-width joiner stays: emoji need it.
func Invisible(r rune) bool {
	switch {
	case r == '\u200d':
		return false
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
		return true
	case r >= 0xFE00 && r <= 0xFE0F:
		return false // variation selectors belong to emoji
	case r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return true
	case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u034f':
		return true // fillers that look like nothing
	}
	return false
}

// Cut keeps at most max runes of s, the last an ellipsis when something was cut.
func Cut(s string, max int) string {
	if max <= 0 {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == max {
			rest := s[i:]
			if len([]rune(rest)) > 1 {
				return strings.TrimRight(s[:i], " ") + "…"
			}
			break
		}
	}
	return s
}

// defuse breaks words that whole rooms react to: @room, @everyone, @here, @all.
func defuse(s string) string {
	for _, w := range []string{"@room", "@everyone", "@here", "@all", "@channel"} {
		for i := 0; ; {
			j := indexFold(s[i:], w)
			if j < 0 {
				break
			}
			i += j + 1
			s = s[:i] + "\u2060" + s[i:]
		}
	}
	return s
}

func indexFold(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}
