package answer

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestWriteSVG(t *testing.T) {
	for name, e := range map[string]Evaluation{
		"empty": {},
		"some":  {Sure: []Outcome{{0.95, true}, {0.97, true}, {0.55, false}, {1, true}}},
	} {
		var b bytes.Buffer
		if err := e.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		points := 0
		for d := xml.NewDecoder(&b); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s is no XML: %v", name, err)
			}
			if s, ok := tok.(xml.StartElement); ok && s.Name.Local == "circle" {
				points++
			}
		}
		if want := map[string]int{"empty": 0, "some": 2}[name]; points != want {
			t.Errorf("%s: %d points, want %d", name, points, want)
		}
	}
}

func TestWriteSVGSaysWhyItCannot(t *testing.T) {
	r, w := io.Pipe()
	_ = r.Close()
	if err := (Evaluation{}).WriteSVG(w); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v", err)
	}
}
