package irc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// tally counts what Send returned and what was delivered for each key.
type tally struct {
	mu       sync.Mutex
	accepted map[string]bool
	refused  map[string]error
	outcomes map[string][]chat.Sent
}

// A network that cuts, stays silent, refuses and renames at random: whatever
// happens, a Send that returned nil has exactly one outcome, one that did not
// has none, a proof is never given to a line that the server did not get, and
// nothing is written before the login.
func TestChaos(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { chaos(t, seed) })
		})
	}
}

func chaos(t *testing.T, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 7))
	n := &network{caps: []string{allCaps, noEcho, noEcho + " echo-message"}[dice.IntN(3)]}
	n.hook = mischief(rand.New(rand.NewPCG(seed, 8)))
	b := idle(t, n, func(c *Config) {
		c.Channels = []Channel{{Name: "#support"}, {Name: "#annonces"}}
		c.Burst, c.Rate = 1+dice.IntN(5), 0.5+dice.Float64()*4
	})
	b.run(nil)
	sum := &tally{accepted: map[string]bool{}, refused: map[string]error{}, outcomes: map[string][]chat.Sent{}}
	var wg sync.WaitGroup
	for i := range 60 {
		r, patience := anyReply(dice, i), time.Duration(1+dice.IntN(60))*time.Second
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			err := b.Send(ctx, r)
			sum.mu.Lock()
			defer sum.mu.Unlock()
			if err == nil {
				sum.accepted[r.Key] = true
			} else {
				sum.refused[r.Key] = err
			}
		})
		time.Sleep(time.Duration(dice.IntN(3000)) * time.Millisecond)
		disturb(n, dice)
	}
	wg.Wait()
	time.Sleep(2 * time.Minute)
	for _, s := range only[chat.Sent](b.take()) {
		sum.outcomes[s.Key] = append(sum.outcomes[s.Key], s)
	}
	b.stop()
	sum.check(t, n)
}

// anyReply makes some reply, to a room or to a person.
func anyReply(dice *rand.Rand, i int) chat.Reply {
	text := fmt.Sprintf("<%d>", i) + strings.Repeat("\nsuite", dice.IntN(3))
	r := public(fmt.Sprint("k", i), text)
	switch dice.IntN(5) {
	case 0:
		r.Room.ID = "#annonces"
	case 1:
		r = private(r.Key, "jean", "jean", text)
	case 2:
		r = private(r.Key, "anonyme", "", text)
	}
	r.Priority = chat.Priority(dice.IntN(4))
	r.Maybe = dice.IntN(8) == 0
	return r
}

// mischief makes a server that sometimes says nothing, or no.
func mischief(dice *rand.Rand) func(*peer, string) bool {
	var mu sync.Mutex
	roll := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return dice.IntN(n)
	}
	return func(p *peer, line string) bool {
		tags, bare := untag(line)
		f := strings.Fields(bare)
		switch {
		case len(f) == 0:
			return true
		case f[0] == "WHOIS" && len(f) > 1 && f[1] == "jean" && roll(3) > 0:
			p.send(":s.test 330 vigie jean jean :is logged in as")
		case (f[0] == "PRIVMSG" || f[0] == "NOTICE") && roll(10) == 0:
			p.send("@label=" + tagOf(tags, "label") + " :s.test 404 vigie " + f[1] + " :Cannot send")
			return true
		case (f[0] == "PRIVMSG" || f[0] == "NOTICE" || f[0] == "JOIN" || f[0] == "CHATHISTORY") && roll(15) == 0:
			return true
		}
		return false
	}
}

// disturb does one bad thing to the newest link, or nothing.
func disturb(n *network, dice *rand.Rand) {
	p := n.last()
	switch dice.IntN(40) {
	case 0:
		p.conn.Close()
	case 1:
		p.send("ERROR :Closing Link: (Excess Flood)")
	case 2:
		p.send(":jean!u@h JOIN #support jean :x")
	case 3:
		p.send(":jean!u@h NICK jean_", ":voleur!u@h NICK jean")
	case 4:
		p.send(":jean_!u@h QUIT :x", ":jean!u@h QUIT :x")
	case 5:
		p.send(":op!o@h KICK #support vigie :out")
	case 6:
		p.send(":vigie!vigie@bots.test NICK vigie2", ":vigie2!vigie@bots.test NICK vigie")
	}
}

// check compares what was promised with what happened.
func (s *tally) check(t *testing.T, n *network) {
	t.Helper()
	t.Logf("%d taken, %d not, %d links", len(s.accepted), len(s.refused), len(n.peers))
	if len(s.accepted) < 5 {
		t.Error("hardly anything was said: the test tests nothing")
	}
	got := map[string]bool{} // what servers received
	for _, p := range n.peers {
		in := false
		for _, l := range p.got {
			_, bare := untag(l)
			in = in || bare == "CAP END"
			if name, _, _ := strings.Cut(bare, " "); name == "PRIVMSG" || name == "NOTICE" {
				if !in {
					t.Errorf("said before the login: %q", bare)
				}
				if _, text, ok := strings.Cut(bare, ":<"); ok {
					got["k"+text[:strings.IndexByte(text, '>')]] = true
				}
			}
		}
	}
	for key := range s.accepted {
		if len(s.outcomes[key]) != 1 {
			t.Errorf("%s was taken and has %d outcomes", key, len(s.outcomes[key]))
		}
	}
	for key, err := range s.refused {
		if len(s.outcomes[key]) != 0 {
			t.Errorf("%s was not taken (%v) and has an outcome: %+v", key, err, s.outcomes[key])
		}
		if got[key] {
			t.Errorf("%s was not taken (%v) and was written", key, err)
		}
		if !errors.Is(err, chat.ErrDown) && !errors.Is(err, chat.ErrAway) && !errors.Is(err, chat.ErrRefused) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: an error of no kind: %v", key, err)
		}
	}
	for key, o := range s.outcomes {
		if len(o) == 1 && o[0].Proof != "" && !got[key] {
			t.Errorf("%s has the proof %q and never arrived", key, o[0].Proof)
		}
		if len(o) == 1 && (o[0].Proof == "") == (o[0].Err == nil) {
			t.Errorf("%s has neither proof nor error, or both: %+v", key, o[0])
		}
	}
}
