package runbooks

import (
	"slices"
	"strings"
)

// way writes what happened in the order of the path: questions with their answers,
// checks, and the texts that the member was told in between.
func (w *writer) way() {
	next := 0
	for _, name := range w.s.Path {
		rb, step := w.stepOf(name)
		if step != nil && w.o.Staff {
			w.saidAt(rb, step)
		}
		for next < len(w.s.Log) && w.s.Log[next].Step == name {
			w.entry(w.s.Log[next])
			next++
		}
	}
	for ; next < len(w.s.Log); next++ { // what the path does not hold
		w.entry(w.s.Log[next])
	}
}

// saidAt writes the text of a step that asks nothing. Texts of questions stand with
// their answers, sentences of checks with the checks.
func (w *writer) saidAt(rb *Runbook, step *Step) {
	if !slices.Contains([]StepKind{KindSay, KindWait, KindEnd}, step.Kind) || step.Text.empty() {
		return
	}
	w.line("%s : « %s »", w.word("Dit au membre", "Told the member"), w.question(rb, step, w.o.Now))
}

// deduced writes the computed facts of the runbooks that were played last: what the
// author concluded out of several checks. A fact whose checks did not all run says
// nothing.
func (w *writer) deduced() {
	if !w.o.Staff || len(w.s.Frames) == 0 {
		return
	}
	c := w.s.clone()
	c.fill()
	m := &machine{lib: w.lib, s: &c, now: w.o.Now}
	if m.rb() == nil {
		return // a version that is gone
	}
	var out []string
	for _, f := range m.rb().Facts {
		ran := !slices.ContainsFunc(f.Needs, func(id string) bool { _, ok := m.frame().Checks[id]; return !ok })
		if f.Expr == nil || !ran || f.Sensitive && !w.o.Private {
			continue
		}
		value := w.word("non", "no")
		if m.factValue(&f) == true {
			value = w.word("oui", "yes")
		}
		out = append(out, f.called(w.o.Lang)+" = "+value)
	}
	if len(out) > 0 {
		w.line("%s : %s", w.word("Déduit", "Deduced"), strings.Join(out, ", "))
	}
}

// worthSaying tells whether a field's value tells staff anything.
func worthSaying(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case []string:
		return len(v) > 0
	}
	return true
}
