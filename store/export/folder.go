package export

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vigie/store"
)

// Folder writes a file for each ticket into dir, private to who runs this, and takes away
// the files of tickets that are not there any more. form is Markdown or Mbox, ext the files' ending. A
// file appears under its name only once it is whole; one that would not change is left alone.
func Folder(dir, ext string, tx *store.Tx, form func(io.Writer, *store.Tx, store.Ticket) error) (files int, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, fmt.Errorf("make the folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return 0, fmt.Errorf("keep others out of %s: %w", dir, err)
	}
	keep := map[string]bool{}
	for _, t := range tx.Tickets(0) {
		var b strings.Builder
		if err := form(&b, tx, t); err != nil {
			return files, err
		}
		name := fmt.Sprintf("%06d.%s", t.N, ext)
		keep[name] = true
		if err := write(filepath.Join(dir, name), b.String()); err != nil {
			return files, err
		}
		files++
	}
	old, err := filepath.Glob(filepath.Join(dir, "[0-9]*."+ext))
	for _, path := range old {
		if !keep[filepath.Base(path)] {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return files, err
}

func write(path, text string) error {
	if now, err := os.ReadFile(path); err == nil && string(now) == text {
		return nil
	}
	tmp := path + ".part"
	if err := os.WriteFile(tmp, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write a copy: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write a copy: %w", err)
	}
	return nil
}
