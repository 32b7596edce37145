package runbooks

import (
	"slices"
	"strings"
	"time"
)

// readKind says what became of an answer.
type readKind int

const (
	readNothing readKind = iota // not understood
	readValue
	readUnknown   // "I don't know"
	readAmbiguous // several answers at once
)

// reading is what an answer was understood as.
type reading struct {
	kind    readKind
	value   string
	between []string // of an ambiguous one, the labels it may mean
	// wide says that anything would have been taken: a free text.
	wide bool
}

// choice is an option with all that means it, folded.
type choice struct {
	id, label string
	words     []string
}

// labels lists the options of a question as they are shown.
func (m *machine) labels(step *Step) []Choice {
	var out []Choice
	switch {
	case step.Kind == KindDo:
		for _, id := range []string{"done", "failed", "cannot"} {
			out = append(out, Choice{id, phrase(m.s.Lang, id)})
		}
	case step.Type == AskYesNo:
		return []Choice{{"yes", phrase(m.s.Lang, "yes")}, {"no", phrase(m.s.Lang, "no")}}
	}
	for _, o := range step.Options {
		out = append(out, Choice{o.ID, m.text(o.Label)})
	}
	return out
}

// optionsOf lists the options of a question as they are shown now: those of the
// author, or those of a yes/no question and of a gesture.
func (m *machine) optionsOf(step *Step) []choice {
	var out []choice
	switch {
	case step.Kind == KindDo:
		out = gestures()
	case step.Type == AskYesNo:
		return []choice{{id: "yes", label: phrase(m.s.Lang, "yes")}, {id: "no", label: phrase(m.s.Lang, "no")}}
	}
	for i := range out {
		out[i].label = phrase(m.s.Lang, out[i].id)
	}
	for _, o := range step.Options {
		c := choice{id: o.ID, label: m.text(o.Label)}
		for lang := range o.Label.byLan {
			c.words = append(c.words, fold(m.textIn(o.Label, lang)))
		}
		for _, t := range o.say {
			c.words = append(c.words, fold(t.render(m.find, m.lib.format(m.s.Lang, m.now))))
		}
		out = append(out, c)
	}
	return out
}

// said says whether a text is exactly one of an option's own words: these go
// before the moves, so that an author may have an option called "stop".
func said(text string, options []choice) bool {
	folded := fold(text)
	for _, o := range options {
		if slices.Contains(o.words, folded) {
			return true
		}
	}
	return false
}

// hear understands an answer to a step's question.
func (l *Library) hear(step *Step, options []choice, text string, now time.Time) reading {
	if step.Kind == KindDo {
		return withUnknown(text, readGesture(text, options))
	}
	if step.Type == AskChoice {
		return withUnknown(text, readChoice(text, options))
	}
	if step.Type == AskYesNo {
		return withUnknown(text, readYesNo(text, options))
	}
	if step.Type == AskText {
		text = strings.TrimSpace(text)
		if text == "" {
			return reading{}
		}
		return reading{kind: readValue, value: clip(text, step.Max), wide: true}
	}
	return withUnknown(text, l.typed(step.Type, step.Min, step.Max, text, now))
}

// withUnknown hears "I don't know" in a sentence that says nothing else.
func withUnknown(text string, r reading) reading {
	if r.kind == readNothing && anyWords(fold(text), dontKnowWords...) {
		r.kind = readUnknown
	}
	return r
}

// readChoice takes the strongest kind of evidence that there is, and only if it
// points to one option: an answer on the way to an end is never guessed.
func readChoice(text string, options []choice) reading {
	folded := fold(text)
	if folded == "" {
		return reading{}
	}
	for _, evidence := range []func(string, []choice) []int{exactly, byNumber, byPhrase, byPart, byTypo} {
		hits := evidence(folded, options)
		if len(hits) == 1 && !hedged(folded, options[hits[0]]) {
			return reading{kind: readValue, value: options[hits[0]].id}
		}
		if len(hits) > 0 {
			r := reading{kind: readAmbiguous}
			for _, i := range hits {
				r.between = append(r.between, "« "+options[i].label+" »")
			}
			return r
		}
	}
	return reading{}
}

