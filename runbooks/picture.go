package runbooks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Picture draws a runbook for people who read no code: the steps as numbered
// cards from top to bottom, each with its ways out; ends stand where they are
// reached. Every colour is doubled by a word or a sign, every line by the number
// of the card that it leads to. Equal runbooks give equal drawings.
func Picture(rb *Runbook, lang string) Drawing {
	p := newPicture(rb, lang)
	p.place()
	return p.drawing()
}

// newPicture has all cards filled, none of them placed.
func newPicture(rb *Runbook, lang string) *picture {
	p := &picture{rb: rb, lang: lang, number: map[string]int{}}
	for i, s := range readingOrder(rb) {
		p.number[s.ID] = i + 1
		p.cards = append(p.cards, card{step: s})
	}
	for i := range p.cards {
		p.fill(&p.cards[i])
	}
	return p
}

// picture is a drawing in the making; lengths are in SVG units.
type picture struct {
	rb     *Runbook
	lang   string
	number map[string]int // of each step that is not an end
	cards  []card
	lanes  []lane
	width  int
	height int
}

// card is one step as it is drawn.
type card struct {
	step   *Step
	text   []string
	rows   []row
	y, end int
}

// row is one way out of a card: the words that lead to it, and where it goes.
type row struct {
	label []string
	to    int   // the card's number; 0 for an end
	end   *Step // the end; nil for a card
	what  []string
	minor bool
	y     int
}

// readingOrder is the order in which a person reads the steps: what is nearest to
// the start first, and no step before one that leads to it, circles apart.
func readingOrder(rb *Runbook) []*Step {
	seen := map[string]bool{}
	var out []*Step
	var visit func(id string)
	visit = func(id string) {
		s := rb.Step(id)
		if s == nil || seen[id] || s.Kind == KindEnd {
			return
		}
		seen[id] = true
		for _, e := range slices.Backward(s.Edges) {
			visit(e.To)
		}
		out = append(out, s)
	}
	visit(rb.Start)
	slices.Reverse(out)
	if len(out) == 0 { // an end at once
		out = append(out, rb.Steps...)
	}
	return out
}

// The measures of a card, in characters and SVG units. Widths are generous,
// because a reader's font is not known.
const (
	textChars, labelChars, whatChars = 84, 42, 50
	cardX, cardWidth, whatX          = 20, 780, 370
	titleHeight, lineHeight, rowGap  = 28, 19, 7
	cardGap, laneGap, laneStart      = 22, 13, 818
	headHeight, footHeight           = 96, 16
)

func (p *picture) fill(c *card) {
	s := c.step
	text := plainText(s.Text.In(p.lang))
	switch s.Kind {
	case KindCheck:
		var names []string
		for _, check := range s.Run {
			if name := kindWords(check.Kind, p.lang); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		text = pick(p.lang, [2]string{"Vigie vérifie : ", "Vigie checks: "}) + strings.Join(names, ", ") + "."
	case KindRoute:
		text = pick(p.lang, [2]string{"Vigie choisit la suite d'après ce qu'elle sait déjà.", "Vigie chooses what comes next by what it knows already."})
	case KindCall:
		text = pick(p.lang, [2]string{"Le diagnostic « " + s.Runbook + " » prend la suite.", "The diagnosis “" + s.Runbook + "” takes over."})
	}
	c.text = lines(text, textChars, 4)
	for _, a := range bundleWith(s, func(e Edge) (string, bool) { return p.edge(s, e) }) {
		r := row{label: lines(strings.Join(a.labels, pick(p.lang, [2]string{" ; ", "; "})), labelChars, 4), minor: a.minor}
		if len(a.labels) == 0 {
			r.label = []string{pick(p.lang, [2]string{"ensuite", "then"})}
		}
		if to := p.rb.Step(a.to); to != nil && to.Kind == KindEnd {
			r.end, r.what = to, lines(plainText(to.Text.In(p.lang)), whatChars, 2)
		} else {
			r.to = p.number[a.to]
			r.what = []string{fmt.Sprintf("%s %d", pick(p.lang, [2]string{"aller à l'étape", "go to step"}), r.to)}
		}
		c.rows = append(c.rows, r)
	}
}

// edge names a way out without code.
func (p *picture) edge(s *Step, e Edge) (string, bool) {
	i := slices.Index(s.Edges, e)
	if e.If != nil && i+1 < len(s.Edges) && s.Edges[i+1].If == nil && s.Edges[i+1].To == e.To {
		return "", false // what is left goes there anyway
	}
	if e.If == nil {
		label, minor := edgeLabel(s, e, p.lang)
		return plainText(label), minor
	}
	return p.condition(e.If.Src), false
}

var (
	clauseForm  = regexp.MustCompile(`(!?)c\.(\w+)\.(\w+)(?:\s*(==|!=|in|<=|>=|<|>)\s*(\[[^\]]*\]|"[^"]*"|-?\d+))?`)
	quotedWord  = regexp.MustCompile(`"([^"]*)"`)
	factWord    = regexp.MustCompile(`[a-z]\w*`)
	placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)
	spaces      = regexp.MustCompile(`\s+`)
)

