package irc

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// Standard replies refuse, warn and remark; only a refusal ends a reply, and no line of them is taken for a message.
func TestStandardReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{caps: noEcho, hook: func(p *peer, line string) bool {
			if _, bare := untag(line); strings.HasPrefix(bare, "PRIVMSG") {
				p.send("WARN PRIVMSG SLOW_DOWN :soon too much", "NOTE * WELCOME :hello", "FAIL", "WARN", "NOTE")
				if strings.Contains(bare, "refusé") {
					p.send("FAIL PRIVMSG INVALID_UTF8 :no")
					return true
				}
			}
			return false
		}}
		b, _ := online(t, n, nil)
		defer b.stop()
		<-b.send(public("a", "accepté"))
		if s := b.outcome("a"); s.Err != nil {
			t.Errorf("warned of: %+v", s)
		}
		<-b.send(public("b", "refusé"))
		if s := b.outcome("b"); !errors.Is(s.Err, chat.ErrRefused) || !strings.Contains(s.Err.Error(), "INVALID_UTF8") {
			t.Errorf("refused without a label: %+v", s)
		}
	})
}

// Capabilities come and go on a living link: each loss is survived, each gain used.
func TestCapabilitiesComeAndGo(t *testing.T) {
	for _, name := range wanted {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, p := online(t, &network{caps: multiCaps + " setname away-notify invite-notify userhost-in-names draft/event-playback", hook: echoBatch}, nil)
				defer b.stop()
				if !b.session().caps[name] {
					t.Fatalf("%s was offered and is not on", name)
				}
				p.send(":s.test CAP vigie DEL :" + name)
				synctest.Wait()
				if b.session().caps[name] {
					t.Error("it is gone, and still on")
				}
				if name == "echo-message" {
					b.net.caps = noEcho // and the server acts on it
				}
				if err := <-b.send(public("k1", "un\ndeux")); err != nil {
					t.Errorf("Send = %v", err)
				}
				b.outcome("k1")
				b.net.caps = multiCaps
				p.send(":s.test CAP vigie NEW :" + name + "=x=y other")
				time.Sleep(time.Second)
				if got := p.lines("CAP REQ " + name); len(got) == 0 || got[len(got)-1] != "CAP REQ "+name || !b.session().caps[name] {
					t.Errorf("it came back, and was asked for %d times", len(got))
				}
				if got := p.lines("CAP REQ other"); len(got) != 0 {
					t.Errorf("asked for %q", got)
				}
			})
		})
	}
}

// Every single refusal is survived, and costs nothing but itself.
func TestEachRefusedCapability(t *testing.T) {
	for _, name := range wanted {
		synctest.Test(t, func(t *testing.T) {
			caps := multiCaps + " setname away-notify invite-notify userhost-in-names draft/event-playback"
			n := &network{caps: caps, hook: echoBatch, nak: []string{name}}
			b, p := online(t, n, nil)
			defer b.stop()
			on := 0
			for _, v := range b.session().caps {
				if v {
					on++
				}
			}
			if b.session().caps[name] || on != len(wanted) { // the others, and sasl
				t.Errorf("without %s: %v", name, b.session().caps)
			}
			if !slices.Contains(p.lines("JOIN"), "JOIN #Support") {
				t.Errorf("without %s it does not come in", name)
			}
			if err := <-b.send(public("k", "bonjour")); err != nil {
				t.Errorf("without %s: Send = %v", name, err)
			}
		})
	}
}

// CAP LS in several lines, with values, is one list.
func TestCapabilitiesInSeveralLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(p *peer, line string) bool {
			if line != "CAP LS 302" {
				return false
			}
			p.send(":s.test CAP * LS * :server-time batch message-tags", ":s.test CAP * LS * :account-tag unknown=1,2", ":s.test CAP * LS :sasl=PLAIN echo-message")
			return true
		}}
		b, p := online(t, n, nil)
		defer b.stop()
		if got := p.lines("CAP REQ"); len(got) != 1 || len(strings.Fields(got[0])) != 8 || !b.session().caps["account-tag"] || !b.session().caps["echo-message"] {
			t.Errorf("asked for %q", p.lines("CAP REQ"))
		}
	})
}
