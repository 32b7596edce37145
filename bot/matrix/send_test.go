package matrix

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/bot/chat"
)

func content(evt map[string]any) map[string]any { return evt["content"].(map[string]any) }

func TestContentOfAReply(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	to := &chat.Identity{Network: "matrix", Account: anne, Nick: "Anne <b> @room"}
	for _, tc := range []struct {
		name  string
		reply chat.Reply
		check func(c map[string]any) bool
	}{
		{"quiet", chat.Reply{Text: "bonjour", To: to}, func(c map[string]any) bool {
			return c["msgtype"] == "m.notice" && c["body"] == "bonjour" && c["formatted_body"] == nil && len(c["m.mentions"].(map[string]any)) == 0
		}},
		{"loud", chat.Reply{Text: "bonjour", Tone: chat.Loud, To: to}, func(c map[string]any) bool {
			ids, _ := c["m.mentions"].(map[string]any)["user_ids"].([]any)
			return c["msgtype"] == "m.text" && slices.Equal(ids, []any{anne}) &&
				strings.HasPrefix(c["formatted_body"].(string), `<a href="https://matrix.to/#/@anne:test">Anne &lt;b&gt; @`) &&
				!strings.Contains(c["body"].(string), "@room")
		}},
		{"loud to nobody", chat.Reply{Text: "x", Tone: chat.Loud}, func(c map[string]any) bool {
			return c["msgtype"] == "m.text" && len(c["m.mentions"].(map[string]any)) == 0
		}},
		{"of another network", chat.Reply{Text: "x", Tone: chat.Loud, To: &chat.Identity{Network: "irc", Account: anne}}, func(c map[string]any) bool {
			return len(c["m.mentions"].(map[string]any)) == 0
		}},
		{"repeat", chat.Reply{Text: "x", Repeat: true}, func(c map[string]any) bool { return c["body"] == "(↻) x" }},
		{"thread", chat.Reply{Text: "x", Thread: "$root"}, func(c map[string]any) bool {
			rel := c["m.relates_to"].(map[string]any)
			return rel["rel_type"] == "m.thread" && rel["event_id"] == "$root" && rel["is_falling_back"] == true &&
				rel["m.in_reply_to"].(map[string]any)["event_id"] == "$root"
		}},
		{"reply in a thread", chat.Reply{Text: "x", Thread: "$root", Target: "$it"}, func(c map[string]any) bool {
			rel := c["m.relates_to"].(map[string]any)
			return rel["rel_type"] == "m.thread" && rel["is_falling_back"] == nil && rel["m.in_reply_to"].(map[string]any)["event_id"] == "$it"
		}},
		{"reply", chat.Reply{Text: "x", Target: "$it"}, func(c map[string]any) bool {
			rel := c["m.relates_to"].(map[string]any)
			return rel["rel_type"] == nil && rel["m.in_reply_to"].(map[string]any)["event_id"] == "$it"
		}},
		{"of an IRC message", chat.Reply{Text: "x", Target: "abc", Thread: "def"}, func(c map[string]any) bool { return c["m.relates_to"] == nil }},
		{"edit", chat.Reply{Kind: chat.Amend, Text: "**y**", Target: "$it"}, func(c map[string]any) bool {
			n := c["m.new_content"].(map[string]any)
			return c["body"] == "* y" && n["body"] == "y" && n["formatted_body"] == "<strong>y</strong>" &&
				c["m.relates_to"].(map[string]any)["rel_type"] == "m.replace" && n["m.mentions"] != nil && c["m.mentions"] != nil
		}},
		{"long", chat.Reply{Text: strings.Repeat("é'<&", 30_000)}, func(c map[string]any) bool {
			return strings.HasSuffix(c["body"].(string), "…") && len(raw(c)) <= contentLimit
		}},
	} {
		tc.reply.Key, tc.reply.Room = strings.ReplaceAll(tc.name, " ", "-"), group(room)
		s := b.send(tc.reply)
		all := h.sent(room, me)
		last := all[len(all)-1]
		if c := content(last); s.Err != nil || s.Proof != last["event_id"] || c[keyField] != tc.reply.Key || !tc.check(c) {
			t.Errorf("%s: %+v: %s", tc.name, s, raw(c))
		}
	}
}

