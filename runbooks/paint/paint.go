// Package paint turns a [runbooks.Drawing] into pixels, for those who get a
// picture in a chat or on paper: no program and no font of the machine is needed.
package paint

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/fogleman/gg"

	"vigie/runbooks"
)

// Sharp is the scale at which small text is read well on most screens.
const Sharp = 1.5

// maxPixels bounds the memory of a picture, at four bytes a pixel: a drawing that
// would be larger is made smaller.
const maxPixels = 24 << 20

// PNG paints a drawing at a scale; [Sharp] suits most. It takes some tenths of a
// second for a long runbook. The drawing is not changed.
func PNG(d runbooks.Drawing, scale float64) ([]byte, error) {
	if d.Width <= 0 || d.Height <= 0 || scale <= 0 {
		return nil, fmt.Errorf("paint a drawing of %d × %d at scale %g: nothing to see", d.Width, d.Height, scale)
	}
	if n := float64(d.Width) * float64(d.Height) * scale * scale; n > maxPixels {
		scale *= math.Sqrt(maxPixels / n)
	}
	faces, err := newFaces(scale)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, int(math.Ceil(float64(d.Width)*scale)), int(math.Ceil(float64(d.Height)*scale))))
	p := &painter{dc: gg.NewContextForRGBA(img), img: img, faces: faces, scale: scale}
	p.dc.SetColor(color.White)
	p.dc.Clear()
	p.dc.SetLineWidth(1.4 * scale)
	for _, s := range d.Shapes {
		p.shape(s)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, reduced(img)); err != nil {
		return nil, fmt.Errorf("write the picture: %w", err)
	}
	return out.Bytes(), nil
}

// painter lays shapes over each other.
type painter struct {
	dc    *gg.Context
	img   *image.RGBA
	faces map[runbooks.Style]letters
	scale float64
}

func (p *painter) at(n int) float64 { return float64(n) * p.scale }

func (p *painter) shape(s runbooks.Shape) {
	switch s := s.(type) {
	case runbooks.Box:
		p.dc.DrawRoundedRectangle(p.at(s.X), p.at(s.Y), p.at(s.W), p.at(s.H), p.at(s.Round))
		p.dc.SetColor(colour(s.Fill))
		if !s.Border {
			p.dc.Fill()
			return
		}
		p.dc.FillPreserve()
		p.dc.SetColor(colour("#556"))
		p.dc.Stroke()
	case runbooks.Disc:
		p.dc.DrawCircle(p.at(s.X), p.at(s.Y), p.at(s.R2)/2)
		p.dc.SetColor(colour(s.Fill))
		p.dc.Fill()
	case runbooks.Stroke:
		p.path(s.Points)
		p.dc.SetColor(colour("#556"))
		p.dc.Stroke()
	case runbooks.Patch:
		p.path(s.Points)
		p.dc.SetColor(colour(s.Fill))
		p.dc.Fill()
	case runbooks.Label:
		p.label(s)
	}
}

func (p *painter) path(points []runbooks.Point) {
	p.dc.NewSubPath()
	for _, at := range points {
		p.dc.LineTo(p.at(at.X), p.at(at.Y))
	}
}

// colour reads #rgb and #rrggbb; what is neither is black, and shows.
func colour(s string) color.Color {
	c := color.RGBA{A: 255}
	switch len(s) {
	case 4:
		_, _ = fmt.Sscanf(s, "#%1x%1x%1x", &c.R, &c.G, &c.B)
		c.R, c.G, c.B = c.R*17, c.G*17, c.B*17
	case 7:
		_, _ = fmt.Sscanf(s, "#%02x%02x%02x", &c.R, &c.G, &c.B)
	}
	return c
}
