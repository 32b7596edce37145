package matrix

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// contentLimit keeps an event, once encrypted and encoded, under the 64 KiB that
// servers accept.
const contentLimit = 40_000

// content makes the event of a Say or an Amend. A text that is too long for one
// event is cut, and ends with an ellipsis.
func (s *session) content(r chat.Reply) (*event.Content, error) {
	for max := 12_000; ; max /= 2 {
		c := &event.Content{
			Parsed: s.message(r, chat.Cut(r.Text, max)),
			Raw:    map[string]any{keyField: r.Key},
		}
		b, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", chat.ErrRefused, err)
		}
		if len(b) <= contentLimit || max < 100 {
			return c, nil
		}
	}
}

func (s *session) message(r chat.Reply, text string) *event.MessageEventContent {
	if r.Repeat {
		text = "(↻) " + text
	}
	m := &event.MessageEventContent{MsgType: event.MsgNotice, Mentions: &event.Mentions{}}
	var formatted string
	m.Body, formatted = render(text)
	if r.Tone == chat.Loud {
		m.MsgType = event.MsgText
		if r.Everyone {
			m.Mentions.Room = true
			m.Body, formatted = "@room "+m.Body, "@room "+formatted
		}
		if user, name, ok := s.spokenTo(r); ok {
			m.Mentions.UserIDs = []id.UserID{user}
			m.Body = name + " : " + m.Body
			formatted = `<a href="` + html.EscapeString(user.URI().MatrixToURL()) + `">` + html.EscapeString(name) + "</a> : " + formatted
		}
	}
	if plain := strings.ReplaceAll(html.EscapeString(m.Body), "\n", "<br>"); formatted != plain {
		m.Format, m.FormattedBody = event.FormatHTML, formatted
	}
	target, thread := relation(r.Target), relation(r.Thread)
	if r.Kind == chat.Amend && target != "" {
		return amended(m, target)
	}
	m.RelatesTo = related(thread, target)
	return m
}

// spokenTo is the one person that a Loud reply in a shared room mentions.
func (s *session) spokenTo(r chat.Reply) (user id.UserID, name string, ok bool) {
	if r.To == nil || r.Room.Private || r.To.Network != s.t.cfg.Name {
		return "", "", false
	}
	user = id.UserID(r.To.Account)
	if _, _, err := user.ParseAndValidateRelaxed(); err != nil {
		return "", "", false
	}
	if name = chat.Plain(r.To.Nick, nickLength); name == "" {
		name = chat.Plain(user.Localpart(), nickLength)
	}
	return user, name, true
}

// related says what a message answers: a message, in a thread or not. In a
// thread, clients that know none show it as an answer to the thread's start.
func related(thread, target id.EventID) *event.RelatesTo {
	switch {
	case thread != "" && target != "":
		return (&event.RelatesTo{}).SetThread(thread, "").SetReplyTo(target)
	case thread != "":
		return (&event.RelatesTo{}).SetThread(thread, thread)
	case target != "":
		return (&event.RelatesTo{}).SetReplyTo(target)
	}
	return nil
}

// amended makes m the new content of target, with a star in front for clients
// that know no edits.
func amended(m *event.MessageEventContent, target id.EventID) *event.MessageEventContent {
	outer := *m
	outer.NewContent = m
	outer.Body = "* " + m.Body
	if m.FormattedBody != "" {
		outer.FormattedBody = "* " + m.FormattedBody
	}
	outer.RelatesTo = new(event.RelatesTo).SetReplace(target)
	return &outer
}

// relation drops what is not a Matrix event id: a message of another network.
func relation(s string) id.EventID {
	e, err := eventID(s)
	if err != nil {
		return ""
	}
	return e
}
