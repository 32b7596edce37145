package chattest

import (
	"context"
	"errors"
	"sync"
	"time"

	"vigie/bot/chat"
)

// refusesWhenDown: before Run, and after it, Send is ErrDown at once.
func refusesWhenDown(p *probe) {
	if err := p.send(p.reply(p.Room, p.word("avant"))); !errors.Is(err, chat.ErrDown) {
		p.Errorf("before Run: %v", err)
	}
	p.start(p.Transport, nil)
	p.end()
	r := p.reply(p.Room, p.word("apres"))
	if err := p.send(r); !errors.Is(err, chat.ErrDown) {
		p.Errorf("after Run: %v", err)
	}
	if count(p.Read(p.Room), r.Text) != 0 {
		p.Error("it was said all the same")
	}
}

// cut breaks the link and waits until the transport has said so.
func (p *probe) cut() {
	p.Cut()
	p.await("that the link is down", func(in []chat.Inbound) bool { return link(in) == 0 })
}

// comesBack: a lost link is told, refuses Sends, and comes back by itself.
func comesBack(p *probe) {
	p.cut()
	r := p.reply(p.Room, p.word("pendant"))
	if err := p.send(r); !errors.Is(err, chat.ErrDown) {
		p.Errorf("without a link: %v", err)
	}
	p.Mend()
	p.await("the link", func(in []chat.Inbound) bool { return link(in) > 0 })
	after := p.reply(p.Room, p.word("retour"))
	if s := p.says(after); s.Err != nil {
		p.Errorf("outcome: %+v", s)
	}
	p.once(p.Room, after.Text)
	if count(p.Read(p.Room), r.Text) != 0 {
		p.Error("what was refused was said all the same")
	}
	word := p.word("encore")
	p.Write(word)
	p.await("a line after the return", func(in []chat.Inbound) bool { return len(texts(in, word)) > 0 })
}

// survivesCut: of replies under way when the link breaks, those whose Send failed
// were not said, those proved were said, and there is one outcome for each that
// Send took.
func survivesCut(p *probe) {
	replies, errs := make([]chat.Reply, several), make([]error, several)
	var wg sync.WaitGroup
	for i := range replies {
		replies[i] = p.reply(p.Room, p.word("coupure"))
		wg.Go(func() { errs[i] = p.send(replies[i]) })
	}
	p.await("the first outcome", func(in []chat.Inbound) bool {
		for _, r := range replies {
			if len(sents(in, r.Key)) > 0 {
				return true
			}
		}
		return false
	})
	p.cut()
	wg.Wait()
	outcomes := make([]chat.Sent, several)
	for i, r := range replies {
		if errs[i] == nil {
			outcomes[i] = p.outcome(r.Key)
		}
	}
	p.Mend()
	p.await("the link", func(in []chat.Inbound) bool { return link(in) > 0 })
	if s := p.says(p.reply(p.Room, p.word("fin"))); s.Err != nil {
		p.Errorf("outcome after the cut: %+v", s)
	}
	for i, r := range replies {
		n := count(p.Read(p.Room), r.Text)
		switch {
		case errs[i] == nil && outcomes[i].Err == nil && n != 1:
			p.Errorf("proved by %q, and read %d times", outcomes[i].Proof, n)
		case errs[i] != nil && n != 0:
			p.Errorf("Send = %v, and read %d times", errs[i], n)
		case n > 1:
			p.Errorf("read %d times after one Send", n)
		}
	}
}

// stops: Run ends in time while lines keep coming, and nothing is delivered after.
func stops(p *probe) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			p.Write(p.word2("bavard"))
			time.Sleep(time.Millisecond) // a fast typist; in a bubble, time has to pass
		}
	})
	p.await("a line", func(in []chat.Inbound) bool { return len(texts(in, "bavard")) > 0 })
	p.end()
	cancel()
	wg.Wait()
	if n := p.ear.after(); n > 0 {
		p.Errorf("%d things were delivered after Run had ended", n)
	}
}

// word2 is a word for a goroutine other than the check's.
func (p *probe) word2(what string) string { return what + time.Now().Format("-150405.000000") }

// stopsBlocked: Run ends in time although nobody takes what it delivers.
func stopsBlocked(p *probe) {
	open := p.ear.block()
	defer open()
	writeBurst(p, p.word("bloque"))
	p.end()
}

// stopsDown: Run ends in time while it waits to connect again.
func stopsDown(p *probe) {
	p.cut()
	p.end()
	p.Mend()
}
