package matrix

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// person is a member with a real encrypting client.
type person struct {
	t     *testing.T
	cli   *mautrix.Client
	mach  *crypto.OlmMachine
	since string
	seen  map[id.EventID]*event.Event
}

func newPerson(t *testing.T, h *home, user string) *person {
	t.Helper()
	return newDevice(t, h, user, "D"+user[1:3])
}

// newDevice is somebody on a device of this name.
func newDevice(t *testing.T, h *home, user, name string) *person {
	t.Helper()
	ctx := context.Background()
	cli, err := mautrix.NewClient(h.srv.URL, "", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = cli.Login(ctx, &mautrix.ReqLogin{
		Type: mautrix.AuthTypePassword, Password: "secret", DeviceID: id.DeviceID(name),
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: user}, StoreCredentials: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	state := mautrix.NewMemoryStateStore()
	cli.StateStore = state
	log := zerolog.Nop()
	p := &person{t: t, cli: cli, seen: map[id.EventID]*event.Event{}}
	p.mach = crypto.NewOlmMachine(cli, &log, crypto.NewMemoryStore(nil), state.(crypto.StateStore))
	if err := p.mach.Load(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.mach.ShareKeys(ctx, 0); err != nil {
		t.Fatal(err)
	}
	p.pull()
	return p
}

// pull takes in what is new.
func (p *person) pull() {
	p.t.Helper()
	ctx := context.Background()
	resp, err := p.cli.FullSyncRequest(ctx, mautrix.ReqSync{Since: p.since})
	if err != nil {
		p.t.Fatal(err)
	}
	p.since = resp.NextBatch
	for room, data := range resp.Rooms.Join {
		for _, evt := range append(data.State.Events, data.Timeline.Events...) {
			evt.RoomID = room
			evt.Type.Class = event.MessageEventType
			if evt.StateKey != nil {
				evt.Type.Class = event.StateEventType
			}
			_ = evt.Content.ParseRaw(evt.Type)
			mautrix.UpdateStateStore(ctx, p.cli.StateStore, evt)
			p.seen[evt.ID] = evt
		}
	}
	p.mach.ProcessSyncResponse(ctx, resp, "")
}

// read opens an event that somebody put into a room.
func (p *person) read(eventID string) *event.Event {
	p.t.Helper()
	p.pull()
	evt := p.seen[id.EventID(eventID)]
	if evt == nil {
		p.t.Fatalf("no event %s", eventID)
	}
	if evt.Type != event.EventEncrypted {
		p.t.Fatalf("%s is in clear: %s", eventID, evt.Type.Type)
	}
	open, err := p.mach.DecryptMegolmEvent(context.Background(), evt)
	if err != nil {
		p.t.Fatal(err)
	}
	return open
}

// reads checks that an event opens, and what it says.
func (p *person) reads(eventID, want string) {
	p.t.Helper()
	if got := p.read(eventID).Content.AsMessage().Body; got != want {
		p.t.Errorf("%s reads %q, want %q", p.cli.UserID, got, want)
	}
}

// opens tells whether the person's client has the key of an event.
func (p *person) opens(raw map[string]any) bool {
	p.t.Helper()
	b, err := json.Marshal(raw)
	if err != nil {
		p.t.Fatal(err)
	}
	var evt event.Event
	if err := json.Unmarshal(b, &evt); err != nil {
		p.t.Fatal(err)
	}
	evt.RoomID = "!r:test"
	evt.Type.Class = event.MessageEventType
	if err := evt.Content.ParseRaw(evt.Type); err != nil {
		p.t.Fatal(err)
	}
	_, err = p.mach.DecryptMegolmEvent(context.Background(), &evt)
	return err == nil
}

// seal encrypts a text for some people; the key is sent when share says so.
func (p *person) seal(room, text string, share bool, people ...id.UserID) *event.EncryptedEventContent {
	p.t.Helper()
	ctx := context.Background()
	if err := p.mach.ShareGroupSession(ctx, id.RoomID(room), map[bool][]id.UserID{true: people}[share]); err != nil {
		p.t.Fatal(err)
	}
	return p.sealAny(room, &event.MessageEventContent{MsgType: event.MsgText, Body: text})
}

// sealAny encrypts any content with the room's key.
func (p *person) sealAny(room string, content any) *event.EncryptedEventContent {
	p.t.Helper()
	c, err := p.mach.EncryptMegolmEvent(context.Background(), id.RoomID(room), event.EventMessage, content)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

func (p *person) say(room string, c *event.EncryptedEventContent) {
	p.t.Helper()
	if _, err := p.cli.SendMessageEvent(context.Background(), id.RoomID(room), event.EventEncrypted, c); err != nil {
		p.t.Fatal(err)
	}
}
