package runbooks

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// signs are read as words, or not at all.
var signs = strings.NewReplacer("👍", " yes ", "✅", " yes ", "👌", " yes ", "👎", " nope ", "❌", " nope ", "🤷", " idk ",
	"\ufe0f", "", "\u20e3", " ", "œ", "oe", "Œ", "oe", "æ", "ae", "🔟", " 10 ")

// numerals are the numbers that people write as words.
var numerals = map[string]int{"zero": 0, "un": 1, "une": 1, "one": 1, "premier": 1, "premiere": 1, "first": 1, "deux": 2, "two": 2, "deuxieme": 2,
	"second": 2, "seconde": 2, "trois": 3, "three": 3, "troisieme": 3, "third": 3, "quatre": 4, "four": 4, "quatrieme": 4, "fourth": 4,
	"cinq": 5, "five": 5, "cinquieme": 5, "fifth": 5, "six": 6, "sixieme": 6, "sixth": 6, "sept": 7, "seven": 7, "huit": 8, "eight": 8,
	"neuf": 9, "nine": 9, "dix": 10, "ten": 10, "onze": 11, "eleven": 11, "douze": 12, "twelve": 12}

// fold makes of a text the words that count: small letters without accents,
// digits, and nothing between them but one space. Keycap digits and thumbs
// become words of their own.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := true
	for _, r := range norm.NFKD.String(signs.Replace(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
			space = false
		case !space:
			b.WriteByte(' ')
			space = true
		}
	}
	return strings.TrimSpace(b.String())
}

// holdsWords says whether a folded phrase stands, as whole words, in a folded
// text.
func holdsWords(text, phrase string) bool {
	return phrase != "" && strings.Contains(" "+text+" ", " "+phrase+" ")
}

func anyWords(text string, phrases ...string) bool {
	for _, p := range phrases {
		if holdsWords(text, p) {
			return true
		}
	}
	return false
}

// number reads a number that is written in digits or as a word, up to twelve.
func number(word string) (int, bool) {
	if n, ok := numerals[word]; ok {
		return n, true
	}
	if word == "" || len(word) > 12 {
		return 0, false
	}
	n := 0
	for _, r := range word {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, true
}

// oneTypo says whether two words differ by one letter changed, missing, added or
// swapped with its neighbour.
func oneTypo(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	switch len(y) - len(x) {
	case 0:
		if i == len(x) {
			return true
		}
		swapped := i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
		return swapped || string(x[i+1:]) == string(y[i+1:])
	case 1:
		return string(x[i:]) == string(y[i+1:])
	}
	return false
}
