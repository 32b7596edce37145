package matrix

import (
	"context"
	"fmt"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// pageSize is how many events one request for the past asks for.
const pageSize = 100

// emptyPages is how many empty pages are turned before the past counts as over.
const emptyPages = 5

// fillGap returns the room's events in order, those that the response left out
// included; the first back of them were read back.
func (s *session) fillGap(ctx context.Context, room id.RoomID, data *mautrix.SyncJoinedRoom, pos position) (events []*event.Event, back int, err error) {
	line := data.Timeline
	if !line.Limited || line.PrevBatch == "" || pos.Since == "" {
		return line.Events, 0, nil
	}
	last, known := pos.Seen[room]
	limit, until := s.t.cfg.ReadBack, pos.Since
	stop := func(evt *event.Event) bool { return evt.ID == last }
	if !known { // just joined: only the invitation and what came with it matter
		limit, until = pageSize, ""
		stop = func(evt *event.Event) bool { return s.ownMembership(evt) == event.MembershipInvite }
	}
	missed, err := s.past(ctx, room, line.PrevBatch, until, limit, stop)
	if m, _ := judge(err); err != nil && m == denied {
		s.log.Warn("matrix: what was missed cannot be read", "room", room, "error", brief(err))
	} else if err != nil {
		return nil, 0, fmt.Errorf("reading back what was missed: %w", err)
	}
	if known && len(missed) == limit {
		s.log.Warn("matrix: more was missed than is read back", "room", room, "read", limit)
	}
	slices.Reverse(missed)
	if len(missed) > 0 && missed[0].ID == last {
		missed = missed[1:] // delivered before
	}
	return append(missed, line.Events...), len(missed), nil
}

// past pages backwards from a token, newest first, up to and including the
// event that stop wants, up to limit events, or to the token until.
//
// A page may be empty and not be the last: servers leave out what we may not see.
func (s *session) past(ctx context.Context, room id.RoomID, from, until string, limit int, stop func(*event.Event) bool) (list []*event.Event, err error) {
	for empty := 0; len(list) < limit && empty < emptyPages; {
		page, err := s.cli.Messages(ctx, room, from, until, mautrix.DirectionBackward, nil, pageSize)
		if err != nil {
			return list, err
		}
		for _, evt := range page.Chunk {
			list = append(list, evt)
			if stop(evt) {
				return list, nil
			}
			if len(list) == limit {
				break
			}
		}
		if page.End == "" || page.End == from || page.End == until {
			return list, nil
		}
		if len(page.Chunk) == 0 {
			empty++
		}
		from = page.End
	}
	return list, nil
}

// afterInvite drops, in a room that was joined just now, what was said before we
// were invited: it was not said to us. What came between the invitation and our
// entering was.
func (s *session) afterInvite(events []*event.Event, back int) ([]*event.Event, int) {
	from := -1
	for i, evt := range events {
		if s.ownMembership(evt) == event.MembershipJoin && s.before(evt) != event.MembershipJoin {
			from = i
		}
	}
	if from < 0 {
		return events, back // we have been here for longer than that
	}
	for i := from; i >= 0; i-- {
		if s.ownMembership(events[i]) == event.MembershipInvite {
			from = i
			break
		}
	}
	return events[from+1:], max(0, back-from-1)
}

// ownMembership is what evt says of our own membership, "" when it is about
// something else.
func (s *session) ownMembership(evt *event.Event) event.Membership {
	if evt.Type.Type != event.StateMember.Type || evt.GetStateKey() != string(s.me) {
		return ""
	}
	m, _ := evt.Content.Raw["membership"].(string)
	return event.Membership(m)
}

// before is the membership that a member event replaced.
func (s *session) before(evt *event.Event) event.Membership {
	if evt.Unsigned.PrevContent == nil {
		return ""
	}
	m, _ := evt.Unsigned.PrevContent.Raw["membership"].(string)
	return event.Membership(m)
}
