package runbooks

import (
	"maps"
	"slices"
	"strings"
)

// state is what is certain on arrival at a step: facts by name, checks as
// "c." and their id.
type state map[string]bool

func (s state) has(name string) bool { return s == nil || s[name] }

// with adds what is certain inside a step and on all its rules.
func (s state) with(step *Step) state {
	if s == nil {
		return nil
	}
	out := maps.Clone(s)
	if step.Kind == KindCheck {
		for _, c := range step.Run {
			out["c."+c.ID] = true
		}
	}
	return out
}

// along is what is certain once an edge has been taken.
func (s state) along(step *Step, e Edge) state {
	out := s.with(step)
	answered := e.Label == "next" || e.Label == "if_yes" || e.Label == "if_no" || strings.HasPrefix(e.Label, "option:")
	if step.Kind == KindAsk && step.Fact != "" && answered {
		out[step.Fact] = true
	}
	if step.Kind == KindDo && e.Label == "if_done" {
		for _, c := range step.Run {
			out["c."+c.ID] = true
		}
	}
	return out
}

// flow is what can be said of a runbook's paths without walking them.
type flow struct {
	in     map[string]state // nil for a step that is never reached
	toEnd  map[string]bool
	cycles []string // steps that close a cycle without a wait in it
}

func analyse(rb *Runbook) flow {
	f := flow{in: map[string]state{}, toEnd: map[string]bool{}}
	if rb.Step(rb.Start) == nil {
		return f
	}
	f.in[rb.Start] = state{}
	work := []string{rb.Start}
	for len(work) > 0 {
		s := rb.Step(work[0])
		work = work[1:]
		for _, e := range s.Edges {
			if rb.Step(e.To) == nil {
				continue
			}
			next, seen := f.in[e.To]
			arriving := f.in[s.ID].along(s, e)
			if !seen {
				f.in[e.To] = arriving
				work = append(work, e.To)
				continue
			}
			if meet := intersect(next, arriving); len(meet) < len(next) {
				f.in[e.To] = meet
				work = append(work, e.To)
			}
		}
	}
	f.reachEnds(rb)
	f.cycles = cycles(rb)
	return f
}

func intersect(a, b state) state {
	out := state{}
	for k := range a {
		if b[k] {
			out[k] = true
		}
	}
	return out
}

func (f *flow) reachEnds(rb *Runbook) {
	for _, s := range rb.Steps {
		f.toEnd[s.ID] = s.Kind == KindEnd
	}
	for changed := true; changed; {
		changed = false
		for _, s := range rb.Steps {
			for _, e := range s.Edges {
				if f.toEnd[e.To] && !f.toEnd[s.ID] {
					f.toEnd[s.ID], changed = true, true
				}
			}
		}
	}
}

// cycles finds the steps whose edge closes a circle that no wait slows down.
func cycles(rb *Runbook) []string {
	const open, done = 1, 2
	mark := map[string]int{}
	var found []string
	var visit func(id string)
	visit = func(id string) {
		mark[id] = open
		s := rb.Step(id)
		for _, e := range s.Edges {
			to := rb.Step(e.To)
			switch {
			case to == nil || to.Kind == KindWait:
			case mark[e.To] == open:
				found = append(found, id)
			case mark[e.To] == 0:
				visit(e.To)
			}
		}
		mark[id] = done
	}
	for _, s := range rb.Steps {
		if mark[s.ID] == 0 && s.Kind != KindWait {
			visit(s.ID)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// shape reports what the graph itself has wrong.
func (l *linker) shape() {
	if l.rb.Step(l.rb.Start) == nil {
		return
	}
	for _, s := range l.rb.Steps {
		switch {
		case l.flow.in[s.ID] == nil:
			l.add(s.Pos, "RB202", "remove it, or lead to it", "no path leads to step %q", s.ID)
		case !l.flow.toEnd[s.ID]:
			l.add(s.Pos, "RB204", "", "no path leads from step %q to an end", s.ID)
		}
	}
	if !l.rb.Limits.visitsSet {
		for _, id := range l.flow.cycles {
			l.add(l.rb.Step(id).Pos, "RB206", "set limits: {max_visits: 2}, or put a wait in it", "step %q closes a circle that nothing bounds", id)
		}
	}
}
