package e2e

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/cmd/lab/labtest"
	"vigie/cmd/lab/servers"
)

// plainLogin are the lines that log somebody in to ergo with some capabilities.
func plainLogin(a servers.IRCAccount, caps string) []string {
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + a.Name + "\x00" + a.Password))
	return []string{"CAP REQ :sasl " + caps, "AUTHENTICATE PLAIN", "AUTHENTICATE " + plain, "NICK " + a.Name, "USER " + a.Name + " 0 * :" + a.Name, "CAP END"}
}

// TestModernIRCServer: what ergo alone among the three has. The bot logs in with SCRAM-SHA-256, answers in one message of
// several lines and reads such messages, and reads what was written to it in private while it was off.
func TestModernIRCServer(t *testing.T) {
	t.Parallel()
	lab := labtest.Start(t, servers.Options{Channels: []string{"#support", "#equipe", "#ferme"}})
	account := lab.IRC.Accounts[servers.Bot]
	file := filepath.Join(t.TempDir(), "password")
	write(t, file, []byte(account.Password))
	// Services store what SCRAM needs when the password is first used; from then on the account is always there.
	first := comes(t, lab.IRC.Addr, servers.Bot, plainLogin(account, "")...)
	first.say("NS SET always-on true", "NS SET multiclient on")
	first.reads("that it stays", func(l string) bool { return strings.Contains(l, "NickServ") && strings.Contains(l, "always-on") })
	first.say("QUIT")

	bot := ircBot(t, fmt.Sprintf(`    servers: [{address: %q, tls_ca: %q, tls_server_name: %q}]
    sasl: {account: vigie, password_file: %q, mechanism: scram-sha-256}
`, lab.IRC.TLSAddr, lab.CA.File, servers.ErgoName, file))
	claire := comes(t, lab.IRC.Addr, "claire", plainLogin(lab.IRC.Accounts["claire"], "message-tags batch draft/multiline echo-message server-time")...)
	claire.joins("#support")
	if err := bot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, claire)
	if log := lastLines(bot.LogFile, 1000); !strings.Contains(log, `"login":"SCRAM-SHA-256"`) {
		t.Errorf("it did not log in by SCRAM:\n%s", log)
	}

	from := len(claire.all())
	claire.say("BATCH +1 draft/multiline #support", "@batch=1 PRIVMSG #support :!etat", "@batch=1 PRIVMSG #support :!agenda", "BATCH -1")
	claire.readsAfter(from, "an answer to the first line", func(l string) bool { return fromBot(l) && strings.Contains(l, "panne") })
	claire.readsAfter(from, "an answer to the second line", func(l string) bool { return fromBot(l) && strings.Contains(l, "prévu") })

	if err := bot.Stop(); err != nil {
		t.Fatal(err)
	}
	claire.say("PRIVMSG vigie :!ticket écrit pendant que vous dormiez")
	time.Sleep(time.Second) // the server has no better sign that it has stored it
	from = len(claire.all())
	if err := bot.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	claire.readsAfter(from, "the answer to what was written meanwhile", func(l string) bool { return fromBot(l) && strings.Contains(l, "ticket #1") })
}

func fromBot(l string) bool { return strings.Contains(l, ":vigie!") && !strings.Contains(l, " JOIN ") }

// answers waits for the bot, and sees that an answer of several lines comes as one message.
func answers(t *testing.T, p *ircPerson) {
	t.Helper()
	p.sees("#support")
	from := len(p.all())
	p.say("PRIVMSG #support :!aide")
	open := p.readsAfter(from, "one message of several lines", func(l string) bool { return fromBot(l) && strings.Contains(l, "BATCH +") })
	if !strings.Contains(open, "draft/multiline ") || !strings.Contains(open, "msgid=") {
		t.Errorf("it begins with %q", open)
	}
	p.readsAfter(from, "its lines", func(l string) bool { return strings.Contains(l, "batch=") && strings.Contains(l, "PRIVMSG #support") })
}
