package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"vigie/runbooks"
)

// refusal is an SMTP reply that says no.
type refusal struct {
	code int
	text string
}

func (r refusal) Error() string { return fmt.Sprintf("%d %s", r.code, clean(r.text, 200)) }

// smtpServer is what a server said of itself in its reply to EHLO.
type smtpServer struct {
	code     int // of the greeting
	size     int64
	starttls bool
	auth     bool
}

// checkSMTP greets a mail server and says goodbye. It never names a sender or a
// recipient. On 465 TLS comes first; on 25 and 587 STARTTLS must be offered and work.
func checkSMTP(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	h, port, err := a.hostPort(args, 25, 25, 465, 587)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	ctx, cancel := context.WithTimeout(ctx, a.set.Attempt)
	defer cancel()
	conn, err := a.mailConn(ctx, h, port, 465)
	if err != nil {
		return because(mailFailure(err), err)
	}
	defer func() { _ = conn.Close() }()
	server, err := a.smtpTalk(ctx, conn, h, port)
	fields := map[string]any{"code": int64(server.code), "size_limit": server.size, "starttls": server.starttls, "auth": server.auth}
	return a.judgeSMTP(fields, err)
}

// smtpTalk runs the conversation, in clear first unless the port says otherwise.
func (a *attempt) smtpTalk(ctx context.Context, conn net.Conn, h host, port uint16) (smtpServer, error) {
	l := newLines(conn)
	if port == 465 {
		server, err := smtpHello(l, a.set.Helo)
		if err == nil {
			_ = l.say("QUIT")
		}
		return server, err
	}
	server, err := smtpUpgrade(l, a.set.Helo)
	if err != nil {
		return server, err
	}
	secure, err := handshake(ctx, conn, a.strict(h))
	if err != nil {
		return server, err
	}
	l = newLines(secure)
	after, err := smtpEHLO(l, a.set.Helo)
	if err != nil {
		return server, err
	}
	_ = l.say("QUIT")
	after.code, after.starttls = server.code, true
	return after, nil
}

// judgeSMTP turns what ended the conversation into a verdict.
func (a *attempt) judgeSMTP(fields map[string]any, err error) runbooks.Report {
	var no refusal
	if errors.As(err, &no) {
		fields["code"] = int64(no.code)
		if no.code >= 500 {
			return verdict("reject", fields, no.Error())
		}
		return verdict("tempfail", fields, no.Error())
	}
	switch {
	case err == nil:
		return verdict(runbooks.OK, fields, "")
	case errors.Is(err, errNoStartTLS):
		return verdict("no_starttls", fields, err.Error())
	case errors.Is(err, errProtocol):
		return verdict("bad_banner", fields, err.Error())
	}
	return verdict(mailFailure(err), fields, err.Error())
}

// mailFailure is the verdict of a connection to a mail server that broke.
func mailFailure(err error) runbooks.Verdict {
	switch errKind(err) {
	case failRefused, failReset:
		return "refused"
	case failTimeout, failUnreachable:
		return "timeout"
	case failTLS:
		return "cert_bad"
	}
	return runbooks.Unknown
}

// mailConn connects to a mail server, through TLS at once on the port that wants it.
func (a *attempt) mailConn(ctx context.Context, h host, port, implicit uint16) (net.Conn, error) {
	addrs, err := a.resolve(ctx, h)
	if err != nil {
		return nil, err
	}
	conn, _, err := a.dialFirst(ctx, addrs, port)
	if err != nil || port != implicit {
		return conn, err
	}
	secure, err := handshake(ctx, conn, a.strict(h))
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// strict verifies a certificate as a mail program does.
func (a *attempt) strict(h host) *tls.Config {
	return &tls.Config{RootCAs: a.roots, ServerName: h.name, MinVersion: tls.VersionTLS12}
}

// smtpUpgrade goes from the greeting to the point where TLS begins.
func smtpUpgrade(l *lines, helo string) (smtpServer, error) {
	server, err := smtpHello(l, helo)
	if err != nil {
		return server, err
	}
	if !server.starttls {
		return server, errNoStartTLS
	}
	if err := l.say("STARTTLS"); err != nil {
		return server, err
	}
	if _, _, err := smtpReply(l); err != nil {
		return server, err
	}
	return server, l.clear()
}

// smtpHello reads the greeting and asks what the server can do.
func smtpHello(l *lines, helo string) (smtpServer, error) {
	code, _, err := smtpReply(l)
	if err != nil {
		return smtpServer{}, err
	}
	server, err := smtpEHLO(l, helo)
	server.code = code
	return server, err
}

func smtpEHLO(l *lines, helo string) (smtpServer, error) {
	var server smtpServer
	if err := l.say("EHLO " + helo); err != nil {
		return server, err
	}
	_, texts, err := smtpReply(l)
	if err != nil {
		return server, err
	}
	for _, t := range texts[1:] {
		word, rest, _ := strings.Cut(strings.ToUpper(t), " ")
		switch {
		case word == "STARTTLS":
			server.starttls = true
		case word == "AUTH" || strings.HasPrefix(word, "AUTH="):
			server.auth = true
		case word == "SIZE":
			if n, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64); err == nil && n >= 0 {
				server.size = n
			}
		}
	}
	return server, nil
}

// smtpReply reads one reply of one or more lines. A 4xx or 5xx is a refusal.
func smtpReply(l *lines) (int, []string, error) {
	var texts []string
	for range maxReplies {
		t, err := l.line()
		if err != nil {
			return 0, nil, err
		}
		if len(t) < 3 || strings.Trim(t[:3], "0123456789") != "" || len(t) > 3 && t[3] != ' ' && t[3] != '-' {
			return 0, nil, fmt.Errorf("%w: not an SMTP reply", errProtocol)
		}
		code, _ := strconv.Atoi(t[:3])
		texts = append(texts, strings.TrimSpace(t[min(4, len(t)):]))
		if len(t) > 3 && t[3] == '-' {
			continue
		}
		switch {
		case code >= 400 && code < 600:
			return code, texts, refusal{code, texts[0]}
		case code >= 200 && code < 400:
			return code, texts, nil
		}
		return 0, nil, fmt.Errorf("%w: an SMTP code out of range", errProtocol)
	}
	return 0, nil, fmt.Errorf("%w: a reply without end", errProtocol)
}
