package runbooks

import "strconv"

func (p reader) tests(n *node) {
	if n == nil || n.kind == scalar && n.typed == "null" {
		return
	}
	if n.kind != list {
		p.add(n.Pos, "RB101", "", "tests must be a list")
		return
	}
	for i := range n.items {
		item := &n.items[i]
		if !item.known(p.reporter, "a test", "name* lang* say path* outcome* checks facts utterance") {
			continue
		}
		t := Test{Pos: item.Pos, Facts: map[string]string{}, Checks: map[string][]Canned{}}
		for key, dst := range map[string]*string{"name": &t.Name, "lang": &t.Lang, "utterance": &t.Utterance, "outcome": (*string)(&t.Outcome)} {
			if v := item.get(key); v != nil {
				*dst = v.str(p.reporter, key)
			}
		}
		for key, dst := range map[string]*[]string{"say": &t.Say, "path": &t.Path} {
			if v := item.get(key); v != nil {
				*dst = v.words(p.reporter, key)
			}
		}
		if v := item.get("facts"); v != nil {
			for j := range v.keys {
				t.Facts[v.keys[j].key.text] = v.keys[j].value.word(p.reporter, "a fact")
			}
		}
		if v := item.get("checks"); v != nil {
			p.canned(&t, v)
		}
		p.rb.Tests = append(p.rb.Tests, t)
	}
}

func (p reader) canned(t *Test, n *node) {
	for i := range n.keys {
		id, v := n.keys[i].key.text, &n.keys[i].value
		if v.kind == list {
			for j := range v.items {
				t.Checks[id] = append(t.Checks[id], p.oneCanned(&v.items[j]))
			}
			continue
		}
		t.Checks[id] = []Canned{p.oneCanned(v)}
	}
}

func (p reader) oneCanned(n *node) Canned {
	c := Canned{Pos: n.Pos, Fields: map[string]any{}}
	if n.kind == scalar {
		c.Verdict = Verdict(n.str(p.reporter, "a verdict"))
		return c
	}
	if n.get("verdict") == nil {
		p.add(n.Pos, "RB101", "a verdict, or {verdict: …, fields…}", "a canned check has no verdict")
	}
	for i := range n.keys {
		key, v := n.keys[i].key.text, &n.keys[i].value
		switch {
		case key == "verdict":
			c.Verdict = Verdict(v.str(p.reporter, "verdict"))
		case v.kind == list:
			c.Fields[key] = v.words(p.reporter, key)
		case v.typed == "bool":
			c.Fields[key] = v.text == "true"
		case v.typed == "int":
			n, err := strconv.Atoi(v.text)
			if err != nil {
				p.add(v.Pos, "RB210", "", "%q is not a number", v.text)
			}
			c.Fields[key] = n
		default:
			c.Fields[key] = v.text
		}
	}
	return c
}
