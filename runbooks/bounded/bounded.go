// Package bounded compiles boolean expressions (github.com/expr-lang/expr) whose cost is bounded by
// their length: no closure, no range, no pipe, no variable, no call, and of the built-in functions
// len alone. Runbooks' conditions and saved views are such expressions.
package bounded

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/expr-lang/expr/vm"
)

// MaxSource bounds an expression's text, MaxNodes its tree.
const (
	MaxSource = 2000
	MaxNodes  = 200
)

// Refused names what of a node may not be used, empty when it may: "a closure", "the operator ..".
func Refused(n ast.Node) string {
	switch v := n.(type) {
	case *ast.PredicateNode, *ast.PointerNode:
		return "a closure"
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		return "a variable"
	case *ast.CallNode:
		return "a call"
	case *ast.BuiltinNode:
		if v.Name != "len" {
			return "the function " + v.Name
		}
	case *ast.BinaryNode:
		if slices.Contains([]string{"..", "|", "**", "^", "matches"}, v.Operator) {
			return "the operator " + v.Operator
		}
	case *ast.MapNode, *ast.SliceNode, *ast.BytesNode:
		return "a map or a slice"
	case *ast.IdentifierNode:
		if v.Value == "$env" {
			return "$env"
		}
	case *ast.MemberNode:
		if _, ok := v.Property.(*ast.StringNode); !ok {
			return "an index"
		}
	}
	return ""
}

// Piped finds a pipe, of which the tree shows nothing: it is where the text has it.
func Piped(src string) (at int, piped bool) {
	tokens, err := lexer.Lex(file.NewSource(src))
	if err != nil {
		return 0, false // the parser says what is wrong
	}
	for _, t := range tokens {
		if t.Is(lexer.Operator, "|") {
			return t.From, true
		}
	}
	return 0, false
}

// Options type an expression against an environment, as expr.Env knows it.
func Options(env any) []expr.Option {
	return []expr.Option{expr.Env(env), expr.AsBool(), expr.DisableAllBuiltins(), expr.EnableBuiltin("len"), expr.MaxNodes(MaxNodes)}
}

// Condition is an expression that was compiled. It is immutable and safe for concurrent use.
type Condition struct {
	src     string
	program *vm.Program
}

// Error says what is wrong with an expression and at which character, from 0.
type Error struct {
	Message string
	At      int
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("character %d: %s", e.At+1, e.Message) }

// Compile types an expression against an environment. The error is an *Error.
func Compile(src string, env any) (*Condition, error) {
	if len(src) > MaxSource {
		return nil, &Error{fmt.Sprintf("the expression is longer than %d bytes", MaxSource), MaxSource}
	}
	if at, piped := Piped(src); piped {
		return nil, &Error{"a pipe may not be used", at}
	}
	tree, err := parser.Parse(src)
	if err != nil {
		return nil, located(err)
	}
	g := &visitor{}
	ast.Walk(&tree.Node, g)
	if g.refused != "" {
		return nil, &Error{g.refused + " may not be used", g.at}
	}
	program, err := expr.Compile(src, Options(env)...)
	if err != nil {
		return nil, located(err)
	}
	return &Condition{src, program}, nil
}

func located(err error) *Error {
	var where *file.Error
	if errors.As(err, &where) {
		return &Error{where.Message, where.Column}
	}
	return &Error{err.Error(), 0}
}

// Holds runs the expression. What panics inside the machine is an error.
func (c *Condition) Holds(env any) (bool, error) {
	v, err := expr.Run(c.program, env)
	if err != nil {
		return false, fmt.Errorf("expression %q: %w", c.src, err)
	}
	b, _ := v.(bool)
	return b, nil
}

// visitor finds the first node that is refused.
type visitor struct {
	refused string
	at      int
}

// Visit implements ast.Visitor.
func (g *visitor) Visit(n *ast.Node) {
	if what := Refused(*n); what != "" && g.refused == "" {
		g.refused, g.at = what, (*n).Location().From
	}
}
