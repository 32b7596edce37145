package probe

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"vigie/runbooks"
)

// maxBanner is the length in bytes of the field banner.
const maxBanner = 120

// checkTCP opens a connection to a listed port, reads what the server says by itself,
// and closes. It never sends a byte.
func checkTCP(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	h, port, err := a.hostPort(args, 0)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	addrs, err := a.resolveFamily(ctx, h, args["family"])
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	conn, v, err := a.dialFirst(ctx, addrs, port)
	switch errKind(err) {
	case failNone:
	case failRefused, failReset:
		return because("refused", err)
	case failTimeout:
		return because("timeout", err)
	case failUnreachable:
		return because("unreachable", err)
	default:
		return because(runbooks.Unknown, err)
	}
	defer func() { _ = conn.Close() }()
	return verdict(runbooks.OK, map[string]any{"banner": banner(ctx, conn, a.set.Attempt/5)}, v.addr.String())
}

// hostPort reads the arguments host and port. def is the port without one; 0 means that
// the port must be of the configured list.
func (a *attempt) hostPort(args map[string]string, def uint16, allowed ...uint16) (host, uint16, error) {
	h, err := parseHost(strings.TrimSpace(args["host"]))
	if err != nil {
		return host{}, 0, err
	}
	text := strings.TrimSpace(args["port"])
	if text == "" && def != 0 {
		return h, def, nil
	}
	port, err := parsePort(text)
	if err != nil {
		return host{}, 0, err
	}
	ok := def == 0 && a.set.tcp[port]
	for _, p := range allowed {
		ok = ok || p == port
	}
	if !ok {
		return host{}, 0, fmt.Errorf("%w: port %d is not one that this kind may try", errBlocked, port)
	}
	return h, port, nil
}

// banner reads a server's first words, if it speaks first
// within wait.
func banner(ctx context.Context, conn net.Conn, wait time.Duration) string {
	if err := conn.SetReadDeadline(time.Now().Add(left(ctx, wait))); err != nil {
		return ""
	}
	buf := make([]byte, 256)
	n, err := conn.Read(buf)
	if n == 0 && err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(buf[:n]), "\n")
	return clean(line, maxBanner)
}
