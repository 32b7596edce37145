package matrix

import (
	"context"
	"time"

	"maunium.net/go/mautrix/id"
)

// typingTime is how long "is typing" stays at most: as long as checks may last.
const typingTime = 30 * time.Second

// typing shows that the bot is at work in a room.
func (s *session) typing(ctx context.Context, room id.RoomID) error {
	s.rooms.mu.Lock()
	if s.rooms.typing == nil {
		s.rooms.typing = map[id.RoomID]time.Time{}
	}
	s.rooms.typing[room] = time.Now().Add(typingTime)
	s.rooms.mu.Unlock()
	_, err := s.cli.UserTyping(ctx, room, true, typingTime)
	return err
}

// typed takes it back once something was said there: servers leave it standing.
func (s *session) typed(room id.RoomID) {
	s.rooms.mu.Lock()
	until := s.rooms.typing[room]
	delete(s.rooms.typing, room)
	s.rooms.mu.Unlock()
	if time.Now().Before(until) {
		s.later("no longer typing "+room.String(), func(ctx context.Context) error {
			_, err := s.cli.UserTyping(ctx, room, false, 0)
			return err
		})
	}
}

// hasRead marks what has been handled as read, in the rooms where people spoke.
func (s *session) hasRead(batch []heard) {
	for _, f := range batch {
		if f.History || f.room == "" {
			continue
		}
		s.later("read "+f.room.String(), func(ctx context.Context) error {
			return s.cli.MarkRead(ctx, f.room, id.EventID(f.ID))
		})
	}
}
