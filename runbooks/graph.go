package runbooks

import (
	"fmt"
	"strings"
)

// Graph draws a runbook as a DOT graph, with the words that members read: a
// question is a box, a check an ellipse, an end has a double border and the
// colour of its outcome.
func Graph(rb *Runbook, lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", quote(rb.ID))
	fmt.Fprintf(&b, "  graph [label=%s, labelloc=t, fontname=\"sans-serif\", fontsize=20, rankdir=TB, ranksep=0.5, nodesep=0.3];\n", quote(rb.Title.In(lang)))
	b.WriteString("  node [fontname=\"sans-serif\", fontsize=11, style=\"filled,rounded\", fillcolor=white, color=gray40];\n")
	b.WriteString("  edge [fontname=\"sans-serif\", fontsize=9, color=gray50];\n")
	for _, s := range rb.Steps {
		fmt.Fprintf(&b, "  %s [%s];\n", quote(s.ID), look(s, lang))
	}
	if rb.Start != "" {
		fmt.Fprintf(&b, "  __start [shape=circle, label=\"\", width=0.2, fillcolor=black];\n  __start -> %s;\n", quote(rb.Start))
	}
	for _, s := range rb.Steps {
		for _, e := range bundle(s, lang) {
			style := ""
			if e.minor {
				style = ", style=dashed"
			}
			fmt.Fprintf(&b, "  %s -> %s [label=%s%s];\n", quote(s.ID), quote(e.to), quote(wrap(strings.Join(e.labels, "\n"), 32)), style)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func look(s *Step, lang string) string {
	label, shape, fill := s.Text.In(lang), "box", "#ffffff"
	switch s.Kind {
	case KindAsk:
		fill = "#e8f0fe"
	case KindDo:
		fill = "#fff4d6"
	case KindCheck:
		shape, fill = "ellipse", "#eeeeee"
		var names []string
		for _, c := range s.Run {
			names = append(names, c.Kind)
		}
		label = pick(lang, [2]string{"vérifie : ", "checks: "}) + strings.Join(names, ", ")
	case KindRoute:
		shape, label = "diamond", pick(lang, [2]string{"selon ce qu'on sait", "by what is known"})
	case KindWait:
		shape, label = "box", fmt.Sprintf("%s %v", pick(lang, [2]string{"attend", "waits"}), s.For)
	case KindCall:
		shape, label = "component", "→ "+s.Runbook
	case KindEnd:
		fill = map[Outcome]string{Solved: "#d5f0d5", KnownIncident: "#fde9c8", NotOurs: "#f3e0f7", Ticket: "#dbe7ff", Escalate: "#f9d0d0"}[s.Outcome]
		label = outcomeName(s.Outcome, lang) + "\n" + label
	}
	border := ""
	if s.Kind == KindEnd {
		border = ", peripheries=2"
	}
	return fmt.Sprintf("shape=%s, fillcolor=%q, label=%s%s", shape, fill, quote(wrap(shorten(label, 160), 34)), border)
}

func outcomeName(o Outcome, lang string) string {
	return pick(lang, map[Outcome][2]string{
		Solved: {"RÉSOLU", "SOLVED"}, KnownIncident: {"PANNE CONNUE", "KNOWN INCIDENT"}, NotOurs: {"À RÉGLER AILLEURS", "TO BE SETTLED ELSEWHERE"},
		Ticket: {"TICKET", "TICKET"}, Escalate: {"APPEL DE L'ÉQUIPE", "TEAM IS CALLED"},
	}[o])
}

type arrow struct {
	to     string
	labels []string
	minor  bool // taken only when things do not go as they should
}

// bundle draws the edges between the same two steps as one arrow.
func bundle(s *Step, lang string) []arrow {
	return bundleWith(s, func(e Edge) (string, bool) { return edgeLabel(s, e, lang) })
}

func bundleWith(s *Step, name func(Edge) (label string, minor bool)) []arrow {
	var out []arrow
	for _, e := range s.Edges {
		label, minor := name(e)
		found := false
		for i := range out {
			if out[i].to == e.To {
				found = true
				out[i].minor = out[i].minor && minor
				if label != "" {
					out[i].labels = append(out[i].labels, label)
				}
			}
		}
		if !found {
			a := arrow{to: e.To, minor: minor}
			if label != "" {
				a.labels = []string{label}
			}
			out = append(out, a)
		}
	}
	return out
}

func edgeLabel(s *Step, e Edge, lang string) (label string, minor bool) {
	if id, isOption := strings.CutPrefix(e.Label, "option:"); isOption {
		for _, o := range s.Options {
			if o.ID == id {
				return shorten(o.Label.In(lang), 60), false
			}
		}
	}
	if e.If != nil {
		return shorten(e.If.Src, 90), false
	}
	words := map[string][2]string{
		"unknown": {"ne sait pas", "does not know"}, "on_fail": {"réponse non comprise", "answer not understood"}, "skip": {"passe", "skips"},
		"if_yes": {"oui", "yes"}, "if_no": {"non", "no"}, "if_done": {"c'est fait", "done"}, "if_failed": {"ça ne marche pas", "it does not work"},
		"if_cannot": {"n'y arrive pas", "cannot"}, "solved": {"résolu", "solved"}, "not_ours": {"à régler ailleurs", "elsewhere"}, "else": {"sinon", "otherwise"},
	}
	if w, ok := words[e.Label]; ok {
		return pick(lang, w), e.Label == "unknown" || e.Label == "on_fail" || e.Label == "skip"
	}
	if len(s.Edges) > 1 && (s.Kind == KindCheck || s.Kind == KindRoute) {
		return pick(lang, [2]string{"sinon", "otherwise"}), false
	}
	return "", false
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// wrap breaks lines between words, as DOT does not.
func wrap(s string, width int) string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		current := ""
		for _, w := range strings.Fields(line) {
			if current != "" && len([]rune(current))+len([]rune(w)) >= width {
				lines, current = append(lines, current), ""
			}
			current = strings.TrimSpace(current + " " + w)
		}
		lines = append(lines, current)
	}
	return strings.Join(lines, "\n")
}

// quote makes a DOT string. What is between the quotes is only text: DOT knows
// the backslash and the double quote, and nothing else.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", "").Replace(s) + `"`
}
