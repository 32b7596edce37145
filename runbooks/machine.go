package runbooks

import (
	"maps"
	"slices"
	"time"
)

// maxPath bounds the steps of a session over all its runbooks.
const maxPath = 1000

// machine plays one turn. It owns its copy of the session and is thrown away
// with the turn.
type machine struct {
	lib     *Library
	s       *Session
	now     time.Time
	effects []Effect
	// replaying is set while a log is played again: nothing is counted twice and
	// what was said then is not said again.
	replaying bool
	// envs are what conditions see of the runs, by index, made when first needed.
	envs map[int]map[string]any
}

func (m *machine) frame() *Frame { return &m.s.Frames[len(m.s.Frames)-1] }

func (m *machine) rb() *Runbook {
	rb, _ := m.lib.ByHash(m.frame().Hash)
	return rb
}

func (m *machine) step() *Step { return m.rb().Step(m.frame().Step) }

// name is the current step as Path has it.
func (m *machine) name() string { return m.qualified(m.frame().Step) }

func (m *machine) qualified(step string) string {
	if len(m.s.Frames) > 1 {
		return m.frame().Runbook + "/" + step
	}
	return step
}

func (m *machine) emit(e Effect) {
	if say, ok := e.(Say); ok && say.Text == "" {
		return
	}
	m.effects = append(m.effects, e)
}

func (m *machine) count(change func(*Count)) {
	if m.replaying {
		return
	}
	c := m.s.Counts[m.name()]
	change(&c)
	m.s.Counts[m.name()] = c
}

// reset puts the session at its beginning, with what was given.
func (m *machine) reset() {
	rb, _ := m.lib.ByHash(m.s.Hash)
	m.s.Frames = []Frame{{Runbook: rb.ID, Hash: rb.Hash, Step: rb.Start, Facts: maps.Clone(m.s.Given),
		Checks: map[string]int{}, Visits: map[string]int{}}}
	m.s.Path, m.s.Pending, m.s.Log = nil, nil, nil
	m.effects = nil
	m.s.fill()
}

// finish sets the deadline and hands the turn's result out.
func (m *machine) finish() (Session, []Effect, error) {
	s := m.s
	l := Limits{RemindAfter: 10 * time.Minute, ParkAfter: time.Hour, ExpireAfter: 72 * time.Hour}
	if rb, ok := m.lib.ByHash(s.Hash); ok {
		l = rb.Limits
	}
	switch {
	case s.State == Ended:
		s.Deadline = time.Time{}
	case s.State != Asking:
		s.Deadline = s.Until
	case !s.Reminded && !s.Parked:
		s.Deadline = s.Active.Add(l.RemindAfter)
	case !s.Parked:
		s.Deadline = s.Active.Add(l.ParkAfter)
	default:
		s.Deadline = s.Active.Add(l.ExpireAfter)
	}
	return *s, m.effects, nil
}

// run takes steps, from the one named, until something outside is needed.
func (m *machine) run(id string) {
	for id != "" {
		f, rb := m.frame(), m.rb()
		step := rb.Step(id)
		if step == nil { // only a source that was never linked can do this
			m.fail()
			return
		}
		f.Step, f.Invalid = id, 0
		f.Steps++
		f.Visits[id]++
		m.s.Path = append(m.s.Path, m.name())
		m.count(func(c *Count) { c.Reached++ })
		if f.Steps > rb.Limits.MaxSteps || f.Visits[id] > rb.Limits.MaxVisits || len(m.s.Path) > maxPath {
			if id = m.exceeded(); id == "" {
				return
			}
			continue
		}
		id = m.take(step)
	}
}

// exceeded leaves a called runbook that goes in circles by the call's else, or
// ends the session.
func (m *machine) exceeded() string {
	if len(m.s.Frames) > 1 {
		return m.pop(Failed)
	}
	m.fail()
	return ""
}

// take does one step and returns the next one's id, or "" when the session has
// to wait or has ended.
func (m *machine) take(step *Step) string {
	m.tell(step)
	switch step.Kind {
	case KindAsk:
		return m.enterAsk(step)
	case KindDo:
		m.ask(step)
	case KindCheck:
		m.emit(Say{m.text(step.Announce)})
		return m.probe(step)
	case KindRoute:
		return m.choose(step, "next")
	case KindSay:
		m.emit(Say{m.text(step.Text)})
		return m.choose(step, "next")
	case KindWait:
		m.emit(Say{m.text(step.Text)})
		m.s.State, m.s.Until, m.s.Spare = Waiting, m.now.Add(step.For), nil
		m.emit(Wait{m.s.Until})
	case KindCall:
		return m.push(step)
	case KindEnd:
		return m.end(step)
	}
	return ""
}

