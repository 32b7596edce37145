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
}

const (
	maxBatches = 100
	maxEvents  = 1000
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
		return nil
	}
	if ref[0] != '+' || len(s.batches) >= maxBatches {
		return nil
	}
	b := &batch{label: s.label(e)}
	if outer, ok := tag(e, "batch"); ok {
		if p := s.batches[outer]; p != nil && p.history {
			b.history, b.ask = true, nil
		}
	}
	kind := param(e, 1)
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
	if b.history && b.ask != nil && len(b.ask.events) < maxEvents {
		b.ask.events = append(b.ask.events, e)
	}
	return b.history
}
