package store

import (
	"errors"
	"fmt"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ReadBolt opens a bbolt file to read it only, for tools: it is neither made nor
// changed. The error says ErrLocked while the bot has it open: read a copy then.
func ReadBolt(path string) (*Bolt, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	opts := *bolt.DefaultOptions
	opts.ReadOnly, opts.Timeout = true, 2*time.Second
	db, err := bolt.Open(path, 0o600, &opts)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w: the bot runs; read a copy of a backup, or ask it in the staff room", path, ErrLocked)
	case err != nil:
		return nil, fmt.Errorf("open the store %s: %w", path, err)
	}
	return &Bolt{db: db, path: path, opts: opts}, nil
}
