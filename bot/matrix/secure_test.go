package matrix

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"vigie/bot/chat"
)

func TestEncryptedBothWaysAndAfterARestart(t *testing.T) {
	h := newHome(t)
	p := newPerson(t, h, anne)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, nil).run()
	p.pull()
	p.say(room, p.seal(room, "mon site est en panne", true, me))
	if m := b.text("mon site est en panne"); !m.Encrypted {
		t.Errorf("got %+v", m)
	}
	s := b.send(chat.Reply{Key: "k1", Room: group(room), Text: "quelle adresse ?", Secret: true})
	open := p.read(s.Proof)
	c := open.Content.AsMessage()
	if c.Body != "quelle adresse ?" || open.Content.Raw[keyField] != "k1" {
		t.Errorf("got %+v", open.Content.Raw)
	}
	b.halt()
	b.run()
	p.say(room, p.seal(room, "encore", true, me))
	b.text("encore")
	s = b.send(chat.Reply{Key: "k2", Room: group(room), Text: "reçu"})
	if got := p.read(s.Proof).Content.AsMessage().Body; got != "reçu" {
		t.Errorf("got %q", got)
	}
}

// The state that the library would ask is empty, and the room is encrypted.
func TestEmptyStoreNeverSendsInClear(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	b.send(chat.Reply{Key: "k0", Room: group(room), Text: "en clair"})
	// Encryption is switched on, and the news of it never reaches us.
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/sync") {
			w.WriteHeader(503)
			return true
		}
		return false
	})
	h.srv.CloseClientConnections()
	next[chat.Status](b)
	h.setFault(nil)
	h.mu.Lock()
	h.rooms[room].state["m.room.encryption|"] = map[string]any{"content": map[string]any{"algorithm": "m.megolm.v1.aes-sha2"}}
	h.mu.Unlock()
	if s := next[chat.Status](b); !s.Up {
		t.Fatal(s.Err)
	}
	b.send(chat.Reply{Key: "k1", Room: group(room), Text: "PRIVATE"})
	// And for ever, whatever the server says later.
	h.mu.Lock()
	delete(h.rooms[room].state, "m.room.encryption|")
	h.mu.Unlock()
	b.halt()
	b.run()
	b.send(chat.Reply{Key: "k2", Room: group(room), Text: "PRIVATE"})
	kinds := ""
	for _, e := range h.sent(room, me) {
		kinds += e["type"].(string) + " "
	}
	if kinds != "m.room.message m.room.encrypted m.room.encrypted " {
		t.Errorf("got %s", kinds)
	}
}

func TestUnsureMeansSilent(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	for name, fault := range map[string]func(http.ResponseWriter){
		"error": status(500, fail("M_UNKNOWN")), "proxy": page, "route": status(404, fail("M_UNRECOGNIZED")), "cut": cut,
		"left": status(403, fail("M_FORBIDDEN")), "limit": status(429, fail("M_LIMIT_EXCEEDED")),
	} {
		h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "m.room.encryption") {
				fault(w)
				return true
			}
			return false
		})
		r := chat.Reply{Key: "k", Room: group(room), Text: "x"}
		switch err := b.tr.Send(context.Background(), r); {
		case err == nil && name == "limit":
			if s := next[chat.Sent](b); s.Retry == 0 {
				t.Errorf("%s: %+v", name, s)
			}
		case !errors.Is(err, chat.ErrDown) && !errors.Is(err, chat.ErrRefused):
			t.Errorf("%s: %v", name, err)
		}
		if n := len(h.sent(room, me)); n != 0 {
			t.Errorf("%s: %d messages", name, n)
		}
	}
}

func TestSecretsAndExpectations(t *testing.T) {
	h := newHome(t)
	open := h.room("!open:test", false, anne, bob, me)
	lax := h.room("!lax:test", false, anne, bob, me)
	strict := h.room("!strict:test", false, anne, bob, me)
	b := newBench(t, h, func(c *Config) {
		c.Rooms = []RoomConfig{{Room: open}, {Room: lax, AllowPlaintextSecret: true}, {Room: strict, Encrypted: true}}
	}).run()
	for _, tc := range []struct {
		room   string
		secret bool
		fine   bool
	}{{open, false, true}, {open, true, false}, {lax, true, true}, {strict, false, false}, {strict, true, false}} {
		r := chat.Reply{Key: tc.room[1:4], Room: group(tc.room), Text: "x", Secret: tc.secret}
		if tc.fine {
			b.send(r)
		} else if err := b.refused(r); !errors.Is(err, chat.ErrInsecure) {
			t.Errorf("%+v: %v", tc, err)
		}
	}
	if err := b.refused(chat.Reply{Key: "t", Room: group(lax), Kind: chat.Topic, Secret: true}); !errors.Is(err, chat.ErrInsecure) {
		t.Errorf("topic: %v", err)
	}
}