// condition puts what decides in words: exact for a verdict, else by the name of
// what is looked at. Authors read the exact rule in the file.
func (p *picture) condition(src string) string {
	var out strings.Builder
	var said []string
	last := 0
	for _, at := range clauseForm.FindAllStringSubmatchIndex(src, -1) {
		m := make([]string, len(at)/2)
		for i := range m {
			if at[2*i] >= 0 {
				m[i] = src[at[2*i]:at[2*i+1]]
			}
		}
		part := p.clause(m)
		if part == "" || slices.Contains(said, part) {
			continue
		}
		if len(said) > 0 {
			join := [2]string{" et ", " and "}
			if strings.Contains(src[last:at[0]], "||") {
				join = [2]string{" ou ", " or "}
			}
			out.WriteString(pick(p.lang, join))
		}
		out.WriteString(part)
		said, last = append(said, part), at[1]
	}
	if len(said) == 0 {
		return pick(p.lang, [2]string{"selon ", "by "}) + p.factsIn(src)
	}
	return out.String()
}

// factsIn names the facts that a condition is about.
func (p *picture) factsIn(src string) string {
	var out []string
	for _, word := range factWord.FindAllString(quotedWord.ReplaceAllString(src, ""), -1) {
		name := pick(p.lang, [2]string{"« ", "“"}) + p.factName(word) + pick(p.lang, [2]string{" »", "”"})
		known := slices.ContainsFunc(p.rb.Facts, func(f Fact) bool { return f.Name == word })
		if known && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return pick(p.lang, [2]string{"ce qui est connu", "what is known"})
	}
	return strings.Join(out, ", ")
}

func (p *picture) factName(word string) string {
	if f := p.rb.fact(word); f != nil {
		return f.called(p.lang)
	}
	return word
}

// clause is one comparison of a condition; m is a match of clauseForm.
func (p *picture) clause(m []string) string {
	kind := p.kindOf(m[2])
	if kind == "" || m[3] == "skipped" {
		return ""
	}
	subject := kindWords(kind, p.lang)
	var values []string
	for _, q := range quotedWord.FindAllStringSubmatch(m[5], -1) {
		if q[1] != "" {
			values = append(values, verdictWords(q[1], p.lang))
		}
	}
	if len(values) > 4 {
		values = append(values[:3], "…")
	}
	if len(values) == 0 || m[1] != "" {
		return subject
	}
	not := ""
	if m[4] == "!=" {
		not = pick(p.lang, [2]string{"pas ", "not "})
	}
	return subject + pick(p.lang, [2]string{" : ", ": "}) + not + strings.Join(values, ", ")
}

func (p *picture) kindOf(check string) string {
	for _, s := range p.rb.Steps {
		for _, c := range s.Run {
			if c.ID == check {
				return c.Kind
			}
		}
	}
	return ""
}

// plainText is a text as an example: what is only known later is an ellipsis.
func plainText(s string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(placeholder.ReplaceAllString(s, "…"), " "))
}

// lines wraps a text, and cuts what is beyond most lines.
func lines(s string, width, most int) []string {
	if s == "" {
		return nil
	}
	// A sign that French puts a space before does not begin a line.
	const held = "\x00"
	s = strings.NewReplacer(" :", held+":", " ;", held+";", " ?", held+"?", " !", held+"!", " »", held+"»", "« ", "«"+held).Replace(s)
	out := strings.Split(strings.ReplaceAll(wrap(s, width), held, " "), "\n")
	if len(out) > most {
		out = out[:most]
		out[most-1] = strings.TrimRight(shorten(out[most-1], width-1), " .…,;") + " …"
	}
	return out
}
