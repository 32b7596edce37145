package irc

import (
	"slices"
	"time"

	"vigie/bot/chat"
)

// directMark is the place of private conversations among the marks, which no channel can be called.
const directMark = ""

// maxDirect is how many people's private words are read back after an absence.
const maxDirect = 20

// readDirect asks who wrote to the bot in private since it was last there, where
// the server keeps such words for its account. At the very first start it only notes the
// present moment, which is the server's and not ours.
func (s *session) readDirect() {
	if !s.canRead() {
		return
	}
	last, ok := s.t.marks[directMark]
	if !ok {
		if !s.welcomed.IsZero() {
			s.t.marks.advance(directMark, position{At: s.welcomed})
		}
		return
	}
	from := last.At.Add(-time.Millisecond)
	s.direct.reading = true
	s.request(&ask{room: s.direct, limit: maxDirect, then: func(a *ask) { s.readEach(a, from) }},
		"TARGETS", stamp(from), stamp(time.Now().Add(24*time.Hour)))
}

// readEach asks what each person found has written, one after the other, and
// hands on all of it in the order of writing.
func (s *session) readEach(found *ask, from time.Time) {
	var nicks []string
	for _, e := range found.events {
		if n := param(e, 1); e.Command == "CHATHISTORY" && param(e, 0) == "TARGETS" && validNick(n) && !s.sup.channel(n) {
			nicks = append(nicks, n)
		}
	}
	var said []chat.Message
	var next func(*ask)
	next = func(a *ask) {
		for _, e := range a.events {
			if m, ok := s.remembered(e); ok && m.Room.Private {
				said = append(said, m)
			}
		}
		if len(nicks) == 0 {
			slices.SortStableFunc(said, func(a, b chat.Message) int { return a.At.Compare(b.At) })
			for _, m := range said {
				s.passOn(s.direct, m)
			}
			s.letGo(s.direct)
			return
		}
		nick := nicks[0]
		nicks = nicks[1:]
		s.request(&ask{room: s.direct, limit: s.sup.history, then: next}, "AFTER", nick, stamp(from))
	}
	next(&ask{})
}
