package irc

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// After a restart one look at each room's history settles all its uncertain replies at once, those that had arrived
// cost nothing, and the others are written at the full rate.
func TestOneLookForARoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var past []string
		for i := range 20 {
			past = append(past, fmt.Sprintf("@msgid=a%d;%s=%s :vigie!vigie@bots.test PRIVMSG #support :ligne %d", i, markTag, mark(fmt.Sprint("k", i), 0, 1), i))
		}
		n := &network{hook: playback(past...)}
		b, p := online(t, n, nil)
		defer b.stop()
		began := time.Now()
		var results []<-chan error
		for i := range 24 {
			r := public(fmt.Sprint("k", i), fmt.Sprint("ligne ", i))
			r.Maybe = true
			results = append(results, b.send(r))
		}
		for _, c := range results {
			if err := <-c; err != nil {
				t.Errorf("Send = %v", err)
			}
		}
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("20 that had arrived and 4 that had not took %v", d)
		}
		if got := p.lines("CHATHISTORY"); len(got) != 1 {
			t.Errorf("looks: %q", got)
		}
		if got := p.lines("PRIVMSG"); len(got) != 4 {
			t.Errorf("written: %q", got)
		}
		for _, s := range only[chat.Sent](b.take()) {
			if s.Err != nil || s.Proof == "" {
				t.Errorf("outcome: %+v", s)
			}
		}
	})
}

// A look says nothing of what was written after it, or much later by another process.
func TestALookGrowsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := true
		n := &network{}
		n.hook = func(_ *peer, line string) bool {
			_, bare := untag(line)
			return silent && strings.HasPrefix(bare, "PRIVMSG") // taken, and no echo comes
		}
		b, p := online(t, n, func(c *Config) { c.ProofTimeout = 5 * time.Second })
		defer b.stop()
		maybe := func(key string) {
			r := public(key, "ligne "+key)
			r.Maybe = true
			if err := <-b.send(r); err != nil {
				t.Errorf("Send = %v", err)
			}
			b.outcome(key)
		}
		maybe("a") // a first look, then written without proof
		maybe("a") // the look is older than that writing
		if got := len(p.lines("CHATHISTORY")); got != 2 {
			t.Errorf("%d looks, want one after the writing", got)
		}
		synctest.Wait()
		silent = false
		maybe("b") // a reply of an earlier life: the second look is fresh enough
		if got := len(p.lines("CHATHISTORY")); got != 2 {
			t.Errorf("%d looks, want none for another reply", got)
		}
		time.Sleep(time.Minute)
		maybe("c")
		if got := len(p.lines("CHATHISTORY")); got != 3 {
			t.Errorf("%d looks, want a new one after a minute", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(b.session().looks); n != 0 {
			t.Errorf("%d looks are kept", n)
		}
	})
}
