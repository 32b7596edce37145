package chattest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"vigie/bot/chat"
)

// proves: each Send that returned nil has one outcome, with a proof, and people
// have read it once.
func proves(p *probe) {
	for _, room := range []chat.Room{p.Room, p.Person} {
		word := p.word("preuve")
		r := p.reply(room, word)
		if s := p.says(r); s.Err != nil || s.Proof == "" {
			p.Errorf("outcome in %s: %+v", room, s)
		}
		p.once(room, word)
	}
}

// several is how many replies are sent in a row: networks of lines are slow.
const several = 8

// keepsOrder: a room reads replies in the order of their Sends.
func keepsOrder(p *probe) {
	word := p.word("ordre")
	var want []string
	for i := range several {
		want = append(want, fmt.Sprintf("%s %02d", word, i))
		if err := p.send(p.reply(p.Room, want[i])); err != nil {
			p.Fatalf("Send = %v", err)
		}
	}
	ours := func(lines []string) (out []string) {
		for _, l := range lines {
			if strings.Contains(l, word) {
				out = append(out, l)
			}
		}
		return out
	}
	p.awaitRead(p.Room, "all of them", func(lines []string) bool { return len(ours(lines)) >= several })
	if got := ours(p.Read(p.Room)); !slices.Equal(got, want) {
		p.Errorf("read %q", got)
	}
}

// sendsAtOnce: Sends from several goroutines, into two rooms, each have their one
// outcome and are read once.
func sendsAtOnce(p *probe) {
	var wg sync.WaitGroup
	replies := make([]chat.Reply, several)
	for i := range replies {
		replies[i] = p.reply([]chat.Room{p.Room, p.Person}[i%2], p.word("ensemble"))
		wg.Go(func() {
			if err := p.send(replies[i]); err != nil {
				p.Errorf("Send = %v", err)
			}
		})
	}
	wg.Wait()
	for _, r := range replies {
		if s := p.outcome(r.Key); s.Err != nil {
			p.Errorf("outcome: %+v", s)
		}
	}
	for _, r := range replies {
		p.once(r.Room, r.Text)
	}
}

// attacks are texts that try to be something else than a text. Each is sent with
// a word at its front.
var attacks = []string{
	" \r\nQUIT :adieu", " \nPRIVMSG #autre :ailleurs", " \x00\x01VERSION\x01 \x02\x0304rouge\x0f", " </p></mx-reply><img src=x onerror=x> &lt;",
	" @room @everyone \u202egauche", " \xff\xfe\xc3( fin", " " + strings.Repeat("é", 700), " " + strings.Repeat("a\u0301\u0302\u0303", 300),
	" https://exemple.test/" + strings.Repeat("x", 600), "\n\n\n- ** ` ",
}

// saysHostile: whatever a reply holds, it has one outcome, people read its
// beginning once, and the link lives on.
func saysHostile(p *probe) {
	for _, attack := range attacks {
		word := p.word("attaque")
		r := p.reply(p.Room, word+attack)
		if err := p.send(r); err != nil {
			if !errors.Is(err, chat.ErrRefused) {
				p.Errorf("Send of %q = %v", chat.Cut(attack, 30), err)
			}
			continue
		}
		if s := p.outcome(r.Key); s.Err != nil && !errors.Is(s.Err, chat.ErrRefused) {
			p.Errorf("outcome of %q: %+v", chat.Cut(attack, 30), s)
			continue
		}
		p.once(p.Room, word)
	}
	if link(p.ear.all()) == 0 {
		p.Error("the link went down")
	}
	for _, l := range p.Read(p.Room) {
		if strings.ContainsAny(l, "\r\x00") {
			p.Errorf("people read control characters: %q", l)
		}
	}
}

// retries: a reply that has arrived is not said again when the network can tell,
// and one that has not is; where it cannot tell, the transport says so and says
// nothing in the room.
func retries(p *probe) {
	first := p.reply(p.Room, p.word("une-fois"))
	if s := p.says(first); s.Err != nil {
		p.Fatalf("outcome: %+v", s)
	}
	first.Maybe = true
	again := p.says(first)
	fresh := p.reply(p.Room, p.word("perdu"))
	fresh.Maybe = true
	lost := p.says(fresh)
	p.once(p.Room, first.Text)
	if !p.Tells {
		if !errors.Is(again.Err, chat.ErrUnknown) || !errors.Is(lost.Err, chat.ErrUnknown) {
			p.Errorf("outcomes: %+v and %+v, want ErrUnknown", again, lost)
		}
		if count(p.Read(p.Room), fresh.Text) != 0 {
			p.Error("what may have arrived was said all the same")
		}
		return
	}
	if again.Err != nil || again.Proof == "" || lost.Err != nil || lost.Proof == "" {
		p.Errorf("outcomes: %+v and %+v, want proofs", again, lost)
	}
	p.once(p.Room, fresh.Text)
}

// missesAbsent: what is for somebody who is not there is not said, to anybody, and
// called ErrAway.
func missesAbsent(p *probe) {
	if p.Absent == (chat.Room{}) {
		p.Log("people are always there on this network")
		return
	}
	r := p.reply(p.Absent, p.word("absent"))
	err := p.send(r)
	if err == nil {
		err = p.outcome(r.Key).Err
	}
	if !errors.Is(err, chat.ErrAway) {
		p.Errorf("it ended with %v", err)
	}
	for _, room := range []chat.Room{p.Room, p.Person} {
		if n := count(p.Read(room), r.Text); n != 0 {
			p.Errorf("%s read it", room)
		}
	}
}
