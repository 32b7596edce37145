package irc

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

func TestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send("@account=jean;msgid=m1;time=2020-01-01T00:00:00.000Z;+draft/reply=m0 :Jean!j@home PRIVMSG #SUPPORT :\x0304vigie:\x03 bonjour",
			":Jean!j@home PRIVMSG #support :\x01ACTION attend\x01",
			"@account=jean :Jean!j@home PRIVMSG Vigie :en priv\xe9",
			":op!o@home PRIVMSG @#support :entre nous")
		got := messages(b.take(), chat.Text)
		if len(got) != 4 {
			t.Fatalf("%d messages: %+v", len(got), got)
		}
		m := got[0]
		if m.Room != (chat.Room{Network: "irc", ID: "#support"}) || m.ID != "m1" || m.Text != "vigie: bonjour" || m.Target != "m0" || m.Addressed {
			t.Errorf("message: %+v", m)
		}
		if want := (chat.Identity{Network: "irc", Account: "jean", Nick: "Jean", Host: "Jean!j@home"}); m.From != want {
			t.Errorf("from: %+v", m.From)
		}
		if m.At.Year() != 2020 || m.Received.IsZero() || m.History {
			t.Errorf("times: %+v", m)
		}
		if m := got[1]; m.Text != "attend" || m.From.Account != "" {
			t.Errorf("action without account tag: %+v", m)
		}
		if m := got[2]; m.Text != "en privé" || !m.Addressed || m.Room != (chat.Room{Network: "irc", ID: "jean", Private: true, Account: "jean"}) {
			t.Errorf("private: %+v", m)
		}
		if m := got[3]; m.Room.ID != "@#support" {
			t.Errorf("to the operators only: %+v", m)
		}
	})
}

func TestNeverDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(p *peer, line string) bool {
			if strings.HasPrefix(line, "WHO ") {
				p.send(":s.test 354 vigie 617 #Support u h robot HB 0", ":s.test 315 vigie #Support :End")
			}
			return false
		}}
		b, p := online(t, n, nil)
		defer b.stop()
		p.send(":a!b@c NOTICE #support :notice", "@bot :other!b@c PRIVMSG #support :a bot", ":robot!u@h PRIVMSG #support :known to WHO as a bot",
			":vigie!vigie@bots.test PRIVMSG #support :our echo",
			"BATCH +x chathistory #support", "@batch=x :a!b@c PRIVMSG #support :playback", "BATCH -x",
			"BATCH +y znc.in/playback #support", "@batch=y :a!b@c PRIVMSG #support :playback", "BATCH -y",
			"@batch=never :a!b@c PRIVMSG #support :batch of nothing",
			":a!b@c PRIVMSG #elsewhere :not our room", ":a!b@c PRIVMSG $*.test :to everybody", ":a!b@c PRIVMSG #support :  ",
			":a!b@c PRIVMSG #support :\x02\x03", "PRIVMSG #support :nobody", ":s.test PRIVMSG vigie :a server")
		if got := messages(b.take(), chat.Text); len(got) != 0 {
			t.Errorf("delivered: %+v", got)
		}
		p.send("BATCH +n netjoin a b", "@batch=n :jean!b@c JOIN #support jean :J", "BATCH -n")
		if got := messages(b.take(), chat.Join); len(got) != 1 || got[0].From.Account != "jean" {
			t.Errorf("joins of a netjoin: %+v", got)
		}
	})
}

func TestTopicsOfOthersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send(":s.test 332 vigie #support :\x02Bienvenue\x02 ici", ":jean!b@c TOPIC #support :Réunion mardi",
			":vigie!vigie@bots.test TOPIC #support :our own", ":jean!b@c TOPIC #elsewhere :not ours")
		got := messages(b.take(), chat.TopicIs)
		if len(got) != 2 || got[0].Text != "Bienvenue ici" || got[1].Text != "Réunion mardi" || got[1].Room.ID != "#support" {
			t.Errorf("topics: %+v", got)
		}
	})
}

