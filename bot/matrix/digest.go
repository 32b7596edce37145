package matrix

import (
	"context"
	"encoding/json"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// digestKeys gives the machine its to-device events, device lists and key
// counts. It is the library's ProcessSyncResponse without its goroutine, which
// would outlive Run.
func (s *session) digestKeys(ctx context.Context, resp *mautrix.RespSync) error {
	if err := s.devicesChanged(ctx, &resp.DeviceLists); err != nil {
		return err
	}
	for _, evt := range resp.ToDevice.Events {
		s.guard("to-device event", func() {
			evt.Type.Class = event.ToDeviceEventType
			if evt.Content.ParseRaw(evt.Type) != nil {
				return
			}
			switch c := evt.Content.Parsed.(type) {
			case *event.RoomKeyRequestEventContent:
				s.mach.HandleRoomKeyRequest(ctx, evt.Sender, c)
			case *event.RoomKeyWithheldEventContent:
				// Noted in the library's store, it would keep the key out when a
				// device gives it after all. Without it, the event goes on waiting.
			default:
				if isVerification(evt) {
					s.seeVerification(evt)
					return
				}
				s.mach.HandleToDeviceEvent(ctx, evt)
			}
		})
	}
	s.mach.HandleOTKCounts(ctx, &resp.DeviceOTKCount)
	s.mach.MarkOlmHashSavePoint(ctx)
	return nil
}

// guard keeps a panic over one hostile event from stopping the account.
func (s *session) guard(what string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("matrix: an event could not be handled", "what", what, "panic", fmt.Sprintf("%T", r))
		}
	}()
	f()
}

// digestState takes in the state of a room: of both the response's own list and
// the timeline.
func (s *session) digestState(ctx context.Context, room id.RoomID, data *mautrix.SyncJoinedRoom) error {
	for _, list := range [][]*event.Event{data.State.Events, data.Timeline.Events} {
		for _, evt := range list {
			if evt.StateKey == nil {
				continue
			}
			var err error
			s.guard("state", func() { err = s.applyState(ctx, room, evt) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) applyState(ctx context.Context, room id.RoomID, evt *event.Event) error {
	evt.RoomID = room
	evt.Type.Class = event.StateEventType
	if err := evt.Content.ParseRaw(evt.Type); err != nil {
		return nil // not ours to understand
	}
	switch c := evt.Content.Parsed.(type) {
	case *event.EncryptionEventContent:
		if evt.GetStateKey() != "" {
			return nil
		}
		if err := s.vault.pin(ctx, room); err != nil {
			return fatalf("crypto database: %w", err)
		}
		if c.Algorithm != id.AlgorithmMegolmV1 {
			return nil // nobody switches encryption off by naming another
		}
	case *event.TombstoneEventContent:
		if evt.GetStateKey() == "" {
			s.upgrades = append(s.upgrades, tombstone{room, c.ReplacementRoom, evt.Sender})
		}
	}
	mautrix.UpdateStateStore(ctx, s.state, evt)
	switch evt.Type {
	case event.StateMember:
		s.mach.HandleMemberEvent(ctx, evt)
		if m := evt.Content.AsMember().Membership; m == event.MembershipLeave || m == event.MembershipBan {
			s.later("empty room "+room.String(), func(ctx context.Context) error { return s.leaveIfAlone(ctx, room) })
		}
	case event.StateHistoryVisibility:
		s.mach.HandleHistoryVisibility(ctx, evt)
	}
	return nil
}

// accountData learns which rooms are private conversations.
func (s *session) accountData(evt *event.Event) {
	if evt.Type.Type != event.AccountDataDirectChats.Type {
		return
	}
	var chats map[id.UserID][]id.RoomID
	if json.Unmarshal(evt.Content.VeryRaw, &chats) == nil {
		s.direct.set(chats)
	}
}
