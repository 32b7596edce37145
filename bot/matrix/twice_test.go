package matrix

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vigie/bot/chat"
)

// A server takes the event, dies before it answers, and comes back with its
// transaction ids forgotten: the retry finds the event and does not repeat it.
func TestServerThatForgetsTransactions(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		h := newHome(t)
		room := h.room("!r:test", encrypted, anne, bob, me)
		b := newBench(t, h, nil).run()
		h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "/send/") {
				return false
			}
			h.setFault(nil)
			h.ServeHTTP(httptest.NewRecorder(), r)
			h.mu.Lock()
			clear(h.txns)
			h.mu.Unlock()
			cut(w)
			return true
		})
		s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"})
		if got := h.sent(room, me); len(got) != 1 || s.Proof != got[0]["event_id"] {
			t.Errorf("encrypted %v: %+v, %d events", encrypted, s, len(got))
		}
	}
}

// A server that has just restarted shows a room with almost nothing in it. That
// the reply is not there proves nothing.
func TestIncompletePastProvesNothing(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/messages") {
			return false
		}
		answer(w, 200, map[string]any{"chunk": []any{map[string]any{
			"event_id": "$x", "type": "m.room.message", "sender": anne, "content": map[string]any{"msgtype": "m.text", "body": "x"},
		}}})
		return true
	})
	r := chat.Reply{Key: "k", Room: group(room), Text: "x", Maybe: true}
	if err := b.refused(r); !errors.Is(err, chat.ErrDown) {
		t.Errorf("got %v", err)
	}
	if n := len(h.sent(room, me)); n != 0 {
		t.Errorf("%d events", n)
	}
	h.setFault(nil)
	if s := b.send(r); s.Err != nil || len(h.sent(room, me)) != 1 {
		t.Errorf("got %+v", s)
	}
}

// Two rooms are spoken to at once, and each reads its replies in order.
func TestOneRoomInOrder(t *testing.T) {
	h := newHome(t)
	a, c := h.room("!a:test", true, anne, bob, me), h.room("!c:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	for _, text := range []string{"1", "2", "3", "4"} {
		b.send(chat.Reply{Key: "a" + text, Room: group(a), Text: text})
		b.send(chat.Reply{Key: "c" + text, Room: group(c), Text: text})
	}
	got := ""
	for _, e := range h.sent(c, me) {
		got += content(e)["body"].(string)
	}
	if got != "1234" || len(h.sent(a, me)) != 4 {
		t.Errorf("got %s", got)
	}
	for _, e := range h.sent(a, me) {
		if e["type"] != "m.room.encrypted" || strings.Contains(string(raw(e)), keyField) {
			t.Errorf("the key of a reply is in clear: %s", raw(e))
		}
	}
}
