package runbooks

import (
	"slices"
	"strings"
	"time"
)

// stepKeys are the keys of each kind of step; a star marks the mandatory ones.
// The three ways on of an ask are looked at by ways.
var stepKeys = map[StepKind]string{
	KindAsk:   "kind type* text* tell fact why invalid retries on_fail unknown skip next sensitive min max options if_yes if_no",
	KindCheck: "kind run* next announce timeout tell",
	KindRoute: "kind next tell",
	KindSay:   "kind text* next tell",
	KindDo:    "kind text* if_done if_failed if_cannot verify why tell",
	KindWait:  "kind for* next text tell",
	KindCall:  "kind runbook* with solved not_ours else tell",
	KindEnd:   "kind outcome* text tell queue priority private page incident notify",
}

// mustGo are the ways out that a step of each kind must have.
var mustGo = map[StepKind]string{
	KindAsk: "unknown", KindCheck: "next", KindRoute: "next", KindSay: "next",
	KindDo: "if_done if_failed if_cannot", KindWait: "next",
}

func (p reader) steps(n *node) {
	if n == nil {
		return
	}
	if n.kind != mapping || len(n.keys) == 0 {
		p.add(n.Pos, "RB101", "", "steps must be a mapping of step ids")
		return
	}
	for i := range n.keys {
		kv := &n.keys[i]
		s := &Step{ID: p.id(&kv.key, "a step's id", nameForm), Pos: kv.key.Pos, Retries: 2}
		p.step(s, &kv.value)
		p.rb.Steps = append(p.rb.Steps, s)
		p.rb.steps[s.ID] = s
	}
}

func (p reader) step(s *Step, n *node) {
	if n.kind != mapping {
		p.add(s.Pos, "RB101", "", "step %q must be a mapping", s.ID)
		return
	}
	kind := n.get("kind")
	if kind == nil {
		p.add(s.Pos, "RB101", "kind: ask check route say do wait call end", "step %q has no kind", s.ID)
		return
	}
	s.Kind = StepKind(kind.str(p.reporter, "kind"))
	allowed, ok := stepKeys[s.Kind]
	if !ok {
		p.add(kind.Pos, "RB101", "ask check route say do wait call end", "kind %q is not known", s.Kind)
		return
	}
	n.known(p.reporter, "step "+s.ID+" ("+string(s.Kind)+")", allowed)
	p.common(s, n)
	switch s.Kind {
	case KindAsk:
		p.ask(s, n)
	case KindCheck, KindDo:
		p.check(s, n)
	case KindCall:
		p.call(s, n)
	case KindWait:
		if v := n.get("for"); v != nil {
			s.For = v.duration(p.reporter, "for", time.Second, 10*time.Minute)
		}
	case KindEnd:
		p.end(s, n)
	}
	p.ways(s, n)
}

func (p reader) common(s *Step, n *node) {
	for key, dst := range map[string]*Text{"text": &s.Text, "why": &s.Why, "invalid": &s.Invalid, "announce": &s.Announce} {
		if v := n.get(key); v != nil {
			*dst = p.text(v, key)
		}
	}
	if v := n.get("tell"); v != nil {
		s.Tell, s.tellPos = v.words(p.reporter, "tell"), v.Pos
	}
}

func (p reader) ask(s *Step, n *node) {
	if v := n.get("type"); v != nil {
		s.Type = p.askType(v)
	}
	if v := n.get("fact"); v != nil {
		s.Fact = p.id(v, "fact", nameForm)
	}
	if v := n.get("retries"); v != nil {
		s.Retries = v.integer(p.reporter, "retries", 1, 2)
	}
	if v := n.get("sensitive"); v != nil {
		s.Sensitive = v.boolean(p.reporter, "sensitive")
	}
	s.Max = 400
	if v := n.get("max"); v != nil {
		limit := 400
		if s.Type == AskNumber {
			limit = 1_000_000_000
		}
		s.Max = v.integer(p.reporter, "max", 1, limit)
	} else if s.Type == AskNumber {
		s.Max = 1_000_000_000
	}
	if v := n.get("min"); v != nil {
		s.Min = v.integer(p.reporter, "min", 0, s.Max)
	}
	if v := n.get("options"); v != nil {
		p.options(s, v)
	}
	if (s.Type == AskChoice) != (len(s.Options) > 0) {
		p.add(s.Pos, "RB101", "options belong to a choice, and only there", "step %q: options and type do not go together", s.ID)
	}
}

