package runbooks

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ExploreOptions bounds an exploration. Zero values are replaced by defaults.
type ExploreOptions struct {
	Members int    // random members; 0: 500
	Seed    uint64 // the same seed walks the same ways
}

// Exploration is what walking a runbook in every way has shown.
type Exploration struct {
	Runbook string
	// Paths is how many different ways lead to an end.
	Paths int
	// States is how many different situations were met on them. Capped says that
	// the search was cut off before it had met all.
	States int
	Capped bool
	// Ends counts the paths by end, "(limit)" for those that go in circles.
	Ends map[string]int
	// Longest is the number of steps of the longest path.
	Longest int
	// Unreached are the steps that no path met.
	Unreached []string
	// Members, Turns and Outcomes are of the random members.
	Members  int
	Turns    int
	Outcomes map[Outcome]int
	// Problems are what should never happen: an error, a silence after an
	// answer, a text with a hole in it.
	Problems []string
}

const maxStates = 30000

// Explore walks every path of a runbook, then sends random members through it
// who fall silent, go back and talk nonsense. A called runbook is not entered on
// the paths: it has an exploration of its own; the members do enter it.
func Explore(lib *Library, rb *Runbook, o ExploreOptions) Exploration {
	if o.Members == 0 {
		o.Members = 500
	}
	x := &explorer{lib: lib.With(rb), rb: rb, memo: map[string]tally{}, reached: map[string]bool{}, futures: futures(rb), misses: map[string]int{}, rng: newRand(o.Seed),
		out: Exploration{Runbook: rb.ID, Ends: map[string]int{}, Outcomes: map[Outcome]int{}}}
	s, effects, err := Start(x.lib, rb, StartOptions{Lang: rb.Languages[0], Now: goldenNow})
	if err != nil {
		x.problem(s, "start: %v", err)
	}
	x.look(s, effects)
	t := x.walk(s, goldenNow)
	x.out.Paths, x.out.Longest, x.out.Ends, x.out.States = t.paths, t.longest, t.ends, len(x.memo)
	for _, step := range rb.Steps {
		if !x.reached[step.ID] {
			x.out.Unreached = append(x.out.Unreached, step.ID)
		}
	}
	x.crowd(o.Members)
	return x.out
}

// tally is what a situation leads to.
type tally struct {
	paths   int
	longest int
	ends    map[string]int
}

func (t *tally) add(o tally) {
	t.paths += o.paths
	t.longest = max(t.longest, o.longest)
	for k, n := range o.ends {
		t.ends[k] += n
	}
}

type explorer struct {
	lib     *Library
	rb      *Runbook
	memo    map[string]tally
	reached map[string]bool
	// futures has, for each step, the conditions that may still be met after it.
	futures map[string][]*Condition
	// misses counts how often a way out of a check was sought in vain.
	misses map[string]int
	rng    *rng
	out    Exploration
}

func (x *explorer) problem(s Session, format string, args ...any) {
	if len(x.out.Problems) < 20 {
		x.out.Problems = append(x.out.Problems, fmt.Sprintf(format, args...)+" (path "+strings.Join(s.Path, " ")+")")
	}
}

// walk counts the paths from a situation. Equal situations have equal futures,
// so each is walked once.
func (x *explorer) walk(s Session, now time.Time) tally {
	for _, id := range s.Path {
		x.reached[id] = true
	}
	if s.State == Ended {
		name := s.EndStep
		if s.Outcome == Failed {
			name = "(limit)"
		}
		return tally{paths: 1, longest: 1, ends: map[string]int{name: 1}}
	}
	key := situation(s)
	if t, ok := x.memo[key]; ok {
		return t
	}
	total := tally{ends: map[string]int{}}
	if len(x.memo) >= maxStates {
		x.out.Capped = true
		return total
	}
	x.memo[key] = total // a situation cannot come back to itself: visits grow
	for _, next := range x.nexts(s, now) {
		t := x.walk(next, now)
		t.longest += len(next.Path) - len(s.Path)
		total.add(t)
	}
	x.memo[key] = total
	return total
}

