package answer

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteText prints the evaluation for people: shares per language and in all,
// for French without accents, how far the probabilities can be trusted, and the
// confusions.
func (e Evaluation) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s %6s %6s %6s %12s %7s %12s %8s\n", "", "lines", "top1", "top3", "wrong_start", "missed", "false_alarm", "started")
	row := func(name string, s Score) {
		fmt.Fprintf(&b, "%-12s %6d %6.3f %6.3f %12.3f %7.3f %12.3f %8.3f\n",
			name, s.N, s.Top1, s.Top3, s.WrongStart, s.Missed, s.FalseAlarm, s.Started)
	}
	row("all", e.Score)
	for _, l := range sortedKeys(e.ByLang) {
		row(l, e.ByLang[l])
	}
	if e.NoAccent.N > 0 {
		row("fr, ASCII", e.NoAccent)
	}
	fmt.Fprintf(&b, "\nsaid in a room to nobody, %.0f %% of the lines that want something would be answered\n", 100*e.Unprompted)
	e.writeReliability(&b)
	e.writeConfusion(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// Bin is the first guesses of about one probability: how many, their mean
// probability, and the share that were right.
type Bin struct {
	N               int
	Said, WereRight float64
}

// Reliability sorts the first guesses into ten bins by probability; a calibrated
// recogniser is right as often as it says.
func (e Evaluation) Reliability() [10]Bin {
	var bins [10]Bin
	for _, o := range e.Sure {
		b := &bins[min(9, int(o.P*10))]
		b.N++
		b.Said += o.P
		if o.Right {
			b.WereRight++
		}
	}
	for i := range bins {
		if n := float64(bins[i].N); n > 0 {
			bins[i].Said /= n
			bins[i].WereRight /= n
		}
	}
	return bins
}

func (e Evaluation) writeReliability(b *strings.Builder) {
	fmt.Fprintf(b, "\nhow sure the first guess was, and how often it was right\n")
	for _, x := range e.Reliability() {
		if x.N > 0 {
			fmt.Fprintf(b, "  %3.0f %%  %3.0f %%  (%d)\n", 100*x.Said, 100*x.WereRight, x.N)
		}
	}
}

// writeConfusion prints a row for each wanted id: how often each id came first.
func (e Evaluation) writeConfusion(b *strings.Builder) {
	rows := map[ID][]Pair{}
	for p := range e.Confusion {
		rows[p.Want] = append(rows[p.Want], p)
	}
	fmt.Fprintf(b, "\nwanted: came first (for none: spoken in a room, what it would have answered)\n")
	for _, want := range sortedKeys(rows) {
		pairs := rows[want]
		slices.SortFunc(pairs, func(x, y Pair) int {
			if d := e.Confusion[y] - e.Confusion[x]; d != 0 {
				return d
			}
			return strings.Compare(string(x.Got), string(y.Got))
		})
		fmt.Fprintf(b, "  %-14s", want)
		for _, p := range pairs {
			fmt.Fprintf(b, " %s %d ", p.Got, e.Confusion[p])
		}
		fmt.Fprintln(b)
	}
}
