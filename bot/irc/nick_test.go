package irc

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// nicks is a server on which some nicks are taken.
type nicks struct {
	mu    sync.Mutex
	taken map[string]bool
}

func (n *nicks) has(nick string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.taken[nick]
}

func (n *nicks) free(nick string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.taken, nick)
}

// hook answers NICK as such a server does, before and after the welcome.
func (n *nicks) hook(p *peer, line string) bool {
	nick, ok := strings.CutPrefix(line, "NICK ")
	switch {
	case !ok:
		return false
	case n.has(nick):
		p.send(":s.test 433 " + p.nick + " " + nick + " :in use")
		return true
	case len(p.lines2("CAP END")) > 0:
		p.send(":" + p.nick + "!vigie@bots.test NICK :" + nick)
	}
	return false
}

func newNicks(taken ...string) *nicks {
	n := &nicks{taken: map[string]bool{}}
	for _, t := range taken {
		n.taken[t] = true
	}
	return n
}

// lines2 is lines from inside the server's own goroutine.
func (p *peer) lines2(prefix string) (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.got {
		if strings.HasPrefix(l, prefix) {
			out = append(out, l)
		}
	}
	return out
}

// Under another nick the bot is there and says nothing; it asks services for its own, in turn and not for ever fast,
// and looks whether it is free.
func TestSilentUnderAnotherNick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := newNicks("vigie", "vigie_")
		n := &network{hook: held.hook, taken: held.has}
		b := start(t, n, nil)
		defer b.stop()
		time.Sleep(2 * time.Second)
		p := n.last()
		if got := p.lines("NICK"); !slices.Equal(got, []string{"NICK vigie", "NICK vigie_", "NICK vigie1"}) {
			t.Fatalf("nicks: %q", got)
		}
		if err := b.Send(t.Context(), public("k", "bonjour")); !errors.Is(err, chat.ErrDown) {
			t.Errorf("Send under another nick = %v", err)
		}
		time.Sleep(2 * time.Minute)
		want := []string{"PRIVMSG NickServ :REGAIN vigie", "PRIVMSG NickServ :RECOVER vigie", "PRIVMSG NickServ :GHOST vigie", "PRIVMSG NickServ :REGAIN vigie"}
		if got := p.lines("PRIVMSG"); !slices.Equal(got, want) {
			t.Errorf("said: %q", got)
		}
		if got := ups(b.take()); !slices.Equal(got, []bool{false}) {
			t.Errorf("status: %v", got)
		}
		if err := errorOf(b.session().nickTrouble()); !strings.Contains(err, "somebody has the nick vigie") || !strings.Contains(err, "vigie1") {
			t.Errorf("trouble: %s", err)
		}
		held.free("vigie")
		time.Sleep(31 * time.Second)
		if nick := b.session().me.nick; nick != "vigie" {
			t.Errorf("ISON says that the nick is free, and the bot is %s", nick)
		}
		if got := ups(b.take()); !slices.Equal(got, []bool{true}) {
			t.Errorf("status: %v", got)
		}
		if err := <-b.send(public("k", "bonjour")); err != nil {
			t.Errorf("under its own nick again: %v", err)
		}
	})
}

func errorOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Silence ends: a bot that never speaks helps nobody. The team is told.
func TestSpeaksUnderAnotherNickInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := newNicks("vigie")
		b := start(t, &network{hook: held.hook, taken: held.has}, func(c *Config) { c.QuietOnAltNick = time.Minute })
		defer b.stop()
		time.Sleep(65 * time.Second)
		sts := only[chat.Status](b.take())
		if last := sts[len(sts)-1]; !last.Up || last.Err == nil || !strings.Contains(last.Err.Error(), "speaks as vigie_") {
			t.Errorf("status: %+v", last)
		}
		if err := <-b.send(public("k", "bonjour")); err != nil {
			t.Errorf("Send = %v", err)
		}
		time.Sleep(2 * time.Hour)
		if got := len(b.net.last().lines("PRIVMSG NickServ")); got < 10 || got > 20 {
			t.Errorf("services were asked %d times in two hours", got)
		}
	})
}

// MONITOR tells at once; the holder's own leaving is seen in the channel.
func TestNickIsTakenBackAtOnce(t *testing.T) {
	for name, tt := range map[string]struct{ support, line string }{
		"MONITOR": {"MONITOR=100", ":s.test 731 vigie_ :autre,Vigie"},
		"quits":   {"", ":vigie!x@y QUIT :bye"},
		"renames": {"", ":vigie!x@y NICK autre"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				held := newNicks("vigie")
				n := &network{hook: held.hook, taken: held.has, isupport: "CASEMAPPING=ascii CHANTYPES=# WHOX " + tt.support}
				b := start(t, n, func(c *Config) { c.Services.Disabled = true })
				defer b.stop()
				time.Sleep(10 * time.Second)
				p := n.last()
				if got := len(p.lines("MONITOR + vigie")); (got == 1) != (tt.support != "") {
					t.Errorf("MONITOR was asked for %d times", got)
				}
				if got := p.lines("PRIVMSG"); len(got) != 0 {
					t.Errorf("services are off, and were asked: %q", got)
				}
				held.free("vigie")
				p.send(tt.line)
				time.Sleep(2 * time.Second)
				if nick := b.session().me.nick; nick != "vigie" {
					t.Errorf("the freed nick was not taken back: %s", nick)
				}
			})
		})
	}
}

// Services that enforce a nick rename who has not logged in to it in time: the bot falls silent and comes back.
func TestServicesRenameTheBot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := newNicks()
		b, p := online(t, &network{hook: held.hook, taken: held.has}, nil)
		defer b.stop()
		p.send(":vigie!vigie@bots.test NICK Guest42")
		synctest.Wait()
		if err := b.Send(t.Context(), public("k", "x")); !errors.Is(err, chat.ErrDown) {
			t.Errorf("Send as Guest42 = %v", err)
		}
		p.mu.Lock()
		p.nick = "Guest42"
		p.mu.Unlock()
		time.Sleep(10 * time.Second)
		if nick := b.session().me.nick; nick != "vigie" {
			t.Errorf("still %s", nick)
		}
		if got := ups(b.take()); !slices.Equal(got, []bool{false, true}) {
			t.Errorf("status: %v", got)
		}
	})
}

// A server with short nicks cuts the bot's: that is then its name, and no reason for silence.
func TestNickCutByTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{isupport: "CASEMAPPING=ascii CHANTYPES=# NICKLEN=5", hook: func(p *peer, line string) bool {
			if strings.HasPrefix(line, "NICK ") {
				p.nick = "vigie"
				return true
			}
			return false
		}}
		b, _ := online(t, n, func(c *Config) { c.Nick = "vigie-du-port" })
		defer b.stop()
		if err := <-b.send(public("k", "bonjour")); err != nil {
			t.Errorf("Send = %v", err)
		}
	})
}

func TestEveryNickTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(p *peer, line string) bool {
			nick, ok := strings.CutPrefix(line, "NICK ")
			if ok {
				p.send(":s.test 433 * " + nick + " :in use")
			}
			return ok || line == "CAP END" // nobody without a nick is welcome
		}}
		b := start(t, n, nil)
		defer b.stop()
		time.Sleep(time.Second)
		got := only[chat.Status](b.take())
		if len(got) == 0 || got[0].Up || !strings.Contains(got[0].Err.Error(), "choose another nick") {
			t.Errorf("status: %+v", got)
		}
	})
}
