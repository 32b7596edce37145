package world

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// mailPorts are the ports of a mail server; a dialect is its greeting and its answers.
var mailPorts = []struct {
	port    string
	tls     bool // from the first byte
	dialect func(*session) bool
}{
	{"25", false, smtp}, {"587", false, smtp}, {"465", true, smtp},
	{"143", false, imap}, {"993", true, imap},
}

// A Mail is a mail server: SMTP on 25, 587 and 465, IMAP on 143 and 993. It knows nobody and keeps nothing.
type Mail struct {
	Name string // "mail.site.test"

	conf  *tls.Config
	gates []*gate
	mu    sync.Mutex
	mode  Mode
}

// Set changes the server's behaviour, from the next connection on.
func (m *Mail) Set(mode Mode) error {
	m.mu.Lock()
	m.mode = mode
	m.mu.Unlock()
	var errs []error
	for _, g := range m.gates {
		errs = append(errs, g.set(mode))
	}
	return errors.Join(errs...)
}

func (m *Mail) now() Mode {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mode
}

// serveMail serves a mail server under a host name.
func (w *World) serveMail(name string) (*Mail, error) {
	shown, err := newCerts(w.ca, name)
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", name, err)
	}
	m := &Mail{Name: name}
	m.conf = shown.config(m.now)
	for _, p := range mailPorts {
		g, err := newGate()
		if err != nil {
			return nil, fmt.Errorf("mail server %s: %w", name, err)
		}
		w.own(g)
		m.gates = append(m.gates, g)
		w.route(name+":"+p.port, g.addr)
		go m.serve(g, p.tls, p.dialect)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mails[name] = m
	return m, nil
}

func (m *Mail) serve(g *gate, secure bool, dialect func(*session) bool) {
	for {
		conn, err := g.Accept()
		if err != nil {
			return
		}
		go func() {
			s := &session{mail: m, mode: m.now(), conn: conn, secure: secure}
			defer func() { s.conn.Close() }()
			conn.SetDeadline(time.Now().Add(30 * time.Second))
			if secure {
				s.conn = tls.Server(conn, m.conf)
			}
			s.r = bufio.NewReader(io.LimitReader(s.conn, 1<<16))
			for dialect(s) {
			}
		}()
	}
}

// A session is one connection to a mail server. A dialect is called once per exchange, the first to greet; it returns false
// to hang up.
type session struct {
	mail    *Mail
	mode    Mode
	conn    net.Conn
	r       *bufio.Reader
	secure  bool
	greeted bool
}

func (s *session) say(lines ...string) bool {
	_, err := io.WriteString(s.conn, strings.Join(lines, "\r\n")+"\r\n")
	return err == nil
}

// ask reads the next line, as words.
func (s *session) ask() ([]string, bool) {
	line, err := s.r.ReadString('\n')
	if err != nil {
		return nil, false
	}
	return append(strings.Fields(line), "", ""), true
}

// upgrade begins TLS.
func (s *session) upgrade() bool {
	conn := tls.Server(s.conn, s.mail.conf)
	if conn.Handshake() != nil {
		return false
	}
	s.conn, s.secure = conn, true
	s.r = bufio.NewReader(io.LimitReader(conn, 1<<16))
	return true
}

func (s *session) offersTLS() bool { return !s.secure && s.mode != NoStartTLS }

func smtp(s *session) bool {
	if !s.greeted {
		s.greeted = true
		switch s.mode {
		case TempFail:
			s.say("421 4.3.2 " + s.mail.Name + " busy, try later")
			return false
		case Reject:
			return s.say("554 5.7.1 " + s.mail.Name + " no service for you")
		case BadBanner:
			return s.say("SSH-2.0-OpenSSH_9.2")
		}
		return s.say("220 " + s.mail.Name + " ESMTP")
	}
	words, ok := s.ask()
	if !ok {
		return false
	}
	switch strings.ToUpper(words[0]) {
	case "EHLO":
		lines := []string{"250-" + s.mail.Name, "250-PIPELINING", "250-SIZE 26214400"}
		if s.offersTLS() {
			lines = append(lines, "250-STARTTLS")
		}
		if s.secure {
			lines = append(lines, "250-AUTH PLAIN LOGIN")
		}
		return s.say(append(lines, "250 8BITMIME")...)
	case "HELO", "NOOP", "RSET":
		return s.say("250 2.0.0 OK")
	case "STARTTLS":
		if !s.offersTLS() {
			return s.say("502 5.5.1 not offered")
		}
		return s.say("220 2.0.0 go ahead") && s.upgrade()
	case "QUIT":
		s.say("221 2.0.0 bye")
		return false
	}
	return s.say("530 5.7.0 this server knows nobody")
}

func imap(s *session) bool {
	if !s.greeted {
		s.greeted = true
		switch s.mode {
		case TempFail, Reject:
			s.say("* BYE server unavailable")
			return false
		case BadBanner:
			return s.say("SSH-2.0-OpenSSH_9.2")
		}
		return s.say("* OK [CAPABILITY " + s.capabilities() + "] ready")
	}
	words, ok := s.ask()
	if !ok {
		return false
	}
	tag := words[0]
	switch strings.ToUpper(words[1]) {
	case "CAPABILITY":
		return s.say("* CAPABILITY "+s.capabilities(), tag+" OK done")
	case "NOOP":
		return s.say(tag + " OK done")
	case "STARTTLS":
		if !s.offersTLS() {
			return s.say(tag + " BAD not offered")
		}
		return s.say(tag+" OK begin TLS") && s.upgrade()
	case "LOGOUT":
		s.say("* BYE bye", tag+" OK done")
		return false
	case "LOGIN", "AUTHENTICATE":
		return s.say(tag + " NO [AUTHENTICATIONFAILED] this server knows nobody")
	}
	return s.say(tag + " BAD unknown command")
}

func (s *session) capabilities() string {
	if s.offersTLS() {
		return "IMAP4rev1 STARTTLS LOGINDISABLED"
	}
	return "IMAP4rev1 AUTH=PLAIN"
}
