package bottest

import (
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
)

// said is a reply that reached the network.
type said struct {
	chat.Reply
	id string
	at time.Time
}

// actOf names a kind of reply as transcripts do.
func actOf(k chat.ReplyKind) string {
	switch k {
	case chat.Amend:
		return "amends"
	case chat.React:
		return "reacts"
	case chat.Redact:
		return "redacts"
	case chat.Topic:
		return "topic"
	case chat.Pin:
		return "pins"
	case chat.Unpin:
		return "unpins"
	}
	return ""
}

// phrase is the reply as a transcript says it.
func (p *Player) phrase(s said) phrase {
	ph := phrase{room: p.people.roomName(s.Room), marks: map[string]string{}, act: actOf(s.Kind)}
	if s.To != nil && !s.Room.Private {
		ph.name = p.people.name(*s.To)
	}
	switch s.Kind {
	case chat.React:
		ph.emoji = s.Text
	default:
		ph.text = s.Text
	}
	if ph.act != "" && s.Kind != chat.Topic {
		ph.object = p.label(s.Target)
	}
	if s.Thread != "" {
		ph.marks["thread"] = p.label(s.Thread)
	}
	if s.Target != "" && s.Kind == chat.Say {
		ph.marks["reply"] = p.label(s.Target)
	}
	if s.Tone == chat.Loud {
		ph.marks["loud"] = ""
	}
	if s.Secret {
		ph.marks["secret"] = ""
	}
	if s.Everyone {
		ph.marks["everyone"] = ""
	}
	if s.Repeat {
		ph.marks["repeat"] = ""
	}
	if s.File != nil {
		ph.marks["file"] = s.File.Name
	}
	return ph
}

// label is what the transcript calls an id.
func (p *Player) label(id string) string {
	if name, ok := p.labels[id]; ok {
		return name
	}
	return id
}

// render writes a phrase as an expectation. Of the marks only those are written
// that say where the reply went, or that were asked for.
func (ph phrase) render(asked map[string]string) string {
	var b strings.Builder
	b.WriteString("< " + ph.room)
	for _, mark := range []string{"thread", "reply", "loud", "everyone", "secret", "repeat", "file"} {
		value, ok := ph.marks[mark]
		_, wanted := asked[mark]
		if ok && (wanted || slices.Contains([]string{"thread", "everyone", "repeat", "file"}, mark)) {
			b.WriteString(" [" + strings.TrimSpace(mark+" "+value) + "]")
		}
	}
	if id, ok := asked["id"]; ok {
		b.WriteString(" [id " + id + "]")
	}
	for _, word := range []string{ph.name, ph.act, ph.emoji, ph.object} {
		if word != "" {
			b.WriteString(" " + word)
		}
	}
	if withText, isAct := acts[ph.act]; isAct && !withText {
		return b.String()
	}
	b.WriteString(":")
	first, rest, more := strings.Cut(ph.text, "\n")
	if first != "" {
		b.WriteString(" " + first)
	}
	if more {
		for _, l := range strings.Split(rest, "\n") {
			b.WriteString(strings.TrimRight("\n| "+l, " "))
		}
	}
	return b.String()
}

// fits tells whether what was said is what the line expects.
func (want phrase) fits(got phrase, loosely bool) bool {
	for _, mark := range []string{"thread", "reply", "loud", "everyone", "secret", "file"} {
		w, asked := want.marks[mark]
		g, is := got.marks[mark]
		if asked && (!is || w != g) {
			return false
		}
	}
	if want.room != got.room || want.act != got.act || want.object != got.object || want.emoji != got.emoji {
		return false
	}
	if want.name != got.name && !strings.Contains(want.room, "/@") {
		return false
	}
	if loosely {
		return strings.Contains(got.text, strings.TrimSpace(want.text))
	}
	return trimLines(want.text) == trimLines(got.text)
}

// trimLines drops what cannot be seen at the ends of lines in a file.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.Join(lines, "\n")
}
