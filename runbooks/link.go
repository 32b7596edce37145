package runbooks

import (
	"slices"

	"github.com/expr-lang/expr/types"
)

// linker checks that the parts of one runbook fit together and compiles what is
// to be compiled.
type linker struct {
	*reporter
	rb   *Runbook
	env  types.Map
	flow flow
	// host has the values of the host; nil means that none are known and that
	// any name is taken as good.
	host map[string]string
}

// link finishes a parsed runbook.
func link(rb *Runbook, host map[string]string, r *reporter) {
	l := &linker{reporter: r, rb: rb, host: host}
	l.linkFacts()
	l.targets()
	l.flow = analyse(rb)
	l.shape()
	l.env = l.types()
	l.computed()
	for _, s := range rb.Steps {
		l.step(s)
	}
	l.testsFit()
}

// linkFacts joins the asks with the facts that they fill; an ask may name a
// fact that is declared nowhere else.
func (l *linker) linkFacts() {
	for _, s := range l.rb.Steps {
		if s.Kind != KindAsk || s.Fact == "" {
			continue
		}
		f := l.rb.fact(s.Fact)
		if f == nil {
			l.rb.Facts = append(l.rb.Facts, Fact{Name: s.Fact, Type: s.Type, Pos: s.Pos})
			f = &l.rb.Facts[len(l.rb.Facts)-1]
		}
		if f.Expr != nil || f.Type != s.Type {
			l.add(s.Pos, "RB210", "", "step %q asks for a %s, but fact %q is another type", s.ID, s.Type, s.Fact)
			continue
		}
		f.asked = true
		f.Sensitive = f.Sensitive || s.Sensitive
		for _, o := range s.Options {
			f.options = append(f.options, o.ID)
		}
	}
}

func (l *linker) targets() {
	if l.rb.Start != "" && l.rb.Step(l.rb.Start) == nil {
		l.add(l.rb.start, "RB201", "", "start: there is no step %q", l.rb.Start)
	}
	for _, s := range l.rb.Steps {
		for _, e := range s.Edges {
			if e.To != "" && l.rb.Step(e.To) == nil {
				l.add(e.Pos, "RB201", "", "step %q: there is no step %q", s.ID, e.To)
			}
		}
		for _, id := range s.Tell {
			if l.rb.checks[id] == "" {
				l.add(s.tellPos, "RB201", "", "step %q tells a check %q that does not exist", s.ID, id)
			}
		}
	}
}

// types is the environment of all conditions of the runbook.
func (l *linker) types() types.Map {
	names := map[FieldType]types.Type{FieldString: types.String, FieldTime: types.String, FieldInt: types.Int,
		FieldBool: types.Bool, FieldStrings: types.TypeOf([]string{})}
	kinds := l.kinds
	checks := types.Map{}
	for id, name := range l.rb.checks {
		fields := types.Map{}
		for field, t := range commonFields() {
			fields[field] = names[t]
		}
		for field, t := range kinds[name].Fields {
			fields[field] = names[t]
		}
		checks[id] = fields
	}
	env := types.Map{"c": checks}
	for _, f := range l.rb.Facts {
		env[f.Name] = names[factType(f.Type)]
	}
	return env
}

// factType is the type of a fact's value in conditions and texts.
func factType(t AskType) FieldType {
	switch t {
	case AskYesNo:
		return FieldBool
	case AskNumber:
		return FieldInt
	case AskSince:
		return FieldTime
	}
	return FieldString
}

func (l *linker) computed() {
	before := []string{}
	for i := range l.rb.Facts {
		f := &l.rb.Facts[i]
		if f.Expr == nil {
			before = append(before, f.Name)
		}
	}
	for i := range l.rb.Facts {
		f := &l.rb.Facts[i]
		if f.Expr == nil {
			continue
		}
		f.Expr.compile(l.env, l.reporter)
		l.enumWords(f.Expr)
		for _, id := range f.Expr.checks {
			if l.rb.checks[id] != "" && !slices.Contains(f.Needs, id) {
				l.add(f.Expr.Pos, "RB207", "add it to needs", "fact %q uses check %q, which is not among its needs", f.Name, id)
			}
		}
		for _, id := range f.Needs {
			if l.rb.checks[id] == "" {
				l.add(f.Pos, "RB201", "", "fact %q needs a check %q that does not exist", f.Name, id)
			}
		}
		for _, name := range f.Expr.facts {
			if !slices.Contains(before, name) {
				l.add(f.Expr.Pos, "RB207", "declare that one first", "computed fact %q uses %q, which comes after it", f.Name, name)
			}
		}
		before = append(before, f.Name)
	}
}

func (l *linker) step(s *Step) {
	in := l.flow.in[s.ID]
	out := in.with(s)
	for _, e := range s.Edges {
		if e.If != nil {
			l.condition(e.If, out)
		}
	}
	for i := range s.Run {
		c := &s.Run[i]
		if c.If != nil {
			l.condition(c.If, in)
		}
		l.arguments(c, in)
	}
	for _, t := range []Text{s.Text, s.Why, s.Invalid, s.Announce} {
		l.text(t, in)
	}
	for _, o := range s.Options {
		l.text(o.Label, in)
		for _, t := range o.say {
			l.template(t, in, true)
		}
	}
	for _, a := range s.With {
		l.template(a.Value, in, true)
	}
	l.template(s.Incident, in, true)
	if s.Kind == KindAsk || s.Kind == KindDo {
		l.secrets(s)
	}
}

// condition compiles a condition and looks at what it may rely on.
func (l *linker) condition(c *Condition, known state) {
	c.compile(l.env, l.reporter)
	if c.program == nil {
		l.missingCheck(c)
		return
	}
	l.enumWords(c)
	for _, id := range c.checks {
		if !known.has("c." + id) {
			l.add(c.Pos, "RB207", "run it on every path that leads here", "check %q has not always run before this condition", id)
		}
	}
	for _, name := range c.facts {
		f := l.rb.fact(name)
		if f == nil || f.Expr == nil {
			continue
		}
		for _, id := range f.Needs {
			if !known.has("c." + id) {
				l.add(c.Pos, "RB207", "run it on every path that leads here", "fact %q needs check %q, which has not always run before this condition", name, id)
			}
		}
	}
}

// missingCheck says plainly that a check does not exist; the compiler only
// knows an unknown field.
func (l *linker) missingCheck(c *Condition) {
	for _, id := range c.checks {
		if l.rb.checks[id] == "" {
			l.add(c.Pos, "RB207", "", "there is no check %q in this runbook", id)
		}
	}
}

// enumWords compares the words of a condition with the closed list that they
// come from.
func (l *linker) enumWords(c *Condition) {
	list, _ := c.comparisons()
	for _, cmp := range list {
		var allowed []string
		switch {
		case cmp.check == "":
			if f := l.rb.fact(cmp.field); f != nil && f.Type == AskChoice {
				allowed = append(slices.Clone(f.options), "")
			}
		case cmp.field == "verdict":
			for _, v := range l.kinds[l.rb.checks[cmp.check]].Verdicts {
				allowed = append(allowed, string(v))
			}
		default:
			allowed = enums(l.rb.checks[cmp.check], cmp.field)
		}
		for _, w := range cmp.words {
			if allowed != nil && !slices.Contains(allowed, w) {
				l.add(c.place(cmp.at), "RB209", "one of: "+join(allowed), "%q is not a value of %s", w, cmp.name())
			}
		}
	}
}

func (c comparison) name() string {
	if c.check == "" {
		return c.field
	}
	return "c." + c.check + "." + c.field
}
