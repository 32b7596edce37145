package runbooks

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"time"
)

var (
	idForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
)

// reader builds a Runbook out of YAML nodes; what it does not like goes to its
// reporter, and it carries on with what is left.
type reader struct {
	*reporter
	rb *Runbook
}

// parse reads a runbook's source. The runbook is nil when the file is not even
// a mapping; otherwise it may be used only if r got no error.
func parse(file string, src []byte, r *reporter) *Runbook {
	root, ok := parseYAML(src, r)
	if !ok {
		return nil
	}
	sum := sha256.Sum256(src)
	rb := &Runbook{File: file, Source: slices.Clone(src), Hash: hex.EncodeToString(sum[:]),
		steps: map[string]*Step{}, checks: map[string]string{}}
	p := reader{r, rb}
	if !root.known(r, "a runbook", "schema* id* version* owner* review_by* title* intents* languages* limits facts start* steps* tests") {
		return nil
	}
	p.head(&root)
	p.facts(root.get("facts"))
	p.steps(root.get("steps"))
	p.tests(root.get("tests"))
	return rb
}

func (p reader) head(root *node) {
	if n := root.get("schema"); n != nil && n.str(p.reporter, "schema") != Schema {
		p.add(n.Pos, "RB101", "write "+Schema, "schema %q is not known", n.text)
	}
	if n := root.get("id"); n != nil {
		p.rb.ID = p.id(n, "id", idForm)
	}
	if n := root.get("version"); n != nil {
		p.rb.Version = n.integer(p.reporter, "version", 1, 1<<20)
	}
	if n := root.get("owner"); n != nil {
		p.rb.Owner = n.str(p.reporter, "owner")
	}
	if n := root.get("review_by"); n != nil {
		day, err := time.Parse(time.DateOnly, n.text)
		if err != nil {
			p.add(n.Pos, "RB104", "for example 2027-05-31", "review_by must be a date")
		}
		p.rb.ReviewBy = day
	}
	if n := root.get("languages"); n != nil {
		p.rb.Languages = n.words(p.reporter, "languages")
		if len(p.rb.Languages) == 0 {
			p.add(n.Pos, "RB301", "[fr, en]", "the runbook has no language")
		}
		for i, lang := range p.rb.Languages {
			if lang != "fr" && lang != "en" {
				p.add(n.items[i].Pos, "RB101", "fr or en", "language %q is not known", lang)
			}
		}
	}
	if n := root.get("intents"); n != nil {
		p.rb.Intents = n.words(p.reporter, "intents")
	}
	if n := root.get("title"); n != nil {
		p.rb.Title, p.rb.title = p.text(n, "title"), n.Pos
	}
	if n := root.get("start"); n != nil {
		p.rb.Start, p.rb.start = n.word(p.reporter, "start"), n.Pos
	}
	p.limits(root.get("limits"))
}

func (p reader) limits(n *node) {
	l := Limits{MaxSteps: 40, MaxVisits: 3, RemindAfter: 10 * time.Minute, ParkAfter: time.Hour, ExpireAfter: 72 * time.Hour}
	if n != nil && n.known(p.reporter, "limits", "max_steps max_visits remind_after park_after expire_after") {
		p.rb.limits = n.Pos
		if v := n.get("max_steps"); v != nil {
			l.MaxSteps = v.integer(p.reporter, "max_steps", 1, 200)
		}
		if v := n.get("max_visits"); v != nil {
			l.MaxVisits, l.visitsSet = v.integer(p.reporter, "max_visits", 1, 10), true
		}
		for key, d := range map[string]*time.Duration{"remind_after": &l.RemindAfter, "park_after": &l.ParkAfter, "expire_after": &l.ExpireAfter} {
			if v := n.get(key); v != nil {
				*d = v.duration(p.reporter, key, time.Second, 30*24*time.Hour)
			}
		}
		if l.RemindAfter >= l.ParkAfter || l.ParkAfter >= l.ExpireAfter {
			p.add(n.Pos, "RB104", "for example 10m, 60m, 72h", "remind_after, park_after and expire_after must grow")
		}
	}
	p.rb.Limits = l
}

