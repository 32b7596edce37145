package matrix

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
)

// service is a home's authentication service.
type service struct {
	device  string            // the device that a code is for
	let     string            // "" while nobody has decided, then "yes" or an OAuth error
	good    map[string]device // refresh tokens, and their devices
	life    int               // of an access token, in seconds
	asked   []string          // grants asked for
	clients []map[string]any
}

// issue makes a pair of tokens; the lock is held.
func (h *home) issue(d device) map[string]any {
	n := h.touch()
	access, refresh := fmt.Sprintf("acc-%d", n), fmt.Sprintf("ref-%d", n)
	h.tokens[access] = d
	h.oauth.good[refresh] = d
	return map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": h.oauth.life}
}

func oauthRoutes() []route {
	refused := func(code string) (int, any) { return 400, map[string]any{"error": code} }
	return []route{
		{"GET", "/_matrix/client/v1/auth_metadata", func(h *home, _ device, _ *http.Request, _ map[string]any, _ []string) (int, any) {
			u := h.srv.URL
			return 200, map[string]any{"issuer": u, "token_endpoint": u + "/oauth/token", "registration_endpoint": u + "/oauth/register",
				"device_authorization_endpoint": u + "/oauth/device", "authorization_endpoint": u + "/oauth/x", "revocation_endpoint": u + "/oauth/x"}
		}},
		{"POST", "/oauth/register", func(h *home, _ device, _ *http.Request, body map[string]any, _ []string) (int, any) {
			h.oauth.clients = append(h.oauth.clients, body)
			return 201, map[string]any{"client_id": "client-1", "client_uri": body["client_uri"]}
		}},
		{"POST", "/oauth/device", func(h *home, _ device, r *http.Request, _ map[string]any, _ []string) (int, any) {
			scope := strings.Fields(r.FormValue("scope"))
			if len(scope) != 2 || scope[0] != "urn:matrix:client:api:*" || r.FormValue("client_id") != "client-1" {
				return refused("invalid_scope")
			}
			h.oauth.device = strings.TrimPrefix(scope[1], "urn:matrix:client:device:")
			return 200, map[string]any{"device_code": "dc", "user_code": "ABCD-1234", "verification_uri": "https://auth.test/link", "expires_in": 600}
		}},
		{"POST", "/oauth/token", func(h *home, _ device, r *http.Request, _ map[string]any, _ []string) (int, any) {
			grant := r.FormValue("grant_type")
			h.oauth.asked = append(h.oauth.asked, grant)
			if r.FormValue("client_id") != "client-1" {
				return refused("invalid_client")
			}
			if grant == "refresh_token" {
				d, ok := h.oauth.good[r.FormValue("refresh_token")]
				if !ok {
					return refused("invalid_grant")
				}
				delete(h.oauth.good, r.FormValue("refresh_token"))
				return 200, h.issue(d)
			}
			switch h.oauth.let {
			case "":
				h.touch()
				return refused("authorization_pending")
			case "yes":
				return 200, h.issue(device{me, h.oauth.device})
			}
			return refused(h.oauth.let)
		}},
	}
}

func newOAuthBench(t *testing.T, h *home, change func(*Config)) *bench {
	t.Helper()
	h.oauth = service{good: map[string]device{}, life: 3600}
	return newBench(t, h, func(c *Config) {
		c.PasswordFile, c.OAuth = "", &OAuth{}
		if change != nil {
			change(c)
		}
	})
}

func TestAPersonLetsTheBotIn(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, bob, me)
	b := newOAuthBench(t, h, nil)
	b.launch(nil)
	s := next[chat.Status](b)
	if s.Up || !strings.Contains(s.Err.Error(), "https://auth.test/link") || !strings.Contains(s.Err.Error(), "ABCD-1234") || !strings.Contains(s.Err.Error(), me) {
		t.Fatalf("got %+v", s)
	}
	h.await(func() bool { return len(h.oauth.asked) > 2 }) // it waits
	h.mu.Lock()
	h.oauth.let = "yes"
	h.mu.Unlock()
	if s := next[chat.Status](b); !s.Up {
		t.Fatal(s.Err)
	}
	l := b.saved()
	if l.Refresh == "" || l.Client != "client-1" || string(l.Device) != h.oauth.device || l.Expiry.Before(time.Now()) || l.Fresh {
		t.Errorf("saved %+v", l)
	}
	if c := h.oauth.clients; len(c) != 1 || c[0]["client_name"] != "Vigie" || c[0]["client_uri"] != "https://test/" {
		t.Errorf("registered %v", c)
	}
	b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"})
	b.halt()
	b.run() // and never again
	if h.count("POST /oauth/device") != 1 || h.count("POST /_matrix/client/v3/login") != 0 {
		t.Error("asked again")
	}
}

