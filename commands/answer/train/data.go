// Command train learns the recogniser's model from the corpus and writes it
// beside package answer; go generate runs it. It is deterministic: the same
// corpus, lexicon and Go version give the same model, and a test says so.
//
//	train -o model.bin     learn from train + dev, write the model
//	train -compare         the table of methods, learnt on train, judged on dev and test
//	train -styles          each style judged by a model that never saw it
//	train -curve           the learning curve
package main

import (
	"math"
	"sort"

	"vigie/commands/answer/corpus"
	"vigie/commands/answer/model"
	"vigie/commands/answer/text"
)

// example is one line as numbers: its terms and its class.
type example struct {
	terms []model.Term
	class int
	line  corpus.Line
}

// dataset is a vocabulary and the examples expressed in it.
type dataset struct {
	m        *model.Model // Classes, Names and IDF are filled; W is not
	examples []example
}

// minDocs is in how many lines a feature must occur to be worth a weight.
const minDocs = 2

// newDataset builds the vocabulary of lines; keep says which features count.
func newDataset(a *text.Analyser, lines []corpus.Line, keep func(string) bool) *dataset {
	features := make([][]string, len(lines))
	docs := map[string]int{}
	classes := map[string]bool{}
	for i, l := range lines {
		features[i] = a.Features(l.Text)
		classes[l.ID] = true
		for _, f := range features[i] {
			if keep == nil || keep(f) {
				docs[f]++
			}
		}
	}
	d := &dataset{m: &model.Model{Temperature: 1, Scale: 1}}
	for c := range classes {
		d.m.Classes = append(d.m.Classes, c)
	}
	sort.Strings(d.m.Classes)
	for f, n := range docs {
		if n >= minDocs {
			d.m.Names = append(d.m.Names, f)
		}
	}
	sort.Strings(d.m.Names)
	for _, f := range d.m.Names {
		idf := 1 + math.Log(float64(len(lines))/float64(docs[f]))
		d.m.IDF = append(d.m.IDF, byte(min(255, math.Round(idf*model.IDFUnit))))
	}
	d.m.Bias = make([]float32, len(d.m.Classes))
	d.m.Reindex()
	for i, l := range lines {
		d.examples = append(d.examples, example{d.m.Vector(features[i]), d.class(l.ID), l})
	}
	return d
}

func (d *dataset) class(id string) int {
	return sort.SearchStrings(d.m.Classes, id)
}

// vectors expresses other lines in the vocabulary.
func (d *dataset) vectors(a *text.Analyser, lines []corpus.Line) []example {
	var out []example
	for _, l := range lines {
		out = append(out, example{d.m.Vector(a.Features(l.Text)), d.class(l.ID), l})
	}
	return out
}
