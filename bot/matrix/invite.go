package matrix

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// seeInvites has the invitations of a response answered.
func (s *session) seeInvites(fresh map[id.RoomID]*mautrix.SyncInvitedRoom) {
	for room, data := range fresh {
		for _, evt := range data.State.Events {
			if s.ownMembership(evt) == event.MembershipInvite {
				direct, _ := evt.Content.Raw["is_direct"].(bool)
				s.later("invitation "+room.String(), func(ctx context.Context) error {
					return s.answerInvite(ctx, room, evt.Sender, direct)
				})
			}
		}
	}
}

// answerInvite enters the room or says no, with a word for whoever asked and one
// for the sysadmins.
func (s *session) answerInvite(ctx context.Context, room id.RoomID, from id.UserID, direct bool) error {
	_, ours := s.rooms.config(room)
	if ours || s.t.cfg.isStaff(from) || s.t.cfg.Invites.allows(from) {
		s.log.Info("matrix: invitation accepted", "room", room, "from", from)
		if _, err := s.cli.JoinRoom(ctx, string(room), &mautrix.ReqJoinRoom{Via: vias(room.String(), from.String())}); err != nil {
			return fmt.Errorf("joining: %w", err)
		}
		if direct && !ours {
			s.listDM(ctx, from, room)
		}
		return nil
	}
	s.log.Warn("matrix: invitation refused; add the server or the person to invites to accept it", "room", room, "from", from)
	if _, err := s.cli.LeaveRoom(ctx, room, &mautrix.ReqLeave{Reason: s.t.cfg.Words.Refusal}); err != nil {
		return fmt.Errorf("refusing: %w", err)
	}
	if s.t.told.allow("invitation", time.Now()) { // not each of a flood
		s.t.report(fmt.Errorf("refused the invitation of %s to %s; to accept it, add the person to invites.users or the server to invites.servers", from, room))
	}
	return nil
}

// leaveIfAlone leaves a room in which everybody else has left us, unless the
// configuration names it.
func (s *session) leaveIfAlone(ctx context.Context, room id.RoomID) error {
	if _, ours := s.rooms.config(room); ours {
		return nil
	}
	list, err := s.people(ctx, room)
	if err != nil || len(list) != 1 || list[0] != s.me {
		return err
	}
	s.log.Info("matrix: everybody has left; leaving too", "room", room)
	if _, err := s.cli.LeaveRoom(ctx, room); err != nil {
		return fmt.Errorf("leaving an empty room: %w", err)
	}
	s.unlistDM(ctx, room)
	_, err = s.cli.ForgetRoom(ctx, room)
	return err
}
