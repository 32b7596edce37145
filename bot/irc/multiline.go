package irc

import (
	"fmt"
	"strings"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// draft/multiline makes one message of several lines: people whose client knows it
// see one answer, the others see the lines. It is used for what takes more than one
// line, and read when others use it.

const (
	multilineCap = "draft/multiline"
	concatTag    = "draft/multiline-concat"
)

// mayBatch tells whether lines can be sent as one message.
func (s *session) mayBatch(lines []line) bool {
	if len(lines) < 2 || !s.caps[multilineCap] || !s.caps["batch"] || !s.caps["message-tags"] {
		return false
	}
	var maxBytes, maxLines int
	for _, p := range strings.Split(s.reg.offered[multilineCap], ",") {
		switch k, v, _ := strings.Cut(p, "="); k {
		case "max-bytes":
			maxBytes = bounded(v, 0, 0, 1<<20)
		case "max-lines":
			maxLines = bounded(v, 1<<20, 1, 1<<20)
		}
	}
	return len(whole(lines)) <= maxBytes && (maxLines == 0 || len(lines) <= maxLines)
}

// whole is the text of lines that make one message.
func whole(lines []line) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 && !l.concat {
			b.WriteByte('\n')
		}
		b.WriteString(l.text)
	}
	return b.String()
}

// writeBatch writes all of j at once: nothing may come between the lines of a
// batch. It costs what its lines cost.
func (s *session) writeBatch(j *job) error {
	s.seq++
	ref := fmt.Sprintf("m%d", s.seq)
	first := &j.lines[0]
	open := []byte("BATCH +" + ref + " " + multilineCap + " " + j.target + "\r\n")
	buf := s.tags(j, first, open)
	for _, l := range j.lines {
		line, err := say(j.verb, j.target, l.text)
		if err != nil {
			return err
		}
		head := "@batch=" + ref
		if l.concat {
			head += ";" + concatTag
		}
		buf = append(append(buf, head+" "...), line...)
	}
	buf = append(buf, "BATCH -"+ref+"\r\n"...)
	cost := float64(len(j.lines))
	j.next = len(j.lines)
	tail, more := s.tail(j)
	s.hand(append(buf, tail...), cost+more)
	return nil
}

// noMultiline takes the server's refusal of such a message, which nobody got: it and
// what follows on this link goes line by line.
func (s *session) noMultiline(label, code string) {
	s.caps[multilineCap] = false
	s.log.Warn("irc: the server refuses a message of several lines; they go one by one from now on", "what", code)
	for _, j := range s.flying {
		if j.batched && (label == "" || j.lines[0].label == label) {
			s.conclude(j, "", fmt.Errorf("%s: %w", code, chat.ErrDown))
			return
		}
	}
}

// assembled is the one message that the lines of a batch make; nil when there is none.
func (b *batch) assembled() *girc.Event {
	if b.open.Source == nil || len(b.lines) == 0 {
		return nil
	}
	verb := b.lines[0].Command
	var text strings.Builder
	for i, l := range b.lines {
		if l.Command != verb || len(l.Params) != 2 {
			return nil
		}
		if _, concat := tag(l, concatTag); i > 0 && !concat {
			text.WriteByte('\n')
		}
		text.WriteString(l.Params[1])
	}
	e := &girc.Event{Source: b.open.Source, Command: verb, Params: []string{param(b.open, 2), text.String()}, Tags: girc.Tags{}}
	for k, v := range b.open.Tags {
		if k != "batch" {
			e.Tags[k] = v
		}
	}
	return e
}

// closeMultiline hands on the message that b holds: to the question about the past
// that it is part of, or as something said now.
func (s *session) closeMultiline(b *batch) error {
	e := b.assembled()
	if e == nil || e.Command != "PRIVMSG" && e.Command != "NOTICE" {
		return nil
	}
	if b.outer != nil && b.outer.history {
		if a := b.outer.ask; a != nil && len(a.events) < maxEvents {
			a.events = append(a.events, e)
		}
		return nil
	}
	return s.onMessage(e)
}
