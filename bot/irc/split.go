package irc

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// lineMax is the longest line of IRC in bytes, without tags, as everybody else
// receives it: with our prefix in front and CR LF behind.
const lineMax = 512

// textRoom is how many bytes of text fit a line of cmd to target, when others see it
// come from a prefix (nick!user@host) of that many bytes.
func textRoom(prefix int, cmd, target string) int {
	return lineMax - len(":") - prefix - len(" ") - len(cmd) - len(" ") - len(target) - len(" :") - len("\r\n")
}

// cell is the smallest piece that may be moved to another line: one grapheme,
// with what it looks like.
type cell struct {
	text string
	bold bool
}

// split cuts text, in which \x02 toggles bold, into pieces of at most limit
// bytes. Put together again, and without the toggles, the pieces are the text to
// the byte. It cuts after a space where it can, so that a word that fits a line
// (a URL is one) is never cut; elsewhere between graphemes; inside one only when it
// is longer than a line. Bold is closed at the end of a piece and opened
// again in the next. limit is at least 8.
func split(text string, limit int) []string {
	cells := cut(text, limit-2)
	var pieces []string
	for len(cells) > 0 {
		n := fit(cells, limit)
		if n < len(cells) {
			if b := lastBreak(cells[:n+1]); b > 0 {
				n = b
			}
		}
		pieces = append(pieces, encode(cells[:n]))
		cells = cells[n:]
	}
	return pieces
}

// cut makes cells of text, none longer than limit bytes.
func cut(text string, limit int) []cell {
	var cells []cell
	on := false
	for i, run := range strings.Split(text, string(bold)) {
		on = i%2 == 1
		state := -1
		for run != "" {
			var g string
			g, run, _, state = uniseg.FirstGraphemeClusterInString(run, state)
			for len(g) > limit {
				n := limit
				for n > 1 && !utf8.RuneStart(g[n]) {
					n--
				}
				cells = append(cells, cell{g[:n], on})
				g = g[n:]
			}
			cells = append(cells, cell{g, on})
		}
	}
	return cells
}

// fit is how many of cells one line of limit bytes holds, at least one.
func fit(cells []cell, limit int) int {
	size, on := 0, false
	for i, c := range cells {
		size += len(c.text)
		if c.bold != on {
			size, on = size+1, c.bold
		}
		end := size
		if on {
			end++
		}
		if end > limit {
			return max(i, 1)
		}
	}
	return len(cells)
}

// lastBreak is the number of cells before the last place where words part, 0
// for none. The last of cells does not fit: a space there means that the others
// end a word. A space may carry marks, and is then one cell with them.
func lastBreak(cells []cell) int {
	for i := len(cells) - 1; i > 0; i-- {
		if cells[i-1].text == " " || strings.HasPrefix(cells[i].text, " ") {
			return i
		}
	}
	return 0
}

// encode writes cells as one line that starts and ends without bold.
func encode(cells []cell) string {
	var b strings.Builder
	on := false
	for _, c := range cells {
		if c.bold != on {
			b.WriteRune(bold)
			on = c.bold
		}
		b.WriteString(c.text)
	}
	if on {
		b.WriteRune(bold)
	}
	return b.String()
}
