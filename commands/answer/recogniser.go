package answer

import (
	_ "embed"
	"fmt"
	"sort"

	"vigie/commands/answer/model"
	"vigie/commands/answer/text"
)

//go:generate go run -tags goolm ./train -o model.bin

//go:embed model.bin
var modelBytes []byte

// Recogniser says what sentences ask for. It is read-only after New and safe
// for concurrent use; one answer takes well under 2 ms.
type Recogniser struct {
	text  *text.Analyser
	model *model.Model
	opt   Options
	// courtesies are the words of courtesyWords.
	courtesies map[string]Courtesy
}

// Guess is an id and how likely it is, from 0 to 1.
type Guess struct {
	ID ID      `json:"id"`
	P  float64 `json:"p"`
}

// Result is what a sentence seems to ask for.
type Result struct {
	// Lang is "fr", "en", or empty when the sentence does not tell.
	Lang string `json:"lang"`
	// Ranked holds every id but None, likeliest first. Their P are those of the
	// sentence as it stands: together with None they sum to 1.
	Ranked []Guess `json:"ranked"`
	// None is how likely it is that nothing is wanted.
	None float64 `json:"none"`
	// Courtesy is set when the sentence is nothing but a courtesy or its opposite.
	Courtesy Courtesy `json:"courtesy,omitempty"`
	// ForPeople is true of a line that is surely not for a bot unless it says so:
	// too short, calling somebody by name, telling rather than asking, or glad
	// that something works again. Such a line is never answered unprompted.
	ForPeople bool `json:"for_people,omitempty"`
}

// New reads the embedded model. Zero options mean the defaults. An error means a
// threshold out of range, or a build whose model does not fit its code.
func New(opt Options) (*Recogniser, error) {
	opt, err := opt.complete()
	if err != nil {
		return nil, err
	}
	a, err := text.New()
	if err != nil {
		return nil, fmt.Errorf("recogniser: %w", err)
	}
	m, err := model.Decode(modelBytes)
	if err != nil {
		return nil, fmt.Errorf("recogniser: %w", err)
	}
	for _, c := range m.Classes {
		if _, ok := SubjectOf(ID(c)); !ok && ID(c) != None {
			return nil, fmt.Errorf("recogniser: the model knows %q, the table of subjects does not", c)
		}
	}
	return &Recogniser{text: a, model: m, opt: opt, courtesies: courtesyWords()}, nil
}

// Recognise says what a sentence asks for. It never fails: of an empty or
// senseless sentence, None is likely and every other id is not.
func (r *Recogniser) Recognise(sentence string) Result {
	words := r.text.Words(sentence)
	res := Result{
		Lang:     r.text.LangOf(sentence, words),
		Courtesy: courtesyOf(words, r.courtesies),
		ForPeople: len(words) < minAmbientWords || text.CallsSomebody(sentence) ||
			!r.text.Asks(words) || r.text.Settled(words),
	}
	if len(words) == 0 {
		res.None = 1
		return res
	}
	for i, p := range r.model.Probabilities(r.text.FeaturesOf(sentence, words)) {
		if id := ID(r.model.Classes[i]); id == None {
			res.None = p
		} else {
			res.Ranked = append(res.Ranked, Guess{id, p})
		}
	}
	sort.SliceStable(res.Ranked, func(i, j int) bool { return res.Ranked[i].P > res.Ranked[j].P })
	return res
}

// Reason is a feature of a sentence and how much it spoke for an id (negative:
// against). Its name begins with w: (words), c: (pieces of a word) or k:
// (families of words).
type Reason = model.Reason

// Explain gives the n features that weighed most for or against an id.
func (r *Recogniser) Explain(sentence string, id ID, n int) []Reason {
	return r.model.Explain(r.text.Features(sentence), string(id), n)
}
