package runbooks

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// TranscriptOptions says for whom a transcript is written.
type TranscriptOptions struct {
	Lang string
	// Private says that only the member and the staff read it; sensitive answers
	// are left out otherwise.
	Private bool
	// Staff adds what members are not shown: the fields and details of checks.
	Staff bool
	Now   time.Time
}

// Transcript tells what happened in a session, for the ticket: the path, what
// was asked and answered, every check with its verdict, fields and hour. The
// session holds ids and verdicts, so the same one can be read in any language
// of the runbook.
func Transcript(lib *Library, s Session, o TranscriptOptions) ([]string, error) {
	if err := s.sound(); err != nil {
		return nil, err
	}
	rb, ok := lib.ByHash(s.Hash)
	if !ok {
		return nil, fmt.Errorf("%s@%.8s: %w", s.Runbook, s.Hash, ErrUnknownVersion)
	}
	if !slices.Contains(rb.Languages, o.Lang) {
		o.Lang = rb.Languages[0]
	}
	w := &writer{lib: lib, s: s, o: o, rb: rb, told: map[int]bool{}}
	head := fmt.Sprintf("%s (%s@%.8s, v%d)", rb.Title.In(o.Lang), rb.ID, rb.Hash, rb.Version)
	w.line("%s", head)
	w.line("%s : %s", w.word("Chemin", "Path"), strings.Join(s.Path, " → "))
	w.given()
	w.way()
	w.others()
	w.deduced()
	if s.State == Ended {
		w.line("%s : %s (%s)", w.word("Fin", "End"), s.Outcome, s.EndStep)
	}
	return w.lines, nil
}

type writer struct {
	lib   *Library
	s     Session
	o     TranscriptOptions
	rb    *Runbook
	lines []string
	told  map[int]bool
}

func (w *writer) word(fr, en string) string { return pick(w.o.Lang, [2]string{fr, en}) }

func (w *writer) line(form string, args ...any) {
	if w.o.Lang == "en" {
		form = strings.ReplaceAll(form, " : ", ": ")
	}
	w.lines = append(w.lines, fmt.Sprintf(form, args...))
}

func (w *writer) hour(t time.Time) string {
	if w.lib.zone != nil {
		t = t.In(w.lib.zone)
	}
	return t.Format("15:04:05")
}

func (w *writer) given() {
	for _, name := range sortedKeys(w.s.Given) {
		f := w.rb.fact(name)
		if f != nil && (!f.Sensitive || w.o.Private) {
			w.line("%s : %s = %s", w.word("Déjà connu", "Known already"), f.called(w.o.Lang), clean(w.s.Given[name], 400))
		}
	}
}

// stepOf finds a step by its name in a path, in the versions that the session
// is pinned to.
func (w *writer) stepOf(name string) (*Runbook, *Step) {
	id, step, called := strings.Cut(name, "/")
	if !called {
		return w.rb, w.rb.Step(name)
	}
	if rb, ok := w.lib.ByHash(w.s.Callees[id]); ok && rb.ID == id {
		return rb, rb.Step(step)
	}
	return w.rb, nil
}

func (w *writer) entry(e Entry) {
	rb, step := w.stepOf(e.Step)
	switch e.Kind {
	case Checked:
		for _, id := range sortedKeys(e.Runs) {
			w.check(e.Runs[id])
		}
		return
	case Waited:
		return
	}
	question := e.Step
	if step != nil {
		question = w.question(rb, step, e.At)
	}
	w.line("%s %s", w.hour(e.At), question)
	w.line("  → %s", w.answer(step, e))
}

// question renders a question with what is known now; a fact of a public text is
// never a sensitive one.
func (w *writer) question(rb *Runbook, step *Step, at time.Time) string {
	find := func(path []string) (any, FieldType, bool) {
		return w.value(rb, path)
	}
	return clean(step.Text.byLan[w.o.Lang].render(find, w.lib.format(w.o.Lang, at)), 1000)
}

func (w *writer) value(rb *Runbook, path []string) (any, FieldType, bool) {
	switch {
	case path[0] == "host" && len(path) == 2:
		return w.lib.hostValue(path[1]), FieldString, true
	case path[0] == "c" && len(path) == 3:
		kind := w.lib.kinds[rb.checks[path[1]]]
		for i := len(w.s.Runs) - 1; i >= 0; i-- {
			if w.s.Runs[i].Check == path[1] {
				t, ok := fieldType(kind, path[2])
				return reportEnv(kind, w.s.Runs[i].Report)[path[2]], t, ok
			}
		}
		return nil, "", false
	}
	f := rb.fact(path[0])
	if f == nil || f.Expr != nil || f.Sensitive && !w.o.Private {
		return nil, "", false
	}
	for _, frame := range slices.Backward(w.s.Frames) {
		if v := frame.Facts[f.Name]; frame.Runbook == rb.ID && v != "" {
			return v, FieldString, true
		}
	}
	return nil, "", false
}

func (w *writer) answer(step *Step, e Entry) string {
	switch e.Kind {
	case DontKnow:
		return w.word("ne sait pas", "does not know")
	case Skipped:
		return w.word("passé", "skipped")
	case GaveUp:
		return w.word("réponse non comprise", "answer not understood")
	}
	if e.Sensitive && !w.o.Private {
		return w.word("(réponse gardée en privé)", "(answer kept in private)")
	}
	value := clean(e.Value, 400)
	if step != nil {
		for _, o := range step.Options {
			if o.ID == e.Value {
				value = o.ID + " : " + o.Label.In(w.o.Lang)
			}
		}
		if step.Kind == KindDo || step.Type == AskYesNo {
			value = phrase(w.o.Lang, e.Value)
		}
	}
	if text := clean(e.Text, 400); text != "" && fold(text) != fold(value) {
		value += " (« " + text + " »)"
	}
	return value
}

// check writes one run: what was tested, what came of it, and when.
func (w *writer) check(i int) {
	if i < 0 || i >= len(w.s.Runs) || w.told[i] {
		return
	}
	w.told[i] = true
	run := w.s.Runs[i]
	if run.Report.Skipped {
		return
	}
	mark := ""
	if run.Report.Confirmed {
		mark = w.word(", confirmé", ", confirmed")
	}
	line := fmt.Sprintf("%s [%s] %s = %s%s", w.hour(run.At), run.Request.Kind, clean(run.Request.Target(), 253), clean(string(run.Report.Verdict), 40), mark)
	if say := w.lib.Sentence(w.o.Lang, run.Request, run.Report, w.o.Now); say != "" {
		line += " — " + say
	}
	w.line("%s", line)
	if !w.o.Staff {
		return
	}
	if fields := w.fields(run); fields != "" {
		w.line("  %s", fields)
	}
	if d := clean(run.Report.Detail, 400); d != "" {
		w.line("  %s", d)
	}
}

func (w *writer) fields(run Run) string {
	kind := w.lib.kinds[run.Request.Kind]
	env := reportEnv(kind, run.Report)
	var out []string
	for _, name := range sortedKeys(kind.Fields) {
		if _, said := run.Report.Fields[name]; said && worthSaying(env[name]) {
			out = append(out, fmt.Sprintf("%s=%v", name, env[name]))
		}
	}
	return strings.Join(out, " ")
}

// others writes the checks that a step back has left behind: what was found is
// of use to the staff even when the member took another way.
func (w *writer) others() {
	for i := range w.s.Runs {
		w.check(i)
	}
}
