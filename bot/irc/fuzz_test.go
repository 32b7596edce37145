package irc

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

func TestHostileLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send("", " ", ":", "@", "@a", "@a ", ":x", ": ", "\x00", "PRIVMSG", ":a PRIVMSG", ":a!b@c PRIVMSG #support", ":a!b@c PRIVMSG vigie", "PRIVMSG vigie :\x01VERSION\x01",
			"@account=x PRIVMSG vigie :hi", ":a NICK", ":a JOIN", ":a KICK", ":a KICK #support", ":a MODE", "353", "354", "352 a", "BATCH", "BATCH +", "BATCH -", "BATCH + x", "CHGHOST x", ":a CHGHOST",
			":a ACCOUNT", ":a TOPIC", ":a INVITE", "PONG", "CAP", "CAP x", "CAP x LS", "AUTHENTICATE", "FAIL", "005", "005 x NICKLEN=-1 TOPICLEN=99999999999999999999 CHANTYPES= :x", "900", "330", "318", "404", "433", ":a!b@c PRIVMSG vigie :\x01", ":a!b@c PRIVMSG vigie :\x01\x01",
			":a!b@c PRIVMSG vigie :\x01PING "+strings.Repeat("x", 3000)+"\x01", ":"+strings.Repeat("n", 9000)+"!b@c JOIN #support")
		p.send("005 vigie CHANTYPES=# :back", ":jean!b@c PRIVMSG #support :toujours là ?")
		got := messages(b.take(), chat.Text)
		if len(got) != 1 || got[0].Text != "toujours là ?" {
			t.Errorf("after hostile lines: %+v", got)
		}
		if b.net.count() != 1 {
			t.Errorf("the link was given up: %d connections", b.net.count())
		}
	})
}

// Whatever a server says, nothing panics, nobody is waited for without end, and what would be written is whole lines.
func FuzzSession(f *testing.F) {
	caps := "CAP * LS :" + strings.Join(wanted[:], " ") + " draft/multiline=max-bytes=9,max-lines=2\nCAP * ACK :" + strings.Join(wanted[:], " ") + "\n"
	f.Add(":a!b@c PRIVMSG #support :x\n@batch=1 BATCH +2 chathistory #support\nCAP * NEW :sasl")
	f.Add(":vigie!a@b NICK :\n:vigie!a@b KICK #support vigie\n:x 404 vigie #support")
	f.Add(caps + ":a!b@c BATCH +1 draft/multiline #support\n@batch=1 :a!b@c PRIVMSG #support :x\n@batch=1;draft/multiline-concat :a!b@c PRIVMSG #support :y\nBATCH -1")
	f.Add(caps + "CAP * DEL :account-tag extended-join account-notify\n:a!b@c JOIN #support\n:a!b@c PRIVMSG #support :x\n:s 330 vigie a acc :is\n:s 318 vigie a :End")
	f.Add(":vigie!a@b NICK autre\n:s 303 autre :x\n:s 731 autre :vigie!a@b,x\n:vigie!a@b NICK vigie\n:s 433 autre vigie :used")
	f.Add(":s 005 vigie PREFIX=(ov)@+ MONITOR=1 NICKLEN=3 TARGMAX=JOIN:,WHO:1 BOT=b :ok\n:s 353 vigie = #support :@a!b@c +d\n:s 335 vigie a :bot\n:a!b@c AWAY")
	f.Add("FAIL BATCH MULTILINE_INVALID x :no\nFAIL\nWARN * X :y\nNOTE\nFAIL CHATHISTORY X :y\nCAP * NAK :a b c\nCAP * NAK :")
	f.Fuzz(func(t *testing.T, in string) {
		cfg := Config{Name: "irc", Nick: "vigie", SASL: &SASL{Account: "vigie"}, Channels: []Channel{{Name: "#support"}}}.withDefaults()
		s := newSession(t.Context(), &Transport{cfg: cfg, log: slog.New(slog.DiscardHandler), inbox: newInbox(), marks: marks{}}, nil)
		s.reg.loggedIn = true
		for _, line := range strings.Split(":s 001 vigie\n:s 376 vigie\n:vigie!a@b JOIN #support\n"+in, "\n") {
			if e := parse(line); e != nil {
				if s.handle(e) != nil {
					return
				}
			}
		}
		if s.tick(time.Now().Add(time.Minute)) != nil {
			return
		}
		if len(s.awaited) > 0 {
			t.Fatalf("%d people are awaited for ever", len(s.awaited))
		}
		for _, buf := range append(s.chores, s.urgent) {
			for _, l := range strings.SplitAfter(string(buf), "\r\n") {
				if strings.ContainsAny(strings.TrimSuffix(l, "\r\n"), "\r\n\x00") {
					t.Fatalf("a broken line would be written: %q", l)
				}
			}
		}
	})
}
