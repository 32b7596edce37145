package e2e

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/crypto/verificationhelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/story"
)

// A tablet is one more device of somebody's on the homeserver: signed with the recovery key, and able to compare emoji.
type tablet struct {
	t      *testing.T
	cli    *mautrix.Client
	mach   *crypto.OlmMachine
	helper *verificationhelper.VerificationHelper

	mu     sync.Mutex
	emojis []string
	read   map[id.RoomID]id.EventID // the last receipt of the bot
	ready  chan id.VerificationTransactionID
	done   chan string // "" or why it was given up
}

// newTablet logs somebody in on a new device, until the test ends.
func newTablet(ctx context.Context, t *testing.T, s *story.Stage, name string) *tablet {
	t.Helper()
	u := s.Lab.Matrix.Users[name]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cli, err := mautrix.NewClient(s.Lab.Matrix.URL, "", "")
	must(err)
	p := &tablet{t: t, cli: cli, read: map[id.RoomID]id.EventID{}, ready: make(chan id.VerificationTransactionID, 4), done: make(chan string, 4)}
	cli.StateStore = mautrix.NewMemoryStateStore()
	_, err = cli.Login(ctx, &mautrix.ReqLogin{Type: mautrix.AuthTypePassword, Password: u.Password, InitialDeviceDisplayName: "tablet",
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: u.Local}, StoreCredentials: true})
	must(err)
	helper, err := cryptohelper.NewCryptoHelper(cli, []byte("tablet"), crypto.NewMemoryStore(nil))
	must(err)
	must(helper.Init(ctx))
	cli.Crypto, p.mach = helper, helper.Machine()
	must(p.mach.ShareKeys(ctx, 0))
	key, err := os.ReadFile(filepath.Join(s.Lab.Dir, "device-"+name, name+".recovery"))
	must(err)
	must(p.mach.VerifyWithRecoveryKey(ctx, strings.TrimSpace(string(key))))
	p.helper = verificationhelper.NewVerificationHelper(cli, p.mach, nil, p, false, false, true)
	must(p.helper.Init(ctx))
	// The person says yes at once: behind the helper's own handler, which shows the emoji, and before the bot's yes is taken
	// in, after which the library would compare the wrong keys.
	cli.Syncer.(mautrix.ExtensibleSyncer).OnEventType(event.ToDeviceVerificationKey, func(ctx context.Context, evt *event.Event) {
		if err := p.helper.ConfirmSAS(ctx, evt.Content.AsVerificationKey().GetTransactionID()); err != nil {
			p.done <- err.Error()
		}
	})
	cli.Syncer.(mautrix.ExtensibleSyncer).OnEventType(event.EphemeralEventReceipt, func(_ context.Context, evt *event.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for e, kinds := range *evt.Content.AsReceipt() {
			for user := range kinds[event.ReceiptTypeRead] {
				if user == id.UserID(s.Lab.Matrix.Users[servers.Bot].ID) {
					p.read[evt.RoomID] = e
				}
			}
		}
	})
	ended := make(chan struct{})
	live, stop := context.WithCancel(context.Background())
	go func() { defer close(ended); _ = cli.SyncWithContext(live) }()
	t.Cleanup(func() { stop(); <-ended })
	return p
}

// VerificationRequested implements verificationhelper.RequiredCallbacks.
func (p *tablet) VerificationRequested(context.Context, id.VerificationTransactionID, id.UserID, id.DeviceID) {
}

// VerificationReady implements verificationhelper.RequiredCallbacks.
func (p *tablet) VerificationReady(_ context.Context, txn id.VerificationTransactionID, _ id.DeviceID, _, _ bool, _ *verificationhelper.QRCode) {
	p.ready <- txn
}

// VerificationCancelled implements verificationhelper.RequiredCallbacks.
func (p *tablet) VerificationCancelled(_ context.Context, _ id.VerificationTransactionID, code event.VerificationCancelCode, why string) {
	p.done <- string(code) + ": " + why
}

