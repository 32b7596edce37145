package matrix

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

// syncFilter leaves out who is typing, who is there and who has read what.
const syncFilter = `{"presence":{"not_types":["*"]},"room":{"ephemeral":{"not_types":["*"]},"timeline":{"limit":50}}}`

// firstFilter also leaves out the members who said nothing.
const firstFilter = `{"presence":{"not_types":["*"]},"room":{"ephemeral":{"not_types":["*"]},"timeline":{"limit":1},"state":{"lazy_load_members":true}}}`

// start finds the place to go on from. At the very first start it learns what
// is there and answers none of it; that first position is noted, because a
// crash before the first message would otherwise learn, and skip, once more.
func (s *session) start(ctx context.Context, pos *position) error {
	if err := s.vault.settle(ctx, pos.N, time.Now().Add(-s.t.cfg.WaitForKeys)); err != nil {
		return fatalf("crypto database: %w", err)
	}
	s.newKeys.Store(true) // try everything that waits once
	if pos.Since != "" {
		return nil
	}
	noted, err := s.vault.meta(ctx, "first")
	if err != nil {
		return fatalf("crypto database: %w", err)
	}
	at, rest, _ := cutTime(noted)
	if p, err := parsePosition([]byte(rest)); err == nil && rest != "" && time.Since(at) < s.t.cfg.WaitForKeys {
		*pos = p
	}
	return nil
}

func cutTime(noted string) (at time.Time, rest string, ok bool) {
	for i := range len(noted) {
		if noted[i] == ' ' {
			n, err := strconv.ParseInt(noted[:i], 10, 64)
			return time.Unix(n, 0), noted[i+1:], err == nil
		}
	}
	return time.Time{}, "", false
}

// step makes one sync request and delivers what it brought. pos moves only when
// everything was delivered.
func (s *session) step(ctx context.Context, pos *position, wait time.Duration) error {
	resp, err := s.cli.FullSyncRequest(ctx, s.syncRequest(pos.Since, wait))
	if err != nil {
		return err
	}
	if resp.NextBatch == "" {
		return errors.New("the homeserver's answer has no next_batch")
	}
	batch, next, err := s.digest(ctx, resp, *pos, time.Now())
	if err != nil {
		return err
	}
	if pos.Since == "" {
		note := strconv.FormatInt(time.Now().Unix(), 10) + " " + string(next.cursor())
		if err := s.vault.setMeta(ctx, "first", note); err != nil {
			return fatalf("crypto database: %w", err)
		}
	}
	s.t.up(ctx, s) // the rooms' state is known as of now: what is sent goes to the right people
	if err := s.hand(ctx, batch, next); err != nil {
		return err
	}
	s.hasRead(batch)
	*pos = next
	return nil
}

// syncRequest is the one request that the server may hold. The very first asks
// for everything, which takes a server long: it gets more time, and the members
// of the rooms are left to people.
func (s *session) syncRequest(since string, wait time.Duration) mautrix.ReqSync {
	req := mautrix.ReqSync{
		Timeout: int(wait / time.Millisecond), Since: since, FilterID: syncFilter,
		Client: &http.Client{Timeout: s.t.cfg.RequestTimeout, Transport: s.t.web},
	}
	if since == "" {
		req.FilterID = firstFilter
		req.Client.Timeout *= 4
	}
	return req
}

// hand delivers a batch in order, the position on its last message.
func (s *session) hand(ctx context.Context, batch []heard, next position) error {
	for i, f := range batch {
		if i == len(batch)-1 {
			f.Cursor = next.cursor()
		}
		if err := s.t.emit(ctx, f.Message); err != nil {
			return err
		}
		if f.waited {
			if err := s.vault.told(ctx, id.EventID(f.ID), next.N); err != nil {
				return fatalf("crypto database: %w", err)
			}
		}
	}
	return nil
}

// heard is a message on its way to the bot, and the room that it stands in;
// waited says that its key came late.
type heard struct {
	chat.Message
	room   id.RoomID
	waited bool
}

// digest turns a response into messages: keys first, then the state of every
// room, then what was written, so that nothing is judged by what was before.
func (s *session) digest(ctx context.Context, resp *mautrix.RespSync, pos position, now time.Time) ([]heard, position, error) {
	next := pos.next(resp.NextBatch)
	if err := s.digestKeys(ctx, resp); err != nil {
		return nil, pos, err
	}
	for _, evt := range resp.AccountData.Events {
		s.accountData(evt)
	}
	ids := make([]id.RoomID, 0, len(resp.Rooms.Join))
	for room, data := range resp.Rooms.Join {
		ids = append(ids, room)
		if err := s.digestState(ctx, room, data); err != nil {
			return nil, pos, err
		}
	}
	slices.Sort(ids)
	batch, err := s.retryWaiting(ctx, now)
	if err != nil {
		return nil, pos, err
	}
	for _, room := range ids {
		more, err := s.digestRoom(ctx, room, resp.Rooms.Join[room], pos, &next, now)
		if err != nil {
			return nil, pos, err
		}
		batch = append(batch, more...)
	}
	for room := range resp.Rooms.Leave {
		delete(next.Seen, room)
	}
	s.seeInvites(resp.Rooms.Invite)
	s.followUpgrades(ctx, s.upgrades)
	s.upgrades = nil
	return batch, next, nil
}

// digestRoom turns a room's timeline, and what is missing before it, into messages.
func (s *session) digestRoom(ctx context.Context, room id.RoomID, data *mautrix.SyncJoinedRoom, pos position, next *position, now time.Time) ([]heard, error) {
	events, back, err := s.fillGap(ctx, room, data, pos)
	if err != nil {
		return nil, err
	}
	last := pos.Seen[room]
	if n := len(events); n > 0 {
		last = events[n-1].ID
	}
	next.Seen[room] = last
	if pos.Since == "" {
		return nil, nil // the first start: the past is not answered
	}
	events, back = s.afterInvite(events, back)
	var out []heard
	seen := map[id.EventID]bool{}
	for i, evt := range events {
		if seen[evt.ID] {
			continue
		}
		seen[evt.ID] = true
		var err error
		s.guard("timeline", func() {
			var msg chat.Message
			var ok bool
			if msg, ok, err = s.read(ctx, room, evt, now); ok {
				msg.History = i < back && msg.Age() > historyAge
				out = append(out, heard{Message: msg, room: room})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// historyAge is from when on a message that had to be read back counts as
// history: a burst that overflowed one response is not an absence.
const historyAge = time.Minute

// read opens an event and tells what it says. An event that cannot be opened
// yet is put aside.
func (s *session) read(ctx context.Context, room id.RoomID, evt *event.Event, now time.Time) (chat.Message, bool, error) {
	evt.RoomID = room
	if evt.StateKey == nil {
		evt.Type.Class = event.MessageEventType
	} else {
		evt.Type.Class = event.StateEventType
	}
	if err := evt.Content.ParseRaw(evt.Type); err != nil && !errors.Is(err, event.ErrContentAlreadyParsed) {
		return chat.Message{}, false, nil
	}
	if evt.Type != event.EventEncrypted {
		return s.convert(ctx, evt, now)
	}
	open, err := s.mach.DecryptMegolmEvent(ctx, evt)
	if err != nil {
		return chat.Message{}, false, s.putAside(ctx, evt, err, now)
	}
	msg, ok, err := s.convert(ctx, open, now)
	msg.Encrypted = true
	return msg, ok, err
}
