package matrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
)

func TestErrandsInTime(t *testing.T) {
	e := errands{wake: make(chan struct{}, 1)}
	now := time.Now()
	var did []string
	add := func(name string, at time.Time) {
		e.put(errand{name: name, at: at, do: func(context.Context) error { did = append(did, name+at.Format("05")); return nil }})
	}
	add("late", now.Add(time.Minute))
	add("late", now.Add(time.Hour)) // a failure's second try does not push away what waits
	if _, ok, wait := e.next(now); ok || wait > time.Minute {
		t.Fatalf("due too early, or woken too late: %v, %v", ok, wait)
	}
	add("now", time.Time{})
	add("now", time.Time{}) // news takes the place of what is there
	for _, at := range []time.Time{now, now, now.Add(time.Minute), now.Add(time.Minute)} {
		if one, ok, _ := e.next(at); ok {
			_ = one.do(t.Context())
		}
	}
	if want := fmt.Sprint([]string{"now00", "late" + now.Add(time.Minute).Format("05")}); fmt.Sprint(did) != want {
		t.Errorf("did %v, want %v", did, want)
	}
	for i := range 2 * mostErrands {
		add(fmt.Sprint(i), time.Time{})
	}
	if len(e.list) != mostErrands {
		t.Errorf("%d errands are kept", len(e.list))
	}
}

func TestSparing(t *testing.T) {
	p := sparing{n: 2, while: time.Hour}
	now := time.Now()
	for i, want := range []bool{true, true, false} {
		if p.allow("a", now) != want {
			t.Errorf("call %d: not %v", i, want)
		}
	}
	if !p.allow("b", now) || !p.allow("a", now.Add(time.Hour)) {
		t.Error("another key, or a later hour, is held back")
	}
	for i := range 3 * mostKeys {
		p.allow(fmt.Sprint(i), now)
	}
	if len(p.seen) > mostKeys {
		t.Errorf("%d keys are kept", len(p.seen))
	}
	if !p.allow("fresh", now.Add(2*time.Hour)) {
		t.Error("a flood that is over still blocks")
	}
}

// A room on a server that is slow to let us in holds up no other.
func TestSlowRoomHoldsUpNobody(t *testing.T) {
	h := newHome(t)
	slow, room := h.room("!slow:test", false, anne), h.room("!r:test", false, anne, bob, me)
	h.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/join/") {
			cut(w)
			return true
		}
		return false
	})
	b := newBench(t, h, func(c *Config) { c.Rooms = []RoomConfig{{Room: slow}, {Room: room}} }).run()
	h.text(room, anne, "bonjour")
	b.text("bonjour")
	if s := b.send(chat.Reply{Key: "k", Room: group(room), Text: "oui"}); s.Err != nil {
		t.Error(s.Err)
	}
}

// A server that hangs on one request of a Send is left within the bound.
func TestHangingServerIsLeft(t *testing.T) {
	h := newHome(t)
	hung, room := h.room("!hung:test", false, anne, bob, me), h.room("!r:test", false, anne, bob, me)
	b := newBench(t, h, func(c *Config) { c.SendTimeout = 100 * time.Millisecond }).run()
	free := make(chan struct{})
	defer close(free)
	h.setFault(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "hung") {
			select {
			case <-free:
			case <-r.Context().Done():
			}
			return true
		}
		return false
	})
	began := time.Now()
	err := b.refused(chat.Reply{Key: "k", Room: group(hung), Text: "x"})
	if !errors.Is(err, chat.ErrDown) || time.Since(began) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	if s := b.send(chat.Reply{Key: "k2", Room: group(room), Text: "x"}); s.Err != nil {
		t.Error(s.Err)
	}
}
