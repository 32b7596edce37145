package runbooks

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"vigie/runbooks/bounded"
)

// Condition is a boolean expression over checks (c.<id>.<field>) and facts. It
// is compiled and typed when its file is loaded.
type Condition struct {
	Src string
	Pos Pos

	quoted  bool
	tree    ast.Node
	program *vm.Program
	checks  []string // ids of the checks that it names
	facts   []string
}

// place is where the n-th character of the expression stands in its file. It
// holds for conditions written on one line, as nearly all are.
func (c *Condition) place(n int) Pos {
	if c.quoted {
		n++
	}
	return Pos{c.Pos.Line, c.Pos.Column + n}
}

// compile types a condition and makes it ready to run.
func (c *Condition) compile(env types.Map, r *reporter) {
	if len(c.Src) > bounded.MaxSource {
		r.add(c.Pos, "RB208", "", "the condition is longer than %d bytes", bounded.MaxSource)
		return
	}
	if at, piped := bounded.Piped(c.Src); piped {
		r.add(c.place(at), "RB208", "use == != < > in && || ! len", "a pipe may not be used in conditions")
		return
	}
	tree, err := parser.Parse(c.Src)
	if err != nil {
		c.report(err, r)
		return
	}
	guard := &guard{c: c}
	ast.Walk(&tree.Node, guard)
	if guard.refused != "" {
		r.add(c.place(guard.at), "RB208", "use == != < > in && || ! len", "%s may not be used in conditions", guard.refused)
		return
	}
	slices.Sort(c.checks)
	c.checks = slices.Compact(c.checks)
	slices.Sort(c.facts)
	c.facts = slices.Compact(c.facts)
	program, err := expr.Compile(c.Src, bounded.Options(env)...)
	if err != nil {
		c.report(err, r)
		return
	}
	c.tree, c.program = tree.Node, program
}

func (c *Condition) report(err error, r *reporter) {
	p, message := c.Pos, err.Error()
	var where *file.Error
	if errors.As(err, &where) {
		p, message = c.place(where.Column), where.Message
	}
	r.add(p, "RB208", "", "the condition does not compile: %s", message)
}

// holds runs a condition. One that was not compiled, or that panics inside the
// machine, is false with an error: the engine then takes the next rule.
func (c *Condition) holds(env map[string]any) (bool, error) {
	if c == nil {
		return true, nil
	}
	if c.program == nil {
		return false, fmt.Errorf("condition %q was not compiled", c.Src)
	}
	v, err := expr.Run(c.program, env)
	if err != nil {
		return false, fmt.Errorf("condition %q: %w", c.Src, err)
	}
	b, _ := v.(bool)
	return b, nil
}

// guard refuses what would make the cost of a condition depend on its data, and
// gathers what it names.
type guard struct {
	c       *Condition
	refused string
	at      int
}

// Visit implements ast.Visitor.
func (g *guard) Visit(n *ast.Node) {
	refused := bounded.Refused(*n)
	switch v := (*n).(type) {
	case *ast.IdentifierNode:
		g.name(v.Value)
	case *ast.MemberNode:
		g.member(v)
	}
	if refused != "" && g.refused == "" {
		g.refused, g.at = refused, (*n).Location().From
	}
}

func (g *guard) name(name string) {
	if name != "c" && name != "$env" {
		g.c.facts = append(g.c.facts, name)
	}
}

func (g *guard) member(m *ast.MemberNode) {
	key, named := m.Property.(*ast.StringNode)
	if id, ok := m.Node.(*ast.IdentifierNode); ok && named && id.Value == "c" {
		g.c.checks = append(g.c.checks, key.Value)
	}
}

// field reads a node that names a field of a check: c.<id>.<field>.
func field(n ast.Node) (id, name string, ok bool) {
	outer, ok := n.(*ast.MemberNode)
	if !ok {
		return "", "", false
	}
	inner, ok := outer.Node.(*ast.MemberNode)
	if !ok {
		return "", "", false
	}
	root, ok := inner.Node.(*ast.IdentifierNode)
	a, ok1 := inner.Property.(*ast.StringNode)
	b, ok2 := outer.Property.(*ast.StringNode)
	if !ok || !ok1 || !ok2 || root.Value != "c" {
		return "", "", false
	}
	return a.Value, b.Value, true
}

// comparison is a field or a fact set against fixed words.
type comparison struct {
	check, field string // or, with check empty, field is a fact
	op           string
	words        []string
	at           int
}

// comparisons lists the ones of a condition; plain says that the condition is
// exactly one positive comparison, nothing else.
func (c *Condition) comparisons() (list []comparison, plain bool) {
	if c == nil || c.tree == nil {
		return nil, false
	}
	v := &comparer{}
	ast.Walk(&c.tree, v)
	if b, ok := c.tree.(*ast.BinaryNode); ok && len(v.list) == 1 {
		plain = b.Operator == "==" || b.Operator == "in"
	}
	return v.list, plain
}

type comparer struct{ list []comparison }

// Visit implements ast.Visitor.
func (v *comparer) Visit(n *ast.Node) {
	b, ok := (*n).(*ast.BinaryNode)
	if !ok || b.Operator != "==" && b.Operator != "!=" && b.Operator != "in" {
		return
	}
	left, right := b.Left, b.Right
	if _, literal := left.(*ast.StringNode); literal && b.Operator != "in" {
		left, right = right, left
	}
	cmp := comparison{op: b.Operator, at: b.Location().From}
	id, name, isField := field(left)
	fact, isFact := left.(*ast.IdentifierNode)
	switch {
	case isField:
		cmp.check, cmp.field = id, name
	case isFact:
		cmp.field = fact.Value
	default:
		return
	}
	switch w := right.(type) {
	case *ast.StringNode:
		cmp.words = []string{w.Value}
	case *ast.ArrayNode:
		for _, item := range w.Nodes {
			if s, ok := item.(*ast.StringNode); ok {
				cmp.words = append(cmp.words, s.Value)
			}
		}
	}
	if len(cmp.words) > 0 {
		v.list = append(v.list, cmp)
	}
}
