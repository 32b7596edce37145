package runbooks

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxSource bounds a file: the largest runbook of the library is a tenth of it,
// and a parser should never be fed without bound.
const maxSource = 256 << 10

// maxDepth bounds how deep mappings and lists may nest.
const maxDepth = 12

// node is a value of a YAML file with its place. It knows mappings, lists and
// scalars, and nothing of what YAML has beyond them.
type node struct {
	Pos
	kind  nodeKind
	text  string // a scalar's value
	plain bool   // a scalar without quotes
	typed string // what YAML makes of a plain scalar: string, int, float, bool or null
	keys  []pair
	items []node
}

type pair struct {
	key   node
	value node
}

type nodeKind int

const (
	scalar nodeKind = iota
	mapping
	list
)

// parseYAML reads one YAML document. It reports what it refuses and goes on, so
// that an author sees every error at once; a syntax error ends it, as nothing
// after one can be trusted.
func parseYAML(src []byte, r *reporter) (node, bool) {
	if len(src) > maxSource {
		r.add(Pos{1, 1}, "RB101", "", "the file is larger than %d KiB", maxSource>>10)
		return node{}, false
	}
	file, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		reportSyntax(err, r)
		return node{}, false
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.add(Pos{1, 1}, "RB101", "", "the file must hold exactly one YAML document")
		return node{}, false
	}
	return convert(file.Docs[0].Body, r, 0), true
}

func reportSyntax(err error, r *reporter) {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
		p := syntax.Token.Position
		code := "RB101"
		if strings.Contains(syntax.Message, "already defined") {
			code = "RB102"
		}
		r.add(Pos{p.Line, p.Column}, code, "", "YAML: %s", syntax.Message)
		return
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	r.add(Pos{1, 1}, "RB101", "", "YAML: %s", first)
}

func convert(n ast.Node, r *reporter, depth int) node {
	out := node{Pos: at(n)}
	if depth > maxDepth {
		r.add(out.Pos, "RB101", "", "nested too deep")
		return out
	}
	switch v := n.(type) {
	case *ast.MappingNode:
		out.kind = mapping
		for _, kv := range v.Values {
			out.addPair(kv, r, depth)
		}
	case *ast.MappingValueNode:
		out.kind = mapping
		out.addPair(v, r, depth)
	case *ast.SequenceNode:
		out.kind = list
		for _, item := range v.Values {
			out.items = append(out.items, convert(item, r, depth+1))
		}
	case *ast.CommentGroupNode, nil:
	default:
		out.scalar(n, r)
	}
	return out
}

func (n *node) addPair(kv *ast.MappingValueNode, r *reporter, depth int) {
	key := node{Pos: at(kv.Key)}
	key.scalar(kv.Key, r)
	if n.get(key.text) != nil {
		r.add(key.Pos, "RB102", "keep one of them", "%q is written twice", key.text)
		return
	}
	n.keys = append(n.keys, pair{key, convert(kv.Value, r, depth+1)})
}

func (n *node) scalar(v ast.Node, r *reporter) {
	n.kind, n.plain, n.typed = scalar, true, "string"
	switch s := v.(type) {
	case *ast.StringNode:
		n.text = s.Value
		n.plain = s.Token == nil || !strings.HasPrefix(strings.TrimSpace(s.Token.Origin), `"`) && !strings.HasPrefix(strings.TrimSpace(s.Token.Origin), `'`)
	case *ast.LiteralNode:
		n.text, n.plain = strings.TrimSpace(s.Value.Value), false
	case *ast.IntegerNode:
		n.text, n.typed = s.Token.Value, "int"
	case *ast.FloatNode:
		n.text, n.typed = s.Token.Value, "float"
	case *ast.BoolNode:
		n.text, n.typed = s.Token.Value, "bool"
	case *ast.NullNode:
		n.typed = "null"
	default:
		r.add(n.Pos, "RB103", "write the value out in full", "anchors, aliases, merges, tags and special values are not used in runbooks")
	}
}

