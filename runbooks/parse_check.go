package runbooks

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (p reader) check(s *Step, n *node) {
	s.Timeout = 20 * time.Second
	if v := n.get("timeout"); v != nil {
		s.Timeout = v.duration(p.reporter, "timeout", time.Second, 2*time.Minute)
	}
	key, most := "run", 6
	if s.Kind == KindDo {
		key, most = "verify", 1
	}
	v := n.get(key)
	if v == nil {
		return
	}
	if v.kind != mapping || len(v.keys) == 0 || len(v.keys) > most {
		p.add(v.Pos, "RB104", "{id: {kind: …}}", "%s takes one to %d checks", key, most)
		return
	}
	for i := range v.keys {
		kv := &v.keys[i]
		c := Check{ID: p.id(&kv.key, "a check's id", nameForm), Pos: kv.key.Pos}
		if kv.value.kind != mapping {
			p.add(kv.value.Pos, "RB101", "{kind: …}", "check %q must be a mapping", c.ID)
			continue
		}
		p.arguments(&c, &kv.value)
		if was := p.rb.checks[c.ID]; was != "" && was != c.Kind {
			p.add(c.Pos, "RB102", "", "check %q is already a check of kind %s", c.ID, was)
		}
		p.rb.checks[c.ID] = c.Kind
		s.Run = append(s.Run, c)
	}
}

func (p reader) arguments(c *Check, n *node) {
	kind := n.get("kind")
	if kind == nil {
		p.add(c.Pos, "RB101", "", "check %q has no kind", c.ID)
		return
	}
	c.Kind = kind.str(p.reporter, "kind")
	spec, ok := p.kinds[c.Kind]
	if !ok {
		p.add(kind.Pos, "RB101", strings.Join(slices.Sorted(maps.Keys(p.kinds)), " "), "check kind %q is not known", c.Kind)
		return
	}
	for i := range n.keys {
		key, v := n.keys[i].key, &n.keys[i].value
		switch {
		case key.text == "kind":
		case key.text == "if":
			c.If = &Condition{Src: v.str(p.reporter, "if"), Pos: v.Pos, quoted: !v.plain}
		case spec.Args[key.text] == "":
			p.add(key.Pos, "RB101", strings.Join(slices.Sorted(maps.Keys(spec.Args)), " "), "a %s check has no argument %q", c.Kind, key.text)
		default:
			c.Args = append(c.Args, Argument{key.text, p.argument(key.text, v, spec.Args[key.text]), v.Pos})
		}
	}
	for _, name := range spec.Required {
		if n.get(name) == nil {
			p.add(c.Pos, "RB210", "", "a %s check needs the argument %q", c.Kind, name)
		}
	}
}

// argument reads an argument by its type. What it is made of (typed facts and
// values of the host only) is looked at once the facts are known.
func (p reader) argument(name string, n *node, t ArgType) template {
	value := ""
	switch {
	case n.kind == list && t == ArgStrings:
		value = strings.Join(n.words(p.reporter, name), ",")
	case n.kind != scalar:
		p.add(n.Pos, "RB210", "", "argument %q must be a %s", name, t)
	case t == ArgPort && !strings.Contains(n.text, "{{"):
		if n.typed != "int" || !validPort(n.text) {
			p.add(n.Pos, "RB210", "a number from 1 to 65535", "argument %q must be a port", name)
		}
		value = n.text
	case t == ArgFamily && n.text != "4" && n.text != "6":
		p.add(n.Pos, "RB210", "4 or 6", "argument %q must be the number of an Internet protocol", name)
	case t == ArgFamily:
		value = n.text
	case t == ArgBool && n.typed != "bool":
		p.add(n.Pos, "RB210", "true or false", "argument %q must be true or false", name)
	case t == ArgBool:
		value = n.text
	default:
		value = n.word(p.reporter, name)
	}
	return newTemplate(n, value, p.reporter)
}

func validPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= 65535
}

func (p reader) call(s *Step, n *node) {
	s.callPos = s.Pos
	if v := n.get("runbook"); v != nil {
		s.Runbook, s.callPos = v.str(p.reporter, "runbook"), v.Pos
	}
	with := n.get("with")
	if with == nil {
		return
	}
	if with.kind != mapping {
		p.add(with.Pos, "RB101", "", "with must be a mapping of facts")
		return
	}
	for i := range with.keys {
		key, v := with.keys[i].key, &with.keys[i].value
		s.With = append(s.With, Argument{p.id(&key, "a fact's name", nameForm), newTemplate(v, v.word(p.reporter, "with"), p.reporter), v.Pos})
	}
}
