package irc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
)

const noEcho = "message-tags server-time account-tag account-notify extended-join batch sasl"

// online starts a bot and waits until it is in its channel.
func online(t *testing.T, n *network, change func(*Config)) (*bot, *peer) {
	t.Helper()
	b := start(t, n, change)
	time.Sleep(10 * time.Second)
	b.take()
	return b, n.last()
}

// outcome waits for the one Sent of a key.
func (b *bot) outcome(key string) chat.Sent {
	b.t.Helper()
	var found []chat.Sent
	for range 60 {
		for _, s := range only[chat.Sent](b.take()) {
			if s.Key == key {
				found = append(found, s)
			}
		}
		if len(found) > 0 {
			break
		}
		time.Sleep(time.Second)
	}
	if len(found) != 1 {
		b.t.Fatalf("%d outcomes of %s, want one", len(found), key)
	}
	return found[0]
}

func TestProofByEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		if err := <-b.send(public("k1", "**Bonjour** à `tous`\n- un")); err != nil {
			t.Fatal(err)
		}
		s := b.outcome("k1")
		if s.Err != nil || !strings.HasPrefix(s.Proof, "id") {
			t.Errorf("outcome: %+v", s)
		}
		want := []string{"PRIVMSG #support :\x02Bonjour\x02 à tous", "PRIVMSG #support :- un"}
		if got := p.lines("PRIVMSG"); !slices.Equal(got, want) {
			t.Errorf("written: %q", got)
		}
	})
}

func TestProofByUnlabelledEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := online(t, &network{caps: noEcho + " echo-message"}, nil)
		defer b.stop()
		<-b.send(public("k1", "bonjour"))
		if s := b.outcome("k1"); s.Err != nil || !strings.HasPrefix(s.Proof, "id") {
			t.Errorf("outcome: %+v", s)
		}
	})
}

func TestProofByPong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{caps: noEcho}, nil)
		defer b.stop()
		<-b.send(public("k1", "bonjour"))
		if s := b.outcome("k1"); s.Err != nil || s.Proof != "pong" {
			t.Errorf("outcome: %+v", s)
		}
		if got := p.lines("PING p"); len(got) != 1 {
			t.Errorf("pings: %q", got)
		}
	})
}

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		caps, answer string
		reply        chat.Reply
		want         error
	}{
		"no right, labelled": {allCaps, "@label=$L :s.test 404 vigie #support :Cannot send", public("k", "x"), chat.ErrRefused},
		"no right":           {noEcho, ":s.test 404 vigie #Support :Cannot send", public("k", "x"), chat.ErrRefused},
		"no such nick":       {noEcho, ":s.test 401 vigie jean :No such nick", private("k", "jean", "", "x"), chat.ErrAway},
		"standard reply":     {allCaps, "@label=$L FAIL PRIVMSG INVALID_UTF8 :no", public("k", "x"), chat.ErrRefused},
		"nobody gets it":     {allCaps, "@label=$L ACK", private("k", "jean", "", "x"), chat.ErrAway},
		"notice to nobody":   {noEcho, ":s.test 999", private("k", "gone", "", "x"), chat.ErrAway},
		"silence":            {allCaps, ":s.test 999 vigie :?", public("k", "x"), chat.ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{caps: tt.caps, hook: func(p *peer, line string) bool {
					tags, bare := untag(line)
					if bare == "WHOIS gone" {
						p.send(":s.test 401 vigie gone :No such nick")
					}
					if !strings.HasPrefix(bare, "PRIVMSG") && !strings.HasPrefix(bare, "NOTICE") {
						return false
					}
					p.send(strings.ReplaceAll(tt.answer, "$L", tagOf(tags, "label")))
					return true
				}}
				b, _ := online(t, n, nil)
				defer b.stop()
				if err := <-b.send(tt.reply); err != nil {
					t.Fatalf("Send = %v, but it was written", err)
				}
				if s := b.outcome("k"); !errors.Is(s.Err, tt.want) || s.Proof != "" {
					t.Errorf("outcome: %+v", s)
				}
			})
		})
	}
}

func TestLinkLostAfterWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{hook: func(p *peer, line string) bool {
			_, bare := untag(line)
			return strings.HasPrefix(bare, "PRIVMSG")
		}}
		b, p := online(t, n, nil)
		defer b.stop()
		<-b.send(public("k1", "bonjour"))
		p.conn.Close()
		if s := b.outcome("k1"); !errors.Is(s.Err, chat.ErrUnknown) {
			t.Errorf("outcome: %+v", s)
		}
	})
}

