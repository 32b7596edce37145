package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// dial connects to a vetted address and to no other. network is "tcp" or "udp".
// The connection carries an absolute deadline of one attempt (or the context's,
// if sooner), so that no peer can hold it by being slow.
func (p *Prober) dial(ctx context.Context, network string, v vetted, port uint16) (net.Conn, error) {
	// A vetted comes from the guard by construction; the second look costs little
	// and holds even if somebody writes vetted{} by hand one day.
	if _, err := p.set.guard.vet(v.host, v.addr); err != nil {
		return nil, err
	}
	want := netip.AddrPortFrom(v.addr, port)
	if p.set.lab != nil {
		to, err := p.set.lab.connectTo(v, port)
		if err != nil {
			return nil, err
		}
		want = to
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, p.set.Attempt)
	defer cancel()
	d := net.Dialer{ControlContext: exactly(want), FallbackDelay: -1}
	conn, err := d.DialContext(ctx, network, want.String())
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("deadline: %w", err)
	}
	// When the whole check is given up, reads and writes end too.
	context.AfterFunc(whole, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return conn, nil
}

// exactly is the third gate: it runs on the raw socket, after every look-up, and
// lets one address through.
func exactly(want netip.AddrPort) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		got, err := netip.ParseAddrPort(address)
		if err != nil || got.Addr().Unmap() != want.Addr().Unmap() || got.Port() != want.Port() {
			return fmt.Errorf("%w: connect to another address than the vetted one", errBlocked)
		}
		return nil
	}
}

// dialFirst tries the addresses one at a time, IPv4 first as most people do, and
// returns the first connection. If none opens, the error is that of the first
// address that could be tried at all.
func (p *Prober) dialFirst(ctx context.Context, addrs []vetted, port uint16) (net.Conn, vetted, error) {
	var first error
	for _, v := range sortedFew(addrs, 4) {
		conn, err := p.dial(ctx, "tcp", v, port)
		if err == nil {
			return conn, v, nil
		}
		if first == nil || errKind(first) == failOurs {
			first = err
		}
	}
	if first == nil {
		first = errNoAddress
	}
	return nil, vetted{}, first
}

// sortedFew returns at most n addresses, IPv4 first, else in the resolver's order.
func sortedFew(addrs []vetted, n int) []vetted {
	out := make([]vetted, 0, len(addrs))
	for _, four := range []bool{true, false} {
		for _, v := range addrs {
			if v.is4() == four {
				out = append(out, v)
			}
		}
	}
	return out[:min(n, len(out))]
}

// failure is what went wrong with a connection, as far as it can be told.
type failure string

const (
	failNone        failure = ""
	failBlocked     failure = "blocked"
	failDNS         failure = "dns"
	failOurs        failure = "ours" // our own network or host: nothing to conclude
	failRefused     failure = "refused"
	failReset       failure = "reset"
	failTimeout     failure = "timeout"
	failUnreachable failure = "unreachable"
	failTLS         failure = "tls"
	failProtocol    failure = "protocol"
)

// errKind sorts an error of dial, TLS or a read.
func errKind(err error) failure {
	var cert *tls.CertificateVerificationError
	var alert tls.AlertError
	var header tls.RecordHeaderError
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	switch {
	case err == nil:
		return failNone
	case is(errBlocked):
		return failBlocked
	case is(errNoAddress, errNXDomain, errServFail, errDNSTimeout, errBogus):
		return failDNS
	case is(errNoResolver, syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT, syscall.EACCES, syscall.EPERM, syscall.EMFILE, syscall.ENFILE, context.Canceled):
		return failOurs
	case errors.As(err, &cert), errors.As(err, &alert), errors.As(err, &header), is(errTLS):
		return failTLS
	case is(syscall.ECONNREFUSED):
		return failRefused
	case is(syscall.EHOSTUNREACH):
		return failUnreachable
	case is(context.DeadlineExceeded, os.ErrDeadlineExceeded, syscall.ETIMEDOUT) || isTimeout(err):
		return failTimeout
	case is(syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF):
		return failReset
	}
	return failProtocol
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// errTLS marks a handshake that failed for a reason that crypto/tls has no type for.
var errTLS = errors.New("tls handshake failed")

// handshake runs TLS on a connection. Errors that are neither time nor transport
// wrap errTLS.
func handshake(ctx context.Context, conn net.Conn, cfg *tls.Config) (*tls.Conn, error) {
	c := tls.Client(conn, cfg)
	err := c.HandshakeContext(ctx)
	if err == nil {
		return c, nil
	}
	switch errKind(err) {
	case failProtocol:
		err = fmt.Errorf("%w: %w", errTLS, err)
	}
	return nil, err
}

// left tells how long a context has, at most limit.
func left(ctx context.Context, limit time.Duration) time.Duration {
	if d, ok := ctx.Deadline(); ok {
		return min(limit, time.Until(d))
	}
	return limit
}
