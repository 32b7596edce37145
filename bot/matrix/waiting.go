package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/olm"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// putAside keeps an event that cannot be decrypted, and asks its sender for the
// key, once. An event that no key would help is counted and dropped. Either way
// its sender is told, when the key has had time to come.
func (s *session) putAside(ctx context.Context, evt *event.Event, why error, now time.Time) error {
	if evt.Sender == s.me || errors.Is(why, crypto.ErrDuplicateMessageIndex) {
		return nil // our own past, or a replay: nobody waits for an answer
	}
	if !errors.Is(why, crypto.ErrNoSessionFound) && !errors.Is(why, olm.ErrUnknownMessageIndex) {
		s.t.unread.Add(1)
		s.log.Warn("matrix: an event cannot be decrypted", "room", evt.RoomID, "event", evt.ID, "sender", evt.Sender, "error", brief(why))
		s.tellSealed(evt, now, 0)
		return nil
	}
	raw, err := json.Marshal(evt)
	if err != nil {
		return nil // it came as JSON; what cannot go back is not worth a stop
	}
	known, err := s.vault.wait(ctx, evt.RoomID, evt.ID, raw, now)
	if err != nil {
		return fatalf("crypto database: %w", err)
	}
	if known {
		return nil
	}
	s.t.unread.Add(1)
	s.log.Warn("matrix: an event's key has not come; asking for it", "room", evt.RoomID, "event", evt.ID, "sender", evt.Sender)
	s.requestKey(ctx, evt)
	s.tellSealed(evt, now, s.t.cfg.KeyGrace)
	return nil
}

// tellSealed delivers that somebody's message cannot be read, unless its key
// comes in time: once in a while for each person and room.
func (s *session) tellSealed(evt *event.Event, now time.Time, grace time.Duration) {
	c, ok := evt.Content.Parsed.(*event.EncryptedEventContent)
	if !ok {
		return // not made by any client
	}
	msg := chat.Message{
		Kind: chat.Unreadable, ID: evt.ID.String() + " sealed", Target: evt.ID.String(),
		Thread: c.RelatesTo.GetThreadParent().String(), Encrypted: true,
		At: time.UnixMilli(evt.Timestamp), Received: now,
	}
	s.todo.put(errand{name: "unreadable " + evt.ID.String(), at: now.Add(grace), do: func(ctx context.Context) (err error) {
		if grace > 0 {
			if waits, err := s.vault.waits(ctx, evt.ID); err != nil || !waits {
				return err
			}
		}
		if msg.Room, err = s.place(ctx, evt.RoomID); err != nil {
			return err
		}
		msg.From = s.identity(ctx, evt.RoomID, evt.Sender)
		msg.Addressed = msg.Room.Private
		if s.t.sealed.allow(evt.RoomID.String()+" "+evt.Sender.String(), now) {
			s.t.aside.put(msg)
		}
		return nil
	}})
}

// requestKey asks the sender's devices, and our other ones, for a room key.
func (s *session) requestKey(ctx context.Context, evt *event.Event) {
	c, ok := evt.Content.Parsed.(*event.EncryptedEventContent)
	if !ok {
		return
	}
	err := s.mach.SendRoomKeyRequest(ctx, evt.RoomID, c.SenderKey, c.SessionID, "", map[id.UserID][]id.DeviceID{
		evt.Sender: {"*"}, s.me: {"*"},
	})
	if err != nil {
		s.log.Warn("matrix: a key could not be asked for", "room", evt.RoomID, "error", brief(err))
	}
}

// retryWaiting opens the events whose key has come by now.
func (s *session) retryWaiting(ctx context.Context, now time.Time) ([]heard, error) {
	if !s.newKeys.Swap(false) {
		return nil, nil
	}
	rows, err := s.vault.waiting(ctx)
	if err != nil {
		return nil, fatalf("crypto database: %w", err)
	}
	var out []heard
	for _, row := range rows {
		s.guard("waiting event", func() {
			var msg chat.Message
			var ok bool
			if msg, ok, err = s.reopen(ctx, row, now); ok {
				out = append(out, heard{Message: msg, waited: true})
			}
		})
		if err != nil {
			s.newKeys.Store(true)
			return nil, err
		}
	}
	return out, nil
}

func (s *session) reopen(ctx context.Context, row waitingRow, now time.Time) (msg chat.Message, ok bool, err error) {
	var evt event.Event
	if json.Unmarshal(row.raw, &evt) != nil {
		return msg, false, nil
	}
	evt.RoomID = row.room
	evt.Type.Class = event.MessageEventType
	if evt.Content.ParseRaw(evt.Type) != nil {
		return msg, false, nil
	}
	open, err := s.mach.DecryptMegolmEvent(ctx, &evt)
	if err != nil {
		return msg, false, nil // its key has still not come
	}
	msg, ok, err = s.convert(ctx, open, now)
	msg.Encrypted = true
	return msg, ok, err
}
