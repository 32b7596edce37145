package matrix

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/bot/chat"
)

// Two accounts on two homeservers in one process: each with its own name, keys
// and rooms, and neither hears of the other's troubles.
func TestTwoAccounts(t *testing.T) {
	first, second := newHome(t), newHome(t)
	room := first.room("!r:test", true, anne, bob, me)
	same := second.room("!r:test", true, anne, bob, me) // even with the same ids
	a := newBench(t, first, nil).run()
	b := newBench(t, second, func(c *Config) { c.Name = "other" }).run()
	s := a.send(chat.Reply{Key: "k", Room: group(room), Text: "un"})
	if err := b.tr.Send(t.Context(), chat.Reply{Key: "k", Room: chat.Room{Network: "other", ID: same}, Text: "deux"}); err != nil {
		t.Fatal(err)
	}
	if got := next[chat.Sent](b); got.Network != "other" || s.Network != "matrix" {
		t.Errorf("got %+v and %+v", s, got)
	}
	if x, y := a.saved(), b.saved(); x.Device == y.Device || x.Pickle == y.Pickle || x.Vault == y.Vault {
		t.Error("they share a device")
	}
	second.srv.CloseClientConnections()
	second.srv.Close()
	if s := next[chat.Status](b); s.Up || s.Network != "other" {
		t.Errorf("got %+v", s)
	}
	first.text(room, anne, "toujours là ?")
	if m := a.text("toujours là ?"); m.Room.Network != "matrix" {
		t.Errorf("got %+v", m)
	}
	a.send(chat.Reply{Key: "k2", Room: group(room), Text: "oui"})

	// One folder for both is refused by whoever comes second.
	c := newBench(t, first, func(c *Config) { c.Data, c.User = a.cfg.Data, "@autre:test" })
	if got := c.fails(); !strings.Contains(got, "a data folder of its own") {
		t.Errorf("got %q", got)
	}
	if _, err := os.Stat(filepath.Join(a.cfg.Data, loginFile)); err != nil {
		t.Error(err)
	}
}
