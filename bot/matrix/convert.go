package matrix

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// nickLength is the longest name of a person that is passed on, in runes.
const nickLength = 64

// convert tells what an open event says. Our own events, notices and emotes say
// nothing: a bot that answered them could be made to talk to another bot, or to
// itself. An error means that the server could not be asked where this is said.
func (s *session) convert(ctx context.Context, evt *event.Event, now time.Time) (msg chat.Message, ok bool, err error) {
	if evt.Sender == s.me || evt.ID == "" || evt.Unsigned.RedactedBecause != nil {
		return msg, false, nil
	}
	if isVerification(evt) {
		s.seeVerification(evt)
		return msg, false, nil
	}
	msg = chat.Message{
		ID:       evt.ID.String(),
		At:       time.UnixMilli(evt.Timestamp),
		Received: now,
	}
	if !s.says(ctx, evt, &msg) {
		return msg, false, nil
	}
	if msg.Room, err = s.place(ctx, evt.RoomID); err != nil {
		return msg, false, err
	}
	msg.From = s.identity(ctx, evt.RoomID, evt.Sender)
	if msg.Room.Private && msg.Kind == chat.Text {
		msg.Addressed = true
		s.noteDM(ctx, evt.Sender, evt.RoomID)
	}
	return msg, true, nil
}

// says fills in what an event says by itself; false when that is nothing.
func (s *session) says(ctx context.Context, evt *event.Event, msg *chat.Message) bool {
	switch c := evt.Content.Parsed.(type) {
	case *event.MessageEventContent:
		if evt.Type == event.EventSticker || c.MsgType.IsMedia() {
			return s.convertFile(ctx, evt, c, msg)
		}
		return s.convertText(c, msg)
	case *event.ReactionEventContent:
		msg.Kind, msg.Text, msg.Target = chat.Reaction, tidy(c.RelatesTo.Key), c.RelatesTo.EventID.String()
		return msg.Text != "" && msg.Target != "" && c.RelatesTo.Type == event.RelAnnotation
	case *event.RedactionEventContent:
		msg.Kind, msg.Target = chat.Redaction, cmp.Or(evt.Redacts, c.Redacts).String()
		return msg.Target != ""
	case *event.TopicEventContent:
		msg.Kind, msg.Text = chat.TopicIs, tidy(c.Topic)
		return evt.Type == event.StateTopic && evt.GetStateKey() == ""
	case *event.MemberEventContent:
		msg.Kind = chat.Join
		return evt.Type == event.StateMember && evt.GetStateKey() == evt.Sender.String() &&
			c.Membership == event.MembershipJoin && s.before(evt) != event.MembershipJoin
	}
	return false
}

// convertText reads an m.room.message.
func (s *session) convertText(c *event.MessageEventContent, msg *chat.Message) bool {
	if c.MsgType != event.MsgText {
		return false
	}
	if target := c.RelatesTo.GetReplaceID(); target != "" {
		if c.NewContent == nil || c.NewContent.MsgType != event.MsgText {
			return false
		}
		msg.Kind, msg.Target, msg.Text = chat.Edit, target.String(), tidy(c.NewContent.Body)
		return msg.Text != ""
	}
	body := c.Body
	if c.RelatesTo.GetReplyTo() != "" {
		body = event.TrimReplyFallbackText(body)
	}
	s.fill(c, body, msg)
	return msg.Text != ""
}

// convertFile reads a picture, a document, a sound, a film or a sticker. Its
// text is the caption, never the file's name.
func (s *session) convertFile(ctx context.Context, evt *event.Event, c *event.MessageEventContent, msg *chat.Message) bool {
	if c.RelatesTo.GetReplaceID() != "" || c.URL == "" && c.File == nil {
		return false
	}
	caption := ""
	if evt.Type != event.EventSticker {
		caption = c.GetCaption()
	}
	s.fill(c, caption, msg)
	msg.Files = s.filesOf(ctx, evt, c)
	return true
}

// fill takes a message's text, where it stands and whether it is put to us.
func (s *session) fill(c *event.MessageEventContent, text string, msg *chat.Message) {
	msg.Text = tidy(text)
	msg.Thread = c.RelatesTo.GetThreadParent().String()
	msg.Target = c.RelatesTo.GetNonFallbackReplyTo().String()
	if c.Mentions != nil && slices.Contains(c.Mentions.UserIDs, s.me) {
		msg.Addressed = true
		msg.Text = s.withoutUs(msg.Text)
	}
}

// withoutUs takes our own name off the front of a text that mentions us.
func (s *session) withoutUs(text string) string {
	for _, name := range []string{string(s.me), s.display} {
		if name == "" || len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
			continue
		}
		rest := text[len(name):]
		if cut := strings.TrimLeft(rest, ":, \u00a0"); cut != rest && cut != "" {
			return cut
		}
	}
	return text
}

// tidy repairs invalid UTF-8 and takes the blanks around a text away.
func tidy(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
}

// identity is who wrote: the homeservers vouch for the user id, and for nothing else.
func (s *session) identity(ctx context.Context, room id.RoomID, user id.UserID) chat.Identity {
	nick := ""
	if m, err := s.state.TryGetMember(ctx, room, user); err == nil && m != nil {
		nick = chat.Cut(chat.Clean(m.Displayname), nickLength)
	}
	if nick == "" {
		nick = chat.Cut(chat.Clean(user.Localpart()), nickLength)
	}
	return chat.Identity{Network: s.t.cfg.Name, Account: string(user), Nick: nick}
}
