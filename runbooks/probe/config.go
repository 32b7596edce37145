package probe

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Config says what a Prober knows about its host and how far it may go. The zero
// value works: every zero field takes the default its comment gives.
type Config struct {
	// Resolvers are the recursive DNS servers asked, as "address" or
	// "address:port". They should validate DNSSEC, and must not synthesise DNS64.
	// Default: those of /etc/resolv.conf.
	Resolvers []string `yaml:"resolvers"`
	// Name and Contact of the host are told to the web servers visited, in the
	// User-Agent. A part that holds "bot", "crawl" or "spider" is left out.
	Name    string `yaml:"name"`
	Contact string `yaml:"contact"`
	// Helo is the name given in EHLO, best the machine's public name. Default:
	// "[127.0.0.1]", an address literal, which some servers turn away.
	Helo string `yaml:"helo"`
	// Own says what belongs to the host.
	Own Own `yaml:"own"`
	// Denied prefixes are never connected to, though public: the host's management.
	Denied []string `yaml:"denied"`
	// Ports are those that the kind tcp may try.
	Ports []int `yaml:"ports"`
	// Timeout bounds one check with its repeat; default 20 s.
	Timeout time.Duration `yaml:"timeout"`
	// Attempt bounds one connection from dial to last byte; default 8 s.
	Attempt time.Duration `yaml:"attempt"`
	// ConfirmAfter is the pause before a negative is tried again; default 3 s,
	// negative for no repeat.
	ConfirmAfter time.Duration `yaml:"confirm_after"`
	// CacheFor is how long a report serves equal requests; default 60 s.
	CacheFor time.Duration `yaml:"cache_for"`
	// SlowAfter is the time to first byte from which a page is slow; default 2 s.
	SlowAfter time.Duration `yaml:"slow_after"`
	// ExpiresSoonDays is when a domain "expires soon"; default 30.
	ExpiresSoonDays int `yaml:"expires_soon_days"`
	// MaxBody bounds a page, in decoded bytes; default 6 MiB.
	MaxBody int64 `yaml:"max_body"`
	// RDAP says whom to ask about a registration.
	RDAP RDAP `yaml:"rdap"`
	// Canaries are URLs that answer whenever our own network is up.
	Canaries []string `yaml:"canaries"`
	// Budget bounds how much is probed.
	Budget Budget `yaml:"budget"`
	// Blocklists are the DNS zones that the kind dnsbl asks.
	Blocklists []string `yaml:"blocklists"`
	// Parking are name-server or alias suffixes of domain parking services.
	Parking []string `yaml:"parking"`
	// Lab, for demonstrations and tests, puts a world on loopback in the place of
	// the Internet.
	Lab *Lab `yaml:"lab"`
}

// Own says what belongs to the host, so that a check can tell "ours" from "elsewhere".
type Own struct {
	// Prefixes hold the public addresses of the host's services.
	Prefixes []string `yaml:"prefixes"`
	// NameServers are the host's own, by name.
	NameServers []string `yaml:"name_servers"`
	// MailServers are names that an MX may bear to be "ours".
	MailServers []string `yaml:"mail_servers"`
	// MailOut are the addresses that send mail; an SPF record must allow them.
	MailOut []string `yaml:"mail_out"`
}

// RDAP gives base URLs of registration data servers (without "domain/…").
type RDAP struct {
	// Bootstrap maps a top-level domain to its registry's base URL.
	Bootstrap map[string]string `yaml:"bootstrap"`
	// Default serves the other domains; default "https://rdap.org/", which redirects
	// to the registry. Its own "not found" proves nothing, a registry's does.
	Default string `yaml:"default"`
}

// Budget bounds the checks that really leave, per Window; answers out of the
// cache are free.
type Budget struct {
	Window time.Duration `yaml:"window"` // default 10 min
	Person int           `yaml:"person"` // default 60
	Target int           `yaml:"target"` // default 40, by registered domain or address
	Global int           `yaml:"global"` // default 600
}

// Lab puts a world on loopback in the place of the Internet. The gates stay
// closed: the lab's zone must answer with ordinary public addresses (say
// 185.96.10.1 and 2a0c:e300::1; documentation ranges are refused), they are vetted
// like any other, and only then ConnectTo replaces the last step, the connect.
// What ConnectTo does not name counts as refused, without a packet: in the lab
// nothing leaves the machine.
type Lab struct {
	// Resolver is the loopback DNS server, "127.0.0.1:5353", asked in the place of
	// Config.Resolvers, over UDP and TCP. It plays a recursive resolver: the AD bit says
	// "validated"; SERVFAIL, with an answer when the question has CD, says "bogus"; an
	// unknown name is NXDOMAIN; and ". NS" is answered, or it counts as dead.
	Resolver string `yaml:"resolver"`
	// CA is a PEM file, or PEM text, of an authority trusted beside the system's.
	CA string `yaml:"ca"`
	// ConnectTo maps exactly "host:port" to a loopback "address:port", for TCP and
	// UDP. The host is the canonical name as the check sees it (in a redirect or an
	// MX too), or the public address ("185.96.10.1:443", "[2a0c:e300::1]:443"), which
	// is looked up first so that IPv4 and IPv6 can behave apart. A zone's name servers
	// are asked themselves if "ns1.host.test:53" is mapped, and passed over if not.
	ConnectTo map[string]string `yaml:"connect_to"`
}

