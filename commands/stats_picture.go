package commands

import (
	"fmt"
	"strings"
	"time"

	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// The picture's measures, in pixels: a frame, bars over time, then one bar a line.
const (
	picWidth  = 760
	picMargin = 28
	barsTop   = 96
	barsTall  = 150
	rowTall   = 26
	rowLabel  = 190
	rowBar    = 440
)

// statsDrawing shows the tickets opened over the period, then figures by service and,
// where staff alone look, by person. It shows nothing that the text does not say, save
// how it went over time.
func (c *Call) statsDrawing(s store.TicketStats, facts []store.TicketFact, title string, p period) runbooks.Drawing {
	d := &chart{Drawing: runbooks.Drawing{Width: picWidth, Lang: c.Lang(), Title: title, Desc: title}}
	d.text(picMargin, 40, runbooks.Heading, c.W("stats.picture", words.Args{"Title": title}))
	line := c.W("stats.picture_opened", words.Args{"Opened": s.Opened, "Reopened": s.Reopened})
	if s.Answered > 0 {
		line += " · " + c.W("stats.picture_first", words.Args{"Median": atMost(s.Median, c.Lang()), "P90": atMost(s.P90, c.Lang())})
	}
	d.text(picMargin, 66, runbooks.Body, line)
	y := d.bars(overTime(facts, p))
	y = d.rows(y, c.W("stats.picture_services", nil), byCount(c.serviceCounts(s)), "#6b8fb5")
	if people := byCount(c.peopleCounts(s)); len(people) > 0 {
		y = d.rows(y, c.W("stats.picture_people", nil), people, "#7aa874")
	}
	d.Height = y + picMargin/2
	return d.Drawing
}

// chart is a drawing under way.
type chart struct{ runbooks.Drawing }

func (d *chart) add(s ...runbooks.Shape) { d.Shapes = append(d.Shapes, s...) }

func (d *chart) text(x, y int, style runbooks.Style, s string) {
	d.add(runbooks.Label{X: x, Y: y, Style: style, Text: s})
}

// bars draws figures side by side, each with its number over it and its name under
// it, and returns where the next may begin.
func (d *chart) bars(list []figure) int {
	most := 1
	for _, b := range list {
		most = max(most, b.n)
	}
	foot := barsTop + barsTall
	wide := (picWidth - 2*picMargin) / max(len(list), 1)
	for i, b := range list {
		x, tall := picMargin+i*wide, b.n*(barsTall-24)/most
		if tall > 0 {
			d.add(runbooks.Box{X: x + 3, Y: foot - tall, W: max(wide-6, 2), H: tall, Round: 2, Fill: "#b58a4c"})
			d.text(x+wide/2-4*len(fmt.Sprint(b.n)), foot-tall-5, runbooks.Plain, fmt.Sprint(b.n))
		}
		d.text(x+3, foot+18, runbooks.Minor, b.name)
	}
	d.add(runbooks.Stroke{Points: []runbooks.Point{{X: picMargin, Y: foot}, {X: picWidth - picMargin, Y: foot}}})
	return foot + 46
}

// rows draws figures under each other, with a heading.
func (d *chart) rows(y int, heading string, list []figure, fill string) int {
	d.text(picMargin, y, runbooks.Caption, heading)
	y += 12
	for i, f := range list {
		if i == mostListed {
			break
		}
		d.text(picMargin, y+15, runbooks.Plain, cutTo(f.name, 26))
		d.add(runbooks.Box{X: picMargin + rowLabel, Y: y + 3, W: max(f.n*rowBar/max(list[0].n, 1), 3), H: rowTall - 10, Round: 2, Fill: fill})
		d.text(picMargin+rowLabel+max(f.n*rowBar/max(list[0].n, 1), 3)+8, y+15, runbooks.Plain, fmt.Sprint(f.n))
		y += rowTall
	}
	return y + 26
}

func cutTo(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// overTime counts the tickets opened in at most twelve stretches of a period: months
// of one that is long, days of one that is short.
func overTime(facts []store.TicketFact, p period) []figure {
	days := int(p.until.Sub(p.from).Hours()/24 + 0.5)
	step := func(at time.Time) time.Time { return at.AddDate(0, 0, max(1, (days+11)/12)) }
	form := "02/01"
	if days > 120 {
		step, form = func(at time.Time) time.Time { return at.AddDate(0, max(1, (days/30+11)/12), 0) }, "01/06"
	}
	var out []figure
	for at := p.from; at.Before(p.until); at = step(at) {
		n := 0
		for _, f := range facts {
			if !f.Void && !f.Opened.Before(at) && f.Opened.Before(step(at)) {
				n++
			}
		}
		out = append(out, figure{strings.TrimSpace(at.Format(form)), n})
	}
	return out
}
