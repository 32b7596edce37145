package matrix

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// directs is the account's m.direct.
type directs struct {
	// making lets one room be made at a time.
	making sync.Mutex

	mu    sync.Mutex
	chats map[id.UserID][]id.RoomID
}

func (d *directs) set(chats map[id.UserID][]id.RoomID) {
	d.mu.Lock()
	d.chats = chats
	d.mu.Unlock()
}

func (d *directs) of(user id.UserID) []id.RoomID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.chats[user])
}

// with is a copy with one more room.
func (d *directs) with(user id.UserID, room id.RoomID) (map[id.UserID][]id.RoomID, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.Contains(d.chats[user], room) {
		return nil, false
	}
	chats := maps.Clone(d.chats)
	if chats == nil {
		chats = map[id.UserID][]id.RoomID{}
	}
	chats[user] = append(slices.Clone(chats[user]), room)
	return chats, true
}

// without is a copy that lacks a room.
func (d *directs) without(room id.RoomID) (map[id.UserID][]id.RoomID, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	chats, changed := map[id.UserID][]id.RoomID{}, false
	for user, rooms := range d.chats {
		kept := slices.DeleteFunc(slices.Clone(rooms), func(r id.RoomID) bool { return r == room })
		changed = changed || len(kept) != len(rooms)
		if len(kept) > 0 {
			chats[user] = kept
		}
	}
	return chats, changed
}

func (s *session) loadDirect(ctx context.Context) error {
	var chats map[id.UserID][]id.RoomID
	err := s.cli.GetAccountData(ctx, event.AccountDataDirectChats.Type, &chats)
	if err != nil && !notFound(err) {
		return fmt.Errorf("asking for our private conversations: %w", err)
	}
	s.direct.set(chats)
	return nil
}

// noteDM remembers where somebody talks to us in private.
func (s *session) noteDM(ctx context.Context, user id.UserID, room id.RoomID) {
	if err := s.vault.setDM(ctx, user, room); err != nil {
		s.log.Warn("matrix: a private room could not be noted", "error", brief(err))
	}
}

// dm finds the private room of somebody, or makes one, encrypted, and lists it
// in m.direct. A room where a third person is, or that the other has left, is
// not it.
func (s *session) dm(ctx context.Context, user id.UserID) (id.RoomID, error) {
	s.direct.making.Lock()
	defer s.direct.making.Unlock()
	noted, err := s.vault.dm(ctx, user)
	if err != nil {
		return "", fmt.Errorf("crypto database: %w", err)
	}
	// The rooms that both are in come last: one may have been made just before
	// a crash, and be noted nowhere.
	shared, err := s.state.FindSharedRooms(ctx, user)
	if err != nil {
		return "", fmt.Errorf("crypto database: %w", err)
	}
	for _, room := range slices.Concat([]id.RoomID{noted}, s.direct.of(user), shared) {
		if _, ours := s.rooms.config(room); room == "" || ours {
			continue
		}
		list, err := s.people(ctx, room)
		if m, _ := judge(err); err != nil && m != denied {
			return "", err
		}
		if other, ok := s.onlyOther(list); ok && other == user {
			return room, nil
		}
	}
	return s.makeDM(ctx, user)
}

func (s *session) makeDM(ctx context.Context, user id.UserID) (id.RoomID, error) {
	resp, err := s.cli.CreateRoom(ctx, &mautrix.ReqCreateRoom{
		Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{user},
		InitialState: []*event.Event{{
			Type:    event.StateEncryption,
			Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}},
		}},
	})
	if err != nil {
		return "", fmt.Errorf("making a private room: %w", err)
	}
	room := resp.RoomID
	err = errors.Join(s.vault.pin(ctx, room), s.vault.setDM(ctx, user, room))
	if err != nil {
		return "", fmt.Errorf("crypto database: %w", err)
	}
	s.listDM(ctx, user, room)
	return room, nil
}

// listDM puts a room on the account's list of private conversations.
func (s *session) listDM(ctx context.Context, user id.UserID, room id.RoomID) {
	if chats, changed := s.direct.with(user, room); changed {
		s.writeDirect(ctx, chats)
	}
}

// unlistDM takes a room off it.
func (s *session) unlistDM(ctx context.Context, room id.RoomID) {
	if chats, changed := s.direct.without(room); changed {
		s.writeDirect(ctx, chats)
	}
}

func (s *session) writeDirect(ctx context.Context, chats map[id.UserID][]id.RoomID) {
	if err := s.cli.SetAccountData(ctx, event.AccountDataDirectChats.Type, chats); err != nil {
		s.log.Warn("matrix: m.direct could not be written", "error", brief(err))
		return
	}
	s.direct.set(chats)
}
