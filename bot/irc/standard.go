package irc

import (
	"fmt"
	"strings"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// onFail is a standard reply that refuses something: a history request, a batch,
// or a line of ours. Only its command and code go to the log: what else it says
// may repeat what somebody wrote.
func (s *session) onFail(e *girc.Event) error {
	label := s.label(e)
	code := fmt.Sprintf("%s %s", shown(param(e, 0)), shown(param(e, 1)))
	switch {
	case param(e, 0) == "CHATHISTORY":
		s.failAsk(label)
		return nil
	case strings.HasPrefix(param(e, 1), "MULTILINE_"):
		s.noMultiline(label, code)
		return nil
	}
	s.log.Warn("irc: the server refuses something", "what", code)
	if j, _ := s.labelled(label); j != nil {
		s.conclude(j, "", fmt.Errorf("%s: %w", code, chat.ErrRefused))
		return nil
	}
	if label != "" {
		return nil
	}
	for _, j := range s.flying { // no labels here: the first line of that kind without proof
		if j.verb == param(e, 0) && j.proofless() {
			s.conclude(j, "", fmt.Errorf("%s: %w", code, chat.ErrRefused))
			return nil
		}
	}
	return nil
}

// onNote is a standard reply that refuses nothing: WARN or NOTE.
func (s *session) onNote(e *girc.Event) error {
	s.log.Info("irc: the server remarks", "kind", e.Command, "what", shown(param(e, 0))+" "+shown(param(e, 1)))
	return nil
}
