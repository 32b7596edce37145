package runbooks

import (
	"fmt"
	"strings"
)

const svgStyle = `text{font-family:"DejaVu Sans",Verdana,Arial,sans-serif;font-size:13px;fill:#1a1a1a}
.h{font-size:22px;font-weight:bold}.k{font-size:12px;font-weight:bold;letter-spacing:.5px}.n{font-weight:bold;fill:#fff;text-anchor:middle}
.t{font-size:14px}.o{font-size:12px;font-weight:bold}.m{font-style:italic;fill:#444}.l{fill:none;stroke:#556;stroke-width:1.4}.c{stroke:#556;stroke-width:1}`

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// SVG is the drawing as a file that every browser shows. Equal drawings give
// equal bytes.
func (d Drawing) SVG() string {
	b := &sheet{}
	b.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" lang="%s" aria-labelledby="title desc">`,
		d.Width, d.Height, d.Width, d.Height, d.Lang)
	b.add(`<title id="title">%s</title>`, xmlText.Replace(d.Title))
	b.add(`<desc id="desc">%s</desc>`, xmlText.Replace(d.Desc))
	b.add(`<style>%s</style>`, svgStyle)
	b.add(`<rect width="%d" height="%d" fill="#fff"/>`, d.Width, d.Height)
	for _, s := range d.Shapes {
		b.shape(s)
	}
	b.add(`</svg>`)
	return b.String()
}

// sheet writes SVG elements.
type sheet struct{ strings.Builder }

func (b *sheet) add(format string, args ...any) {
	fmt.Fprintf(b, format, args...)
	b.WriteByte('\n')
}

func (b *sheet) shape(s Shape) {
	switch s := s.(type) {
	case Box:
		class := ""
		if s.Border {
			class = `class="c" `
		}
		b.add(`<rect %sx="%d" y="%d" width="%d" height="%d" rx="%d" fill="%s"/>`, class, s.X, s.Y, s.W, s.H, s.Round, s.Fill)
	case Disc:
		b.add(`<circle cx="%d" cy="%d" r="%g" fill="%s"/>`, s.X, s.Y, float64(s.R2)/2, s.Fill)
	case Stroke:
		b.add(`<polyline class="l" points="%s"/>`, svgPoints(s.Points))
	case Patch:
		b.add(`<polygon points="%s" fill="%s"/>`, svgPoints(s.Points), s.Fill)
	case Label:
		b.add(`<text x="%d" y="%d" class="%s">%s</text>`, s.X, s.Y, s.Style, xmlText.Replace(s.Text))
	case Group:
		if s.ID == "" {
			b.add(`</g>`)
		} else {
			b.add(`<g id="%s">`, xmlText.Replace(s.ID))
		}
	}
}

func svgPoints(points []Point) string {
	out := make([]string, len(points))
	for i, p := range points {
		out[i] = fmt.Sprintf("%d,%d", p.X, p.Y)
	}
	return strings.Join(out, " ")
}
