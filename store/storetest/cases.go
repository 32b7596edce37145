package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"vigie/store"
)

func (s Subject) empty(t *testing.T) {
	e := s.open(t)
	commit(t, e)
	snap := snapshot(t, e)
	defer shut(t, snap)
	if v, err := snap.Get("no bucket", "no key"); v != nil || err != nil {
		t.Errorf("Get of nothing: %q, %v", v, err)
	}
	same(t, content(t, snap, "no bucket", ""))
}

func (s Subject) batch(t *testing.T) {
	e := s.open(t)
	commit(t, e, put("a", "x", "1"), put("b", "x", "2"), put("a", "y", "3"), put("a", "x", "4"), del("a", "y"), del("c", "none"))
	same(t, now(t, e, "a"), "x=4")
	same(t, now(t, e, "b"), "x=2")
	commit(t, e, del("a", "x"), put("a", "z", ""))
	same(t, now(t, e, "a"), "z=")
	snap := snapshot(t, e)
	defer shut(t, snap)
	if v, err := snap.Get("a", "z"); v == nil || err != nil {
		t.Errorf("an empty value is taken for none: %v, %v", v, err)
	}
}

func (s Subject) order(t *testing.T) {
	e := s.open(t)
	commit(t, e, put("a", "b", ""), put("a", "aé", ""), put("a", "a", ""), put("a", "aa", ""), put("a", "B", ""))
	same(t, now(t, e, "a"), "B=", "a=", "aa=", "aé=", "b=")
	snap := snapshot(t, e)
	defer shut(t, snap)
	same(t, content(t, snap, "a", "aa"), "aa=", "aé=", "b=")
	same(t, content(t, snap, "a", "ab"), "aé=", "b=")
	same(t, content(t, snap, "a", "c"))
	n := 0
	if err := snap.Scan("a", "", func(string, []byte) bool { n++; return n < 2 }); err != nil || n != 2 {
		t.Errorf("a scan told to stop at 2 went to %d: %v", n, err)
	}
}

func (s Subject) isolation(t *testing.T) {
	e := s.open(t)
	// Make room first: an engine with a memory map may wait for readers to grow it.
	commit(t, e, put("room", "x", strings.Repeat("x", 1<<18)))
	commit(t, e, put("a", "x", "old"), put("a", "gone", "1"), del("room", "x"))
	var reader sync.WaitGroup
	opened, written := make(chan bool), make(chan bool)
	reader.Go(func() { // of its own: a snapshot may not be held by who commits
		snap := snapshot(t, e)
		defer shut(t, snap)
		close(opened)
		<-written
		same(t, content(t, snap, "a", ""), "gone=1", "x=old")
	})
	<-opened
	commit(t, e, put("a", "x", "new"), put("a", "more", "1"), del("a", "gone"))
	close(written)
	reader.Wait()
	same(t, now(t, e, "a"), "more=1", "x=new")
}

func (s Subject) copies(t *testing.T) {
	e := s.open(t)
	value := []byte("value")
	commit(t, e, store.Op{Bucket: "a", Key: "x", Value: value})
	value[0] = 'V'
	snap := snapshot(t, e)
	got, err := snap.Get("a", "x")
	if err != nil || string(got) != "value" {
		t.Fatalf("the engine kept the caller's slice: %q, %v", got, err)
	}
	got[0] = 'W'
	shut(t, snap)
	same(t, now(t, e, "a"), "x=value")
}

func (s Subject) awkward(t *testing.T) {
	e := s.open(t)
	keys := []string{"\x00", "\x00\xff", " ", "/", "a/b", "matrix/!room:example.org|p1", "é", "\xff\xfe", strings.Repeat("k", 1000)}
	for _, k := range keys {
		commit(t, e, put("awkward/bucket", k, k))
	}
	var want []string
	for _, k := range keys {
		want = append(want, k+"="+k)
	}
	got := now(t, e, "awkward/bucket")
	if len(got) != len(keys) {
		t.Fatalf("%d of %d keys", len(got), len(keys))
	}
	snap := snapshot(t, e)
	defer shut(t, snap)
	for i, k := range keys {
		if v, err := snap.Get("awkward/bucket", k); err != nil || string(v)+"="+k != want[i] {
			t.Errorf("Get(%q) = %q, %v", k, v, err)
		}
	}
}

