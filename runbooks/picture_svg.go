package runbooks

import (
	"fmt"
	"strings"
)

const svgStyle = `text{font-family:"DejaVu Sans",Verdana,Arial,sans-serif;font-size:13px;fill:#1a1a1a}
.h{font-size:22px;font-weight:bold}.k{font-size:12px;font-weight:bold;letter-spacing:.5px}.n{font-weight:bold;fill:#fff;text-anchor:middle}
.t{font-size:14px}.o{font-size:12px;font-weight:bold}.m{font-style:italic;fill:#444}.l{fill:none;stroke:#556;stroke-width:1.4}.c{stroke:#556;stroke-width:1}`

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// sheet writes SVG elements.
type sheet struct{ strings.Builder }

func (b *sheet) add(format string, args ...any) {
	fmt.Fprintf(b, format, args...)
	b.WriteByte('\n')
}

func (b *sheet) text(x, y int, class, s string) {
	b.add(`<text x="%d" y="%d" class="%s">%s</text>`, x, y, class, xmlText.Replace(s))
}

// svg writes the placed picture.
func (p *picture) svg() string {
	b := &sheet{}
	title := plainText(p.rb.Title.In(p.lang))
	b.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" lang="%s" aria-labelledby="title desc">`, p.width, p.height, p.width, p.height, p.lang)
	b.add(`<title id="title">%s</title>`, xmlText.Replace(title))
	b.add(`<desc id="desc">%s</desc>`, xmlText.Replace(pick(p.lang, [2]string{
		"Les étapes du diagnostic, numérotées de haut en bas, et où mène chaque réponse.",
		"The steps of the diagnosis, numbered from top to bottom, and where each answer leads."})))
	b.add(`<style>%s</style>`, svgStyle)
	b.add(`<rect width="%d" height="%d" fill="#fff"/>`, p.width, p.height)
	b.text(cardX, 36, "h", title)
	b.text(cardX, 62, "m", pick(p.lang, [2]string{
		"On commence à l'étape 1. À chaque ligne : si c'est le cas (à gauche), voici la suite (à droite). La première qui convient compte.",
		"Begin at step 1. On each line: if this is the case (left), this comes next (right). The first one that fits counts."}))
	b.text(cardX, 80, "m", pick(p.lang, [2]string{
		"À tout moment, le membre peut dire « retour », « pourquoi », « humain » ou « stop ».",
		"At any moment the member may say “back”, “why”, “human” or “stop”."}))
	for _, l := range p.lanes {
		p.drawLane(b, l)
	}
	for i := range p.cards {
		p.drawCard(b, i+1, p.cards[i])
	}
	b.add(`</svg>`)
	return b.String()
}

// drawLane draws the line to a card, with a dot where an arrow joins it.
func (p *picture) drawLane(b *sheet, l lane) {
	x, right, entry := laneStart+l.column*laneGap, cardX+cardWidth, p.cards[l.to-1].y+titleHeight/2
	for _, y := range l.from {
		b.add(`<path class="l" d="M%d %dH%d"/><circle cx="%d" cy="%d" r="2.5" fill="#556"/>`, right, y, x, x, y)
	}
	b.add(`<path class="l" d="M%d %dV%d"/>`, x, l.top, l.foot)
	b.add(`<path class="l" d="M%d %dH%d"/><path d="M%d %dl9 -5v10z" fill="#556"/>`, x, entry, right+9, right, entry)
}

func (p *picture) drawCard(b *sheet, number int, c card) {
	name, fill := stepWords(c.step.Kind, p.lang)
	b.add(`<g id="%s">`, xmlText.Replace(c.step.ID))
	b.add(`<rect class="c" x="%d" y="%d" width="%d" height="%d" rx="7" fill="#fff"/>`, cardX, c.y, cardWidth, c.end-c.y)
	b.add(`<rect class="c" x="%d" y="%d" width="%d" height="%d" rx="7" fill="%s"/>`, cardX, c.y, cardWidth, titleHeight, fill)
	b.add(`<circle cx="%d" cy="%d" r="11" fill="#223"/>`, cardX+18, c.y+titleHeight/2)
	b.text(cardX+18, c.y+titleHeight/2+5, "n", fmt.Sprint(number))
	b.text(cardX+38, c.y+titleHeight/2+4, "k", name)
	for i, line := range c.text {
		b.text(cardX+14, c.y+titleHeight+lineHeight*(i+1), "t", line)
	}
	for _, r := range c.rows {
		p.drawRow(b, r)
	}
	b.add(`</g>`)
}

func (p *picture) drawRow(b *sheet, r row) {
	class := "r"
	if r.minor {
		class = "m"
	}
	for i, line := range r.label {
		b.text(cardX+24, r.y+5+i*lineHeight, class, line)
	}
	b.add(`<path d="M%d %dh14m-5 -4l5 4l-5 4" class="l"/>`, cardX+whatX-32, r.y)
	if r.end == nil {
		b.text(cardX+whatX, r.y+5, "r", r.what[0])
		return
	}
	name, fill := endWords(r.end.Outcome, p.lang)
	b.add(`<rect class="c" x="%d" y="%d" width="%d" height="18" rx="9" fill="%s"/>`, cardX+whatX-8, r.y-9, 16+9*len([]rune(name)), fill)
	b.text(cardX+whatX, r.y+4, "o", name)
	for i, line := range r.what {
		b.text(cardX+whatX, r.y+5+(i+1)*lineHeight, "r", line)
	}
}
