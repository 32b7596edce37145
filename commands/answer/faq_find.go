package answer

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"vigie/commands/answer/text"
)

// Hit is an entry and how well it fits a search, from 0 to 1.
type Hit struct {
	Entry
	Score float64
}

// indexed is an entry with the weight of each of its terms: keywords count
// most, then the title, then the answer.
type indexed struct {
	Entry
	terms map[string]float64
}

// Weights of a term by where it stands.
const (
	inKeywords = 1.0
	inTitle    = 0.9
	inBody     = 0.35
	byConcept  = 0.6 // a word of the same family instead of the word itself
	byTypo     = 0.8
)

// minScore is the least score worth showing.
const minScore = 0.18

func newFAQ(a *text.Analyser, found map[string]map[string]Entry) *FAQ {
	f := &FAQ{text: a, entries: map[string][]*indexed{}, docs: map[string]map[string]int{}}
	for i, lang := range languages {
		all := maps.Clone(found[lang])
		// What exists only in the other language is better than nothing.
		for id, e := range found[languages[1-i]] {
			if _, ok := all[id]; !ok {
				all[id] = e
			}
		}
		f.docs[lang] = map[string]int{}
		for _, id := range sortedKeys(all) {
			x := f.index(all[id])
			f.entries[lang] = append(f.entries[lang], x)
			for t := range x.terms {
				f.docs[lang][t]++
			}
		}
	}
	return f
}

func (f *FAQ) index(e Entry) *indexed {
	x := &indexed{e, map[string]float64{}}
	put := func(s string, weight float64) {
		for t, share := range f.terms(s) {
			x.terms[t] = max(x.terms[t], weight*share)
		}
	}
	put(e.Body, inBody)
	put(e.Title, inTitle)
	put(strings.ReplaceAll(e.ID, "-", " "), inTitle)
	for _, k := range e.Keywords {
		put(k, inKeywords)
	}
	return x
}

// terms are the stems that mean something, and the concepts, of a text.
func (f *FAQ) terms(s string) map[string]float64 {
	out := map[string]float64{}
	words := f.text.Words(s)
	for _, w := range words {
		if !f.text.Common(w) && len(w) > 1 {
			out[text.Stem(w)] = 1
		}
	}
	for _, c := range f.text.Concepts(words) {
		out["k:"+c] = byConcept
	}
	return out
}

// Find searches the entries in a language ("fr", "en"; anything else is read as
// "fr") and gives at most n, best first.
func (f *FAQ) Find(lang, query string, n int) []Hit {
	return f.find(lang, query, n, minScore, func(Entry) bool { return true })
}

// ByTheme gives at most n entries about one id, those that fit text best first;
// all of them qualify.
func (f *FAQ) ByTheme(lang string, theme ID, query string, n int) []Hit {
	return f.find(lang, query, n, 0, func(e Entry) bool { return e.Theme == theme })
}

func (f *FAQ) find(lang, query string, n int, least float64, ok func(Entry) bool) []Hit {
	lang = f.language(lang)
	asked := f.terms(query)
	var hits []Hit
	for _, x := range f.entries[lang] {
		if !ok(x.Entry) {
			continue
		}
		if s := f.score(lang, asked, x); s >= least {
			hits = append(hits, Hit{x.Entry, s})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(max(n, 0), len(hits))]
}

// score is the share of what was asked, weighed by rarity, that the entry has.
// A word that no entry has counts half: people tell stories around a question.
func (f *FAQ) score(lang string, asked map[string]float64, x *indexed) float64 {
	var got, all float64
	for _, t := range sortedKeys(asked) { // in order: a sum of floats depends on it
		share, known, penalty := asked[t], t, 1.0
		if f.docs[lang][t] == 0 && !strings.HasPrefix(t, "k:") {
			if known = f.nearWord(lang, t); known != "" {
				penalty = byTypo
			}
		}
		rarity := math.Log(1 + float64(len(f.entries[lang]))/(1+float64(f.docs[lang][known])))
		if known == "" {
			rarity /= 2
		}
		all += share * rarity
		got += share * rarity * penalty * x.terms[known]
	}
	if all == 0 {
		return 0
	}
	return min(1, got/all)
}

// nearWord finds the one indexed word a typo away, empty when there is none. Of
// several, the alphabet decides, so that an answer never depends on chance.
func (f *FAQ) nearWord(lang, word string) string {
	if len(word) < 4 {
		return ""
	}
	best := ""
	for t := range f.docs[lang] {
		if !strings.HasPrefix(t, "k:") && t[0] == word[0] && oneTypo(word, t) && (best == "" || t < best) {
			best = t
		}
	}
	return best
}

// oneTypo says whether one letter added, lost or changed, or two swapped, makes
// a into b.
func oneTypo(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// ByID gives an entry in a language, or in the other one if it has no such
// entry.
func (f *FAQ) ByID(lang, id string) (Entry, bool) {
	for _, x := range f.entries[f.language(lang)] {
		if x.ID == id {
			return x.Entry, true
		}
	}
	return Entry{}, false
}

// Entries gives all entries for readers of a language, in order of id.
func (f *FAQ) Entries(lang string) []Entry {
	var out []Entry
	for _, x := range f.entries[f.language(lang)] {
		out = append(out, x.Entry)
	}
	return out
}

func (f *FAQ) language(lang string) string {
	if lang == "en" {
		return "en"
	}
	return "fr"
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