// hedged says that a sentence takes back what it says: "la 2 mais pas toujours",
// "pas la 3".
func hedged(text string, o choice) bool {
	if slices.Contains(o.words, text) {
		return false
	}
	for _, w := range []string{"pas", "not", "ni", "mais", "but", "sauf", "except"} {
		if holdsWords(text, w) && !slices.ContainsFunc(o.words, func(s string) bool { return holdsWords(s, w) && holdsWords(text, s) }) {
			return true
		}
	}
	return false
}

func matching(options []choice, fits func(choice) bool) []int {
	var hits []int
	for i, o := range options {
		if fits(o) {
			hits = append(hits, i)
		}
	}
	return hits
}

func exactly(text string, options []choice) []int {
	return matching(options, func(o choice) bool { return text == fold(o.label) || slices.Contains(o.words, text) })
}

// filler are the words that may stand around the number of an option.
func filler(w string) bool {
	return slices.Contains(strings.Fields("la le l les option choix reponse numero no n nr the number answer choice je dirais dis prends c est plutot "+
		"oui alors ben euh i d say it s that is ou or et and pour take i choose choisis num celui celle"), w)
}

func byNumber(text string, options []choice) []int {
	hits := map[int]bool{}
	for _, w := range strings.Fields(text) {
		n, ok := number(w)
		switch {
		case ok && n >= 1 && n <= len(options):
			hits[n-1] = true
		case !filler(w) && w != "pas" && w != "mais" && w != "not" && w != "but" && w != "ni":
			return nil
		}
	}
	var out []int
	for i := range options {
		if hits[i] {
			out = append(out, i)
		}
	}
	return out
}

func byPhrase(text string, options []choice) []int {
	return matching(options, func(o choice) bool { return anyWords(text, o.words...) })
}

// byPart takes some of an option's own words, if one of them is long enough to
// mean something.
func byPart(text string, options []choice) []int {
	long := slices.ContainsFunc(strings.Fields(text), func(w string) bool { return len(w) >= 4 })
	if !long {
		return nil
	}
	return matching(options, func(o choice) bool {
		return slices.ContainsFunc(o.words, func(phrase string) bool {
			for _, w := range strings.Fields(text) {
				if !holdsWords(phrase, w) && !filler(w) {
					return false
				}
			}
			return true
		})
	})
}

func byTypo(text string, options []choice) []int {
	if len(text) < 4 {
		return nil
	}
	return matching(options, func(o choice) bool {
		return slices.ContainsFunc(o.words, func(w string) bool { return len(w) >= 4 && oneTypo(text, w) })
	})
}

func readYesNo(text string, options []choice) reading {
	folded := fold(text)
	if anyWords(folded, dontKnowWords...) {
		return reading{kind: readUnknown}
	}
	yes := slices.Contains([]string{"y", "o", "1"}, folded) || anyWords(folded, yesWords...)
	no := slices.Contains([]string{"n", "2"}, folded) || anyWords(folded, noWords...)
	but := anyWords(folded, "mais", "but", "ou", "or", "peut etre", "maybe", "perhaps")
	taken := yes && anyWords(folded, "pas", "not", "ne", "plus")
	value := ""
	switch {
	case yes && no, (yes || no) && but, taken:
		return reading{kind: readAmbiguous, between: []string{"« " + options[0].label + " »", "« " + options[1].label + " »"}}
	case yes || misspelt(folded, "oui", "exactement", "absolument"):
		value = "yes"
	case no || misspelt(folded, "non", "negatif"):
		value = "no"
	default:
		return reading{}
	}
	return reading{kind: readValue, value: value}
}

var yesWords = []string{"oui", "ouais", "ouai", "ui", "yes", "yep", "yeah", "yup", "ok", "okay", "d accord", "exact", "exactement", "tout a fait",
	"bien sur", "affirmatif", "sure", "right", "correct", "c est ca", "c est bien ca", "absolument", "of course", "indeed"}

var noWords = []string{"non", "nan", "nope", "no", "pas du tout", "negatif", "jamais", "never", "not at all", "c est pas ca", "ce n est pas ca"}

func misspelt(text string, words ...string) bool {
	return len(text) >= 3 && slices.ContainsFunc(words, func(w string) bool { return oneTypo(text, w) })
}