func TestLongLineEndsTheLink(t *testing.T) {
	r := io.MultiReader(strings.NewReader("PING :x\r\n"), io.LimitReader(letters{}, 200<<20))
	var got []string
	err := readLines(r, func(e *girc.Event) bool { got = append(got, e.Command); return true })
	if err != errLongLine || len(got) != 1 {
		t.Errorf("200 MiB without an end: %v, %q", err, got)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestMassJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		began := time.Now()
		before := len(p.lines(""))
		for i := range 2000 {
			p.send(fmt.Sprintf(":n%d!u@h JOIN #support acc%d :x", i, i))
		}
		p.send("PING :still-there", ":n7!u@h PRIVMSG #support :vigie: aide")
		got := b.take()
		if j := messages(got, chat.Join); len(j) != 2000 || j[7].From.Account != "acc7" {
			t.Errorf("%d joins", len(j))
		}
		if len(messages(got, chat.Text)) != 1 || len(p.lines("PONG still-there")) != 1 {
			t.Error("the bot is not listening any more")
		}
		if d := time.Since(began); d > time.Second {
			t.Errorf("it took %v", d)
		}
		if n := len(p.lines("")) - before; n > 2 {
			t.Errorf("2000 joins made the bot write %d lines", n)
		}
		for i := range 2000 {
			p.send(fmt.Sprintf(":n%d!u@h QUIT :*.net *.split", i))
		}
		synctest.Wait()
		if n := len(b.session().people); n > 1 {
			t.Errorf("%d people remembered after all have gone", n)
		}
	})
}

func TestCTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send(":a!b@c PRIVMSG vigie :\x01VERSION\x01", ":a!b@c PRIVMSG vigie :\x01PING 123\x01", ":a!b@c PRIVMSG vigie :\x01TIME\x01")
		time.Sleep(5 * time.Second)
		for _, want := range []string{"NOTICE a :\x01VERSION Vigie\x01", "NOTICE a :\x01PING 123\x01", "NOTICE a :\x01TIME "} {
			if len(p.lines(want)) != 1 {
				t.Errorf("no %q in %q", want, p.lines("NOTICE"))
			}
		}
		for range 500 {
			p.send(":evil!b@c PRIVMSG vigie :\x01VERSION\x01", ":evil!b@c PRIVMSG #support :\x01VERSION\x01", ":evil!b@c PRIVMSG vigie :\x01DCC SEND x\x01", ":evil!b@c NOTICE vigie :\x01VERSION x\x01")
		}
		time.Sleep(30 * time.Second)
		if n := len(p.lines("NOTICE evil")); n > 4 {
			t.Errorf("500 CTCPs were answered %d times", n)
		}
		if got := messages(b.take(), chat.Text); len(got) != 0 {
			t.Errorf("delivered: %+v", got)
		}
	})
}

func TestDeadLinkIsNoticed(t *testing.T) {
	for name, hook := range map[string]func(*peer, string) bool{
		"silent": func(*peer, string) bool { return true },
		"deaf": func(*peer, string) bool { // sends (see below), but reads no more
			time.Sleep(10 * time.Minute)
			return true
		},
		"half-open": func(*peer, string) bool {
			time.Sleep(10 * time.Minute) // reads no more
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{}
				b, p := online(t, n, nil)
				synctest.Wait()
				n.hook = func(q *peer, line string) bool { return q == p && hook(q, line) }
				began := time.Now()
				for n.count() == 1 && time.Since(began) < 5*time.Minute {
					if name == "deaf" {
						p.send(":s.test NOTICE vigie :I am talking")
					}
					b.send(public(fmt.Sprint(time.Now()), "êtes-vous là ?"))
					time.Sleep(time.Second)
				}
				if d := time.Since(began); d > time.Minute {
					t.Errorf("noticed after %v", d)
				}
				time.Sleep(20 * time.Minute)
				b.stop()
			})
		})
	}
}

func TestKickAndRejoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b, p := online(t, n, nil)
		defer b.stop()
		p.send(":op!o@h KICK #support vigie :out")
		synctest.Wait()
		if err := b.Send(t.Context(), public("k", "x")); err == nil {
			t.Error("said in a room that the bot is not in")
		}
		time.Sleep(10 * time.Second)
		if got := p.lines("JOIN"); len(got) != 2 {
			t.Errorf("joins: %q", got)
		}
		synctest.Wait()
		n.hook = answering("JOIN #Support", ":s.test 474 vigie #Support :Cannot join channel (+b)")
		p.send(":op!o@h KICK #support vigie :out")
		time.Sleep(time.Hour)
		if got := len(p.lines("JOIN")); got < 6 || got > 15 {
			t.Errorf("%d attempts to join in an hour of ban", got)
		}
		var why []string
		for _, s := range only[chat.Status](b.take()) {
			if s.Err != nil {
				why = append(why, s.Err.Error())
			}
		}
		if len(why) != 3 || !strings.Contains(why[2], "Cannot join channel") {
			t.Errorf("told: %q", why)
		}
		synctest.Wait()
		n.hook = nil
		p.send(":op!o@h INVITE vigie #support")
		time.Sleep(3 * time.Second)
		if err := <-b.send(public("k2", "me revoilà")); err != nil {
			t.Errorf("after the invitation: %v", err)
		}
	})
}

