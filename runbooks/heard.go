package runbooks

import (
	"slices"
	"strings"
)

// heard does what the member's words ask for.
func (m *machine) heard(text string) {
	if m.s.State != Asking {
		if mv := moveIn(text); mv != "" && mv != MoveSkip && mv != MoveDontKnow && mv != MoveWhy && mv != MoveRepeat {
			m.move(mv)
			return
		}
		m.emit(Say{phrase(m.s.Lang, "busy")})
		return
	}
	step := m.step()
	options := m.optionsOf(step)
	if mv := moveIn(text); mv != "" && !said(text, options) {
		m.move(mv)
		return
	}
	r := m.lib.hear(step, options, text, m.now)
	switch r.kind {
	case readValue:
		m.answered(step, r.value, text)
	case readUnknown:
		m.move(MoveDontKnow)
	default:
		m.invalid(step, r)
	}
}

func (m *machine) log(e Entry) {
	e.Step, e.At = m.name(), m.now
	m.s.Log = append(m.s.Log, e)
}

func (m *machine) answered(step *Step, value, text string) {
	m.count(func(c *Count) { c.Answered++ })
	m.log(Entry{Kind: Answered, Value: value, Text: clip(text, 400), Sensitive: step.Sensitive})
	m.run(m.accept(step, value))
}

// accept takes an answer, when it is given and when it is played again.
func (m *machine) accept(step *Step, value string) string {
	if step.Fact != "" {
		m.frame().Facts[step.Fact] = value
	}
	if step.Kind == KindDo && value == "done" && len(step.Run) > 0 {
		return m.probe(step)
	}
	return m.choose(step, m.label(step, value))
}

// invalid is an answer that was not understood. It is an event with a text of
// its own; the same question is never put a third time.
func (m *machine) invalid(step *Step, r reading) {
	m.count(func(c *Count) { c.Invalid++ })
	f := m.frame()
	f.Invalid++
	if f.Invalid >= max(step.Retries, 1) {
		m.log(Entry{Kind: GaveUp})
		m.run(m.choose(step, m.failLabel(step)))
		return
	}
	switch {
	case len(r.between) > 1:
		m.askWith(step, phrase(m.s.Lang, "between")+" "+strings.Join(r.between, phrase(m.s.Lang, "or"))+phrase(m.s.Lang, "between_end"))
	case !step.Invalid.empty():
		m.askWith(step, m.text(step.Invalid))
	default:
		m.askWith(step, phrase(m.s.Lang, "invalid")+" "+m.text(step.Text))
	}
}

func (m *machine) failLabel(step *Step) string {
	switch {
	case step.To("on_fail") != "":
		return "on_fail"
	case step.Kind == KindDo:
		return "if_cannot"
	}
	return "unknown"
}

func (m *machine) move(mv Move) {
	switch mv {
	case MoveStop:
		m.emit(Say{phrase(m.s.Lang, "stop")})
		m.stop(End{Outcome: Cancelled, Step: m.name(), Reason: "stop"})
	case MoveHuman:
		m.emit(HandOver{"human"})
		m.stop(End{Outcome: Ticket, Step: m.name(), Reason: "human"})
	case MoveBack:
		m.back()
	case MoveRestart:
		m.rewind(0)
	case MoveRepeat:
		m.ask(m.step())
	case MoveWhy:
		m.why()
	case MoveSkip:
		m.skip()
	case MoveDontKnow:
		m.dontKnow()
	case MoveFrench, MoveEnglish:
		m.language(map[Move]string{MoveFrench: "fr", MoveEnglish: "en"}[mv])
	}
}

func (m *machine) why() {
	step := m.step()
	if step.Why.empty() {
		m.emit(Say{phrase(m.s.Lang, "why")})
	} else {
		m.emit(Say{m.text(step.Why)})
	}
	m.ask(step)
}

// skip takes the step's own way of skipping; where there is none, not wanting to
// answer is treated as not knowing, so that nobody is held at a question.
func (m *machine) skip() {
	step := m.step()
	if step.To("skip") == "" {
		m.dontKnow()
		return
	}
	m.count(func(c *Count) { c.Skipped++ })
	m.log(Entry{Kind: Skipped})
	m.follow(step, "skip")
}

func (m *machine) dontKnow() {
	step := m.step()
	m.count(func(c *Count) { c.Unknown++ })
	m.log(Entry{Kind: DontKnow})
	m.follow(step, m.unknownLabel(step))
}

func (m *machine) unknownLabel(step *Step) string {
	if step.Kind == KindDo {
		return "if_cannot"
	}
	return "unknown"
}

func (m *machine) language(lang string) {
	if !m.speaks(lang) {
		m.emit(Say{phrase(m.s.Lang, "no_language")})
	} else {
		m.s.Lang = lang
	}
	if m.s.State == Asking {
		m.ask(m.step())
		return
	}
	m.emit(Say{phrase(m.s.Lang, "busy")})
}

// speaks says whether all that is being played has the language.
func (m *machine) speaks(lang string) bool {
	for _, f := range m.s.Frames {
		if rb, ok := m.lib.ByHash(f.Hash); !ok || !slices.Contains(rb.Languages, lang) {
			return false
		}
	}
	return true
}

func (m *machine) silence() {
	l := Limits{}
	if rb, ok := m.lib.ByHash(m.s.Hash); ok {
		l = rb.Limits
	}
	quiet := m.now.Sub(m.s.Active)
	switch {
	case quiet >= l.ExpireAfter:
		end := m.name()
		m.s.forget()
		m.stop(End{Outcome: Abandoned, Step: end, Reason: "silence"})
	case quiet >= l.ParkAfter:
		m.s.Parked = true
	case !m.s.Reminded:
		active := m.s.Active
		m.emit(Say{phrase(m.s.Lang, "remind")})
		m.ask(m.step())
		m.s.Active, m.s.Reminded = active, true // the member's silence goes on
	}
}
