package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vigie/runbooks"
	"vigie/runbooks/paint"
)

// graph draws for people (SVG, PNG) and for Graphviz (DOT). Several runbooks make
// one picture, one under another; several DOT graphs may stand in one file.
func (t runbookTools) graph() *cobra.Command {
	var lang, format, file string
	short := map[string]*bool{}
	c := &cobra.Command{
		Use:   "graph [file|folder|id]...",
		Short: "Draw runbooks for people (SVG, PNG) or for Graphviz (DOT)",
		RunE: func(cmd *cobra.Command, args []string) error {
			got, err := t.loadSound(args)
			if err != nil {
				return err
			}
			for name, set := range short {
				if *set {
					format = name
				}
			}
			if ext := strings.TrimPrefix(filepath.Ext(file), "."); format == "" && ext != "" {
				format = strings.ToLower(ext)
			}
			picture, err := draw(got.list, lang, format)
			if err != nil {
				return err
			}
			if file != "" && file != "-" {
				if err := os.WriteFile(file, picture, 0o644); err != nil {
					return fmt.Errorf("keep the picture: %w", err)
				}
				return nil
			}
			_, err = cmd.OutOrStdout().Write(picture)
			return err
		},
	}
	c.Flags().StringVar(&lang, "lang", "fr", "language of the words in it")
	c.Flags().StringVar(&format, "format", "", "svg, png or dot (default: what the output file's name says, else svg)")
	c.Flags().StringVarP(&file, "output", "o", "", "write to this file instead of printing")
	for _, name := range []string{"svg", "png", "dot"} {
		short[name] = c.Flags().Bool(name, false, "the same as --format "+name)
	}
	c.MarkFlagsMutuallyExclusive("format", "svg", "png", "dot")
	return c
}

// draw gives the bytes of a picture of runbooks.
func draw(list []*runbooks.Runbook, lang, format string) ([]byte, error) {
	var drawings []runbooks.Drawing
	var dot strings.Builder
	for _, rb := range list {
		if !slices.Contains(rb.Languages, lang) {
			return nil, fmt.Errorf("%s does not speak %q: use --lang with one of %s", rb.ID, lang, strings.Join(rb.Languages, ", "))
		}
		drawings = append(drawings, runbooks.Picture(rb, lang))
		dot.WriteString(runbooks.Graph(rb, lang))
	}
	switch format {
	case "dot":
		return []byte(dot.String()), nil
	case "svg", "":
		return []byte(runbooks.Stacked(drawings...).SVG()), nil
	case "png":
		picture, err := paint.PNG(runbooks.Stacked(drawings...), paint.Sharp)
		if err != nil {
			return nil, fmt.Errorf("paint: %w", err)
		}
		return picture, nil
	}
	return nil, fmt.Errorf("format %q is not known: svg, png or dot", format)
}