func (s Subject) big(t *testing.T) {
	e := s.open(t)
	var b store.Batch
	for i := range 2000 {
		b = append(b, put("a", fmt.Sprintf("%06d", i), strings.Repeat("x", 500)))
	}
	b = append(b, store.Op{Bucket: "a", Key: "huge", Value: bytes.Repeat([]byte("y"), 1<<20)})
	commit(t, e, b...)
	if got := now(t, e, "a"); len(got) != 2001 || got[0][:7] != "000000=" {
		t.Fatalf("%d values", len(got))
	}
	for i := range b {
		b[i].Value = nil
	}
	commit(t, e, b...)
	same(t, now(t, e, "a"))
}

func (s Subject) cancelled(t *testing.T) {
	e := s.open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := e.Commit(ctx, store.Batch{put("a", "x", "1")}); !errors.Is(err, context.Canceled) {
		t.Errorf("a commit after its time: %v", err)
	}
	same(t, now(t, e, "a"))
}

// concurrent: every snapshot sees a whole commit and never goes back in time.
func (s Subject) concurrent(t *testing.T) {
	e := s.open(t)
	const rounds = 100
	commit(t, e, put("a", "1", "000"), put("b", "2", "000"))
	done := make(chan bool)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			last := ""
			for {
				snap := snapshot(t, e)
				a, b := content(t, snap, "a", ""), content(t, snap, "b", "")
				shut(t, snap)
				if len(a) != 1 || len(b) != 1 || a[0][2:] != b[0][2:] || a[0] < last {
					t.Errorf("torn or out of order: %q %q after %q", a, b, last)
					return
				}
				last = a[0]
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := 1; i <= rounds; i++ {
		n := fmt.Sprintf("%03d", i)
		commit(t, e, put("a", "1", n), put("b", "2", n), put("grow", n, strings.Repeat("z", 4096)))
	}
	close(done)
	readers.Wait()
}

func (s Subject) closing(t *testing.T) {
	e := s.open(t)
	commit(t, e, put("a", "x", "1"))
	var reader sync.WaitGroup
	opened, read := make(chan bool), make(chan bool)
	reader.Go(func() {
		snap := snapshot(t, e)
		close(opened)
		<-read
		same(t, content(t, snap, "a", ""), "x=1")
		shut(t, snap)
	})
	<-opened
	var closer sync.WaitGroup
	closer.Go(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	close(read)
	reader.Wait()
	closer.Wait()
	if err := e.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}

func (s Subject) reopen(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		e, err := s.Open(t, dir)
		if err != nil {
			t.Fatalf("open %d: %v", i, err)
		}
		commit(t, e, put("a", fmt.Sprint(i), "1"), del("a", fmt.Sprint(i-2)))
		if err := e.Close(); err != nil {
			t.Fatalf("close %d: %v", i, err)
		}
	}
	e, err := s.Open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, now(t, e, "a"), "1=1", "2=1")
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func (s Subject) locked(t *testing.T) {
	dir := t.TempDir()
	e, err := s.Open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := s.Open(t, dir); !errors.Is(err, store.ErrLocked) {
		t.Errorf("opened twice: %v, %v", other, err)
	}
	commit(t, e, put("a", "x", "1"))
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	other, err := s.Open(t, dir)
	if err != nil {
		t.Fatalf("after the first has let go: %v", err)
	}
	same(t, now(t, other, "a"), "x=1")
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

// full: the commit that does not fit is refused whole; what is there can be read and
// the engine takes what fits.
func (s Subject) full(t *testing.T) {
	e, err := s.Small(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	commit(t, e, put("a", "x", "1"))
	huge := store.Op{Bucket: "a", Key: "y", Value: make([]byte, 16<<20)}
	for range 3 {
		err := e.Commit(context.Background(), store.Batch{put("a", "x", "2"), huge})
		if !errors.Is(err, store.ErrFull) {
			t.Fatalf("what does not fit: %v", err)
		}
		same(t, now(t, e, "a"), "x=1")
	}
	commit(t, e, put("a", "x", "3"))
	same(t, now(t, e, "a"), "x=3")
}
