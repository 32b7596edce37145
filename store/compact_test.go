package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"vigie/store"
)

func boltAt(t *testing.T, path string, o store.BoltOptions) *store.Bolt {
	t.Helper()
	e, err := store.OpenBolt(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func commitOne(t *testing.T, e *store.Bolt, key string, value []byte) {
	t.Helper()
	if err := e.Commit(context.Background(), store.Batch{{Bucket: "a", Key: key, Value: value}}); err != nil {
		t.Fatal(err)
	}
}

// TestCompactLeavesNoDeletedBytes is why there is a Compact at all: a deleted value
// can be read in the file, until it is compacted.
func TestCompactLeavesNoDeletedBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	e := boltAt(t, path, store.BoltOptions{})
	secret := []byte("the-secret-of-claire")
	for i := range 200 {
		commitOne(t, e, fmt.Sprint("k", i), append([]byte(fmt.Sprint(i)), secret...))
	}
	for i := range 200 {
		commitOne(t, e, fmt.Sprint("k", i), nil)
	}
	commitOne(t, e, "kept", []byte("kept"))
	raw, _ := os.ReadFile(path)
	if !bytes.Contains(raw, secret) {
		t.Fatal("nothing is left of what was deleted: this test shows nothing any more")
	}
	if err := e.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	small, _ := os.ReadFile(path)
	if bytes.Contains(small, secret) || len(small) >= len(raw) {
		t.Errorf("the secret is in the file still, or the file no smaller: %d then %d bytes", len(raw), len(small))
	}
	commitOne(t, e, "after", []byte("after"))
	if err := errors.Join(e.Check(), e.Close()); err != nil {
		t.Fatal(err)
	}
	again := boltAt(t, path, store.BoltOptions{})
	snap, err := again.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	for _, k := range []string{"kept", "after"} {
		if v, _ := snap.Get("a", k); string(v) != k {
			t.Errorf("%s is %q after the compaction", k, v)
		}
	}
}

// TestNothingCommittedIsLostByCompacting writes from one goroutine and reads from another
// while a third compacts.
func TestNothingCommittedIsLostByCompacting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	e := boltAt(t, path, store.BoltOptions{})
	const most = 300
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(done)
		for i := range most {
			if err := e.Commit(context.Background(), store.Batch{{Bucket: "a", Key: fmt.Sprintf("%04d", i), Value: []byte("v")}, {Bucket: "a", Key: "last", Value: fmt.Appendf(nil, "%04d", i)}}); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Go(func() {
		for seen := ""; ; {
			select {
			case <-done:
				return
			default:
			}
			snap, err := e.Snapshot()
			if err != nil {
				t.Error(err)
				return
			}
			v, err := snap.Get("a", "last")
			if errors.Join(err, snap.Close()) != nil || string(v) < seen {
				t.Errorf("read %q after %q: %v", v, seen, err)
				return
			}
			seen = string(v)
		}
	})
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := e.Compact(context.Background()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	snap, err := boltAt(t, path, store.BoltOptions{}).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	n := 0
	_ = snap.Scan("a", "", func(string, []byte) bool { n++; return true })
	if n != most+1 {
		t.Errorf("%d rows are there, of %d", n, most+1)
	}
}

// A reader that began before keeps its view, and holds nobody up.
func TestAReaderOutlivesTheCompaction(t *testing.T) {
	e := boltAt(t, filepath.Join(t.TempDir(), "vigie.db"), store.BoltOptions{})
	commitOne(t, e, "k", []byte("old"))
	snap, err := e.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	commitOne(t, e, "k", []byte("new"))
	if v, err := snap.Get("a", "k"); string(v) != "old" || err != nil {
		t.Errorf("the reader sees %q: %v", v, err)
	}
	if err := snap.Close(); err != nil {
		t.Error(err)
	}
}

// The file stays locked, and a copy left by a dead process goes at the next start.
func TestCompactKeepsTheLockAndCleansUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := os.WriteFile(path+".compact", []byte("half a copy"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := boltAt(t, path, store.BoltOptions{})
	if _, err := os.Stat(path + ".compact"); err == nil {
		t.Error("half a copy stays")
	}
	commitOne(t, e, "k", []byte("v"))
	if err := e.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenBolt(path, store.BoltOptions{Wait: 1}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second process opens it: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := e.Compact(ctx); err == nil {
		t.Error("compacts although told to stop")
	}
	commitOne(t, e, "k", []byte("w"))
}

func TestCompactWithoutRoomChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	e := boltAt(t, path, store.BoltOptions{})
	commitOne(t, e, "k", bytes.Repeat([]byte("v"), 1<<20))
	if err := os.Mkdir(path+".compact", 0o700); err != nil { // stands in for a disk that cannot take the file
		t.Fatal(err)
	}
	if err := e.Compact(context.Background()); err == nil {
		t.Error("compacts into a folder")
	}
	commitOne(t, e, "k2", []byte("goes on"))
	if err := e.Check(); err != nil {
		t.Error(err)
	}
}
