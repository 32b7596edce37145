package irc

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vigie/bot/chat"
)

// peer is one connection as the server sees it: it answers like a small server,
// unless hook takes the line.
type peer struct {
	conn net.Conn
	net  *network

	mu    sync.Mutex
	got   []string
	nick  string
	login login
	open  string // the first line of a batch that the bot is writing
	parts []string
}

// network is the scripted server: what it offers, and what it is to do.
type network struct {
	t        *testing.T
	caps     string
	isupport string
	hook     func(p *peer, line string) bool // true: the line is dealt with
	refuse   error                           // no connection is to be had
	taken    func(nick string) bool          // a nick that somebody else has
	nak      []string                        // capabilities that are offered and refused
	deny     []string                        // mechanisms that the services refuse

	mu    sync.Mutex
	peers []*peer
}

const allCaps = "message-tags server-time account-tag account-notify extended-join batch cap-notify chghost multi-prefix " +
	"echo-message labeled-response standard-replies draft/chathistory sasl=PLAIN,EXTERNAL,SCRAM-SHA-256"

// bot is a Transport that runs against a network, and what it delivered.
type bot struct {
	*Transport
	t    *testing.T
	net  *network
	end  context.CancelFunc
	done chan error

	mu  sync.Mutex
	got []chat.Inbound
}

// start runs a transport in the test's bubble and stops it at the end.
func start(t *testing.T, n *network, change func(*Config)) *bot {
	t.Helper()
	b := idle(t, n, change)
	b.run(nil)
	return b
}

// idle makes a transport that does not run yet.
func idle(t *testing.T, n *network, change func(*Config)) *bot {
	t.Helper()
	n.t = t
	if n.caps == "" {
		n.caps = allCaps
	}
	if n.isupport == "" {
		n.isupport = "CASEMAPPING=ascii CHANTYPES=# BOT=B WHOX TOPICLEN=120 STATUSMSG=@+ CHATHISTORY=50"
	}
	cfg := testConfig(t)
	if change != nil {
		change(&cfg)
	}
	tr, err := New(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &bot{Transport: tr, t: t, net: n, done: make(chan error, 1)}
	tr.dial = n.dial
	return b
}

func testConfig(t *testing.T) Config {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(secretCanary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Config{Name: "irc", Nick: "vigie", AltNicks: []string{"vigie_"}, Servers: []Server{{Address: "irc.test:6697"}},
		SASL: &SASL{Account: "vigie", PasswordFile: file}, Channels: []Channel{{Name: "#Support"}}}
}

const secretCanary = "s3cr3t-c4n4ry"

// run starts Run with a cursor.
func (b *bot) run(cursor []byte) {
	ctx, cancel := context.WithCancel(b.t.Context())
	b.end = cancel
	go func() {
		b.done <- b.Run(ctx, cursor, func(_ context.Context, in chat.Inbound) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.got = append(b.got, in)
			return nil
		})
	}()
	synctest.Wait()
}

// stop ends Run, and checks that it does so in time.
func (b *bot) stop() {
	b.t.Helper()
	b.end()
	began := time.Now()
	if err := <-b.done; err != nil {
		b.t.Errorf("Run = %v", err)
	}
	if d := time.Since(began); d > 5*time.Second {
		b.t.Errorf("Run took %v to stop", d)
	}
}

// messages are the texts delivered so far; take empties the list of everything.
func (b *bot) take() []chat.Inbound {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.got
	b.got = nil
	return out
}

func messages(in []chat.Inbound, kind chat.MessageKind) (out []chat.Message) {
	for _, i := range in {
		if m, ok := i.(chat.Message); ok && m.Kind == kind {
			out = append(out, m)
		}
	}
	return out
}

func only[T chat.Inbound](in []chat.Inbound) (out []T) {
	for _, i := range in {
		if v, ok := i.(T); ok {
			out = append(out, v)
		}
	}
	return out
}

// send says something in the background, and gives what Send returned.
func (b *bot) send(r chat.Reply) <-chan error {
	c := make(chan error, 1)
	go func() { c <- b.Send(b.t.Context(), r) }()
	synctest.Wait()
	return c
}

func public(key, text string) chat.Reply {
	return chat.Reply{Key: key, Room: chat.Room{Network: "irc", ID: "#support"}, Text: text}
}

func private(key, nick, account, text string) chat.Reply {
	return chat.Reply{Key: key, Room: chat.Room{Network: "irc", ID: nick, Private: true, Account: account}, Text: text}
}

func (n *network) dial(context.Context, Server) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.refuse != nil {
		return nil, n.refuse
	}
	here, there := net.Pipe()
	p := &peer{conn: there, net: n, nick: "*"}
	n.peers = append(n.peers, p)
	go p.serve()
	return here, nil
}

