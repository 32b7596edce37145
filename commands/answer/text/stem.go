package text

import "strings"

// endings are cut from the end of a word, longest first, when at least four
// letters stay. They are shared by both languages: a word's language is not
// known for sure in a message that mixes them, and a stem need only be the same
// for the forms of one word, not be a word.
var endings = []string{
	"issements", "issement", "ations", "ateurs", "atrice", "ements", "issent", "issait", "ation", "ateur", "ement",
	"erons", "eront", "aient", "antes", "euses", "ables", "ities", "ences", "ances",
	"ment", "ions", "iez", "erai", "eras", "erez", "ante", "ants", "ence", "ance", "able", "euse", "eurs", "tion", "ings", "ness",
	"ait", "ais", "ont", "ant", "ent", "ons", "ees", "ing", "ies", "eur", "eux", "ier", "ere", "ive", "ifs", "iti", "ity",
	"er", "ez", "ee", "es", "ed", "ai", "as", "is", "it", "ir", "if", "al", "ly", "re", "e", "s", "x", "i",
}

// Stem cuts a folded word to what its forms have in common: "marche",
// "marchait", "marchent" meet; so do "certificate" and "certificats".
// Placeholders and words under five letters stay as they are.
func Stem(word string) string {
	if len(word) < 5 || strings.HasPrefix(word, "_") {
		return word
	}
	for _, e := range endings {
		if len(word)-len(e) >= 4 && strings.HasSuffix(word, e) {
			return undouble(word[:len(word)-len(e)])
		}
	}
	return word
}

// undouble makes "appell" and "appel" one.
func undouble(s string) string {
	if n := len(s); n > 4 && s[n-1] == s[n-2] {
		return s[:n-1]
	}
	return s
}
