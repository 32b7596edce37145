package irc

import (
	"strings"

	"github.com/lrstanley/girc"
)

// batch is a group of lines that the server announces as one.
type batch struct {
	history bool
	label   string
	ask     *ask // whose answer it is; nil for playback that nobody asked for
	// A message of several lines, its first line, and the batch around it.
	multi bool
	open  *girc.Event
	lines []*girc.Event
	outer *batch
}

const (
	maxBatches = 100
	maxEvents  = 1000
	maxParts   = 200 // lines of one message
)

// onBatch opens and closes a batch.
func (s *session) onBatch(e *girc.Event) error {
	ref := param(e, 0)
	if len(ref) < 2 {
		return nil
	}
	if ref[0] == '-' {
		b := s.batches[ref[1:]]
		delete(s.batches, ref[1:])
		if b != nil && b.ask != nil {
			s.finish(b.ask, true)
		}
		if b != nil && b.multi {
			return s.closeMultiline(b)
		}
		return nil
	}
	if ref[0] != '+' || len(s.batches) >= maxBatches {
		return nil
	}
	b := &batch{label: s.label(e), open: e}
	if outer, ok := tag(e, "batch"); ok {
		if b.outer = s.batches[outer]; b.outer != nil {
			b.history = b.outer.history
		}
	}
	kind := param(e, 1)
	b.multi = kind == multilineCap
	if strings.Contains(kind, "chathistory") || strings.Contains(kind, "playback") {
		b.history = true
		b.ask = s.asked(b.label, param(e, 2))
	}
	s.batches[ref[1:]] = b
	return nil
}

// asked finds the question that a batch of history answers: by its label, or
// where there are no labels by the target.
func (s *session) asked(label, target string) *ask {
	for _, a := range s.asks {
		if !a.begun && a.label == label && a.target == s.sup.fold(target) {
			a.begun = true
			return a
		}
	}
	return nil
}

// swallow keeps a line of history from being taken for something that happens
// now. Words in a batch that was never opened are history too, for all one
// knows.
func (s *session) swallow(ref string, e *girc.Event) bool {
	b := s.batches[ref]
	if b == nil {
		return e.Command == "PRIVMSG" || e.Command == "NOTICE"
	}
	if b.multi {
		if len(b.lines) < maxParts {
			b.lines = append(b.lines, e)
		}
		return true
	}
	if b.history && b.ask != nil && len(b.ask.events) < maxEvents {
		b.ask.events = append(b.ask.events, e)
	}
	return b.history
}
