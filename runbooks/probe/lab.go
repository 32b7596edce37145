package probe

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
)

// errNotInLab stands for a connection that the lab does not serve. It is a refusal,
// as a closed port would give, so that checks need no other path.
var errNotInLab = fmt.Errorf("the lab does not serve this: %w", syscall.ECONNREFUSED)

// lab is Lab, parsed.
type lab struct {
	resolver netip.AddrPort
	ca       []byte
	to       map[string]netip.AddrPort
}

// newLab checks that everything the lab names is on loopback: this is what keeps
// it from being a way around the guard.
func newLab(c *Lab) (*lab, error) {
	l := &lab{to: make(map[string]netip.AddrPort, len(c.ConnectTo))}
	var errs []error
	var err error
	if l.resolver, err = loopback(c.Resolver); err != nil {
		errs = append(errs, fmt.Errorf("lab.resolver: %w", err))
	}
	for from, to := range c.ConnectTo {
		h, p, err := net.SplitHostPort(from)
		if err != nil || h == "" || p == "" {
			errs = append(errs, fmt.Errorf("lab.connect_to: %q is not host:port", from))
			continue
		}
		if l.to[strings.ToLower(net.JoinHostPort(h, p))], err = loopback(to); err != nil {
			errs = append(errs, fmt.Errorf("lab.connect_to[%s]: %w", from, err))
		}
	}
	if strings.HasPrefix(c.CA, "-----BEGIN") {
		l.ca = []byte(c.CA)
	} else if c.CA != "" {
		if l.ca, err = os.ReadFile(c.CA); err != nil {
			errs = append(errs, fmt.Errorf("lab.ca: %w", err))
		}
	}
	return l, errors.Join(errs...)
}

func loopback(text string) (netip.AddrPort, error) {
	ap, err := netip.ParseAddrPort(text)
	if err != nil || !ap.Addr().Unmap().IsLoopback() || ap.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is not a loopback address and port such as 127.0.0.1:5353", text)
	}
	return ap, nil
}

// connectTo gives the loopback place of a vetted address: by address first, then
// by name.
func (l *lab) connectTo(v vetted, port uint16) (netip.AddrPort, error) {
	if to, ok := l.to[netip.AddrPortFrom(v.addr, port).String()]; ok {
		return to, nil
	}
	if to, ok := l.to[net.JoinHostPort(v.host, fmt.Sprint(port))]; ok {
		return to, nil
	}
	return netip.AddrPort{}, errNotInLab
}
