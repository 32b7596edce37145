package irc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

const multiCaps = allCaps + " draft/multiline=max-bytes=4096,max-lines=100"

// echoBatch answers a batch of lines as such a server does: one labelled batch with one msgid.
func echoBatch(p *peer, line string) bool {
	tags, bare := untag(line)
	f := strings.Fields(bare)
	switch {
	case strings.HasPrefix(bare, "BATCH +"):
		p.mu.Lock()
		p.open = "@label=" + tagOf(tags, "label") + ";msgid=multi1;time=" + now() + " :" + p.nick + "!vigie@bots.test BATCH +e1 draft/multiline " + f[3]
		p.mu.Unlock()
	case strings.HasPrefix(bare, "BATCH -"):
		p.mu.Lock()
		lines := append([]string{p.open}, p.parts...)
		p.open, p.parts = "", nil
		p.mu.Unlock()
		p.send(append(lines, "BATCH -e1")...)
	case tagOf(tags, "batch") != "":
		p.mu.Lock()
		p.parts = append(p.parts, "@batch=e1 :"+p.nick+"!vigie@bots.test "+bare)
		p.mu.Unlock()
	default:
		return false
	}
	return true
}

// What takes several lines is one message where the server has draft/multiline, with one proof; a line
// that was cut goes on without an end of line.
func TestOneMessageOfSeveralLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{caps: multiCaps, hook: echoBatch}, nil)
		defer b.stop()
		long := strings.Repeat("longue ligne ", 50)
		if err := <-b.send(public("k", "**un**\n"+long+"\ntrois")); err != nil {
			t.Fatal(err)
		}
		if s := b.outcome("k"); s.Proof != "multi1" || s.Err != nil {
			t.Errorf("outcome: %+v", s)
		}
		p.mu.Lock()
		var got []string
		var text strings.Builder
		for _, l := range p.got {
			tags, bare := untag(l)
			if strings.HasPrefix(bare, "PRIVMSG") {
				if len(":"+"vigie!vigie@bots.test "+bare)+2 > lineMax {
					t.Errorf("%d bytes: those who do not know batches get a cut line", len(bare))
				}
				_, words, _ := strings.Cut(bare, " :")
				concat := strings.Contains(tags, concatTag)
				if text.Len() > 0 && !concat {
					text.WriteByte('\n')
				}
				text.WriteString(words)
			}
			if tagOf(tags, "batch") != "" || strings.HasPrefix(bare, "BATCH") {
				got = append(got, tags+"|"+bare)
			}
		}
		p.mu.Unlock()
		if len(got) != 6 || !strings.Contains(got[0], markTag+"="+mark("k", 0, 1)) || !strings.Contains(got[0], "label=") {
			t.Errorf("written: %q", got)
		}
		if want := "\x02un\x02\n" + strings.TrimRight(long, " ") + "\ntrois"; text.String() != want {
			t.Errorf("put together it reads %q", text.String())
		}
	})
}

// One line goes alone, and what is too long for the server's limits goes line by line.
func TestWhenNotToBatch(t *testing.T) {
	for name, tt := range map[string]struct{ caps, text string }{
		"one line":       {multiCaps, "bonjour"},
		"too many lines": {allCaps + " draft/multiline=max-bytes=4096,max-lines=2", "a\nb\nc"},
		"too many bytes": {allCaps + " draft/multiline=max-bytes=4", "aaa\nbbb"},
		"no limit told":  {allCaps + " draft/multiline", "a\nb"},
		"no batches":     {"message-tags echo-message sasl draft/multiline=max-bytes=4096", "a\nb"},
		"not offered":    {allCaps, "a\nb"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, p := online(t, &network{caps: tt.caps}, nil)
				defer b.stop()
				<-b.send(public("k", tt.text))
				if s := b.outcome("k"); s.Err != nil {
					t.Errorf("outcome: %+v", s)
				}
				if got := p.lines("BATCH"); len(got) != 0 {
					t.Errorf("written: %q", got)
				}
				if got := p.lines("PRIVMSG"); len(got) != strings.Count(tt.text, "\n")+1 {
					t.Errorf("written: %q", got)
				}
			})
		})
	}
}

// A server that refuses such a message gets it line by line at the next try: nothing is lost.
func TestMultilineRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{caps: multiCaps, hook: func(p *peer, line string) bool {
			tags, bare := untag(line)
			if strings.HasPrefix(bare, "BATCH +") {
				p.send("@label=" + tagOf(tags, "label") + " FAIL BATCH MULTILINE_MAX_LINES 1 :too many")
			}
			return strings.HasPrefix(bare, "BATCH") || tagOf(tags, "batch") != ""
		}}
		b, p := online(t, n, nil)
		defer b.stop()
		<-b.send(public("k", "un\ndeux"))
		if s := b.outcome("k"); !errors.Is(s.Err, chat.ErrDown) {
			t.Errorf("outcome: %+v", s)
		}
		before := len(p.lines("PRIVMSG"))
		<-b.send(public("k", "un\ndeux"))
		if s := b.outcome("k"); s.Err != nil || len(p.lines("PRIVMSG"))-before != 2 {
			t.Errorf("outcome: %+v, %q", s, p.lines("PRIVMSG"))
		}
	})
}

