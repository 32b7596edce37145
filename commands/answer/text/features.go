package text

import "strings"

// Group is a kind of feature. Each group is scaled apart, so that a long story
// with thousands of character n-grams does not drown its few telling words.
type Group byte

// The groups, also the first byte of every feature's name.
const (
	GroupWord    Group = 'w' // stems and pairs of neighbouring stems
	GroupChar    Group = 'c' // n-grams of characters inside a word: typos
	GroupConcept Group = 'k' // concepts, and pairs of concepts anywhere
)

// Features turns a message into the set of names that the classifier knows,
// each once, in a fixed order. It is the only door: training and answering use
// the same.
func (a *Analyser) Features(s string) []string { return a.FeaturesOf(s, a.Words(s)) }

// FeaturesOf is Features for a message whose words were found already.
func (a *Analyser) FeaturesOf(s string, words []string) []string {
	f := featureSet{seen: map[string]bool{}}
	if CallsSomebody(s) {
		f.add("w:" + tokTo)
	}
	a.wordFeatures(&f, words)
	a.conceptFeatures(&f, words)
	for _, w := range words {
		charFeatures(&f, w)
	}
	f.add(lengthFeature(len(words)))
	return f.list
}

type featureSet struct {
	seen map[string]bool
	list []string
}

func (f *featureSet) add(name string) {
	if !f.seen[name] {
		f.seen[name] = true
		f.list = append(f.list, name)
	}
}

func (a *Analyser) wordFeatures(f *featureSet, words []string) {
	prev, prev2 := "^", ""
	for _, w := range words {
		st := Stem(w)
		f.add("w:" + st)
		f.add("w:" + prev + " " + st)
		if prev2 != "" {
			f.add("w:" + prev2 + " . " + st)
		}
		prev2, prev = prev, st
	}
	f.add("w:" + prev + " $")
}

func (a *Analyser) conceptFeatures(f *featureSet, words []string) {
	cs := a.Concepts(words)
	for i, c := range cs {
		f.add("k:" + c)
		for _, d := range cs[i+1:] {
			f.add("k:" + c + "+" + d)
		}
	}
}

// charFeatures adds the runs of three to five characters of a word with its
// edges marked. Placeholders have none.
func charFeatures(f *featureSet, word string) {
	if word == tokAsk || word == tokCry || strings.HasPrefix(word, "_") {
		return
	}
	rs := []rune("<" + word + ">")
	for n := 3; n <= 5; n++ {
		for i := 0; i+n <= len(rs); i++ {
			f.add("c:" + string(rs[i:i+n]))
		}
	}
}

func lengthFeature(n int) string {
	switch {
	case n <= 2:
		return "k:len1"
	case n <= 5:
		return "k:len2"
	case n <= 12:
		return "k:len3"
	case n <= 25:
		return "k:len4"
	}
	return "k:len5"
}

// CallsSomebody says whether the line begins by calling somebody ("paul: …",
// "@lea …"): in a room it is then meant for that person.
func CallsSomebody(s string) bool {
	head, rest, ok := strings.Cut(strings.TrimSpace(s), " ")
	if !ok || rest == "" {
		return false
	}
	return strings.HasPrefix(head, "@") ||
		len(head) > 2 && len(head) < 20 && strings.HasSuffix(head, ":")
}
