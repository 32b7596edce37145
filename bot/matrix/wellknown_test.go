package matrix

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
)

// The user's server says where its client API is; one that does not is it.
func TestHomeserverIsLookedFor(t *testing.T) {
	for name, answers := range map[string]bool{"told": true, "not told": false} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/.well-known/matrix/client" && answers {
					fmt.Fprint(w, `{"m.homeserver": {"base_url": "https://matrix.example.org"}}`)
					return
				}
				w.WriteHeader(404)
			}))
			defer srv.Close()
			host := strings.TrimPrefix(srv.URL, "https://")
			tr, err := New(Config{Name: "m", User: "@vigie:" + host, PasswordEnv: "X", Data: t.TempDir()}, nil)
			if err != nil {
				t.Fatal(err)
			}
			tr.web.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
			defer tr.web.CloseIdleConnections()
			cli, err := tr.client(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{true: "https://matrix.example.org", false: "https://" + host}[answers]
			if got := strings.TrimSuffix(cli.HomeserverURL.String(), "/"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// "Too many requests" in one room: its reply goes back to the outbox with the
// wait that the server asks for, and other rooms do not wait.
func TestLimitInOneRoom(t *testing.T) {
	h := newHome(t)
	busy, room := h.room("!busy:test", false, anne, bob, me), h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "busy") || !strings.Contains(r.URL.Path, "/send/") {
			return false
		}
		answer(w, 429, map[string]any{"errcode": "M_LIMIT_EXCEEDED", "error": "slow down", "retry_after_ms": 61_000})
		return true
	})
	began := time.Now()
	if s := b.send(chat.Reply{Key: "k1", Room: group(busy), Text: "x"}); s.Err == nil || s.Retry != 61*time.Second {
		t.Errorf("got %+v", s)
	}
	if s := b.send(chat.Reply{Key: "k2", Room: group(room), Text: "x"}); s.Err != nil {
		t.Error(s.Err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}
