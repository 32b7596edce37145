package runbooks

// back goes to the question that the member answered last. Its answer and all
// that came of it are forgotten; checks that are fresh are not made again.
func (m *machine) back() {
	for i := len(m.s.Log) - 1; i >= 0; i-- {
		switch m.s.Log[i].Kind {
		case Answered, DontKnow, Skipped, GaveUp:
			c := m.s.Counts[m.s.Log[i].Step]
			c.Back++
			m.s.Counts[m.s.Log[i].Step] = c
			m.rewind(i)
			return
		}
	}
	if len(m.s.Given) > 0 {
		// What was read out of the first sentence, or known of the member, may be
		// what they want to put right.
		m.s.Given = map[string]string{}
		m.rewind(0)
		return
	}
	m.emit(Say{phrase(m.s.Lang, "first")})
	if m.s.State == Asking {
		m.ask(m.step())
	}
}

// rewind plays the session again up to the n-th entry of its log.
func (m *machine) rewind(n int) {
	kept := m.s.Log[:n]
	m.spare(n)
	m.reset()
	m.replaying = true
	m.run(m.frame().Step)
	for _, e := range kept {
		if !m.replay(e) {
			break // the log is not of this runbook: stand where it stopped fitting
		}
	}
	m.replaying = false
	m.effects = nil
	m.present()
}

// spare sets the runs free that are no longer part of the session's way.
func (m *machine) spare(n int) {
	used := map[int]bool{}
	for _, e := range m.s.Log[:n] {
		for _, i := range e.Runs {
			used[i] = true
		}
	}
	m.s.Spare = nil
	for i := range m.s.Runs {
		if !used[i] {
			m.s.Spare = append(m.s.Spare, i)
		}
	}
}

// replay does again what an entry says. It is false when the entry does not fit
// the step at which the session stands.
func (m *machine) replay(e Entry) bool {
	if e.Step != m.name() || m.s.State == Ended {
		return false
	}
	step := m.step()
	m.s.Log = append(m.s.Log, e)
	switch e.Kind {
	case Answered:
		if !m.possible(step, e.Value) {
			return false
		}
		m.run(m.accept(step, e.Value))
	case DontKnow:
		m.follow(step, m.unknownLabel(step))
	case Skipped:
		m.follow(step, "skip")
	case GaveUp:
		m.run(m.choose(step, m.failLabel(step)))
	case Checked:
		m.s.Pending = nil
		m.run(m.routed(step, e.Runs))
	case Waited:
		m.follow(step, "next")
	default:
		return false
	}
	return true
}

func (m *machine) possible(step *Step, value string) bool {
	return m.choose(step, m.label(step, value)) != "" || step.Kind == KindDo && value == "done"
}

// present says again what the session waits for, after a step back.
func (m *machine) present() {
	step := m.step()
	switch {
	case m.s.State == Asking:
		m.tell(step)
		m.ask(step)
	case m.s.State == Probing && step.Kind == KindCheck:
		m.emit(Say{m.text(step.Announce)})
		m.run(m.probe(step))
	case m.s.State == Waiting:
		m.emit(Wait{m.s.Until})
	}
}