// VerificationDone implements verificationhelper.RequiredCallbacks.
func (p *tablet) VerificationDone(context.Context, id.VerificationTransactionID, event.VerificationMethod) {
	p.done <- ""
}

// ShowSAS implements verificationhelper.ShowSASCallbacks.
func (p *tablet) ShowSAS(_ context.Context, _ id.VerificationTransactionID, emojis []rune, names []string, _ []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, e := range emojis {
		p.emojis = append(p.emojis, string(e)+" "+names[i])
	}
}

// compare verifies the bot, and returns the emoji that the tablet showed.
func (p *tablet) compare(ctx context.Context, bot id.UserID) string {
	p.t.Helper()
	if _, err := p.helper.StartVerification(ctx, bot); err != nil {
		p.t.Fatal(err)
	}
	for {
		select {
		case txn := <-p.ready:
			if err := p.helper.StartSAS(ctx, txn); err != nil {
				p.t.Fatal(err)
			}
		case why := <-p.done:
			if why != "" {
				p.t.Fatalf("the verification was given up: %s", why)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			return strings.Join(p.emojis, ", ")
		case <-ctx.Done():
			p.t.Fatal("the verification came to no end")
		}
	}
}

// backedUp waits until the key of an event is in the bot's backup.
func backedUp(ctx context.Context, t *testing.T, s *story.Stage, p *tablet, room id.RoomID, e id.EventID) {
	t.Helper()
	evt, err := p.cli.GetEvent(ctx, room, e)
	if err != nil {
		t.Fatal(err)
	}
	session, _ := evt.Content.Raw["session_id"].(string)
	files, err := filepath.Glob(filepath.Join(s.Lab.Dir, "bot", "*", "login.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the bot's login: %v, %v", files, err)
	}
	var login struct {
		Token string `json:"access_token"`
	}
	raw, err := os.ReadFile(files[0])
	if err == nil {
		err = json.Unmarshal(raw, &login)
	}
	if err != nil {
		t.Fatal(err)
	}
	bot, err := mautrix.NewClient(s.Lab.Matrix.URL, "", login.Token)
	if err != nil {
		t.Fatal(err)
	}
	until(ctx, t, "the backup of the room's key", func() bool {
		v, err := bot.GetKeyBackupLatestVersion(ctx)
		if err != nil {
			return false
		}
		keys, err := bot.GetKeyBackupForRoom(ctx, v.Version, room)
		if err != nil {
			return false
		}
		_, there := keys.Sessions[id.SessionID(session)]
		return session != "" && there
	})
}

// lose takes the bot's device away, as a lost disk would: everything but the recovery key.
func lose(t *testing.T, s *story.Stage) {
	t.Helper()
	lost := 0
	err := filepath.WalkDir(s.Lab.Dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (d.Name() == "login.json" || strings.HasPrefix(d.Name(), "crypto.db")) {
			lost++
			return os.Remove(path)
		}
		return err
	})
	if err != nil || lost < 2 {
		t.Fatalf("%d files lost: %v", lost, err)
	}
}

