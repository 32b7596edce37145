package matrix

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// power is a person's level in a room, and the one that an act needs.
type power struct{ have, need int }

func (p power) ok() bool { return p.have >= p.need }

// may looks at a room's power levels. The server has the last word.
func (s *session) may(ctx context.Context, room id.RoomID, who id.UserID, act event.Type) (power, error) {
	levels, err := s.levels(ctx, room)
	if err != nil {
		return power{}, err
	}
	return power{levels.GetUserLevel(who), levels.GetEventLevel(act)}, nil
}

// levels are a room's power levels; without any, the specification's defaults.
// From room version 12 on, a room's creators stand above all levels.
func (s *session) levels(ctx context.Context, room id.RoomID) (*event.PowerLevelsEventContent, error) {
	create, err := s.cli.FullStateEvent(ctx, room, event.StateCreate, "")
	if err != nil && !notFound(err) {
		return nil, fmt.Errorf("asking who made the room: %w", err)
	}
	var levels event.PowerLevelsEventContent
	if err := s.cli.StateEvent(ctx, room, event.StatePowerLevels, "", &levels); notFound(err) {
		// A room without levels: everybody may change its state.
		levels = event.PowerLevelsEventContent{StateDefaultPtr: new(int)}
		if create != nil {
			levels.Users = map[id.UserID]int{create.Sender: 100}
		}
	} else if err != nil {
		return nil, fmt.Errorf("asking for the room's power levels: %w", err)
	}
	if create != nil && create.Content.Parsed != nil {
		levels.CreateEvent = create
	}
	return &levels, nil
}

// mayCall tells whether we may call everybody in a room. Without the right, what
// is said is said all the same, and calls nobody.
func (s *session) mayCall(ctx context.Context, room id.RoomID) (bool, error) {
	levels, err := s.levels(ctx, room)
	if err != nil {
		return false, err
	}
	have, need := levels.GetUserLevel(s.me), levels.Notifications.Room()
	if have < need {
		s.t.report(fmt.Errorf("in %s I have level %d, and @room needs %d: nobody was called", room, have, need))
	}
	return have >= need, nil
}

// mayChange sees that we may set a kind of state, so that a missing right is
// told in words that help.
func (s *session) mayChange(ctx context.Context, room id.RoomID, kind event.Type) error {
	p, err := s.may(ctx, room, s.me, kind)
	if err != nil {
		return unsent(err)
	}
	if p.ok() {
		return nil
	}
	return fmt.Errorf("%w: %s has level %d in this room and %s needs %d; give it that level in the room's settings", chat.ErrRefused, s.me, p.have, kind.Type, p.need)
}
