package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// compacting is the ending of the file that Compact writes.
const compacting = ".compact"

// copyChunk bounds how much of a copy is one transaction, in bytes.
const copyChunk = 4 << 20

// Compact writes the store anew without what was deleted: bbolt keeps the bytes of
// deleted values in free pages until something else is written there. It may run
// while the store is in use. Commits go on during the copy; they wait only while
// what was committed meanwhile is added and the new file takes the old one's name. A
// crash at any instant leaves one of the two files, and each holds every commit that
// was acknowledged until then.
func (b *Bolt) Compact(ctx context.Context) error {
	b.committing.Lock()
	if b.journal != nil {
		b.committing.Unlock()
		return errors.New("the store is being compacted already")
	}
	b.journal = &[]Batch{}
	b.committing.Unlock()

	tmp := b.path + compacting
	opts := b.opts
	opts.NoSync = true // synced once, before it takes the name
	dst, err := bolt.Open(tmp, 0o600, &opts)
	if err = errors.Join(err, ctx.Err()); err == nil {
		err = b.copyInto(ctx, dst)
	}
	b.committing.Lock()
	defer b.committing.Unlock()
	missed := *b.journal
	b.journal = nil
	if err == nil {
		err = b.takeOver(dst, tmp, missed)
	}
	if err != nil {
		if dst != nil {
			_ = dst.Close()
		}
		_ = os.Remove(tmp)
		if noRoom(err) || errors.Is(err, bolterrors.ErrMaxSizeReached) {
			err = fmt.Errorf("%w: %w", ErrFull, err)
		}
		return fmt.Errorf("compact the store: %w", err)
	}
	return nil
}

// copyInto copies the last commit to another file, a transaction for each copyChunk.
//
// It is not bbolt's own Compact, which commits what it read after its view of the source
// has ended: a writer that makes the source grow meanwhile moves the memory away from
// under it.
func (b *Bolt) copyInto(ctx context.Context, dst *bolt.DB) error {
	return b.current().View(func(src *bolt.Tx) error {
		tx, err := dst.Begin(true)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // after Commit it does nothing
		size := 0
		err = src.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			return bucket.ForEach(func(k, v []byte) error {
				if size += len(k) + len(v); size > copyChunk {
					if size, err = 0, errors.Join(ctx.Err(), tx.Commit()); err != nil {
						return err
					}
					if tx, err = dst.Begin(true); err != nil {
						return err
					}
				}
				to, err := tx.CreateBucketIfNotExists(name)
				if err != nil {
					return err
				}
				to.FillPercent = 0.9 // keys come in order
				return to.Put(k, v)
			})
		})
		if err != nil {
			return err
		}
		return tx.Commit()
	})
}

// takeOver adds what was committed since the copy began and lets the new file be the
// store. What the copy holds of it already is written again, in the same order, which
// changes nothing. Nobody commits meanwhile.
func (b *Bolt) takeOver(dst *bolt.DB, tmp string, missed []Batch) error {
	for _, batch := range missed {
		if err := apply(dst, batch); err != nil {
			return err
		}
	}
	dst.NoSync = false
	if err := dst.Sync(); err != nil {
		return err
	}
	if err := os.Rename(tmp, b.path); err != nil {
		return err
	}
	b.mu.Lock()
	old := b.db
	b.db = dst
	b.mu.Unlock()
	syncDir(filepath.Dir(b.path))
	// The old file has no name any more; it goes with its last reader, whom
	// nobody should wait for here.
	go func() { _ = old.Close() }()
	return nil
}

// syncDir makes a new name in a folder survive a power cut.
func syncDir(path string) {
	if dir, err := os.Open(path); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// Backup writes a consistent copy to path while the store is in use, without what
// was deleted. A file that is there is not written over; the copy has its name only once it
// is whole and on disk.
func (b *Bolt) Backup(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("copy the store: %s: %w", path, os.ErrExist)
	}
	tmp := path + ".part"
	_ = os.Remove(tmp)
	opts := b.opts
	opts.NoSync, opts.ReadOnly = true, false
	dst, err := bolt.Open(tmp, 0o600, &opts)
	if err != nil {
		return fmt.Errorf("copy the store: %w", err)
	}
	err = b.copyInto(context.Background(), dst)
	if err = errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("copy the store: %w", err)
	}
	err = os.Link(tmp, path)                        // fails when the name is taken, which Rename would not
	if err != nil && !errors.Is(err, os.ErrExist) { // a file system without links
		err = os.Rename(tmp, path)
	}
	_ = os.Remove(tmp)
	if err != nil {
		return fmt.Errorf("copy the store: %w", err)
	}
	syncDir(filepath.Dir(path))
	return nil
}

// Check walks the whole file and says what is broken in it, if anything.
func (b *Bolt) Check() error {
	return b.current().View(func(tx *bolt.Tx) error {
		var errs []error
		for err := range tx.Check() {
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

// keeper is an Engine in a file, which can be copied and written anew.
type keeper interface {
	Compact(ctx context.Context) error
	Backup(path string) error
}

// ErrNoFile says that the engine is not in a file of its own.
var ErrNoFile = errors.New("this store is not in a file")

// Compact writes the store's file anew without deleted bytes; see Bolt.Compact. An
// engine without a file keeps none.
func (s *Store) Compact(ctx context.Context) error {
	if k, ok := s.engine.(keeper); ok {
		return k.Compact(ctx)
	}
	return nil
}

// Backup writes a consistent copy of the store to a new file.
func (s *Store) Backup(path string) error {
	if k, ok := s.engine.(keeper); ok {
		return k.Backup(path)
	}
	return ErrNoFile
}
