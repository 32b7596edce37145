package runbooks

import "strconv"

// ink is the colour of lines.
const ink = "#556"

// drawing lays the placed picture out as shapes.
func (p *picture) drawing() Drawing {
	d := &Drawing{Width: p.width, Height: p.height, Lang: p.lang, Title: plainText(p.rb.Title.In(p.lang)), Desc: pick(p.lang, [2]string{
		"Les étapes du diagnostic, numérotées de haut en bas, et où mène chaque réponse.",
		"The steps of the diagnosis, numbered from top to bottom, and where each answer leads."})}
	d.text(cardX, 36, Heading, d.Title)
	d.text(cardX, 62, Minor, pick(p.lang, [2]string{
		"On commence à l'étape 1. À chaque ligne : si c'est le cas (à gauche), voici la suite (à droite). La première qui convient compte.",
		"Begin at step 1. On each line: if this is the case (left), this comes next (right). The first one that fits counts."}))
	d.text(cardX, 80, Minor, pick(p.lang, [2]string{
		"À tout moment, le membre peut dire « retour », « pourquoi », « humain » ou « stop ».",
		"At any moment the member may say “back”, “why”, “human” or “stop”."}))
	for _, l := range p.lanes {
		p.drawLane(d, l)
	}
	for i := range p.cards {
		p.drawCard(d, i+1, p.cards[i])
	}
	return *d
}

func (d *Drawing) add(s ...Shape) { d.Shapes = append(d.Shapes, s...) }

func (d *Drawing) text(x, y int, style Style, s string) { d.add(Label{x, y, style, s}) }

func (d *Drawing) line(points ...Point) { d.add(Stroke{points}) }

// drawLane draws the line to a card, with a dot where an arrow joins it.
func (p *picture) drawLane(d *Drawing, l lane) {
	x, right, entry := laneStart+l.column*laneGap, cardX+cardWidth, p.cards[l.to-1].y+titleHeight/2
	for _, y := range l.from {
		d.line(Point{right, y}, Point{x, y})
		d.add(Disc{x, y, 5, ink})
	}
	d.line(Point{x, l.top}, Point{x, l.foot})
	d.line(Point{x, entry}, Point{right + 9, entry})
	d.add(Patch{[]Point{{right, entry}, {right + 9, entry - 5}, {right + 9, entry + 5}}, ink})
}

func (p *picture) drawCard(d *Drawing, number int, c card) {
	name, fill := stepWords(c.step.Kind, p.lang)
	d.add(Group{c.step.ID},
		Box{cardX, c.y, cardWidth, c.end - c.y, 7, "#fff", true},
		Box{cardX, c.y, cardWidth, titleHeight, 7, fill, true},
		Disc{cardX + 18, c.y + titleHeight/2, 22, "#223"})
	d.text(cardX+18, c.y+titleHeight/2+5, Number, strconv.Itoa(number))
	d.text(cardX+38, c.y+titleHeight/2+4, Caption, name)
	for i, line := range c.text {
		d.text(cardX+14, c.y+titleHeight+lineHeight*(i+1), Body, line)
	}
	for _, r := range c.rows {
		p.drawRow(d, r)
	}
	d.add(Group{})
}

func (p *picture) drawRow(d *Drawing, r row) {
	style := Plain
	if r.minor {
		style = Minor
	}
	for i, line := range r.label {
		d.text(cardX+24, r.y+5+i*lineHeight, style, line)
	}
	tip := Point{cardX + whatX - 18, r.y}
	d.line(Point{cardX + whatX - 32, r.y}, tip)
	d.line(Point{tip.X - 5, tip.Y - 4}, tip, Point{tip.X - 5, tip.Y + 4})
	if r.end == nil {
		d.text(cardX+whatX, r.y+5, Plain, r.what[0])
		return
	}
	name, fill := endWords(r.end.Outcome, p.lang)
	d.add(Box{cardX + whatX - 8, r.y - 9, 16 + 9*len([]rune(name)), 18, 9, fill, true})
	d.text(cardX+whatX, r.y+4, Pill, name)
	for i, line := range r.what {
		d.text(cardX+whatX, r.y+5+(i+1)*lineHeight, Plain, line)
	}
}
