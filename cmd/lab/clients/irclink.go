package clients

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/lrstanley/girc"
)

const (
	maxIRCLine   = 16 << 10 // 8 KiB of tags, 512 bytes of message, and as much again
	writeTimeout = 5 * time.Second
	silence      = 30 * time.Second // a link that says nothing for so long is asked whether it lives, then closed
)

// capabilities are those a modern client asks for.
const capabilities = "account-tag batch draft/chathistory echo-message extended-join labeled-response message-tags server-time"

// An ircLink is one connection, from dial to loss.
type ircLink struct {
	conn net.Conn
	done chan struct{} // closed when nothing more will be read
	once sync.Once
	wmu  sync.Mutex
}

func (l *ircLink) close() { l.once.Do(func() { l.conn.Close() }) }

func (l *ircLink) send(line string) error {
	l.wmu.Lock()
	defer l.wmu.Unlock()
	l.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := l.conn.Write([]byte(line + "\r\n"))
	return err
}

// connect opens a link, registers and joins. The link is the client's when it returns.
func (c *IRC) connect(ctx context.Context) (*ircLink, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	link := &ircLink{conn: conn, done: make(chan struct{})}
	c.mu.Lock()
	c.nth++
	nth := c.nth
	c.mu.Unlock()
	from := c.Mark()
	go c.read(link, nth)
	go func() { // a link lost half-way ends the waits at once
		select {
		case <-link.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	err = c.register(ctx, link, from)
	for _, channel := range c.opts.Join {
		if err == nil {
			err = c.joinOn(ctx, link, channel)
		}
	}
	if err != nil {
		link.close()
		<-link.done
		return nil, err
	}
	c.mu.Lock()
	c.link = link
	c.mu.Unlock()
	return link, nil
}

func (c *IRC) joinOn(ctx context.Context, link *ircLink, channel string) error {
	from := c.Mark()
	if err := link.send("JOIN " + channel); err != nil {
		return err
	}
	line, err := c.Wait(ctx, from, "its own arrival in "+channel, joined(channel))
	if err == nil && line.Command != girc.RPL_ENDOFNAMES {
		err = fmt.Errorf("%s may not join %s: %s", c.who, channel, line.Raw)
	}
	return err
}

func (c *IRC) dial(ctx context.Context) (net.Conn, error) {
	d := &net.Dialer{Timeout: 5 * time.Second}
	if c.opts.CA == nil {
		return d.DialContext(ctx, "tcp", c.opts.Addr)
	}
	conf := &tls.Config{RootCAs: c.opts.CA, ServerName: c.opts.ServerName}
	if c.opts.Cert != nil {
		conf.Certificates = []tls.Certificate{*c.opts.Cert}
	}
	return (&tls.Dialer{NetDialer: d, Config: conf}).DialContext(ctx, "tcp", c.opts.Addr)
}

// register does CAP, SASL, NICK and USER, and waits for the welcome.
func (c *IRC) register(ctx context.Context, link *ircLink, from Mark) error {
	for _, line := range []string{"CAP LS 302", "NICK " + c.opts.Nick, "USER " + c.opts.Nick + " 0 * :" + c.opts.Nick} {
		if err := link.send(line); err != nil {
			return err
		}
	}
	mechanism, payload := c.sasl()
	request := capabilities
	if mechanism != "" {
		request += " sasl"
	}
	ack, err := c.ask(ctx, link, from, "CAP REQ :"+request, isCap("ACK", "NAK"))
	if err != nil {
		return err
	}
	if isCap("NAK")(ack) {
		return fmt.Errorf("server refuses capabilities: %s", ack.Raw)
	}
	if mechanism != "" {
		if _, err := c.ask(ctx, link, from, "AUTHENTICATE "+mechanism, isCommand("AUTHENTICATE")); err != nil {
			return err
		}
		end, err := c.ask(ctx, link, from, "AUTHENTICATE "+payload, isCommand("903", "902", "904", "905", "906", "907", "908"))
		if err != nil {
			return err
		}
		if end.Command != "903" {
			return fmt.Errorf("login refused: %s", end.Text())
		}
	}
	welcome, err := c.ask(ctx, link, from, "CAP END", isCommand("001", "432", "433", "ERROR"))
	if err == nil && welcome.Command != "001" {
		err = fmt.Errorf("not welcome: %s", welcome.Raw)
	}
	return err
}

// sasl gives the mechanism, empty for none, and its only message.
func (c *IRC) sasl() (mechanism, payload string) {
	switch {
	case c.opts.Password != "":
		return "PLAIN", base64.StdEncoding.EncodeToString([]byte("\x00" + c.opts.Account + "\x00" + c.opts.Password))
	case c.opts.Cert != nil:
		return "EXTERNAL", "+"
	}
	return "", ""
}

func (c *IRC) ask(ctx context.Context, link *ircLink, from Mark, line string, match func(IRCLine) bool) (IRCLine, error) {
	if err := link.send(line); err != nil {
		return IRCLine{}, err
	}
	word, _, _ := strings.Cut(line, " ")
	return c.Wait(ctx, from, "the answer to its "+word, match)
}

func isCommand(commands ...string) func(IRCLine) bool {
	return func(l IRCLine) bool {
		for _, command := range commands {
			if l.Command == command {
				return true
			}
		}
		return false
	}
}

func isCap(words ...string) func(IRCLine) bool {
	return func(l IRCLine) bool {
		if l.Command != "CAP" || len(l.Params) < 2 {
			return false
		}
		for _, word := range words {
			if l.Params[1] == word {
				return true
			}
		}
		return false
	}
}

// read records a link's lines until it ends, and answers the server's pings.
func (c *IRC) read(link *ircLink, nth int) {
	defer close(link.done)
	defer link.close()
	r := bufio.NewReaderSize(link.conn, maxIRCLine)
	asked := false
	for {
		link.conn.SetReadDeadline(time.Now().Add(silence))
		raw, err := r.ReadSlice('\n')
		if ne, ok := err.(net.Error); ok && ne.Timeout() && !asked && len(raw) == 0 {
			asked = true
			if link.send("PING lab") != nil {
				return
			}
			continue
		}
		if err != nil { // lost, or a line longer than any honest one
			return
		}
		asked = false
		event := girc.ParseEvent(strings.ToValidUTF8(string(raw), "\uFFFD"))
		if event == nil {
			continue
		}
		if event.Command == "PING" {
			if link.send("PONG :"+event.Last()) != nil {
				return
			}
		}
		c.add(lineOf(event, strings.TrimRight(string(raw), "\r\n"), nth))
	}
}

func lineOf(e *girc.Event, raw string, nth int) IRCLine {
	l := IRCLine{At: time.Now(), Command: e.Command, Params: e.Params, Tags: map[string]string{}, Raw: raw, Link: nth}
	for k, v := range e.Tags { // girc has decoded the values once; its Get would do so again
		l.Tags[k] = v
	}
	if e.Source != nil {
		l.From = e.Source.Name
	}
	l.Account = l.Tags["account"]
	return l
}
