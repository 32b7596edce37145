package matrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// home is a small homeserver in memory: enough of the client API for a bot and
// the people who talk to it, with every fault that a test asks for.
type home struct {
	t   *testing.T
	srv *httptest.Server

	mu       sync.Mutex
	pos      int
	changed  chan struct{} // closed at every change
	tokens   map[string]device
	password string
	rooms    map[string]*room
	aliases  map[string]string
	account  map[string]json.RawMessage // user/type
	keys     map[device]map[string]any
	otks     map[device]map[string]json.RawMessage
	cross    map[string]map[string]json.RawMessage // user, usage
	keysAt   map[string]int
	inbox    map[device][]posted
	txns     map[string]string
	limit    int // of a sync timeline
	media    map[string][]byte
	read     map[string]string // room to event
	typing   []bool
	signed   []string // who signs whose master key
	oauth    service
	backup   map[string]any            // the latest version
	backed   map[string]map[string]any // room, session

	// fault answers a request in our place when it returns true.
	fault func(w http.ResponseWriter, r *http.Request) bool
	asked []string
}

type device struct{ user, id string }

type room struct {
	events []posted
	state  map[string]map[string]any
	forgot bool // a room whose history is refused
}

type posted struct {
	pos int
	evt map[string]any
}

func newHome(t *testing.T) *home {
	h := &home{
		t: t, changed: make(chan struct{}), tokens: map[string]device{}, password: "secret",
		rooms: map[string]*room{}, aliases: map[string]string{}, account: map[string]json.RawMessage{},
		keys: map[device]map[string]any{}, otks: map[device]map[string]json.RawMessage{},
		cross: map[string]map[string]json.RawMessage{}, keysAt: map[string]int{}, inbox: map[device][]posted{},
		txns: map[string]string{}, limit: 50, media: map[string][]byte{}, read: map[string]string{},
	}
	h.srv = httptest.NewServer(h)
	t.Cleanup(h.srv.Close)
	return h
}

type handler func(h *home, me device, r *http.Request, body map[string]any, arg []string) (int, any)

// route is one endpoint: a method, and a path whose * are the arguments.
type route struct {
	method, path string
	do           handler
}

func (h *home) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.asked = append(h.asked, r.Method+" "+r.URL.Path)
	fault := h.fault
	h.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	path, _ := strings.CutPrefix(r.URL.EscapedPath(), "/_matrix/client/v3/")
	var body map[string]any
	whole, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(whole, &body)
	r.Body = io.NopCloser(bytes.NewReader(whole))
	for _, rt := range slices.Concat(roomRoutes(), keyRoutes(), userRoutes(), backupRoutes(), oauthRoutes()) {
		arg, ok := match(rt.path, path)
		if !ok || rt.method != r.Method {
			continue
		}
		h.mu.Lock()
		me, known := h.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if !known && path != "login" && !strings.HasPrefix(path, "/oauth/") && !strings.HasSuffix(path, "/auth_metadata") {
			h.mu.Unlock()
			answer(w, 401, map[string]any{"errcode": "M_UNKNOWN_TOKEN", "error": "no"})
			return
		}
		if path == "sync" {
			h.mu.Unlock()
			answer(w, 200, h.sync(r, me))
			return
		}
		code, out := rt.do(h, me, r, body, arg)
		h.mu.Unlock()
		answer(w, code, out)
		return
	}
	answer(w, 404, map[string]any{"errcode": "M_UNRECOGNIZED", "error": r.URL.Path})
}

func match(pattern, path string) (arg []string, ok bool) {
	p, s := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(s) {
		return nil, false
	}
	for i := range p {
		if p[i] == "*" {
			v := strings.NewReplacer("%21", "!", "%3A", ":", "%24", "$", "%23", "#", "%40", "@").Replace(s[i])
			arg = append(arg, v)
		} else if p[i] != s[i] {
			return nil, false
		}
	}
	return arg, true
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

func fail(code string) map[string]any { return map[string]any{"errcode": code, "error": code} }

// touch marks a change; the lock is held.
func (h *home) touch() int {
	h.pos++
	close(h.changed)
	h.changed = make(chan struct{})
	return h.pos
}

// post adds an event to a room; the lock is held.
func (h *home) post(roomID, sender, kind string, key *string, content map[string]any) string {
	rm := h.rooms[roomID]
	pos := h.touch()
	evt := map[string]any{
		"event_id": fmt.Sprintf("$e%d", pos), "type": kind, "sender": sender, "content": content,
		"origin_server_ts": time.Now().UnixMilli(),
	}
	if key != nil {
		evt["state_key"] = *key
		k := kind + "|" + *key
		if old := rm.state[k]; old != nil {
			evt["unsigned"] = map[string]any{"prev_content": old["content"]}
		}
		rm.state[k] = evt
	}
	rm.events = append(rm.events, posted{pos, evt})
	return evt["event_id"].(string)
}

// The locked forms, for tests.

func (h *home) state(room, sender, kind, key string, content map[string]any) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.post(room, sender, kind, &key, content)
}

func (h *home) say(room, sender, kind string, content map[string]any) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.post(room, sender, kind, nil, content)
}