// situation is all of a session that its future depends on.
func situation(s Session) string {
	var b strings.Builder
	b.WriteString(string(s.State))
	for _, f := range s.Frames {
		fmt.Fprintf(&b, "%s %s %d;", f.Runbook, f.Step, f.Invalid)
		for _, k := range sortedKeys(f.Facts) {
			fmt.Fprintf(&b, "%s=%s;", k, f.Facts[k])
		}
		for _, k := range sortedKeys(f.Checks) {
			r := s.Runs[f.Checks[k]].Report
			fmt.Fprintf(&b, "%s=%s%t%t%d", k, r.Verdict, r.Skipped, r.Confirmed, r.MS)
			for _, name := range sortedKeys(r.Fields) {
				fmt.Fprintf(&b, ",%v", r.Fields[name])
			}
		}
		for _, k := range sortedKeys(f.Visits) {
			fmt.Fprintf(&b, "%s%d", k, f.Visits[k])
		}
	}
	return b.String()
}

// nexts are the different situations that may follow one.
func (x *explorer) nexts(s Session, now time.Time) []Session {
	if len(s.Frames) > 1 {
		return x.returns(s, now)
	}
	var out []Session
	add := func(next Session, effects []Effect, err error) {
		if err != nil {
			x.problem(s, "%v", err)
			return
		}
		x.look(next, effects)
		out = append(out, next)
	}
	switch s.State {
	case Waiting:
		add(Due(x.lib, s, s.Deadline))
	case Probing:
		for _, reports := range x.witnesses(s, now) {
			add(Found(x.lib, s, reports, now))
		}
	case Asking:
		for _, text := range x.answers(s, now) {
			next, effects, err := Answer(x.lib, s, text, now)
			for err == nil && text == nonsense && next.Step() == s.Step() && len(next.Path) == len(s.Path) {
				next, effects, err = Answer(x.lib, next, text, now)
			}
			add(next, effects, err)
		}
	}
	return out
}

// returns leaves a called runbook in each way that comes back.
func (x *explorer) returns(s Session, now time.Time) []Session {
	var out []Session
	for _, o := range []Outcome{Solved, NotOurs, Failed} {
		m, err := resume(x.lib, s, now)
		if err != nil {
			x.problem(s, "%v", err)
			return out
		}
		m.s.Frames = m.s.Frames[:2]
		call := m.lib.byHash[m.s.Frames[0].Hash].Step(m.s.Frames[0].Step)
		if o == NotOurs && call.To("not_ours") == "" {
			continue
		}
		m.run(m.pop(o))
		next, effects, _ := m.finish()
		x.look(next, effects)
		out = append(out, next)
	}
	return out
}

const nonsense = "zzz qqq"

// answers are the answers to a question that may lead to different situations.
func (x *explorer) answers(s Session, now time.Time) []string {
	m, err := resume(x.lib, s, now)
	if err != nil {
		x.problem(s, "%v", err)
		return nil
	}
	step := m.step()
	var out []string
	seen := map[string]bool{}
	for i, c := range m.labels(step) {
		out = append(out, itoa(i+1))
		seen[step.To(m.label(step, c.ID))] = true
	}
	if step.Kind == KindDo {
		return out // the other ways lead where "cannot" does
	}
	if step.Type != AskChoice && step.Type != AskYesNo {
		out = append(out, example(step))
		if step.Type == AskText && step.Fact != "" {
			out = append(out, x.words(step.Fact)...)
		}
		seen[step.To("next")] = true
	}
	// Without a fact, only the next step matters.
	for _, way := range [][2]string{{"unknown", "je sais pas"}, {"skip", "passer"}, {"on_fail", nonsense}} {
		to := step.To(way[0])
		if to == "" || step.Fact == "" && seen[to] || way[1] == nonsense && step.Type == AskText {
			continue
		}
		seen[to] = true
		out = append(out, way[1])
	}
	return out
}

// example is a good answer to a typed question.
func example(step *Step) string {
	return map[AskType]string{AskDomain: "monasso.example", AskURL: "https://monasso.example/page", AskEmail: "contact@monasso.example",
		AskText: "une page blanche", AskNumber: itoa(max(step.Min, 1)), AskSince: "hier soir", AskService: "mail"}[step.Type]
}

// look reads what the member would read.
func (x *explorer) look(s Session, effects []Effect) {
	for _, e := range effects {
		text := ""
		switch v := e.(type) {
		case Say:
			text = v.Text
		case Ask:
			text = v.Text
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "}}") || slices.Contains(strings.Fields(text), "–") && strings.HasSuffix(text, "–") {
			x.problem(s, "a text with a hole: %q", text)
		}
	}
}
