package matrix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// rooms joins the names of the configuration to the rooms behind them, and
// remembers what this session has asked the server about rooms.
type rooms struct {
	mu     sync.Mutex
	byName map[string]id.RoomID
	byID   map[id.RoomID]RoomConfig
	// complete holds the rooms whose members were all asked for.
	complete map[id.RoomID]bool
	// typing holds until when we show that we are at work, by room.
	typing map[id.RoomID]time.Time
	// turns gives each room one Send at a time.
	turns map[id.RoomID]*sync.Mutex
}

func (r *rooms) set(c RoomConfig, room id.RoomID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byName == nil {
		r.byName, r.byID = map[string]id.RoomID{}, map[id.RoomID]RoomConfig{}
	}
	delete(r.byID, r.byName[c.Room])
	r.byName[c.Room], r.byID[room] = room, c
}

func (r *rooms) config(room id.RoomID) (RoomConfig, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.byID[room]
	return c, ok
}

func (r *rooms) named(name string) id.RoomID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byName[name]
}

// turn locks a room; the caller unlocks it.
func (r *rooms) turn(room id.RoomID) *sync.Mutex {
	r.mu.Lock()
	if r.turns == nil {
		r.turns = map[id.RoomID]*sync.Mutex{}
	}
	m := r.turns[room]
	if m == nil {
		m = new(sync.Mutex)
		r.turns[room] = m
	}
	r.mu.Unlock()
	m.Lock()
	return m
}

func (r *rooms) isComplete(room id.RoomID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.complete[room]
}

func (r *rooms) setComplete(room id.RoomID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.complete == nil {
		r.complete = map[id.RoomID]bool{}
	}
	r.complete[room] = true
}

// enterRooms joins the rooms of the configuration. A room that does not let us
// in is told about and left; it may invite us later.
func (s *session) enterRooms(ctx context.Context) error {
	in, err := s.cli.JoinedRooms(ctx)
	if err != nil {
		return fmt.Errorf("asking for our rooms: %w", err)
	}
	for _, c := range s.t.cfg.Rooms {
		if err := s.enterRoom(ctx, c, in.JoinedRooms); errors.As(err, new(fatal)) || ctx.Err() != nil {
			return err
		} else if m, _ := judge(err); err != nil && m != denied {
			// Some other server is slow: our other rooms do not wait for it.
			s.log.Warn("matrix: a room could not be entered yet", "room", c.Room, "error", brief(err))
			s.later("room "+c.Room, func(ctx context.Context) error { return s.enterRoom(ctx, c, nil) })
		}
	}
	return nil
}

// enterRoom finds one room of the configuration, and joins it unless we are in.
// One that does not let us in is reported.
func (s *session) enterRoom(ctx context.Context, c RoomConfig, in []id.RoomID) error {
	room, err := s.resolve(ctx, c.Room)
	if m, _ := judge(err); err != nil && m == denied {
		s.t.report(fmt.Errorf("there is no room %s; correct rooms[].room, or make the room", c.Room))
		return err
	} else if err != nil {
		return err
	}
	s.rooms.set(c, room)
	if slices.Contains(in, room) {
		return nil
	}
	err = s.join(ctx, c.Room, room)
	if m, _ := judge(err); err != nil && m == denied {
		s.log.Error("matrix: the room does not let us in; invite the bot to it", "room", c.Room, "error", brief(err))
		s.t.report(fmt.Errorf("%s does not let me in; invite me to it", c.Room))
	}
	return err
}

// resolve finds the room behind a name of the configuration: once, so that an
// alias that somebody points elsewhere later leads nobody astray.
func (s *session) resolve(ctx context.Context, name string) (id.RoomID, error) {
	room, err := s.vault.room(ctx, name)
	if err != nil {
		return "", fatalf("crypto database: %w", err)
	}
	if room != "" {
		return room, nil
	}
	if !strings.HasPrefix(name, "#") {
		return id.RoomID(name), nil
	}
	resp, err := s.cli.ResolveAlias(ctx, id.RoomAlias(name))
	if err != nil {
		return "", fmt.Errorf("room %s: %w", name, err)
	}
	return resp.RoomID, fatalIf(s.vault.setRoom(ctx, name, resp.RoomID))
}

// join enters a room, asking the servers that its name and its id speak of.
func (s *session) join(ctx context.Context, name string, room id.RoomID) error {
	if _, err := s.cli.JoinRoom(ctx, string(room), &mautrix.ReqJoinRoom{Via: vias(name, room.String())}); err != nil {
		return fmt.Errorf("joining %s: %w", name, err)
	}
	return nil
}

// vias are the servers that these names speak of; from room version 12 on, a
// room's id names none.
func vias(names ...string) (servers []string) {
	for _, name := range names {
		if _, server, ok := strings.Cut(name, ":"); ok && !slices.Contains(servers, server) {
			servers = append(servers, server)
		}
	}
	return servers
}

// place is how the bot calls a room: by its name in the configuration, by the
// other person where there are only two, otherwise by its id.
func (s *session) place(ctx context.Context, room id.RoomID) (chat.Room, error) {
	if c, ok := s.rooms.config(room); ok {
		return chat.Room{Network: s.t.cfg.Name, ID: c.Room}, nil
	}
	list, err := s.people(ctx, room)
	if m, _ := judge(err); err != nil && m != denied {
		return chat.Room{}, err
	}
	if other, ok := s.onlyOther(list); ok {
		return s.private(other), nil
	}
	return chat.Room{Network: s.t.cfg.Name, ID: string(room)}, nil
}

func (s *session) private(user id.UserID) chat.Room {
	return chat.Room{Network: s.t.cfg.Name, ID: string(user), Private: true, Account: string(user)}
}

// people are the members of a room, invited ones included. The server is asked
// once a session; from then on sync keeps the list right.
func (s *session) people(ctx context.Context, room id.RoomID) ([]id.UserID, error) {
	if !s.rooms.isComplete(room) {
		if _, err := s.cli.Members(ctx, room); err != nil {
			return nil, fmt.Errorf("asking for the members of %s: %w", room, err)
		}
		s.rooms.setComplete(room)
	}
	list, err := s.state.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		return nil, fmt.Errorf("crypto database: %w", err)
	}
	return list, nil
}

// onlyOther is the one person who is with us, if there is only one.
func (s *session) onlyOther(people []id.UserID) (id.UserID, bool) {
	if len(people) != 2 || !slices.Contains(people, s.me) {
		return "", false
	}
	if people[0] == s.me {
		return people[1], true
	}
	return people[0], true
}

// locate finds the room that a reply is for.
func (s *session) locate(ctx context.Context, r chat.Room) (id.RoomID, error) {
	if r.Private {
		user := id.UserID(r.ID)
		if _, _, err := user.ParseAndValidateRelaxed(); err != nil || user == s.me || r.Account != "" && r.Account != r.ID {
			return "", fmt.Errorf("%w: %q is nobody's Matrix id", chat.ErrRefused, r.ID)
		}
		return s.dm(ctx, user)
	}
	if room := s.rooms.named(r.ID); room != "" {
		return room, nil
	}
	if !strings.HasPrefix(r.ID, "!") {
		return "", fmt.Errorf("%w: %q is not a room that we know", chat.ErrRefused, r.ID)
	}
	return id.RoomID(r.ID), nil
}
