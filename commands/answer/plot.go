package answer

import (
	"fmt"
	"io"
	"strings"
)

// Measures of the diagram, in SVG units.
const (
	plotSide   = 360
	plotLeft   = 64
	plotTop    = 48
	plotFoot   = 64
	plotColumn = 70 // height of the tallest column of counts
)

// WriteSVG draws the reliability diagram: for each bin of Reliability, how sure the
// first guess said it was (across) and how often it was right (up). Points on the
// diagonal are honest; below it the recogniser is too sure. Columns at the foot show how
// many guesses there are of each kind: a point over a low one says little.
func (e Evaluation) WriteSVG(w io.Writer) error {
	width, height := plotLeft+plotSide+32, plotTop+plotSide+plotFoot+plotColumn
	x := func(p float64) float64 { return plotLeft + p*plotSide }
	y := func(p float64) float64 { return plotTop + (1-p)*plotSide }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="12" fill="#222" role="img">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&b, "<title>How sure the first guess was, and how often it was right</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n")
	fmt.Fprintf(&b, `<text x="%d" y="22" font-size="15" font-weight="bold">Said, and right: %d sentences</text>`+"\n", plotLeft, len(e.Sure))
	for i := range 6 {
		p := float64(i) / 5
		fmt.Fprintf(&b, `<path d="M%.1f %.1fH%.1fM%.1f %.1fV%.1f" stroke="#ddd"/>`, x(0), y(p), x(1), x(p), y(0), y(1))
		fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">%d %%</text><text x="%.1f" y="%.1f" text-anchor="middle">%d %%</text>`+"\n",
			plotLeft-8, y(p)+4, 20*i, x(p), y(0)+18, 20*i)
	}
	fmt.Fprintf(&b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="#999" stroke-dasharray="5 4"/>`+"\n", x(0), y(0), x(1), y(1))
	fmt.Fprintf(&b, `<text x="16" y="%.1f" transform="rotate(-90 16 %.1f)" text-anchor="middle">right, share of the guesses</text>`+"\n", y(0.5), y(0.5))
	fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle">how sure the first guess said it was; columns: how many</text>`+"\n", x(0.5), y(0)+40)
	e.plotBins(&b, x, y, float64(height-8))
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// plotBins draws the points, the line through them, and the columns.
func (e Evaluation) plotBins(b *strings.Builder, x, y func(float64) float64, foot float64) {
	bins := e.Reliability()
	most := 1
	for _, c := range bins {
		most = max(most, c.N)
	}
	var line, points strings.Builder
	for i, c := range bins {
		if c.N == 0 {
			continue
		}
		high := plotColumn * float64(c.N) / float64(most) * 0.75
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="#9db8d2"/><text x="%.1f" y="%.1f" font-size="10" text-anchor="middle">%d</text>`+"\n",
			x(float64(i)/10)+3, foot-high, plotSide/10.0-6, high, x((float64(i)+0.5)/10), foot-high-3, c.N)
		verb := "L"
		if line.Len() == 0 {
			verb = "M"
		}
		fmt.Fprintf(&line, "%s%.1f %.1f", verb, x(c.Said), y(c.WereRight))
		fmt.Fprintf(&points, `<circle cx="%.1f" cy="%.1f" r="5" fill="#1b5e9b"><title>said %.0f %%, right %.0f %%, %d sentences</title></circle>`+"\n",
			x(c.Said), y(c.WereRight), 100*c.Said, 100*c.WereRight, c.N)
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="#1b5e9b" stroke-width="2"/>`+"\n%s", line.String(), points.String())
}
