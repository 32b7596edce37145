// Package transports holds the transports themselves to what chat.Transport promises (package chattest), on real servers and
// through links that break. It is a module of its own, because it alone needs both the product's packages and the lab's.
package transports

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
	"vigie/bot/chat/chattest"
	"vigie/bot/irc"
	"vigie/bot/matrix"
	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/faults"
	"vigie/cmd/lab/labtest"
	"vigie/cmd/lab/servers"
)

// others are the goroutines of the people, the links and the tests' own HTTP clients, which come and go.
func others() []goleak.Option {
	var opts []goleak.Option
	for _, f := range []string{"vigie/cmd/lab/clients.(*IRC).keep", "vigie/cmd/lab/clients.(*Matrix).follow", "database/sql.(*DB).connectionOpener",
		"net/http.(*persistConn).readLoop", "net/http.(*persistConn).writeLoop", // the people's; the bot's are watched in its own tests
		"github.com/Shopify/toxiproxy/v2.(*Proxy).server", "github.com/Shopify/toxiproxy/v2.(*Proxy).freeBlocker", "github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run",
		"github.com/Shopify/toxiproxy/v2.(*ToxicLink).read", "github.com/Shopify/toxiproxy/v2.(*ToxicLink).write"} {
		opts = append(opts, goleak.IgnoreAnyFunction(f))
	}
	return opts
}