func TestOtherActs(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	h.state(room, anne, "m.room.power_levels", "", map[string]any{"users": map[string]any{me: 50}, "events": map[string]any{"m.room.topic": 50, "m.room.pinned_events": 51}})
	b := newBench(t, h, nil).run()
	target := h.text(room, anne, "x")
	b.text("x")
	b.send(chat.Reply{Key: "r", Room: group(room), Kind: chat.React, Text: "✅", Target: target})
	if rel := content(h.sent(room, me)[0])["m.relates_to"].(map[string]any); rel["key"] != "✅" || rel["event_id"] != target {
		t.Errorf("got %v", rel)
	}
	b.send(chat.Reply{Key: "d", Room: group(room), Kind: chat.Redact, Target: target})
	if c := content(h.sent(room, me)[1]); c["redacts"] != target {
		t.Errorf("got %v", c)
	}
	b.send(chat.Reply{Key: "t", Room: group(room), Kind: chat.Topic, Text: "**tout** va bien"})
	if c := content(h.rooms[room].state["m.room.topic|"]); c["topic"] != "tout va bien" {
		t.Errorf("got %v", c)
	}
	if s := b.send(chat.Reply{Key: "t2", Room: group(room), Kind: chat.Topic, Text: "tout va bien"}); s.Proof != unchanged {
		t.Errorf("got %+v", s)
	}
	if err := b.refused(chat.Reply{Key: "p", Room: group(room), Kind: chat.Pin, Target: target}); !errors.Is(err, chat.ErrRefused) || !strings.Contains(err.Error(), "51") {
		t.Errorf("got %v", err)
	}
	h.state(room, anne, "m.room.power_levels", "", map[string]any{"users": map[string]any{me: 100}})
	for _, kind := range []chat.ReplyKind{chat.Pin, chat.Pin, chat.Unpin, chat.Unpin} {
		b.send(chat.Reply{Key: "p", Room: group(room), Kind: kind, Target: target})
	}
	if c := content(h.rooms[room].state["m.room.pinned_events|"]); len(c["pinned"].([]any)) != 0 || h.count("PUT /_matrix/client/v3/rooms/!r:test/state/m.room.pinned_events") != 2 {
		t.Errorf("got %v", c)
	}
	b.send(chat.Reply{Key: "y", Room: group(room), Kind: chat.Typing})
	for _, bad := range []chat.Reply{
		{Room: group("#unknown:test"), Text: "x"}, {Room: group("!unknown:test"), Text: "x"}, {Room: private("anne"), Text: "x"}, {Room: private(me), Text: "x"},
		{Room: group(room), Kind: chat.React, Text: "x", Target: "nope"}, {Room: group(room), Kind: 99},
	} {
		if err := b.refused(bad); !errors.Is(err, chat.ErrRefused) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// failing answers the sends with faults, one after the other, and then lets
// them through. tried lists the paths of all of them.
func failing(faults ...func(w http.ResponseWriter)) (fault func(http.ResponseWriter, *http.Request) bool, tried func() []string) {
	var mu sync.Mutex
	var paths []string
	fault = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/send/") {
			return false
		}
		mu.Lock()
		i := len(paths)
		paths = append(paths, r.URL.Path)
		mu.Unlock()
		if i >= len(faults) {
			return false
		}
		faults[i](w)
		return true
	}
	return fault, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(paths)
	}
}

func status(code int, body map[string]any, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		answer(w, code, body)
	}
}

// page is what a proxy answers when the homeserver behind it is not there.
func page(w http.ResponseWriter) {
	w.WriteHeader(404)
	_, _ = w.Write([]byte("<html>not found</html>"))
}

func cut(w http.ResponseWriter) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = c.Close()
	}
}

