package runbooks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// fresh is how long a result may be used again after a step back.
const fresh = 5 * time.Minute

// probe asks for a step's checks and returns the next step when all are known
// already.
func (m *machine) probe(step *Step) string {
	m.s.Round++
	m.s.Pending = map[string]Pending{}
	m.s.State, m.s.Until = Probing, m.now.Add(step.Timeout+5*time.Second)
	if m.replaying { // the log has the reports
		return ""
	}
	wanted := map[string]Request{}
	for i := range step.Run {
		c := &step.Run[i]
		key := fmt.Sprintf("%s#%d", c.ID, m.s.Round)
		p := Pending{Check: c.ID, Request: m.request(c)}
		if ok, err := c.If.holds(m.env(c.If)); !ok || err != nil {
			m.record(key, p, Report{Kind: c.Kind, Verdict: Unknown, Skipped: true, At: m.now})
			continue
		}
		if run, ok := m.reusable(p); ok {
			p.Run = run + 1
			m.s.Pending[key] = p
			continue
		}
		m.s.Pending[key] = p
		wanted[key] = p.Request
	}
	if len(wanted) > 0 {
		m.emit(Probe{Step: m.name(), Checks: wanted, Timeout: step.Timeout})
		return ""
	}
	return m.conclude()
}

func (m *machine) request(c *Check) Request {
	r := Request{Kind: c.Kind, Args: map[string]string{}}
	for _, a := range c.Args {
		r.Args[a.Name] = a.Value.render(m.find, m.raw())
	}
	return r
}

// reusable finds a fresh run of the same request that a step back set free.
func (m *machine) reusable(p Pending) (int, bool) {
	for at, i := range m.s.Spare {
		run := m.s.Runs[i]
		same := run.Check == p.Check && run.Request.Kind == p.Request.Kind && maps.Equal(run.Request.Args, p.Request.Args)
		if same && !run.Report.Skipped && m.now.Sub(run.At) < fresh && run.Report.Verdict != Unknown {
			m.s.Spare = slices.Delete(m.s.Spare, at, at+1)
			return i, true
		}
	}
	return 0, false
}

func (m *machine) record(key string, p Pending, r Report) {
	r = normal(m.lib.kinds[p.Request.Kind], p.Request.Kind, r)
	m.s.Runs = append(m.s.Runs, Run{Step: m.name(), Check: p.Check, Request: p.Request, Report: r, At: m.now})
	p.Run = len(m.s.Runs)
	m.s.Pending[key] = p
}

// settle goes on if every pending check has its report.
func (m *machine) settle() {
	for _, p := range m.s.Pending {
		if p.Run == 0 {
			return
		}
	}
	if m.s.State == Probing {
		m.run(m.conclude())
	}
}

// conclude files the reports of a step and returns the way on.
func (m *machine) conclude() string {
	step := m.step()
	runs := map[string]int{}
	for _, p := range m.s.Pending {
		runs[p.Check] = p.Run - 1
	}
	m.s.Pending = nil
	m.s.Log = append(m.s.Log, Entry{Kind: Checked, Step: m.name(), At: m.now, Runs: runs})
	return m.routed(step, runs)
}

func (m *machine) routed(step *Step, runs map[string]int) string {
	maps.Copy(m.frame().Checks, runs)
	if step.Kind != KindDo {
		return m.choose(step, "next")
	}
	for _, i := range runs {
		if r := m.s.Runs[i].Report; r.Verdict != Unknown && !good(r.Kind, r.Verdict) {
			return m.choose(step, "if_failed")
		}
	}
	return m.choose(step, "if_done")
}

// text renders a text for the member.
func (m *machine) text(t Text) string { return m.textIn(t, m.s.Lang) }

func (m *machine) textIn(t Text, lang string) string {
	return t.byLan[lang].render(m.find, m.lib.format(lang, m.now))
}

func (m *machine) raw() format { return format{lang: m.s.Lang, now: m.now, raw: true} }

// find is the lookup of the running frame.
func (m *machine) find(path []string) (any, FieldType, bool) {
	switch {
	case path[0] == "host" && len(path) == 2:
		return m.lib.hostValue(path[1]), FieldString, true
	case path[0] == "c" && len(path) == 3:
		kind := m.lib.kinds[m.rb().checks[path[1]]]
		t, ok := fieldType(kind, path[2])
		if _, ran := m.frame().Checks[path[1]]; !ran || !ok {
			return nil, "", false
		}
		return m.checkEnv(path[1])[path[2]], t, true
	}
	f := m.rb().fact(path[0])
	if f == nil || f.Expr == nil && m.frame().Facts[f.Name] == "" {
		return nil, "", false
	}
	return m.factValue(f), factType(f.Type), true
}

func (m *machine) checkEnv(id string) map[string]any {
	kind := m.lib.kinds[m.rb().checks[id]]
	i, ok := m.frame().Checks[id]
	if !ok {
		return m.lib.blank[kind.Name]
	}
	if m.envs[i] == nil {
		if m.envs == nil {
			m.envs = map[int]map[string]any{}
		}
		m.envs[i] = reportEnv(kind, m.s.Runs[i].Report)
	}
	return m.envs[i]
}

// env is what a condition sees: the checks and facts that it names, no more.
func (m *machine) env(c *Condition) map[string]any {
	if c == nil {
		return nil
	}
	checks := map[string]any{}
	for _, id := range c.checks {
		checks[id] = m.checkEnv(id)
	}
	env := map[string]any{"c": checks}
	for _, name := range c.facts {
		if f := m.rb().fact(name); f != nil {
			env[name] = m.factValue(f)
		}
	}
	return env
}

// factValue has the fact's own type, whatever is stored. Computed facts name
// only those before them, so this ends.
func (m *machine) factValue(f *Fact) any {
	if f.Expr != nil {
		ok, err := f.Expr.holds(m.env(f.Expr))
		return ok && err == nil
	}
	v := m.frame().Facts[f.Name]
	switch factType(f.Type) {
	case FieldBool:
		return v == "yes"
	case FieldInt:
		n, _ := number(v)
		return n
	}
	return strings.TrimSpace(v)
}
