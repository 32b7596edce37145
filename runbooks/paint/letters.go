package paint

import (
	"fmt"
	"image"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"vigie/runbooks"
)

// letters is a font at its size, and its colour.
type letters struct {
	font.Face
	fill string
}

// newFaces makes the fonts of all styles, as large as the SVG's.
func newFaces(scale float64) (map[runbooks.Style]letters, error) {
	out := map[runbooks.Style]letters{}
	for style, l := range map[runbooks.Style]struct {
		ttf  []byte
		size float64
		fill string
	}{
		runbooks.Heading: {gobold.TTF, 22, "#1a1a1a"}, runbooks.Caption: {gobold.TTF, 12, "#1a1a1a"}, runbooks.Number: {gobold.TTF, 13, "#fff"},
		runbooks.Body: {goregular.TTF, 14, "#1a1a1a"}, runbooks.Pill: {gobold.TTF, 12, "#1a1a1a"}, runbooks.Minor: {goitalic.TTF, 13, "#444"},
		runbooks.Plain: {goregular.TTF, 13, "#1a1a1a"},
	} {
		f, err := opentype.Parse(l.ttf)
		if err != nil {
			return nil, fmt.Errorf("read a font: %w", err)
		}
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: l.size * scale, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			return nil, fmt.Errorf("make letters of %g points: %w", l.size*scale, err)
		}
		out[style] = letters{face, l.fill}
	}
	return out, nil
}

// signs are drawn as lines in a square of one: the fonts have no such letters.
var signs = map[rune][][][2]float64{
	'✓': {{{.1, .55}, {.4, .85}, {.9, .15}}},
	'↗': {{{.15, .85}, {.85, .15}}, {{.35, .15}, {.85, .15}, {.85, .65}}},
	'✉': {{{.05, .2}, {.95, .2}, {.95, .85}, {.05, .85}, {.05, .2}}, {{.05, .2}, {.5, .6}, {.95, .2}}},
}

// label writes one line of text, from its baseline. What the font has no letter
// for is left out, except the signs and spaces.
func (p *painter) label(l runbooks.Label) {
	face, ok := p.faces[l.Style]
	if !ok {
		face = p.faces[runbooks.Plain]
	}
	x, y := fixed.Int26_6(p.at(l.X)*64), fixed.Int26_6(p.at(l.Y)*64)
	d := font.Drawer{Dst: p.img, Src: image.NewUniform(colour(face.fill)), Face: face}
	if l.Style == runbooks.Number {
		x -= d.MeasureString(l.Text) / 2
	}
	d.Dot = fixed.Point26_6{X: x, Y: y}
	for _, r := range l.Text {
		if lines, ok := signs[r]; ok {
			p.sign(lines, &d, face)
			continue
		}
		if unicode.IsSpace(r) {
			r = ' ' // narrow and unbreakable ones too
		}
		if index, has := face.GlyphAdvance(r); has && index > 0 {
			d.DrawString(string(r))
		}
	}
}

// sign draws one of the signs where the next letter would stand.
func (p *painter) sign(lines [][][2]float64, d *font.Drawer, face letters) {
	side := float64(face.Metrics().CapHeight) / 64
	x, y := float64(d.Dot.X)/64, float64(d.Dot.Y)/64-side
	p.dc.Push()
	p.dc.SetColor(colour(face.fill))
	p.dc.SetLineWidth(1.6 * p.scale)
	for _, line := range lines {
		p.dc.NewSubPath()
		for _, at := range line {
			p.dc.LineTo(x+at[0]*side, y+at[1]*side)
		}
		p.dc.Stroke()
	}
	p.dc.Pop()
	d.Dot.X += fixed.Int26_6(side * 64 * 1.1)
}
