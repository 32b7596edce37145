package clients

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// A MatrixEvent is one event of a room's timeline, decrypted, or an invitation.
type MatrixEvent struct {
	At     time.Time // when it was received
	Sent   time.Time // when its sender says it was sent
	Room   id.RoomID
	ID     id.EventID
	Sender id.UserID
	Type   string // "m.room.message", "m.reaction", "m.room.topic"…; "m.room.encrypted" if it could not be decrypted

	MsgType                   string // "m.text", "m.notice"…
	Text                      string // body; of an edit, the new one; of a topic, the topic
	HTML                      string
	Thread                    id.EventID // root of its thread
	ReplyTo                   id.EventID // event that it answers (not the fallback of a thread)
	Edits                     id.EventID // event that it replaces
	React                     string     // emoji of a reaction
	Target                    id.EventID // event reacted to or redacted
	Mention                   []id.UserID
	MentionsRoom, HasMentions bool // "@room"; whether it has an m.mentions at all

	StateKey   string
	Membership string // of a member event

	Encrypted bool   // it travelled encrypted
	Trust     string // "cross-signed-tofu", "cross-signed-verified", "unverified"…; empty if not encrypted
	Problem   string // why it could not be decrypted

	Content map[string]any // the whole (decrypted) content
}

// String is the event for people.
func (e MatrixEvent) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s", e.At.Format("15:04:05.000"), e.Sender, strings.TrimPrefix(e.Type, "m.room."), e.ID)
	for _, part := range []struct{ name, value string }{
		{"type", e.MsgType}, {"thread", string(e.Thread)}, {"reply", string(e.ReplyTo)}, {"edits", string(e.Edits)},
		{"react", e.React}, {"target", string(e.Target)}, {"member", e.Membership}, {"trust", e.Trust}, {"problem", e.Problem},
	} {
		if part.value != "" {
			fmt.Fprintf(&b, " %s=%s", part.name, part.value)
		}
	}
	if e.Text != "" {
		fmt.Fprintf(&b, " %q", e.Text)
	}
	return b.String()
}

// Wrote matches a message, edits included, of a user (local part or whole id) in a room whose text holds some words. Empty
// values match anything.
func Wrote(by string, room id.RoomID, words string) func(MatrixEvent) bool {
	return func(e MatrixEvent) bool {
		return e.Type == event.EventMessage.Type && (room == "" || e.Room == room) && strings.Contains(e.Text, words) &&
			(by == "" || string(e.Sender) == by || e.Sender.Localpart() == by)
	}
}

// see records an event the sync brought, once: encrypted ones when mautrix hands them over again decrypted.
func (m *Matrix) see(ctx context.Context, evt *event.Event) {
	invited := evt.Mautrix.EventSource&event.SourceInvite != 0 && evt.Type == event.StateMember && evt.GetStateKey() == m.cli.UserID.String()
	if !invited && (evt.Mautrix.EventSource&event.SourceTimeline == 0 || evt.Type == event.EventEncrypted) {
		return
	}
	m.put(describe(evt))
}

func (m *Matrix) seeUndecryptable(evt *event.Event, err error) {
	e := describe(evt)
	e.Encrypted, e.Problem = true, err.Error()
	m.put(e)
}

func (m *Matrix) put(e MatrixEvent) {
	if e.ID != "" { // an invitation has no id
		m.mu.Lock()
		known := m.known[e.ID]
		m.known[e.ID] = true
		m.mu.Unlock()
		if known {
			return
		}
	}
	m.add(e)
}

// decode describes an event that did not come through the sync.
func (m *Matrix) decode(ctx context.Context, evt *event.Event) MatrixEvent {
	evt.Type.Class = event.MessageEventType
	if evt.StateKey != nil {
		evt.Type.Class = event.StateEventType
	}
	// Content of an unknown type, or redacted, does not parse; describe shows what there is.
	_ = evt.Content.ParseRaw(evt.Type)
	if evt.Type != event.EventEncrypted || len(evt.Content.Raw) == 0 {
		return describe(evt)
	}
	plain, err := m.crypto.Decrypt(ctx, evt)
	if err != nil {
		e := describe(evt)
		e.Encrypted, e.Problem = true, err.Error()
		return e
	}
	return describe(plain)
}

func describe(evt *event.Event) MatrixEvent {
	e := MatrixEvent{At: time.Now(), Sent: time.UnixMilli(evt.Timestamp), Room: evt.RoomID, ID: evt.ID, Sender: evt.Sender,
		Type: evt.Type.Type, StateKey: evt.GetStateKey(), Encrypted: evt.Mautrix.WasEncrypted, Content: evt.Content.Raw}
	if e.Encrypted {
		e.Trust = evt.Mautrix.TrustState.String()
	}
	switch c := evt.Content.Parsed.(type) {
	case *event.MessageEventContent:
		e.message(c)
	case *event.ReactionEventContent:
		e.React, e.Target = c.RelatesTo.Key, c.RelatesTo.EventID
	case *event.TopicEventContent:
		e.Text = c.Topic
	case *event.MemberEventContent:
		e.Membership = string(c.Membership)
	case *event.RedactionEventContent:
		e.Target, e.Text = c.Redacts, c.Reason
	}
	if evt.Redacts != "" { // rooms older than version 11 have it here
		e.Target = evt.Redacts
	}
	return e
}

func (e *MatrixEvent) message(c *event.MessageEventContent) {
	e.Edits = c.RelatesTo.GetReplaceID()
	e.Thread, e.ReplyTo = c.RelatesTo.GetThreadParent(), c.RelatesTo.GetNonFallbackReplyTo()
	if e.Edits != "" && c.NewContent != nil {
		c = c.NewContent
	}
	e.MsgType, e.Text, e.HTML = string(c.MsgType), c.Body, c.FormattedBody
	if c.Mentions != nil {
		e.HasMentions, e.MentionsRoom, e.Mention = true, c.Mentions.Room, slices.Clone(c.Mentions.UserIDs)
	}
}
