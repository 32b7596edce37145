package text

import (
	"embed"
	"fmt"
	"sort"
	"strings"
)

//go:embed sms.txt concepts.txt lang.txt
var lexicon embed.FS

// Analyser holds the tables of the embedded lexicon files, ready to use. It is
// read-only after New.
type Analyser struct {
	short    map[string][]string // abbreviation → words
	exact    map[string]string   // word or words joined by _ → concept
	prefixes map[string]string   // beginning of a word → concept
	longest  int                 // words in the longest expression
	fr, en   map[string]bool     // small words
	telling  map[string]string   // word → the language it gives away
	asks     map[string]bool     // words of asking and complaining
}

// New reads the lexicon. An error means that one of its files is malformed.
func New() (*Analyser, error) {
	a := &Analyser{
		short: map[string][]string{}, exact: map[string]string{}, prefixes: map[string]string{},
		telling: map[string]string{},
	}
	if err := eachLine("sms.txt", func(line string) error {
		f := strings.Fields(line)
		if len(f) < 2 {
			return fmt.Errorf("%q stands for nothing", line)
		}
		if _, taken := a.short[f[0]]; taken || Fold(f[0]) != f[0] {
			return fmt.Errorf("%q stands there twice, or has an accent", f[0])
		}
		a.short[f[0]] = f[1:]
		return nil
	}); err != nil {
		return nil, err
	}
	if err := eachLine("concepts.txt", a.addConcept); err != nil {
		return nil, err
	}
	err := eachLine("lang.txt", func(line string) error {
		switch name, words, _ := strings.Cut(line, ":"); name {
		case "fr":
			a.fr = set(words)
		case "en":
			a.en = set(words)
		case "asks":
			a.asks = set(words)
		case "fr_telling", "en_telling":
			for w := range set(words) {
				a.telling[w] = name[:2]
			}
		default:
			return fmt.Errorf("%q is no list of words that is known here", name)
		}
		return nil
	})
	return a, err
}

func (a *Analyser) addConcept(line string) error {
	name, words, ok := strings.Cut(line, ":")
	if !ok || name == "" {
		return fmt.Errorf("%q has no name before a colon", line)
	}
	for _, w := range strings.Fields(words) {
		table, key := a.exact, strings.ReplaceAll(w, "-", "_")
		if p, isPrefix := strings.CutSuffix(key, "*"); isPrefix {
			table, key = a.prefixes, p
		}
		if other, taken := table[key]; taken {
			return fmt.Errorf("%q is in %s and in %s; a word has one family", w, other, name)
		}
		table[key] = name
		a.longest = max(a.longest, 1+strings.Count(w, "_")+strings.Count(w, "-"))
	}
	return nil
}

func eachLine(file string, f func(string) error) error {
	b, err := lexicon.ReadFile(file)
	if err != nil {
		return fmt.Errorf("lexicon: %w", err)
	}
	for i, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := f(line); err != nil {
			return fmt.Errorf("lexicon %s:%d: %w", file, i+1, err)
		}
	}
	return nil
}

// Words cuts a message into folded words with abbreviations opened ("mdp"
// becomes three words) and placeholders for addresses, names and numbers.
func (a *Analyser) Words(s string) []string {
	var out []string
	for _, t := range Tokens(s) {
		if full, ok := a.short[t]; ok {
			out = append(out, full...)
			continue
		}
		out = append(out, t)
	}
	return out
}

// Concepts names the families that the words belong to, each once, sorted. A
// longer expression hides the shorter ones inside it.
func (a *Analyser) Concepts(words []string) []string {
	found := map[string]bool{}
	for i := 0; i < len(words); {
		i += a.match(words[i:], found)
	}
	out := make([]string, 0, len(found))
	for c := range found {
		out = append(out, c)
	}
	sort.Strings(out)
	return out
}

// match notes the concept at the head of words and says how many words it took.
func (a *Analyser) match(words []string, found map[string]bool) int {
	for n := min(a.longest, len(words)); n > 0; n-- {
		if c, ok := a.exact[strings.Join(words[:n], "_")]; ok {
			found[c] = true
			return n
		}
	}
	w := words[0]
	for n := len(w); n >= 3; n-- {
		if c, ok := a.prefixes[w[:n]]; ok {
			found[c] = true
			break
		}
	}
	return 1
}

// Lang tells French ("fr") from English ("en") by their small words, and is
// empty when neither wins: a bare domain, one word that both languages have.
func (a *Analyser) Lang(s string) string { return a.LangOf(s, a.Words(s)) }

// LangOf is Lang for a message whose words were found already.
func (a *Analyser) LangOf(s string, words []string) string {
	fr, en := 0, 0
	for _, w := range words {
		if a.fr[w] || a.telling[w] == "fr" {
			fr++
		}
		if a.en[w] || a.telling[w] == "en" {
			en++
		}
	}
	if strings.ContainsAny(strings.ToLower(clip(s)), "éèêàçùûîôœ") {
		fr += 2
	}
	switch {
	case fr > en:
		return "fr"
	case en > fr:
		return "en"
	}
	return ""
}

// Common says whether a folded word is one of the small words of French or
// English, which say nothing about what a sentence is about.
func (a *Analyser) Common(word string) bool { return a.fr[word] || a.en[word] }

// complaints are the concepts that ask for help by being named.
var complaints = set("broken unreachable slow blank full hacked forgot deleted bounce problem urgent")

// Asks says whether a line asks for something or complains, rather than tells.
// It is a coarse sieve, for lines that nobody put to us.
func (a *Analyser) Asks(words []string) bool {
	for _, w := range words {
		if a.asks[w] {
			return true
		}
	}
	for _, c := range a.Concepts(words) {
		if complaints[c] {
			return true
		}
	}
	return false
}

// Settled says whether a line tells that something works again.
func (a *Analyser) Settled(words []string) bool {
	for _, c := range a.Concepts(words) {
		if c == "fixed" {
			return true
		}
	}
	return false
}