func (p reader) options(s *Step, n *node) {
	if n.kind != mapping || len(n.keys) < 2 || len(n.keys) > 6 {
		p.add(n.Pos, "RB104", "", "a choice has two to six options")
		return
	}
	for i := range n.keys {
		kv := &n.keys[i]
		o := Option{ID: p.id(&kv.key, "an option's id", nameForm), Pos: kv.key.Pos}
		if !kv.value.known(p.reporter, "an option", "say go "+strings.Join(p.rb.Languages, " ")) {
			continue
		}
		label := node{Pos: kv.value.Pos, kind: mapping}
		for _, k := range kv.value.keys {
			if k.key.text != "say" && k.key.text != "go" {
				label.keys = append(label.keys, k)
			}
		}
		o.Label = p.text(&label, "an option's label")
		if v := kv.value.get("say"); v != nil {
			o.Say = v.words(p.reporter, "say")
			for j, w := range o.Say {
				o.say = append(o.say, newTemplate(&v.items[j], w, p.reporter))
			}
		}
		if v := kv.value.get("go"); v != nil {
			s.Edges = append(s.Edges, Edge{Label: "option:" + o.ID, To: v.word(p.reporter, "go"), Pos: v.Pos})
		} else if n.get("next") == nil {
			s.Edges = append(s.Edges, Edge{Label: "option:" + o.ID, To: "", Pos: o.Pos})
		}
		s.Options = append(s.Options, o)
	}
}

// ways reads the edges of a step.
func (p reader) ways(s *Step, n *node) {
	if v := n.get("next"); v != nil {
		if v.kind == list {
			p.rules(s, v)
		} else {
			s.Edges = append(s.Edges, Edge{Label: "next", To: v.word(p.reporter, "next"), Pos: v.Pos})
		}
	}
	for _, key := range []string{"if_yes", "if_no", "if_done", "if_failed", "if_cannot", "solved", "not_ours", "else", "on_fail", "unknown", "skip"} {
		if v := n.get(key); v != nil {
			s.Edges = append(s.Edges, Edge{Label: key, To: v.word(p.reporter, key), Pos: v.Pos})
		}
	}
	p.optionsGo(s)
	for _, key := range strings.Fields(mustGo[s.Kind] + " " + mustGoOf(s)) {
		if n.get(key) == nil {
			p.add(s.Pos, "RB203", "", "step %q has no %q: it leads nowhere", s.ID, key)
		}
	}
	if s.Kind == KindCall && n.get("else") == nil {
		p.add(s.Pos, "RB205", "else: a step", "call %q has no else", s.ID)
	}
}

// optionsGo gives the options that have no way of their own the step's next.
func (p reader) optionsGo(s *Step) {
	next := s.To("next")
	for i := range s.Edges {
		e := &s.Edges[i]
		if strings.HasPrefix(e.Label, "option:") && e.To == "" {
			if next == "" {
				p.add(e.Pos, "RB203", "go: a step", "%s of step %q leads nowhere", e.Label, s.ID)
			}
			e.To = next
		}
	}
}

func mustGoOf(s *Step) string {
	switch {
	case s.Kind != KindAsk || s.Type == AskChoice:
		return ""
	case s.Type == AskYesNo:
		return "if_yes if_no"
	}
	return "next"
}

func (p reader) rules(s *Step, n *node) {
	if s.Kind != KindCheck && s.Kind != KindRoute {
		p.add(n.Pos, "RB101", "put a route behind it", "next of a %s is one step", s.Kind)
		return
	}
	for i := range n.items {
		item := &n.items[i]
		if !item.known(p.reporter, "a rule", "if go*") {
			continue
		}
		e := Edge{Label: "next", Pos: item.Pos}
		if v := item.get("go"); v != nil {
			e.To, e.Pos = v.word(p.reporter, "go"), v.Pos
		}
		last := i == len(n.items)-1
		if v := item.get("if"); v != nil {
			e.If = &Condition{Src: v.str(p.reporter, "if"), Pos: v.Pos, quoted: !v.plain}
			if last {
				p.add(item.Pos, "RB205", "end the list with - {go: a step}", "step %q: the list has no else", s.ID)
			}
		} else if !last {
			p.add(item.Pos, "RB205", "move it to the end", "step %q: the else is not the last rule", s.ID)
		}
		s.Edges = append(s.Edges, e)
	}
}

func (p reader) end(s *Step, n *node) {
	if v := n.get("outcome"); v != nil {
		s.Outcome = Outcome(v.str(p.reporter, "outcome"))
		if !slices.Contains([]Outcome{Solved, KnownIncident, NotOurs, Ticket, Escalate}, s.Outcome) {
			p.add(v.Pos, "RB101", "solved known_incident not_ours ticket escalate", "outcome %q is not for authors", s.Outcome)
		}
	}
	for key, dst := range map[string]*string{"queue": &s.Queue, "priority": &s.Priority, "page": &s.Page} {
		if v := n.get(key); v != nil {
			*dst = v.str(p.reporter, key)
		}
	}
	if s.Priority != "" && !slices.Contains([]string{"low", "normal", "high", "urgent"}, s.Priority) {
		p.add(n.get("priority").Pos, "RB209", "low normal high urgent", "priority %q is not known", s.Priority)
	}
	for key, dst := range map[string]*bool{"private": &s.Private, "notify": &s.Notify} {
		if v := n.get(key); v != nil {
			*dst = v.boolean(p.reporter, key)
		}
	}
	s.Text.private = s.Private
	if v := n.get("incident"); v != nil {
		s.Incident = newTemplate(v, v.word(p.reporter, "incident"), p.reporter)
	}
	if s.Outcome == KnownIncident && s.Incident.src == "" {
		p.add(s.Pos, "RB101", "incident: \"{{c.inc.id}}\"", "end %q: which incident?", s.ID)
	}
}