// What others say in several lines is one message, with the account that the server vouches for.
func TestOthersMultiline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := online(t, &network{caps: multiCaps}, nil)
		defer b.stop()
		p.send("@msgid=m;account=jean;time="+now()+" :jean!u@h BATCH +x draft/multiline #support",
			"@batch=x :jean!u@h PRIVMSG #support :!ticket notre", "@batch=x;"+concatTag+" :jean!u@h PRIVMSG #support : site",
			"@batch=x :jean!u@h PRIVMSG #support :!etat", "BATCH -x")
		got := messages(b.take(), chat.Text)
		if len(got) != 1 || got[0].Text != "!ticket notre site\n!etat" || got[0].ID != "m" || got[0].From.Account != "jean" {
			t.Errorf("messages: %+v", got)
		}
		// Hostile: never closed, closed empty, mixed, a notice, without a source.
		p.send(":a!b@c BATCH +y draft/multiline #support", "@batch=y :a!b@c PRIVMSG #support :x",
			":a!b@c BATCH +z draft/multiline #support", "BATCH -z", "BATCH +w draft/multiline #support", "@batch=w PRIVMSG #support :x", "BATCH -w",
			":a!b@c BATCH +v draft/multiline #support", "@batch=v :a!b@c PRIVMSG #support :x", "@batch=v :a!b@c NOTICE #support :y", "BATCH -v",
			":a!b@c BATCH +u draft/multiline #support", "@batch=u :a!b@c NOTICE #support :y", "BATCH -u")
		if got := messages(b.take(), chat.Text); len(got) != 0 {
			t.Errorf("messages: %+v", got)
		}
		for i := range 1000 {
			p.send(fmt.Sprint("@batch=y :a!b@c PRIVMSG #support :", i))
		}
		synctest.Wait()
		if n := len(b.session().batches["y"].lines); n > maxParts {
			t.Errorf("%d lines are kept of one message", n)
		}
	})
}

// In the history a message of several lines stands in a batch within a batch: it is read back whole, and
// one of our own is found again, by its mark or, where marks do not stay, by its words.
func TestMultilineInHistory(t *testing.T) {
	nested := func(p *peer, tags, source string, lines ...string) {
		p.send("BATCH +h chathistory #Support", "@batch=h;"+tags+" :"+source+" BATCH +n draft/multiline #support")
		for _, l := range lines {
			p.send("@batch=n :" + source + " PRIVMSG #support :" + l)
		}
		p.send("BATCH -n", "BATCH -h")
	}
	caps := strings.Replace(multiCaps, "labeled-response ", "", 1)
	synctest.Test(t, func(t *testing.T) {
		n := &network{caps: caps, hook: func(p *peer, line string) bool {
			if strings.HasPrefix(line, "CHATHISTORY AFTER") {
				nested(p, "msgid=m2;account=jean;time=2001-01-01T00:00:02.000Z", "jean!u@h", "un", "deux")
				return true
			}
			return false
		}}
		b := idle(t, n, nil)
		b.run([]byte(`{"#support":{"at":"2001-01-01T00:00:01Z","id":"m1"}}`))
		defer b.stop()
		time.Sleep(10 * time.Second)
		got := messages(b.take(), chat.Text)
		if len(got) != 1 || got[0].Text != "un\ndeux" || !got[0].History || got[0].ID != "m2" {
			t.Errorf("messages: %+v", got)
		}
	})
	for _, tags := range []string{"msgid=found;" + markTag + "=" + mark("k", 0, 1), "msgid=found"} {
		synctest.Test(t, func(t *testing.T) {
			n := &network{caps: caps, hook: func(p *peer, line string) bool {
				if strings.HasPrefix(line, "CHATHISTORY LATEST") {
					nested(p, tags, "vigie!vigie@bots.test", "un", "deux")
					return true
				}
				return false
			}}
			b, p := online(t, n, nil)
			defer b.stop()
			r := public("k", "un\ndeux")
			r.Maybe = true
			<-b.send(r)
			if s := b.outcome("k"); s.Proof != "found" || len(p.lines("PRIVMSG")) != 0 {
				t.Errorf("with %q: %+v, written %q", tags, s, p.lines("PRIVMSG"))
			}
		})
	}
}

// A fuzzed text keeps its bytes through the batch, whatever is in it.
func FuzzWhole(f *testing.F) {
	f.Add("un\ndeux trois", 12)
	f.Add("👩‍👩‍👧‍👦\n\x02gras", 40)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 12 + max(limit, -limit, 0)%400
		var lines []line
		var want []string
		for _, l := range render(text) {
			want = append(want, strings.ReplaceAll(l, "\x02", ""))
			for k, p := range split(l, limit) {
				lines = append(lines, line{text: p, concat: k > 0})
			}
		}
		got := strings.Split(strings.ReplaceAll(whole(lines), "\x02", ""), "\n")
		if len(lines) > 0 && !slices.Equal(got, want) {
			t.Fatalf("%q became %q", want, got)
		}
	})
}
