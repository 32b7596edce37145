package probe

import (
	"errors"
	"sync"
	"time"

	"vigie/runbooks"
)

// errBudget is what a refused check says.
var errBudget = errors.New("budget used up: too many checks for now")

// budget bounds what leaves: one token bucket for each person and target, and one for all.
type budget struct {
	limits  Budget
	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

// bucket holds up to its limit; it fills in one window.
type bucket struct {
	tokens float64
	at     time.Time
	limit  int
}

func newBudget(limits Budget) *budget {
	return &budget{limits: limits, buckets: map[string]*bucket{}}
}

// take spends one token of the person, of the target and of all, or none.
func (b *budget) take(who, target string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.sweep(now)
	keys := []struct {
		key   string
		limit int
	}{{"all", b.limits.Global}, {"person " + who, b.limits.Person}, {"target " + target, b.limits.Target}}
	var spend []*bucket
	for _, k := range keys {
		if k.key == "person " {
			continue
		}
		// One at a time: once all is spent, a stranger's names make no buckets.
		found := b.bucket(k.key, k.limit, now)
		if found.tokens < 1 {
			return errBudget
		}
		spend = append(spend, found)
	}
	for _, k := range spend {
		k.tokens--
	}
	return nil
}

// bucket finds a bucket and fills it up to now.
func (b *budget) bucket(key string, limit int, now time.Time) *bucket {
	k := b.buckets[key]
	if k == nil {
		k = &bucket{tokens: float64(limit), at: now, limit: limit}
		b.buckets[key] = k
		return k
	}
	k.tokens = min(float64(k.limit), k.tokens+float64(k.limit)*now.Sub(k.at).Seconds()/b.limits.Window.Seconds())
	k.at = now
	return k
}

// sweep forgets, once a window, the buckets that are full again: the map holds at
// most what the global budget let through in two windows.
func (b *budget) sweep(now time.Time) {
	if now.Sub(b.swept) < b.limits.Window {
		return
	}
	b.swept = now
	for key, k := range b.buckets {
		if now.Sub(k.at) >= b.limits.Window {
			delete(b.buckets, key)
		}
	}
}

// targetOf names what a request burdens: the registered domain, or the address.
func targetOf(req runbooks.Request) string {
	for _, key := range []string{"domain", "name", "host", "ip"} {
		if v := req.Args[key]; v != "" {
			return targetName(v)
		}
	}
	if u, err := parseURL(req.Args["url"]); err == nil {
		return registrable(u.host.name)
	}
	return "?"
}

func targetName(text string) string {
	h, err := parseHost(text)
	if err != nil {
		return "?"
	}
	return registrable(h.name)
}