func (h *home) text(room, sender, text string) string {
	return h.say(room, sender, "m.room.message", map[string]any{"msgtype": "m.text", "body": text})
}

func (h *home) member(room, user, membership, by string) {
	h.state(room, by, "m.room.member", user, map[string]any{"membership": membership})
}

// room makes a room with these people in it.
func (h *home) room(id string, encrypted bool, people ...string) string {
	h.mu.Lock()
	h.rooms[id] = &room{state: map[string]map[string]any{}}
	h.mu.Unlock()
	h.state(id, people[0], "m.room.create", "", map[string]any{})
	for _, p := range people {
		h.member(id, p, "join", p)
	}
	if encrypted {
		h.state(id, people[0], "m.room.encryption", "", map[string]any{"algorithm": "m.megolm.v1.aes-sha2"})
	}
	return id
}

func (h *home) membership(rm *room, user string) string {
	evt := rm.state["m.room.member|"+user]
	if evt == nil {
		return ""
	}
	m, _ := evt["content"].(map[string]any)["membership"].(string)
	return m
}

// sent lists what a user has put into a room.
func (h *home) sent(room, user string) (list []map[string]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.rooms[room].events {
		if p.evt["sender"] == user && p.evt["state_key"] == nil {
			list = append(list, p.evt)
		}
	}
	return list
}

// find is one event of a room.
func (h *home) find(room, eventID string) map[string]any {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.rooms[room].events {
		if p.evt["event_id"] == eventID {
			return p.evt
		}
	}
	h.t.Fatalf("no event %s", eventID)
	return nil
}

// count tells how many requests had this beginning.
func (h *home) count(prefix string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

func (h *home) setFault(f func(w http.ResponseWriter, r *http.Request) bool) {
	h.mu.Lock()
	h.fault = f
	h.mu.Unlock()
}

// sync answers at once what is new, or waits for it.
func (h *home) sync(r *http.Request, me device) map[string]any {
	since, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("since"), "s"))
	wait, _ := strconv.Atoi(r.URL.Query().Get("timeout"))
	end := time.After(time.Duration(wait) * time.Millisecond)
	for {
		h.mu.Lock()
		if h.pos > since || wait == 0 {
			defer h.mu.Unlock()
			return h.news(me, since)
		}
		changed := h.changed
		h.mu.Unlock()
		select {
		case <-changed:
		case <-r.Context().Done():
			return nil
		case <-end:
			wait = 0
		}
	}
}

func (h *home) news(me device, since int) map[string]any {
	join, invite, leave := map[string]any{}, map[string]any{}, map[string]any{}
	for id, rm := range h.rooms {
		switch h.membership(rm, me.user) {
		case "join":
			if j := h.joined(rm, me, since); j != nil {
				join[id] = j
			}
		case "invite":
			evt := rm.state["m.room.member|"+me.user]
			if last := rm.events[len(rm.events)-1]; last.pos > since {
				invite[id] = map[string]any{"invite_state": map[string]any{"events": []any{evt}}}
			}
		case "leave":
			leave[id] = map[string]any{}
		}
	}
	var todev []any
	kept := h.inbox[me][:0:0]
	for _, p := range h.inbox[me] {
		if p.pos > since {
			kept = append(kept, p)
			todev = append(todev, p.evt)
		}
	}
	h.inbox[me] = kept
	var lists []string
	for user, at := range h.keysAt {
		if at > since {
			lists = append(lists, user)
		}
	}
	return map[string]any{
		"next_batch": fmt.Sprintf("s%d", h.pos),
		"rooms":      map[string]any{"join": join, "invite": invite, "leave": leave},
		"to_device":  map[string]any{"events": todev}, "device_lists": map[string]any{"changed": lists},
		"device_one_time_keys_count": map[string]any{"signed_curve25519": len(h.otks[me])},
	}
}

func (h *home) joined(rm *room, me device, since int) map[string]any {
	fresh := since == 0
	for _, p := range rm.events {
		if p.pos > since && p.evt["state_key"] == me.user && p.evt["type"] == "m.room.member" {
			fresh = true // our own joining: all the state, and the last events
		}
	}
	var line []posted
	for _, p := range rm.events {
		if p.pos > since || fresh {
			line = append(line, p)
		}
	}
	if len(line) == 0 {
		return nil
	}
	limited := len(line) > h.limit
	if limited {
		line = line[len(line)-h.limit:]
	}
	var state, timeline []any
	for _, p := range rm.events {
		if p.pos < line[0].pos && (p.pos > since || fresh) && p.evt["state_key"] != nil {
			state = append(state, p.evt)
		}
	}
	for _, p := range line {
		timeline = append(timeline, p.evt)
	}
	return map[string]any{
		"state":    map[string]any{"events": state},
		"timeline": map[string]any{"events": timeline, "limited": limited, "prev_batch": fmt.Sprintf("s%d", line[0].pos-1)},
	}
}

// await waits for the server to come to a state.
func (h *home) await(ok func() bool) {
	h.t.Helper()
	late := time.After(20 * time.Second)
	for {
		h.mu.Lock()
		done, changed := ok(), h.changed
		h.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-late:
			h.t.Fatal("it did not come to that")
		}
	}
}
