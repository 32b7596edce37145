package runbooks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// lint gives the warnings that one file earns by itself. They stop nobody, but
// each has made a member stumble somewhere.
func lint(rb *Runbook, r *reporter) {
	for _, s := range rb.Steps {
		lintOptions(s, r)
		lintRules(s, r)
		if s.Kind == KindAsk && s.Why.empty() {
			r.add(s.Pos, "RB504", "why: {fr: …, en: …}", "step %q has no why", s.ID)
		}
		if s.Kind == KindEnd && s.Outcome == Solved {
			lintSolved(rb, s, r)
		}
		for _, t := range s.texts() {
			lintText(t, r)
		}
	}
	lintLength(rb, r)
	lintAddress(rb, r)
}

// texts are all the texts of a step that a member reads.
func (s *Step) texts() []Text {
	out := []Text{s.Text, s.Why, s.Invalid, s.Announce}
	for _, o := range s.Options {
		out = append(out, o.Label)
	}
	return out
}

// lintOptions finds options that one answer could mean both of.
func lintOptions(s *Step, r *reporter) {
	seen := map[string]string{}
	for _, o := range s.Options {
		words := slices.Clone(o.Say)
		for _, t := range o.Label.byLan {
			words = append(words, t.src)
		}
		for _, w := range words {
			f := fold(w)
			if n, ok := number(f); ok && n >= 1 && n <= len(s.Options) && s.Options[n-1].ID != o.ID {
				r.add(o.Pos, "RB212", "numbers are taken by the options' places", "option %q of step %q: %d also means the option at that place", o.ID, s.ID, n)
			}
			if other, taken := seen[f]; taken && other != o.ID {
				r.add(o.Pos, "RB212", "", "options %q and %q of step %q both mean %q", other, o.ID, s.ID, f)
			}
			seen[f] = o.ID
		}
	}
}

// lintRules finds rules that never fire and verdicts that no rule names.
func lintRules(s *Step, r *reporter) {
	w := ruleWatch{named: map[string]map[string]bool{}, taken: map[string]map[string]bool{}, source: map[string]bool{}}
	for _, e := range s.Edges {
		if e.If != nil && w.shadowed(e.If) {
			r.add(e.Pos, "RB213", "remove it, or move it up", "step %q: an earlier rule always comes before this one", s.ID)
		}
	}
	for _, id := range sortedKeys(w.named) {
		c := s.check(id)
		if c == nil || s.usesNot(id) || onlyGood(c.Kind, w.named[id]) {
			continue // "ok, or else" and "anything but ok" name all there is
		}
		var missing []string
		for _, v := range r.kinds[c.Kind].Verdicts {
			if !w.named[id][string(v)] && v != Unknown && !good(c.Kind, v) {
				missing = append(missing, string(v))
			}
		}
		if len(missing) > 0 {
			r.add(c.Pos, "RB214", "name them in a rule, or be sure of the else", "step %q: no rule names these verdicts of %q: %s", s.ID, id, join(missing))
		}
	}
}

// ruleWatch goes down the rules of a step.
type ruleWatch struct {
	named  map[string]map[string]bool // check → verdicts that some rule names
	taken  map[string]map[string]bool // check → verdicts that a plain rule has caught
	source map[string]bool            // conditions as they are written
}

// shadowed says whether earlier rules catch all that this one would.
func (w *ruleWatch) shadowed(c *Condition) bool {
	list, plain := c.comparisons()
	shadowed := w.source[c.Src]
	w.source[c.Src] = true
	for _, cmp := range list {
		if cmp.field != "verdict" {
			continue
		}
		if w.named[cmp.check] == nil {
			w.named[cmp.check], w.taken[cmp.check] = map[string]bool{}, map[string]bool{}
		}
		taken := w.taken[cmp.check]
		if plain && !slices.ContainsFunc(cmp.words, func(word string) bool { return !taken[word] }) {
			shadowed = true
		}
		for _, word := range cmp.words {
			w.named[cmp.check][word] = true
			taken[word] = taken[word] || plain
		}
	}
	return shadowed
}

func onlyGood(kind string, words map[string]bool) bool {
	for w := range words {
		if !good(kind, Verdict(w)) {
			return false
		}
	}
	return true
}

// usesNot says whether some rule names a check's verdict by what it is not: then
// the others are meant.
func (s *Step) usesNot(id string) bool {
	return slices.ContainsFunc(s.Edges, func(e Edge) bool {
		list, _ := e.If.comparisons()
		return slices.ContainsFunc(list, func(c comparison) bool { return c.check == id && c.field == "verdict" && c.op == "!=" })
	})
}

// lintSolved wants somebody's word for it, or a check's, before "solved".
func lintSolved(rb *Runbook, end *Step, r *reporter) {
	seen := map[string]bool{}
	var from func(id string) bool
	from = func(id string) bool {
		if seen[id] {
			return true
		}
		seen[id] = true
		if id == rb.Start && slices.Contains([]StepKind{KindSay, KindRoute, KindWait, KindEnd}, rb.Step(id).Kind) {
			return false
		}
		for _, s := range rb.Steps {
			leads := slices.ContainsFunc(s.Edges, func(e Edge) bool { return e.To == id })
			if leads && slices.Contains([]StepKind{KindSay, KindRoute, KindWait}, s.Kind) && !from(s.ID) {
				return false
			}
		}
		return true
	}
	if !from(end.ID) {
		r.add(end.Pos, "RB505", "check again, or ask", "end %q says solved, and nobody has looked", end.ID)
	}
}

