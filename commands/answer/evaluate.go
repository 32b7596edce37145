package answer

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Utterance is a sentence with the id somebody said it asks for.
type Utterance struct {
	Lang, Text string
	Want       ID
}

// ReadUtterances reads tab-separated language, sentence, id; empty lines are
// skipped. An error names the line.
func ReadUtterances(r io.Reader) ([]Utterance, error) {
	var out []Utterance
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimPrefix(strings.TrimRight(sc.Text(), "\r"), "\ufeff")
		if strings.TrimSpace(line) == "" {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("line %d has %d columns; three are needed, separated by tabs: language, sentence, id", n, len(f))
		}
		u := Utterance{strings.TrimSpace(f[0]), f[1], ID(strings.TrimSpace(f[2]))}
		if _, ok := SubjectOf(u.Want); !ok && u.Want != None {
			return nil, fmt.Errorf("line %d: %q is no id that Vigie knows", n, u.Want)
		}
		out = append(out, u)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read utterances: %w", err)
	}
	return out, nil
}

// Score is how well a set of utterances was understood; shares are from 0 to 1.
// Top1, Top3, WrongStart and Missed are over the lines that want something, said
// to the bot; FalseAlarm is over the None lines, said in a public room to nobody.
type Score struct {
	N          int     `json:"n"`
	Top1       float64 `json:"top1"`
	Top3       float64 `json:"top3"`
	WrongStart float64 `json:"wrong_start"`
	Missed     float64 `json:"missed"`
	FalseAlarm float64 `json:"false_alarm"`

	// Wanting and Idle are how many lines the shares are over; Started, the share
	// of wanting lines answered without a question; Unprompted, the share that
	// would have been answered had they not been addressed.
	Wanting    int     `json:"-"`
	Idle       int     `json:"-"`
	Started    float64 `json:"-"`
	Unprompted float64 `json:"-"`
}

// Pair is a wanted id and the one ranked first instead, None when a false alarm
// is not one.
type Pair struct{ Want, Got ID }

// Evaluation is what Evaluate found.
type Evaluation struct {
	Score
	ByLang map[string]Score `json:"by_lang"`
	// NoAccent is over the French lines written in plain ASCII.
	NoAccent Score `json:"-"`
	// Confusion counts first guesses by wanted id, right ones too.
	Confusion map[Pair]int `json:"-"`
	// Sure holds, for reliability, how sure each first guess was and if it was right.
	Sure []Outcome `json:"-"`
}

// Outcome is one first guess among the things one can want.
type Outcome struct {
	P     float64
	Right bool
}

// Evaluate answers each utterance as a room would hear it and counts.
func (r *Recogniser) Evaluate(utterances []Utterance) Evaluation {
	all, plain := &tally{}, &tally{}
	langs := map[string]*tally{}
	ev := Evaluation{ByLang: map[string]Score{}, Confusion: map[Pair]int{}}
	for _, u := range utterances {
		res := r.Recognise(u.Text)
		m := r.judge(u, res)
		all.add(m)
		if langs[u.Lang] == nil {
			langs[u.Lang] = &tally{}
		}
		langs[u.Lang].add(m)
		if u.Lang == "fr" && strings.IndexFunc(u.Text, func(c rune) bool { return c > unicode.MaxASCII }) < 0 {
			plain.add(m)
		}
		ev.Confusion[Pair{u.Want, m.got}]++
		if u.Want != None && len(res.Ranked) > 0 {
			ev.Sure = append(ev.Sure, Outcome{res.Ranked[0].P / (1 - res.None), m.rank == 0})
		}
	}
	ev.Score, ev.NoAccent = all.score(), plain.score()
	for l, t := range langs {
		ev.ByLang[l] = t.score()
	}
	return ev
}

// mark is what became of one line.
type mark struct {
	idle                                   bool
	got                                    ID
	rank                                   int
	started, wrong, missed, alarm, ambient bool
}

func (r *Recogniser) judge(u Utterance, res Result) mark {
	unasked := r.Decide(res, Context{Public: true})
	m := mark{idle: u.Want == None, got: None, rank: len(res.Ranked)}
	if m.idle {
		if m.alarm = unasked.Kind != Silent; m.alarm {
			m.got = res.Ranked[0].ID
		}
		return m
	}
	d := r.Decide(res, Context{Addressed: true, Public: true})
	for i, g := range res.Ranked {
		if g.ID == u.Want {
			m.rank = i
		}
	}
	if len(res.Ranked) > 0 {
		m.got = res.Ranked[0].ID
	}
	m.ambient = unasked.Kind != Silent
	m.started = d.Kind == Start
	m.missed = len(d.IDs) == 0
	if m.started && d.IDs[0] != u.Want {
		s, _ := SubjectOf(d.IDs[0])
		m.wrong = s.Runbook != ""
	}
	return m
}

// tally sums marks.
type tally struct{ wanting, idle, top1, top3, started, wrong, missed, alarm, ambient int }

func (t *tally) add(m mark) {
	count := func(n *int, b bool) {
		if b {
			*n++
		}
	}
	count(&t.idle, m.idle)
	count(&t.alarm, m.alarm)
	count(&t.wanting, !m.idle)
	count(&t.top1, !m.idle && m.rank == 0)
	count(&t.top3, !m.idle && m.rank < 3)
	count(&t.started, m.started)
	count(&t.wrong, m.wrong)
	count(&t.missed, m.missed)
	count(&t.ambient, m.ambient)
}

func (t *tally) score() Score {
	share := func(n, of int) float64 {
		if of == 0 {
			return 0
		}
		return float64(n) / float64(of)
	}
	return Score{
		N: t.wanting + t.idle, Wanting: t.wanting, Idle: t.idle,
		Top1: share(t.top1, t.wanting), Top3: share(t.top3, t.wanting),
		WrongStart: share(t.wrong, t.wanting), Missed: share(t.missed, t.wanting),
		FalseAlarm: share(t.alarm, t.idle),
		Started:    share(t.started, t.wanting), Unprompted: share(t.ambient, t.wanting),
	}
}
