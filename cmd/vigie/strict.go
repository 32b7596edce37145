package main

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// document knows where each key of a YAML file stands.
type document struct {
	file     string
	places   map[string][2]int // dotted path → line, column
	findings []Finding
	// unknown counts the findings that are unknown keys: the rest can be read all the same.
	unknown int
}

// strict decodes YAML into v, a pointer to a struct, refusing unknown and
// doubled keys, anchors and wrong types: all of them at once, each with its place.
// With no mistake but unknown keys, v holds the rest.
func strict(file string, raw []byte, v any) (*document, []Finding) {
	d := &document{file: file, places: map[string][2]int{}}
	tree, err := parser.ParseBytes(raw, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.findings = []Finding{syntaxFinding(file, err)}
		return d, d.findings
	}
	if len(tree.Docs) != 1 {
		d.findings = []Finding{{File: file, Line: 1, Column: 1, Message: "must hold one YAML document", Hint: "take out the --- lines"}}
		return d, d.findings
	}
	body := tree.Docs[0].Body
	if body == nil {
		return d, nil
	}
	d.walk(body, reflect.TypeOf(v).Elem(), "")
	if !d.readable() {
		return d, d.findings
	}
	if err := yaml.NodeToValue(body, v); err != nil {
		d.findings = append(d.findings, syntaxFinding(file, err))
	}
	return d, d.findings
}

// readable tells whether the values can be read: unknown keys are only left out.
func (d *document) readable() bool { return len(d.findings) == d.unknown }

func syntaxFinding(file string, err error) Finding {
	f := Finding{File: file, Line: 1, Column: 1, Message: err.Error()}
	if ye, ok := errors.AsType[yaml.Error](err); ok && ye.GetToken() != nil {
		f.Line, f.Column = ye.GetToken().Position.Line, ye.GetToken().Position.Column
		f.Message = ye.GetMessage()
	}
	return f
}

func (d *document) add(n ast.Node, hint, format string, args ...any) {
	p := n.GetToken().Position
	d.findings = append(d.findings, Finding{d.file, p.Line, p.Column, fmt.Sprintf(format, args...), hint})
}

// place is where a dotted path stands; the nearest part of it that there is.
func (d *document) place(path string) (line, column int) {
	for path != "" {
		if p, ok := d.places[path]; ok {
			return p[0], p[1]
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 1, 1
}

func (d *document) walk(n ast.Node, t reflect.Type, path string) {
	d.places[path] = [2]int{n.GetToken().Position.Line, n.GetToken().Position.Column}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.add(n, "write the value out", "%s: anchors, aliases and tags are not read", path)
		return
	case *ast.NullNode:
		return
	}
	switch {
	case t == reflect.TypeFor[time.Duration]() || scalar(t):
		d.decode(n, t, path)
	case t.Kind() == reflect.Struct:
		d.mapping(n, path, func(key ast.Node, name string, value ast.Node) {
			ft, ok := field(t, name)
			if !ok {
				d.add(key, nearestKey(t, name), "%s: there is no such key", join(path, name))
				d.unknown++
				return
			}
			d.walk(value, ft, join(path, name))
		})
	case t.Kind() == reflect.Map:
		d.mapping(n, path, func(_ ast.Node, name string, value ast.Node) { d.walk(value, t.Elem(), join(path, name)) })
	case t.Kind() == reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.add(n, "write it as [a, b] or with one - a line", "%s: must be a list", path)
			return
		}
		for i, v := range list.Values {
			d.walk(v, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		d.decode(n, t, path)
	}
}

// mapping calls fn with each pair of a mapping.
func (d *document) mapping(n ast.Node, path string, fn func(key ast.Node, name string, value ast.Node)) {
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		d.add(n, "write it as key: value", "%s: must hold keys and values", path)
		return
	}
	var seen []string
	for _, p := range pairs {
		name := p.Key.GetToken().Value
		if slices.Contains(seen, name) {
			d.add(p.Key, "keep one of them", "%s: is there twice", join(path, name))
			continue
		}
		seen = append(seen, name)
		fn(p.Key, name, p.Value)
	}
}

// decode tries one value by itself, so that its mistake is found beside others.
func (d *document) decode(n ast.Node, t reflect.Type, path string) {
	if err := yaml.NodeToValue(n, reflect.New(t).Interface()); err != nil {
		hint := "a " + t.Kind().String() + " is wanted"
		if t == reflect.TypeFor[time.Duration]() {
			hint = "write a length of time such as 30s, 15m or 72h"
		}
		d.add(n, hint, "%s: %q cannot be used here", path, strings.TrimSpace(n.String()))
	}
}

// scalar tells whether a type is read from one word although it is a struct or slice.
func scalar(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) ||
		p.Implements(reflect.TypeFor[yaml.BytesUnmarshaler]()) || p.Implements(reflect.TypeFor[yaml.InterfaceUnmarshaler]())
}

// field finds a struct's field by its key, looking into inlined structs too.
func field(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if opts == "inline" {
			if ft, ok := field(f.Type, name); ok {
				return ft, true
			}
		}
		if key == name && key != "" && key != "-" {
			return f.Type, true
		}
	}
	return nil, false
}

// keys lists a struct's keys.
func keys(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		key, opts, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if opts == "inline" {
			out = append(out, keys(t.Field(i).Type)...)
		} else if key != "" && key != "-" {
			out = append(out, key)
		}
	}
	return out
}

// nearestKey guesses what somebody meant to write: the same letters in another
// order, or the same beginning or end.
func nearestKey(t reflect.Type, name string) string {
	all := keys(t)
	bare := strings.NewReplacer("_", "", "-", "").Replace
	letters := func(s string) string {
		r := []byte(strings.ToLower(bare(s)))
		slices.Sort(r)
		return string(r)
	}
	for _, k := range all {
		if letters(k) == letters(name) || len(name) > 3 && (strings.HasPrefix(k, name[:4]) || strings.HasSuffix(k, name[len(name)-4:])) {
			return "did you mean " + k + "?"
		}
	}
	slices.Sort(all)
	return "the keys here are: " + strings.Join(all, ", ")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