func TestRetriesKeepTheTransaction(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", true, anne, bob, me)
	b := newBench(t, h, nil).run()
	fault, tried := failing(cut, status(502, nil), status(429, map[string]any{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 5}))
	h.setFault(fault)
	s := b.send(chat.Reply{Key: "k/1 é", Room: group(room), Text: "x"})
	paths := tried()
	if s.Err != nil || len(paths) != 4 || len(slices.Compact(paths)) != 1 {
		t.Errorf("%+v: %q", s, paths)
	}
	if n := len(h.sent(room, me)); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestOutcomes(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	busy := status(503, nil)
	for _, tc := range []struct {
		name   string
		faults []func(http.ResponseWriter)
		sent   error // of Sent
		not    error // of Send
		retry  time.Duration
	}{
		{"uncertain", []func(http.ResponseWriter){busy, busy, busy, cut}, chat.ErrUnknown, nil, 0},
		{"too many, in the body", []func(http.ResponseWriter){status(429, map[string]any{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 90_000})}, limited{90 * time.Second}, nil, 90 * time.Second},
		{"too many, in the header", []func(http.ResponseWriter){status(429, fail("M_LIMIT_EXCEEDED"), "Retry-After", "7")}, limited{7 * time.Second}, nil, 7 * time.Second},
		{"too many, after an uncertain try", []func(http.ResponseWriter){cut, status(429, fail("M_LIMIT_EXCEEDED"), "Retry-After", "7")}, chat.ErrUnknown, nil, 0},
		{"forbidden", []func(http.ResponseWriter){status(403, fail("M_FORBIDDEN"))}, nil, chat.ErrRefused, 0},
		{"a proxy's page", []func(http.ResponseWriter){page, page, page, page}, chat.ErrUnknown, nil, 0},
		{"too large", []func(http.ResponseWriter){status(413, fail("M_TOO_LARGE"))}, nil, chat.ErrRefused, 0},
	} {
		fault, tried := failing(tc.faults...)
		h.setFault(fault)
		r := chat.Reply{Key: "k", Room: group(room), Text: "x"}
		if tc.not != nil {
			if err := b.refused(r); !errors.Is(err, tc.not) {
				t.Errorf("%s: %v", tc.name, err)
			}
		} else if s := b.send(r); !errors.Is(s.Err, tc.sent) || s.Retry != tc.retry || s.Proof != "" {
			t.Errorf("%s: %+v", tc.name, s)
		}
		if n := len(tried()); n != len(tc.faults) {
			t.Errorf("%s: %d tries", tc.name, n)
		}
	}
}

// The answer to the first attempt is lost, and the server forgets transactions.
func TestMaybeIsLookedFor(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		h := newHome(t)
		room := h.room("!r:test", encrypted, anne, bob, me)
		b := newBench(t, h, nil).run()
		first := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x"})
		h.mu.Lock()
		clear(h.txns)
		h.mu.Unlock()
		for range 20 {
			h.text(room, bob, "noise")
			b.text("noise")
		}
		s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x", Maybe: true})
		if s.Proof != first.Proof || len(h.sent(room, me)) != 1 {
			t.Errorf("encrypted %v: %+v, first %+v", encrypted, s, first)
		}
		if s := b.send(chat.Reply{Key: "other", Room: group(room), Text: "x", Maybe: true}); s.Err != nil || len(h.sent(room, me)) != 2 {
			t.Errorf("encrypted %v: %+v", encrypted, s)
		}
		// Repeat comes after two attempts of unknown outcome: looked for as well.
		if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "x", Repeat: true}); s.Proof != first.Proof || len(h.sent(room, me)) != 2 {
			t.Errorf("encrypted %v: %+v", encrypted, s)
		}
		// A room whose past is closed to us is one that we are not in.
		h.mu.Lock()
		h.rooms[room].forgot = true
		h.mu.Unlock()
		if err := b.refused(chat.Reply{Key: "third", Room: group(room), Text: "x", Maybe: true}); !errors.Is(err, chat.ErrRefused) || len(h.sent(room, me)) != 2 {
			t.Errorf("encrypted %v: %v", encrypted, err)
		}
		b.halt()
	}
}

