package main

import (
	"math"

	"vigie/commands/answer/corpus"
	"vigie/commands/answer/model"
	"vigie/commands/answer/text"
)

// build learns the model that ships. The temperature is fitted on dev by a
// model that has not seen dev; then one that has seen both takes it over. Test
// lines are never part of either.
func build(a *text.Analyser, train, dev []corpus.Line) *model.Model {
	first := newDataset(a, train, nil)
	x := fit(first)
	t := temperature(first.vectors(a, dev), x)

	all := newDataset(a, append(append([]corpus.Line(nil), train...), dev...), nil)
	quantise(all.m, fit(all))
	all.m.Temperature = float32(t)
	return all.m
}

// temperature is the one that makes the true classes of examples likeliest,
// to two decimals.
func temperature(examples []example, x *weights) float64 {
	best, bestLoss := 1.0, math.Inf(1)
	for t := 0.30; t < 3; t += 0.01 {
		loss := 0.0
		for _, e := range examples {
			loss -= math.Log(model.Softmax(x.scores(e.terms), t)[e.class])
		}
		if loss < bestLoss {
			best, bestLoss = t, loss
		}
	}
	return best
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
