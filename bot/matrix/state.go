package matrix

import (
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// unchanged is the proof of an act that found its work done.
const unchanged = "unchanged"

// topic sets a room's topic, which is never encrypted.
func (s *session) topic(ctx context.Context, room id.RoomID, r chat.Reply) (string, error) {
	if r.Secret {
		return "", fmt.Errorf("%w: a topic never is", chat.ErrInsecure)
	}
	text, _ := render(r.Text)
	var now event.TopicEventContent
	err := s.cli.StateEvent(ctx, room, event.StateTopic, "", &now)
	if err != nil && !notFound(err) {
		return "", unsent(err)
	}
	if err == nil && now.Topic == text {
		return unchanged, nil
	}
	return s.putState(ctx, room, event.StateTopic, &event.TopicEventContent{Topic: text})
}

// tellTopics tells the topics of the configured rooms as they are now, so that the
// bot can put them back after it has changed them. A room that cannot be asked
// is left out.
func (s *session) tellTopics(ctx context.Context) error {
	for _, c := range s.t.cfg.Rooms {
		room := s.rooms.named(c.Room)
		if room == "" {
			continue
		}
		var now event.TopicEventContent
		if err := s.cli.StateEvent(ctx, room, event.StateTopic, "", &now); err != nil || now.Topic == "" {
			continue
		}
		s.t.aside.put(chat.Message{Kind: chat.TopicIs, Text: tidy(now.Topic), Received: time.Now(),
			Room: chat.Room{Network: s.t.cfg.Name, ID: c.Room}})
	}
	return nil
}

// pin puts a message on the room's list of pinned ones, or takes it off.
func (s *session) pin(ctx context.Context, room id.RoomID, r chat.Reply) (string, error) {
	target, err := eventID(r.Target)
	if err != nil {
		return "", err
	}
	var now event.PinnedEventsEventContent
	err = s.cli.StateEvent(ctx, room, event.StatePinnedEvents, "", &now)
	if err != nil && !notFound(err) {
		return "", unsent(err)
	}
	if slices.Contains(now.Pinned, target) == (r.Kind == chat.Pin) {
		return unchanged, nil
	}
	if r.Kind == chat.Pin {
		now.Pinned = append(now.Pinned, target)
	} else {
		now.Pinned = slices.DeleteFunc(now.Pinned, func(e id.EventID) bool { return e == target })
	}
	if now.Pinned == nil {
		now.Pinned = []id.EventID{}
	}
	return s.putState(ctx, room, event.StatePinnedEvents, &now)
}

// putState changes a room's state after seeing that we may.
func (s *session) putState(ctx context.Context, room id.RoomID, kind event.Type, content any) (string, error) {
	if err := s.mayChange(ctx, room, kind); err != nil {
		return "", err
	}
	return s.put(ctx, func(ctx context.Context) (id.EventID, error) {
		resp, err := s.cli.SendStateEvent(ctx, room, kind, "", content)
		if err != nil {
			return "", err
		}
		return resp.EventID, nil
	}, nil)
}
