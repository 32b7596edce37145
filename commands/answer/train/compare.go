package main

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"vigie/commands/answer/corpus"
	"vigie/commands/answer/text"
)

// scorer gives each class of a dataset a score for one line.
type scorer func(example) []float64

// method is one row of the table.
type method struct {
	name string
	keep func(string) bool
	fit  func(*dataset) scorer
}

func linear(fit func(*dataset) *weights) func(*dataset) scorer {
	return func(d *dataset) scorer {
		x := fit(d)
		return func(e example) []float64 { return x.scores(e.terms) }
	}
}

func only(groups string) func(string) bool {
	return func(f string) bool { return strings.IndexByte(groups, f[0]) >= 0 }
}

// shareBayes is how much naive Bayes speaks beside the regression, chosen on dev.
const shareBayes = 0.15

// fit is the method that ships.
func fit(d *dataset) *weights { return blend(logistic(d), bayes(d), 1, shareBayes) }

func methods() []method {
	return []method{
		{"keyword list (one concept, most lines)", only("k"), keywords},
		{"nearest neighbour, cosine", nil, nearest},
		{"nearest centroid, cosine", nil, linear(centroid)},
		{"multinomial naive Bayes", nil, linear(bayes)},
		{"logistic regression, words", only("w"), linear(logistic)},
		{"logistic regression, character n-grams", only("c"), linear(logistic)},
		{"logistic regression, words + characters", only("wc"), linear(logistic)},
		{"logistic regression, all features", nil, linear(logistic)},
		{"the same + naive Bayes (ships)", nil, linear(fit)},
	}
}

// keywords gives a line the class its concepts were seen with most often, one
// vote a concept: what a hand-written list amounts to.
func keywords(d *dataset) scorer {
	k := len(d.m.Classes)
	count := make([]float64, k*len(d.m.Names))
	for _, e := range d.examples {
		for _, t := range e.terms {
			count[int(t.Index)*k+e.class]++
		}
	}
	return func(e example) []float64 {
		s := make([]float64, k)
		for _, t := range e.terms {
			if strings.Contains(d.m.Names[t.Index], "+") {
				continue
			}
			best := 0
			row := count[int(t.Index)*k : int(t.Index+1)*k]
			for c := range row {
				if row[c] > row[best] {
					best = c
				}
			}
			s[best]++
		}
		return s
	}
}

// nearest gives each class the likeness of its closest example.
func nearest(d *dataset) scorer {
	return func(e example) []float64 {
		dense := map[int32]float64{}
		for _, t := range e.terms {
			dense[t.Index] = t.Value
		}
		s := make([]float64, len(d.m.Classes))
		for _, o := range d.examples {
			sum := 0.0
			for _, t := range o.terms {
				sum += dense[t.Index] * t.Value
			}
			s[o.class] = max(s[o.class], sum)
		}
		return s
	}
}

// shares are the numbers of one method on one part.
type shares struct{ top1, top3, quiet float64 }

// measure ranks wanting lines among wanting classes, as an addressed line is;
// quiet is the share of none lines that none wins.
func measure(d *dataset, score scorer, examples []example) shares {
	var s shares
	var wants, nones float64
	none := d.class("none")
	for _, e := range examples {
		p := score(e)
		if e.class == none {
			nones++
			if rank(p, none, -1) == 0 {
				s.quiet++
			}
			continue
		}
		wants++
		switch r := rank(p, e.class, none); {
		case r == 0:
			s.top1++
			fallthrough
		case r < 3:
			s.top3++
		}
	}
	return shares{s.top1 / wants, s.top3 / wants, s.quiet / nones}
}

// rank is how many classes other than skip are not below class: a tie is lost.
func rank(p []float64, class, skip int) int {
	r := 0
	for c := range p {
		if c != skip && c != class && p[c] >= p[class] {
			r++
		}
	}
	return r
}

// compare prints the table of methods.
func compare(out io.Writer, a *text.Analyser, train []corpus.Line, parts map[string][]corpus.Line) {
	var names []string
	for p := range parts {
		names = append(names, p)
	}
	sort.Strings(names)
	for _, m := range methods() {
		d := newDataset(a, train, m.keep)
		score := m.fit(d)
		fmt.Fprintf(out, "%-42s", m.name)
		for _, p := range names {
			s := measure(d, score, d.vectors(a, parts[p]))
			fmt.Fprintf(out, "  %s %.3f %.3f %.3f", p, s.top1, s.top3, s.quiet)
		}
		fmt.Fprintln(out)
	}
}

// curve prints what a growing share of the training lines gives.
func curve(out io.Writer, a *text.Analyser, train []corpus.Line, judge []corpus.Line) {
	for _, share := range []int{8, 4, 2, 1} {
		var part []corpus.Line
		for i, l := range train {
			if i%share == 0 {
				part = append(part, l)
			}
		}
		d := newDataset(a, part, nil)
		s := measure(d, linear(fit)(d), d.vectors(a, judge))
		fmt.Fprintf(out, "%5d lines  top1 %.3f  top3 %.3f\n", len(part), s.top1, s.top3)
	}
}
