package irc

import (
	"cmp"
	"errors"
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

// In a room where people talk without end, a look goes back page by page to when the reply may have been written; where
// it cannot go back that far, it says so, and the reply is not said as if for the first time.
func TestALookGoesBackFarEnough(t *testing.T) {
	for name, tt := range map[string]struct {
		after   int           // lines said since the first attempt
		age     time.Duration // of the first attempt
		there   bool          // it had arrived
		proof   string
		err     error
		written int
	}{
		"there, below the talk":     {600, time.Minute, true, "mine", nil, 0},
		"not there":                 {600, time.Minute, false, "id", nil, 1},
		"there, in a quiet room":    {3, time.Minute, true, "mine", nil, 0},
		"not there, in a new room":  {0, time.Minute, false, "id", nil, 1},
		"further back than it goes": {6000, time.Minute, true, "", chat.ErrUnknown, 0},
		"forgotten by the server":   {300, time.Hour, false, "", chat.ErrUnknown, 0},
		"not known since when":      {600, 0, true, "", chat.ErrUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newTown(allCaps)
				b, p := online(t, n.network, func(c *Config) { c.Rate = 20 })
				defer b.stop()
				r := public("k", "une ligne")
				r.Maybe = true
				stamp := func(back time.Duration) string {
					return "time=" + time.Now().Add(-back).UTC().Format("2006-01-02T15:04:05.000Z")
				}
				if tt.age > 0 {
					r.Since = time.Now().Add(-tt.age)
				}
				if tt.age > 0 && tt.age < time.Hour {
					n.note(stamp(tt.age+time.Hour)+";msgid=old", ":anne!a@h PRIVMSG #support :hier")
				}
				if tt.there {
					n.note(stamp(cmp.Or(tt.age, time.Minute)-time.Second)+";msgid=mine;"+markTag+"="+mark("k", 0, 1), ":vigie!vigie@bots.test PRIVMSG #support :une ligne")
				}
				for i := range tt.after {
					n.note(fmt.Sprintf("%s;msgid=t%d", stamp(30*time.Second-time.Duration(i)*time.Millisecond), i), ":anne!a@h PRIVMSG #support :blabla")
				}
				if err := <-b.send(r); err != nil {
					t.Fatal(err)
				}
				s := b.outcome("k")
				if !strings.HasPrefix(s.Proof, tt.proof) || !errors.Is(s.Err, tt.err) || (s.Proof == "") == (s.Err == nil) {
					t.Errorf("outcome: %+v", s)
				}
				if got := p.lines("PRIVMSG"); len(got) != tt.written {
					t.Errorf("written: %q", got)
				}
			})
		})
	}
}

// The history of a private conversation ends with the link on many servers: that it shows nothing proves nothing.
func TestAnEmptyPrivateHistoryProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(allCaps)
		b, p := online(t, n.network, nil)
		defer b.stop()
		r := private("k", "anne", "", "une ligne")
		r.Maybe, r.Since = true, time.Now().Add(-time.Minute)
		if err := <-b.send(r); err != nil {
			t.Fatal(err)
		}
		if s := b.outcome("k"); !errors.Is(s.Err, chat.ErrUnknown) {
			t.Errorf("outcome: %+v", s)
		}
		if got := p.lines("NOTICE"); len(got) != 0 {
			t.Errorf("written: %q", got)
		}
	})
}
