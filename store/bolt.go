package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bolt is an Engine in one bbolt file: each Commit is one fsync.
type Bolt struct {
	path string
	opts bolt.Options

	// mu guards db, which Compact changes for another; committing is held by
	// whoever writes, and guards journal.
	mu         sync.RWMutex
	db         *bolt.DB
	committing sync.Mutex
	// journal keeps what is committed while Compact copies, nil otherwise.
	journal *[]Batch

	close sync.Once
	err   error
}

// BoltOptions says how to open a Bolt.
type BoltOptions struct {
	// MaxSize bounds the file, in bytes; Commit fails with ErrFull beyond it. Zero: 4 GiB.
	MaxSize int
	// Wait is how long to wait for another process to let go of the file. Zero: 2 s.
	Wait time.Duration
}

// OpenBolt opens the file, making it and its folder when absent. The error says
// ErrLocked when another process has it open.
func OpenBolt(path string, o BoltOptions) (*Bolt, error) {
	if o.MaxSize == 0 {
		o.MaxSize = 4 << 30
	}
	if o.Wait == 0 {
		o.Wait = 2 * time.Second
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the store's folder: %w", err)
	}
	opts := *bolt.DefaultOptions
	opts.Timeout, opts.MaxSize = o.Wait, o.MaxSize
	opts.FreelistType = bolt.FreelistMapType
	db, err := bolt.Open(path, 0o600, &opts)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w: end the other process first", path, ErrLocked)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%s is damaged, or is no store of Vigie's (%w): put it aside, and a backup in its place", path, err)
	case err != nil:
		return nil, fmt.Errorf("open the store %s: %w", path, err)
	}
	// A new file's name must survive a power cut too.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	_ = os.Remove(path + compacting) // of a process that died at it; we alone have the store now
	return &Bolt{db: db, path: path, opts: opts}, nil
}

// current is the file in use now.
func (b *Bolt) current() *bolt.DB {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.db
}

// fill is how full a page is left when it is split: most buckets grow at their end, and a half would
// stay empty for ever.
const fill = 0.85

// Snapshot implements Engine.
func (b *Bolt) Snapshot() (Snapshot, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	tx, err := b.db.Begin(false)
	if err != nil {
		return nil, fmt.Errorf("read the store: %w", err)
	}
	return &boltSnapshot{tx: tx}, nil
}

// Commit implements Engine.
func (b *Bolt) Commit(ctx context.Context, batch Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.committing.Lock()
	defer b.committing.Unlock()
	err := apply(b.current(), batch)
	if err == nil && b.journal != nil {
		*b.journal = append(*b.journal, batch)
	}
	switch {
	case errors.Is(err, bolterrors.ErrMaxSizeReached), noRoom(err):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case err != nil:
		return fmt.Errorf("write the store: %w", err)
	}
	return nil
}

// apply writes a batch to a file, all or nothing.
func apply(db *bolt.DB, batch Batch) error {
	return db.Update(func(tx *bolt.Tx) error {
		for _, op := range batch {
			bucket, err := tx.CreateBucketIfNotExists([]byte(op.Bucket))
			if err != nil {
				return err
			}
			bucket.FillPercent = fill
			if op.Value == nil {
				err = bucket.Delete([]byte(op.Key))
			} else {
				err = bucket.Put([]byte(op.Key), op.Value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// noRoom recognises a full disk, also where bbolt keeps the text of the system's
// error only (when it makes the file longer).
func noRoom(err error) bool {
	for _, e := range []syscall.Errno{syscall.ENOSPC, syscall.EFBIG, syscall.EDQUOT} {
		if err != nil && (errors.Is(err, e) || strings.HasSuffix(err.Error(), ": "+e.Error())) {
			return true
		}
	}
	return false
}

// Close implements Engine.
func (b *Bolt) Close() error {
	b.close.Do(func() { b.err = b.current().Close() })
	return b.err
}

type boltSnapshot struct {
	tx   *bolt.Tx
	done bool
}

func (s *boltSnapshot) Get(bucket, key string) ([]byte, error) {
	b := s.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil, nil
	}
	v := b.Get([]byte(key))
	if v == nil {
		return nil, nil
	}
	return append([]byte{}, v...), nil
}

func (s *boltSnapshot) Scan(bucket, from string, fn func(string, []byte) bool) error {
	b := s.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek([]byte(from)); k != nil; k, v = c.Next() {
		if !fn(string(k), v) {
			break
		}
	}
	return nil
}

func (s *boltSnapshot) Buckets() ([]string, error) {
	var out []string
	err := s.tx.ForEach(func(name []byte, _ *bolt.Bucket) error { out = append(out, string(name)); return nil })
	return out, err
}

func (s *boltSnapshot) Close() error {
	if s.done {
		return nil
	}
	s.done = true
	return s.tx.Rollback()
}