// settings is Config made usable: parsed, with defaults, checked.
type settings struct {
	Config
	own     []netip.Prefix
	mailOut []netip.Addr
	guard   *guard
	agent   string
	tcp     map[uint16]bool
	lab     *lab
}

// settle fills defaults in and parses every text, and reports all errors at once.
func settle(c Config) (*settings, error) {
	c = c.withDefaults()
	s := &settings{Config: c, agent: userAgent(c.Name, c.Contact), tcp: map[uint16]bool{}}
	var errs []error
	var denied []netip.Prefix
	s.own, errs = parsePrefixes("own.prefixes", c.Own.Prefixes, errs)
	denied, errs = parsePrefixes("denied", c.Denied, errs)
	s.guard = &guard{reserved: reservedRanges(), denied: denied}
	for _, t := range c.Own.MailOut {
		a, err := netip.ParseAddr(t)
		if err != nil {
			errs = append(errs, fmt.Errorf("own.mail_out: %q is not an address", t))
		}
		s.mailOut = append(s.mailOut, a.Unmap())
	}
	for _, p := range c.Ports {
		if p < 1 || p > 65535 {
			errs = append(errs, fmt.Errorf("ports: %d is not a port", p))
		}
		s.tcp[uint16(p)] = true
	}
	errs = append(errs, s.checkURLs("canaries", c.Canaries)...)
	errs = append(errs, s.checkURLs("rdap.default", []string{c.RDAP.Default})...)
	for tld, base := range c.RDAP.Bootstrap {
		errs = append(errs, s.checkURLs("rdap.bootstrap."+tld, []string{base})...)
	}
	if c.Lab != nil {
		var err error
		if s.lab, err = newLab(c.Lab); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("checks: %w", err)
	}
	return s, nil
}

func (c Config) withDefaults() Config {
	setDefault(&c.Helo, "[127.0.0.1]")
	setDefault(&c.Timeout, 20*time.Second)
	setDefault(&c.Attempt, 8*time.Second)
	setDefault(&c.ConfirmAfter, 3*time.Second)
	setDefault(&c.CacheFor, time.Minute)
	setDefault(&c.SlowAfter, 2*time.Second)
	setDefault(&c.ExpiresSoonDays, 30)
	setDefault(&c.MaxBody, 6<<20)
	setDefault(&c.RDAP.Default, "https://rdap.org/")
	setDefault(&c.Budget.Window, 10*time.Minute)
	setDefault(&c.Budget.Person, 60)
	setDefault(&c.Budget.Target, 40)
	setDefault(&c.Budget.Global, 600)
	if c.Ports == nil {
		c.Ports = []int{21, 22, 25, 53, 80, 110, 143, 443, 465, 587, 993, 995, 4190, 5060, 5061}
	}
	if c.Blocklists == nil {
		c.Blocklists = []string{"zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org"}
	}
	if c.Parking == nil {
		c.Parking = []string{"sedoparking.com", "parkingcrew.net", "bodis.com", "above.com", "afternic.com", "dan.com", "parklogic.com"}
	}
	return c
}

// setDefault gives a zero value its default.
func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

func parsePrefixes(key string, texts []string, errs []error) ([]netip.Prefix, []error) {
	var out []netip.Prefix
	for _, t := range texts {
		p, err := netip.ParsePrefix(t)
		if a, err2 := netip.ParseAddr(t); err2 == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %q is not an address range such as 192.0.2.0/24", key, t))
			continue
		}
		out = append(out, p.Masked())
	}
	return out, errs
}

func (s *settings) checkURLs(key string, urls []string) []error {
	var errs []error
	for _, u := range urls {
		parsed, err := parseURL(u)
		if err == nil && parsed.host.addr.IsValid() {
			_, err = s.guard.vet(u, parsed.host.addr)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %q: %w", key, u, err))
		}
	}
	return errs
}

// userAgent names the host honestly. Protections of common sites turn away agents
// whose name holds certain words, so a part that holds one is left out.
func userAgent(name, contact string) string {
	agent := "Vigie/1 (support assistant"
	for _, part := range []struct{ before, text string }{{" of ", name}, {"; contact ", contact}} {
		text := strings.Map(func(r rune) rune {
			if r < 0x20 || r > 0x7e || r == '(' || r == ')' {
				return -1
			}
			return r
		}, part.text)
		text = clean(text, 80)
		if text != "" && !hasRobotWord(text) {
			agent += part.before + text
		}
	}
	return agent + ")"
}

func hasRobotWord(s string) bool {
	s = strings.ToLower(s)
	for _, w := range []string{"bot", "crawl", "spider"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// isOwn says that an address belongs to the host.
func (s *settings) isOwn(a netip.Addr) bool {
	for _, p := range s.own {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// hasName says that a name is one of the list, case and final dot aside.
func hasName(list []string, name string) bool {
	for _, n := range list {
		if strings.EqualFold(strings.TrimSuffix(n, "."), strings.TrimSuffix(name, ".")) {
			return true
		}
	}
	return false
}

// underAny says that a name is one of the suffixes or below one.
func underAny(suffixes []string, name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for _, s := range suffixes {
		s = strings.ToLower(strings.Trim(s, "."))
		if name == s || strings.HasSuffix(name, "."+s) {
			return true
		}
	}
	return false
}
