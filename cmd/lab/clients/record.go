// Package clients drives real chat clients, as people would: an IRC client and a Matrix client that does end-to-end
// encryption. Each writes down all that it sees, in order, so that a test can wait for a line, and afterwards count how
// often it was said. Both come back by themselves after a server's restart.
package clients

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// patience is how long a wait lasts when its context has no deadline.
const patience = 20 * time.Second

// A Mark is a place in a client's record: what was seen before it, and what is seen after.
type Mark int

// A record is what one client has seen, oldest first. Several goroutines may use it.
type record[E fmt.Stringer] struct {
	who string

	mu    sync.Mutex
	seen  []E
	grown chan struct{} // closed and replaced at each addition
}

func newRecord[E fmt.Stringer](who string) *record[E] {
	return &record[E]{who: who, grown: make(chan struct{})}
}

func (r *record[E]) add(e E) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, e)
	close(r.grown)
	r.grown = make(chan struct{})
}

// Mark is the present end of the record, to be taken before the act whose consequence is waited for.
func (r *record[E]) Mark() Mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Mark(len(r.seen))
}

// Since returns a copy of what was seen after a mark; the zero mark is the beginning.
func (r *record[E]) Since(from Mark) []E {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]E(nil), r.seen[min(int(from), len(r.seen)):]...)
}

// Count tells how many of the things seen after a mark match.
func (r *record[E]) Count(from Mark, match func(E) bool) int {
	n := 0
	for _, e := range r.Since(from) {
		if match(e) {
			n++
		}
	}
	return n
}

// Wait returns the first thing after a mark that matches, waiting for it until ctx ends, or 20 seconds if ctx has no
// deadline. What is waited for, in words, and the last things seen make the error.
func (r *record[E]) Wait(ctx context.Context, from Mark, what string, match func(E) bool) (E, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	for next := int(from); ; {
		r.mu.Lock()
		for ; next < len(r.seen); next++ {
			if e := r.seen[next]; match(e) {
				r.mu.Unlock()
				return e, nil
			}
		}
		grown := r.grown
		r.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			var none E
			return none, fmt.Errorf("%s did not see %s: %w; since then it saw:\n%s", r.who, what, context.Cause(ctx), r.last(from, 15))
		}
	}
}

func (r *record[E]) last(from Mark, n int) string {
	seen := r.Since(from)
	if len(seen) == 0 {
		return "  (nothing)"
	}
	var b strings.Builder
	if skipped := len(seen) - n; skipped > 0 {
		fmt.Fprintf(&b, "  (%d more)\n", skipped)
		seen = seen[skipped:]
	}
	for _, e := range seen {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
