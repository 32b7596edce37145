package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Hook is a monitor that may tell of trouble by POST /hook/NAME.
type Hook struct {
	Name string
	// Token must come as "Authorization: Bearer TOKEN"; or, when Key is set instead, each
	// message is signed: "X-Vigie-Signature: t=UNIX,v1=HEX", where HEX is the HMAC-SHA256 of
	// "UNIX.BODY", good for five minutes and once.
	Token, Key []byte
}

// NewHook reads a hook's secret from a file or the environment.
func NewHook(name, tokenFile, tokenEnv, keyFile, keyEnv string) (Hook, error) {
	token, err1 := secret(tokenFile, tokenEnv)
	key, err2 := secret(keyFile, keyEnv)
	h := Hook{Name: name, Token: token, Key: key}
	if err := errors.Join(err1, err2); err != nil {
		return h, fmt.Errorf("hook %s: %w", name, err)
	}
	if n := len(token) + len(key); n < leastSecret {
		return h, fmt.Errorf("hook %s: its secret has %d characters; make one of %d or more: openssl rand -hex 32", name, n, leastSecret)
	}
	return h, nil
}

// leastSecret is how short a secret may be, in bytes.
const leastSecret = 16

func secret(file, env string) ([]byte, error) {
	switch {
	case file != "":
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read its secret: %w", err)
		}
		return []byte(strings.TrimSpace(string(raw))), nil
	case env != "":
		return []byte(strings.TrimSpace(os.Getenv(env))), nil
	}
	return nil, nil
}

// Bounds of hooks.
const (
	mostHook    = 1 << 20         // bytes of a message
	hookWindow  = 5 * time.Minute // how old a signature may be, or how far ahead a clock
	hooksAtOnce = 16              // messages being taken; more are asked to come again
)

// Taker takes what a monitor sent, and returns nil once it is on disk.
type Taker func(ctx context.Context, source string, body json.RawMessage) error

// hooks takes messages.
type hooks struct {
	by    map[string]Hook
	take  Taker
	slots chan struct{}
	seen  replays
}

// Hooks lets monitors post. It is to be called before Run.
func (w *Site) Hooks(take Taker, list ...Hook) {
	h := &hooks{by: map[string]Hook{}, take: take, slots: make(chan struct{}, hooksAtOnce)}
	for _, one := range list {
		h.by[one.Name] = one
	}
	w.hooks = h
}

// ServeHTTP answers 200 once the message is on disk; 401 to whom is not let in, whether or not
// there is such a hook; 503 when it should come again.
func (h *hooks) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Cache-Control", "no-store")
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		again(rw, "busy")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, mostHook))
	if err != nil {
		http.Error(rw, "too large, or cut short", http.StatusRequestEntityTooLarge)
		return
	}
	hook, known := h.by[r.PathValue("name")]
	if !h.admits(hook, r, body, time.Now()) || !known {
		rw.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(rw, "not let in", http.StatusUnauthorized)
		return
	}
	if !json.Valid(body) {
		http.Error(rw, "not JSON", http.StatusBadRequest)
		return
	}
	if len(hook.Key) > 0 && !h.seen.first(r.Header.Get("X-Vigie-Signature"), time.Now()) {
		http.Error(rw, "said before", http.StatusConflict)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	if err := h.take(ctx, hook.Name, body); err != nil {
		h.seen.forget(r.Header.Get("X-Vigie-Signature"))
		again(rw, "not kept")
		return
	}
	_, _ = io.WriteString(rw, "ok\n")
}

func again(rw http.ResponseWriter, why string) {
	rw.Header().Set("Retry-After", "5")
	http.Error(rw, why, http.StatusServiceUnavailable)
}

// admits tells whether a message comes from whom it should, in a time that does not depend
// on how nearly it does.
func (h *hooks) admits(hook Hook, r *http.Request, body []byte, now time.Time) bool {
	if len(hook.Key) == 0 {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		a, b := sha256.Sum256([]byte(token)), sha256.Sum256(hook.Token)
		return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && ok && len(hook.Token) > 0
	}
	at, sum := signature(r.Header.Get("X-Vigie-Signature"))
	mac := hmac.New(sha256.New, hook.Key)
	_, _ = fmt.Fprintf(mac, "%d.", at)
	_, _ = mac.Write(body)
	age := now.Sub(time.Unix(at, 0))
	return hmac.Equal(sum, mac.Sum(nil)) && age <= hookWindow && age >= -hookWindow
}

// signature reads "t=UNIX,v1=HEX"; what is not one fits nothing.
func signature(header string) (at int64, sum []byte) {
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at, _ = strconv.ParseInt(value, 10, 64)
		case "v1":
			sum, _ = hex.DecodeString(value)
		}
	}
	return at, sum
}

// replays remembers the signatures that were good, for as long as they are.
type replays struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

// mostReplays bounds what is remembered; only who knows the key can fill it.
const mostReplays = 10_000

// first tells whether a signature is new.
func (p *replays) first(header string, now time.Time) bool {
	_, sum := signature(header)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string]time.Time{}
	}
	if len(p.seen) >= mostReplays {
		for k, at := range p.seen {
			if now.Sub(at) > 2*hookWindow {
				delete(p.seen, k)
			}
		}
	}
	if _, before := p.seen[string(sum)]; before || len(p.seen) >= mostReplays {
		return false
	}
	p.seen[string(sum)] = now
	return true
}

// forget lets a message come again that could not be kept.
func (p *replays) forget(header string) {
	_, sum := signature(header)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.seen, string(sum))
}
