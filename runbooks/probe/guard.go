package probe

import (
	"errors"
	"fmt"
	"net/netip"
)

// errBlocked says that a target may not be touched: its text or one of its
// addresses is not that of a public machine.
var errBlocked = errors.New("blocked target")

// guard decides which addresses may be connected to. It is immutable.
type guard struct {
	reserved []netip.Prefix // not addresses of public machines, for anybody
	denied   []netip.Prefix // the host's own: management, storage, back-ups
}

// vetted is an address that passed the guard, with the name that led to it.
// Only guard.vet makes one, so a function that takes a vetted cannot be given an
// address that nobody looked at.
type vetted struct {
	host string // canonical name, or the address's own text
	addr netip.Addr
}

// is4 tells the family.
func (v vetted) is4() bool { return v.addr.Is4() }

// reservedRanges lists what the predicates of net/netip miss as well as what they
// know, so that the whole rule can be read in one place.
func reservedRanges() []netip.Prefix {
	texts := []string{
		"0.0.0.0/8",       // "this network": Linux takes 0.0.0.0 for itself
		"10.0.0.0/8",      // private
		"100.64.0.0/10",   // carrier-grade NAT
		"127.0.0.0/8",     // loopback
		"169.254.0.0/16",  // link-local, cloud metadata
		"172.16.0.0/12",   // private
		"192.0.0.0/24",    // protocol assignments
		"192.0.2.0/24",    // documentation
		"192.88.99.0/24",  // 6to4 relays
		"192.168.0.0/16",  // private
		"198.18.0.0/15",   // benchmarks
		"198.51.100.0/24", // documentation
		"203.0.113.0/24",  // documentation
		"224.0.0.0/4",     // multicast
		"240.0.0.0/4",     // reserved, with 255.255.255.255
		"::/96",           // unspecified, loopback, IPv4-compatible
		"::ffff:0:0/96",   // IPv4-mapped (also removed by Unmap)
		"64:ff9b::/96",    // NAT64
		"64:ff9b:1::/48",  // local NAT64
		"100::/64",        // discard
		"2001::/23",       // protocol assignments: Teredo, ORCHID, benchmarks
		"2001:db8::/32",   // documentation
		"2002::/16",       // 6to4, which embeds an IPv4 address
		"3fff::/20",       // documentation
		"5f00::/16",       // segment routing
		"fc00::/7",        // unique local
		"fe80::/10",       // link-local
		"fec0::/10",       // site-local, old but routed by some
		"ff00::/8",        // multicast
	}
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// isReserved says that a is not the address of a public machine.
func (g *guard) isReserved(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" {
		return true
	}
	for _, p := range g.reserved {
		if p.Contains(a) {
			return true
		}
	}
	if a.Is4() {
		return false
	}
	// Only 2000::/3 is handed out to machines; the rest is reserved even where
	// no line of the table names it.
	b := a.As16()
	if b[0]>>5 != 1 {
		return true
	}
	// ISATAP hides an IPv4 address in the low half of any prefix.
	return (b[8]&^0x02) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}

// vet is the one place where an address becomes connectable. Its error wraps
// errBlocked.
func (g *guard) vet(host string, a netip.Addr) (vetted, error) {
	a = a.Unmap()
	if g.isReserved(a) {
		return vetted{}, fmt.Errorf("%w: %s is a reserved address", errBlocked, a)
	}
	for _, p := range g.denied {
		if p.Contains(a) {
			return vetted{}, fmt.Errorf("%w: %s is denied by the configuration", errBlocked, a)
		}
	}
	return vetted{host: host, addr: a}, nil
}

// vetAll vets each address; one bad address spoils the name, because a name that
// mixes public and internal addresses is either an error worth telling or a trap.
func (g *guard) vetAll(host string, addrs []netip.Addr) ([]vetted, error) {
	out := make([]vetted, 0, len(addrs))
	for _, a := range addrs {
		v, err := g.vet(host, a)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
