package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vigie/commands"
	"vigie/store"
	"vigie/store/export"
)

// storePath is the store's file.
func (c *Config) storePath() string { return filepath.Join(c.Data, "vigie.db") }

// backups and copies are the folders of what is kept beside the store.
func (c *Config) backups() string {
	if c.Backup.Folder != "" {
		return c.Backup.Folder
	}
	return filepath.Join(c.Data, "backups")
}

func (c *Config) copies() string {
	if c.Backup.Copies != "" {
		return c.Backup.Copies
	}
	return filepath.Join(c.Data, "copies")
}

// keeper does for the running bot what is not for a turn: it writes files.
type keeper struct {
	store           *store.Store
	backups, copies string
	keep            time.Duration
}

// probe answers the probes of commands.Kept; ok is false for any other.
func (k keeper) probe(ctx context.Context, kind string) (report []byte, ok bool) {
	var done commands.Kept
	var err error
	switch kind {
	case commands.ProbeCompact:
		err = k.store.Compact(ctx)
	case commands.ProbeBackup:
		now := time.Now()
		if done.File, done.Bytes, err = backupInto(k.store, k.backups, now); err == nil {
			done.Dropped, err = dropBackups(k.backups, now.Add(-k.keep))
		}
	case commands.ProbeCopies:
		err = k.store.View(func(tx *store.Tx) error {
			_, err := export.Folder(k.copies, "md", tx, export.Markdown)
			return err
		})
	default:
		return nil, false
	}
	if err != nil {
		done.Error = err.Error()
	}
	report, _ = json.Marshal(done) // strings and numbers always encode
	return report, true
}

// backupName is how a backup's file is called, by its instant.
const backupName = "vigie-20060102T150405Z.db"

// backupInto writes a backup with its checksum beside it, and looks whether it is sound.
func backupInto(st *store.Store, dir string, now time.Time) (path string, bytes int64, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", 0, fmt.Errorf("make the folder for backups: %w", err)
	}
	path = filepath.Join(dir, now.UTC().Format(backupName))
	bytes, err = backupTo(st, path)
	return path, bytes, err
}

func backupTo(st *store.Store, path string) (bytes int64, err error) {
	if err := st.Backup(path); err != nil {
		return 0, err
	}
	sum, bytes, err := sumOf(path)
	if err != nil {
		return 0, err
	}
	// As sha256sum(1) writes it, so that any machine can check it.
	if err := os.WriteFile(path+".sha256", []byte(sum+"  "+filepath.Base(path)+"\n"), 0o600); err != nil {
		return 0, fmt.Errorf("write the checksum: %w", err)
	}
	_, err = verify(path)
	return bytes, err
}

func sumOf(path string) (sum string, bytes int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if bytes, err = io.Copy(h, f); err != nil {
		return "", 0, fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), bytes, nil
}

// dropBackups destroys backups made before an instant: those whose names say so.
func dropBackups(dir string, before time.Time) (dropped int, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "vigie-*.db"))
	if err != nil {
		return 0, err
	}
	for _, path := range names {
		made, bad := time.Parse(backupName, filepath.Base(path))
		if bad != nil || !made.Before(before) {
			continue
		}
		if e := os.Remove(path); e != nil {
			err = errors.Join(err, e)
			continue
		}
		_ = os.Remove(path + ".sha256")
		dropped++
	}
	return dropped, err
}

// verified is what is known of a store's file once it was looked through.
type verified struct {
	tickets int
	hash    string
	// summed: there was a checksum, and it is right.
	summed bool
}

// verify looks through a store's file or backup: its checksum where there is one, its pages, and
// whether every ticket is what its events add up to.
func verify(path string) (verified, error) {
	var v verified
	want, err := os.ReadFile(path + ".sha256")
	if err == nil {
		sum, _, err := sumOf(path)
		if err != nil {
			return v, err
		}
		said, _, _ := strings.Cut(string(want), " ")
		if sum != said {
			return v, fmt.Errorf("%s is not what was written: its checksum is %.12s…, and %.12s… beside it", path, sum, said)
		}
		v.summed = true
	}
	engine, err := store.ReadBolt(path)
	if err != nil {
		return v, err
	}
	defer func() { _ = engine.Close() }()
	if err := engine.Check(); err != nil {
		return v, fmt.Errorf("%s is damaged: %w", path, err)
	}
	st, err := store.Open(context.Background(), engine)
	if err != nil {
		return v, fmt.Errorf("%s: %w", path, err)
	}
	err = st.View(func(tx *store.Tx) error {
		if err := tx.Verify(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		v.tickets = len(tx.Tickets(0))
		v.hash, err = export.Hash(tx)
		return err
	})
	return v, err
}
