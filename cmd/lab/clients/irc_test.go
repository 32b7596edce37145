package clients_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"vigie/cmd/lab/clients"
	"vigie/cmd/lab/labtest"
	"vigie/cmd/lab/servers"
)

// person is a client of a registered account, over TLS with SASL PLAIN.
func person(t *testing.T, l *servers.Lab, name string, join ...string) *clients.IRC {
	t.Helper()
	return dial(t, clients.IRCOptions{Addr: l.IRC.TLSAddr, CA: l.CA.Pool(), ServerName: servers.ErgoName, Nick: name,
		Account: name, Password: l.IRC.Accounts[name].Password, Join: join})
}

func dial(t *testing.T, opts clients.IRCOptions) *clients.IRC {
	t.Helper()
	c, err := clients.DialIRC(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestIRC(t *testing.T) {
	l := labtest.Start(t, servers.Options{})
	ctx := t.Context()
	claire := person(t, l, "claire", "#support")
	a := l.IRC.Accounts["vigie"]
	cert, err := tls.LoadX509KeyPair(a.CertFile, a.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	bot := dial(t, clients.IRCOptions{Addr: l.IRC.TLSAddr, CA: l.CA.Pool(), ServerName: servers.ErgoName, Nick: "vigie", Cert: &cert,
		Join: []string{"#support"}})
	nobody := dial(t, clients.IRCOptions{Addr: l.IRC.Addr, Nick: "passant", Join: []string{"#support"}})

	t.Run("account-tag and msgid", func(t *testing.T) {
		mark := bot.Mark()
		echo, err := claire.Say(ctx, "#support", "notre site ne s'ouvre plus : é😀")
		if err != nil {
			t.Fatal(err)
		}
		line, err := bot.Wait(ctx, mark, "claire's words", clients.Said("claire", "#support", "ne s'ouvre plus : é😀"))
		if err != nil {
			t.Fatal(err)
		}
		if line.Account != "claire" || line.MsgID() == "" || line.MsgID() != echo.MsgID() {
			t.Errorf("account %q, id %q, the echo's id %q", line.Account, line.MsgID(), echo.MsgID())
		}
		if _, err := nobody.Say(ctx, "#support", "moi aussi"); err != nil {
			t.Fatal(err)
		}
		line, err = bot.Wait(ctx, mark, "the passer-by's words", clients.Said("passant", "#support", "moi aussi"))
		if err != nil {
			t.Fatal(err)
		}
		if line.Account != "" {
			t.Errorf("a person without an account has account %q", line.Account)
		}
	})
	t.Run("private and topic", func(t *testing.T) {
		mark := claire.Mark()
		if _, err := bot.Say(ctx, "claire", "en privé"); err != nil {
			t.Fatal(err)
		}
		line, err := claire.Wait(ctx, mark, "private words", clients.Said("vigie", "claire", "en privé"))
		if err != nil || line.Account != "vigie" {
			t.Errorf("account %q, %v", line.Account, err)
		}
		// The bot is an operator of registered channels by its account, and may set the topic; others may not.
		if err := bot.Send("TOPIC #support :panne en cours"); err != nil {
			t.Fatal(err)
		}
		if _, err := claire.Wait(ctx, mark, "the topic", func(l clients.IRCLine) bool { return l.Command == "TOPIC" }); err != nil {
			t.Fatal(err)
		}
		if topic, err := nobody.Topic(ctx, "#support"); topic != "panne en cours" || err != nil {
			t.Errorf("topic %q, %v", topic, err)
		}
		if err := nobody.Send("TOPIC #support :rien"); err != nil {
			t.Fatal(err)
		}
		if _, err := nobody.Wait(ctx, 0, "a refusal", func(l clients.IRCLine) bool { return l.Command == "482" }); err != nil {
			t.Error(err)
		}
	})
	t.Run("refusals", func(t *testing.T) { refusals(t, l, nobody) })
	t.Run("killed server", func(t *testing.T) {
		mark := claire.Mark()
		if err := l.IRC.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := l.IRC.Start(ctx); err != nil {
			t.Fatal(err)
		}
		// Each comes back to its channel by itself.
		for who, c := range map[string]*clients.IRC{"claire": claire, "vigie": bot} {
			if _, err := claire.Wait(ctx, mark, who+"'s return", func(l clients.IRCLine) bool {
				return l.Link == 2 && l.From == who && l.Command == "JOIN" || l.Link == 2 && l.Command == "353" && strings.Contains(l.Text(), who)
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Wait(ctx, 0, "its second welcome", func(l clients.IRCLine) bool { return l.Command == "001" && l.Link == 2 }); err != nil {
				t.Fatal(err)
			}
		}
		labtest.Eventually(t, "claire speaks again", func() bool { _, err := claire.Say(ctx, "#support", "me revoilà"); return err == nil })
		if _, err := bot.Wait(ctx, 0, "claire after the restart", clients.Said("claire", "#support", "me revoilà")); err != nil {
			t.Error(err)
		}
		if n := bot.Count(0, clients.Said("claire", "#support", "me revoilà")); n != 1 {
			t.Errorf("seen %d times", n)
		}
	})
}

func refusals(t *testing.T, l *servers.Lab, nobody *clients.IRC) {
	ctx := t.Context()
	for name, opts := range map[string]clients.IRCOptions{
		"login refused": {Addr: l.IRC.Addr, Nick: "claire", Account: "claire", Password: "faux"},
		"certificate signed by unknown authority": {Addr: l.IRC.TLSAddr, CA: labtest.OtherCA(t), ServerName: servers.ErgoName, Nick: "x"},
		"not welcome":        {Addr: l.IRC.Addr, Nick: "jean"}, // reserved to its account
		"connection refused": {Addr: "127.0.0.1:1", Nick: "x"},
	} {
		if _, err := clients.DialIRC(ctx, opts); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		}
	}
	if err := nobody.Send("PRIVMSG #support :a\r\nQUIT"); err == nil {
		t.Error("a line break was sent")
	}
	if _, err := nobody.Say(ctx, "#nulle-part", "ici ?"); err == nil || !strings.Contains(err.Error(), "may not speak") {
		t.Errorf("speaking outside: %v", err)
	}
}
