package irc

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// correspondents answers CHATHISTORY TARGETS with these nicks, and AFTER with what each wrote.
func correspondents(said map[string][]string, order ...string) func(*peer, string) bool {
	return func(p *peer, line string) bool {
		tags, bare := untag(line)
		f := strings.Fields(bare)
		if f[0] != "CHATHISTORY" {
			return false
		}
		label := "@label=" + tagOf(tags, "label") + " "
		if f[1] == "TARGETS" {
			p.send(label + "BATCH +t draft/chathistory-targets")
			for _, n := range order {
				p.send("@batch=t CHATHISTORY TARGETS " + n + " 2001-01-01T00:00:05.000Z")
			}
			p.send("BATCH -t")
			return true
		}
		p.send(label + "BATCH +h chathistory " + f[2])
		for _, l := range said[f[2]] {
			p.send("@batch=h;" + l)
		}
		p.send("BATCH -h")
		return true
	}
}

// What people wrote in private while the bot was away is read back, in the order of writing, with the account of then.
func TestPrivateWordsAreReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := func(id, at, who, text string) string {
			return fmt.Sprintf("msgid=%s;account=%s;time=2001-01-01T00:00:%s.000Z :%s!u@h PRIVMSG vigie :%s", id, who, at, who, text)
		}
		n := &network{hook: correspondents(map[string][]string{
			"jean":   {line("j1", "02", "jean", "un"), line("j2", "04", "jean", "trois"), "msgid=o;time=2001-01-01T00:00:03.500Z :vigie!v@h PRIVMSG jean :nous"},
			"claire": {line("c1", "03", "claire", "deux"), "msgid=n;time=2001-01-01T00:00:03.600Z :claire!u@h NOTICE vigie :notice"},
		}, "jean", "#support", "claire", "*")}
		b := idle(t, n, nil)
		b.run([]byte(`{"":{"at":"2001-01-01T00:00:01Z"},"#support":{"at":"2001-01-01T00:00:01Z"}}`))
		defer b.stop()
		time.Sleep(20 * time.Second)
		var got []string
		var cursor []byte
		for _, m := range messages(b.take(), chat.Text) {
			got = append(got, fmt.Sprintf("%s %v %v %s %s", m.Text, m.History, m.Room.Private, m.From.Account, m.Room.Account))
			cursor = m.Cursor
		}
		if want := "un true true jean jean|deux true true claire claire|trois true true jean jean"; strings.Join(got, "|") != want {
			t.Errorf("delivered %q", got)
		}
		if m := (marks{}); json.Unmarshal(cursor, &m) != nil || m[directMark].ID != "j2" {
			t.Errorf("cursor: %s", cursor)
		}
		asked := n.last().lines("CHATHISTORY")
		if len(asked) != 4 || !strings.HasPrefix(asked[0], "CHATHISTORY TARGETS timestamp=2001-01-01T00:00:00.999Z timestamp=") ||
			!strings.HasPrefix(asked[2], "CHATHISTORY AFTER jean timestamp=2001-01-01T00:00:00.999Z") && !strings.HasPrefix(asked[1], "CHATHISTORY AFTER jean") {
			t.Errorf("asked: %q", asked)
		}
	})
}

// A server that does not answer, or refuses, holds back nobody's private words for long.
func TestPrivateHistoryRefused(t *testing.T) {
	for name, hook := range map[string]func(*peer, string) bool{
		"silence": func(_ *peer, line string) bool { return strings.Contains(line, "TARGETS") },
		"refusal": func(p *peer, line string) bool {
			if tags, bare := untag(line); strings.HasPrefix(bare, "CHATHISTORY TARGETS") {
				p.send("@label=" + tagOf(tags, "label") + " FAIL CHATHISTORY INVALID_PARAMS TARGETS :no")
				return true
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{hook: hook}
				b := idle(t, n, nil)
				b.run([]byte(`{"":{"at":"2001-01-01T00:00:01Z"}}`))
				defer b.stop()
				time.Sleep(3 * time.Second)
				n.last().send("@time=" + now() + ";msgid=l :jean!u@h PRIVMSG vigie :vous êtes là ?")
				time.Sleep(20 * time.Second)
				if got := messages(b.take(), chat.Text); len(got) != 1 || len(got[0].Cursor) == 0 {
					t.Errorf("delivered: %+v", got)
				}
			})
		})
	}
}

// At the very first start the past is nobody's business; the present moment is the server's.
func TestPrivatePastAtTheFirstStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(p *peer, line string) bool {
			if line == "CAP END" {
				p.send("@time=2001-02-03T04:05:06.000Z :s.test 001 vigie :Welcome", ":s.test 005 vigie CHANTYPES=# :ok", ":s.test 376 vigie :End")
				return true
			}
			return false
		}}
		b, p := online(t, n, nil)
		defer b.stop()
		if got := p.lines("CHATHISTORY"); len(got) != 0 {
			t.Errorf("asked: %q", got)
		}
		if at := b.session().t.marks[directMark].At; at.Year() != 2001 {
			t.Errorf("the mark is at %v", at)
		}
	})
}

// Without account-tag nobody vouches for who wrote in the past: whoever has the nick today is somebody else's guess.
func TestHistoryWithoutAccountTag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caps := strings.Replace(allCaps, "account-tag ", "", 1)
		n := &network{caps: caps, isupport: "CASEMAPPING=ascii CHANTYPES=#"}
		n.hook = func(p *peer, line string) bool {
			if strings.HasPrefix(line, "WHO ") {
				p.send(":jean!u@h JOIN #support jean :Jean")
			}
			return playback("@msgid=m2;time=2001-01-01T00:00:02.000Z :jean!u@h PRIVMSG #support :avant")(p, line)
		}
		b := idle(t, n, nil)
		b.run([]byte(`{"#support":{"at":"2001-01-01T00:00:01Z"}}`))
		defer b.stop()
		time.Sleep(10 * time.Second)
		got := messages(b.take(), chat.Text)
		if len(got) != 1 || got[0].From.Account != "" || got[0].From.Session != "" {
			t.Errorf("delivered: %+v", got)
		}
	})
}
