package irc

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// NAMES tells who is there, with masks where the server has userhost-in-names and whatever the signs in front.
func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{isupport: "CASEMAPPING=ascii CHANTYPES=# PREFIX=(qov)~@+"}, nil)
		defer b.stop()
		p.send(":s.test 353 vigie = #Support :~@jean!u@h.test +claire vigie!v@h @", ":s.test 353 vigie = #autre :x!y@z", ":s.test 353")
		s := b.session()
		if j := s.people["jean"]; j == nil || j.mask() != "jean!u@h.test" || s.people["claire"] == nil {
			t.Errorf("seen: %+v", s.people)
		}
		if s.people["x"] != nil || s.people[""] != nil || s.people["vigie"] != nil {
			t.Errorf("seen: %+v", s.people)
		}
	})
}

// Two Vigies in one room do not talk to each other, whatever the server says about bots.
func TestBotsAreNotTalkedTo(t *testing.T) {
	for name, tt := range map[string]struct {
		support string
		lines   []string
		say     string
	}{
		"bot tag":       {"BOT=B WHOX", nil, "@bot :vigie2!v@h PRIVMSG #support :vigie: aide"},
		"mode, WHOX":    {"BOT=B WHOX", []string{":s.test 354 vigie 617 #Support u h vigie2 HB 0 x"}, ":vigie2!v@h PRIVMSG #support :vigie: aide"},
		"mode, WHO":     {"BOT=b", []string{":s.test 352 vigie #Support u h s.test vigie2 Hb :0 x"}, ":vigie2!v@h PRIVMSG vigie :aide"},
		"name, WHOX":    {"WHOX", []string{":s.test 354 vigie 617 #Support u h vigie2 H 0 :Vigie (robot)"}, ":vigie2!v@h PRIVMSG #support :vigie: aide"},
		"name, WHO":     {"", []string{":s.test 352 vigie #Support u h s.test vigie2 H :0 Vigie (robot)"}, ":vigie2!v@h PRIVMSG #support :vigie: aide"},
		"name, joining": {"", []string{":vigie2!v@h JOIN #support * :Another (Bot)"}, ":vigie2!v@h PRIVMSG #support :vigie: aide"},
		"WHOIS":         {"", []string{":vigie2!v@h JOIN #support", ":s.test 335 vigie vigie2 :is an IRC Bot"}, ":vigie2!v@h PRIVMSG #support :vigie: aide"},
		"its notices":   {"", nil, ":vigie2!v@h NOTICE vigie :vigie: aide"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, p := online(t, &network{isupport: "CASEMAPPING=ascii CHANTYPES=# " + tt.support}, nil)
				defer b.stop()
				p.send(append(tt.lines, tt.say)...)
				time.Sleep(5 * time.Second)
				got := b.take()
				if len(messages(got, chat.Text)) != 0 || len(messages(got, chat.Join)) != 0 && name != "WHOIS" {
					t.Errorf("delivered: %+v", got)
				}
				p.send(":humain!v@h PRIVMSG #support :vigie: aide")
				if len(messages(b.take(), chat.Text)) != 1 {
					t.Error("nobody is heard any more")
				}
			})
		})
	}
}

// Vigie says what it is: in its real name, by the mode that the server names, or by the usual one.
func TestSaysThatItIsABot(t *testing.T) {
	for support, want := range map[string]string{"BOT=b": "MODE vigie +b", "": "MODE vigie +B", "BOT=": "MODE vigie +B"} {
		synctest.Test(t, func(t *testing.T) {
			_, p := func() (*bot, *peer) {
				b, p := online(t, &network{isupport: "CHANTYPES=# " + support}, nil)
				t.Cleanup(b.stop)
				return b, p
			}()
			if got := p.lines("MODE"); len(got) != 1 || got[0] != want {
				t.Errorf("%q: %q", support, got)
			}
			if got := p.lines("USER"); len(got) != 1 || !robotName(got[0]) {
				t.Errorf("real name: %q", got)
			}
			p.send(":s.test 501 vigie :Unknown MODE flag")
			synctest.Wait()
		})
	}
}

// An invitation leads only into a channel of the configuration.
func TestInvitations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send(":evil!b@c INVITE vigie #evil", ":evil!b@c INVITE vigie #support", ":evil!b@c INVITE jean #support", ":evil!b@c INVITE vigie", ":evil!b@c INVITE")
		time.Sleep(5 * time.Second)
		if got := p.lines("JOIN"); len(got) != 1 {
			t.Errorf("joins: %q", got)
		}
	})
}

