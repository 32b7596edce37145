package runbooks

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

func join(words []string) string { return strings.Join(words, " ") }

// text checks one text in all its languages.
func (l *linker) text(t Text, known state) {
	if t.empty() {
		return
	}
	for lang, tmpl := range t.byLan {
		l.template(tmpl, known, t.private)
		for _, other := range l.rb.Languages {
			if o, ok := t.byLan[other]; ok && other > lang && !slices.Equal(o.placeholders(), tmpl.placeholders()) {
				l.add(t.Pos, "RB302", "", "the placeholders differ: %s has %v, %s has %v", lang, tmpl.placeholders(), other, o.placeholders())
			}
		}
	}
}

// template checks what a template names. hidden says that no public text is
// made of it.
func (l *linker) template(t template, known state, hidden bool) {
	for _, p := range t.parts {
		if p.path == nil {
			continue
		}
		ft, ok := l.path(t, p.path, known)
		if !ok {
			continue
		}
		for _, name := range p.filters {
			takes, ok := filterTypes(name)
			switch {
			case !ok:
				l.add(t.pos, "RB208", "ago date days host", "filter %q is not known", name)
			case !slices.Contains(takes, ft):
				l.add(t.pos, "RB210", "", "filter %q does not take a %s: {{%s}}", name, ft, p)
			}
			ft = FieldString
		}
		if f := l.rb.fact(p.path[0]); f != nil && f.Sensitive && !hidden && len(p.path) == 1 {
			l.add(t.pos, "RB404", "leave it out, or make the end private", "the sensitive fact %q stands in a text that others may read", f.Name)
		}
	}
}

// path types a placeholder's path, and reports it when it may have no value.
func (l *linker) path(t template, path []string, known state) (FieldType, bool) {
	switch {
	case path[0] == "host" && len(path) == 2:
		if l.host != nil && l.host[path[1]] == "" {
			l.add(t.pos, "RB105", "set it in the configuration", "the host's value %q is missing", path[1])
		}
		return FieldString, true
	case path[0] == "c" && len(path) == 3:
		kind := l.rb.checks[path[1]]
		ft, ok := fieldType(l.kinds[kind], path[2])
		switch {
		case kind == "":
			l.add(t.pos, "RB207", "", "there is no check %q in this runbook", path[1])
		case !ok:
			l.add(t.pos, "RB208", "", "a %s check has no field %q", kind, path[2])
		case !known.has("c." + path[1]):
			l.add(t.pos, "RB207", "run it on every path that leads here", "check %q has not always run before {{%s}}", path[1], strings.Join(path, "."))
		}
		return ft, ok && kind != ""
	case len(path) == 1:
		f := l.rb.fact(path[0])
		switch {
		case f == nil:
			l.add(t.pos, "RB208", "", "there is no fact %q", path[0])
			return "", false
		case f.Expr == nil && !known.has(f.Name):
			l.add(t.pos, "RB207", "ask for it on every path that leads here", "fact %q is not always known before {{%s}}", f.Name, f.Name)
		}
		return factType(f.Type), true
	}
	l.add(t.pos, "RB208", "a fact, c.check.field or host.name", "{{%s}} is not understood", strings.Join(path, "."))
	return "", false
}

// arguments looks at what a check is aimed at: a member's typed answer or the
// host's own values, never a name that an author wrote by hand.
func (l *linker) arguments(c *Check, known state) {
	spec := l.kinds[c.Kind]
	for _, a := range c.Args {
		l.template(a.Value, known, true)
		t := spec.Args[a.Name]
		isTarget := t == ArgDomain || t == ArgURL || t == ArgHost || a.Name == "ip"
		if !isTarget {
			continue
		}
		if privateHost(a.Value.src) {
			l.add(a.Pos, "RB403", "", "check %q is aimed at a private address", c.ID)
		}
		if !l.fromTyped(a.Value) {
			l.add(a.Pos, "RB402", "a fact of type domain, url or email, or {{host.…}}", "the target of check %q does not come from a typed answer or the configuration", c.ID)
		}
	}
}