// TestMatrixDevices: on a real homeserver, a person adds a device, verifies the bot by emoji, and the bot loses its own
// device; what is said stays readable to both all along.
func TestMatrixDevices(t *testing.T) {
	s, c := stage(t)
	curtain(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	asks := func(what, want string) id.EventID {
		t.Helper()
		from := c.Jean.Mark()
		asked, err := c.Jean.Say(ctx, c.JeanDM, what)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Jean.Wait(ctx, from, "the answer to "+what, clients.Wrote(servers.Bot, c.JeanDM, want)); err != nil {
			t.Fatal(err)
		}
		return asked
	}
	asks("!etat", "Aucune panne connue")

	// Another device: it reads what is said from then on, and sees what the bot has read.
	p := newTablet(ctx, t, s, servers.Founder)
	heard := make(chan string, 100)
	p.cli.Syncer.(mautrix.ExtensibleSyncer).OnEventType(event.EventMessage, func(_ context.Context, evt *event.Event) {
		if evt.Sender == c.BotID() {
			heard <- evt.Content.AsMessage().Body
		}
	})
	asked := asks("!quisuisje", "adminsys")
	for said := ""; !strings.Contains(said, "adminsys"); {
		select {
		case said = <-heard:
		case <-ctx.Done():
			t.Fatal("the new device reads nothing")
		}
	}
	until(ctx, t, "the bot's receipt", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.read[c.JeanDM] == asked
	})

	// Verified by emoji: the staff channel on the other network is told the same ones.
	from := c.Jean.Mark()
	shown := p.compare(ctx, c.BotID())
	if _, err := c.Jean.Wait(ctx, from, "the emoji, in the staff room", clients.Wrote(servers.Bot, c.Adminsys, shown)); err != nil {
		t.Error(err)
	}
	if trusted, err := p.mach.IsUserTrusted(ctx, c.BotID()); err != nil || !trusted {
		t.Errorf("the bot is not verified: %v", err)
	}

	// The device is lost while somebody writes to it with a key that it has backed up. (One that came later would be lost
	// with it, and its author told so.)
	backedUp(ctx, t, s, p, c.JeanDM, asks("!quisuisje", "adminsys"))
	if err := s.Bot.Stop(); err != nil {
		t.Fatal(err)
	}
	lose(t, s)
	from = c.Jean.Mark()
	if _, err := c.Jean.Say(ctx, c.JeanDM, "!etat"); err != nil {
		t.Fatal(err)
	}
	if err := s.Bot.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Jean.Wait(ctx, from, "an answer from the new device", clients.Wrote(servers.Bot, c.JeanDM, "Aucune panne connue")); err != nil {
		t.Fatal(err)
	}
	asks("!quisuisje", "adminsys")
	// It is a new device, and the account vouches for it.
	devices, err := p.mach.FetchKeys(ctx, []id.UserID{c.BotID()}, true)
	if err != nil {
		t.Fatal(err)
	}
	signed := 0
	for _, d := range devices[c.BotID()] {
		if trust, err := p.mach.ResolveTrustContext(ctx, d); err == nil && trust >= id.TrustStateCrossSignedVerified {
			signed++
		}
	}
	if signed != 2 {
		t.Errorf("%d of %d devices of the bot are verified", signed, len(devices[c.BotID()]))
	}
}

// TestMatrixUpgrade: the support room is upgraded while the bot is there, and once more while it is away; it follows both
// times, and answers in the new room.
func TestMatrixUpgrade(t *testing.T) {
	s, c := stage(t)
	curtain(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := newTablet(ctx, t, s, servers.Founder)
	room := c.Support
	for _, away := range []bool{false, true} {
		if away {
			if err := s.Bot.Stop(); err != nil {
				t.Fatal(err)
			}
		}
		var heir struct {
			Room id.RoomID `json:"replacement_room"`
		}
		_, err := p.cli.MakeRequest(ctx, http.MethodPost, p.cli.BuildClientURL("v3", "rooms", room, "upgrade"), map[string]string{"new_version": "11"}, &heir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Jean.Join(ctx, heir.Room.String()); err != nil {
			t.Fatal(err)
		}
		if away {
			if err := s.Bot.Start(ctx); err != nil {
				t.Fatal(err)
			}
		}
		room = heir.Room
		if err := c.Jean.Arrived(ctx, 0, room, c.BotID()); err != nil {
			t.Fatal(err)
		}
		until(ctx, t, "an answer in the new room", func() bool {
			from := c.Jean.Mark()
			if _, err := c.Jean.Say(ctx, room, "vigie: etat"); err != nil {
				t.Fatal(err)
			}
			wait, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			_, err := c.Jean.Wait(wait, from, "an answer", clients.Wrote(servers.Bot, room, "Aucune panne connue"))
			return err == nil
		})
	}
}

// until waits for something that no record tells of.
func until(ctx context.Context, t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: it did not come to that", what)
		}
	}
}
