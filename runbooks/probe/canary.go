package probe

import (
	"context"
	"sync"
	"time"
)

// canaryFor is how long one look at the canaries serves.
const canaryFor = 15 * time.Second

// canary remembers the last look.
type canary struct {
	mu sync.Mutex
	at time.Time
	up bool
}

// networkUp says whether any canary answers, whatever it answers. Without canaries
// the network is believed up. It is asked only when a report is about to blame
// somebody, so a healthy day costs nothing.
func (p *Prober) networkUp(ctx context.Context) bool {
	if len(p.set.Canaries) == 0 {
		return true
	}
	p.canary.mu.Lock()
	defer p.canary.mu.Unlock()
	if time.Since(p.canary.at) < canaryFor {
		return p.canary.up
	}
	// The check may have used its time up; the canaries have their own.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(p.set.Attempt, 5*time.Second))
	defer cancel()
	answers := make(chan bool, len(p.set.Canaries))
	for _, u := range p.set.Canaries {
		go func() { answers <- p.canaryAnswers(ctx, u) }()
	}
	p.canary.up = false
	for range p.set.Canaries {
		if <-answers {
			p.canary.up = true
			break
		}
	}
	p.canary.at = time.Now()
	return p.canary.up
}

func (p *Prober) canaryAnswers(ctx context.Context, text string) bool {
	u, err := parseURL(text)
	if err != nil {
		return false
	}
	page, err := newAttempt(p).get(ctx, u, anyFamily, 1<<10)
	return err == nil && page.status > 0
}
