package probe

import (
	"context"
	"sync"
	"sync/atomic"
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
	var up atomic.Bool
	var all []func()
	for _, u := range p.set.Canaries {
		all = append(all, func() {
			if p.canaryAnswers(ctx, u) {
				up.Store(true)
				cancel() // one is enough
			}
		})
	}
	together(all...)
	p.canary.up = up.Load()
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
