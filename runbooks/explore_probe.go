package runbooks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// futures lists, for each step, the conditions of all the steps that can come
// after it. Two reports that none of them tells apart are as good as one.
func futures(rb *Runbook) map[string][]*Condition {
	reach := map[string]map[string]bool{}
	for _, s := range rb.Steps {
		seen := map[string]bool{s.ID: true}
		for work := []string{s.ID}; len(work) > 0; work = work[1:] {
			for _, e := range rb.Step(work[0]).Edges {
				if rb.Step(e.To) != nil && !seen[e.To] {
					seen[e.To] = true
					work = append(work, e.To)
				}
			}
		}
		reach[s.ID] = seen
	}
	out := map[string][]*Condition{}
	for _, s := range rb.Steps {
		for _, t := range rb.Steps {
			if reach[s.ID][t.ID] {
				out[s.ID] = append(out[s.ID], conditions(t)...)
			}
		}
	}
	return out
}

func conditions(s *Step) []*Condition {
	var out []*Condition
	for _, e := range s.Edges {
		if e.If != nil {
			out = append(out, e.If)
		}
	}
	for _, c := range s.Run {
		if c.If != nil {
			out = append(out, c.If)
		}
	}
	return out
}

// witnesses are sets of reports, one for each way in which the rest of the
// runbook can tell them apart.
func (x *explorer) witnesses(s Session, now time.Time) []map[string]Report {
	m, err := resume(x.lib, s, now)
	if err != nil {
		x.problem(s, "%v", err)
		return nil
	}
	t := &trial{x: x, m: m, step: m.step(), keys: openChecks(s), base: len(m.s.Runs), found: map[string]bool{}}
	m.envs = map[int]map[string]any{}
	t.palette()
	t.try(t.all(0))
	t.try(t.all(1))
	for i := range t.keys { // one check at a time, everything else good
		for j := range t.values[i] {
			pick := t.all(0)
			pick[i] = j
			t.try(pick)
		}
	}
	t.directed()
	tries := 120
	for _, e := range t.step.Edges {
		way := t.step.ID + ">" + e.To
		if !x.reached[e.To] && x.misses[way] < 3 {
			x.misses[way]++
			tries = 1000
		}
	}
	for range tries {
		t.try(t.random())
	}
	return t.out
}

// directed tries, for each rule, the verdicts that it names, all of them at once:
// chance seldom hits on three bad checks together.
func (t *trial) directed() {
	for _, e := range t.step.Edges {
		list, _ := e.If.comparisons()
		for _, last := range []bool{false, true} {
			pick := t.all(0)
			for _, c := range list {
				i := slices.IndexFunc(t.keys, func(key string) bool { return t.m.s.Pending[key].Check == c.check })
				if i < 0 || c.field != "verdict" || len(c.words) == 0 || c.op == "!=" {
					continue
				}
				want := c.words[0]
				if last {
					want = c.words[len(c.words)-1]
				}
				if j := slices.IndexFunc(t.values[i], func(r Report) bool { return string(r.Verdict) == want }); j >= 0 {
					pick[i] = j
				}
			}
			t.try(pick)
		}
	}
}

func openChecks(s Session) []string {
	var out []string
	for _, key := range sortedKeys(s.Pending) {
		if s.Pending[key].Run == 0 {
			out = append(out, key)
		}
	}
	return out
}

// trial looks for the reports that make a difference at one check step.
type trial struct {
	x      *explorer
	m      *machine
	step   *Step
	keys   []string
	values [][]Report // of each key; the first is all good, the second unknown
	envs   [][]map[string]any
	base   int
	found  map[string]bool
	out    []map[string]Report
}

// palette makes, for each check, reports with every verdict and with the field
// values that some condition looks at.
func (t *trial) palette() {
	for _, key := range t.keys {
		p := t.m.s.Pending[key]
		kind := t.x.lib.kinds[p.Request.Kind]
		fields := t.x.fieldValues(p.Check, kind)
		base := Report{Kind: kind.Name, Verdict: goodOf(kind), At: t.m.now, MS: 90, Fields: map[string]any{}}
		for _, name := range sortedKeys(fields) {
			base = set(base, name, fields[name][0])
		}
		list := []Report{base, {Kind: kind.Name, Verdict: Unknown, At: t.m.now, Fields: base.Fields}}
		for _, v := range kind.Verdicts {
			r := base
			r.Verdict = v
			list = append(list, r)
		}
		plain := slices.Clone(list)
		for _, name := range sortedKeys(fields) {
			for _, v := range fields[name] {
				for _, r := range plain {
					list = append(list, set(r, name, v))
				}
			}
		}
		list = append(list, pairs(base, fields)...)
		for range 40 { // several fields at once
			r := plain[t.x.rng.IntN(len(plain))]
			for _, name := range sortedKeys(fields) {
				r = set(r, name, fields[name][t.x.rng.IntN(len(fields[name]))])
			}
			list = append(list, r)
		}
		envs := make([]map[string]any, len(list))
		for i, r := range list {
			envs[i] = reportEnv(kind, r)
		}
		t.values, t.envs = append(t.values, list), append(t.envs, envs)
	}
}

