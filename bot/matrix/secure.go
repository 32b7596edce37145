package matrix

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// secure tells whether r must be encrypted in room, and refuses it where it may
// not be said in clear.
func (s *session) secure(ctx context.Context, room id.RoomID, r chat.Reply) (encrypt bool, err error) {
	encrypted, err := s.encrypted(ctx, room)
	if err != nil || encrypted {
		return encrypted, unsent(err)
	}
	c, ours := s.rooms.config(room)
	if ours && c.Encrypted {
		return false, fmt.Errorf("%w: %s must be; switch encryption on in the room's settings, or take encrypted off in rooms[]", chat.ErrInsecure, c.Room)
	}
	if r.Secret && !r.Room.Private && (!ours || !c.AllowPlaintextSecret) {
		return false, fmt.Errorf("%w: %s; switch encryption on in the room's settings, or set allow_plaintext_secret", chat.ErrInsecure, r.Room)
	}
	return false, nil
}

// encrypted asks the server each time, until the answer is yes: then it is yes
// for ever. A room whose answer does not come is one where nothing is said.
func (s *session) encrypted(ctx context.Context, room id.RoomID) (bool, error) {
	pinned, err := s.vault.encrypted(ctx, room)
	if err != nil {
		return false, fmt.Errorf("crypto database: %w", err)
	}
	if pinned {
		return true, nil
	}
	var c event.EncryptionEventContent
	if err := s.cli.StateEvent(ctx, room, event.StateEncryption, "", &c); notFound(err) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("asking whether the room is encrypted: %w", err)
	}
	if err := s.vault.pin(ctx, room); err != nil {
		return false, fmt.Errorf("crypto database: %w", err)
	}
	return true, nil
}

// seal encrypts a message for everybody who is in the room or invited to it.
func (s *session) seal(ctx context.Context, room id.RoomID, kind event.Type, content any) (*event.EncryptedEventContent, error) {
	people, err := s.people(ctx, room)
	if err != nil {
		return nil, err
	}
	// Before the key is used, not only before it is given: somebody's new device
	// makes the room's next message begin a new key.
	if err := s.askDevices(ctx, people); err != nil {
		return nil, err
	}
	sealed, err := s.mach.EncryptMegolmEvent(ctx, room, kind, content)
	if err == nil {
		return sealed, nil
	}
	if !errors.Is(err, crypto.ErrSessionExpired) && !errors.Is(err, crypto.ErrNoGroupSession) && !errors.Is(err, crypto.ErrSessionNotShared) {
		return nil, fmt.Errorf("encrypting: %w", err)
	}
	if err := s.mach.ShareGroupSession(ctx, room, people); err != nil {
		return nil, fmt.Errorf("giving the room its key: %w", err)
	}
	s.newRoomKeys()
	if sealed, err = s.mach.EncryptMegolmEvent(ctx, room, kind, content); err != nil {
		return nil, fmt.Errorf("encrypting: %w", err)
	}
	return sealed, nil
}