func (l *linker) fromTyped(t template) bool {
	typed := false
	for _, p := range t.parts {
		switch {
		case p.path == nil:
		case p.path[0] == "host":
			typed = true
		case p.path[0] == "c" && len(p.path) == 3:
			// The register's own values are configuration. Names that a check found
			// come out of somebody's DNS: the prober vets them like any other.
			if !slices.Contains([]string{"canary_url", "server", "hosts", "cname", "final_host"}, p.path[2]) {
				return false
			}
			typed = true
		default:
			f := l.rb.fact(p.path[0])
			if f == nil || f.Type != AskDomain && f.Type != AskURL && f.Type != AskEmail {
				return false
			}
			typed = true
		}
	}
	return typed
}

var privateName = regexp.MustCompile(`(?i)(^|[./@])(localhost|[a-z0-9-]+\.(local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa))(:\d+)?(/|$)`)

// privateHost says whether a literal stands for a host inside somebody's own
// network. Addresses are refused in any form: authors aim by name.
func privateHost(s string) bool {
	s = hostOf(strings.TrimSpace(s))
	if privateName.MatchString(s) {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil && (addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsUnspecified() || addr.IsMulticast() ||
		netip.MustParsePrefix("100.64.0.0/10").Contains(addr.Unmap()))
}

var (
	secretWord = regexp.MustCompile(`(?i)\b(mots? de passe|passwords?|passwd|passphrase|phrase secrète|code (pin|secret|de sécurité)|pin code|security code|iban|rib|numéro de carte|card number|clé privée|private key)\b`)
	secretAsk  = regexp.MustCompile(`(?i)\b(donnez|donner|envoyez|envoyer|tapez|écrivez|indiquez|dites|communiquez|copiez|recopiez|quel est|quelle est|what is|what's|give|send|type|enter|tell|write|paste)\b`)
	negation   = regexp.MustCompile(`(?i)\b(ne|n'|jamais|sans|pas|never|not|don't|without|no)\b`)
	sentences  = regexp.MustCompile(`[.!?;…]\s+|[.!?]$|\s[?!;]\s*`)
)

// secrets refuses a question whose answer would be a secret: there is no type
// for one, and chat is no place for it.
func (l *linker) secrets(s *Step) {
	free := s.Kind == KindAsk && (s.Type == AskText || s.Type == AskNumber)
	for _, t := range []Text{s.Text, s.Invalid, s.Why} {
		for _, lang := range l.rb.Languages {
			tmpl := t.byLan[lang]
			for _, sentence := range sentences.Split(tmpl.src, -1) {
				asked := secretWord.MatchString(sentence) && !negation.MatchString(sentence)
				if asked && (free || secretAsk.MatchString(sentence)) {
					l.add(tmpl.pos, "RB401", "never ask for it: say where it is changed", "step %q asks for a secret", s.ID)
				}
			}
		}
	}
}

func (l *linker) testsFit() {
	for _, t := range l.rb.Tests {
		for id, list := range t.Checks {
			kind, own := l.rb.checks[id]
			for _, c := range list {
				if own && !slices.Contains(l.kinds[kind].Verdicts, c.Verdict) {
					l.add(c.Pos, "RB209", "", "test %q: %q is not a verdict of a %s check", t.Name, c.Verdict, kind)
				}
				for name := range c.Fields {
					if _, ok := fieldType(l.kinds[kind], name); own && !ok && name != "verdict" {
						l.add(c.Pos, "RB208", "", "test %q: a %s check has no field %q", t.Name, kind, name)
					}
				}
			}
		}
		if t.Lang != "" && !slices.Contains(l.rb.Languages, t.Lang) {
			l.add(t.Pos, "RB101", "", "test %q: the runbook has no language %q", t.Name, t.Lang)
		}
	}
}
