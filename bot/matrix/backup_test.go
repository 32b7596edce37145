package matrix

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/bot/chat"
)

// lose takes everything away that the device has, except what is named.
func (b *bench) lose(keep ...string) {
	b.t.Helper()
	files, err := os.ReadDir(b.cfg.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(strings.Join(keep, " "), f.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(b.cfg.Data, f.Name())); err != nil {
			b.t.Fatal(err)
		}
	}
}

// What came while a lost device was still there can be read by the next one: its
// keys are in the backup, which the recovery key opens.
func TestKeysComeBackFromTheBackup(t *testing.T) {
	h := newHome(t)
	p := newPerson(t, h, anne)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning = false }).run()
	p.pull()
	p.say(room, p.seal(room, "un", true, me))
	b.text("un")
	h.await(func() bool { return len(h.backed[room]) == 1 })
	for id, key := range h.backed[room] {
		if s := string(raw(key)); strings.Contains(s, "session_key") || strings.Contains(s, "sender_key") {
			t.Errorf("the backup of %s is in clear: %s", id, s)
		}
	}
	b.send(chat.Reply{Key: "k", Room: group(room), Text: "ma réponse"})
	h.await(func() bool { return len(h.backed[room]) == 2 })
	first := b.saved()
	b.halt()

	b.lose("recovery.key")
	p.say(room, p.seal(room, "deux", true, me)) // the same key, given to the device that is lost
	b.run()
	if b.saved().Device == first.Device {
		t.Fatal("the same device with other keys")
	}
	if m := b.text("deux"); !m.Encrypted {
		t.Errorf("got %+v", m)
	}
	// And what the lost device said is found before it is said again.
	if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "ma réponse", Maybe: true}); s.Err != nil || len(h.sent(room, me)) != 1 {
		t.Errorf("said twice: %+v", s)
	}
}

// A backup whose key nobody has is replaced; one that was replaced behind our
// back is followed.
func TestForeignBackupIsReplaced(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, bob, me)
	foreign := map[string]any{"algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "version": "foreign", "auth_data": map[string]any{"public_key": "x", "signatures": map[string]any{}}}
	h.backup = foreign
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning = false }).run()
	h.mu.Lock()
	first := h.backup["version"]
	h.backup = foreign
	h.mu.Unlock()
	if first == "foreign" {
		t.Fatal("a backup that nobody can read was taken")
	}
	b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"})
	h.await(func() bool { return len(h.backed[room]) == 1 && h.backup["version"] != "foreign" })
}

// Without a recovery key there is no backup, and the sysadmins know.
func TestBackupNeedsTheRecoveryKey(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, func(c *Config) { c.NoCrossSigning = false }).run()
	b.halt()
	b.lose("login.json crypto.db crypto.db-wal crypto.db-shm")
	h.mu.Lock()
	h.backup = nil
	h.mu.Unlock()
	b.run()
	if s := next[chat.Status](b); s.Err == nil || !strings.Contains(s.Err.Error(), "recovery key is missing") {
		t.Errorf("got %+v", s)
	}
}