// last is the newest connection.
func (n *network) last() *peer {
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.peers) == 0 {
		n.t.Fatal("the bot has not connected")
	}
	return n.peers[len(n.peers)-1]
}

// session is the one that is up, at rest.
func (b *bot) session() *session {
	b.t.Helper()
	synctest.Wait()
	b.Transport.mu.Lock()
	defer b.Transport.mu.Unlock()
	if b.live == nil {
		b.t.Fatal("the bot is not on-line")
	}
	return b.live
}

func (n *network) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.peers)
}

// serve reads the bot's lines until the link ends.
func (p *peer) serve() {
	defer p.conn.Close()
	sc := bufio.NewScanner(p.conn)
	for sc.Scan() {
		line := strings.TrimSuffix(sc.Text(), "\r")
		p.mu.Lock()
		p.got = append(p.got, line)
		p.mu.Unlock()
		if p.net.hook == nil || !p.net.hook(p, line) {
			p.answer(line)
		}
	}
}

// send writes lines to the bot.
func (p *peer) send(lines ...string) {
	for _, l := range lines {
		if _, err := p.conn.Write([]byte(l + "\r\n")); err != nil {
			return
		}
	}
}

// lines are those that the bot wrote so far and that start with prefix, without tags.
func (p *peer) lines(prefix string) (out []string) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.got {
		if _, bare := untag(l); strings.HasPrefix(bare, prefix) {
			out = append(out, bare)
		}
	}
	return out
}

// untag parts the tags from a line.
func untag(l string) (tags, bare string) {
	if rest, ok := strings.CutPrefix(l, "@"); ok {
		tags, bare, _ = strings.Cut(rest, " ")
		return tags, bare
	}
	return "", l
}

func tagOf(tags, name string) string {
	for _, t := range strings.Split(tags, ";") {
		if v, ok := strings.CutPrefix(t, name+"="); ok {
			return v
		}
	}
	return ""
}

// answer is what an honest server says to line.
func (p *peer) answer(line string) {
	tags, bare := untag(line)
	name, rest, _ := strings.Cut(bare, " ")
	switch name {
	case "NICK":
		p.nick = rest
	case "CAP":
		p.cap(rest)
	case "AUTHENTICATE":
		p.authenticate(strings.TrimPrefix(rest, "+"))
	case "PING":
		p.send(":s.test PONG s.test :" + strings.TrimPrefix(rest, ":"))
	case "JOIN":
		for _, ch := range strings.Split(strings.Fields(rest)[0], ",") {
			p.send(fmt.Sprintf("@time=%s :%s!vigie@bots.test JOIN %s vigie :Vigie", now(), p.nick, ch))
		}
	case "WHO":
		p.send(":s.test 315 " + p.nick + " " + strings.Fields(rest)[0] + " :End")
	case "ISON":
		taken := ""
		if p.net.taken != nil && p.net.taken(rest) {
			taken = rest
		}
		p.send(":s.test 303 " + p.nick + " :" + taken)
	case "WHOIS":
		p.send(":s.test 318 " + p.nick + " " + rest + " :End")
	case "CHATHISTORY":
		target := strings.Fields(rest)[1]
		p.send("@label="+tagOf(tags, "label")+" BATCH +h chathistory "+target, "BATCH -h")
	case "PRIVMSG", "NOTICE", "TOPIC":
		if strings.Contains(p.net.caps, "echo-message") || name == "TOPIC" {
			p.send(fmt.Sprintf("@label=%s;msgid=id%d;time=%s :%s!vigie@bots.test %s", tagOf(tags, "label"), p.serial(), now(), p.nick, bare))
		}
	case "QUIT":
		p.send("ERROR :bye")
		p.conn.Close()
	}
}

// serial numbers the lines of this connection.
func (p *peer) serial() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// cap answers the negotiation, and lets the bot in at its end.
func (p *peer) cap(rest string) {
	switch sub, arg, _ := strings.Cut(rest, " "); sub {
	case "LS":
		p.send(":s.test CAP * LS :" + p.net.caps)
	case "REQ":
		arg = strings.TrimPrefix(arg, ":")
		verdict := "ACK"
		if slices.ContainsFunc(strings.Fields(arg), func(c string) bool { return slices.Contains(p.net.nak, c) }) {
			verdict = "NAK" // all or nothing
		}
		p.send(":s.test CAP * " + verdict + " :" + arg)
	case "END":
		p.welcome()
	}
}

func (p *peer) welcome() {
	p.send(":s.test 001 "+p.nick+" :Welcome", ":s.test 005 "+p.nick+" "+p.net.isupport+" :are supported",
		":s.test 376 "+p.nick+" :End of MOTD")
}

// ups and downs of the link, as they were told.
func ups(in []chat.Inbound) (out []bool) {
	for _, s := range only[chat.Status](in) {
		out = append(out, s.Up)
	}
	return slices.Compact(out)
}
