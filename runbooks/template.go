package runbooks

import (
	"regexp"
	"slices"
	"strings"
)

// template is a text with placeholders {{path|filter}}. A path is a fact, a
// field of a check (c.dns.a), or a value of the host (host.contact). Anything
// that computes belongs into a computed fact, where it is typed and bounded.
type template struct {
	src   string
	pos   Pos
	parts []part
}

type part struct {
	text    string // of a literal
	path    []string
	filters []string
}

var pathForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,2}$`)

func newTemplate(n *node, src string, r *reporter) template {
	t := template{src: src, pos: n.Pos}
	rest := src
	for {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !found {
			return t
		}
		inner, tail, closed := strings.Cut(after, "}}")
		if !closed {
			r.add(n.Pos, "RB208", "close it with }}", "a placeholder is not closed")
			return t
		}
		words := strings.Split(inner, "|")
		for i := range words {
			words[i] = strings.TrimSpace(words[i])
		}
		if !pathForm.MatchString(words[0]) {
			r.add(n.Pos, "RB208", "a fact, c.check.field or host.name, then |filter", "placeholder {{%s}} is not understood", inner)
		} else {
			t.parts = append(t.parts, part{path: strings.Split(words[0], "."), filters: words[1:]})
		}
		rest = tail
	}
}

// placeholders are the placeholders of a template as they are written, sorted.
func (t template) placeholders() []string {
	var out []string
	for _, p := range t.parts {
		if p.path != nil {
			out = append(out, p.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p part) String() string {
	return strings.Join(append([]string{strings.Join(p.path, ".")}, p.filters...), "|")
}

// lookup gives the value of a path, and its type.
type lookup func(path []string) (any, FieldType, bool)

// render fills a template. A value that is not known leaves a dash: lints see
// to it that this does not happen, and a member should not meet braces.
func (t template) render(find lookup, f format) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.path == nil {
			b.WriteString(p.text)
			continue
		}
		v, ft, ok := find(p.path)
		if !ok {
			b.WriteString("–")
			continue
		}
		b.WriteString(f.value(v, ft, p.filters))
	}
	return b.String()
}
