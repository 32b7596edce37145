package runbooks

import (
	"fmt"
	"strings"
)

// Outline is Picture for a place that shows no pictures: one line for each step,
// with its number, its beginning and where each answer leads.
func Outline(rb *Runbook, lang string) []string {
	p := newPicture(rb, lang)
	out := make([]string, 0, len(p.cards))
	for i, c := range p.cards {
		name, _ := stepWords(c.step.Kind, lang)
		line := fmt.Sprintf("%d. %s", i+1, strings.TrimPrefix(name, "? "))
		if len(c.text) > 0 {
			line += " · " + shorten(strings.Join(c.text, " "), 70)
		}
		var ways []string
		for _, r := range c.rows {
			to := fmt.Sprint(r.to)
			if r.end != nil {
				to = outcomeName(r.end.Outcome, lang)
			}
			ways = append(ways, shorten(strings.Join(r.label, " "), 30)+" → "+to)
		}
		if len(ways) > 0 {
			line += " | " + strings.Join(ways, " | ")
		}
		out = append(out, line)
	}
	return out
}
