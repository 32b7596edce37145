// Package faults puts bad links between the bot and its servers: a Link is a TCP proxy (toxiproxy, in this process) that can
// be cut, delayed, stopped in the middle of a sentence and left hanging.
package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"vigie/cmd/lab/servers"
)

// A Link stands on a loopback address for one server. Its methods may be called by several goroutines.
type Link struct {
	mu    sync.Mutex
	proxy *toxiproxy.Proxy
	ill   []string // the toxics at work
}

// NewLink opens a link to upstream, "host:port". It works until Close.
func NewLink(name, upstream string) (*Link, error) {
	ports, err := servers.FreePorts(1)
	if err != nil {
		return nil, err
	}
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &Link{proxy: toxiproxy.NewProxy(api, name, fmt.Sprintf("127.0.0.1:%d", ports[0]), upstream)}
	if err := l.proxy.Start(); err != nil {
		return nil, fmt.Errorf("link to %s: %w", name, err)
	}
	return l, nil
}

// Addr is where the server is reached through the link.
func (l *Link) Addr() string { return l.proxy.Listen }

// Cut closes every connection and refuses new ones, until Mend.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.proxy.Stop()
}

// Mend takes away every fault. Connections that a fault has left half dead stay as they are: to notice that is their
// owner's business.
func (l *Link) Mend() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range l.ill {
		if err := l.proxy.Toxics.RemoveToxic(context.Background(), name); err != nil {
			return fmt.Errorf("mend the link to %s: %w", l.proxy.Name, err)
		}
	}
	l.ill = nil
	if l.proxy.Enabled {
		return nil
	}
	if err := l.proxy.Start(); err != nil {
		return fmt.Errorf("mend the link to %s: %w", l.proxy.Name, err)
	}
	return nil
}

// Close ends the link.
func (l *Link) Close() { l.Cut() }

// add puts a toxic on both directions, or on one.
func (l *Link) add(kind string, attributes map[string]int64, directions ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range directions {
		name := fmt.Sprintf("%s-%s-%d", kind, d, len(l.ill))
		spec, err := json.Marshal(map[string]any{"name": name, "type": kind, "stream": d, "attributes": attributes})
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(string(spec))); err != nil {
			return fmt.Errorf("%s on the link to %s: %w", kind, l.proxy.Name, err)
		}
		l.ill = append(l.ill, name)
	}
	return nil
}

// Delay holds up everything, both ways.
func (l *Link) Delay(by, jitter time.Duration) error {
	return l.add("latency", map[string]int64{"latency": by.Milliseconds(), "jitter": jitter.Milliseconds()}, "upstream", "downstream")
}

// Truncate closes each connection once so many more bytes have passed in a direction, in the middle of a line or an answer.
func (l *Link) Truncate(bytes int64, direction string) error {
	return l.add("limit_data", map[string]int64{"bytes": bytes}, direction)
}

// Swallow lets nothing through in one direction and closes nothing: a black hole. Mend does not give the connections back.
func (l *Link) Swallow(direction string) error {
	return l.add("timeout", map[string]int64{"timeout": 0}, direction)
}

// Crumble passes data on in small pieces.
func (l *Link) Crumble() error {
	return l.add("slicer", map[string]int64{"average_size": 40, "size_variation": 20, "delay": 500}, "upstream", "downstream")
}

// Harm does one of these things at random, and says which.
func (l *Link) Harm(r *rand.Rand) (string, error) {
	direction := [...]string{"upstream", "downstream"}[r.IntN(2)]
	switch r.IntN(5) {
	case 0:
		l.Cut()
		return "cut", nil
	case 1:
		by := time.Duration(50+r.IntN(1500)) * time.Millisecond
		return fmt.Sprintf("delay %v", by), l.Delay(by, by/2)
	case 2:
		n := int64(r.IntN(3000))
		return fmt.Sprintf("truncate %s after %d", direction, n), l.Truncate(n, direction)
	case 3:
		return "swallow " + direction, l.Swallow(direction)
	default:
		return "crumble", l.Crumble()
	}
}
