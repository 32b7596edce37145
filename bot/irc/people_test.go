package irc

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// A private reply follows the account, through nick changes, and never reaches
// whoever took the nick.
func TestPrivateFollowsTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		say := func(key string) error { return <-b.send(private(key, "jean", "jean", "secret "+key)) }

		p.send(":jean!u@h JOIN #support jean :Jean")
		if err := say("a"); err != nil || len(p.lines("NOTICE jean :secret a")) != 1 {
			t.Errorf("in sight: %v", err)
		}
		p.send(":jean!u@h NICK jean_absent", ":thief!u@h JOIN #support * :x", ":thief!u@h NICK jean")
		if err := say("b"); err != nil || len(p.lines("NOTICE jean_absent :secret b")) != 1 {
			t.Errorf("under another nick: %v, %q", err, p.lines("NOTICE"))
		}
		p.send(":jean_absent!u@h ACCOUNT *")
		if err := say("c"); !errors.Is(err, chat.ErrAway) {
			t.Errorf("logged out: %v", err)
		}
		p.send(":jean_absent!u@h ACCOUNT jean")
		if got := messages(b.take(), chat.Alive); len(got) != 1 || got[0].From.Account != "jean" || got[0].Room.Account != "jean" {
			t.Errorf("sign of life: %+v", got)
		}
		p.send(":jean_absent!u@h QUIT :*.net *.split")
		if err := say("d"); !errors.Is(err, chat.ErrAway) {
			t.Errorf("gone: %v", err)
		}
		p.send(":jean_absent!evil@h JOIN #support * :x")
		if err := say("e"); !errors.Is(err, chat.ErrAway) {
			t.Errorf("after the netsplit somebody else has the nick: %v", err)
		}
		if got := p.lines("NOTICE jean :"); len(got) != 1 {
			t.Errorf("the thief read %q", got)
		}
	})
}

// Who shares no channel is asked about at that moment.
func TestPrivateAsksWhois(t *testing.T) {
	for account, want := range map[string]error{"jean": nil, "evil": chat.ErrAway, "": chat.ErrAway} {
		t.Run("account "+account, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{hook: func(p *peer, line string) bool {
					if line == "WHOIS Jean" && account != "" {
						p.send(":s.test 330 vigie Jean " + account + " :is logged in as")
					}
					return false
				}}
				b, p := online(t, n, nil)
				defer b.stop()
				if err := <-b.send(private("k", "Jean", "jean", "bonjour")); !errors.Is(err, want) {
					t.Errorf("Send = %v, want %v", err, want)
				}
				if got := len(p.lines("NOTICE Jean :bonjour")); (got == 1) != (want == nil) {
					t.Errorf("%d lines written", got)
				}
			})
		})
	}
}

// Out of sight, the account is looked for under the nick of the room, the one
// last seen in private, and its own name.
func TestPrivateLooksForTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logged := "Jeannot"
		n := &network{hook: func(p *peer, line string) bool {
			if nick, ok := strings.CutPrefix(line, "WHOIS "); ok && nick == logged {
				p.send(":s.test 330 vigie " + nick + " jean :is logged in as")
			}
			return false
		}}
		b, p := online(t, n, func(c *Config) { c.Rate = 0.3 })
		defer b.stop()
		p.send("@account=jean :Jeannot!u@h PRIVMSG vigie :bonjour", ":autre!u@h JOIN #support autre :x")
		if err := <-b.send(private("a", "autre", "jean", "un")); err != nil || len(p.lines("NOTICE Jeannot :un")) != 1 {
			t.Errorf("under the nick last seen: %v, %q", err, p.lines("NOTICE"))
		}
		time.Sleep(time.Minute)
		logged = "jean"
		c := b.send(private("b", "", "jean", "deux"))
		time.Sleep(time.Minute)
		if err := <-c; err != nil || len(p.lines("NOTICE jean :deux")) != 1 {
			t.Errorf("under its own name: %v, %q", err, p.lines("NOTICE"))
		}
		synctest.Wait()
		logged = "nobody"
		time.Sleep(time.Minute)
		c = b.send(private("c", "x", "jean", "trois"))
		time.Sleep(time.Minute)
		if err := <-c; !errors.Is(err, chat.ErrAway) {
			t.Errorf("nowhere: %v", err)
		}
	})
}

func TestWhoisWithoutAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := online(t, &network{hook: func(_ *peer, line string) bool { return strings.HasPrefix(line, "WHOIS") }}, nil)
		defer b.stop()
		c := b.send(private("k", "jean", "jean", "bonjour"))
		time.Sleep(20 * time.Second)
		if err := <-c; !errors.Is(err, chat.ErrAway) {
			t.Errorf("Send = %v", err)
		}
	})
}

// A long private answer stops when the person goes in the middle of it.
func TestPrivateStopsInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, func(c *Config) { c.Burst, c.Rate = 1, 0.5 })
		defer b.stop()
		p.send(":jean!u@h JOIN #support jean :Jean")
		c := b.send(private("k", "jean", "jean", "un\ndeux\ntrois"))
		time.Sleep(3 * time.Second)
		p.send(":jean!u@h QUIT :x", ":jean!evil@h JOIN #support evil :x")
		if err := <-c; err != nil {
			t.Errorf("Send = %v, but a line was written", err)
		}
		if s := b.outcome("k"); !errors.Is(s.Err, chat.ErrAway) {
			t.Errorf("outcome: %+v", s)
		}
		if got := p.lines("NOTICE"); len(got) == 0 || len(got) == 3 {
			t.Errorf("written: %q", got)
		}
	})
}

func TestAccountsWithoutAccountTag(t *testing.T) {
	for name, tt := range map[string]struct{ caps, want string }{
		"extended-join and account-notify": {"account-notify extended-join sasl", "jean"},
		"nothing follows logouts":          {"extended-join sasl", ""},
		"nothing at all":                   {"sasl", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, p := online(t, &network{caps: tt.caps, isupport: "CASEMAPPING=rfc1459"}, nil)
				defer b.stop()
				p.send(":je[an!u@h JOIN #support jean :Jean", "@account=forged :je{an!u@h PRIVMSG #support :bonjour")
				got := messages(b.take(), chat.Text)
				if len(got) != 1 || got[0].From.Account != tt.want {
					t.Errorf("messages: %+v", got)
				}
				p.send(":je[an!u@h PART #support", ":je[an!u@h PRIVMSG vigie :encore")
				if got := messages(b.take(), chat.Text); len(got) != 1 || got[0].From.Account != "" {
					t.Errorf("out of sight: %+v", got)
				}
			})
		})
	}
}

func TestWhoxLearnsWhoIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(p *peer, line string) bool {
			if line == "WHO #Support %tcuhnfar,617" {
				p.send(":s.test 354 vigie 617 #Support u h jean H jean Jean", ":s.test 354 vigie 617 #Support u h anonyme H 0",
					":s.test 354 vigie 999 #Support u h forged H root", ":s.test 315 vigie #Support :End")
				return true
			}
			return false
		}}
		b := start(t, n, nil)
		defer b.stop()
		time.Sleep(10 * time.Second)
		if got := messages(b.take(), chat.Join); len(got) != 1 || got[0].From.Account != "jean" {
			t.Errorf("seen at start: %+v", got)
		}
		if p := b.session().people["anonyme"]; p == nil || !p.known || p.account != "" {
			t.Errorf("the anonymous person: %+v", p)
		}
	})
}

func TestFolding(t *testing.T) {
	for _, tt := range []struct{ mapping, in, want string }{
		{"ascii", "#A[É]~^", "#a[É]~^"}, {"rfc1459", "#A[]\\^~", "#a{}|~~"}, {"strict-rfc1459", "#A[]\\^", "#a{}|^"}, {"precis", "#É", "#é"},
	} {
		if got := folder(tt.mapping)(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.mapping, got, tt.want)
		}
	}
}

func TestOwnPrefixIsLearnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		if got := b.session().prefixLen(); got != len("vigie!vigie@bots.test") {
			t.Errorf("from the join: %d", got)
		}
		p.send(":s.test 396 vigie cloak.example :is now your displayed host")
		synctest.Wait()
		if got := b.session().prefixLen(); got != len("vigie!vigie@cloak.example") {
			t.Errorf("from 396: %d", got)
		}
		p.send(":vigie!vigie@cloak.example CHGHOST v h")
		synctest.Wait()
		if got := b.session().prefixLen(); got != len("vigie!v@h") {
			t.Errorf("from CHGHOST: %d", got)
		}
	})
}