// What waits when the link is lost fails at once, and is never written on
// the next one.
func TestNothingStaleOnANewLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b, p := online(t, n, func(c *Config) { c.Burst = 1 })
		defer b.stop()
		var results []<-chan error
		for i := range 10 {
			results = append(results, b.send(public(fmt.Sprint("k", i), fmt.Sprint("ligne ", i))))
		}
		p.conn.Close()
		synctest.Wait()
		down := 0
		for _, c := range results {
			if errors.Is(<-c, chat.ErrDown) {
				down++
			}
		}
		if down < 8 {
			t.Errorf("%d of 10 failed with the link", down)
		}
		if err := b.Send(t.Context(), public("late", "x")); !errors.Is(err, chat.ErrDown) {
			t.Errorf("Send without a link = %v", err)
		}
		time.Sleep(time.Minute)
		if got := n.last().lines("PRIVMSG"); len(got) != 0 {
			t.Errorf("written on the new link: %q", got)
		}
	})
}

func TestSendGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, func(c *Config) { c.Burst, c.Rate = 1, 0.1 })
		defer b.stop()
		b.send(public("k1", "un\ndeux\ntrois"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Send(ctx, public("k2", "jamais")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Send = %v", err)
		}
		time.Sleep(2 * time.Minute)
		if got := p.lines("PRIVMSG"); len(got) != 3 {
			t.Errorf("written: %q", got)
		}
		if got := only[chat.Sent](b.take()); len(got) != 1 || got[0].Key != "k1" {
			t.Errorf("outcomes: %+v", got)
		}
	})
}

func TestPaceOrderAndPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, func(c *Config) {
			c.Channels = append(c.Channels, Channel{Name: "#annonces"})
			c.Burst, c.Rate = 2, 1
		})
		defer b.stop()
		time.Sleep(10 * time.Second)
		for i := range 6 {
			r := public(fmt.Sprint("n", i), fmt.Sprint("nouvelle ", i))
			r.Room.ID, r.Priority = "#annonces", chat.News
			b.send(r)
		}
		for i := range 3 {
			r := public(fmt.Sprint("u", i), fmt.Sprint("urgent ", i, "\nsuite ", i))
			r.Priority = chat.Urgent
			b.send(r)
		}
		time.Sleep(30 * time.Second)
		var got []string
		for _, l := range p.lines("PRIVMSG") {
			_, text, _ := strings.Cut(l, ":")
			got = append(got, text)
		}
		want := []string{"nouvelle 0", "nouvelle 1", "urgent 0", "suite 0", "urgent 1", "suite 1", "urgent 2", "suite 2",
			"nouvelle 2", "nouvelle 3", "nouvelle 4", "nouvelle 5"}
		if !slices.Equal(got, want) {
			t.Errorf("order: %q", got)
		}
		if sent := only[chat.Sent](b.take()); len(sent) != 9 {
			t.Errorf("%d outcomes of 9", len(sent))
		}
	})
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, func(c *Config) { c.Burst, c.Rate = 4, 2 })
		defer b.stop()
		time.Sleep(10 * time.Second)
		lines := make([]string, 20)
		for i := range lines {
			lines[i] = fmt.Sprint("ligne ", i)
		}
		b.send(public("k", strings.Join(lines, "\n")))
		if got := len(p.lines("PRIVMSG")); got != 4 {
			t.Errorf("a burst of %d lines, want 4", got)
		}
		time.Sleep(5 * time.Second)
		if got := len(p.lines("PRIVMSG")); got < 13 || got > 14 {
			t.Errorf("%d lines after 5 s, want 4 and 2 a second", got)
		}
	})
}

func TestKindsThatIRCLacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		before := len(p.lines(""))
		for _, k := range []chat.ReplyKind{chat.React, chat.Redact, chat.Pin, chat.Unpin, chat.Typing} {
			r := public(fmt.Sprint("kind", k), "👍")
			r.Kind, r.Target = k, "id1"
			if err := <-b.send(r); err != nil {
				t.Errorf("kind %d: %v", k, err)
			}
			if s := b.outcome(r.Key); s.Err != nil || s.Proof == "" {
				t.Errorf("kind %d: %+v", k, s)
			}
		}
		var said []string
		for _, l := range p.lines("")[before:] {
			if !strings.HasPrefix(l, "PING") {
				said = append(said, l)
			}
		}
		if len(said) != 0 {
			t.Errorf("written: %q", said)
		}
	})
}

func TestTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b, p := online(t, n, nil)
		defer b.stop()
		r := public("t1", "**Panne** du mail\r\nQUIT")
		r.Kind = chat.Topic
		<-b.send(r)
		if s := b.outcome("t1"); s.Err != nil || s.Proof == "" {
			t.Errorf("outcome: %+v", s)
		}
		if got := p.lines("TOPIC"); len(got) != 1 || got[0] != "TOPIC #support :Panne du mail · QUIT" {
			t.Errorf("written: %q", got)
		}
		r.Key = "t2"
		<-b.send(r)
		if s := b.outcome("t2"); s.Err != nil || len(p.lines("TOPIC")) != 1 {
			t.Errorf("the same topic again: %+v", s)
		}
		synctest.Wait()
		n.hook = func(p *peer, line string) bool {
			_, bare := untag(line)
			if strings.HasPrefix(bare, "TOPIC") {
				p.send(":s.test 482 vigie #support :You're not channel operator")
				return true
			}
			return false
		}
		r.Key, r.Text = "t3", "autre"
		<-b.send(r)
		if s := b.outcome("t3"); !errors.Is(s.Err, chat.ErrRefused) {
			t.Errorf("without the right: %+v", s)
		}
	})
}

func TestTonesAddressAndRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		quiet, loud := private("a", "jean", "", "doucement"), private("b", "jean", "", "fort")
		loud.Tone = chat.Loud
		to := public("c", "voici\nla suite")
		to.To = &chat.Identity{Nick: "je an\r\n"}
		to.Repeat = true
		for _, r := range []chat.Reply{quiet, loud, to} {
			if err := <-b.send(r); err != nil {
				t.Error(err)
			}
		}
		for _, want := range []string{"NOTICE jean :doucement", "PRIVMSG jean :fort", "PRIVMSG #support :(↻) jean: voici", "PRIVMSG #support :la suite"} {
			if len(p.lines(want)) != 1 {
				t.Errorf("missing %q in %q", want, p.lines(""))
			}
		}
	})
}

func TestTargetsThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{}, nil)
		defer b.stop()
		before := len(p.lines(""))
		for i, id := range []string{"#support evil", "#support,#other", "#support\r\nQUIT", "#other", "", "#", "@+#support", ":x"} {
			r := public(fmt.Sprint("k", i), "x")
			r.Room.ID = id
			if err := <-b.send(r); !errors.Is(err, chat.ErrRefused) {
				t.Errorf("%q: %v", id, err)
			}
		}
		for i, nick := range []string{"a b", "a,b", "a\r\nQUIT :x", "", "$*", "#support", "vigie", ":a", "a!b@c", "nick\x00"} {
			if err := <-b.send(private(fmt.Sprint("p", i), nick, "", "x")); !errors.Is(err, chat.ErrRefused) {
				t.Errorf("%q: %v", nick, err)
			}
		}
		for _, l := range p.lines("")[before:] {
			if !strings.HasPrefix(l, "PING") {
				t.Errorf("written: %q", l)
			}
		}
	})
}

// Whatever the text, everybody receives lines of at most 512 bytes that, put
// together, are the text.
func TestLinesFitAsOthersReceiveThem(t *testing.T) {
	s := &session{cfg: &Config{}, sup: newISupport(), caps: map[string]bool{}, people: people{}}
	s.me = person{nick: "vigie", user: "vigie", host: "very.long.host.name.of.the.bots.example.org"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(1, 1500, 4000).Draw(t, "text")
		target := "#" + rapid.StringMatching(`[a-z]{1,60}`).Draw(t, "channel")
		r := chat.Reply{Room: chat.Room{ID: target}, Text: text}
		lines := s.pieces(r, "PRIVMSG", target)
		var all string
		for _, p := range lines {
			all += p.text
			buf, err := say("PRIVMSG", target, p.text)
			if err != nil {
				t.Fatal(err)
			}
			if full := ":" + s.me.mask() + " " + string(buf); len(full) > lineMax {
				t.Fatalf("%d bytes: %q", len(full), full)
			} else if strings.Count(full, "\n") != 1 || strings.Count(full, "\r") != 1 {
				t.Fatalf("more than one line: %q", full)
			}
		}
		squeeze := func(s string) string { return strings.NewReplacer(" ", "", "\x02", "").Replace(s) }
		if len(lines) < maxLines && squeeze(all) != squeeze(strings.Join(render(text), "")) {
			t.Fatalf("text lost: %q of %q", all, text)
		}
	})
}
