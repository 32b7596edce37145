package model

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

// tiny knows two classes, two words and a concept.
func tiny() *Model {
	m := &Model{
		Classes:     []string{"mail", "site"},
		Names:       []string{"k:down", "w:mail", "w:site"},
		IDF:         []byte{24, 48, 48},
		W:           []int8{-10, 10, 100, -100, -100, 100},
		Scale:       0.1,
		Bias:        []float32{0.5, 0},
		Temperature: 2,
	}
	m.Reindex()
	return m
}

func TestVectorBringsEachGroupToLengthOne(t *testing.T) {
	got := tiny().Vector([]string{"w:mail", "unknown", "k:down", "w:site"})
	if len(got) != 3 {
		t.Fatalf("%d terms, want 3", len(got))
	}
	words := got[0].Value*got[0].Value + got[2].Value*got[2].Value
	if math.Abs(words-1) > 1e-12 || got[1].Value != 1 {
		t.Errorf("lengths are not 1: %v", got)
	}
}

func TestProbabilities(t *testing.T) {
	m := tiny()
	p := m.Probabilities([]string{"w:site"})
	// Scores are -10+0.5 and 10; over a temperature of 2.
	want := 1 / (1 + math.Exp((-9.5-10)/2))
	if math.Abs(p[1]-want) > 1e-6 || math.Abs(p[0]+p[1]-1) > 1e-12 {
		t.Errorf("got %v, want %v for site", p, want)
	}
	none := m.Probabilities(nil)
	if none[0] <= none[1] {
		t.Errorf("without features the bias decides: %v", none)
	}
}

func TestSoftmaxBearsHugeScores(t *testing.T) {
	p := Softmax([]float64{1e9, -1e9, 1e9}, 1)
	if p[0] != 0.5 || p[1] != 0 {
		t.Errorf("got %v", p)
	}
}

func TestExplain(t *testing.T) {
	m := tiny()
	got := m.Explain([]string{"k:down", "w:site"}, "site", 5)
	if len(got) != 2 || got[0].Feature != "w:site" || got[0].Weight <= got[1].Weight {
		t.Errorf("got %v", got)
	}
	if against := m.Explain([]string{"w:site"}, "mail", 1); against[0].Weight >= 0 {
		t.Errorf("a word for the other class speaks for this one: %v", against)
	}
	if m.Explain([]string{"w:site"}, "nothing", 3) != nil {
		t.Error("an unknown class is explained")
	}
}

func TestCodecRoundTrip(t *testing.T) {
	m := tiny()
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Encode()
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("the same model gives other bytes (%v)", err)
	}
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range [][]string{{"w:site"}, {"w:mail", "k:down"}, nil} {
		if w, g := m.Probabilities(f), got.Probabilities(f); w[0] != g[0] {
			t.Errorf("%v: %v became %v", f, w, g)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := tiny().Encode()
	if err != nil {
		t.Fatal(err)
	}
	odd := tiny()
	odd.W = odd.W[:4]
	short, err := odd.Encode()
	if err != nil {
		t.Fatal(err)
	}
	cold := tiny()
	cold.Temperature = 0
	frozen, err := cold.Encode()
	if err != nil {
		t.Fatal(err)
	}
	nan := tiny()
	nan.Scale = float32(math.NaN())
	number, err := nan.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "other magic": []byte("VIGIEANS0xxxx"), "cut short": good[:len(good)-6],
		"parts that do not fit": short, "a temperature of zero": frozen, "no number": number,
	} {
		if _, err := Decode(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good, err := tiny().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		if p := m.Probabilities([]string{"w:site", "k:down"}); len(p) != len(m.Classes) {
			t.Fatalf("%d probabilities for %d classes", len(p), len(m.Classes))
		}
	})
}
