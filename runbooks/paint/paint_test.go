package paint

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"reflect"
	"testing"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

func picture(t testing.TB, id, lang string) runbooks.Drawing {
	t.Helper()
	lib, found := runbooks.Load(nil, library.FS())
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	rb, ok := lib.ByID(id)
	if !ok {
		t.Fatalf("no runbook %s", id)
	}
	return runbooks.Picture(rb, lang)
}

func decoded(t *testing.T, d runbooks.Drawing, scale float64) image.Image {
	t.Helper()
	raw, err := PNG(d, scale)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// dark counts the pixels in a rectangle of the drawing that are not light.
func dark(img image.Image, scale float64, x, y, w, h int) int {
	n := 0
	for py := int(float64(y) * scale); py < int(float64(y+h)*scale); py++ {
		for px := int(float64(x) * scale); px < int(float64(x+w)*scale); px++ {
			if r, g, b, _ := img.At(px, py).RGBA(); (r+g+b)/3 < 0x8000 {
				n++
			}
		}
	}
	return n
}

// TestEveryLetterIsPainted looks for ink where the layout says that there is text,
// and for none where there is nothing.
func TestEveryLetterIsPainted(t *testing.T) {
	d := picture(t, "hacked", "fr")
	img := decoded(t, d, Sharp)
	if got, want := img.Bounds().Dx(), int(float64(d.Width)*Sharp); got < want || got > want+1 {
		t.Errorf("%d pixels wide, not %d", got, want)
	}
	labels := 0
	for _, s := range d.Shapes {
		l, ok := s.(runbooks.Label)
		if !ok || l.Style == runbooks.Number {
			continue
		}
		labels++
		if dark(img, Sharp, l.X, l.Y-9, 8, 11) == 0 {
			t.Errorf("nothing to read at %d,%d: %q", l.X, l.Y, l.Text)
		}
	}
	if labels < 20 {
		t.Errorf("%d labels", labels)
	}
	if n := dark(img, Sharp, 0, 0, d.Width, 14) + dark(img, Sharp, 0, 0, 15, d.Height); n > 0 {
		t.Errorf("%d dark pixels in the margins", n)
	}
}

func TestShapesHaveTheirColours(t *testing.T) {
	d := runbooks.Drawing{Width: 100, Height: 60, Shapes: []runbooks.Shape{
		runbooks.Box{X: 10, Y: 10, W: 30, H: 20, Fill: "#ff0000"},
		runbooks.Disc{X: 60, Y: 20, R2: 16, Fill: "#0f0"},
		runbooks.Patch{Points: []runbooks.Point{{X: 80, Y: 10}, {X: 95, Y: 10}, {X: 95, Y: 30}, {X: 80, Y: 30}}, Fill: "#0000ff"},
		runbooks.Stroke{Points: []runbooks.Point{{X: 10, Y: 50}, {X: 90, Y: 50}}},
		runbooks.Box{X: 1, Y: 1, W: 4, H: 4, Fill: "none of these"},
	}}
	img := decoded(t, d, 2)
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{{25, 20, color.RGBA{255, 0, 0, 255}}, {60, 20, color.RGBA{0, 255, 0, 255}}, {88, 20, color.RGBA{0, 0, 255, 255}},
		{50, 50, color.RGBA{0x55, 0x55, 0x66, 255}}, {50, 5, color.RGBA{255, 255, 255, 255}}, {3, 3, color.RGBA{0, 0, 0, 255}}} {
		if got := color.RGBAModel.Convert(img.At(2*c.x, 2*c.y)); got != c.want {
			t.Errorf("at %d,%d: %v, not %v", c.x, c.y, got, c.want)
		}
	}
}

// TestSignsThatNoFontHasAreDrawn compares with a letter that is left out.
func TestSignsThatNoFontHasAreDrawn(t *testing.T) {
	for text, inked := range map[string]bool{"✓": true, "↗": true, "✉": true, "é": true, "\u202f": false, "": false} {
		d := runbooks.Drawing{Width: 60, Height: 40, Shapes: []runbooks.Shape{runbooks.Label{X: 20, Y: 25, Style: runbooks.Pill, Text: text}}}
		if got := dark(decoded(t, d, 2), 2, 0, 0, 60, 40) > 0; got != inked {
			t.Errorf("%q: ink %v", text, got)
		}
	}
}

func TestSizesAreBounded(t *testing.T) {
	img := decoded(t, runbooks.Drawing{Width: 4000, Height: 40000}, 3)
	if b := img.Bounds(); b.Dx()*b.Dy() > maxPixels*101/100 {
		t.Errorf("%v pixels", b)
	}
	for _, d := range []runbooks.Drawing{{}, {Width: 10}, {Width: -1, Height: 5}} {
		if _, err := PNG(d, 1); err == nil {
			t.Errorf("%+v is painted", d)
		}
	}
	if _, err := PNG(runbooks.Drawing{Width: 10, Height: 10}, 0); err == nil {
		t.Error("scale 0 is painted")
	}
}

// TestADrawingSurvivesJSON: what a turn asks for is painted later.
func TestADrawingSurvivesJSON(t *testing.T) {
	d := picture(t, "backup", "en")
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back runbooks.Drawing
	if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%v: %d shapes of %d", err, len(back.Shapes), len(d.Shapes))
	}
	if err := json.Unmarshal([]byte(`{"Shapes":3}`), &back); err == nil {
		t.Error("three shapes without a list are read")
	}
}

func BenchmarkPNG(b *testing.B) {
	d := picture(b, "site-down", "fr")
	for b.Loop() {
		if _, err := PNG(d, Sharp); err != nil {
			b.Fatal(err)
		}
	}
}
