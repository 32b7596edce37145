// Package world is the Internet that Vigie's checks see in the lab: name servers, a domain registry, web sites and mail
// servers, all on loopback ports, each of whose troubles can be switched on and off while the bot runs.
//
// The zones answer with ordinary public addresses, which the checks vet as any other. The bot's configuration then maps
// host:port to the loopback port that serves it (Config).
package world

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"vigie/cmd/lab/pki"
)

// The name servers, the registry and the canary live at number 1 of these networks; each domain hosted has a number of its own.
const (
	network4 = "185.96.10."
	network6 = "2a0c:e300::"
)

// A World is the running servers. Its methods may be called by several goroutines, while the servers run.
type World struct {
	DNS *DNS
	// Registry answers for domains by RDAP at RDAPBase.
	Registry *Registry

	ca        *pki.CA
	mu        sync.Mutex
	connectTo map[string]string
	closers   []io.Closer
	sites     map[string]*Site
	mails     map[string]*Mail
	hosted    int // domains hosted so far
}

// Config is what the bot's configuration needs, under `checks`: lab (resolver, ca, connect_to) and the registry.
type Config struct {
	Resolver  string            // "127.0.0.1:port", UDP and TCP
	CA        string            // file of the root certificate
	ConnectTo map[string]string // "site.test:443" to "127.0.0.1:port"
	RDAP      map[string]string // top-level domain to its registry's base URL
	Canary    string            // a URL that answers whatever troubles are switched on
}

// Start makes a world that holds the name servers, the registry, and a site that is always well (Config.Canary). It ends
// with ctx, or at Close.
func Start(ctx context.Context, ca *pki.CA) (*World, error) {
	w := &World{ca: ca, connectTo: map[string]string{}, sites: map[string]*Site{}, mails: map[string]*Mail{}}
	if err := w.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("the lab's world: %w", err), w.Close())
	}
	context.AfterFunc(ctx, func() { _ = w.Close() })
	return w, nil
}

func (w *World) start() (err error) {
	if w.DNS, err = newDNS(); err != nil {
		return err
	}
	w.closers = append(w.closers, w.DNS)
	w.route("ns1.lab.test:53", w.DNS.Addr)
	w.route("ns2.lab.test:53", w.DNS.Addr)
	w.route("a.nic.test:53", w.DNS.parent.addr)
	w.DNS.SetZone(Zone{Name: "test", Records: []string{"@ NS a.nic.test.", "a.nic A " + network4 + "1"}})
	w.DNS.SetZone(Zone{Name: "nic.test", Records: hostRecords(1, "a", "rdap")})
	w.DNS.SetZone(Zone{Name: "lab.test", Records: hostRecords(1, "ns1", "ns2", "canary", "@")})
	w.Registry = &Registry{domains: map[string]Domain{}}
	if _, err := w.serveSite("rdap.nic.test", w.Registry); err != nil {
		return err
	}
	_, err = w.serveSite("canary.lab.test", nil)
	return err
}

// hostRecords gives both addresses of a machine, by its number, to some names of a zone.
func hostRecords(machine int, names ...string) []string {
	var out []string
	for _, name := range names {
		out = append(out, fmt.Sprintf("%s A %s%d", name, network4, machine), fmt.Sprintf("%s AAAA %s%x", name, network6, machine))
	}
	return out
}

// Config is what the bot must be told, as the world is now.
func (w *World) Config() Config {
	return Config{Resolver: w.DNS.Addr, CA: w.ca.File, ConnectTo: w.ConnectTo(),
		RDAP: map[string]string{"test": "https://rdap.nic.test/"}, Canary: "https://canary.lab.test/"}
}

// ConnectTo maps each host:port that the world serves to the loopback address that serves it.
func (w *World) ConnectTo() map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make(map[string]string, len(w.connectTo))
	for from, to := range w.connectTo {
		out[from] = to
	}
	return out
}

// route adds an entry to ConnectTo.
func (w *World) route(from, to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.connectTo[from] = to
}

// Host makes everything that a small association has at its host: the domain in the registry and in the DNS, a web site at
// domain and www.domain, and a mail server at mail.domain that its MX names.
func (w *World) Host(domain string) (*Site, *Mail, error) {
	w.mu.Lock()
	w.hosted++
	machine := 9 + w.hosted
	w.mu.Unlock()
	if machine > 250 {
		return nil, nil, errors.New("the lab's world is full")
	}
	w.DNS.SetZone(Zone{Name: domain, Records: append(hostRecords(machine, "@", "www", "mail"),
		"@ MX 10 mail."+domain+".", `@ TXT "v=spf1 mx -all"`, `_dmarc TXT "v=DMARC1; p=none"`)})
	w.Registry.Set(domain, Healthy())
	site, err := w.serveSite(domain, nil, "www."+domain)
	if err != nil {
		return nil, nil, err
	}
	// A check looks for an address before a name, which lets IPv6 have troubles of its own.
	w.route(fmt.Sprintf("[%s%x]:80", network6, machine), site.v6.plain.addr)
	w.route(fmt.Sprintf("[%s%x]:443", network6, machine), site.v6.secure.addr)
	mail, err := w.serveMail("mail." + domain)
	return site, mail, err
}

// Site returns the site of a domain made by Host, or nil.
func (w *World) Site(domain string) *Site {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sites[domain]
}

// Mail returns the mail server of a domain made by Host, or nil.
func (w *World) Mail(domain string) *Mail {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mails["mail."+domain]
}

// Close ends every server of the world.
func (w *World) Close() error {
	w.mu.Lock()
	closers := w.closers
	w.closers = nil
	w.mu.Unlock()
	var errs []error
	for i := len(closers) - 1; i >= 0; i-- {
		errs = append(errs, closers[i].Close())
	}
	return errors.Join(errs...)
}

func (w *World) own(c io.Closer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closers = append(w.closers, c)
}
