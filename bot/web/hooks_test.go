package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hooked is a site with two hooks; what is taken comes on the channel. fail makes taking fail.
func hooked(t *testing.T, fail *error) (http.Handler, chan string) {
	t.Helper()
	w := newSite(t, config(), facts(), newStore(t))
	taken := make(chan string, 100)
	w.Hooks(func(_ context.Context, source string, body json.RawMessage) error {
		if fail != nil && *fail != nil {
			return *fail
		}
		taken <- source + " " + string(body)
		return nil
	}, Hook{Name: "am", Token: []byte("a long enough token")}, Hook{Name: "signed", Key: []byte("a long enough key")})
	return w.Handler(), taken
}

func post(h http.Handler, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4444"
	for n := 0; n < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	return record(h, r)
}

func signed(key, body string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

func TestHooksLetInWhoHasTheToken(t *testing.T) {
	h, taken := hooked(t, nil)
	if rw := post(h, "/hook/am", `{"a":1}`, "Authorization", "Bearer a long enough token"); rw.Code != http.StatusOK || <-taken != `am {"a":1}` {
		t.Fatalf("%d %s", rw.Code, rw.Body)
	}
	for name, header := range map[string][]string{
		"nothing": nil, "another": {"Authorization", "Bearer a long enough tokem"}, "basic": {"Authorization", "a long enough token"}, "empty": {"Authorization", "Bearer "},
	} {
		if rw := post(h, "/hook/am", "{}", header...); rw.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, rw.Code)
		}
	}
	for _, path := range []string{"/hook/nobody", "/hook/signed"} { // whether it exists is nobody's business
		if rw := post(h, path, "{}", "Authorization", "Bearer "); rw.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, rw.Code)
		}
	}
	if rw := post(h, "/hook/am", "no JSON", "Authorization", "Bearer a long enough token"); rw.Code != http.StatusBadRequest {
		t.Errorf("no JSON: %d", rw.Code)
	}
	if rw := post(h, "/hook/am", `"`+strings.Repeat("a", mostHook)+`"`, "Authorization", "Bearer a long enough token"); rw.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", rw.Code)
	}
	if rw := get(t, h, "/hook/am"); rw.Code == http.StatusOK {
		t.Errorf("GET: %d", rw.Code)
	}
	if len(taken) != 0 {
		t.Errorf("taken: %s", <-taken)
	}
}

func TestSignedHooksAreGoodOnceAndNotForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		var fail error
		h, taken := hooked(t, &fail)
		const key, body = "a long enough key", `{"a":1}`
		ask := func(sign, body string) int { return post(h, "/hook/signed", body, "X-Vigie-Signature", sign).Code }
		good := signed(key, body, time.Now())
		fail = errors.New("the disk is full")
		if code := ask(good, body); code != http.StatusServiceUnavailable {
			t.Errorf("not kept: %d", code)
		}
		fail = nil
		if code := ask(good, body); code != http.StatusOK || len(taken) != 1 {
			t.Errorf("sent again after a failure: %d", code)
		}
		time.Sleep(time.Minute)
		if code := ask(good, body); code != http.StatusConflict {
			t.Errorf("replayed: %d", code)
		}
		for name, sign := range map[string]string{
			"old": signed(key, body, time.Now().Add(-hookWindow-time.Second)), "from the future": signed(key, body, time.Now().Add(hookWindow+time.Minute)),
			"another key": signed("another", body, time.Now()), "of another body": signed(key, "{}", time.Now()), "none": "", "nonsense": "t=x,v1=zz", "no sum": fmt.Sprintf("t=%d", time.Now().Unix()),
		} {
			if code := ask(sign, body); code != http.StatusUnauthorized {
				t.Errorf("%s: %d", name, code)
			}
		}
		if code := post(h, "/hook/signed", body, "Authorization", "Bearer "+key).Code; code != http.StatusUnauthorized {
			t.Errorf("the key as a token: %d", code)
		}
	})
}

func TestSignaturesAreForgottenWhenTheyAreOld(t *testing.T) {
	var p replays
	now := time.Now()
	for n := range mostReplays {
		if !p.first(fmt.Sprintf("t=1,v1=%08x", n), now) {
			t.Fatal("refused before it is full")
		}
	}
	if p.first("t=1,v1=ffffffff", now) {
		t.Error("more are kept than may be")
	}
	if !p.first("t=1,v1=ffffffff", now.Add(3*hookWindow)) || len(p.seen) != 1 {
		t.Errorf("old ones stay: %d", len(p.seen))
	}
}

func TestBusyHooksAskToComeAgain(t *testing.T) {
	w := newSite(t, config(), facts(), newStore(t))
	hold, entered := make(chan struct{}), make(chan struct{}, hooksAtOnce)
	w.Hooks(func(context.Context, string, json.RawMessage) error { entered <- struct{}{}; <-hold; return nil }, Hook{Name: "am", Token: []byte("a long enough token")})
	h := w.Handler()
	done := make(chan int, hooksAtOnce)
	for range hooksAtOnce {
		go func() { done <- post(h, "/hook/am", "{}", "Authorization", "Bearer a long enough token").Code }()
		<-entered
	}
	if rw := post(h, "/hook/am", "{}", "Authorization", "Bearer a long enough token"); rw.Code != http.StatusServiceUnavailable || rw.Header().Get("Retry-After") == "" {
		t.Errorf("%d", rw.Code)
	}
	close(hold)
	for range hooksAtOnce {
		if code := <-done; code != http.StatusOK {
			t.Errorf("%d", code)
		}
	}
}

func TestHookSecretsAreRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("a long enough token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := NewHook("am", file, "", "", ""); err != nil || string(h.Token) != "a long enough token" || len(h.Key) != 0 {
		t.Errorf("%v", err)
	}
	t.Setenv("HOOK_KEY", "a long enough key")
	if h, err := NewHook("am", "", "", "", "HOOK_KEY"); err != nil || string(h.Key) != "a long enough key" {
		t.Errorf("%v", err)
	}
	t.Setenv("HOOK_SHORT", "short")
	for _, env := range []string{"HOOK_SHORT", "HOOK_NONE"} {
		if _, err := NewHook("am", "", env, "", ""); err == nil || strings.Contains(err.Error(), "short;") {
			t.Errorf("%s: %v", env, err)
		}
	}
	if _, err := NewHook("am", file+"x", "", "", ""); err == nil {
		t.Error("a secret that is not there")
	}
}
