package runbooks

import (
	"fmt"
	"slices"
	"strings"
)

// Diff tells what changed between two versions of a runbook, in lines that begin
// with + (added), - (removed) or ~ (changed). It is empty when members and rules
// would see no difference.
func Diff(old, new *Runbook) []string {
	var out []string
	change := func(what, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("~ %s: %q → %q", what, a, b))
		}
	}
	change("version", itoa(old.Version), itoa(new.Version))
	change("start", old.Start, new.Start)
	change("limits", fmt.Sprint(old.Limits), fmt.Sprint(new.Limits))
	change("intents", join(old.Intents), join(new.Intents))
	out = append(out, diffText("title", old.Title, new.Title)...)
	out = append(out, diffFacts(old, new)...)
	for _, s := range old.Steps {
		if new.Step(s.ID) == nil {
			out = append(out, fmt.Sprintf("- step %s (%s)", s.ID, s.Kind))
		}
	}
	for _, s := range new.Steps {
		was := old.Step(s.ID)
		if was == nil {
			out = append(out, fmt.Sprintf("+ step %s (%s)", s.ID, s.Kind))
			continue
		}
		out = append(out, diffStep(was, s)...)
	}
	return out
}

func diffFacts(old, new *Runbook) []string {
	var out []string
	for _, f := range old.Facts {
		if new.fact(f.Name) == nil {
			out = append(out, "- fact "+f.Name)
		}
	}
	for _, f := range new.Facts {
		was := old.fact(f.Name)
		switch {
		case was == nil:
			out = append(out, "+ fact "+f.Name)
		case was.describe() != f.describe():
			out = append(out, fmt.Sprintf("~ fact %s: %q → %q", f.Name, was.describe(), f.describe()))
		}
	}
	return out
}

func (f Fact) describe() string {
	if f.Expr != nil {
		return strings.TrimSpace(f.Expr.Src + " " + f.Label.In("fr") + " " + f.Label.In("en"))
	}
	return strings.TrimSpace(string(f.Type) + " " + join(f.From) + " " + f.Label.In("fr") + " " + f.Label.In("en"))
}

func diffStep(old, new *Step) []string {
	var out []string
	where := "step " + new.ID
	if old.Kind != new.Kind {
		return []string{fmt.Sprintf("~ %s: %q → %q", where, old.Kind, new.Kind)}
	}
	for _, pair := range []struct {
		name string
		a, b Text
	}{{"text", old.Text, new.Text}, {"why", old.Why, new.Why}, {"invalid", old.Invalid, new.Invalid}, {"announce", old.Announce, new.Announce}} {
		out = append(out, diffText(where+" "+pair.name, pair.a, pair.b)...)
	}
	for _, o := range new.Options {
		i := slices.IndexFunc(old.Options, func(p Option) bool { return p.ID == o.ID })
		if i < 0 {
			out = append(out, fmt.Sprintf("+ %s option %s", where, o.ID))
			continue
		}
		out = append(out, diffText(where+" option "+o.ID, old.Options[i].Label, o.Label)...)
	}
	for _, o := range old.Options {
		if !slices.ContainsFunc(new.Options, func(p Option) bool { return p.ID == o.ID }) {
			out = append(out, fmt.Sprintf("- %s option %s", where, o.ID))
		}
	}
	for _, pair := range [][3]string{{"ways", edges(old), edges(new)}, {"checks", checks(old), checks(new)}, {"settings", settings(old), settings(new)}} {
		if pair[1] != pair[2] {
			out = append(out, fmt.Sprintf("~ %s %s: %s → %s", where, pair[0], pair[1], pair[2]))
		}
	}
	return out
}

func diffText(what string, a, b Text) []string {
	var out []string
	for _, lang := range []string{"fr", "en"} {
		if a.In(lang) != b.In(lang) {
			out = append(out, fmt.Sprintf("~ %s (%s): %q → %q", what, lang, a.In(lang), b.In(lang)))
		}
	}
	return out
}

func edges(s *Step) string {
	var out []string
	for _, e := range s.Edges {
		label := e.Label
		if e.If != nil {
			label = "if " + e.If.Src
		}
		out = append(out, label+" → "+e.To)
	}
	return strings.Join(out, "; ")
}

func checks(s *Step) string {
	var out []string
	for _, c := range s.Run {
		line := c.ID + " = " + c.Kind
		for _, a := range c.Args {
			line += " " + a.Name + "=" + a.Value.src
		}
		if c.If != nil {
			line += " if " + c.If.Src
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

// settings are the rest of what a step says, without what is not set.
func settings(s *Step) string {
	var out []string
	add := func(name string, v any) {
		if text := fmt.Sprint(v); !slices.Contains([]string{"", "0", "false", "[]", "0s"}, text) {
			out = append(out, name+"="+text)
		}
	}
	add("type", s.Type)
	add("fact", s.Fact)
	add("tell", s.Tell)
	add("sensitive", s.Sensitive)
	if s.Kind == KindAsk {
		add("retries", s.Retries)
		add("min", s.Min)
		add("max", s.Max)
	}
	add("timeout", s.Timeout)
	add("for", s.For)
	add("runbook", s.Runbook)
	for _, a := range s.With {
		add("with "+a.Name, a.Value.src)
	}
	add("outcome", s.Outcome)
	add("queue", s.Queue)
	add("priority", s.Priority)
	add("private", s.Private)
	add("page", s.Page)
	add("incident", s.Incident.src)
	add("notify", s.Notify)
	return join(out)
}
