package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"vigie/cmd/lab/servers"
	"vigie/cmd/lab/story"
)

// ircPerson is somebody with the plainest of clients: no capabilities, lines as they come.
type ircPerson struct {
	t    *testing.T
	nick string
	conn net.Conn

	mu    sync.Mutex
	lines []string
}

// comes connects somebody in the clear; hello are lines written before NICK and USER, such as PASS.
func comes(t *testing.T, addr, nick string, hello ...string) *ircPerson {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	p := &ircPerson{t: t, nick: nick, conn: conn}
	t.Cleanup(func() { conn.Close() })
	go p.read()
	p.say(append(hello, "NICK "+nick, "USER "+nick+" 0 * :"+nick)...)
	p.reads("the welcome", func(l string) bool { return strings.Contains(l, " 376 ") || strings.Contains(l, " 422 ") })
	return p
}

func (p *ircPerson) read() {
	r := bufio.NewReader(p.conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if token, ok := strings.CutPrefix(line, "PING "); ok {
			fmt.Fprintf(p.conn, "PONG %s", token)
		}
		p.mu.Lock()
		p.lines = append(p.lines, line)
		p.mu.Unlock()
	}
}

// say writes lines.
func (p *ircPerson) say(lines ...string) {
	p.t.Helper()
	for _, l := range lines {
		if _, err := fmt.Fprintf(p.conn, "%s\r\n", l); err != nil {
			p.t.Fatalf("%s: %v", p.nick, err)
		}
	}
}

// all are the lines read so far, as they came.
func (p *ircPerson) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

// reads waits for a line, from the first ever read on, and returns it.
func (p *ircPerson) reads(what string, match func(string) bool) string {
	p.t.Helper()
	return p.readsAfter(0, what, match)
}

func (p *ircPerson) readsAfter(from int, what string, match func(string) bool) string {
	p.t.Helper()
	for deadline := time.Now().Add(45 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, l := range p.all()[from:] {
			if match(l) {
				return strings.TrimRight(l, "\r\n")
			}
		}
	}
	all := p.all()
	p.t.Fatalf("%s never read %s; its last lines:\n%s", p.nick, what, strings.Join(all[max(0, len(all)-15):], ""))
	return ""
}

// asks says something to the bot, in a channel or in private, and returns its next line that holds words.
func (p *ircPerson) asks(target, text, words string) string {
	p.t.Helper()
	from := len(p.all())
	p.say("PRIVMSG " + target + " :" + text)
	return p.readsAfter(from, "an answer with "+words+" to "+text, func(l string) bool {
		return strings.HasPrefix(l, ":vigie!") && (strings.Contains(l, "PRIVMSG") || strings.Contains(l, "NOTICE")) && strings.Contains(l, words)
	})
}

// joins enters a channel and waits to be there.
func (p *ircPerson) joins(channels ...string) {
	p.t.Helper()
	for _, ch := range channels {
		p.say("JOIN " + ch)
		p.reads("its own arrival in "+ch, func(l string) bool { return strings.Contains(l, " 366 ") && strings.Contains(l, ch) })
	}
}

// sees waits for the bot in a channel.
func (p *ircPerson) sees(channel string) {
	p.t.Helper()
	for deadline := time.Now().Add(45 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		from := len(p.all())
		p.say("NAMES " + channel)
		names := p.readsAfter(from, "the names in "+channel, func(l string) bool { return strings.Contains(l, " 353 ") || strings.Contains(l, " 366 ") })
		if regexp.MustCompile(`[ :@+~&%]vigie( |$)`).MatchString(names[strings.LastIndex(names, " :"):]) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the bot does not come to %s: %s", channel, names)
		}
	}
}

// ircConfig is a host with one network; what varies is how the bot comes to it.
const ircConfig = `lab: true
language: fr
names: [vigie]
time_zone: Europe/Paris
data: %[1]s
irc:
  - name: irc
    nick: vigie
    alt_nicks: [vigie_]
    rate: 4
    ping_every: 3s
    ping_timeout: 3s
    channels: [{name: "#support"}, {name: "#equipe"}, {name: "#ferme"}]
%[2]s
rooms:
  support: {audience: public, language: fr, places: ["irc/#support"], topic: true, announcements: true}
  equipe: {audience: staff, allow_plaintext: true, places: ["irc/#equipe"]}
  ferme: {audience: public, places: ["irc/#ferme"]}
roles:
  adminsys: [irc/jean]
%[3]s
services:
  - {id: web, title: {fr: "Sites web", en: "Web sites"}, intents: [site_down]}
web: {listen: "127.0.0.1:%[4]d"}
limits: {messages: 1000}
`

var hostSection = regexp.MustCompile(`(?ms)^host:.*?^(?:[a-z#]|\z)`)

// ircBot describes the real program on one IRC network; network is that part of the configuration.
func ircBot(t *testing.T, network string) *servers.Server {
	t.Helper()
	program, err := filepath.Abs(story.DefaultBin())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%v: build it with make build", err)
		}
		t.Skipf("SKIPPED, NOT TESTED: %v: build it with make build", err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "init.yaml")
	if out, err := exec.CommandContext(t.Context(), program, "init", "--defaults", "-c", file).CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}
	shipped, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	host := hostSection.FindString(string(shipped))
	ports, err := servers.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config.yaml")
	write(t, config, fmt.Appendf(nil, ircConfig, filepath.Join(dir, "data"), network, host[:len(host)-1], ports[0]))
	web := fmt.Sprintf("127.0.0.1:%d", ports[0])
	up := func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", web)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	bot := servers.NewServer("vigie", filepath.Join(dir, "vigie.log"), dir, up, program, "run", "-c", config)
	t.Cleanup(func() {
		if err := bot.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("end of the bot's log:\n%s", lastLines(bot.LogFile, 30))
		}
	})
	return bot
}
