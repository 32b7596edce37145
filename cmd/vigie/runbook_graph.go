package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vigie/runbooks"
)

func (t runbookTools) graph() *cobra.Command {
	var lang, format string
	c := &cobra.Command{
		Use:   "graph file|id",
		Short: "Draw a runbook for people (SVG, PNG) or for Graphviz (DOT)",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			got, err := t.loadSound(args)
			if err != nil {
				return err
			}
			rb := got.list[0]
			if !slices.Contains(rb.Languages, lang) {
				return fmt.Errorf("%s does not speak %q: use --lang with one of %s", rb.ID, lang, strings.Join(rb.Languages, ", "))
			}
			switch format {
			case "dot":
				_, err = io.WriteString(cmd.OutOrStdout(), runbooks.Graph(rb, lang))
			case "svg":
				_, err = io.WriteString(cmd.OutOrStdout(), runbooks.Picture(rb, lang))
			case "png":
				err = drawPNG(cmd, runbooks.Picture(rb, lang))
			default:
				err = fmt.Errorf("format %q is not known: svg, png or dot", format)
			}
			return err
		},
	}
	c.Flags().StringVar(&lang, "lang", "fr", "language of the words in it")
	c.Flags().StringVar(&format, "format", "svg", "svg, png or dot")
	return c
}

// errNoPNG says that nothing on this machine turns SVG into PNG. A rasteriser
// and its fonts would weigh more than all runbooks together.
var errNoPNG = errors.New("png needs rsvg-convert (Debian: apt install librsvg2-bin); --format svg needs nothing, and every browser shows it")

// drawPNG hands the picture to a converter, where the machine has it.
func drawPNG(cmd *cobra.Command, svg string) error {
	program, err := exec.LookPath("rsvg-convert")
	if err != nil {
		return errNoPNG
	}
	run := exec.CommandContext(cmd.Context(), program, "--format=png")
	var picture, complaint bytes.Buffer
	run.Stdin, run.Stdout, run.Stderr = strings.NewReader(svg), &picture, &complaint
	if err := run.Run(); err != nil {
		return fmt.Errorf("rsvg-convert: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	_, err = cmd.OutOrStdout().Write(picture.Bytes())
	return err
}
