// Package storetest is the suite that every store.Engine passes: what package
// store, and through it everything that Vigie remembers, relies on.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"vigie/store"
)

// Subject says how to open the engine under test.
type Subject struct {
	// Open opens an engine on what dir holds; dir belongs to the test alone.
	Open func(t testing.TB, dir string) (store.Engine, error)
	// Durable: what was committed is there after Close and Open.
	Durable bool
	// Exclusive: a second Open fails with store.ErrLocked while one is open.
	Exclusive bool
	// Small opens an engine that is full long before 16 MiB are in it. Nil: none can be.
	Small func(t testing.TB, dir string) (store.Engine, error)
}

// Run puts the engine through the suite.
func Run(t *testing.T, s Subject) {
	t.Run("empty", s.empty)
	t.Run("batch", s.batch)
	t.Run("order", s.order)
	t.Run("isolation", s.isolation)
	t.Run("copies", s.copies)
	t.Run("awkward keys", s.awkward)
	t.Run("big batch", s.big)
	t.Run("cancelled", s.cancelled)
	t.Run("readers and a writer", s.concurrent)
	t.Run("close", s.closing)
	if s.Durable {
		t.Run("reopen", s.reopen)
	}
	if s.Exclusive {
		t.Run("locked", s.locked)
	}
	if s.Small != nil {
		t.Run("full", s.full)
	}
	t.Run("model", s.model)
}

// open opens an engine for one test.
func (s Subject) open(t *testing.T) store.Engine {
	t.Helper()
	e, err := s.Open(t, t.TempDir())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

// put is an Op that writes, del one that deletes.
func put(bucket, key, value string) store.Op {
	return store.Op{Bucket: bucket, Key: key, Value: []byte(value)}
}
func del(bucket, key string) store.Op { return store.Op{Bucket: bucket, Key: key} }

func commit(t testing.TB, e store.Engine, b ...store.Op) {
	t.Helper()
	if err := e.Commit(context.Background(), b); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

// snapshot opens a snapshot that the test closes in good time.
func snapshot(t testing.TB, e store.Engine) store.Snapshot {
	t.Helper()
	s, err := e.Snapshot()
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	return s
}

// content reads a bucket from a key on as "k=v" strings.
func content(t testing.TB, s store.Snapshot, bucket, from string) []string {
	t.Helper()
	out := []string{}
	err := s.Scan(bucket, from, func(k string, v []byte) bool { out = append(out, k+"="+string(v)); return true })
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	return out
}

// now is content of the last commit.
func now(t testing.TB, e store.Engine, bucket string) []string {
	t.Helper()
	s := snapshot(t, e)
	defer shut(t, s)
	return content(t, s, bucket, "")
}

func shut(t testing.TB, s store.Snapshot) {
	t.Helper()
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Errorf("close a snapshot twice: %v", err)
	}
}

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
