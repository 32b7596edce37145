package runbooks

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// StartOptions is what is known when a dialogue begins.
type StartOptions struct {
	Lang string
	// Facts are known already, from the register for example. Those that the
	// runbook does not have, or that are not of its type, are left out.
	Facts map[string]string
	// Utterance is the sentence that started it: a domain in it is not asked for.
	Utterance string
	// Private says that only the member reads the dialogue.
	Private bool
	Now     time.Time
}

// Start begins a session of a runbook.
func Start(lib *Library, rb *Runbook, o StartOptions) (Session, []Effect, error) {
	lang := o.Lang
	if !slices.Contains(rb.Languages, lang) {
		lang = rb.Languages[0]
	}
	s := Session{V: 1, Runbook: rb.ID, Hash: rb.Hash, Lang: lang, Private: o.Private,
		Started: o.Now, Active: o.Now, Given: map[string]string{}, Counts: map[string]Count{}}
	m := &machine{lib: lib.With(rb), s: &s, now: o.Now}
	for _, f := range rb.Facts {
		if f.Expr != nil {
			continue
		}
		if v, ok := m.lib.known(f, o); ok {
			s.Given[f.Name] = v
		}
	}
	m.reset()
	m.run(rb.Start)
	return m.finish()
}

// Answer goes on with what the member wrote. The session keeps the words: take
// secrets out of them first.
func Answer(lib *Library, s Session, text string, now time.Time) (Session, []Effect, error) {
	m, err := resume(lib, s, now)
	if err != nil {
		return s, nil, err
	}
	m.s.Turns++
	m.s.Active, m.s.Reminded, m.s.Parked = now, false, false
	if m.s.Turns > 10*m.rb().Limits.MaxSteps {
		m.fail()
		return m.finish()
	}
	m.heard(clean(text, 4000))
	return m.finish()
}

// Found goes on with reports, under the keys of the Probe that wanted them.
// Reports that nothing waits for are ignored.
func Found(lib *Library, s Session, reports map[string]Report, now time.Time) (Session, []Effect, error) {
	m, err := resume(lib, s, now)
	if err != nil {
		return s, nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(reports)) {
		if p, ok := m.s.Pending[key]; ok && p.Run == 0 {
			m.record(key, p, reports[key])
		}
	}
	m.settle()
	return m.finish()
}

// Due goes on with the clock: a wait is over, checks took too long, or the
// member is silent. Before the session's Deadline it changes nothing.
func Due(lib *Library, s Session, now time.Time) (Session, []Effect, error) {
	if s.State == Ended || now.Before(s.Deadline) {
		return s, nil, nil
	}
	m, err := resume(lib, s, now)
	if err != nil {
		return s, nil, err
	}
	switch m.s.State {
	case Waiting:
		step := m.step()
		m.s.Log = append(m.s.Log, Entry{Kind: Waited, Step: m.name(), At: now})
		m.follow(step, "next")
	case Probing:
		for _, key := range slices.Sorted(maps.Keys(m.s.Pending)) {
			if p := m.s.Pending[key]; p.Run == 0 {
				m.record(key, p, Report{Kind: p.Request.Kind, Verdict: Unknown, At: now, Detail: "no report in time"})
			}
		}
		m.settle()
	case Asking:
		m.silence()
	}
	return m.finish()
}

// Present gives again what the session waits for, and changes nothing: for a
// member who speaks again after a long silence or a restart.
func Present(lib *Library, s Session, now time.Time) ([]Effect, error) {
	m, err := resume(lib, s, now)
	if err != nil {
		return nil, err
	}
	if m.s.State == Asking {
		m.ask(m.step())
	} else {
		m.emit(Say{phrase(m.s.Lang, "busy")})
	}
	return m.effects, nil
}

// Withdraw ends a session whose version was retired or can no longer be read.
// It needs no library, because there may be none that knows the session.
func Withdraw(s Session) (Session, []Effect) {
	s = s.clone()
	end := s.Step()
	s.State, s.Outcome, s.EndStep, s.Deadline, s.Pending = Ended, Withdrawn, end, time.Time{}, nil
	return s, []Effect{Say{phrase(s.Lang, "withdrawn")}, HandOver{"withdrawn"}, End{Outcome: Withdrawn, Step: end, Reason: "withdrawn"}}
}

// resume makes a machine out of stored data, or says why it cannot.
func resume(lib *Library, s Session, now time.Time) (*machine, error) {
	if err := s.sound(); err != nil {
		return nil, err
	}
	if s.State == Ended {
		return nil, ErrEnded
	}
	for _, f := range s.Frames {
		rb, ok := lib.ByHash(f.Hash)
		if !ok {
			return nil, fmt.Errorf("%s@%.8s: %w", f.Runbook, f.Hash, ErrUnknownVersion)
		}
		if rb.Step(f.Step) == nil || rb.ID != f.Runbook || !slices.Contains(rb.Languages, s.Lang) {
			return nil, fmt.Errorf("%w: no step %q in %s", ErrCorrupt, f.Step, f.Runbook)
		}
	}
	c := s.clone()
	c.fill()
	m := &machine{lib: lib, s: &c, now: now}
	if !m.fits() {
		return nil, fmt.Errorf("%w: state %s at a step of kind %s", ErrCorrupt, c.State, m.step().Kind)
	}
	return m, nil
}

// fits says whether the state can be one of the step that the session stands at.
func (m *machine) fits() bool {
	top := len(m.s.Frames) - 1
	for i, f := range m.s.Frames {
		rb, _ := m.lib.ByHash(f.Hash)
		if i < top && rb.Step(f.Step).Kind != KindCall {
			return false
		}
	}
	switch m.step().Kind {
	case KindAsk:
		return m.s.State == Asking
	case KindDo:
		return m.s.State == Asking || m.s.State == Probing && len(m.step().Run) > 0
	case KindCheck:
		return m.s.State == Probing
	case KindWait:
		return m.s.State == Waiting
	}
	return false
}
