package main

import (
	"math"
	"math/rand/v2"

	"vigie/commands/answer/model"
)

// weights are those of a linear method before they are made small: for each
// feature, one for each class; and a bias for each class.
type weights struct {
	w, bias []float64
	classes int
}

func (x *weights) scores(terms []model.Term) []float64 {
	s := append([]float64(nil), x.bias...)
	for _, t := range terms {
		row := x.w[int(t.Index)*x.classes : int(t.Index+1)*x.classes]
		for c, w := range row {
			s[c] += float64(t.Value * w)
		}
	}
	return s
}

// Settings of the logistic regression, chosen on dev.
const (
	epochs = 20
	rate   = 0.35
	decay  = 1e-3
)

// logistic fits a multinomial logistic regression by AdaGrad, one example at a
// time in an order shuffled from a fixed seed. Products are rounded explicitly
// (float64(...)) so that no processor fuses them and changes the result.
func logistic(d *dataset) *weights {
	k := len(d.m.Classes)
	x := &weights{make([]float64, k*len(d.m.Names)), make([]float64, k), k}
	sums := make([]float64, len(x.w))
	biasSums := make([]float64, k)
	rng := rand.New(rand.NewPCG(1, 2))
	order := rng.Perm(len(d.examples))
	for range epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			e := d.examples[i]
			g := model.Softmax(x.scores(e.terms), 1)
			g[e.class]--
			for c := range g {
				x.bias[c] -= step(&biasSums[c], g[c])
			}
			for _, t := range e.terms {
				at := int(t.Index) * k
				for c, gc := range g {
					grad := float64(gc*t.Value) + float64(decay*x.w[at+c])
					x.w[at+c] -= step(&sums[at+c], grad)
				}
			}
		}
	}
	return x
}

// step is AdaGrad's: smaller where much was learnt already.
func step(sum *float64, grad float64) float64 {
	*sum += float64(grad * grad)
	return rate * grad / math.Sqrt(*sum+1e-8)
}

// bayes fits a multinomial naive Bayes. Its log probabilities are linear in the
// features, so that it shares the shape of the regression.
func bayes(d *dataset) *weights {
	const alpha = 0.1
	k, n := len(d.m.Classes), len(d.m.Names)
	x := &weights{make([]float64, k*n), make([]float64, k), k}
	total := make([]float64, k)
	for _, e := range d.examples {
		x.bias[e.class]++
		for _, t := range e.terms {
			x.w[int(t.Index)*k+e.class] += t.Value
			total[e.class] += t.Value
		}
	}
	for i := range n {
		row := x.w[i*k : (i+1)*k]
		mean := 0.0
		for c := range row {
			row[c] = math.Log((row[c] + alpha) / (total[c] + alpha*float64(n)))
			mean += row[c]
		}
		for c := range row {
			row[c] -= mean / float64(k)
		}
	}
	for c := range x.bias {
		x.bias[c] = math.Log(x.bias[c] / float64(len(d.examples)))
	}
	return x
}

// centroid compares with the mean of each class.
func centroid(d *dataset) *weights {
	k := len(d.m.Classes)
	x := &weights{make([]float64, k*len(d.m.Names)), make([]float64, k), k}
	for _, e := range d.examples {
		for _, t := range e.terms {
			x.w[int(t.Index)*k+e.class] += t.Value
		}
	}
	norm := make([]float64, k)
	for i, w := range x.w {
		norm[i%k] += float64(w * w)
	}
	for i := range x.w {
		x.w[i] /= math.Sqrt(norm[i%k])
	}
	return x
}

// blend adds two methods' weights in given shares.
func blend(a, b *weights, shareA, shareB float64) *weights {
	x := &weights{make([]float64, len(a.w)), make([]float64, len(a.bias)), a.classes}
	for i := range x.w {
		x.w[i] = float64(shareA*a.w[i]) + float64(shareB*b.w[i])
	}
	for i := range x.bias {
		x.bias[i] = float64(shareA*a.bias[i]) + float64(shareB*b.bias[i])
	}
	return x
}
