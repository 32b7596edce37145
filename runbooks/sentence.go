package runbooks

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode"
)

// catalogue has the sentence of each verdict: by language, kind and verdict.
type catalogue map[string]map[string]map[Verdict]template

func (c catalogue) load(layer fs.FS, host map[string]string, prefix string) Findings {
	var all Findings
	for _, lang := range []string{"fr", "en"} {
		name := "verdicts/" + lang + ".yaml"
		src, err := fs.ReadFile(layer, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		r := &reporter{file: prefix + name}
		if err != nil {
			r.add(Pos{}, "RB101", "", "%v", err)
		} else if root, ok := parseYAML(src, r); ok {
			c.read(lang, &root, host, r)
		}
		all = append(all, r.list...)
	}
	return all
}

func (c catalogue) read(lang string, root *node, host map[string]string, r *reporter) {
	if c[lang] == nil {
		c[lang] = map[string]map[Verdict]template{}
	}
	if root.kind != mapping {
		r.add(root.Pos, "RB101", "", "sentences are a mapping of kinds")
		return
	}
	kinds := Kinds()
	for i := range root.keys {
		kv := &root.keys[i]
		kind, ok := kinds[kv.key.text]
		if !ok || kv.value.kind != mapping {
			r.add(kv.key.Pos, "RB101", "", "there is no check kind %q", kv.key.text)
			continue
		}
		if c[lang][kind.Name] == nil {
			c[lang][kind.Name] = map[Verdict]template{}
		}
		for j := range kv.value.keys {
			k, v := kv.value.keys[j].key, &kv.value.keys[j].value
			if !slices.Contains(kind.Verdicts, Verdict(k.text)) {
				r.add(k.Pos, "RB209", "", "a %s check has no verdict %q", kind.Name, k.text)
				continue
			}
			t := newTemplate(v, v.str(r, "a sentence"), r)
			checkSentence(t, kind, host, r)
			c[lang][kind.Name][Verdict(k.text)] = t
		}
	}
}

// checkSentence types the placeholders of a sentence: the target, the fields of
// its kind, and the values of the host.
func checkSentence(t template, kind Kind, host map[string]string, r *reporter) {
	for _, p := range t.parts {
		if p.path == nil {
			continue
		}
		ft, ok := fieldType(kind, p.path[0])
		switch {
		case p.path[0] == "host" && len(p.path) == 2:
			if host != nil && host[p.path[1]] == "" {
				r.add(t.pos, "RB105", "set it in the configuration", "the host's value %q is missing", p.path[1])
			}
			ft, ok = FieldString, true
		case p.path[0] == "target" && len(p.path) == 1:
			ft, ok = FieldString, true
		case len(p.path) > 1:
			ok = false
		}
		if !ok {
			r.add(t.pos, "RB208", "target, host.name, or a field of the check", "a %s check has no field %q", kind.Name, strings.Join(p.path, "."))
			continue
		}
		for _, f := range p.filters {
			takes, known := filterTypes(f)
			if !known || !slices.Contains(takes, ft) {
				r.add(t.pos, "RB210", "", "filter %q does not take a %s", f, ft)
			}
		}
	}
}

// Target is what a request is aimed at, in the words that a person would use.
func (r Request) Target() string {
	for _, name := range []string{"domain", "name", "host", "url", "ip", "label"} {
		if v := r.Args[name]; v != "" {
			if name == "url" {
				return hostOf(v)
			}
			return v
		}
	}
	return ""
}

// Sentence says what a check found, in plain words of a language. now is the
// reader's instant, for "two hours ago". It is "" when the check was skipped or
// the library has no such sentence.
func (l *Library) Sentence(lang string, req Request, rep Report, now time.Time) string {
	if rep.Skipped {
		return ""
	}
	kind := l.kinds[req.Kind]
	env := reportEnv(kind, rep)
	t, ok := l.sentences[lang][req.Kind][Verdict(env["verdict"].(string))]
	if !ok {
		return ""
	}
	find := func(path []string) (any, FieldType, bool) {
		switch {
		case path[0] == "host" && len(path) == 2:
			return l.hostValue(path[1]), FieldString, true
		case path[0] == "target":
			return clean(req.Target(), 253), FieldString, true
		}
		ft, ok := fieldType(kind, path[0])
		return env[path[0]], ft, ok
	}
	return t.render(find, l.format(lang, now))
}

func (l *Library) format(lang string, now time.Time) format {
	return format{lang: lang, now: now, zone: l.zone}
}

// clean takes out of a foreign text what could change how it is displayed:
// control, direction and invisible characters. It cuts at n bytes.
func clean(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.Is(unicode.C, r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return clip(s, n)
}
