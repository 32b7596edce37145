package main

import (
	"math"
	"slices"

	"vigie/commands/answer/corpus"
	"vigie/commands/answer/model"
	"vigie/commands/answer/text"
)

// trust is the temperature that ships: the one that -styles finds for writers
// whose style was not learnt, since members are such writers.
const trust = 1.1

// build learns the model that ships, from train and dev. Test lines are never
// part of it.
func build(a *text.Analyser, train, dev []corpus.Line) *model.Model {
	d := newDataset(a, slices.Concat(train, dev), nil)
	quantise(d.m, fit(d))
	d.m.Temperature = trust
	return d.m
}

// quantise stores weights as one byte each. Features whose every weight would
// be zero are dropped; they said nothing.
func quantise(m *model.Model, x *weights) {
	top := 0.0
	for _, w := range x.w {
		top = max(top, math.Abs(w))
	}
	unit := top / 127
	names, idf := m.Names, m.IDF
	m.Names, m.IDF, m.W = nil, nil, nil
	for i, name := range names {
		row := make([]int8, x.classes)
		silent := true
		for c := range row {
			row[c] = int8(math.Round(x.w[i*x.classes+c] / unit))
			silent = silent && row[c] == 0
		}
		// A dropped feature would change the length of the vectors it was in,
		// but only those with tiny weights go, and the test measures the result.
		if !silent {
			m.Names, m.IDF, m.W = append(m.Names, name), append(m.IDF, idf[i]), append(m.W, row...)
		}
	}
	m.Scale = float32(unit)
	for c := range m.Bias {
		m.Bias[c] = float32(x.bias[c])
	}
	m.Reindex()
}
