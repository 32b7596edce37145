package matrix

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
)

// Replies that wait their turn in a room when the link is lost are given back at once: each would otherwise try for as
// long as the first.
func TestALostLinkEndsTheQueue(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.RetryWait = 300 * time.Millisecond }).run()
	const queue = 8
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/send/") || strings.HasSuffix(r.URL.Path, "/sync") {
			cut(w)
			return true
		}
		return false
	})
	began := time.Now()
	errs := make(chan error, queue)
	for i := range queue {
		go func() {
			errs <- b.tr.Send(t.Context(), chat.Reply{Key: fmt.Sprint("k", i), Room: group(room), Text: "x"})
		}()
	}
	h.srv.CloseClientConnections()
	for s := next[chat.Status](b); s.Up; s = next[chat.Status](b) {
	}
	down := 0
	for range queue {
		if errors.Is(<-errs, chat.ErrDown) {
			down++
		}
	}
	// Whoever was at the door when the link went may have been heard.
	if down < queue-1 {
		t.Errorf("%d of %d were given back", down, queue)
	}
	if d := time.Since(began); d > 8*time.Second {
		t.Errorf("it took %v", d)
	}
	h.setFault(nil)
}
