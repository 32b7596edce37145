package matrix

import (
	"context"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// answerInvites accepts or refuses the invitations of a response, and those
// that could not be answered before.
func (s *session) answerInvites(ctx context.Context, fresh map[id.RoomID]*mautrix.SyncInvitedRoom) {
	for room, data := range fresh {
		for _, evt := range data.State.Events {
			if s.ownMembership(evt) == event.MembershipInvite {
				s.invites[room] = evt.Sender
			}
		}
	}
	for room, from := range s.invites {
		err := s.answerInvite(ctx, room, from)
		if m, _ := judge(err); err != nil && m != denied {
			s.log.Warn("matrix: an invitation could not be answered yet", "room", room, "error", brief(err))
			continue
		} else if err != nil {
			s.log.Warn("matrix: an invitation could not be answered", "room", room, "error", brief(err))
		}
		delete(s.invites, room)
	}
}

func (s *session) answerInvite(ctx context.Context, room id.RoomID, from id.UserID) error {
	_, ours := s.rooms.config(room)
	if ours || s.t.cfg.Invites.allows(from) {
		s.log.Info("matrix: invitation accepted", "room", room, "from", from)
		_, err := s.cli.JoinRoom(ctx, string(room), &mautrix.ReqJoinRoom{Via: []string{from.Homeserver()}})
		return err
	}
	s.log.Warn("matrix: invitation refused; add the server or the person to invites to accept it", "room", room, "from", from)
	_, err := s.cli.LeaveRoom(ctx, room)
	return err
}

// followUpgrades goes to the rooms that replace ours. Whoever may write a
// tombstone may also lie in it, so the new room must name the old one as its
// predecessor; and a room that was encrypted stays so under its new id.
func (s *session) followUpgrades(ctx context.Context) {
	for from, to := range s.upgrades {
		c, ours := s.rooms.config(from)
		if !ours || to == "" || to == from {
			delete(s.upgrades, from)
			continue
		}
		err := s.followUpgrade(ctx, c, from, to)
		if m, _ := judge(err); err != nil && m != denied {
			s.log.Warn("matrix: an upgraded room could not be followed yet", "room", c.Room, "error", brief(err))
			continue
		} else if err != nil {
			s.log.Error("matrix: the room was upgraded and its new version does not let us in; invite the bot to it", "room", c.Room, "new", to, "error", brief(err))
		}
		delete(s.upgrades, from)
	}
}

func (s *session) followUpgrade(ctx context.Context, c RoomConfig, from, to id.RoomID) error {
	if err := s.join(ctx, string(from), to); err != nil {
		return err
	}
	var create event.CreateEventContent
	if err := s.cli.StateEvent(ctx, to, event.StateCreate, "", &create); err != nil {
		return err
	}
	if create.Predecessor == nil || create.Predecessor.RoomID != from {
		s.log.Error("matrix: the room that claims to replace ours does not name it; left again", "room", c.Room, "new", to)
		_, err := s.cli.LeaveRoom(ctx, to)
		return err
	}
	was, err := s.vault.encrypted(ctx, from)
	if err != nil {
		return err
	}
	if was {
		if err := s.vault.pin(ctx, to); err != nil {
			return err
		}
	}
	if err := s.vault.setRoom(ctx, c.Room, to); err != nil {
		return err
	}
	s.rooms.set(c, to)
	s.log.Info("matrix: the room was upgraded", "room", c.Room, "new", to)
	return nil
}
