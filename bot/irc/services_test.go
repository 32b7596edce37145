package irc

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

const noSASL = "server-time message-tags"

// nickServ is a server without SASL, with services on it that know the bot's password.
type nickServ struct {
	mask, server string
	deaf         bool // takes the password and does nothing
	in           atomic.Bool
}

func (s *nickServ) hook(p *peer, line string) bool {
	user, host, _ := strings.Cut(s.mask, "@")
	switch {
	case line == "WHOIS NickServ" && s.mask != "":
		p.send(":s.test 311 vigie NickServ "+user+" "+host+" * :Services", ":s.test 312 vigie NickServ "+s.server+" :x")
	case line == "PRIVMSG NickServ :IDENTIFY vigie "+secretCanary && !s.deaf:
		s.in.Store(true)
	case line == "WHOIS vigie" && s.in.Load():
		p.send(":s.test 330 vigie vigie Vigie :is logged in as")
	}
	return false
}

func withMask(mask string) func(*Config) {
	return func(c *Config) { c.Services.Mask, c.Services.Server = mask, "services.test" }
}

// Without SASL the bot logs in to the services that the configuration describes, before it joins anything; whether it
// has succeeded is the server's word.
func TestLoginByMessage(t *testing.T) {
	for name, caps := range map[string]string{"no SASL": noSASL, "SASL refused": noSASL + " sasl"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &nickServ{mask: "services@services.test", server: "services.test"}
				b := start(t, &network{caps: caps, hook: s.hook, nak: []string{"sasl"}}, withMask("NickServ!*@services.test"))
				defer b.stop()
				time.Sleep(10 * time.Second)
				got := b.net.last().lines("")
				password, join := slices.IndexFunc(got, isPassword), slices.Index(got, "JOIN #Support")
				if password < 0 || join < password {
					t.Errorf("written: %q", got)
				}
				if got := ups(b.take()); !slices.Equal(got, []bool{true}) {
					t.Errorf("status: %v", got)
				}
				if b.session().reg.account != "Vigie" {
					t.Errorf("account: %q", b.session().reg.account)
				}
			})
		})
	}
}

func isPassword(line string) bool { return strings.Contains(line, secretCanary) }

// The password goes to nobody but those services, and never where SASL has refused it.
func TestPasswordOnlyForNickServ(t *testing.T) {
	for name, tt := range map[string]struct {
		caps   string
		who    *nickServ
		change func(*Config)
		sent   bool
		says   string
	}{
		"a user took the nick":  {noSASL, &nickServ{mask: "evil@services.test.evil.example", server: "services.test"}, withMask("NickServ!*@services.test"), false, "nothing was sent"},
		"from another server":   {noSASL, &nickServ{mask: "services@services.test", server: "leaf.test"}, withMask("NickServ!*@services.test"), false, "nothing was sent"},
		"services away":         {noSASL, &nickServ{}, withMask("NickServ!*@services.test"), false, "are the services away"},
		"no policy":             {noSASL, &nickServ{mask: "services@services.test", server: "services.test"}, nil, false, "no login"},
		"switched off":          {noSASL, &nickServ{mask: "s@services.test", server: "services.test"}, func(c *Config) { withMask("NickServ!*@services.test")(c); c.Services.Disabled = true }, false, "no login"},
		"SASL without our kind": {noSASL + " sasl=EXTERNAL", &nickServ{mask: "s@services.test", server: "services.test"}, withMask("NickServ!*@services.test"), false, "it offers EXTERNAL"},
		"wrong password":        {noSASL, &nickServ{mask: "s@services.test", server: "services.test", deaf: true}, withMask("NickServ!*@services.test"), true, "did not log the bot in"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{caps: tt.caps, hook: tt.who.hook}
				b := start(t, n, tt.change)
				defer b.stop()
				time.Sleep(40 * time.Second)
				synctest.Wait()
				p := n.peers[0]
				if got := slices.ContainsFunc(p.lines(""), isPassword); got != tt.sent {
					t.Errorf("the password was sent: %v; %q", got, p.lines(""))
				}
				if got := p.lines("JOIN"); len(got) != 0 {
					t.Errorf("not logged in, it did %q", got)
				}
				sts := only[chat.Status](b.take())
				if len(sts) == 0 || sts[0].Up || !strings.Contains(sts[0].Err.Error(), tt.says) || strings.Contains(sts[0].Err.Error(), secretCanary) {
					t.Errorf("status: %+v", sts)
				}
			})
		})
	}
}

// Passwords that services refuse are not tried again every minute.
func TestRefusedByNickServIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &nickServ{mask: "s@services.test", server: "services.test", deaf: true}
		n := &network{caps: noSASL, hook: s.hook}
		b := start(t, n, withMask("NickServ!*@services.test"))
		time.Sleep(time.Hour)
		if got := n.count(); got < 3 || got > 6 {
			t.Errorf("%d attempts in an hour", got)
		}
		b.stop()
	})
}

// A door that is closed is a question to ChanServ, asked once in a while, and told.
func TestChanServLetsIn(t *testing.T) {
	for numeric, want := range map[string]string{
		"473": "PRIVMSG ChanServ :INVITE #Support", "474": "PRIVMSG ChanServ :UNBAN #Support",
		"475": "PRIVMSG ChanServ :INVITE #Support", "471": "PRIVMSG ChanServ :INVITE #Support", "403": "",
	} {
		t.Run(numeric, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, &network{hook: answering("JOIN #Support", ":s.test "+numeric+" vigie #Support :no")}, nil)
				defer b.stop()
				time.Sleep(5 * time.Second)
				p := b.net.last()
				if got := strings.Join(p.lines("PRIVMSG"), "|"); got != want {
					t.Errorf("asked %q, want %q", got, want)
				}
				p.send(":ChanServ!s@services.test INVITE vigie #Support")
				time.Sleep(5 * time.Second)
				if got := len(p.lines("JOIN")); got != 2 {
					t.Errorf("%d attempts to join after the invitation", got)
				}
				time.Sleep(time.Hour)
				if got := len(p.lines("PRIVMSG")); want != "" && (got < 3 || got > 15) {
					t.Errorf("ChanServ was asked %d times in an hour", got)
				}
			})
		})
	}
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		mask, s string
		want    bool
	}{
		{"NickServ!*@services.", "NickServ!NickServ@services.", true}, {"a!b@c", "a!b@c", true}, {"a?c", "abc", true},
		{"*@services.test", "x!y@services.test.evil", false}, {"a*b*c", "axxbxx", false}, {"", "", true}, {"?", "", false}, {"**", "x", true},
	} {
		if got := glob(tt.mask, tt.s); got != tt.want {
			t.Errorf("glob(%q, %q) = %v", tt.mask, tt.s, got)
		}
	}
}