func (p reader) facts(n *node) {
	if n == nil || n.kind == scalar && n.typed == "null" {
		return
	}
	if n.kind != mapping {
		p.add(n.Pos, "RB101", "", "facts must be a mapping")
		return
	}
	for i := range n.keys {
		kv := &n.keys[i]
		f := Fact{Name: p.id(&kv.key, "a fact's name", nameForm), Pos: kv.key.Pos}
		if f.Name == "c" || f.Name == "host" || f.Name == "target" {
			p.add(f.Pos, "RB102", "choose another name", "%q is a name of the schema itself", f.Name)
		}
		if !kv.value.known(p.reporter, "a fact", "type from expr needs label") {
			continue
		}
		p.fact(&f, &kv.value)
		p.rb.Facts = append(p.rb.Facts, f)
	}
}

func (p reader) fact(f *Fact, n *node) {
	if v := n.get("label"); v != nil {
		f.Label = p.text(v, "label")
		for _, t := range f.Label.byLan {
			if len(t.placeholders()) > 0 {
				p.add(t.pos, "RB208", "write plain words", "a fact's label takes no placeholder")
			}
		}
	}
	if v := n.get("expr"); v != nil {
		f.Expr, f.Type = &Condition{Src: v.str(p.reporter, "expr"), Pos: v.Pos, quoted: !v.plain}, AskYesNo
		if needs := n.get("needs"); needs != nil {
			f.Needs = needs.words(p.reporter, "needs")
		}
		if n.get("type") != nil || n.get("from") != nil {
			p.add(n.Pos, "RB101", "keep expr and needs", "a computed fact has no type and no from")
		}
		return
	}
	v := n.get("type")
	if v == nil {
		p.add(n.Pos, "RB101", "type, or expr with needs", "fact %q has no type", f.Name)
		return
	}
	f.Type = p.askType(v)
	if from := n.get("from"); from != nil {
		f.From = from.words(p.reporter, "from")
		for i, w := range f.From {
			if w != "utterance" && w != "member" && w != "ask" {
				p.add(from.items[i].Pos, "RB101", "utterance, member or ask", "a fact cannot come from %q", w)
			}
		}
	}
}

func (p reader) askType(n *node) AskType {
	t := AskType(n.str(p.reporter, "type"))
	switch t {
	case AskChoice, AskYesNo, AskDomain, AskURL, AskEmail, AskText, AskNumber, AskSince, AskService:
	default:
		p.add(n.Pos, "RB101", "choice yesno domain url email text number since service", "type %q is not known", t)
	}
	return t
}

func (p reader) id(n *node, what string, form *regexp.Regexp) string {
	s := n.word(p.reporter, what)
	if !form.MatchString(s) {
		p.add(n.Pos, "RB102", "small letters, digits and dashes, 40 at most", "%s: %q is not a good name", what, s)
	}
	return s
}

// text reads a mapping of language to text.
func (p reader) text(n *node, what string) Text {
	t := Text{Pos: n.Pos, byLan: map[string]template{}}
	if n.kind != mapping {
		p.add(n.Pos, "RB301", `write {fr: "…", en: "…"}`, "%s must be given in every language", what)
		return t
	}
	for i := range n.keys {
		key, v := n.keys[i].key, &n.keys[i].value
		if !slices.Contains(p.rb.Languages, key.text) {
			p.add(key.Pos, "RB101", "", "%s: language %q is not among the runbook's languages", what, key.text)
			continue
		}
		t.byLan[key.text] = newTemplate(v, v.str(p.reporter, what), p.reporter)
	}
	for _, lang := range p.rb.Languages {
		if t.byLan[lang].src == "" {
			p.add(n.Pos, "RB301", "", "%s: the text in %q is missing", what, lang)
		}
	}
	return t
}