func lintLength(rb *Runbook, r *reporter) {
	dist := map[string]int{rb.Start: 1}
	for queue := []string{rb.Start}; len(queue) > 0; queue = queue[1:] {
		s := rb.Step(queue[0])
		if s == nil {
			return
		}
		if s.Kind == KindEnd && dist[s.ID] > 8 {
			r.add(s.Pos, "RB215", "", "end %q is %d steps away at best", s.ID, dist[s.ID]-1)
		}
		for _, e := range s.Edges {
			if dist[e.To] == 0 && rb.Step(e.To) != nil {
				dist[e.To] = dist[s.ID] + 1
				queue = append(queue, e.To)
			}
		}
	}
	budget := 20000
	for _, s := range rb.Steps {
		if n := longest(rb, s.ID, map[string]bool{}, &budget, func(s *Step) bool { return s.Kind == KindAsk }); n > 4 {
			r.add(s.Pos, "RB215", "test something in between", "%d questions in a row begin at step %q", n, s.ID)
			break
		}
	}
	budget = 20000
	if n := longest(rb, rb.Start, map[string]bool{}, &budget, func(*Step) bool { return true }); n > rb.Limits.MaxSteps {
		r.add(rb.start, "RB216", "raise max_steps, or shorten", "the longest path has %d steps, the limit is %d", n, rb.Limits.MaxSteps)
	}
}

// longest is the length of the longest path without a circle, over the steps
// that count. The budget bounds the search; what it cuts off is not reported.
func longest(rb *Runbook, id string, on map[string]bool, budget *int, counts func(*Step) bool) int {
	s := rb.Step(id)
	if *budget--; *budget < 0 || s == nil || on[id] || !counts(s) {
		return 0
	}
	on[id] = true
	best := 0
	for _, e := range s.Edges {
		best = max(best, longest(rb, e.To, on, budget, counts))
	}
	on[id] = false
	return best + 1
}

const (
	maxLine     = 350
	maxSentence = 25
)

var jargon = regexp.MustCompile(`(?i)\b(nxdomain|servfail|ttl|rdap|epp|glue|aaaa|cname|handshake|resolver|registrar|registry|propagation|payload|backend|downtime|endpoint)\b`)

func lintText(t Text, r *reporter) {
	for _, lang := range []string{"fr", "en"} {
		tmpl, ok := t.byLan[lang]
		if !ok {
			continue
		}
		if len(tmpl.src) > maxLine {
			r.add(tmpl.pos, "RB304", "make two steps of it", "the text has %d bytes: IRC would cut it", len(tmpl.src))
		}
		for _, sentence := range sentences.Split(tmpl.src, -1) {
			if n := len(strings.Fields(sentence)); n > maxSentence {
				r.add(tmpl.pos, "RB305", "make two sentences of it", "a sentence has %d words", n)
			}
		}
		if w := jargon.FindString(tmpl.src); w != "" && !strings.Contains(tmpl.src, "(") {
			r.add(tmpl.pos, "RB305", "say it in plain words, or explain it in parentheses", "the word %q is jargon", w)
		}
	}
}

var tu = regexp.MustCompile(`(?i)(^|[\s'(«])(tu|toi|ton|tes|ta)([\s.,;:!?)»]|$)`)
var vous = regexp.MustCompile(`(?i)(^|[\s'(«])(vous|votre|vos)([\s.,;:!?)»]|$)`)

func lintAddress(rb *Runbook, r *reporter) {
	var informal, formal []Text
	for _, s := range rb.Steps {
		for _, t := range s.texts() {
			if tu.MatchString(t.In("fr")) {
				informal = append(informal, t)
			}
			if vous.MatchString(t.In("fr")) {
				formal = append(formal, t)
			}
		}
	}
	if len(formal) > 0 {
		for _, t := range informal {
			r.add(t.byLan["fr"].pos, "RB306", "say vous everywhere", "this text says tu, others say vous")
		}
	}
}

// Lint gives the findings that need more than the files: the golden tests
// (RB501, RB502) and the review date (RB503), seen from now.
func (l *Library) Lint(now time.Time) Findings {
	var all Findings
	for _, rb := range l.All() {
		r := &reporter{file: rb.File}
		if !rb.ReviewBy.IsZero() && now.After(rb.ReviewBy.AddDate(0, 0, 1)) {
			r.add(Pos{1, 1}, "RB503", "read it again, then move the date", "it was to be reviewed by %s", rb.ReviewBy.Format(time.DateOnly))
		}
		reached := map[string]bool{}
		for _, res := range l.RunTests(rb) {
			if res.Failure != "" {
				r.add(res.pos, "RB501", "", "test %q: %s", res.Test, res.Failure)
			}
			for _, id := range res.Path {
				reached[id] = true
			}
		}
		for _, s := range rb.Steps {
			if !reached[s.ID] {
				r.add(s.Pos, "RB502", "", "no test reaches %s %q", s.Kind, s.ID)
			}
		}
		all = append(all, r.list...)
	}
	return all.sorted()
}

// SlowChecks warns of the checks (RB506) that took longer, in what the caller
// has measured by kind, than the step gives them.
func (rb *Runbook) SlowChecks(slowest map[string]time.Duration) Findings {
	r := &reporter{file: rb.File}
	for _, s := range rb.Steps {
		for _, c := range s.Run {
			if d := slowest[c.Kind]; d > s.Timeout {
				r.add(c.Pos, "RB506", fmt.Sprintf("timeout: %v", d.Round(time.Second)), "a %s check has taken %v, step %q gives it %v", c.Kind, d, s.ID, s.Timeout)
			}
		}
	}
	return r.list.sorted()
}
