package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"vigie/commands/answer/corpus"
	"vigie/commands/answer/model"
	"vigie/commands/answer/text"
)

// judged is a line's scores by a model that did not learn its style.
type judged struct {
	scores []float64
	class  int
}

// styles leaves each style out in turn, learns from the rest, and prints how
// well the style left out is understood: the nearest there is, without members'
// own words, to how a stranger will be. The temperature that fits all of them
// is what build calls trust.
func styles(out io.Writer, a *text.Analyser, lines []corpus.Line) {
	var names []string
	for _, l := range lines {
		if !slices.Contains(names, l.Style) && !strings.Contains(l.Style, "none") {
			names = append(names, l.Style)
		}
	}
	var all []judged
	for _, name := range names {
		var in, left []corpus.Line
		for _, l := range lines {
			if l.Style == name {
				left = append(left, l)
			} else {
				in = append(in, l)
			}
		}
		d := newDataset(a, in, nil)
		x := fit(d)
		score := func(e example) []float64 { return x.scores(e.terms) }
		examples := d.vectors(a, left)
		s := measure(d, score, examples)
		fmt.Fprintf(out, "%-20s %4d lines  top1 %.3f  top3 %.3f\n", name, len(left), s.top1, s.top3)
		for _, e := range examples {
			all = append(all, judged{score(e), e.class})
		}
	}
	fmt.Fprintf(out, "temperature %.2f\n", temperature(all))
}

// temperature is the one that makes the true classes likeliest, to two decimals.
func temperature(all []judged) float64 {
	best, bestLoss := 1.0, math.Inf(1)
	for t := 0.30; t < 3; t += 0.01 {
		loss := 0.0
		for _, j := range all {
			loss -= math.Log(model.Softmax(j.scores, t)[j.class])
		}
		if loss < bestLoss {
			best, bestLoss = t, loss
		}
	}
	return best
}