// While the server is ill, an attempt that may have arrived is never told as
// unknown a second time: the outbox would repeat it, or give it up.
func TestMaybeIsNotUnknownTwice(t *testing.T) {
	h := newHome(t)
	room := h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, nil).run()
	fault, _ := failing(cut, cut, cut, cut, cut, cut, cut, cut)
	h.setFault(fault)
	r := chat.Reply{Key: "k", Room: group(room), Text: "x"}
	if s := b.send(r); !errors.Is(s.Err, chat.ErrUnknown) {
		t.Errorf("got %+v", s)
	}
	r.Maybe = true
	if err := b.refused(r); !errors.Is(err, chat.ErrDown) || errors.Is(err, chat.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if s := b.send(r); s.Err != nil || len(h.sent(room, me)) != 1 {
		t.Errorf("got %+v", s)
	}
}

func TestPrivateRoomIsMadeOnceAndEncrypted(t *testing.T) {
	h := newHome(t)
	p := newPerson(t, h, anne)
	b := newBench(t, h, nil).run()
	s := b.send(chat.Reply{Key: "k1", Room: private(anne), Text: "en privé", Secret: true})
	b.send(chat.Reply{Key: "k2", Room: private(anne), Text: "encore"})
	if n := h.count("POST /_matrix/client/v3/createRoom"); n != 1 {
		t.Fatalf("%d rooms made", n)
	}
	if got := string(h.account[me+"/m.direct"]); !strings.HasPrefix(got, `{"@anne:test":["!made`) {
		t.Errorf("m.direct is %s", got)
	}
	room := strings.Split(string(h.account[me+"/m.direct"]), `"`)[3]
	if _, err := p.cli.JoinRoom(context.Background(), room, nil); err != nil {
		t.Fatal(err)
	}
	if m := next[chat.Message](b); m.Kind != chat.Join || m.Room != private(anne) {
		t.Errorf("got %+v", m)
	}
	if got := p.read(s.Proof).Content.AsMessage().Body; got != "en privé" {
		t.Errorf("got %q", got)
	}
	// A third person comes: it is not private any more, and another room is.
	h.member(room, bob, "join", bob)
	if m := next[chat.Message](b); m.Kind != chat.Join || m.Room != group(room) {
		t.Errorf("got %+v", m)
	}
	b.send(chat.Reply{Key: "k3", Room: private(anne), Text: "entre nous"})
	if n := h.count("POST /_matrix/client/v3/createRoom"); n != 2 {
		t.Errorf("%d rooms made", n)
	}
	// Neither m.direct nor our note is left: the shared room is found again.
	b.halt()
	h.mu.Lock()
	delete(h.account, me+"/m.direct")
	h.mu.Unlock()
	b.run()
	s2 := b.live()
	if err := s2.vault.set(context.Background(), `DELETE FROM vigie_dm`); err != nil {
		t.Fatal(err)
	}
	b.send(chat.Reply{Key: "k4", Room: private(anne), Text: "toujours"})
	if n := h.count("POST /_matrix/client/v3/createRoom"); n != 2 {
		t.Errorf("%d rooms made", n)
	}
}

func TestSendBeforeRunIsDown(t *testing.T) {
	h := newHome(t)
	b := newBench(t, h, nil)
	tr, err := New(b.cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Send(context.Background(), chat.Reply{Key: "k"}); !errors.Is(err, chat.ErrDown) || tr.Name() != "matrix" {
		t.Errorf("got %v", err)
	}
}

func TestTransaction(t *testing.T) {
	if got := transaction("t.1-a_B"); got != "vigie-t.1-a_B" {
		t.Errorf("got %q", got)
	}
	seen := map[string]bool{}
	for _, k := range []string{"a/b", "a b", "../x", "a:b", strings.Repeat("é", 60)} {
		got := transaction(k)
		if got != transaction(k) || seen[got] || strings.ContainsAny(got, "/:% ") || !strings.HasPrefix(got, "vigie~") {
			t.Errorf("%q: %q", k, got)
		}
		seen[got] = true
	}
}
