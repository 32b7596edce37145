package commands

import (
	"encoding/json"
	"fmt"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/runbooks"
	"vigie/runbooks/paint"
)

// ProbePicture is the kind of probe that paints a runbook, by Paint: that takes
// some tenths of a second, too long for a turn.
const ProbePicture = "picture"

// pictureAsk is what such a probe is given, and all that its answer needs.
type pictureAsk struct {
	Name    string            `json:"name"`
	Reply   chat.Reply        `json:"reply"`
	Drawing *runbooks.Drawing `json:"drawing"`
}

// Paint is what the program's Prober does for ProbePicture: a PNG, or nothing
// when args are not those of such a probe. It may be called by several goroutines.
func Paint(args []byte) []byte {
	var ask pictureAsk
	if json.Unmarshal(args, &ask) != nil || ask.Drawing == nil {
		return nil
	}
	png, err := paint.PNG(*ask.Drawing, paint.Sharp)
	if err != nil {
		return nil
	}
	return png
}

// runbookGraph shows a runbook to staff: the steps in words, and on networks that
// have files the picture with them.
func runbookGraph(c *Call, rb *runbooks.Runbook) error {
	text := strings.Join(append([]string{rb.Title.In(c.Lang())}, runbooks.Outline(rb, c.Lang())...), "\n")
	drawing := runbooks.Picture(rb, c.Lang())
	return c.sayPictured(text, rb.ID+".png", drawing)
}

// sayPictured answers with a text and, where the network has files, the picture that
// shows the same; the text alone elsewhere.
func (c *Call) sayPictured(text, name string, drawing runbooks.Drawing) error {
	if c.Table.lines(c.Msg.Room.Network) > 0 { // a network of lines shows no picture
		c.Say(text)
		return nil
	}
	ask := pictureAsk{Name: name, Drawing: &drawing,
		Reply: chat.Reply{Room: c.Msg.Room, Text: text, Thread: c.Msg.Thread, Secret: c.Private() || c.InStaffRoom(), Priority: chat.Answer}}
	if !c.Private() {
		from := c.Msg.From
		ask.Reply.To = &from
	}
	if err := c.Probe("picture/"+c.Msg.Room.String()+"/"+c.Msg.ID, ProbePicture, c.Msg.Room.String(), ask); err != nil {
		return fmt.Errorf("ask for the picture %s: %w", name, err)
	}
	c.Turn.Say(chat.Reply{Room: c.Msg.Room, Kind: chat.Typing})
	return nil
}

// pictured says what was asked for, with its picture if that could be painted.
func (t *Table) pictured(turn *bot.Turn, e bot.Found) error {
	var ask pictureAsk
	if err := json.Unmarshal(e.Probe.Args, &ask); err != nil {
		return fmt.Errorf("a picture that nobody can have asked for: %w", err)
	}
	if len(e.Report) > 0 {
		ask.Reply.File = &chat.File{Name: ask.Name, Type: "image/png", Size: int64(len(e.Report)), Data: e.Report}
	}
	turn.Say(ask.Reply)
	return nil
}