// choose is the target of the first edge of that label whose condition holds. A
// condition that cannot be run counts as false: the else is always there.
func (m *machine) choose(step *Step, label string) string {
	for _, e := range step.Edges {
		if e.Label != label {
			continue
		}
		if ok, err := e.If.holds(m.env(e.If)); ok && err == nil {
			return e.To
		}
	}
	return ""
}

func (m *machine) follow(step *Step, label string) { m.run(m.choose(step, label)) }

func (m *machine) tell(step *Step) {
	for _, id := range step.Tell {
		if i, ok := m.frame().Checks[id]; ok {
			r := m.s.Runs[i]
			m.emit(Say{m.lib.Sentence(m.s.Lang, r.Request, r.Report, m.now)})
		}
	}
}

// enterAsk asks, unless the answer is known already. A question that is met a
// second time is asked in any case: the runbook has a reason to come back.
func (m *machine) enterAsk(step *Step) string {
	f := m.frame()
	if v, ok := f.Facts[step.Fact]; ok && step.Fact != "" && f.Visits[step.ID] == 1 {
		return m.choose(step, m.label(step, v))
	}
	m.ask(step)
	return ""
}

// label is the edge that an answer takes.
func (m *machine) label(step *Step, value string) string {
	switch {
	case step.Kind == KindDo:
		return "if_" + value
	case step.Type == AskChoice:
		return "option:" + value
	case step.Type == AskYesNo && value == "yes":
		return "if_yes"
	case step.Type == AskYesNo:
		return "if_no"
	}
	return "next"
}

func (m *machine) ask(step *Step) { m.askWith(step, m.text(step.Text)) }

func (m *machine) askWith(step *Step, text string) {
	m.s.State, m.s.Active = Asking, m.now
	m.emit(Ask{Text: text, Options: m.labels(step), Step: m.name(), Sensitive: step.Sensitive})
}

func (m *machine) push(step *Step) string {
	callee, ok := m.callee(step.Runbook)
	if !ok || len(m.s.Frames) >= maxFrames || !slices.Contains(callee.Languages, m.s.Lang) {
		return m.choose(step, "else")
	}
	m.s.Callees[callee.ID] = callee.Hash
	facts := map[string]string{}
	for _, a := range step.With {
		f := callee.fact(a.Name)
		if f == nil || f.Expr != nil {
			continue
		}
		if v, ok := m.lib.accept(f, a.Value.render(m.find, m.raw())); ok {
			facts[f.Name] = v
		}
	}
	m.s.Frames = append(m.s.Frames, Frame{Runbook: callee.ID, Hash: callee.Hash, Step: callee.Start,
		Facts: facts, Checks: map[string]int{}, Visits: map[string]int{}})
	return callee.Start
}

// callee is the version of a runbook that this session met first, or else the
// current one.
func (m *machine) callee(id string) (*Runbook, bool) {
	if hash, met := m.s.Callees[id]; met {
		if rb, ok := m.lib.ByHash(hash); ok {
			return rb, rb.ID == id
		}
	}
	return m.lib.ByID(id)
}

// pop leaves a called runbook and returns where its caller goes on.
func (m *machine) pop(o Outcome) string {
	m.s.Frames = m.s.Frames[:len(m.s.Frames)-1]
	step := m.step()
	if to := step.To(string(o)); to != "" {
		return to
	}
	return step.To("else")
}

// end says the last words. Of a called runbook, those ends that settle the
// member's case end the whole session.
func (m *machine) end(step *Step) string {
	m.emit(Say{m.text(step.Text)})
	if n := len(m.s.Frames); n > 1 {
		parent := &m.s.Frames[n-2]
		rb, _ := m.lib.ByHash(parent.Hash)
		call := rb.Step(parent.Step)
		if step.Outcome == Solved || step.Outcome == NotOurs && call.To("not_ours") != "" {
			return m.pop(step.Outcome)
		}
	}
	if step.Outcome == Ticket || step.Outcome == Escalate {
		m.emit(OpenTicket{Queue: step.Queue, Priority: step.Priority, Private: step.Private || m.s.Private, Outcome: step.Outcome, Page: step.Page})
	}
	incident := step.Incident.render(m.find, m.raw())
	m.stop(End{Outcome: step.Outcome, Step: m.name(), Incident: incident, Notify: step.Notify})
	return ""
}

func (m *machine) stop(e End) {
	m.s.State, m.s.Outcome, m.s.EndStep, m.s.Pending = Ended, e.Outcome, e.Step, nil
	m.emit(e)
}

// fail ends a session that goes in circles: a human takes over.
func (m *machine) fail() {
	m.emit(Say{phrase(m.s.Lang, "limit")})
	m.emit(HandOver{"limit"})
	m.stop(End{Outcome: Failed, Step: m.name(), Reason: "limit"})
}
