package matrix

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vigie/bot/chat"
)

// A server that leaves out what we may not see sends empty pages in between:
// what is behind them is found all the same, and a server that sends nothing
// else is left.
func TestEmptyPagesAreTurned(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"})
	pages, most := 0, emptyPages-1
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/messages") || pages >= most {
			return false
		}
		pages++
		answer(w, 200, map[string]any{"chunk": []any{}, "start": "x", "end": fmt.Sprintf("s%d", 10_000-pages)})
		return true
	})
	if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x", Maybe: true}); s.Err != nil || len(h.sent(room, me)) != 1 {
		t.Errorf("said twice: %+v", s)
	}
	pages, most = 0, 1_000
	if err := b.refused(chat.Reply{Key: "k", Room: group(room), Text: "x", Maybe: true}); err == nil || pages > emptyPages {
		t.Errorf("%v after %d pages", err, pages)
	}
}
