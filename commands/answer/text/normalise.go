// Package text is the one analysis of French and English that the recogniser
// and the FAQ search share: folding, tokens, light stems, concepts (families of
// words that mean the same to us), the features a classifier learns from, and
// the language of a message.
//
// Everything here is a pure function over its argument and read-only tables
// built once by New; an Analyser is safe for concurrent use. Input is cut at
// MaxRunes, so that hostile text costs no more than a long story.
package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MaxRunes is how much of a message is looked at. A member's longest honest
// story is well under it.
const MaxRunes = 2000

// Fold puts text in the form that all matching is done on: compatibility forms
// opened (full-width letters, ligatures), accents dropped, lower case, curly
// quotes made plain. Control and format characters become spaces, so that an
// invisible character never splits a word for the reader but not for us.
func Fold(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range norm.NFKD.String(clip(s)) {
		if n++; n > 2*MaxRunes {
			break
		}
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		case r == '’' || r == '‘' || r == '´' || r == '`':
			b.WriteByte('\'')
		case r == 'œ' || r == 'Œ':
			b.WriteString("oe")
		case r == 'æ' || r == 'Æ':
			b.WriteString("ae")
		case unicode.IsControl(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// clip keeps the first MaxRunes runes.
func clip(s string) string {
	n := 0
	for i := range s {
		if n == MaxRunes {
			return s[:i]
		}
		n++
	}
	return s
}

// squeeze shortens a letter written three times or more to one ("sooos",
// "bonjourrrr"): people lengthen words when they are upset.
func squeeze(word string) string {
	rs := []rune(word)
	out := rs[:0:0]
	for i := 0; i < len(rs); {
		j := i
		for j < len(rs) && rs[j] == rs[i] {
			j++
		}
		n := j - i
		if n > 2 && unicode.IsLetter(rs[i]) {
			n = 1
		}
		out = append(out, rs[i:i+n]...)
		i = j
	}
	return string(out)
}