// The key comes after the message, and after a restart: the message is
// delivered once, late.
func TestMessageWhoseKeyComesLate(t *testing.T) {
	h := newHome(t)
	p := newPerson(t, h, anne)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, nil).run()
	p.pull()
	c := p.seal(room, "tard", false)
	p.say(room, c)
	b.quiet(room)
	if n := b.tr.Unread(); n != 1 {
		t.Errorf("%d unread", n)
	}
	if h.count("PUT /_matrix/client/v3/sendToDevice/m.room_key_request/") != 1 {
		t.Error("the key was not asked for")
	}
	b.halt()
	b.run()
	// The key, as the sender's client gives it when asked.
	p.pull()
	p.give(room, c, me)
	m := b.text("tard")
	if !m.Encrypted || m.Cursor == nil || m.ID == "" {
		t.Errorf("got %+v", m)
	}
	b.quiet(room)
	b.halt()
	b.run() // committed: not told again
	b.quiet(room)
}

// give sends the key of a message to the devices of a user.
func (p *person) give(room string, c *event.EncryptedEventContent, user id.UserID) {
	p.t.Helper()
	ctx := context.Background()
	igs, err := p.mach.CryptoStore.GetGroupSession(ctx, id.RoomID(room), c.SessionID)
	if err != nil || igs == nil {
		p.t.Fatal(err)
	}
	key, err := igs.Internal.Export(0)
	if err != nil {
		p.t.Fatal(err)
	}
	devices, err := p.mach.FetchKeys(ctx, []id.UserID{user}, true)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, d := range devices[user] {
		err := p.mach.SendEncryptedToDevice(ctx, d, event.ToDeviceForwardedRoomKey, event.Content{Parsed: &event.ForwardedRoomKeyEventContent{
			RoomKeyEventContent: event.RoomKeyEventContent{Algorithm: id.AlgorithmMegolmV1, RoomID: id.RoomID(room), SessionID: c.SessionID, SessionKey: string(key)},
			SenderKey:           igs.SenderKey, SenderClaimedKey: igs.SigningKey,
		}})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func TestCrossSigningIsSetUpOnceAndFoundAgain(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning = false }).run()
	b.halt()
	recovery, err := os.ReadFile(filepath.Join(b.cfg.Data, "recovery.key"))
	if err != nil || len(recovery) < 40 {
		t.Fatalf("recovery key %q, %v", recovery, err)
	}
	if info, _ := os.Stat(filepath.Join(b.cfg.Data, "recovery.key")); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	master := string(h.cross[me]["master_key"])
	b.run() // nothing to do any more
	b.halt()
	if h.count("POST /_matrix/client/v3/keys/device_signing/upload") != 2 { // one of them asks for the password
		t.Error("cross-signing was set up anew")
	}
	// The whole data folder is lost but the recovery key: a new device, the same identity.
	for _, f := range []string{"login.json", "crypto.db", "crypto.db-wal", "crypto.db-shm"} {
		_ = os.Remove(filepath.Join(b.cfg.Data, f))
	}
	b.run()
	if string(h.cross[me]["master_key"]) != master {
		t.Error("the account has a new identity")
	}
	if n := h.count("POST /_matrix/client/v3/keys/signatures/upload"); n != 4 {
		t.Errorf("%d signature uploads", n)
	}
}

// Whichever request of the set-up fails, the next start ends well.
func TestCrossSigningAfterPartialFailure(t *testing.T) {
	for _, path := range []string{
		"/account_data/m.secret_storage.key.", "/account_data/m.cross_signing.self_signing",
		"/account_data/m.secret_storage.default_key", "/keys/device_signing/upload", "/keys/signatures/upload",
	} {
		t.Run(strings.TrimPrefix(path, "/"), func(t *testing.T) {
			h := newHome(t)
			b := newBench(t, h, func(c *Config) { c.NoCrossSigning = false })
			h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != "GET" && strings.Contains(r.URL.Path, path) {
					answer(w, 500, fail("M_UNKNOWN"))
					return true
				}
				return false
			})
			b.launch(nil)
			if s := next[chat.Status](b); s.Up {
				t.Fatal("up without cross-signing")
			}
			b.halt()
			h.setFault(nil)
			b.run()
			b.halt()
			h.mu.Lock()
			defer h.mu.Unlock()
			for d, k := range h.keys {
				if n := len(k["signatures"].(map[string]any)[me].(map[string]any)); n != 2 {
					t.Errorf("device %s has %d signatures", d.id, n)
				}
			}
		})
	}
}
