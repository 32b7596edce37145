package library

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"vigie/runbooks"
)

var redraw = flag.Bool("redraw", false, "draw the kept pictures anew")

// TestTheKeptPictureIsUpToDate compares what the README and the guides show with
// what the runbook says today.
func TestTheKeptPictureIsUpToDate(t *testing.T) {
	lib, found := runbooks.Load(nil, FS())
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	rb, _ := lib.ByID("site-down")
	for lang, file := range map[string]string{"fr": "site-down.svg", "en": "site-down.en.svg"} {
		now := runbooks.Picture(rb, lang).SVG()
		if *redraw {
			if err := os.WriteFile(file, []byte(now), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(file)
		if err != nil || string(kept) != now {
			t.Errorf("%s is out of date (%v): go test ./runbooks/library -run Picture -redraw", file, err)
		}
		if len(kept) > 200<<10 {
			t.Errorf("%s: %d bytes are too many for a picture", file, len(kept))
		}
	}
}

// TestThePicturesAreShown: a board member who opens a page sees one, without a tool.
func TestThePicturesAreShown(t *testing.T) {
	for page, file := range map[string]string{"GUIDE.fr.md": "](site-down.svg)", "GUIDE.en.md": "](site-down.en.svg)",
		"README.md": "](site-down.svg)", "../../README.md": `src="runbooks/library/site-down.en.svg"`} {
		text, err := os.ReadFile(page)
		if err != nil || !strings.Contains(string(text), file) {
			t.Errorf("%s does not show %s (%v)", page, file, err)
		}
	}
}

// TestEveryPictureIsWholeAndPlain draws the whole library in both languages.
func TestEveryPictureIsWholeAndPlain(t *testing.T) {
	lib, _ := runbooks.Load(nil, FS())
	for _, rb := range lib.All() {
		for _, lang := range rb.Languages {
			svg := runbooks.Picture(rb, lang).SVG()
			words := texts(t, svg)
			all := strings.Join(words, "\n") + "\n"
			for _, code := range []string{"{{", "==", "&&", "||", ".verdict", "%!"} {
				if strings.Contains(all, code) {
					t.Errorf("%s %s: code in a picture: %q", rb.ID, lang, code)
				}
			}
			cards := 0
			for _, s := range rb.Steps {
				if s.Kind == runbooks.KindEnd {
					continue
				}
				cards++
				if !strings.Contains(svg, `<g id="`+s.ID+`">`) {
					t.Errorf("%s %s: step %s is not drawn", rb.ID, lang, s.ID)
				}
			}
			for n := 2; n <= cards; n++ {
				if !strings.Contains(all, fmt.Sprintf("étape %d\n", n)) && !strings.Contains(all, fmt.Sprintf("step %d\n", n)) {
					t.Errorf("%s %s: nothing leads to card %d", rb.ID, lang, n)
				}
			}
		}
	}
}

// texts are the words of a picture, which must be well-formed XML.
func texts(t *testing.T, svg string) []string {
	t.Helper()
	var out []string
	style := false
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		switch token := token.(type) {
		case xml.StartElement:
			style = token.Name.Local == "style"
		case xml.CharData:
			if s := strings.TrimSpace(string(token)); s != "" && !style {
				out = append(out, s)
			}
		}
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