// What is said to part of a channel is answered to that part, and a forward is not followed.
func TestStatusMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send(":op!o@h PRIVMSG @#Support :vigie: etat")
		got := messages(b.take(), chat.Text)
		if len(got) != 1 || got[0].Room.ID != "@#support" {
			t.Fatalf("delivered: %+v", got)
		}
		r := chat.Reply{Key: "k", Room: got[0].Room, Text: "tout va bien"}
		<-b.send(r)
		if s := b.outcome("k"); s.Err != nil || len(p.lines("PRIVMSG @#support :tout va bien")) != 1 {
			t.Errorf("outcome %+v, written %q", s, p.lines("PRIVMSG"))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: answering("JOIN #Support", ":s.test 470 vigie #Support ##support :Forwarding to another channel",
			":vigie!vigie@bots.test JOIN ##support vigie :Vigie")}
		b := start(t, n, nil)
		defer b.stop()
		time.Sleep(10 * time.Second)
		if got := n.last().lines("PART"); len(got) != 1 || got[0] != "PART ##support" {
			t.Errorf("parts: %q", got)
		}
		sts := only[chat.Status](b.take())
		if len(sts) == 0 || sts[0].Err == nil || !strings.Contains(sts[0].Err.Error(), "Forwarding") {
			t.Errorf("told: %+v", sts)
		}
		if err := b.Send(t.Context(), public("k", "x")); !errors.Is(err, chat.ErrRefused) {
			t.Errorf("Send = %v", err)
		}
	})
}

// After the server's last word about too many connections, or a ban, the bot stays away for longer, and for ever tries again.
func TestUnwelcome(t *testing.T) {
	for why, want := range map[string]struct{ least, most int }{
		"Closing Link: 127.0.0.1 (Trying to reconnect too fast.)": {25, 60},
		"Closing Link: (Throttled: Reconnecting too fast)":        {25, 60},
		"Closing Link: vigie (K-Lined: spam)":                     {3, 7},
		"You are banned from this server":                         {3, 7},
		"Closing Link: vigie (Server going off-line)":             {50, 130},
	} {
		t.Run(why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{hook: func(p *peer, line string) bool {
					if strings.HasPrefix(line, "USER") {
						p.send("ERROR :" + why)
						p.conn.Close()
					}
					return true
				}}
				b := start(t, n, nil)
				time.Sleep(time.Hour)
				if got := n.count(); got < want.least || got > want.most {
					t.Errorf("%d attempts in an hour", got)
				}
				if sts := only[chat.Status](b.take()); len(sts) == 0 || sts[0].Up || !strings.Contains(sts[0].Err.Error(), "closes the link") {
					t.Errorf("told: %+v", sts)
				}
				b.stop()
			})
		})
	}
}

// Who comes back from being away gives a sign of life.
func TestBackFromAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send(":jean!u@h JOIN #support jean :Jean", ":jean!u@h AWAY :au marché")
		b.take()
		p.send(":jean!u@h AWAY", ":inconnu!u@h AWAY")
		if got := messages(b.take(), chat.Alive); len(got) != 1 || got[0].From.Account != "jean" {
			t.Errorf("signs of life: %+v", got)
		}
	})
}

// TARGMAX says how many channels one JOIN may name; empty, as many as a line holds.
func TestTargmax(t *testing.T) {
	for targmax, want := range map[string]int{"TARGMAX=JOIN:1": 6, "TARGMAX=JOIN:3,PRIVMSG:1": 2, "TARGMAX=JOIN:": 1, "TARGMAX=WHO:1": 2, "": 2} {
		synctest.Test(t, func(t *testing.T) {
			b, p := online(t, &network{isupport: "CHANTYPES=# " + targmax}, func(c *Config) {
				c.Channels = nil
				for _, n := range []string{"#a", "#b", "#c", "#d", "#e", "#f"} {
					c.Channels = append(c.Channels, Channel{Name: n})
				}
			})
			defer b.stop()
			time.Sleep(20 * time.Second)
			if got := p.lines("JOIN"); len(got) != want {
				t.Errorf("%q: %q", targmax, got)
			}
		})
	}
}

// Names are the same by the server's own rules, and by no others.
func TestCasemappingOfRooms(t *testing.T) {
	for mapping, same := range map[string]bool{"ascii": false, "rfc1459": true, "strict-rfc1459": true, "rfc7613": false} {
		synctest.Test(t, func(t *testing.T) {
			b, p := online(t, &network{isupport: "CHANTYPES=# CASEMAPPING=" + mapping}, func(c *Config) { c.Channels[0].Name = "#sup[port]" })
			defer b.stop()
			p.send(":a!b@c PRIVMSG #SUP{PORT} :bonjour")
			if got := messages(b.take(), chat.Text); (len(got) == 1) != same {
				t.Errorf("%s: %+v", mapping, got)
			}
		})
	}
}
