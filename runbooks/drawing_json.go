package runbooks

import (
	"encoding/json"
	"fmt"
)

// wireShape is a Shape that says what it is: one of its fields is set.
type wireShape struct {
	Box    *Box    `json:"box,omitempty"`
	Disc   *Disc   `json:"disc,omitempty"`
	Stroke *Stroke `json:"stroke,omitempty"`
	Patch  *Patch  `json:"patch,omitempty"`
	Label  *Label  `json:"label,omitempty"`
	Group  *Group  `json:"group,omitempty"`
}

// plainDrawing is a Drawing without its methods.
type plainDrawing struct {
	Width, Height     int
	Lang, Title, Desc string
	Shapes            []wireShape
}

// MarshalJSON implements json.Marshaler: a drawing may be painted later, by
// another goroutine or after a restart.
func (d Drawing) MarshalJSON() ([]byte, error) {
	out := plainDrawing{Width: d.Width, Height: d.Height, Lang: d.Lang, Title: d.Title, Desc: d.Desc, Shapes: make([]wireShape, 0, len(d.Shapes))}
	for _, s := range d.Shapes {
		var w wireShape
		switch s := s.(type) {
		case Box:
			w.Box = &s
		case Disc:
			w.Disc = &s
		case Stroke:
			w.Stroke = &s
		case Patch:
			w.Patch = &s
		case Label:
			w.Label = &s
		case Group:
			w.Group = &s
		}
		out.Shapes = append(out.Shapes, w)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("write a drawing: %w", err)
	}
	return raw, nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Drawing) UnmarshalJSON(raw []byte) error {
	var in plainDrawing
	if err := json.Unmarshal(raw, &in); err != nil {
		return fmt.Errorf("read a drawing: %w", err)
	}
	*d = Drawing{Width: in.Width, Height: in.Height, Lang: in.Lang, Title: in.Title, Desc: in.Desc}
	for _, w := range in.Shapes {
		switch {
		case w.Box != nil:
			d.Shapes = append(d.Shapes, *w.Box)
		case w.Disc != nil:
			d.Shapes = append(d.Shapes, *w.Disc)
		case w.Stroke != nil:
			d.Shapes = append(d.Shapes, *w.Stroke)
		case w.Patch != nil:
			d.Shapes = append(d.Shapes, *w.Patch)
		case w.Label != nil:
			d.Shapes = append(d.Shapes, *w.Label)
		case w.Group != nil:
			d.Shapes = append(d.Shapes, *w.Group)
		}
	}
	return nil
}
