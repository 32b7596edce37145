package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// question changes nothing and reads nothing from outside: it is the shortest way through the whole bot.
const question = "!etat"

// socket is somebody on IRC, as near to the wire as can be.
type socket struct {
	net.Conn
	nick  string
	lines chan line
}

// line is what somebody said to us, and when it was read.
type line struct {
	at         time.Time
	from, text string
}

// dial connects and returns once the server has said welcome.
func dial(ctx context.Context, addr, nick string) (*socket, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	s := &socket{Conn: conn, nick: nick, lines: make(chan line, 1024)}
	in := bufio.NewScanner(conn)
	if _, err := fmt.Fprintf(s, "NICK %s\r\nUSER %s 0 * :%s\r\n", nick, nick, nick); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	for in.Scan() {
		if s.pong(in.Text()) || !strings.Contains(in.Text(), " 001 ") {
			continue
		}
		go s.read(in)
		return s, nil
	}
	return nil, errors.Join(fmt.Errorf("%s was not let in: %v", nick, in.Err()), conn.Close())
}

// pong answers a PING, and tells whether it was one.
func (s *socket) pong(text string) bool {
	rest, ping := strings.CutPrefix(text, "PING ")
	if ping {
		_, _ = fmt.Fprintf(s, "PONG %s\r\n", rest)
	}
	return ping
}

// read hands over what is said to us, until the connection ends.
func (s *socket) read(in *bufio.Scanner) {
	defer close(s.lines)
	for in.Scan() {
		at, text := time.Now(), in.Text()
		if s.pong(text) {
			continue
		}
		head, said, ok := strings.Cut(text, " :")
		parts := strings.Fields(head)
		if !ok || len(parts) < 3 || (parts[1] != "PRIVMSG" && parts[1] != "NOTICE") || !strings.EqualFold(parts[2], s.nick) {
			continue
		}
		from, _, _ := strings.Cut(strings.TrimPrefix(parts[0], ":"), "!")
		s.lines <- line{at, from, said}
	}
}

// repeat says everything back to whoever said it.
func (s *socket) repeat() {
	for l := range s.lines {
		_, _ = fmt.Fprintf(s, "PRIVMSG %s :%s\r\n", l.from, l.text)
	}
}

// ask says something to somebody, and tells how long it took until they said want.
func (s *socket) ask(ctx context.Context, to, text, want string) (time.Duration, error) {
	begin := time.Now()
	if _, err := fmt.Fprintf(s, "PRIVMSG %s :%s\r\n", to, text); err != nil {
		return 0, err
	}
	for {
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("no answer from %s: %w", to, ctx.Err())
		case l, open := <-s.lines:
			if !open {
				return 0, errors.New("the server closed the connection")
			}
			if l.from == to && l.text == want {
				return l.at.Sub(begin), nil
			}
		}
	}
}

// greet asks the bot until it answers for the first time, waits for the rest of that answer, and returns its first line.
func (s *socket) greet(ctx context.Context, bot string) (string, error) {
	again := time.NewTicker(time.Second)
	defer again.Stop()
	first := ""
	for quiet := 0; quiet < 3; {
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("the bot never answered: %w", ctx.Err())
		case <-again.C:
			if first != "" {
				quiet++
				continue
			}
			if _, err := fmt.Fprintf(s, "PRIVMSG %s :%s\r\n", bot, question); err != nil {
				return "", err
			}
		case l, open := <-s.lines:
			if !open {
				return "", errors.New("the server closed the connection")
			}
			if l.from == bot && first == "" {
				first = l.text
			}
		}
	}
	return first, nil
}
