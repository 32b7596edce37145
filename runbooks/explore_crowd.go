package runbooks

import (
	"math/rand/v2"
	"time"
)

// rng is the one source of chance of an exploration.
type rng struct{ *rand.Rand }

func newRand(seed uint64) *rng { return &rng{rand.New(rand.NewPCG(seed, 0x5649474945))} }

func oneOf[T any](r *rng, list ...T) T { return list[r.IntN(len(list))] }

// crowd sends random members through the runbook.
func (x *explorer) crowd(members int) {
	for range members {
		x.member()
		x.out.Members++
	}
}

// maxMemberTurns is how long a member stays: some go round for ever, and that is
// their right.
const maxMemberTurns = 60

func (x *explorer) member() {
	p := &player{lib: x.lib, now: goldenNow}
	o := StartOptions{Lang: oneOf(x.rng, x.rb.Languages...), Now: p.now}
	if x.rng.IntN(3) == 0 {
		o.Utterance = "bonjour, www.monasso.example ne marche plus depuis hier"
	}
	s, effects, err := Start(x.lib, x.rb, o)
	p.s = s
	for turn := 0; turn < maxMemberTurns && err == nil && p.s.State != Ended; turn++ {
		x.look(p.s, effects)
		if x.rng.IntN(20) == 0 {
			err = p.reload()
		}
		if err == nil {
			effects, err = x.memberTurn(p)
		}
		x.out.Turns++
	}
	if err != nil {
		x.problem(p.s, "a random member met: %v", err)
	}
	outcome := p.s.Outcome
	if p.s.State != Ended {
		outcome = "(went on)"
	}
	x.out.Outcomes[outcome]++
}

func (x *explorer) memberTurn(p *player) (effects []Effect, err error) {
	p.now = p.now.Add(time.Duration(x.rng.IntN(40)) * time.Second)
	switch {
	case p.s.State == Asking && x.rng.IntN(25) == 0, p.s.State == Waiting && x.rng.IntN(6) > 0:
		p.now = maxTime(p.now, p.s.Deadline)
		p.s, effects, err = Due(x.lib, p.s, p.now)
		return effects, err // silence may be met with silence
	case p.s.State == Probing && x.rng.IntN(6) > 0:
		reports := map[string]Report{}
		for _, key := range sortedKeys(p.s.Pending) {
			if x.rng.IntN(8) > 0 { // some come later
				reports[key] = x.anyReport(p.s.Pending[key].Request.Kind, p.now)
			}
		}
		p.s, effects, err = Found(x.lib, p.s, reports, p.now)
		return effects, err
	}
	before := p.s
	text := x.sayings(p.s)
	p.s, effects, err = Answer(x.lib, p.s, text, p.now)
	if err == nil && len(effects) == 0 {
		x.problem(before, "no word after %q", text)
	}
	return effects, err
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (x *explorer) anyReport(kind string, now time.Time) Report {
	k := x.lib.kinds[kind]
	r := Report{Kind: kind, Verdict: oneOf(x.rng, k.Verdicts...), At: now, MS: int64(x.rng.IntN(5000)), Fields: map[string]any{}}
	for _, name := range sortedKeys(k.Fields) {
		if list := enums(kind, name); list != nil {
			r.Fields[name] = oneOf(x.rng, list...)
			continue
		}
		switch k.Fields[name] {
		case FieldBool:
			r.Fields[name] = x.rng.IntN(2) == 0
		case FieldInt:
			r.Fields[name] = oneOf(x.rng, 0, 1, 40, 99, 3000, 6_000_000)
		case FieldTime:
			r.Fields[name] = now.Add(time.Duration(x.rng.IntN(2000)-1000) * time.Hour).Format(time.RFC3339)
		case FieldStrings:
			r.Fields[name] = []string{"a.example", "b.example"}
		default:
			r.Fields[name] = oneOf(x.rng, "", "x.example", "https://x.example/")
		}
	}
	return r
}

// sayings is what a member may say: mostly an answer, sometimes anything.
func (x *explorer) sayings(s Session) string {
	if x.rng.IntN(10) < 3 {
		return oneOf(x.rng, "retour", "back", "je sais pas", "don't know", "pourquoi", "why", "répète", "repeat", "passer", "skip", "en", "fr",
			"recommencer", "oui mais non", "1 ou 2", nonsense, "", "🤷", "\u202eabc\x00", "stop", "humain")
	}
	rb, _ := x.lib.ByHash(s.Frames[len(s.Frames)-1].Hash)
	step := rb.Step(s.Frames[len(s.Frames)-1].Step)
	switch {
	case step.Kind == KindDo:
		return oneOf(x.rng, "fait", "ça ne marche pas", "je peux pas", "1", "2", "3")
	case step.Kind == KindAsk && step.Type == AskYesNo:
		return oneOf(x.rng, "oui", "non", "yes", "no", "👍", "nan", "ouais")
	case step.Kind == KindAsk && step.Type == AskChoice:
		return oneOf(x.rng, "la ", "", "option ", "n°") + itoa(1+x.rng.IntN(len(step.Options)))
	case step.Kind == KindAsk:
		return example(step)
	}
	return "alors ?"
}
