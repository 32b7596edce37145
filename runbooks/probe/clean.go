package probe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDetail is the length in bytes of a report's Detail.
const maxDetail = 400

// clean makes a stranger's bytes fit to print: valid UTF-8, no control, format,
// bidi or private characters, single spaces, at most max bytes, cut between runes.
func clean(s string, max int) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r < 0x20 || r >= 0x7f && r < 0xa0:
			space = b.Len() > 0
			continue
		case r == utf8.RuneError || !unicode.IsPrint(r) || unicode.Is(unicode.Mn, r) && tooMarked(b.String()):
			continue
		}
		if space {
			if b.Len()+1+utf8.RuneLen(r) > max {
				break
			}
			b.WriteByte(' ')
			space = false
		}
		if b.Len()+utf8.RuneLen(r) > max {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// tooMarked says that the text already ends in two combining marks: more is
// not language.
func tooMarked(s string) bool {
	for range 2 {
		r, n := utf8.DecodeLastRuneInString(s)
		if !unicode.Is(unicode.Mn, r) {
			return false
		}
		s = s[:len(s)-n]
	}
	return true
}

// cleanAll cleans each text and keeps at most n.
func cleanAll(in []string, n, max int) []string {
	out := make([]string, 0, min(len(in), n))
	for _, s := range in {
		if len(out) == n {
			break
		}
		if s = clean(s, max); s != "" {
			out = append(out, s)
		}
	}
	return out
}
