package runbooks

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// Library is a set of runbooks with the sentences of their checks. It is
// immutable: With makes another one.
type Library struct {
	host      map[string]string
	zone      *time.Location
	byID      map[string]*Runbook
	byHash    map[string]*Runbook
	sentences catalogue
	kinds     map[string]Kind
	// blank is what conditions see of a check that has not run, by kind.
	blank map[string]map[string]any
}

// ErrUnknownVersion says that a session pins a version of a runbook that the
// library does not hold. The caller compiles the copy that it kept, adds it with
// With, and tries again; without a copy the session is to be withdrawn.
var ErrUnknownVersion = errors.New("this version of the runbook is not in the library")

// Load reads layers of files: runbooks are the *.yaml at the root of a layer,
// the sentences of checks are verdicts/fr.yaml and verdicts/en.yaml. A later
// layer adds to the earlier ones, or overrides them by a runbook's id and by
// kind and verdict. host holds the values that {{host.x}} stands for; nil means
// that there is no configuration, and a mark stands in their place.
//
// The library holds only what is without error. Callers who serve members use
// it only if the findings' Err is nil, so that a broken file changes nothing.
func Load(host map[string]string, layers ...fs.FS) (*Library, Findings) {
	l := &Library{host: maps.Clone(host), byID: map[string]*Runbook{}, byHash: map[string]*Runbook{}, sentences: catalogue{}, kinds: Kinds(), blank: map[string]map[string]any{}}
	for name, kind := range l.kinds {
		l.blank[name] = reportEnv(kind, Report{Verdict: Unknown})
	}
	var all Findings
	for _, layer := range layers {
		all = append(all, l.sentences.load(layer, host, prefix(layer))...)
	}
	origin := map[string]int{}
	for i, layer := range layers {
		names, err := fs.Glob(layer, "*.yaml")
		if err != nil {
			all = append(all, Finding{File: prefix(layer) + ".", Code: "RB101", Severity: Error, Message: err.Error()})
		}
		slices.Sort(names)
		for _, name := range names {
			rb, found := l.read(layer, name)
			all = append(all, found...)
			if rb == nil {
				continue
			}
			if at, taken := origin[rb.ID]; taken && at == i {
				all = append(all, Finding{File: rb.File, Line: 1, Column: 1, Code: "RB102", Severity: Error,
					Message: fmt.Sprintf("runbook %q is already in %s", rb.ID, l.byID[rb.ID].File)})
				continue
			}
			origin[rb.ID] = i
			l.byID[rb.ID] = rb
		}
	}
	for _, rb := range l.byID {
		l.byHash[rb.Hash] = rb
	}
	all = append(all, l.joints()...)
	return l, all.sorted()
}

func (l *Library) read(layer fs.FS, name string) (*Runbook, Findings) {
	src, err := fs.ReadFile(layer, name)
	if err != nil {
		return nil, Findings{{File: prefix(layer) + name, Code: "RB101", Severity: Error, Message: err.Error()}}
	}
	return l.compile(prefix(layer)+name, src)
}

// Named gives a layer a name that stands before its files' names in findings and
// in Runbook.File: a folder and a slash, for example.
func Named(prefix string, layer fs.FS) fs.FS { return namedFS{layer, prefix} }

type namedFS struct {
	fs.FS
	prefix string
}

// Glob implements fs.GlobFS, so that a layer that chooses its files still does.
func (n namedFS) Glob(pattern string) ([]string, error) { return fs.Glob(n.FS, pattern) }

func prefix(layer fs.FS) string {
	if n, ok := layer.(namedFS); ok {
		return n.prefix
	}
	return ""
}

func (l *Library) compile(file string, src []byte) (*Runbook, Findings) {
	r := &reporter{file: file, kinds: l.kinds}
	rb := parse(file, src, r)
	if rb != nil {
		link(rb, l.host, r)
		lint(rb, r)
	}
	if len(r.list.Errors()) > 0 {
		return nil, r.list.sorted()
	}
	return rb, r.list.sorted()
}

// Compile reads one runbook from the source that a session pinned, with this
// library's values of the host. It is not part of the library until With adds it.
func (l *Library) Compile(src []byte) (*Runbook, error) {
	rb, found := l.compile("pinned", src)
	if err := found.Err(); err != nil {
		return nil, err
	}
	return rb, nil
}