func TestSomebodySaysNo(t *testing.T) {
	h := newHome(t)
	b := newOAuthBench(t, h, nil)
	h.oauth.let = "access_denied"
	if got := b.fails(); !strings.Contains(got, "refused to let") {
		t.Errorf("got %q", got)
	}
}

// Tokens that end are renewed before anything is lost, by whoever needs one next.
func TestTokensAreRenewed(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newOAuthBench(t, h, nil)
	h.oauth.let, h.oauth.life = "yes", 1 // each is over as soon as it is used
	b.launch(nil)
	for s := next[chat.Status](b); !s.Up; s = next[chat.Status](b) {
		t.Log(s.Err)
	}
	first := b.saved()
	for i := range 3 {
		h.text(room, anne, "bonjour")
		b.text("bonjour")
		if s := b.send(chat.Reply{Key: fmt.Sprint("k", i), Room: group(room), Text: "x"}); s.Err != nil {
			t.Error(s.Err)
		}
	}
	l := b.saved()
	if l.Refresh == first.Refresh || l.Token == first.Token || l.Device != first.Device {
		t.Errorf("got %+v, had %+v", l, first)
	}
	b.halt() // what is saved is what is good: it goes on with it
	b.run()
	if l := b.saved(); l.Device != first.Device || h.count("POST /oauth/device") != 1 {
		t.Errorf("a person was asked again: %+v", l)
	}
}

// An access token that is taken back early is renewed; when the refresh token is
// worth nothing either, a person is asked, and no message is given up.
func TestTokensTakenBack(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newOAuthBench(t, h, nil)
	h.oauth.let = "yes"
	b.launch(nil)
	next[chat.Status](b) // the page and the code
	next[chat.Status](b)
	first := b.saved()
	h.mu.Lock()
	clear(h.tokens)
	h.touch()
	h.mu.Unlock()
	if s := next[chat.Status](b); s.Up {
		t.Error("still up")
	}
	if s := next[chat.Status](b); !s.Up {
		t.Fatal(s.Err)
	}
	second := b.saved()
	if second.Device != first.Device || second.Refresh == first.Refresh || h.count("POST /oauth/device") != 1 {
		t.Errorf("got %+v, had %+v", second, first)
	}
	b.halt()
	h.mu.Lock()
	clear(h.tokens)
	clear(h.oauth.good)
	h.mu.Unlock()
	b.launch(b.cursor)
	if s := next[chat.Status](b); s.Up || !strings.Contains(s.Err.Error(), "ABCD-1234") {
		t.Fatalf("got %+v", s)
	}
	if s := next[chat.Status](b); !s.Up {
		t.Fatal(s.Err)
	}
	if l := b.saved(); l.Device != first.Device {
		t.Errorf("another device: %+v", l)
	}
	if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"}); s.Err != nil {
		t.Error(s.Err)
	}
}

func TestConfiguredRefreshToken(t *testing.T) {
	h := newHome(t)
	file := filepath.Join(t.TempDir(), "refresh")
	if err := os.WriteFile(file, []byte("made-elsewhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newOAuthBench(t, h, func(c *Config) { c.OAuth = &OAuth{ClientID: "client-1", RefreshTokenFile: file} })
	h.oauth.good["made-elsewhere"] = device{me, "GIVEN"}
	b.run()
	if l := b.saved(); l.Device != "GIVEN" || l.Refresh == "made-elsewhere" || h.count("POST /oauth/device") != 0 || h.count("POST /oauth/register") != 0 {
		t.Errorf("saved %+v", l)
	}
	b.halt()
	b.run() // the file's token was used up: the saved one goes on
	if l := b.saved(); l.Device != "GIVEN" {
		t.Errorf("saved %+v", l)
	}
}

func TestOAuthConfig(t *testing.T) {
	good := Config{Name: "m", User: me, Data: "x", OAuth: &OAuth{}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Config){
		"leave it out":       func(c *Config) { c.PasswordEnv = "X" },
		"keep either":        func(c *Config) { c.OAuth = &OAuth{ClientID: "x", RefreshTokenEnv: "A", RefreshTokenFile: "B"} },
		"for which client":   func(c *Config) { c.OAuth = &OAuth{RefreshTokenEnv: "A"} },
		"or give access_tok": func(c *Config) { c.OAuth = nil },
	} {
		c := good
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}
