package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/commands/answer/corpus"
	"vigie/commands/answer/model"
	"vigie/commands/answer/text"
)

func analyser(t *testing.T) *text.Analyser {
	t.Helper()
	a, err := text.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// toy is a corpus small enough to learn in no time.
func toy() []corpus.Line {
	var lines []corpus.Line
	add := func(id string, texts ...string) {
		for _, s := range texts {
			lines = append(lines, corpus.Line{Lang: "fr", Text: s, ID: id, Style: "toy-" + string(rune('a'+len(lines)%2))})
		}
	}
	add("site_down", "notre site est mort", "le site ne répond plus", "site en panne", "plus de site ce matin")
	add("mail_send", "mes mails ne partent plus", "envoi de mail refusé", "le mail ne part pas", "impossible d'envoyer un mail")
	add("none", "merci à tous", "bonne soirée à tous", "à demain", "merci bonne nuit")
	return lines
}

func TestEveryLinearMethodLearnsTheToy(t *testing.T) {
	a := analyser(t)
	for name, fit := range map[string]func(*dataset) *weights{"logistic": logistic, "bayes": bayes, "centroid": centroid, "blend": fit} {
		d := newDataset(a, toy(), nil)
		x := fit(d)
		for _, e := range d.examples {
			if r := rank(x.scores(e.terms), e.class, -1); r != 0 {
				t.Errorf("%s: %q comes at rank %d", name, e.line.Text, r)
			}
		}
	}
}

func TestLearningIsDeterministic(t *testing.T) {
	a := analyser(t)
	var got [2][]byte
	for i := range got {
		b, err := build(a, toy(), nil).Encode()
		if err != nil {
			t.Fatal(err)
		}
		got[i] = b
	}
	if !bytes.Equal(got[0], got[1]) {
		t.Error("the same corpus gives two models")
	}
}

func TestRankLosesTies(t *testing.T) {
	p := []float64{0.4, 0.4, 0.2}
	for _, c := range []struct{ class, skip, want int }{{0, -1, 1}, {0, 1, 0}, {2, -1, 2}, {2, 0, 1}} {
		if got := rank(p, c.class, c.skip); got != c.want {
			t.Errorf("rank(%d, skip %d) = %d, want %d", c.class, c.skip, got, c.want)
		}
	}
}

func TestMeasure(t *testing.T) {
	d := newDataset(analyser(t), toy(), nil)
	site, mail := d.class("site_down"), d.class("mail_send")
	always := func(first, second int) scorer {
		return func(example) []float64 {
			s := make([]float64, len(d.m.Classes))
			s[first], s[second] = 2, 1
			return s
		}
	}
	got := measure(d, always(site, mail), d.examples)
	if got != (shares{top1: 0.5, top3: 1, quiet: 0}) {
		t.Errorf("got %+v", got)
	}
}

func TestTemperatureTellsOverconfidence(t *testing.T) {
	var sure []judged
	for i := range 10 {
		class := 0
		if i < 4 {
			class = 1 // wrong four times in ten, and always quite sure
		}
		sure = append(sure, judged{[]float64{2, 0}, class})
	}
	got := temperature(sure)
	if p := model.Softmax([]float64{2, 0}, got)[0]; math.Abs(p-0.6) > 0.05 && got < 2.9 {
		t.Errorf("temperature %.2f says %.2f, want 0.6", got, p)
	}
}

func TestQuantiseKeepsTheOrder(t *testing.T) {
	a := analyser(t)
	d := newDataset(a, toy(), nil)
	x := fit(d)
	quantise(d.m, x)
	d.m.Temperature = 1
	for _, l := range toy() {
		p := d.m.Probabilities(a.Features(l.Text))
		if rank(p, d.class(l.ID), -1) != 0 {
			t.Errorf("%q is lost by making weights small", l.Text)
		}
	}
}

func TestTables(t *testing.T) {
	a := analyser(t)
	var out bytes.Buffer
	compare(&out, a, toy(), map[string][]corpus.Line{"toy": toy()})
	styles(&out, a, toy())
	curve(&out, a, toy(), toy())
	for _, want := range []string{"nearest neighbour", "(ships)", "toy-a", "temperature", "12 lines"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, out.String())
		}
	}
}

// TestModelIsTheCorpus learns again and compares with the model in the tree. A
// processor with another exponential may differ in the last bit of a sum, so a
// weight may be off by one.
func TestModelIsTheCorpus(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine and ten seconds without the race detector, minutes with it")
	}
	fresh := filepath.Join(t.TempDir(), "model.bin")
	if err := run([]string{"-o", fresh}); err != nil {
		t.Fatal(err)
	}
	want, got := decode(t, "../model.bin"), decode(t, fresh)
	const hint = "run go generate ./commands/answer"
	if strings.Join(got.Names, "\n") != strings.Join(want.Names, "\n") || len(got.W) != len(want.W) {
		t.Fatal("the corpus or the lexicon has changed since the model was learnt: " + hint)
	}
	for i := range want.W {
		if d := int(want.W[i]) - int(got.W[i]); d < -1 || d > 1 {
			t.Fatalf("weight %d is %d, learnt again %d: %s", i, want.W[i], got.W[i], hint)
		}
	}
	if got.Temperature != want.Temperature {
		t.Errorf("temperature %v, learnt again %v: %s", want.Temperature, got.Temperature, hint)
	}
}

func decode(t *testing.T, file string) *model.Model {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 2<<20 {
		t.Errorf("%s is %d bytes, want under 2 MB", file, len(b))
	}
	m, err := model.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
