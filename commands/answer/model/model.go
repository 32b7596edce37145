// Package model is a linear classifier as it is stored and used: names of
// features, one small integer weight for each class, and the probabilities that
// come out of them. Learning is package train's work.
//
// A Model is read-only after Decode and safe for concurrent use.
package model

import (
	"math"
	"sort"
)

// Model scores a set of feature names against classes. Fields are exported for
// the trainer; users call Probabilities and Explain.
type Model struct {
	Classes []string
	// Names holds every known feature, sorted.
	Names []string
	// IDF is how telling a feature is by its rarity, in 1/IDFUnit.
	IDF []byte
	// W holds len(Classes) weights for each feature, in units of Scale.
	W     []int8
	Scale float32
	Bias  []float32
	// Temperature divides the scores before they become probabilities; it is
	// fitted so that "0.9" is right nine times in ten.
	Temperature float32

	index map[string]int32
}

// IDFUnit is the resolution of Model.IDF.
const IDFUnit = 24

// group tells the three kinds of feature apart by the first byte of their names.
func group(name string) int {
	switch name[0] {
	case 'w':
		return 0
	case 'c':
		return 1
	}
	return 2
}

// Term is one known feature of a message and its value.
type Term struct {
	Index int32
	Value float64
}

// Vector keeps the known ones of the named features and weighs them: by rarity,
// then each group brought to length 1, so that long and short messages
// compare. The order follows features.
func (m *Model) Vector(features []string) []Term {
	var norms [3]float64
	out := make([]Term, 0, len(features))
	for _, f := range features {
		i, ok := m.index[f]
		if !ok {
			continue
		}
		v := float64(m.IDF[i]) / IDFUnit
		norms[group(f)] += float64(v * v)
		out = append(out, Term{i, v})
	}
	for k, t := range out {
		g := group(m.Names[t.Index])
		out[k].Value = t.Value / math.Sqrt(norms[g])
	}
	return out
}

// Scores gives each class its raw score, in the order of Classes.
func (m *Model) Scores(terms []Term) []float64 {
	n := len(m.Classes)
	s := make([]float64, n)
	for _, t := range terms {
		for c, w := range m.W[int(t.Index)*n : int(t.Index+1)*n] {
			s[c] += float64(t.Value * float64(w))
		}
	}
	for c := range s {
		s[c] = float64(s[c]*float64(m.Scale)) + float64(m.Bias[c])
	}
	return s
}

// Probabilities says how likely each class is, in the order of Classes; they
// sum to 1.
func (m *Model) Probabilities(features []string) []float64 {
	return Softmax(m.Scores(m.Vector(features)), float64(m.Temperature))
}

// Softmax turns scores into probabilities; a higher temperature makes them
// less sure.
func Softmax(scores []float64, temperature float64) []float64 {
	top := math.Inf(-1)
	for _, s := range scores {
		top = max(top, s)
	}
	p := make([]float64, len(scores))
	sum := 0.0
	for i, s := range scores {
		p[i] = math.Exp((s - top) / temperature)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// Reason is a feature and how much it spoke for (or, negative, against) a class.
type Reason struct {
	Feature string  `json:"feature"`
	Weight  float64 `json:"weight"`
}

// Explain gives the n features that weighed most for a class against the mean
// of all classes, strongest first. It is empty for an unknown class.
func (m *Model) Explain(features []string, class string, n int) []Reason {
	c := -1
	for i, name := range m.Classes {
		if name == class {
			c = i
		}
	}
	if c < 0 {
		return nil
	}
	k := len(m.Classes)
	var out []Reason
	for _, t := range m.Vector(features) {
		row := m.W[int(t.Index)*k : int(t.Index+1)*k]
		mean := 0.0
		for _, w := range row {
			mean += float64(w)
		}
		out = append(out, Reason{m.Names[t.Index], t.Value * (float64(row[c]) - mean/float64(k)) * float64(m.Scale)})
	}
	sort.SliceStable(out, func(i, j int) bool { return math.Abs(out[i].Weight) > math.Abs(out[j].Weight) })
	return out[:min(n, len(out))]
}

// Reindex rebuilds the look-up table after Names changed.
func (m *Model) Reindex() {
	m.index = make(map[string]int32, len(m.Names))
	for i, n := range m.Names {
		m.index[n] = int32(i)
	}
}
