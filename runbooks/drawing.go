package runbooks

// Drawing is a picture as a list of shapes, in the order in which they are laid
// over each other. Lengths are pixels of a screen at its natural size, from the
// upper left corner. What paints it (SVG here, PNG in runbooks/paint) decides
// nothing any more.
type Drawing struct {
	Width, Height int
	// Lang, Title and Desc say what is seen to who cannot see it.
	Lang, Title, Desc string
	Shapes            []Shape
}

// Shape is one element of a Drawing. The set is closed: Box, Disc, Stroke, Patch,
// Label and Group.
type Shape interface{ moved(dy int) Shape }

// Point is a place in a drawing.
type Point struct{ X, Y int }

// Box is a filled rectangle with round corners, and a thin border if it is set.
type Box struct {
	X, Y, W, H, Round int
	Fill              string // #rgb or #rrggbb, as all colours here
	Border            bool
}

// Disc is a filled circle; R2 is its radius in half pixels.
type Disc struct {
	X, Y, R2 int
	Fill     string
}

// Stroke is a line through points.
type Stroke struct{ Points []Point }

// Patch is a filled polygon.
type Patch struct {
	Points []Point
	Fill   string
}

// Label is one line of text; Y is its baseline.
type Label struct {
	X, Y  int
	Style Style
	Text  string
}

// Group begins (with its id) or ends (with "") what belongs together: a card.
type Group struct{ ID string }

// Style is how a text looks.
type Style string

// The styles of texts.
const (
	Heading Style = "h"
	Caption Style = "k" // of a card
	Number  Style = "n" // white, centred on its place
	Body    Style = "t"
	Pill    Style = "o" // of an end
	Minor   Style = "m" // an aside
	Plain   Style = "r"
)

// Stacked puts drawings one under another, as one.
func Stacked(list ...Drawing) Drawing {
	if len(list) == 1 {
		return list[0]
	}
	var out Drawing
	for _, d := range list {
		for _, s := range d.Shapes {
			out.Shapes = append(out.Shapes, s.moved(out.Height))
		}
		out.Lang, out.Width, out.Height = d.Lang, max(out.Width, d.Width), out.Height+d.Height
		if out.Title != "" {
			out.Title += " · "
		}
		out.Title += d.Title
		out.Desc = d.Desc
	}
	return out
}

func (s Box) moved(dy int) Shape    { s.Y += dy; return s }
func (s Disc) moved(dy int) Shape   { s.Y += dy; return s }
func (s Label) moved(dy int) Shape  { s.Y += dy; return s }
func (s Group) moved(int) Shape     { return s }
func (s Stroke) moved(dy int) Shape { return Stroke{movedPoints(s.Points, dy)} }
func (s Patch) moved(dy int) Shape  { return Patch{movedPoints(s.Points, dy), s.Fill} }

func movedPoints(points []Point, dy int) []Point {
	out := make([]Point, len(points))
	for i, p := range points {
		out[i] = Point{p.X, p.Y + dy}
	}
	return out
}