// secretFile keeps a password for a transport.
func secretFile(t *testing.T, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func newLink(t *testing.T, name, upstream string) *faults.Link {
	t.Helper()
	l, err := faults.NewLink(name, upstream)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// TestIRCTransport holds bot/irc to what chat.Transport promises, on a real server.
func TestIRCTransport(t *testing.T) {
	l := labtest.Start(t, servers.Options{})
	link := newLink(t, "irc", l.IRC.TLSAddr)
	dial := func(nick, account string) *clients.IRC {
		opts := clients.IRCOptions{Addr: l.IRC.TLSAddr, CA: l.CA.Pool(), ServerName: servers.ErgoName, Nick: nick, Join: []string{"#support"}}
		if account != "" {
			opts.Account, opts.Password = account, l.IRC.Accounts[account].Password
		}
		c, err := clients.DialIRC(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	watcher, marc := dial("temoin", ""), dial("marc", "marc")
	if err := marc.Send("OPER lab " + l.IRC.OperPassword); err != nil { // he may speak as fast as he likes
		t.Fatal(err)
	}
	cfg := irc.Config{Name: "irc", Nick: servers.Bot, Rate: 2, Channels: []irc.Channel{{Name: "#support"}},
		Servers: []irc.Server{{Address: link.Addr(), TLSCA: l.CA.File, TLSServerName: servers.ErgoName}},
		SASL:    &irc.SASL{Account: servers.Bot, PasswordFile: secretFile(t, l.IRC.Accounts[servers.Bot].Password)}}
	transport := func() chat.Transport {
		tr, err := irc.New(cfg, nil)
		if err != nil {
			t.Error(err)
		}
		return tr
	}
	chattest.Run(t, func(t *testing.T) chattest.Harness {
		at := watcher.Mark()
		return chattest.Harness{
			Transport: transport(), Again: transport, Tells: true, Within: time.Minute, Ignore: others(),
			Room:   chat.Room{Network: "irc", ID: "#support"},
			Person: chat.Room{Network: "irc", ID: "marc", Private: true, Account: "marc"},
			Absent: chat.Room{Network: "irc", ID: "paul", Private: true, Account: "paul"},
			Cut:    link.Cut, Mend: mend(t, link),
			Write: func(text string) {
				// A client does not say that it is there before the bot sees it.
				inChannel(watcher, at)
				if _, err := marc.Say(context.Background(), "#support", text); err != nil {
					t.Error(err)
				}
			},
			Read: func(r chat.Room) (lines []string) {
				who, target := watcher, r.ID
				if r.Private {
					who = marc
				}
				for _, l := range who.Since(0) {
					if clients.Said(servers.Bot, target, "")(l) {
						lines = append(lines, l.Text())
					}
				}
				return lines
			},
		}
	})
}

// inChannel waits until the bot has been seen to come into the channel since a mark.
func inChannel(watcher *clients.IRC, at clients.Mark) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, _ = watcher.Wait(ctx, at, "the bot", func(l clients.IRCLine) bool { return l.Command == "JOIN" && l.From == servers.Bot })
}

func mend(t *testing.T, link *faults.Link) func() {
	return func() {
		if err := link.Mend(); err != nil {
			t.Error(err)
		}
	}
}

// TestMatrixTransport holds bot/matrix to what chat.Transport promises, in a room in clear and in an encrypted one.
func TestMatrixTransport(t *testing.T) {
	l := labtest.Start(t, servers.Options{})
	link := newLink(t, "matrix", strings.TrimPrefix(l.Matrix.URL, "http://"))
	jean, err := clients.LoginMatrix(t.Context(), clients.MatrixOptions{URL: l.Matrix.URL, User: servers.Founder,
		Password: l.Matrix.Users[servers.Founder].Password, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := jean.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	password := secretFile(t, l.Matrix.Users[servers.Bot].Password)
	for _, name := range []string{"support", "adminsys"} {
		place := l.Matrix.Rooms[name]
		cfg := matrix.Config{Name: "matrix", Homeserver: "http://" + link.Addr(), User: l.Matrix.Users[servers.Bot].ID,
			PasswordFile: password, Data: filepath.Join(dir, "device"), RecoveryKeyFile: filepath.Join(dir, "recovery.key"),
			// Both rooms each time: the bot refuses invitations to rooms that it does not know.
			Rooms: []matrix.RoomConfig{{Room: l.Matrix.Rooms["support"].Alias}, {Room: l.Matrix.Rooms["adminsys"].Alias, Encrypted: true}}}
		t.Run(name, func(t *testing.T) {
			var dm atomic.Value // the room in which jean and the bot are alone
			transport := func() chat.Transport {
				tr, err := matrix.New(cfg, nil)
				if err != nil {
					t.Error(err)
				}
				return tr
			}
			chattest.Run(t, func(t *testing.T) chattest.Harness {
				return chattest.Harness{
					Transport: transport(), Again: transport, Tells: true, Within: time.Minute, Ignore: others(),
					Room:   chat.Room{Network: "matrix", ID: place.Alias},
					Person: chat.Room{Network: "matrix", ID: string(jean.UserID()), Private: true, Account: string(jean.UserID())},
					Cut:    link.Cut, Mend: mend(t, link),
					Write: func(text string) {
						if _, err := jean.Say(context.Background(), id.RoomID(place.ID), text); err != nil {
							t.Error(err)
						}
					},
					Read: func(r chat.Room) []string {
						if !r.Private {
							return wrote(jean, id.RoomID(place.ID))
						}
						enter(t, jean, &dm)
						room, _ := dm.Load().(id.RoomID)
						return wrote(jean, room)
					},
				}
			})
		})
	}
}

// wrote lists what the bot said in a room, as somebody has read it.
func wrote(who *clients.Matrix, room id.RoomID) (lines []string) {
	for _, e := range who.Since(0) {
		if room != "" && clients.Wrote(servers.Bot, room, "")(e) {
			lines = append(lines, e.Text)
		}
	}
	return lines
}

// enter accepts the bot's invitation to a private conversation, once.
func enter(t *testing.T, who *clients.Matrix, dm *atomic.Value) {
	if dm.Load() != nil {
		return
	}
	for _, e := range who.Since(0) {
		if e.Membership == "invite" && e.StateKey == string(who.UserID()) && e.Sender.Localpart() == servers.Bot {
			if _, err := who.Join(context.Background(), string(e.Room)); err != nil {
				t.Error(err)
			}
			dm.Store(e.Room)
		}
	}
}
