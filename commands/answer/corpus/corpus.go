// Package corpus holds the sentences the recogniser learns from and is judged
// on. One file is one way of writing (a file's first line says whose); a whole
// file belongs to one part, told by the first word of its name:
//
//	train-*.txt  what the classifier learns from
//	dev-*.txt    where methods, thresholds and calibration were chosen
//	test-*.txt   looked at only for the numbers in package answer's documentation
//
// A file is lines under headings like "[fr site_down]"; # begins a comment. All
// of it was written for this project; no member's words are in it. The shipped
// binary does not contain it: only training and tests import this package.
package corpus

import (
	"embed"
	"fmt"
	"sort"
	"strings"
)

//go:embed *.txt
var files embed.FS

// Line is one sentence, the language it is in, what it asks for, and the file
// (without ".txt") it comes from.
type Line struct {
	Lang, Text, ID, Style string
}

// Load reads the lines of one part ("train", "dev" or "test"), in the order of
// file names and lines.
func Load(part string) ([]Line, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), part+"-") {
			names = append(names, e.Name())
		}
	}
	sort.Strings(names)
	var out []Line
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		lines, err := Parse(strings.TrimSuffix(name, ".txt"), string(b))
		if err != nil {
			return nil, err
		}
		out = append(out, lines...)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("corpus: part %q is empty", part)
	}
	return out, nil
}

// Parse reads one file's text. Errors name the style and the line.
func Parse(style, text string) ([]Line, error) {
	var out []Line
	var lang, id string
	for i, s := range strings.Split(text, "\n") {
		s = strings.TrimSpace(s)
		switch {
		case s == "" || strings.HasPrefix(s, "# "):
		case strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]"):
			f := strings.Fields(s[1 : len(s)-1])
			if len(f) != 2 || f[0] != "fr" && f[0] != "en" {
				return nil, fmt.Errorf("corpus %s:%d: a heading is [fr id] or [en id], not %s", style, i+1, s)
			}
			lang, id = f[0], f[1]
		case id == "":
			return nil, fmt.Errorf("corpus %s:%d: a line before any heading", style, i+1)
		default:
			out = append(out, Line{Lang: lang, Text: s, ID: id, Style: style})
		}
	}
	return out, nil
}
