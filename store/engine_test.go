package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/store"
	"vigie/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, storetest.Subject{Open: func(testing.TB, string) (store.Engine, error) { return store.NewMemory(), nil }})
}

// openBolt opens the one file of a test's folder.
func openBolt(o store.BoltOptions) func(testing.TB, string) (store.Engine, error) {
	return func(_ testing.TB, dir string) (store.Engine, error) {
		e, err := store.OpenBolt(filepath.Join(dir, "new", "vigie.db"), o)
		if err != nil {
			return nil, err // not a typed nil
		}
		return e, nil
	}
}

func TestBolt(t *testing.T) {
	storetest.Run(t, storetest.Subject{
		Open:    openBolt(store.BoltOptions{Wait: 50 * time.Millisecond}),
		Durable: true, Exclusive: true,
		Small: openBolt(store.BoltOptions{MaxSize: 512 << 10}),
	})
}

func TestBoltKeepsOthersOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "vigie.db")
	e, err := store.OpenBolt(path, store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	for _, p := range []string{path, filepath.Dir(path)} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: others may read it: %v", p, info.Mode())
		}
	}
}

func TestBoltBackup(t *testing.T) {
	dir := t.TempDir()
	e, err := store.OpenBolt(filepath.Join(dir, "vigie.db"), store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	ctx := context.Background()
	write := func(v string) {
		t.Helper()
		if err := e.Commit(ctx, store.Batch{{Bucket: "a", Key: "x", Value: []byte(v)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []string{"1", "2"} {
		copied := filepath.Join(dir, "copy"+v+".db")
		write(v)
		if err := e.Backup(copied); err != nil {
			t.Fatal(err)
		}
		write("later")
		c, err := store.OpenBolt(copied, store.BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		snap, err := c.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := snap.Get("a", "x"); string(got) != v || err != nil {
			t.Errorf("the copy holds %q, want %q: %v", got, v, err)
		}
		if err := errors.Join(snap.Close(), c.Check(), c.Close()); err != nil {
			t.Error(err)
		}
	}
	if err := e.Backup(filepath.Join(dir, "copy1.db")); !errors.Is(err, os.ErrExist) {
		t.Errorf("a copy is written over: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if err := e.Backup(filepath.Join(dir, "no", "such", "folder")); err == nil {
		t.Error("a copy into nowhere succeeds")
	}
}

func TestBoltRefusesAnotherFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := os.WriteFile(path, []byte("this is a letter to my aunt, and no store at all, however long it is"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenBolt(path, store.BoltOptions{}); err == nil {
		t.Error("a letter is opened as a store")
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("dear aunt "), 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenBolt(path, store.BoltOptions{}); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("a damaged store: %v does not say what to do", err)
	}
}
