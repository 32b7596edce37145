package clients

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// MatrixOptions say how a person comes to a homeserver.
type MatrixOptions struct {
	URL      string // "http://127.0.0.1:port"
	User     string // local part
	Password string
	// Dir keeps the device: its keys, its place in the sync, the recovery key. A client opened again on the same folder is
	// the same device; on another folder it is a new one, which cannot read what was written before it came.
	Dir string
}

// A Matrix is one person with one device on a homeserver, able to read and write in encrypted rooms and cross-signed, as
// Element is after its first start. Its methods may be called by several goroutines. The record includes its own events.
type Matrix struct {
	*record[MatrixEvent]

	cli    *mautrix.Client
	crypto *cryptohelper.CryptoHelper
	synced chan struct{} // closed after the first sync
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	known map[id.EventID]bool // events recorded
	rooms map[id.RoomID]bool  // rooms whose encryption and members have been looked up
}

// LoginMatrix logs in, signs the device the first time, and returns when the first sync is done. It then follows the
// homeserver, through its restarts, until Close.
func LoginMatrix(ctx context.Context, opts MatrixOptions) (*Matrix, error) {
	cli, err := mautrix.NewClient(opts.URL, "", "")
	if err != nil {
		return nil, fmt.Errorf("%s on Matrix: %w", opts.User, err)
	}
	m := &Matrix{record: newRecord[MatrixEvent](opts.User + " on Matrix"), cli: cli, synced: make(chan struct{}),
		done: make(chan struct{}), known: map[id.EventID]bool{}, rooms: map[id.RoomID]bool{}}
	cli.Log = zerolog.Nop()
	cli.Client = &http.Client{Timeout: 35 * time.Second} // above the 30 s of a long poll
	// Obeys 429, and waits for a homeserver that restarts, without falling asleep as the default of 4, 8, 16… seconds does.
	cli.DefaultHTTPRetries, cli.DefaultHTTPBackoff, cli.MaxHTTPBackoff = 20, 200*time.Millisecond, time.Second
	syncer := &follower{DefaultSyncer: mautrix.NewDefaultSyncer(), first: sync.OnceFunc(func() { close(m.synced) })}
	syncer.FilterJSON = &mautrix.Filter{Room: &mautrix.RoomFilter{Timeline: &mautrix.FilterPart{Limit: 1000}}}
	cli.Syncer = syncer
	if err := m.openDevice(ctx, opts); err != nil {
		return nil, fmt.Errorf("%s: %w", m.who, err)
	}
	syncer.OnEvent(m.see)
	run, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	go m.follow(run)
	select {
	case <-m.synced:
		return m, nil
	case <-ctx.Done():
		m.Close()
		return nil, fmt.Errorf("%s: first sync: %w", m.who, context.Cause(ctx))
	}
}

// A follower is mautrix's syncer with the patience of a test: it asks again soon after a failure.
type follower struct {
	*mautrix.DefaultSyncer
	first func()
}

func (f *follower) OnFailedSync(_ *mautrix.RespSync, err error) (time.Duration, error) {
	if errors.Is(err, mautrix.MUnknownToken) {
		return 0, err
	}
	return 200 * time.Millisecond, nil
}

func (f *follower) ProcessResponse(ctx context.Context, resp *mautrix.RespSync, since string) error {
	err := f.DefaultSyncer.ProcessResponse(ctx, resp, since)
	f.first()
	return err
}