// pairs are reports with every two values of two fields: conditions like to
// compare two, "v4 works and v6 fails", and chance might never hit on it.
func pairs(base Report, fields map[string][]any) []Report {
	var out []Report
	names := sortedKeys(fields)
	for i, a := range names {
		for _, b := range names[i+1:] {
			for _, v := range fields[a] {
				for _, w := range fields[b] {
					out = append(out, set(set(base, a, v), b, w))
				}
			}
		}
	}
	return out
}

// set is a report with one more field, be it of its kind or common to all.
func set(r Report, name string, v any) Report {
	switch name {
	case "ms":
		ms, _ := v.(int)
		r.MS = int64(ms)
		return r
	case "confirmed":
		r.Confirmed, _ = v.(bool)
		return r
	}
	fields := maps.Clone(r.Fields)
	fields[name] = v
	r.Fields = fields
	return r
}

func (t *trial) all(n int) []int {
	pick := make([]int, len(t.keys))
	for i := range pick {
		pick[i] = n
	}
	return pick
}

// random changes one or two checks, as rules look at the root cause first: were
// all of them bad, the first rule would always win.
func (t *trial) random() []int {
	pick := t.all(0)
	for i := range pick {
		if t.x.rng.IntN(len(pick)+1) <= 1 {
			pick[i] = t.x.rng.IntN(len(t.values[i]))
		}
	}
	return pick
}

// try keeps a set of reports if no earlier one had the same future.
func (t *trial) try(pick []int) {
	m := t.m
	m.s.Runs = m.s.Runs[:t.base]
	runs := map[string]int{}
	for _, p := range m.s.Pending { // those that were skipped have theirs
		if p.Run > 0 {
			runs[p.Check] = p.Run - 1
		}
	}
	reports := map[string]Report{}
	for i, key := range t.keys {
		p := m.s.Pending[key]
		reports[key] = t.values[i][pick[i]]
		m.s.Runs = append(m.s.Runs, Run{Check: p.Check, Request: p.Request, Report: reports[key], At: m.now})
		runs[p.Check] = len(m.s.Runs) - 1
		m.envs[len(m.s.Runs)-1] = t.envs[i][pick[i]]
	}
	to := m.routed(t.step, runs)
	var b strings.Builder
	b.WriteString(to)
	for _, c := range t.x.futures[to] {
		ok, err := c.holds(m.env(c))
		fmt.Fprintf(&b, " %t%t", ok, err == nil)
	}
	if !t.found[b.String()] {
		t.found[b.String()] = true
		t.out = append(t.out, reports)
	}
}

// fieldValues are the values of a check's fields that conditions look at.
func (x *explorer) fieldValues(check string, kind Kind) map[string][]any {
	out := map[string][]any{}
	collect := &literals{check: check, fields: map[string][]any{}}
	for _, s := range x.rb.Steps {
		for _, c := range conditions(s) {
			collect.from(c)
		}
	}
	for _, f := range x.rb.Facts {
		if f.Expr != nil {
			collect.from(f.Expr)
		}
	}
	for name, seen := range collect.fields {
		t, ok := fieldType(kind, name)
		switch {
		case !ok || name == "verdict" || name == "ok" || name == "skipped":
			continue // these are varied in any case
		case t == FieldBool:
			out[name] = []any{true, false}
		case t == FieldStrings:
			out[name] = []any{[]string{}, []string{"192.0.2.1"}}
		case enums(kind.Name, name) != nil:
			for _, v := range enums(kind.Name, name) {
				out[name] = append(out[name], v)
			}
		case t == FieldInt:
			out[name] = append([]any{0}, seen...)
		default:
			out[name] = append([]any{"", "x.example"}, seen...)
		}
	}
	return out
}

// words are the texts that conditions look for in a fact.
func (x *explorer) words(fact string) []string {
	collect := &sought{fact: fact}
	for _, s := range x.rb.Steps {
		for _, c := range conditions(s) {
			if c.tree != nil {
				ast.Walk(&c.tree, collect)
			}
		}
	}
	return distinct(collect.words)
}

type sought struct {
	fact  string
	words []string
}

// Visit implements ast.Visitor.
func (w *sought) Visit(n *ast.Node) {
	b, ok := (*n).(*ast.BinaryNode)
	if !ok {
		return
	}
	name, isName := b.Left.(*ast.IdentifierNode)
	word, isWord := b.Right.(*ast.StringNode)
	if isName && isWord && name.Value == w.fact && word.Value != "" {
		w.words = append(w.words, word.Value)
	}
}

// literals gathers what a check's fields are compared with.
type literals struct {
	check  string
	fields map[string][]any
}

func (l *literals) from(c *Condition) {
	if c.tree != nil {
		ast.Walk(&c.tree, l)
	}
}

// Visit implements ast.Visitor.
func (l *literals) Visit(n *ast.Node) {
	if id, name, ok := field(*n); ok && id == l.check && l.fields[name] == nil {
		l.fields[name] = []any{}
	}
	b, ok := (*n).(*ast.BinaryNode)
	if !ok {
		return
	}
	for _, pair := range [][2]ast.Node{{b.Left, b.Right}, {b.Right, b.Left}} {
		id, name, ok := field(pair[0])
		if !ok || id != l.check {
			continue
		}
		switch v := pair[1].(type) {
		case *ast.IntegerNode:
			l.fields[name] = append(l.fields[name], v.Value-1, v.Value, v.Value+1)
		case *ast.StringNode:
			l.fields[name] = append(l.fields[name], v.Value)
		}
	}
}
