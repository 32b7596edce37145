package store

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Memory is an Engine that forgets everything when it is closed: for the
// console, simulations and tests. Snapshots share unchanged buckets.
type Memory struct {
	mu      sync.RWMutex
	buckets map[string]*memBucket
}

// memBucket is never changed once published: a commit makes a new one.
type memBucket struct {
	values map[string][]byte
	keys   []string // sorted
}

// NewMemory returns an empty Engine in memory.
func NewMemory() *Memory { return &Memory{buckets: map[string]*memBucket{}} }

// Snapshot implements Engine.
func (m *Memory) Snapshot() (Snapshot, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return &memSnapshot{m.buckets}, nil
}

// Commit implements Engine.
func (m *Memory) Commit(ctx context.Context, b Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := maps.Clone(m.buckets)
	changed := map[string]bool{}
	for _, op := range b {
		if !changed[op.Bucket] {
			changed[op.Bucket] = true
			old := next[op.Bucket]
			if old == nil {
				old = &memBucket{}
			}
			values := maps.Clone(old.values)
			if values == nil {
				values = map[string][]byte{}
			}
			next[op.Bucket] = &memBucket{values: values}
		}
		if op.Value == nil {
			delete(next[op.Bucket].values, op.Key)
		} else {
			next[op.Bucket].values[op.Key] = slices.Clone(op.Value)
		}
	}
	for name := range changed {
		bucket := next[name]
		bucket.keys = slices.Sorted(maps.Keys(bucket.values))
	}
	m.buckets = next
	return nil
}

// Close implements Engine.
func (m *Memory) Close() error { return nil }

type memSnapshot struct{ buckets map[string]*memBucket }

func (s *memSnapshot) Get(bucket, key string) ([]byte, error) {
	b := s.buckets[bucket]
	if b == nil {
		return nil, nil
	}
	return slices.Clone(b.values[key]), nil
}

func (s *memSnapshot) Scan(bucket, from string, fn func(string, []byte) bool) error {
	b := s.buckets[bucket]
	if b == nil {
		return nil
	}
	i, _ := slices.BinarySearch(b.keys, from)
	for _, k := range b.keys[i:] {
		if !fn(k, b.values[k]) {
			break
		}
	}
	return nil
}

func (s *memSnapshot) Buckets() ([]string, error) { return slices.Collect(maps.Keys(s.buckets)), nil }

func (s *memSnapshot) Close() error { return nil }
