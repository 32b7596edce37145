package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vigie/runbooks"
)

// checkIMAP greets an IMAP server and logs out. It never logs in. On 993 TLS comes first;
// on 143 STARTTLS must be offered and work.
func checkIMAP(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	h, port, err := a.hostPort(args, 993, 143, 993)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	ctx, cancel := context.WithTimeout(ctx, a.set.Attempt)
	defer cancel()
	conn, err := a.mailConn(ctx, h, port, 993)
	if err != nil {
		return because(mailFailure(err), err)
	}
	defer func() { _ = conn.Close() }()
	l := newLines(conn)
	starttls := false
	if port == 993 {
		err = imapGreeting(l)
	} else if starttls, err = imapUpgrade(l); err == nil {
		secure, tlsErr := handshake(ctx, conn, a.strict(h))
		if err = tlsErr; err == nil {
			l = newLines(secure)
		}
	}
	fields := map[string]any{"starttls": starttls}
	switch {
	case err == nil:
		_ = l.say("z LOGOUT")
		return verdict(runbooks.OK, fields, "")
	case errors.Is(err, errNoStartTLS):
		return verdict("no_starttls", fields, err.Error())
	case errors.Is(err, errProtocol):
		// Something answers, but no IMAP server that takes anybody.
		return verdict("refused", fields, err.Error())
	}
	return verdict(mailFailure(err), fields, err.Error())
}

// imapGreeting reads the first line. BYE is a server that takes nobody now.
func imapGreeting(l *lines) error {
	t, err := l.line()
	if err != nil {
		return err
	}
	words := strings.Fields(strings.ToUpper(t))
	if len(words) >= 2 && words[0] == "*" && (words[1] == "OK" || words[1] == "PREAUTH") {
		return nil
	}
	return fmt.Errorf("%w: not the greeting of an IMAP server that takes people", errProtocol)
}

// imapUpgrade goes from the greeting to the point where TLS begins, and says whether
// STARTTLS was offered.
func imapUpgrade(l *lines) (bool, error) {
	if err := imapGreeting(l); err != nil {
		return false, err
	}
	lines, ok, err := imapCommand(l, "a", "CAPABILITY")
	if err != nil {
		return false, err
	}
	offered := slices.ContainsFunc(lines, func(t string) bool {
		words := strings.Fields(strings.ToUpper(t))
		return len(words) > 1 && words[1] == "CAPABILITY" && slices.Contains(words, "STARTTLS")
	})
	if !ok || !offered {
		return false, errNoStartTLS
	}
	if _, ok, err = imapCommand(l, "b", "STARTTLS"); err != nil {
		return true, err
	}
	if !ok {
		return true, errNoStartTLS
	}
	return true, l.clear()
}

// imapCommand sends a command and reads to its tagged reply; it says whether that was OK.
func imapCommand(l *lines, tag, command string) ([]string, bool, error) {
	if err := l.say(tag + " " + command); err != nil {
		return nil, false, err
	}
	var untagged []string
	for range maxReplies {
		t, err := l.line()
		if err != nil {
			return nil, false, err
		}
		if rest, done := strings.CutPrefix(t, tag+" "); done {
			return untagged, strings.HasPrefix(strings.ToUpper(rest), "OK"), nil
		}
		untagged = append(untagged, t)
	}
	return nil, false, fmt.Errorf("%w: a reply without end", errProtocol)
}
