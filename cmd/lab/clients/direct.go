package clients

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Direct opens an encrypted private conversation with somebody, as Element does, and returns its room once the other has
// come in.
func (m *Matrix) Direct(ctx context.Context, with id.UserID) (id.RoomID, error) {
	empty := ""
	from := m.Mark()
	resp, err := m.cli.CreateRoom(ctx, &mautrix.ReqCreateRoom{
		Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{with},
		InitialState: []*event.Event{{Type: event.StateEncryption, StateKey: &empty,
			Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}}}},
	})
	if err != nil {
		return "", fmt.Errorf("%s opens a conversation with %s: %w", m.who, with, err)
	}
	return resp.RoomID, m.Arrived(ctx, from, resp.RoomID, with)
}

// Arrived waits until somebody is in a room.
func (m *Matrix) Arrived(ctx context.Context, from Mark, room id.RoomID, who id.UserID) error {
	_, err := m.Wait(ctx, from, fmt.Sprintf("the arrival of %s in %s", who, room), func(e MatrixEvent) bool {
		return e.Room == room && e.Type == event.StateMember.Type && e.StateKey == who.String() && e.Membership == "join"
	})
	return err
}

// Invite asks somebody into a room.
func (m *Matrix) Invite(ctx context.Context, room id.RoomID, who id.UserID) error {
	if _, err := m.cli.InviteUser(ctx, room, &mautrix.ReqInviteUser{UserID: who}); err != nil {
		return fmt.Errorf("%s invites %s: %w", m.who, who, err)
	}
	return nil
}
