package irc

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// What has lost its use while it waited for the rate, or for the channel, is never written; what is behind it is.
func TestStaleRowsAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, func(c *Config) { c.Burst, c.Rate = 1, 0.5 })
		defer b.stop()
		var late []<-chan error
		for i := range 5 {
			b.send(public(fmt.Sprint("k", i), fmt.Sprint("ligne ", i)))
			r := public(fmt.Sprint("late", i), "trop tard")
			r.Kind, r.Priority, r.Expires = chat.Say, chat.Digest, time.Now().Add(time.Second)
			late = append(late, b.send(r))
		}
		time.Sleep(20 * time.Second)
		for _, c := range late {
			if err := <-c; !errors.Is(err, chat.ErrDown) {
				t.Errorf("a stale reply: %v", err)
			}
		}
		if got := p.lines("PRIVMSG"); len(got) != 5 {
			t.Errorf("written: %q", got)
		}
		if got := only[chat.Sent](b.take()); len(got) != 5 {
			t.Errorf("outcomes: %+v", got)
		}
	})
}

// A second "Excess Flood" halves the rate again, never to nothing; it climbs back by a quarter a minute, and no further than configured.
func TestRateFallsAndClimbs(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := speed{full: 2, now: 2}
	for range 20 {
		s.halve(now)
	}
	if s.now != 0.125 {
		t.Errorf("after 20 floods %g lines a second", s.now)
	}
	minutes := 0
	for ; s.now < s.full && minutes < 100; minutes++ {
		now = now.Add(time.Minute)
		before := s.now
		s.climb(now)
		if s.now > before*1.2500001 || s.now > s.full {
			t.Fatalf("from %g to %g in a minute", before, s.now)
		}
		s.climb(now.Add(time.Second)) // not twice a minute
		if s.now > before*1.2500001 {
			t.Fatalf("twice in a minute: %g", s.now)
		}
	}
	if minutes != 13 {
		t.Errorf("it takes %d minutes to climb back", minutes)
	}
}