func (m *Matrix) follow(ctx context.Context) {
	defer close(m.done)
	for ctx.Err() == nil {
		if err := m.cli.SyncWithContext(ctx); errors.Is(err, mautrix.MUnknownToken) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Close stops following and closes the device's files; the device stays logged in. The record stays readable.
func (m *Matrix) Close() error {
	m.cancel()
	<-m.done
	return m.crypto.Close()
}

// UserID is the person's id.
func (m *Matrix) UserID() id.UserID { return m.cli.UserID }

// DeviceID is the id of this device.
func (m *Matrix) DeviceID() id.DeviceID { return m.cli.DeviceID }

// Join enters a room, by id or alias, and returns when the sync has brought it.
func (m *Matrix) Join(ctx context.Context, room string) (id.RoomID, error) {
	resp, err := m.cli.JoinRoom(ctx, room, nil)
	if err != nil {
		return "", fmt.Errorf("%s joins %s: %w", m.who, room, err)
	}
	_, err = m.Wait(ctx, 0, "its own arrival in "+room, func(e MatrixEvent) bool {
		return e.Room == resp.RoomID && e.Type == event.StateMember.Type && e.StateKey == m.cli.UserID.String() && e.Membership == "join"
	})
	return resp.RoomID, err
}

// A Post is something to be written in a room. Only Text is needed.
type Post struct {
	Text    string
	HTML    string
	Thread  id.EventID // root of the thread it is written in
	ReplyTo id.EventID // event that it answers
	Edits   id.EventID // own event that it replaces
	Mention []id.UserID
	Notice  bool // m.notice, as a bot would
}

// Post writes in a room, encrypted if the room is, and returns the event's id.
func (m *Matrix) Post(ctx context.Context, room id.RoomID, p Post) (id.EventID, error) {
	if err := m.prepare(ctx, room); err != nil {
		return "", fmt.Errorf("%s: %w", m.who, err)
	}
	resp, err := m.cli.SendMessageEvent(ctx, room, event.EventMessage, p.content())
	if err != nil {
		return "", fmt.Errorf("%s writes: %w", m.who, err)
	}
	return resp.EventID, nil
}

func (p Post) content() *event.MessageEventContent {
	c := &event.MessageEventContent{MsgType: event.MsgText, Body: p.Text, Mentions: &event.Mentions{UserIDs: p.Mention}}
	if p.Notice {
		c.MsgType = event.MsgNotice
	}
	if p.HTML != "" {
		c.Format, c.FormattedBody = event.FormatHTML, p.HTML
	}
	switch {
	case p.Edits != "":
		c.SetEdit(p.Edits)
	case p.Thread != "" && p.ReplyTo != "":
		c.RelatesTo = (&event.RelatesTo{}).SetThread(p.Thread, p.ReplyTo)
		c.RelatesTo.IsFallingBack = false
	case p.Thread != "":
		c.RelatesTo = (&event.RelatesTo{}).SetThread(p.Thread, p.Thread)
	case p.ReplyTo != "":
		c.RelatesTo = (&event.RelatesTo{}).SetReplyTo(p.ReplyTo)
	}
	return c
}

// Say writes a line in a room.
func (m *Matrix) Say(ctx context.Context, room id.RoomID, text string) (id.EventID, error) {
	return m.Post(ctx, room, Post{Text: text})
}

// InThread writes a line in the thread of a root event.
func (m *Matrix) InThread(ctx context.Context, room id.RoomID, root id.EventID, text string) (id.EventID, error) {
	return m.Post(ctx, room, Post{Text: text, Thread: root})
}

// Reply answers an event outside any thread.
func (m *Matrix) Reply(ctx context.Context, room id.RoomID, to id.EventID, text string) (id.EventID, error) {
	return m.Post(ctx, room, Post{Text: text, ReplyTo: to})
}

// Edit replaces the text of one's own event.
func (m *Matrix) Edit(ctx context.Context, room id.RoomID, old id.EventID, text string) (id.EventID, error) {
	return m.Post(ctx, room, Post{Text: text, Edits: old})
}

// React puts an emoji under an event.
func (m *Matrix) React(ctx context.Context, room id.RoomID, to id.EventID, emoji string) (id.EventID, error) {
	if err := m.prepare(ctx, room); err != nil {
		return "", fmt.Errorf("%s: %w", m.who, err)
	}
	resp, err := m.cli.SendReaction(ctx, room, to, emoji)
	if err != nil {
		return "", fmt.Errorf("%s reacts: %w", m.who, err)
	}
	return resp.EventID, nil
}

// Redact removes an event's content.
func (m *Matrix) Redact(ctx context.Context, room id.RoomID, target id.EventID) error {
	if _, err := m.cli.RedactEvent(ctx, room, target); err != nil {
		return fmt.Errorf("%s redacts: %w", m.who, err)
	}
	return nil
}

// History reads a room from the homeserver, oldest first, whatever the sync has brought: the truth to count with.
func (m *Matrix) History(ctx context.Context, room id.RoomID) ([]MatrixEvent, error) {
	var all []MatrixEvent
	for from := ""; ; {
		page, err := m.cli.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, 100)
		if err != nil {
			return nil, fmt.Errorf("%s reads the history: %w", m.who, err)
		}
		for _, evt := range page.Chunk {
			evt.RoomID = room
			all = append(all, m.decode(ctx, evt))
		}
		if page.End == "" || page.End == from || len(page.Chunk) == 0 {
			break
		}
		from = page.End
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all, nil
}
