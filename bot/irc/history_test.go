package irc

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// playback answers every CHATHISTORY with these lines, whose tags are completed.
func playback(lines ...string) func(*peer, string) bool {
	return func(p *peer, line string) bool {
		tags, bare := untag(line)
		if !strings.HasPrefix(bare, "CHATHISTORY") {
			return false
		}
		p.send("@label=" + tagOf(tags, "label") + " BATCH +h1 chathistory " + strings.Fields(bare)[2])
		for _, l := range lines {
			p.send("@batch=h1;" + strings.TrimPrefix(l, "@"))
		}
		p.send("BATCH -h1")
		return true
	}
}

func TestFirstStartLearnsAndDeliversNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: playback("@msgid=old;time=2000-01-01T00:00:00.000Z :a!b@c PRIVMSG #support :vieux")}
		b, p := online(t, n, nil)
		defer b.stop()
		if got := p.lines("CHATHISTORY"); len(got) != 0 {
			t.Errorf("asked for the past at the first start: %q", got)
		}
		p.send("@msgid=m1;time=" + now() + " :a!b@c PRIVMSG #support :un")
		got := messages(b.take(), chat.Text)
		if len(got) != 1 || got[0].History {
			t.Fatalf("messages: %+v", got)
		}
		m := marks{}
		if err := json.Unmarshal(got[0].Cursor, &m); err != nil || m["#support"].ID != "m1" {
			t.Errorf("cursor: %s, %v", got[0].Cursor, err)
		}
	})
}

func TestReadsBackInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := func(id, at, text string) string {
			return fmt.Sprintf("@msgid=%s;account=jean;time=2001-01-01T00:00:%s.000Z :jean!b@c PRIVMSG #support :%s", id, at, text)
		}
		ask := playback(line("m1", "01", "déjà lu"), line("m2", "02", "manqué"), "@msgid=n;time=2001-01-01T00:00:02.500Z :a!b@c NOTICE #support :notice",
			"@msgid=j;time=2001-01-01T00:00:02.510Z :a!b@c JOIN #support",
			"@msgid=hs;time=2001-01-01T00:00:02.520Z :HistServ!HistServ@localhost PRIVMSG #support :a joined the channel", "@time=2001-01-01T00:00:02.530Z QUIT",
			"@msgid=own;time=2001-01-01T00:00:02.600Z :vigie!vigie@bots.test PRIVMSG #support :nous", line("m3", "03", "encore"))
		n := &network{hook: func(p *peer, l string) bool {
			if _, bare := untag(l); strings.HasPrefix(bare, "CHATHISTORY") {
				p.send("@msgid=live;time=2001-01-01T00:00:04.000Z :jean!b@c PRIVMSG #support :maintenant")
			}
			return ask(p, l)
		}}
		b := idle(t, n, nil)
		b.run([]byte(`{"#support":{"at":"2001-01-01T00:00:01Z","id":"m1"}}`))
		defer b.stop()
		time.Sleep(10 * time.Second)
		if got := n.last().lines("CHATHISTORY"); len(got) != 1 || got[0] != "CHATHISTORY AFTER #Support timestamp=2001-01-01T00:00:00.999Z 50" {
			t.Errorf("asked: %q", got)
		}
		var got []string
		for _, m := range messages(b.take(), chat.Text) {
			got = append(got, fmt.Sprint(m.Text, " ", m.History, " ", m.From.Account, " ", len(m.Cursor) > 0))
		}
		if want := "manqué true jean true|encore true jean true|maintenant false  true"; strings.Join(got, "|") != want {
			t.Errorf("delivered %q, want %q", strings.Join(got, "|"), want)
		}
	})
}

func TestReadsBackAfterReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b, p := online(t, n, nil)
		defer b.stop()
		p.send("@msgid=m1;time=2001-01-01T00:00:01.000Z :a!b@c PRIVMSG #support :un")
		b.take()
		p.send("@msgid=m2;time=2099-01-01T00:00:01.000Z :a!b@c PRIVMSG #support :deux")
		b.take()
		p.conn.Close()
		time.Sleep(20 * time.Second)
		if got := n.last().lines("CHATHISTORY"); len(got) != 1 || !strings.Contains(got[0], "2099-01-01T00:00:00.999Z") {
			t.Errorf("asked: %q", got)
		}
		n.last().send("FAIL CHATHISTORY MESSAGE_ERROR x :no")
		n.last().send("@msgid=m3;time=2099-01-01T00:00:02.000Z :a!b@c PRIVMSG #support :trois")
		if got := messages(b.take(), chat.Text); len(got) != 1 || got[0].Text != "trois" {
			t.Errorf("after it: %+v", got)
		}
	})
}

