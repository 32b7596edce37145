package irc

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// directory answers WHOIS on a server that has nothing else to say about accounts.
type directory struct {
	mu       sync.Mutex
	accounts map[string]string // by nick
	mute     bool
}

func (d *directory) hook(p *peer, line string) bool {
	nick, ok := strings.CutPrefix(line, "WHOIS ")
	if !ok {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mute {
		return true
	}
	if a := d.accounts[nick]; a != "" {
		p.send(":s.test 330 vigie " + nick + " " + a + " :is logged in as")
	}
	p.send(":s.test 318 vigie " + nick + " :End")
	return true
}

func (d *directory) set(nick, account string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[nick] = account
}

func (d *directory) silence(mute bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mute = mute
}

// plain starts a bot on a server as ngIRCd is: no account-tag, no account-notify, no WHOX.
func plain(t *testing.T, d *directory) (*bot, *peer) {
	return online(t, &network{caps: "multi-prefix sasl", isupport: "CASEMAPPING=ascii CHANTYPES=#", hook: d.hook}, nil)
}

func words(in []chat.Inbound) string {
	var out []string
	for _, m := range messages(in, chat.Text) {
		out = append(out, fmt.Sprint(m.From.Nick, "=", m.From.Account, ":", m.Text))
	}
	return strings.Join(out, "|")
}

// Where the server never says who is logged in, it is asked when somebody speaks; what they say waits for
// the answer, in order, and others are not held up.
func TestServicesOwnWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{accounts: map[string]string{"jean": "jean"}}
		b, p := plain(t, d)
		defer b.stop()
		p.send(":jean!u@h JOIN #support", ":autre!u@h JOIN #support")
		time.Sleep(5 * time.Second)
		if got := messages(b.take(), chat.Alive); len(got) != 1 || got[0].From.Account != "jean" {
			t.Errorf("signs of life: %+v", got)
		}
		time.Sleep(2 * time.Minute)
		d.silence(true)
		p.send(":jean!u@h PRIVMSG #support :un", ":jean!u@h PRIVMSG #support :deux")
		if got := words(b.take()); got != "" {
			t.Errorf("before the answer: %q", got)
		}
		p.send(":s.test 330 vigie jean jean :is", ":autre!u@h PRIVMSG vigie :moi", ":s.test 318 vigie jean :End")
		if got := words(b.take()); got != "jean=jean:un|jean=jean:deux" {
			t.Errorf("after it: %q", got)
		}
		p.send(":s.test 318 vigie autre :End", ":jean!u@h PRIVMSG vigie :trois")
		got := messages(b.take(), chat.Text)
		if len(got) != 2 || got[0].From.Account != "" || got[0].From.Session == "" || got[1].Room.Account != "jean" || got[1].From.Session != "" {
			t.Errorf("in private: %+v", got)
		}
		if n := len(p.lines("WHOIS jean")); n != 2 {
			t.Errorf("the server was asked %d times about one person", n)
		}
	})
}

// On ngIRCd only WHOIS tells that somebody is a bot; what it said before the answer is not heard.
func TestBotFoundByWhois(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{accounts: map[string]string{}}
		b, p := plain(t, d)
		defer b.stop()
		p.send(":robot!u@h JOIN #support")
		time.Sleep(2 * time.Minute)
		d.silence(true)
		b.take()
		p.send(":robot!u@h PRIVMSG #support :vigie: aide")
		synctest.Wait()
		p.send(":s.test 335 vigie robot :is an IRC Bot", ":s.test 318 vigie robot :End", ":robot!u@h PRIVMSG #support :vigie: encore")
		if got := words(b.take()); got != "" {
			t.Errorf("delivered %q", got)
		}
	})
}

// The word is about whoever has the nick at that moment: words of somebody who has left it, or gone, are a stranger's.
func TestNobodyInheritsAWord(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after []string // between them and the answer
		want          string
	}{
		"gone":           {[]string{":jean!u@h PRIVMSG #support :à moi"}, []string{":jean!u@h QUIT :x", ":jean!other@h JOIN #support"}, "jean=:à moi"},
		"parted":         {[]string{":jean!u@h PRIVMSG #support :à moi"}, []string{":jean!u@h PART #support"}, "jean=:à moi"},
		"renamed":        {[]string{":jean!u@h PRIVMSG #support :à moi"}, []string{":jean!u@h NICK pierre", ":vrai!u@h JOIN #support", ":vrai!u@h NICK jean"}, "jean=:à moi"},
		"never answered": {[]string{":jean!u@h PRIVMSG #support :à moi"}, nil, "jean=:à moi"},
		"out of sight":   {[]string{":loin!u@h PRIVMSG vigie :à moi"}, nil, "loin=:à moi"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &directory{accounts: map[string]string{}}
				b, p := plain(t, d)
				defer b.stop()
				p.send(":jean!u@h JOIN #support")
				time.Sleep(2 * time.Minute)
				d.silence(true)
				b.take()
				p.send(tt.before...)
				synctest.Wait()
				p.send(tt.after...)
				synctest.Wait()
				if tt.after != nil {
					p.send(":s.test 330 vigie jean jean :is", ":s.test 318 vigie jean :End", ":s.test 318 vigie pierre :End")
				}
				time.Sleep(10 * time.Second)
				if got := words(b.take()); got != tt.want {
					t.Errorf("delivered %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// Who logs in later is known a minute later at most; a crowd makes the bot ask no more than it can.
func TestWordsGrowOldAndAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{accounts: map[string]string{}}
		b, p := plain(t, d)
		defer b.stop()
		p.send(":jean!u@h JOIN #support")
		time.Sleep(5 * time.Second)
		d.set("jean", "jean")
		time.Sleep(time.Minute)
		p.send(":jean!u@h PRIVMSG #support :un")
		time.Sleep(3 * time.Second)
		if got := words(b.take()); got != "jean=jean:un" {
			t.Errorf("a minute after the login: %q", got)
		}
		d.silence(true)
		time.Sleep(2 * time.Minute)
		before := len(p.lines("WHOIS"))
		for i := range 500 {
			p.send(fmt.Sprintf(":n%d!u@h JOIN #support", i), fmt.Sprintf(":n%d!u@h PRIVMSG #support :x", i))
		}
		for range 200 {
			p.send(":jean!u@h PRIVMSG #support :encore")
		}
		time.Sleep(time.Minute)
		if got := messages(b.take(), chat.Text); len(got) != 700 {
			t.Errorf("%d messages of 700", len(got))
		}
		if n := len(p.lines("WHOIS")) - before; n > 2*maxVouch {
			t.Errorf("500 people made the bot ask %d times", n)
		}
		if n := len(b.session().awaited); n != 0 {
			t.Errorf("%d people are still awaited", n)
		}
	})
}
