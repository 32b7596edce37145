package matrix

import (
	"net/http"
	"strings"
	"testing"

	"vigie/bot/chat"
)

// Encryption is switched on between two tries of one message: the first may be
// lost, and the second is ciphertext.
func TestEncryptionComesBetweenTwoTries(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	tried := 0
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/send/m.room.message/") {
			return false
		}
		if tried++; tried == 1 {
			h.state(room, anne, "m.room.encryption", "", map[string]any{"algorithm": "m.megolm.v1.aes-sha2"})
			answer(w, 502, map[string]any{})
			return true
		}
		return false
	})
	if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "PRIVÉ"}); s.Err != nil {
		t.Fatal(s.Err)
	}
	if got := h.sent(room, me); tried != 1 || len(got) != 1 || got[0]["type"] != "m.room.encrypted" {
		t.Errorf("tried in clear %d times: %v", tried, got)
	}
}

// Encryption is switched on while a file goes up: neither the file nor its text
// goes out in clear.
func TestEncryptionComesDuringAnUpload(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	a := newPerson(t, h, anne)
	h.setFault(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/upload") {
			h.state(room, anne, "m.room.encryption", "", map[string]any{"algorithm": "m.megolm.v1.aes-sha2"})
		}
		return false
	})
	s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "PRIVÉ", File: &chat.File{Name: "a.csv", Type: "text/csv", Data: []byte("PRIVÉ")}})
	if s.Err != nil {
		t.Fatal(s.Err)
	}
	if c := a.read(s.Proof).Content.AsMessage(); c.File == nil || c.URL != "" || c.Body != "PRIVÉ" {
		t.Errorf("got %+v", c)
	}
}

// The server's list of state lags behind what sync told: what sync told holds.
func TestSyncKnowsBeforeTheStateDoes(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.state(room, anne, "m.room.encryption", "", map[string]any{"algorithm": "m.megolm.v1.aes-sha2"})
	h.text(room, anne, "marker")
	b.text("marker")
	h.mu.Lock()
	delete(h.rooms[room].state, "m.room.encryption|")
	h.mu.Unlock()
	b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"})
	if got := h.sent(room, me); got[0]["type"] != "m.room.encrypted" {
		t.Errorf("got %v", got)
	}
}