func TestHistoryThatNeverComesHoldsNothingBackForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(_ *peer, line string) bool { return strings.Contains(line, "CHATHISTORY") }}
		b := idle(t, n, nil)
		b.run([]byte(`{"#support":{"at":"2001-01-01T00:00:01Z"}}`))
		defer b.stop()
		time.Sleep(5 * time.Second)
		n.last().send(":a!b@c PRIVMSG #support :vous êtes là ?")
		time.Sleep(20 * time.Second)
		if got := messages(b.take(), chat.Text); len(got) != 1 {
			t.Errorf("delivered: %+v", got)
		}
	})
}

func TestMaybe(t *testing.T) {
	text := "une ligne\nune autre"
	m1, m2 := mark("k", 0, 2), mark("k", 1, 2)
	own := func(tags, text string) string {
		return "@" + tags + ":vigie!vigie@bots.test PRIVMSG #support :" + text
	}
	for name, tt := range map[string]struct {
		caps    string
		history []string
		proof   string
		err     error
		written int
	}{
		"marked and there": {allCaps, []string{own("msgid=a;"+markTag+"="+m1+" ", "une ligne"), own("msgid=b;"+markTag+"="+m2+" ", "une autre")}, "b", nil, 0},
		"half of it":       {allCaps, []string{own("msgid=a;"+markTag+"="+m1+" ", "une ligne")}, "id", nil, 2},
		"same text, other reply": {allCaps, []string{own("msgid=a;"+markTag+"="+mark("z", 0, 2)+" ", "une ligne"),
			own("msgid=b;"+markTag+"="+mark("z", 1, 2)+" ", "une autre")}, "id", nil, 2},
		"plain and there":   {allCaps, []string{own("msgid=a ", "avant"), own("msgid=b ", "une ligne"), own("msgid=c ", "une autre"), own("msgid=d ", "fin")}, "c", nil, 0},
		"another's words":   {allCaps, []string{"@msgid=a :evil!b@c PRIVMSG #support :une ligne", "@msgid=b :evil!b@c PRIVMSG #support :une autre"}, "id", nil, 2},
		"cannot look":       {noEcho, nil, "", chat.ErrUnknown, 0},
		"not there":         {allCaps, nil, "id", nil, 2},
		"marked by another": {allCaps, []string{"@msgid=b;" + markTag + "=" + m2 + " :evil!b@c PRIVMSG #support :x"}, "id", nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{caps: tt.caps, hook: playback(tt.history...)}
				b, p := online(t, n, nil)
				defer b.stop()
				r := public("k", text)
				r.Maybe = true
				if err := <-b.send(r); err != nil {
					t.Fatal(err)
				}
				s := b.outcome("k")
				if !strings.HasPrefix(s.Proof, tt.proof) || !errors.Is(s.Err, tt.err) || (s.Proof == "") == (s.Err == nil) {
					t.Errorf("outcome: %+v", s)
				}
				if got := p.lines("PRIVMSG"); len(got) != tt.written {
					t.Errorf("written: %q", got)
				}
			})
		})
	}
}

func TestMarksGoForwardOnly(t *testing.T) {
	m := readMarks([]byte("not json"))
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m.advance("#a", position{At: at, ID: "new"})
	m.advance("#a", position{At: at.Add(-time.Hour), ID: "old"})
	if m["#a"].ID != "new" {
		t.Errorf("the mark went back: %+v", m)
	}
	if got := readMarks(m.advance("#b", position{At: at})); len(got) != 2 || !got["#a"].At.Equal(at) {
		t.Errorf("a cursor is not read back: %+v", got)
	}
	if got := readMarks([]byte("null")); got == nil {
		t.Error("a null cursor leaves no map")
	}
}