func at(n ast.Node) Pos {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return Pos{1, 1}
	}
	tok := n.GetToken()
	if kv, ok := n.(*ast.MappingNode); ok && len(kv.Values) > 0 && !kv.IsFlowStyle {
		tok = kv.Values[0].Key.GetToken()
	}
	if kv, ok := n.(*ast.MappingValueNode); ok {
		tok = kv.Key.GetToken()
	}
	return Pos{tok.Position.Line, tok.Position.Column}
}

func (n *node) get(key string) *node {
	for i := range n.keys {
		if n.keys[i].key.text == key {
			return &n.keys[i].value
		}
	}
	return nil
}

// ambiguous are the plain words that some YAML parsers take for a bool or for
// nothing at all. Numbers and dates are found by their form.
var ambiguous = regexp.MustCompile(`^(?i:y|yes|n|no|on|off|true|false|null|~|\d{1,4}(:[0-5]\d)+|0[0-7]+|0x[0-9a-f]+)$`)

// str reads a text scalar.
func (n *node) str(r *reporter, what string) string {
	if n.kind != scalar {
		r.add(n.Pos, "RB101", "", "%s must be a text", what)
		return ""
	}
	if n.plain && (n.typed != "string" || ambiguous.MatchString(n.text)) {
		r.add(n.Pos, "RB103", "put it in quotes", "%s: %q may be read as something else than a text", what, n.text)
	}
	return n.text
}

// word reads an id-like scalar, where a number is taken as it is written.
func (n *node) word(r *reporter, what string) string {
	if n.kind == scalar && n.typed == "int" {
		return n.text
	}
	return n.str(r, what)
}

func (n *node) integer(r *reporter, what string, low, high int) int {
	v, err := strconv.Atoi(n.text)
	if n.kind != scalar || n.typed != "int" || err != nil || v < low || v > high {
		r.add(n.Pos, "RB104", fmt.Sprintf("between %d and %d", low, high), "%s must be a whole number", what)
		return 0
	}
	return v
}

func (n *node) boolean(r *reporter, what string) bool {
	if n.kind != scalar || n.typed != "bool" || n.text != "true" && n.text != "false" {
		r.add(n.Pos, "RB103", "write true or false", "%s must be true or false", what)
		return false
	}
	return n.text == "true"
}

func (n *node) duration(r *reporter, what string, low, high time.Duration) time.Duration {
	d, err := time.ParseDuration(n.text)
	if n.kind != scalar || err != nil || d < low || d > high {
		r.add(n.Pos, "RB104", fmt.Sprintf("for example 30s, 10m or 72h, from %v to %v", low, high), "%s is not a good duration", what)
		return 0
	}
	return d
}

func (n *node) words(r *reporter, what string) []string {
	if n.kind != list {
		r.add(n.Pos, "RB101", "", "%s must be a list", what)
		return nil
	}
	var out []string
	for i := range n.items {
		out = append(out, n.items[i].word(r, what))
	}
	return out
}

// known reports every key that is not among the allowed ones (separated by a
// space) and every mandatory one that is missing; these end with a star.
func (n *node) known(r *reporter, what, allowed string) bool {
	if n.kind != mapping {
		r.add(n.Pos, "RB101", "", "%s must be a mapping", what)
		return false
	}
	names := strings.Fields(allowed)
	for _, kv := range n.keys {
		found := false
		for _, name := range names {
			found = found || strings.TrimSuffix(name, "*") == kv.key.text
		}
		if !found {
			r.add(kv.key.Pos, "RB101", "one of: "+strings.ReplaceAll(allowed, "*", ""), "%s: unknown key %q", what, kv.key.text)
		}
	}
	for _, name := range names {
		if key, must := strings.CutSuffix(name, "*"); must && n.get(key) == nil {
			code := "RB101"
			if key == "id" {
				code = "RB102"
			}
			r.add(n.Pos, code, "", "%s: %q is missing", what, key)
		}
	}
	return true
}
