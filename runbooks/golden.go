package runbooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// goldenNow is the instant at which golden tests begin: tests must not depend on
// the day on which they run.
var goldenNow = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// Result is what a golden test came to.
type Result struct {
	Runbook string
	Test    string
	// Failure is "" when the test passed.
	Failure string
	Path    []string
	Outcome Outcome
	// Lines are the dialogue, "< " for what Vigie says and "> " for the member.
	Lines []string
	pos   Pos
}

// RunTests plays the golden tests of a runbook. The session is encoded and read
// again between any two turns, as in life.
func (l *Library) RunTests(rb *Runbook) []Result {
	var out []Result
	for i := range rb.Tests {
		out = append(out, l.runTest(rb, &rb.Tests[i]))
	}
	return out
}

func (l *Library) runTest(rb *Runbook, t *Test) Result {
	p := &player{lib: l.With(rb), canned: t.Checks, used: map[string]int{}, say: t.Say, now: goldenNow}
	res := Result{Runbook: rb.ID, Test: t.Name, pos: t.Pos}
	err := p.play(rb, StartOptions{Lang: t.Lang, Utterance: t.Utterance, Facts: t.Facts, Now: p.now})
	res.Path, res.Outcome, res.Lines = p.s.Path, p.s.Outcome, p.lines
	path := p.s.Path
	if !slices.ContainsFunc(t.Path, func(s string) bool { return strings.Contains(s, "/") }) {
		path = slices.DeleteFunc(slices.Clone(path), func(s string) bool { return strings.Contains(s, "/") })
	}
	switch {
	case err != nil:
		res.Failure = err.Error()
	case p.s.State != Ended:
		res.Failure = fmt.Sprintf("the test has nothing more to say, but the dialogue waits at %s (path %v)", p.s.Step(), path)
	case !slices.Equal(path, t.Path):
		res.Failure = fmt.Sprintf("the path is %v, not %v", path, t.Path)
	case p.s.Outcome != t.Outcome:
		res.Failure = fmt.Sprintf("the outcome is %s, not %s", p.s.Outcome, t.Outcome)
	case len(p.say) > 0:
		res.Failure = fmt.Sprintf("the dialogue ended before the member said %q", p.say[0])
	}
	return res
}

// player is a member and a prober in one, with everything known beforehand.
type player struct {
	lib    *Library
	s      Session
	now    time.Time
	canned map[string][]Canned
	used   map[string]int
	say    []string
	lines  []string
}

// maxTurns bounds a scripted dialogue: the engine's own limits are far below.
const maxTurns = 500

func (p *player) play(rb *Runbook, o StartOptions) error {
	var effects []Effect
	var err error
	p.s, effects, err = Start(p.lib, rb, o)
	for turn := 0; err == nil && p.s.State != Ended; turn++ {
		if turn > maxTurns {
			return fmt.Errorf("the dialogue does not end")
		}
		if err = p.reload(); err != nil {
			return err
		}
		done := false
		if effects, done, err = p.turn(effects); done {
			return err
		}
	}
	p.note(effects)
	return err
}

// turn does what the effects ask for and takes the next turn; done says that
// the script is at its end.
func (p *player) turn(effects []Effect) (next []Effect, done bool, err error) {
	p.note(effects)
	switch p.s.State {
	case Probing:
		reports := map[string]Report{}
		for _, key := range sortedKeys(p.s.Pending) {
			reports[key] = p.report(p.s.Pending[key])
		}
		p.now = p.now.Add(3 * time.Second)
		p.s, next, err = Found(p.lib, p.s, reports, p.now)
	case Waiting:
		p.now = p.s.Deadline
		p.s, next, err = Due(p.lib, p.s, p.now)
	default:
		if len(p.say) == 0 {
			return nil, true, nil
		}
		p.now = p.now.Add(20 * time.Second)
		p.lines = append(p.lines, "> "+p.say[0])
		p.s, next, err = Answer(p.lib, p.s, p.say[0], p.now)
		p.say = p.say[1:]
	}
	return next, false, err
}

func (p *player) report(pending Pending) Report {
	list := p.canned[pending.Check]
	r := Report{Kind: pending.Request.Kind, Verdict: Unknown, MS: 120, At: p.now}
	if len(list) == 0 {
		return r
	}
	c := list[min(p.used[pending.Check], len(list)-1)]
	p.used[pending.Check]++
	r.Verdict, r.Fields = c.Verdict, c.Fields
	return r
}

func (p *player) note(effects []Effect) {
	for _, e := range effects {
		p.lines = append(p.lines, Lines(e)...)
	}
}

// reload sends the session through JSON, as a restart would.
func (p *player) reload() error {
	data, err := json.Marshal(p.s)
	if err != nil {
		return fmt.Errorf("encode the session: %w", err)
	}
	var s Session
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read the session again: %w", err)
	}
	p.s = s
	return nil
}

// Lines shows an effect as lines of a plain terminal. Effects that nobody reads
// give none.
func Lines(e Effect) []string {
	switch v := e.(type) {
	case Say:
		return []string{"< " + v.Text}
	case Ask:
		out := []string{"< " + v.Text}
		for i, o := range v.Options {
			out = append(out, fmt.Sprintf("<   %d. %s", i+1, o.Label))
		}
		return out
	case OpenTicket:
		return []string{fmt.Sprintf("= ticket %s %s", v.Queue, v.Priority)}
	case HandOver:
		return []string{"= human (" + v.Reason + ")"}
	case End:
		return []string{"= end " + v.Step + " " + string(v.Outcome)}
	}
	return nil
}
