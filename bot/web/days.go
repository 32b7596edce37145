package web

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"vigie/store"
)

// dayCount is how many days the bars show.
const dayCount = 90

// Days is how each of the last days went for a service, the oldest first: 0 nothing was
// wrong, 1 … 4 the worst severity, -1 nobody was looking yet.
type Days [dayCount]int8

// daysOf reads incidents as days in the host's zone. since is when the bot began to know.
func daysOf(list []store.Incident, service string, zone *time.Location, since, now time.Time) Days {
	var out Days
	end := now.In(zone)
	for n := range out {
		from := time.Date(end.Year(), end.Month(), end.Day()-dayCount+1+n, 0, 0, 0, 0, zone)
		until := time.Date(end.Year(), end.Month(), end.Day()-dayCount+2+n, 0, 0, 0, 0, zone)
		if !since.Before(until) {
			out[n] = -1
			continue
		}
		for _, i := range list {
			over := i.Resolved
			if i.Open() {
				over = now
			}
			if i.Service != service || !i.Public() || i.State == store.IncidentCancelled || !i.Opened.Before(until) || !over.After(from) {
				continue
			}
			if s := int8(min(max(i.Severity, 1), 4)); out[n] <= 0 || s < out[n] {
				out[n] = s
			}
		}
	}
	return out
}

// known is since when the bot knows anything, zero when it does not yet.
func known(tx *store.Tx, list []store.Incident) time.Time {
	var first time.Time
	if len(list) > 0 {
		first = list[len(list)-1].Reported
	}
	if t, ok := tx.Ticket(1); ok && (first.IsZero() || t.Opened.Before(first)) {
		first = t.Opened
	}
	return first
}

// Bars draws a service's days as a picture of lines, one class a severity.
func (v *view) Bars(s ServiceState) template.HTML {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, `<svg class="bars" viewBox="0 0 %d 20" preserveAspectRatio="none" role="img" aria-label="%s">`, dayCount*4, template.HTMLEscapeString(v.BarsSay(s)))
	for level := int8(-1); level <= 4; level++ {
		var path strings.Builder
		for n, l := range s.Days {
			if l == level {
				_, _ = fmt.Fprintf(&path, "M%d 0v20", n*4+2)
			}
		}
		if path.Len() > 0 {
			_, _ = fmt.Fprintf(&b, `<path class="day%d" d="%s"/>`, level+1, path.String())
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers, and words of ours that are escaped
}

// BarsSay says what the bars show.
func (v *view) BarsSay(s ServiceState) string {
	bad := 0
	for _, l := range s.Days {
		if l > 0 {
			bad++
		}
	}
	if n := v.DaysKnown(s); n < dayCount {
		return v.Count("web.bars_since", n) + " " + v.Count("web.bars_bad", bad)
	}
	return v.Count("web.bars", dayCount) + " " + v.Count("web.bars_bad", bad)
}

// DaysKnown is of how many days anything is known; 0: there are no bars to draw.
func (v *view) DaysKnown(s ServiceState) int {
	n := slices.IndexFunc(s.Days[:], func(l int8) bool { return l >= 0 })
	if n < 0 {
		return 0
	}
	return dayCount - n
}

// Block is a part of a review: a heading, a list or a paragraph.
type Block struct {
	Head  string
	Items []string
	Text  string
}

// mostBlocks bounds what is shown of a review.
const mostBlocks = 400

// blocks reads the Markdown that reviews are written in: headings, lists and paragraphs.
// Everything else is shown as it was typed.
func blocks(markdown string, clean func(string) string) []Block {
	var out []Block
	for line := range strings.Lines(markdown) {
		line = clean(line)
		head := strings.TrimLeft(line, "#")
		item, isItem := strings.CutPrefix(line, "- ")
		if !isItem {
			item, isItem = strings.CutPrefix(line, "* ")
		}
		switch {
		case line == "" || len(out) >= mostBlocks:
		case head != line && strings.HasPrefix(head, " "):
			out = append(out, Block{Head: strings.TrimSpace(head)})
		case isItem && len(out) > 0 && len(out[len(out)-1].Items) > 0:
			out[len(out)-1].Items = append(out[len(out)-1].Items, item)
		case isItem:
			out = append(out, Block{Items: []string{item}})
		default:
			out = append(out, Block{Text: line})
		}
	}
	if len(out) > 0 && out[0].Head != "" { // the page has a title of its own
		out = out[1:]
	}
	return out
}