// With returns a library that also knows these runbooks by their hash. What
// ByID and All give does not change: new sessions get the current version.
func (l *Library) With(pinned ...*Runbook) *Library {
	out := *l
	out.byHash = maps.Clone(l.byHash)
	for _, rb := range pinned {
		out.byHash[rb.Hash] = rb
	}
	return &out
}

// Without returns a library in which these ids are not found any more: nothing
// calls them. Sessions that hold to one of their versions go on.
func (l *Library) Without(ids ...string) *Library {
	out := *l
	out.byID = maps.Clone(l.byID)
	for _, id := range ids {
		delete(out.byID, id)
	}
	return &out
}

// In returns a library that writes dates in the given time zone; they are in
// UTC otherwise.
func (l *Library) In(zone *time.Location) *Library {
	out := *l
	out.zone = zone
	return &out
}

// ByID returns the current version of a runbook.
func (l *Library) ByID(id string) (*Runbook, bool) {
	rb, ok := l.byID[id]
	return rb, ok
}

// ByHash returns the very version that a session pinned.
func (l *Library) ByHash(hash string) (*Runbook, bool) {
	rb, ok := l.byHash[hash]
	return rb, ok
}

// ByIntent returns the first runbook, by id, that serves an intent.
func (l *Library) ByIntent(intent string) (*Runbook, bool) {
	for _, rb := range l.All() {
		if slices.Contains(rb.Intents, intent) {
			return rb, true
		}
	}
	return nil, false
}

// All returns the current versions, sorted by id.
func (l *Library) All() []*Runbook {
	var out []*Runbook
	for _, id := range slices.Sorted(maps.Keys(l.byID)) {
		out = append(out, l.byID[id])
	}
	return out
}

// hostValue is a value of the host, or a mark that cannot be mistaken for one.
func (l *Library) hostValue(name string) string {
	if v := l.host[name]; v != "" {
		return v
	}
	return "‹" + strings.ReplaceAll(name, "_", " ") + "›"
}

// joints checks what holds the library together: calls and sentences.
func (l *Library) joints() Findings {
	var all Findings
	for _, rb := range l.All() {
		r := &reporter{file: rb.File, kinds: l.kinds}
		if depth, loop := l.depth(rb, nil); loop || depth > maxDepthOfCalls {
			r.add(rb.start, "RB211", "", "runbook %q calls itself through others, or more than %d deep", rb.ID, maxDepthOfCalls)
		}
		for _, s := range rb.Steps {
			if s.Kind == KindCall {
				l.callFits(rb, s, r)
			}
			for _, id := range s.Tell {
				l.told(rb, s, rb.checks[id], r)
			}
		}
		all = append(all, r.list...)
	}
	return all
}

const maxDepthOfCalls = 2

func (l *Library) callFits(rb *Runbook, s *Step, r *reporter) {
	callee := l.byID[s.Runbook]
	if callee == nil {
		r.add(s.callPos, "RB211", "", "step %q calls a runbook %q that is not there", s.ID, s.Runbook)
		return
	}
	for _, lang := range rb.Languages {
		if !slices.Contains(callee.Languages, lang) {
			r.add(s.callPos, "RB301", "", "runbook %q has no %q, which its caller %q has", s.Runbook, lang, rb.ID)
		}
	}
	for _, a := range s.With {
		if f := callee.fact(a.Name); f == nil || f.Expr != nil {
			r.add(a.Pos, "RB211", "", "runbook %q has no fact %q to be given", s.Runbook, a.Name)
		}
	}
}

func (l *Library) depth(rb *Runbook, path []string) (deepest int, loop bool) {
	if slices.Contains(path, rb.ID) {
		return 0, true
	}
	for _, s := range rb.Steps {
		callee := l.byID[s.Runbook]
		if s.Kind != KindCall || callee == nil {
			continue
		}
		below, again := l.depth(callee, append(slices.Clone(path), rb.ID))
		deepest, loop = max(deepest, below+1), loop || again
	}
	return deepest, loop
}

func (l *Library) told(rb *Runbook, s *Step, kind string, r *reporter) {
	for _, lang := range rb.Languages {
		var missing []string
		for _, v := range l.kinds[kind].Verdicts {
			if _, ok := l.sentences[lang][kind][v]; !ok {
				missing = append(missing, string(v))
			}
		}
		if len(missing) > 0 {
			r.add(s.tellPos, "RB303", "add them to verdicts/"+lang+".yaml", "no sentence in %q for a %s check that is: %s", lang, kind, join(missing))
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
