package clients

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lrstanley/girc"
)

// IRCOptions say how a person comes to an IRC network.
type IRCOptions struct {
	Addr string // "127.0.0.1:port"
	// CA, if set, makes the connection TLS, verified against it and ServerName.
	CA         *x509.CertPool
	ServerName string
	Nick       string
	// Account and Password log in with SASL PLAIN; Cert alone with SASL EXTERNAL; neither stays without an account.
	Account, Password string
	Cert              *tls.Certificate
	// Join are channels joined at once, and again after each reconnection.
	Join []string
}

// An IRCLine is one line that the server sent.
type IRCLine struct {
	At      time.Time // when it was received
	From    string    // nick or server name
	Account string    // the account-tag of that line; empty means not logged in
	Command string    // upper case, or three digits
	Params  []string
	Tags    map[string]string // all of them, decoded
	Raw     string
	Link    int // number of the connection it came on, from 1
}

// Target is the first parameter: for a PRIVMSG or a NOTICE, the channel or the nick it was sent to.
func (l IRCLine) Target() string {
	if len(l.Params) == 0 {
		return ""
	}
	return l.Params[0]
}

// Text is the last parameter: for a PRIVMSG or a NOTICE, what was said.
func (l IRCLine) Text() string {
	if len(l.Params) == 0 {
		return ""
	}
	return l.Params[len(l.Params)-1]
}

// MsgID is the message's id, the same for all who see it; empty if the server gave none.
func (l IRCLine) MsgID() string { return l.Tags["msgid"] }

// String is the line for people: time, link and the bytes as they came.
func (l IRCLine) String() string {
	return fmt.Sprintf("%s #%d %s", l.At.Format("15:04:05.000"), l.Link, l.Raw)
}

// Said matches a PRIVMSG or a NOTICE by a nick, to a target, whose text holds some words. Empty strings match anything.
func Said(by, target, words string) func(IRCLine) bool {
	return func(l IRCLine) bool {
		return (l.Command == "PRIVMSG" || l.Command == "NOTICE") &&
			(by == "" || strings.EqualFold(l.From, by)) &&
			(target == "" || strings.EqualFold(l.Target(), target)) &&
			strings.Contains(l.Text(), words)
	}
}

// An IRC is one person on an IRC network. Its methods may be called by several goroutines. The record includes its own
// words, as the server echoes them.
type IRC struct {
	*record[IRCLine]
	opts IRCOptions

	cancel context.CancelFunc
	done   chan struct{}
	labels atomic.Int64

	mu   sync.Mutex
	link *ircLink // nil between two connections
	nth  int      // connections so far
}

// DialIRC connects, logs in, joins, and returns when all of that is confirmed; it fails if the first attempt does.
// Afterwards it reconnects by itself until Close.
func DialIRC(ctx context.Context, opts IRCOptions) (*IRC, error) {
	run, cancel := context.WithCancel(context.Background())
	c := &IRC{record: newRecord[IRCLine](opts.Nick + " on IRC"), opts: opts, cancel: cancel, done: make(chan struct{})}
	link, err := c.connect(ctx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%s: %w", c.who, err)
	}
	go c.keep(run, link)
	return c, nil
}

// keep reads a link to its end and replaces it, until Close.
func (c *IRC) keep(ctx context.Context, link *ircLink) {
	defer close(c.done)
	for {
		stop := context.AfterFunc(ctx, link.close)
		<-link.done
		stop()
		for {
			c.mu.Lock()
			c.link = nil
			c.mu.Unlock()
			var err error
			if link, err = c.connect(ctx); err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
}

// Close leaves the network. The record stays readable.
func (c *IRC) Close() {
	c.cancel()
	<-c.done
}

// Nick is the client's nick.
func (c *IRC) Nick() string { return c.opts.Nick }

// Send writes one raw line. It fails while the client is reconnecting.
func (c *IRC) Send(line string) error {
	if strings.ContainsAny(line, "\r\n\x00") {
		return fmt.Errorf("%s: a line cannot hold a line break: %q", c.who, line)
	}
	c.mu.Lock()
	link := c.link
	c.mu.Unlock()
	if link == nil {
		return fmt.Errorf("%s: not connected", c.who)
	}
	return link.send(line)
}

// Say speaks to a channel or, in private, to a nick, and returns the server's echo: proof that it was taken, with its id.
func (c *IRC) Say(ctx context.Context, target, text string) (IRCLine, error) {
	label := fmt.Sprintf("lab%d", c.labels.Add(1))
	from := c.Mark()
	if err := c.Send("@label=" + label + " PRIVMSG " + target + " :" + text); err != nil {
		return IRCLine{}, err
	}
	line, err := c.Wait(ctx, from, "the echo of "+text, answerTo(label))
	if err == nil && line.Command != "PRIVMSG" {
		err = fmt.Errorf("%s may not speak to %s: %s", c.who, target, line.Raw)
	}
	return line, err
}

// answerTo matches the answer to a labelled PRIVMSG: the echo or an error. When there is more to say, that somebody is away
// for instance, the server wraps it all in a batch, and only the batch bears the label.
func answerTo(label string) func(IRCLine) bool {
	batch := "none yet"
	return func(l IRCLine) bool {
		if l.Command == "BATCH" && l.Tags["label"] == label {
			batch = strings.TrimPrefix(l.Target(), "+")
			return false
		}
		ours := l.Tags["label"] == label || l.Tags["batch"] == batch
		return ours && (l.Command == "PRIVMSG" || l.Command == "FAIL" || strings.HasPrefix(l.Command, "4"))
	}
}

// Join enters a channel and waits until its list of names is complete. It is not joined again after a reconnection.
func (c *IRC) Join(ctx context.Context, channel string) error {
	c.mu.Lock()
	link := c.link
	c.mu.Unlock()
	if link == nil {
		return fmt.Errorf("%s: not connected", c.who)
	}
	return c.joinOn(ctx, link, channel)
}

// joined matches the end of a JOIN's answer, or its refusal.
func joined(channel string) func(IRCLine) bool {
	return func(l IRCLine) bool {
		if len(l.Params) < 2 || !strings.EqualFold(l.Params[1], channel) {
			return false
		}
		switch l.Command {
		case girc.RPL_ENDOFNAMES, girc.ERR_NOSUCHCHANNEL, girc.ERR_TOOMANYCHANNELS, girc.ERR_CHANNELISFULL,
			girc.ERR_INVITEONLYCHAN, girc.ERR_BANNEDFROMCHAN, girc.ERR_BADCHANNELKEY, "477":
			return true
		}
		return false
	}
}

// Topic asks for a channel's topic; "" means it has none.
func (c *IRC) Topic(ctx context.Context, channel string) (string, error) {
	from := c.Mark()
	if err := c.Send("TOPIC " + channel); err != nil {
		return "", err
	}
	line, err := c.Wait(ctx, from, "the topic of "+channel, func(l IRCLine) bool {
		return len(l.Params) > 1 && strings.EqualFold(l.Params[1], channel) &&
			(l.Command == girc.RPL_TOPIC || l.Command == girc.RPL_NOTOPIC || l.Command == girc.ERR_NOTONCHANNEL)
	})
	switch {
	case err != nil:
		return "", err
	case line.Command == girc.RPL_TOPIC:
		return line.Text(), nil
	case line.Command == girc.RPL_NOTOPIC:
		return "", nil
	}
	return "", errors.New(line.Raw)
}