// A closed channel refuses what is said to it; a full one may have room later.
func TestChannelsThatCannotBeJoined(t *testing.T) {
	for answer, want := range map[string]error{
		":s.test 471 vigie #Support :Cannot join channel (+l)":  chat.ErrDown,
		":s.test 473 vigie #Support :Cannot join channel (+i)":  chat.ErrRefused,
		":s.test 475 vigie #Support :Cannot join channel (+k)":  chat.ErrRefused,
		":s.test 477 vigie #Support :You need to be identified": chat.ErrRefused,
		":s.test 999 vigie :nothing that answers":               chat.ErrDown,
	} {
		t.Run(answer, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, &network{hook: answering("JOIN #Support", answer)}, nil)
				defer b.stop()
				time.Sleep(5 * time.Second)
				c := b.send(public("k", "x"))
				time.Sleep(25 * time.Second)
				if err := <-c; !errors.Is(err, want) {
					t.Errorf("Send = %v, want %v", err, want)
				}
				if got := ups(b.take()); len(got) != 1 || !got[0] {
					t.Errorf("status: %v", got)
				}
			})
		})
	}
}

func TestForwardedChannelIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		p.send(":vigie!vigie@bots.test JOIN ##overflow vigie :Vigie")
		time.Sleep(2 * time.Second)
		if got := p.lines("PART"); len(got) != 1 || got[0] != "PART ##overflow" {
			t.Errorf("parts: %q", got)
		}
	})
}

func TestExcessFloodSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b, p := online(t, n, func(c *Config) { c.Rate = 2 })
		defer b.stop()
		p.send("ERROR :Closing Link: vigie (Excess Flood)")
		p.conn.Close()
		time.Sleep(20 * time.Second)
		after4s := func(key string) int {
			before := len(n.last().lines("PRIVMSG"))
			b.send(public(key, strings.Repeat("ligne\n", 30)))
			time.Sleep(4100 * time.Millisecond)
			return len(n.last().lines("PRIVMSG")) - before
		}
		if got := after4s("slow"); got != 8 {
			t.Errorf("%d lines in 4 s after a flood, want a burst of 4 and 1 a second", got)
		}
		time.Sleep(10 * time.Minute)
		if got := after4s("fast"); got != 12 {
			t.Errorf("%d lines in 4 s ten minutes later, want a burst of 4 and 2 a second", got)
		}
	})
}

// TestWrongClockIsTold: once a link, when the server's fresh answers say another
// time than this machine.
func TestWrongClockIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		told := func() (n int) {
			for _, in := range b.take() {
				if s, ok := in.(chat.Status); ok && s.Up && s.Err != nil && strings.Contains(s.Err.Error(), "clock") {
					n++
				}
			}
			return n
		}
		stamp := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
		p.send("@time=" + stamp(-time.Minute) + " :s.test PONG s.test :x")
		if n := told(); n != 0 {
			t.Errorf("a minute is told of %d times", n)
		}
		p.send("@time="+stamp(-6*time.Minute)+" :s.test PONG s.test :x", "@time="+stamp(6*time.Minute)+" :s.test PONG s.test :x")
		if n := told(); n != 1 {
			t.Errorf("six minutes are told of %d times", n)
		}
	})
}

// TestSessionOfUnknownPeople: a freed nick that somebody else takes is another
// session, even from the same mask; a new nick on the same connection is not.
func TestSessionOfUnknownPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		session := func(mask string) string {
			p.send(":" + mask + " PRIVMSG vigie :bonjour")
			got := messages(b.take(), chat.Text)
			if len(got) != 1 {
				t.Fatalf("messages: %+v", got)
			}
			return got[0].From.Session
		}
		if s := session("x!~u@cloak"); s != "" {
			t.Errorf("out of sight, and yet a session: %q", s)
		}
		p.send(":x!~u@cloak JOIN #support")
		first := session("x!~u@cloak")
		p.send(":x!~u@cloak NICK y")
		if s := session("y!~u@cloak"); s != first || s == "" {
			t.Errorf("after a new nick %q, before %q", s, first)
		}
		p.send(":y!~u@cloak NICK x", ":x!~u@cloak QUIT :bye", ":x!~u@cloak JOIN #support")
		if s := session("x!~u@cloak"); s == first || s == "" {
			t.Errorf("whoever took the nick has session %q, the first had %q", s, first)
		}
	})
}
