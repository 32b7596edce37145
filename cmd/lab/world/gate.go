package world

import (
	"fmt"
	"net"
	"sync"

	"vigie/cmd/lab/servers"
)

// A Mode is how a site or a mail server behaves.
type Mode int

// The modes. Those of the first group suit sites and mail servers, the second only sites, the third only mail servers;
// elsewhere they are as OK.
const (
	OK            Mode = iota
	Refused            // nobody listens
	Timeout            // the connection opens and nothing ever comes
	CertExpired        // since a week
	CertWrongName      // it names another site
	CertUnknown        // signed by an authority that nobody trusts

	Error500     // a bare "500 Internal Server Error"
	DatabaseDown // what SPIP says when its database is away
	NotFound     // 404
	Redirect     // to the www name
	RedirectLoop // to itself
	Forbidden    // 403

	NoStartTLS // STARTTLS is not offered
	TempFail   // greets with 421 (SMTP) or BYE (IMAP)
	Reject     // greets with 554 (SMTP) or BYE (IMAP)
	BadBanner  // greets with something else
)

// A gate is a loopback listener whose door can be shut (refused), held (nothing ever comes) or open, while it keeps its
// port. It is the net.Listener of the server behind it.
type gate struct {
	addr string // "127.0.0.1:port"
	in   chan net.Conn
	end  chan struct{}
	once sync.Once

	mu    sync.Mutex
	door  net.Listener // nil when shut
	hold  bool
	held  map[net.Conn]bool
	ended bool
}

func newGate() (*gate, error) {
	for range 20 {
		ports, err := servers.FreePorts(1)
		if err != nil {
			return nil, err
		}
		g := &gate{addr: fmt.Sprintf("127.0.0.1:%d", ports[0]), in: make(chan net.Conn), end: make(chan struct{}), held: map[net.Conn]bool{}}
		if g.set(OK) == nil {
			return g, nil
		}
	}
	return nil, fmt.Errorf("no free port for the lab's world")
}

// set shuts, holds or opens the door. Held connections are dropped when the mode changes.
func (g *gate) set(m Mode) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return net.ErrClosed
	}
	g.hold = m == Timeout
	for c := range g.held {
		c.Close()
	}
	clear(g.held)
	if m == Refused {
		if g.door != nil {
			g.door.Close()
			g.door = nil
		}
		return nil
	}
	if g.door != nil {
		return nil
	}
	l, err := net.Listen("tcp", g.addr)
	if err != nil {
		return fmt.Errorf("open %s again: %w", g.addr, err)
	}
	g.door = l
	go g.accept(l)
	return nil
}

func (g *gate) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil { // shut, or ended
			return
		}
		g.mu.Lock()
		hold := g.hold && !g.ended
		if hold {
			g.held[c] = true
		}
		g.mu.Unlock()
		if hold {
			continue
		}
		select {
		case g.in <- c:
		case <-g.end:
			c.Close()
			return
		}
	}
}

// Accept waits for a connection that is let through.
func (g *gate) Accept() (net.Conn, error) {
	select {
	case c := <-g.in:
		return c, nil
	case <-g.end:
		return nil, net.ErrClosed
	}
}

// Close ends the gate for good.
func (g *gate) Close() error {
	g.once.Do(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.ended = true
		close(g.end)
		if g.door != nil {
			g.door.Close()
		}
		for c := range g.held {
			c.Close()
		}
	})
	return nil
}

// Addr is the gate's address.
func (g *gate) Addr() net.Addr {
	a, err := net.ResolveTCPAddr("tcp", g.addr)
	if err != nil {
		panic(err) // newGate wrote it
	}
	return a
}
