package irc

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b := start(t, n, nil)
		time.Sleep(5 * time.Second)
		p := n.last()
		if got := p.lines("JOIN"); len(got) != 1 || got[0] != "JOIN #Support" {
			t.Errorf("joins: %q", got)
		}
		if got := p.lines("MODE"); len(got) != 1 || got[0] != "MODE vigie +B" {
			t.Errorf("bot mode: %q", got)
		}
		if got := p.lines("AUTHENTICATE"); len(got) != 4 || got[0] != "AUTHENTICATE SCRAM-SHA-256" || got[3] != "AUTHENTICATE +" {
			t.Errorf("login: %q", got)
		}
		if got := ups(b.take()); len(got) != 1 || !got[0] {
			t.Errorf("status: %v", got)
		}
		b.stop()
		if got := p.lines("QUIT"); len(got) != 1 {
			t.Errorf("the bot left without a word: %q", got)
		}
	})
}

func TestOneRefusedCapabilityLosesOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{nak: []string{"echo-message"}}
		b := start(t, n, nil)
		defer b.stop()
		time.Sleep(5 * time.Second)
		if len(n.last().lines("JOIN")) != 1 {
			t.Error("the bot did not come in")
		}
		if b.session().caps["echo-message"] || !b.session().caps["account-tag"] {
			t.Errorf("capabilities: %v", b.session().caps)
		}
	})
}

func TestNeverOnlineWithoutLogin(t *testing.T) {
	for name, n := range map[string]*network{
		"no sasl":      {caps: "server-time message-tags"},
		"other sasl":   {caps: "sasl=EXTERNAL"},
		"sasl refused": {nak: []string{"sasl"}},
		"no CAP": {hook: func(p *peer, line string) bool {
			if strings.HasPrefix(line, "USER") {
				p.welcome()
			}
			return strings.HasPrefix(line, "CAP")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, n, nil)
				time.Sleep(40 * time.Second)
				synctest.Wait()
				for _, p := range n.peers {
					if got := append(p.lines("JOIN"), p.lines("PRIVMSG")...); len(got) > 0 {
						t.Errorf("unauthenticated, the bot did %q", got)
					}
				}
				if n.count() < 3 {
					t.Errorf("the bot tried %d times only", n.count())
				}
				sts := b.take()
				if got := ups(sts); len(got) != 1 || got[0] {
					t.Errorf("status: %v", got)
				}
				b.stop()
			})
		})
	}
}

// answering makes a hook that answers one line.
func answering(line string, answers ...string) func(*peer, string) bool {
	return func(p *peer, got string) bool {
		if _, bare := untag(got); bare != line {
			return false
		}
		p.send(answers...)
		return true
	}
}

func TestRefusedPasswordEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{caps: "sasl=PLAIN", hook: func(p *peer, line string) bool {
			if !strings.HasPrefix(line, "AUTHENTICATE dm") {
				return false
			}
			p.send(":s.test 904 vigie :SASL authentication failed for " + secretCanary)
			return true
		}}
		b := start(t, n, nil)
		err := <-b.done
		if err == nil || !strings.Contains(err.Error(), "correct sasl") {
			t.Errorf("Run = %v", err)
		}
		if strings.Contains(err.Error(), secretCanary) {
			t.Errorf("the password is in the error: %v", err)
		}
	})
}

func TestUnauthenticatedWhenAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{caps: "server-time"}
		b := start(t, n, func(c *Config) { c.SASL, c.Unauthenticated = nil, true })
		defer b.stop()
		time.Sleep(3 * time.Second)
		if len(n.last().lines("JOIN")) != 1 {
			t.Error("the bot did not join")
		}
	})
}

func TestExternal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b := idle(t, n, nil)
		b.cfg.SASL = &SASL{Mechanism: mechExternal, Account: "vigie"}
		b.run(nil)
		defer b.stop()
		time.Sleep(3 * time.Second)
		if got := n.last().lines("AUTHENTICATE"); len(got) != 2 || got[0] != "AUTHENTICATE EXTERNAL" || got[1] != "AUTHENTICATE dmlnaWU=" {
			t.Errorf("login: %q", got)
		}
	})
}

// The example is the one of RFC 7677.
func TestScram(t *testing.T) {
	c := &scram{user: "user", password: "pencil", nonce: "rOprNGfwEbeRWgbNEkqO"}
	first, _ := c.step(nil)
	if string(first) != "n,,n=user,r=rOprNGfwEbeRWgbNEkqO" {
		t.Fatalf("first: %q", first)
	}
	server := "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
	final, err := c.step([]byte(server))
	if err != nil || string(final) != "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=" {
		t.Fatalf("final: %q, %v", final, err)
	}
	if _, err := c.step([]byte("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")); err != nil {
		t.Errorf("the honest server is refused: %v", err)
	}
	if _, err := c.step([]byte("v=AAAA")); err == nil {
		t.Error("a server that does not know the password is believed")
	}
}

func TestReconnectsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{refuse: errors.New("no route")}
		b := start(t, n, nil)
		defer b.stop()
		time.Sleep(time.Hour)
		tries := len(b.take())
		if tries < 50 || tries > 200 {
			t.Errorf("%d tries in an hour without network", tries)
		}
		n.mu.Lock()
		n.refuse = nil
		n.mu.Unlock()
		time.Sleep(90 * time.Second)
		if got := ups(b.take()); len(got) == 0 || !got[len(got)-1] {
			t.Errorf("status: %v", got)
		}
		n.last().conn.Close()
		time.Sleep(90 * time.Second)
		if got := ups(b.take()); len(got) != 2 || got[0] || !got[1] {
			t.Errorf("after a cut: %v", got)
		}
	})
}

// A server that keeps an account's channels puts the bot in them by itself.
func TestChannelsKeptByTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(p *peer, line string) bool {
			if line == "CAP END" {
				p.send(":s.test 001 vigie :Welcome", ":vigie!vigie@bots.test JOIN #support vigie :Vigie",
					":s.test 005 vigie CHANTYPES=# :ok", ":s.test 376 vigie :End")
				return true
			}
			return false
		}}
		b := start(t, n, nil)
		defer b.stop()
		time.Sleep(3 * time.Second)
		if err := <-b.send(public("k", "bonjour")); err != nil {
			t.Errorf("Send = %v", err)
		}
		if got := append(n.last().lines("PART"), n.last().lines("JOIN")...); len(got) != 0 {
			t.Errorf("needless: %q", got)
		}
	})
}

// Keys stand for the first channels of a line, several of which make one JOIN.
func TestJoinsSeveralChannelsALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Setenv("VIGIE_TEST_KEY", "clef")
		n := &network{isupport: "CHANTYPES=# TARGMAX=JOIN:3"}
		b := start(t, n, func(c *Config) {
			c.Channels = []Channel{{Name: "#a"}, {Name: "#b", KeyEnv: "VIGIE_TEST_KEY"}, {Name: "#c"}, {Name: "#d", KeyEnv: "VIGIE_TEST_KEY"},
				{Name: "#e"}, {Name: "#f"}, {Name: "#g"}}
		})
		defer b.stop()
		time.Sleep(20 * time.Second)
		want := "JOIN #a|JOIN #b,#c clef|JOIN #d,#e,#f clef|JOIN #g"
		if got := strings.Join(n.last().lines("JOIN"), "|"); got != want {
			t.Errorf("joins: %q, want %q", got, want)
		}
	})
}
