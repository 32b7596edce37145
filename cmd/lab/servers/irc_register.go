package servers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// converse says lines to an IRC server and goes on as reply decides, line by line: with another line to say, to the end,
// or with an error. It answers pings.
func converse(ctx context.Context, addr string, first []string, reply func(line string) (say string, done bool, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	if _, err := conn.Write([]byte(strings.Join(first, "\r\n") + "\r\n")); err != nil {
		return err
	}
	for r := bufio.NewReader(conn); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		say, done, err := reply(line)
		if token, ok := strings.CutPrefix(line, "PING "); ok {
			say = "PONG " + token
		}
		if err != nil {
			return err
		}
		if say != "" {
			if _, err := conn.Write([]byte(say + "\r\n")); err != nil {
				return err
			}
		}
		if done {
			return nil
		}
	}
}

// Register makes an account with NickServ, by the name of a nick.
func (d *DebianIRC) Register(ctx context.Context, nick, password string) error {
	err := converse(ctx, d.Addr, []string{"NICK " + nick, "USER " + nick + " 0 * :" + nick}, func(line string) (string, bool, error) {
		switch {
		case strings.Contains(line, " 376 ") || strings.Contains(line, " 422 "):
			return "PRIVMSG NickServ :REGISTER " + password + " " + nick + "@lab.test", false, nil
		case strings.HasPrefix(line, ":NickServ!") && strings.Contains(line, "is now registered"):
			return "QUIT", true, nil
		case strings.HasPrefix(line, ":NickServ!") && strings.Contains(line, "NOTICE") && strings.Contains(strings.ToLower(line), "already"):
			return "", false, errors.New(line)
		}
		return "", false, nil
	})
	if err != nil {
		return fmt.Errorf("register %s with %s: %w", nick, d.Name, err)
	}
	return nil
}
