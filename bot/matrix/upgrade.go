package matrix

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// tombstone is a room's word that another takes its place.
type tombstone struct {
	from, to id.RoomID
	by       id.UserID
}

// followUpgrades goes where the tombstones of a response say, before anything of
// the new rooms is read: what is said there is known by the old one's name. What
// fails is tried again later.
func (s *session) followUpgrades(ctx context.Context, seen []tombstone) {
	for _, t := range seen {
		c, ours := s.rooms.config(t.from)
		if !ours || t.to == "" || t.to == t.from {
			continue
		}
		follow := func(ctx context.Context) error {
			err := s.followUpgrade(ctx, c, t.from, t.to, t.by)
			if m, _ := judge(err); err != nil && m == denied {
				s.t.report(fmt.Errorf("%s was upgraded, and its new version %s does not let me in; invite me to it", c.Room, t.to))
			}
			return err
		}
		if err := follow(ctx); err != nil {
			s.log.Warn("matrix: an upgraded room could not be followed yet", "room", c.Room, "error", brief(err))
			if m, _ := judge(err); m != denied {
				s.later("upgrade of "+c.Room, follow)
			}
		}
	}
}

// missedUpgrades looks for tombstones in the configured rooms: one may have come
// just before a crash.
func (s *session) missedUpgrades(ctx context.Context) error {
	for _, c := range s.t.cfg.Rooms {
		room := s.rooms.named(c.Room)
		if room == "" {
			continue
		}
		evt, err := s.cli.FullStateEvent(ctx, room, event.StateTombstone, "")
		if err != nil || evt == nil {
			continue // as in all rooms that were never upgraded
		}
		if t, ok := evt.Content.Parsed.(*event.TombstoneEventContent); ok {
			s.followUpgrades(ctx, []tombstone{{room, t.ReplacementRoom, evt.Sender}})
		}
	}
	return nil
}

// followUpgrade goes to the room that replaces one of ours. Whoever wrote the
// tombstone must have had the right to; they may also lie in it, so the new room
// must name the old one as its predecessor. What was encrypted stays so under
// its new id.
func (s *session) followUpgrade(ctx context.Context, c RoomConfig, from, to id.RoomID, by id.UserID) error {
	if s.rooms.named(c.Room) != from {
		return nil // followed already
	}
	if may, err := s.may(ctx, from, by, event.StateTombstone); err != nil {
		return err
	} else if !may.ok() {
		s.log.Error("matrix: a room was said to be upgraded by somebody who may not; not followed", "room", c.Room, "by", by)
		s.t.report(fmt.Errorf("%s says that %s is replaced by %s, and has no right to; I stay", by, c.Room, to))
		return nil
	}
	if err := s.join(ctx, string(from), to); err != nil {
		return err
	}
	var create event.CreateEventContent
	if err := s.cli.StateEvent(ctx, to, event.StateCreate, "", &create); err != nil {
		return fmt.Errorf("asking what the new room replaces: %w", err)
	}
	if create.Predecessor == nil || create.Predecessor.RoomID != from {
		s.log.Error("matrix: the room that claims to replace ours does not name it; left again", "room", c.Room, "new", to)
		_, err := s.cli.LeaveRoom(ctx, to)
		return err
	}
	was, err := s.encrypted(ctx, from)
	if err != nil {
		return err
	}
	if was {
		if err := s.vault.pin(ctx, to); err != nil {
			return fmt.Errorf("crypto database: %w", err)
		}
	}
	if err := s.vault.setRoom(ctx, c.Room, to); err != nil {
		return fmt.Errorf("crypto database: %w", err)
	}
	s.rooms.set(c, to)
	s.log.Info("matrix: the room was upgraded", "room", c.Room, "new", to)
	return nil
}
