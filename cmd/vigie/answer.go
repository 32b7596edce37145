package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vigie/commands/answer"
)

// answerCommand says what Vigie understands of a sentence, or how well it
// understands a file of them. It needs no configuration; faq gives the shipped
// entries, whose host values are shown as [name].
func answerCommand(faq func() fs.FS) *cobra.Command {
	var file, bar, plot string
	var asJSON, ambient bool
	c := &cobra.Command{
		Use:   `answer "phrase" | answer --eval FILE.tsv`,
		Short: "say what a sentence is understood to ask for, and why",
		Example: `  vigie answer "bjr notre site repon plus"
  vigie answer --eval phrases.tsv --bar top1=0.85,top3=0.95,wrong_start=0.04,false_alarm=0.05`,
		SilenceUsage: true,
		Args:         cobra.ArbitraryArgs, // a sentence of any words, beside a subcommand
		RunE: func(c *cobra.Command, args []string) error {
			r, err := answer.New(answer.Options{})
			if err != nil {
				return err
			}
			if file != "" {
				return evaluateFile(c.OutOrStdout(), r, file, bar, plot, asJSON)
			}
			if bar != "" || plot != "" {
				return errors.New("--bar and --plot are about an evaluation: give --eval FILE.tsv too")
			}
			if len(args) == 0 {
				return errors.New(`give a sentence between quotes, or --eval FILE.tsv`)
			}
			return explain(c.OutOrStdout(), r, faq(), strings.Join(args, " "), ambient, asJSON)
		},
	}
	c.AddCommand(answerExport(faq))
	c.Flags().StringVar(&file, "eval", "", "measure on FILE.tsv: language, sentence, expected id; tabs between, no header")
	c.Flags().StringVar(&bar, "bar", "", "with --eval, exit 1 unless name=value,… are met (top1, top3 at least; missed, wrong_start, false_alarm at most)")
	c.Flags().StringVar(&plot, "plot", "", "with --eval, draw how far its probabilities can be trusted (SVG)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&ambient, "ambient", false, "as if said in a public room, not to the bot")
	return c
}

// explained is what vigie answer says of one sentence.
type explained struct {
	answer.Result
	Decision answer.Decision `json:"decision"`
	Reasons  []answer.Reason `json:"reasons"`
	FAQ      []foundEntry    `json:"faq"`
}

type foundEntry struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Score float64 `json:"score"`
}

func explain(w io.Writer, r *answer.Recogniser, shipped fs.FS, sentence string, ambient, asJSON bool) error {
	f, errs := answer.LoadFAQ(nil, shipped)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	x := explained{Result: r.Recognise(sentence)}
	x.Decision = r.Decide(x.Result, answer.Context{Addressed: !ambient, Public: ambient})
	if len(x.Ranked) > 0 {
		x.Reasons = r.Explain(sentence, x.Ranked[0].ID, 8)
	}
	for _, h := range f.Find(x.Lang, sentence, 3) {
		x.FAQ = append(x.FAQ, foundEntry{h.ID, h.Title, h.Score})
	}
	if asJSON {
		return json.NewEncoder(w).Encode(x)
	}
	return x.print(w)
}

func (x explained) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "language   %s\n", orDash(x.Lang))
	for i, g := range x.Ranked[:min(3, len(x.Ranked))] {
		fmt.Fprintf(&b, "%-10s %-14s %3.0f %%\n", []string{"wants", "", ""}[i], g.ID, 100*g.P)
	}
	fmt.Fprintf(&b, "%-10s %-14s %3.0f %%\n", "or", answer.None, 100*x.None)
	if x.Courtesy != "" {
		fmt.Fprintf(&b, "courtesy   %s\n", x.Courtesy)
	}
	if len(x.Reasons) > 0 {
		fmt.Fprintf(&b, "because   ")
		for _, y := range x.Reasons {
			fmt.Fprintf(&b, " %q %+.2f ", y.Feature, y.Weight)
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintf(&b, "would      %s\n", wouldDo(x.Decision))
	for i, h := range x.FAQ {
		fmt.Fprintf(&b, "%-10s %-20s %.2f  %s\n", []string{"FAQ", "", ""}[i], h.ID, h.Score, h.Title)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func wouldDo(d answer.Decision) string {
	var ids []string
	for _, id := range d.IDs {
		ids = append(ids, string(id))
	}
	list := strings.Join(ids, ", ")
	switch d.Kind {
	case answer.Start:
		if s, _ := answer.SubjectOf(d.IDs[0]); s.Runbook != "" {
			return "begin the runbook " + s.Runbook
		}
		return "answer about " + list
	case answer.Offer:
		return "ask which: " + list + ", or a human"
	case answer.Unsure:
		return "say that it is not sure, and offer " + list + ", or a human"
	case answer.Polite:
		return "answer the courtesy"
	}
	return "stay silent"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func evaluateFile(w io.Writer, r *answer.Recogniser, file, bar, plot string, asJSON bool) error {
	bars, err := parseBars(bar)
	if err != nil {
		return err
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close() // only read
	utterances, err := answer.ReadUtterances(in)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	ev := r.Evaluate(utterances)
	if plot != "" {
		if err := writePlot(plot, ev); err != nil {
			return err
		}
	}
	if asJSON {
		err = json.NewEncoder(w).Encode(ev)
	} else {
		err = ev.WriteText(w)
	}
	if err != nil {
		return err
	}
	return checkBars(ev.Score, bars)
}

// writePlot draws the reliability diagram to a file.
func writePlot(name string, ev answer.Evaluation) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(ev.WriteSVG(f), f.Close())
}

// atMost says of each measure whether a bar is a ceiling (else a floor).
func atMost() map[string]bool {
	return map[string]bool{"top1": false, "top3": false, "missed": true, "wrong_start": true, "false_alarm": true}
}

func parseBars(s string) (map[string]float64, error) {
	bars := map[string]float64{}
	for _, f := range strings.Split(s, ",") {
		if strings.TrimSpace(f) == "" {
			continue
		}
		name, value, _ := strings.Cut(strings.TrimSpace(f), "=")
		v, err := strconv.ParseFloat(value, 64)
		if _, known := atMost()[name]; !known || err != nil || !(v >= 0 && v <= 1) {
			return nil, fmt.Errorf("--bar: %q is not like top1=0.85; the names are top1, top3, missed, wrong_start, false_alarm, the values from 0 to 1", f)
		}
		bars[name] = v
	}
	return bars, nil
}

func checkBars(s answer.Score, bars map[string]float64) error {
	got := map[string]float64{"top1": s.Top1, "top3": s.Top3, "missed": s.Missed, "wrong_start": s.WrongStart, "false_alarm": s.FalseAlarm}
	var below []string
	for name, want := range bars {
		if atMost()[name] && got[name] > want || !atMost()[name] && got[name] < want {
			below = append(below, fmt.Sprintf("%s is %.3f, the bar is %.3f", name, got[name], want))
		}
	}
	if len(below) == 0 {
		return nil
	}
	slices.Sort(below)
	return errors.New("below the bar: " + strings.Join(below, "; "))
}
