package matrix

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/bot/chat"
)

// fails runs until the Transport gives up, and returns what it says.
func (b *bench) fails() string {
	b.t.Helper()
	b.launch(b.cursor)
	for {
		select {
		case <-b.in:
		case err := <-b.ended:
			b.ended <- nil
			if err == nil {
				b.t.Fatal("it ended without a word")
			}
			return err.Error()
		}
	}
}

func (b *bench) saved() (l login) {
	b.t.Helper()
	path := filepath.Join(b.cfg.Data, loginFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		b.t.Errorf("%s has mode %v", path, info.Mode())
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		b.t.Fatal(err)
	}
	return l
}

func TestLoginIsKept(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, nil).run()
	first := b.saved()
	b.halt()
	b.run()
	if b.saved() != first || h.count("POST /_matrix/client/v3/login") != 1 {
		t.Errorf("logged in again: %+v", b.saved())
	}
}

// A token that is no longer good: the same device logs in again, once.
func TestLoggedOut(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, nil).run()
	first := b.saved()
	h.mu.Lock()
	clear(h.tokens)
	h.keys = map[device]map[string]any{} // a hard logout deletes the device
	h.touch()
	h.mu.Unlock()
	if s := next[chat.Status](b); s.Up {
		t.Error("still up")
	}
	if s := next[chat.Status](b); !s.Up {
		t.Error(s.Err)
	}
	second := b.saved()
	if second.Device != first.Device || second.Token == first.Token || second.Pickle != first.Pickle {
		t.Errorf("got %+v, had %+v", second, first)
	}
	if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"}); s.Err != nil {
		t.Error(s.Err)
	}
	// And when it never works again, a person must look.
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/sync") {
			answer(w, 401, fail("M_UNKNOWN_TOKEN"))
			return true
		}
		return false
	})
	h.srv.CloseClientConnections()
	for {
		select {
		case <-b.in:
			continue
		case err := <-b.ended:
			b.ended <- nil
			if err == nil || !strings.Contains(err.Error(), "refuses every login") {
				t.Errorf("got %v", err)
			}
		}
		return
	}
}

// Each of these needs a person, who is told what to do.
func TestErrorsSayWhatToDo(t *testing.T) {
	write := func(b *bench, name, content string) {
		if err := os.WriteFile(filepath.Join(b.cfg.Data, name), []byte(content), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name string
		do   func(h *home, b *bench)
		want string
	}{
		{"wrong password", func(h *home, _ *bench) { h.password = "other" }, "check user and password_file"},
		{"no password file", func(_ *home, b *bench) { b.cfg.PasswordFile = "/nonexistent" }, "put the password there"},
		{"another user's folder", func(_ *home, b *bench) {
			b.run()
			b.halt()
			b.cfg.User = anne
		}, "give this account a data folder of its own"},
		{"foreign device", func(h *home, b *bench) {
			b.run()
			b.halt()
			d := device{me, string(b.saved().Device)}
			h.keys[d]["keys"] = map[string]any{"ed25519:" + d.id: "AAAA", "curve25519:" + d.id: "BBBB"}
		}, "it belongs to another program"},
		{"crypto.db of another device", func(_ *home, b *bench) {
			b.run()
			b.halt()
			l := b.saved()
			l.Vault = "other"
			raw, _ := json.Marshal(l)
			write(b, loginFile, string(raw))
		}, "do not belong together"},
		{"torn login", func(_ *home, b *bench) {
			b.run()
			b.halt()
			write(b, loginFile, "{")
		}, "move it and crypto.db away together"},
		{"missing recovery key", func(h *home, b *bench) {
			b.cfg.NoCrossSigning = false
			b.run()
			b.halt()
			for _, f := range []string{"login.json", "crypto.db", "crypto.db-wal", "crypto.db-shm", "recovery.key"} {
				_ = os.Remove(filepath.Join(b.cfg.Data, f))
			}
		}, "write its recovery key"},
		{"wrong recovery key", func(h *home, b *bench) {
			b.cfg.NoCrossSigning = false
			b.run()
			b.halt()
			for _, f := range []string{"login.json", "crypto.db", "crypto.db-wal", "crypto.db-shm"} {
				_ = os.Remove(filepath.Join(b.cfg.Data, f))
			}
			write(b, "recovery.key", "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d")
		}, "write the right one there"},
		{"lost crypto.db and no password", func(h *home, b *bench) {
			b.run()
			b.halt()
			_ = os.Remove(filepath.Join(b.cfg.Data, "crypto.db"))
			token := filepath.Join(b.cfg.Data, "token")
			write(b, "token", b.saved().Token)
			b.cfg.PasswordFile, b.cfg.AccessTokenFile = "", token
		}, "configure password_file"},
		{"stored position", func(_ *home, b *bench) { b.cursor = []byte("{") }, "cannot be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHome(t)
			b := newBench(t, h, nil)
			tc.do(h, b)
			if got := b.fails(); !strings.Contains(got, tc.want) || strings.Contains(got, "secret\n") {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestTokenInsteadOfPassword(t *testing.T) {
	h := newHome(t)
	h.tokens["made-by-hand"] = device{me, "HAND"}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("made-by-hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, h, func(c *Config) { c.PasswordFile, c.AccessTokenFile = "", token }).run()
	if l := b.saved(); l.Device != "HAND" || h.count("POST /_matrix/client/v3/login") != 0 {
		t.Errorf("got %+v", l)
	}
	b.halt()
	b.run()
	b.halt()
	h.mu.Lock()
	clear(h.tokens)
	h.mu.Unlock()
	if got := b.fails(); !strings.Contains(got, "put a new one in access_token_file") {
		t.Errorf("got %q", got)
	}
}

// A lost database and a password: a new device, without a hand.
func TestLostDatabaseMakesANewDevice(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning = false }).run()
	h.text(room, anne, "x")
	b.text("x")
	first := b.saved()
	b.halt()
	for _, f := range []string{"crypto.db", "crypto.db-wal", "crypto.db-shm"} {
		_ = os.Remove(filepath.Join(b.cfg.Data, f))
	}
	h.text(room, anne, "meanwhile")
	b.run0("meanwhile")
	if b.saved().Device == first.Device {
		t.Error("the same device with other keys")
	}
	b.send(chat.Reply{Key: "k", Room: group(room), Text: "PRIVATE"})
	if got := h.sent(room, me); got[0]["type"] != "m.room.encrypted" {
		t.Errorf("got %v", got)
	}
}

// No text of anybody's, and no secret, may reach the log.
func TestLogHoldsNoText(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, nil)
	var log strings.Builder
	tr, err := New(b.cfg, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	up, ended := make(chan chat.Inbound, 100), make(chan error, 1)
	go func() {
		ended <- tr.Run(ctx, nil, func(_ context.Context, in chat.Inbound) error { up <- in; return nil })
	}()
	<-up
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/send/") {
			answer(w, 500, fail("M_UNKNOWN"))
			return true
		}
		return false
	})
	_ = tr.Send(ctx, chat.Reply{Key: "k", Room: group(room), Text: "canari"})
	h.text(room, anne, "canari")
	<-up
	<-up
	stop()
	<-ended
	for _, word := range []string{"canari", "secret", "tok-"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("%q is in the log:\n%s", word, log.String())
		}
	}
	if log.Len() == 0 {
		t.Error("nothing was logged; the test proves nothing")
	}
}
