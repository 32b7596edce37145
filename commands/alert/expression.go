package alert

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// maxSource bounds an expression's text in bytes, and maxNodes its tree: without loops in the
// language, the cost of a run is then bounded too.
const (
	maxSource = 2000
	maxNodes  = 200
)

// kind is what an expression gives.
type kind int

const (
	kindText kind = iota
	kindNumber
	kindTruth
)

// expression is compiled and typed.
type expression struct {
	program *vm.Program
}

func compile(src string, k kind, of string) (*expression, error) {
	if len(src) > maxSource {
		return nil, fmt.Errorf("is longer than %d bytes", maxSource)
	}
	tree, err := parser.Parse(src)
	if err != nil {
		return nil, err
	}
	g := &guard{}
	ast.Walk(&tree.Node, g)
	if g.refused != "" {
		return nil, fmt.Errorf("%s may not be used: write comparisons, ?:, ?? and fields only", g.refused)
	}
	env := map[string]any{"body": map[string]any{}}
	if of == KindAlertmanager {
		env = map[string]any{"labels": map[string]string{}, "annotations": map[string]string{}, "status": "", "receiver": ""}
	}
	options := []expr.Option{expr.Env(env), expr.DisableAllBuiltins(), expr.EnableBuiltin("len"), expr.MaxNodes(maxNodes)}
	switch k {
	case kindTruth:
		options = append(options, expr.AsBool())
	case kindNumber:
		options = append(options, expr.AsInt())
	}
	program, err := expr.Compile(src, options...)
	if err != nil {
		return nil, err
	}
	return &expression{program}, nil
}

func (e *expression) run(env map[string]any) (any, error) {
	v, err := expr.Run(e.program, env)
	if err != nil {
		return nil, errors.New("a field is missing, or of another type") // expr's own words would quote the message
	}
	return v, nil
}

// text gives words; a number is written out, nothing is empty.
func (e *expression) text(env map[string]any) (string, error) {
	v, err := e.run(env)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case int:
		return strconv.Itoa(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", errors.New("an expression gives neither words nor a number")
}

func (e *expression) number(env map[string]any) (int, error) {
	v, err := e.run(env)
	n, ok := v.(int)
	if err == nil && !ok {
		err = errors.New("an expression gives no number")
	}
	return n, err
}

func (e *expression) truth(env map[string]any) (bool, error) {
	v, err := e.run(env)
	b, ok := v.(bool)
	if err == nil && !ok {
		err = errors.New("an expression gives neither true nor false")
	}
	return b, err
}

// guard refuses what would make the cost of an expression depend on what is sent.
type guard struct{ refused string }

// Visit implements ast.Visitor.
func (g *guard) Visit(n *ast.Node) {
	refused := ""
	switch v := (*n).(type) {
	case *ast.PredicateNode, *ast.PointerNode:
		refused = "a closure"
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		refused = "a variable"
	case *ast.CallNode:
		refused = "a call"
	case *ast.BuiltinNode:
		if v.Name != "len" {
			refused = "the function " + v.Name
		}
	case *ast.BinaryNode:
		if slices.Contains([]string{"..", "|", "**", "^", "matches"}, v.Operator) {
			refused = "the operator " + v.Operator
		}
	case *ast.MapNode, *ast.BytesNode, *ast.SliceNode:
		refused = "a map or a slice"
	case *ast.IdentifierNode:
		if v.Value == "$env" {
			refused = "$env"
		}
	}
	if g.refused == "" {
		g.refused = refused
	}
}
