package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"vigie/runbooks"
)

const (
	pings    = 3
	pingWait = time.Second
)

// checkPing sends three echo requests over an unprivileged ICMP socket, which Linux
// allows to the groups of net.ipv4.ping_group_range. Where it does not, or in a lab,
// the verdict is unknown: nothing can be concluded from our lack of rights.
func checkPing(ctx context.Context, a *attempt, args map[string]string) runbooks.Report {
	h, err := parseHost(strings.TrimSpace(args["host"]))
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	addrs, err := a.resolveFamily(ctx, h, args["family"])
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	if a.set.lab != nil {
		return verdict(runbooks.Unknown, nil, "the lab has no ping")
	}
	v := sortedFew(addrs, 1)[0]
	p, err := newPinger(v)
	if err != nil {
		return because(runbooks.Unknown, err)
	}
	defer func() { _ = p.conn.Close() }()
	var rtt time.Duration
	received := 0
	for seq := range pings {
		d, err := p.echo(ctx, seq)
		switch {
		case err == nil:
			received++
			rtt += d
		case errKind(err) == failUnreachable:
			return because("unreachable", err)
		case errKind(err) == failOurs:
			return because(runbooks.Unknown, err)
		}
	}
	return judgePings(pings, received, rtt)
}

// judgePings turns counts into a report.
func judgePings(sent, received int, total time.Duration) runbooks.Report {
	fields := map[string]any{"sent": int64(sent), "received": int64(received), "rtt_ms": int64(0)}
	if received > 0 {
		fields["rtt_ms"] = (total / time.Duration(received)).Milliseconds()
	}
	switch received {
	case 0:
		return verdict("none", fields, "no echo")
	case sent:
		return verdict(runbooks.OK, fields, "")
	}
	return verdict("loss", fields, fmt.Sprintf("%d of %d", received, sent))
}

// pinger is one socket and one vetted address.
type pinger struct {
	conn  *icmp.PacketConn
	to    vetted
	proto int
	ask   icmp.Type
	reply icmp.Type
}

func newPinger(v vetted) (*pinger, error) {
	p := &pinger{to: v, proto: 1, ask: ipv4.ICMPTypeEcho, reply: ipv4.ICMPTypeEchoReply}
	network, local := "udp4", "0.0.0.0"
	if !v.is4() {
		p.proto, p.ask, p.reply = 58, ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply
		network, local = "udp6", "::"
	}
	conn, err := icmp.ListenPacket(network, local)
	if err != nil {
		return nil, fmt.Errorf("no unprivileged ping here: %w", err)
	}
	p.conn = conn
	return p, nil
}

// echo sends one request and waits for its reply, at most pingWait.
func (p *pinger) echo(ctx context.Context, seq int) (time.Duration, error) {
	// The kernel puts its own identifier; sequence and payload are ours.
	msg := icmp.Message{Type: p.ask, Body: &icmp.Echo{ID: os.Getpid() & 0xffff, Seq: seq, Data: []byte("vigie")}}
	out, err := msg.Marshal(nil)
	if err != nil {
		return 0, fmt.Errorf("ping: %w", err)
	}
	begin := time.Now()
	if err := p.conn.SetDeadline(begin.Add(left(ctx, pingWait))); err != nil {
		return 0, fmt.Errorf("ping: %w", err)
	}
	if _, err := p.conn.WriteTo(out, &net.UDPAddr{IP: p.to.addr.AsSlice()}); err != nil {
		return 0, fmt.Errorf("ping: %w", err)
	}
	buf := make([]byte, 512)
	for range 16 {
		n, _, err := p.conn.ReadFrom(buf)
		if err != nil {
			return 0, fmt.Errorf("ping: %w", err)
		}
		in, err := icmp.ParseMessage(p.proto, buf[:n])
		if err != nil {
			continue
		}
		if e, ok := in.Body.(*icmp.Echo); ok && in.Type == p.reply && e.Seq == seq {
			return time.Since(begin), nil
		}
	}
	return 0, errors.New("ping: only other packets came")
}
