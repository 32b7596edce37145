package irc

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
	"vigie/bot/chat/chattest"
)

// town is a scripted network with a person in it, and with a history where it
// offers one.
type town struct {
	*network
	mu     sync.Mutex
	past   []string // lines of #support as the history tells them
	inside *peer    // the connection that is in #support, nil after a cut
	been   bool     // one was
	count  int      // what anne has said
}

// TestKeepsWhatTransportsPromise on a network that offers all there is, and on one
// that offers little: no echo, no labels, no history.
func TestKeepsWhatTransportsPromise(t *testing.T) {
	t.Run("all", func(t *testing.T) {
		chattest.RunInBubble(t, func(t *testing.T) chattest.Harness { return newTown(allCaps).harness(t, true) })
	})
	t.Run("little", func(t *testing.T) {
		chattest.RunInBubble(t, func(t *testing.T) chattest.Harness { return newTown(noEcho).harness(t, false) })
	})
}

func newTown(caps string) *town {
	n := &town{network: &network{caps: caps}}
	n.hook = n.obey
	return n
}

func (n *town) harness(t *testing.T, history bool) chattest.Harness {
	b := idle(t, n.network, nil)
	h := chattest.Harness{
		Transport: b.Transport, Room: chat.Room{Network: "irc", ID: "#support"},
		Person: chat.Room{Network: "irc", ID: "anne", Private: true},
		Absent: chat.Room{Network: "irc", ID: "bob", Private: true, Account: "bob"},
		Write:  n.write, Read: n.read, Cut: n.cut, Mend: n.mend,
		Tells: history, Within: 10 * time.Minute,
	}
	if history {
		h.Again = func() chat.Transport {
			tr, err := New(testConfig(t), nil)
			if err != nil {
				t.Error(err)
			}
			tr.dial = n.dial
			return tr
		}
	}
	return h
}

// obey notes who is in the channel and what was said, and tells the history.
func (n *town) obey(p *peer, line string) bool {
	tags, bare := untag(line)
	f := strings.Fields(bare)
	switch f[0] {
	case "JOIN":
		p.answer(line)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.inside, n.been = p, true
		return true
	case "PRIVMSG":
		if strings.Contains(n.caps, "echo-message") && f[1] == "#support" {
			n.note(fmt.Sprintf("time=%s;msgid=b%d%s", now(), p.serial(), keptTags(tags)), ":"+p.nick+"!vigie@bots.test "+bare)
		}
	case "CHATHISTORY":
		n.tell(p, tagOf(tags, "label"), f[1:])
		return true
	}
	return false
}

// keptTags are the client's own tags, which servers pass on.
func keptTags(tags string) (kept string) {
	for _, t := range strings.Split(tags, ";") {
		if strings.HasPrefix(t, "+") {
			kept += ";" + t
		}
	}
	return kept
}

func (n *town) note(tags, line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.past = append(n.past, tags+" "+line)
}

// tell answers CHATHISTORY LATEST, BEFORE and AFTER.
func (n *town) tell(p *peer, label string, args []string) {
	n.mu.Lock()
	past := slices.Clone(n.past)
	n.mu.Unlock()
	limit, _ := strconv.Atoi(args[3])
	if at, ok := strings.CutPrefix(args[2], "timestamp="); ok {
		past = slices.DeleteFunc(past, func(l string) bool {
			said := tagOf(strings.Fields(l)[0], "time")
			return args[0] == "AFTER" && said <= at || args[0] == "BEFORE" && said >= at
		})
	}
	if args[0] == "AFTER" {
		past = past[:min(limit, len(past))]
	}
	past = past[max(0, len(past)-limit):]
	p.send("@label=" + label + " BATCH +h chathistory " + args[1])
	for _, l := range past {
		p.send("@batch=h;" + l)
	}
	p.send("BATCH -h")
}

// write is what anne says in the channel. Whoever reads the history hears it later
// when there is no link now; otherwise she waits for the bot, for a while.
func (n *town) write(text string) {
	n.mu.Lock()
	n.count++
	tags := fmt.Sprintf("time=%s;msgid=a%d;account=anne", now(), n.count)
	n.mu.Unlock()
	line := ":anne!anne@home.test PRIVMSG #support :" + text
	for begin := time.Now(); time.Since(begin) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
		n.mu.Lock()
		p, been := n.inside, n.been
		n.mu.Unlock()
		if been && strings.Contains(n.caps, "chathistory") {
			n.note(tags, line)
			if p == nil {
				break
			}
		}
		if p == nil {
			continue
		}
		if _, err := p.conn.Write([]byte("@" + tags + " " + line + "\r\n")); err == nil || been {
			break
		}
	}
	time.Sleep(time.Millisecond) // no two lines at one instant
}

// read lists what the bot wrote to a channel or a nick.
func (n *town) read(room chat.Room) (lines []string) {
	n.network.mu.Lock()
	defer n.network.mu.Unlock()
	for _, p := range n.peers {
		p.mu.Lock()
		for _, l := range p.got {
			_, bare := untag(l)
			if text, ok := strings.CutPrefix(bare, "PRIVMSG "+room.ID+" :"); ok {
				lines = append(lines, text)
			}
		}
		p.mu.Unlock()
	}
	return lines
}

func (n *town) cut() {
	n.network.mu.Lock()
	n.refuse = errors.New("the network is unreachable")
	last := n.peers[len(n.peers)-1]
	n.network.mu.Unlock()
	n.mu.Lock()
	n.inside = nil
	n.mu.Unlock()
	_ = last.conn.Close()
}

func (n *town) mend() {
	n.network.mu.Lock()
	defer n.network.mu.Unlock()
	n.refuse = nil
}

// A flood in one's absence does not bury what was said to the bot: all that a server keeps is read, page after page.
func TestAFloodInOnesAbsenceIsReadThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(allCaps)
		b := idle(t, n.network, func(c *Config) { c.Rate = 20 })
		const flood = 900
		for i := range flood {
			at := time.Now().Add(time.Duration(i-flood) * 10 * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
			n.note(fmt.Sprintf("time=%s;msgid=f%d;account=anne", at, i), fmt.Sprintf(":anne!anne@home.test PRIVMSG #support :ligne %d", i))
		}
		b.run(fmt.Appendf(nil, `{"#support":{"at":%q}}`, time.Now().Add(-time.Hour).UTC().Format(time.RFC3339Nano)))
		defer b.stop()
		time.Sleep(time.Minute)
		if got := len(messages(b.take(), chat.Text)); got != flood {
			t.Errorf("%d of %d lines were read back", got, flood)
		}
	})
}
