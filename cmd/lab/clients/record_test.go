package clients

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lrstanley/girc"
)

type word string

func (w word) String() string { return string(w) }

func is(want word) func(word) bool { return func(w word) bool { return w == want } }

func TestWaitSeesOnlyWhatComesAfterItsMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecord[word]("claire")
		r.add("oui")
		mark := r.Mark()
		go func() {
			time.Sleep(time.Second)
			r.add("non")
			r.add("oui")
		}()
		begin := time.Now()
		if _, err := r.Wait(t.Context(), mark, "a yes", is("oui")); err != nil || time.Since(begin) != time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if n := r.Count(0, is("oui")); n != 2 {
			t.Errorf("%d yes in all", n)
		}
		if n := r.Count(mark, is("oui")); n != 1 {
			t.Errorf("%d yes since the mark", n)
		}
		if got := fmt.Sprint(r.Since(mark)); got != "[non oui]" {
			t.Errorf("since the mark: %s", got)
		}
	})
}

func TestWaitIsPatientTwentySecondsAndSaysWhatItSaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecord[word]("claire")
		for i := range 40 {
			r.add(word(fmt.Sprintf("mot %d", i)))
		}
		begin := time.Now()
		_, err := r.Wait(t.Context(), 0, "a yes", is("oui"))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != patience {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		for _, want := range []string{"claire did not see a yes", "(25 more)", "mot 39"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
		}
		if strings.Contains(err.Error(), "mot 24") {
			t.Errorf("the error says too much: %v", err)
		}
	})
}

func TestNothingIsLostBetweenManyWriters(t *testing.T) {
	r := newRecord[word]("claire")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 100 {
				r.add(word(fmt.Sprintf("%d.%d", i, j)))
			}
		})
		wg.Go(func() {
			if _, err := r.Wait(t.Context(), 0, "the last word", is(word(fmt.Sprintf("%d.99", i)))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if r.Mark() != 800 {
		t.Errorf("%d words kept", r.Mark())
	}
}

func parse(t *testing.T, raw string) IRCLine {
	t.Helper()
	e := girc.ParseEvent(raw)
	if e == nil {
		t.Fatalf("not a line: %q", raw)
	}
	return lineOf(e, raw, 1)
}

func TestAnswerToALabelledMessage(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  string // command of the line found; "" for none
	}{
		"echo":          {[]string{"@label=lab1;msgid=x :c!u@h PRIVMSG #s :hi"}, "PRIVMSG"},
		"another's":     {[]string{"@label=lab2 :c!u@h PRIVMSG #s :hi", ":c!u@h PRIVMSG #s :hi"}, ""},
		"refusal":       {[]string{"@label=lab1 :srv 404 c #s :Cannot send to channel"}, "404"},
		"away and echo": {[]string{"@label=lab1 :srv BATCH +7 labeled-response", "@batch=7 :srv 301 c v :away", "@batch=7 :c!u@h PRIVMSG v :hi"}, "PRIVMSG"},
	} {
		match, got := answerTo("lab1"), ""
		for _, raw := range c.lines {
			if l := parse(t, raw); got == "" && match(l) {
				got = l.Command
			}
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

func TestIRCLine(t *testing.T) {
	l := parse(t, `@account=claire;msgid=a1;+x=a\sb :Claire!u@h PRIVMSG #Support :bonjour : vous`)
	if l.From != "Claire" || l.Account != "claire" || l.MsgID() != "a1" || l.Tags["+x"] != "a b" || l.Text() != "bonjour : vous" {
		t.Errorf("got %+v", l)
	}
	if !Said("claire", "#support", "vous")(l) || Said("marc", "", "")(l) || Said("", "#autre", "")(l) || Said("", "", "merci")(l) {
		t.Error("Said")
	}
	bare := parse(t, "PING")
	if bare.Text() != "" || bare.Target() != "" || bare.MsgID() != "" || Said("", "", "")(bare) {
		t.Errorf("got %+v", bare)
	}
}
