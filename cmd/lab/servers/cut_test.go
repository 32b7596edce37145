package servers

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// TestTheHomeserverOutlivesItsClients: clients that die in the middle of a request, as a bot does whose power is cut, must
// not leave the homeserver unable to write. With a database driver that forgets a transaction whose request was cancelled, it
// answered 500 to everybody from then on: the story stood still about once in ten times.
func TestTheHomeserverOutlivesItsClients(t *testing.T) {
	l := startLab(t, t.Context())
	jean := l.Matrix.Users[Founder]
	cli, err := mautrix.NewClient(l.Matrix.URL, "", "")
	if err != nil {
		t.Fatal(err)
	}
	cli.DefaultHTTPRetries = 0
	login := &mautrix.ReqLogin{Type: mautrix.AuthTypePassword, Password: jean.Password, StoreCredentials: true,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: jean.Local}}
	if _, err := cli.Login(t.Context(), login); err != nil {
		t.Fatal(err)
	}
	say := func(within time.Duration, room string) error {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		_, err := cli.SendText(ctx, id.RoomID(l.Matrix.Rooms[room].ID), "bonjour")
		return err
	}
	var wg sync.WaitGroup
	for _, room := range []string{"support", "annonces"} {
		for range 2 {
			wg.Go(func() {
				for range 80 {
					_ = say(rand.N(20*time.Millisecond), room)
					sync, cancel := context.WithTimeout(t.Context(), rand.N(10*time.Millisecond))
					_, _ = cli.FullSyncRequest(sync, mautrix.ReqSync{Timeout: 0})
					cancel()
				}
			})
		}
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for room := range l.Matrix.Rooms {
		if _, err := cli.SendStateEvent(ctx, id.RoomID(l.Matrix.Rooms[room].ID), event.StateTopic, "", &event.TopicEventContent{Topic: "calme"}); err != nil {
			t.Errorf("a topic in %s: %v", room, err)
		}
		if err := say(30*time.Second, room); err != nil {
			t.Errorf("a line in %s: %v", room, err)
		}
	}
}
