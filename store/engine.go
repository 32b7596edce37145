package store

import (
	"context"
	"errors"
)

// Engine keeps buckets of byte strings. Snapshot may be called from any
// goroutine; Commit from one at a time. A Snapshot must be closed before the same goroutine
// calls Commit: engines with a memory map wait for readers.
type Engine interface {
	// Snapshot is a view of the last commit that later commits do not change.
	Snapshot() (Snapshot, error)
	// Commit makes all of the batch durable or none of it. After an error other than
	// ErrFull nothing is known of the batch, and the process must end.
	Commit(ctx context.Context, b Batch) error
	// Close waits for open snapshots and frees the store. It may be called twice.
	Close() error
}

// Snapshot reads one state of the store. Not for use by two goroutines at once.
type Snapshot interface {
	// Get returns a copy of the value, nil when there is none.
	Get(bucket, key string) ([]byte, error)
	// Scan calls fn with each key ≥ from of the bucket in byte order, until fn
	// returns false. The value is valid only during the call.
	Scan(bucket, from string, fn func(key string, value []byte) bool) error
	// Buckets lists the buckets that were ever written to, in any order.
	Buckets() ([]string, error)
	// Close ends the snapshot; it may be called twice.
	Close() error
}

// Op is one write of a Batch; a nil Value deletes.
type Op struct {
	Bucket, Key string
	Value       []byte
}

// Batch is what one Commit writes, in order: a later Op on a key wins.
type Batch []Op

// Errors that engines return, wrapped.
var (
	// ErrLocked: another process has the store open.
	ErrLocked = errors.New("the store is in use by another process")
	// ErrFull: the disk or the configured size is full; nothing was written, and
	// reading goes on.
	ErrFull = errors.New("the store is full")
	// ErrSchema: the store was written by a newer Vigie.
	ErrSchema = errors.New("the store was written by a newer version")
)

// ErrNotFound: there is no such record.
var ErrNotFound = errors.New("not found")
