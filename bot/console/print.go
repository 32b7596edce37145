package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
)

// tell prints the console's own words, set apart from what the bot says.
func (c *console) tell(s string) {
	for _, l := range strings.Split(s, "\n") {
		c.print("-- " + l)
	}
}

func (c *console) print(s string) {
	if _, err := fmt.Fprintln(c.out, s); err != nil {
		c.try(fmt.Errorf("write to the terminal: %w", err))
	}
}

func (c *console) prompt() {
	if !c.options.Prompt {
		return
	}
	thread := ""
	if c.thread != "" {
		thread = " #" + strconv.Itoa(c.numbers[c.thread])
	}
	if _, err := fmt.Fprintf(c.out, "%s %s%s> ", c.name, c.roomName(c.place()), thread); err != nil {
		c.try(fmt.Errorf("write to the terminal: %w", err))
	}
}

func (c *console) roomName(r chat.Room) string {
	if r.Private {
		return r.Network + "/@" + strings.TrimPrefix(r.ID, "@")
	}
	return r.Network + "/" + r.ID
}

// said prints one thing that the bot did: when, its number, where, to whom.
// What is in a thread stands indented, under the number of its root.
func (c *console) said(at time.Time, id string, r chat.Reply) {
	if r.Kind == chat.Typing {
		return
	}
	n := c.number(id)
	head := fmt.Sprintf("%s #%d %s", at.In(c.now.Location()).Format("15:04:05"), n, c.roomName(r.Room))
	if r.Thread != "" {
		head = "    " + head + " ↳#" + c.numberOf(r.Thread)
	}
	if act := c.act(r); act != "" {
		head += " (" + act + ")"
	}
	if r.To != nil {
		head += " " + fmt.Sprintf(c.words.to, r.To.Nick)
	}
	lines := strings.Split(c.text(r.Text), "\n")
	if len(lines) == 1 {
		c.print(clean(head) + " | " + lines[0])
		return
	}
	c.print(clean(head) + " |")
	for _, l := range lines {
		indent := "    "
		if r.Thread != "" {
			indent += "    "
		}
		c.print(indent + l)
	}
}

func (c *console) numberOf(id string) string {
	if n, ok := c.numbers[id]; ok {
		return strconv.Itoa(n)
	}
	return "?"
}

// act says what the reply does, if not saying.
func (c *console) act(r chat.Reply) string {
	form := ""
	switch r.Kind {
	case chat.Topic:
		return c.words.topic
	case chat.Amend:
		form = c.words.amends
	case chat.React:
		form = c.words.reacts
	case chat.Redact:
		form = c.words.redacts
	case chat.Pin:
		form = c.words.pins
	case chat.Unpin:
		form = c.words.unpins
	default:
		return ""
	}
	return fmt.Sprintf(form, c.numberOf(r.Target))
}

// text renders the markup and keeps a terminal from obeying what it is shown.
func (c *console) text(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		l = clean(l)
		on, off := "", ""
		if c.options.Bold {
			on, off = "\x1b[1m", "\x1b[22m"
		}
		parts := strings.Split(l, "**")
		var b strings.Builder
		for j, p := range parts {
			switch {
			case j%2 == 1 && j == len(parts)-1:
				b.WriteString("**") // never closed: no mark
			case j%2 == 1:
				b.WriteString(on)
			case j > 0:
				b.WriteString(off)
			}
			b.WriteString(p)
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// clean takes out what a terminal might obey.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if chat.Invisible(r) {
			return -1
		}
		return r
	}, s)
}
