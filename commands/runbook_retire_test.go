package commands

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vigie/bot"
	"vigie/bot/bottest"
	"vigie/runbooks"
	"vigie/runbooks/library"
)

// yesterday is the library as it was before an upgrade: nolog had other bytes.
func yesterday(t *testing.T) *runbooks.Library {
	t.Helper()
	src, err := fs.ReadFile(library.FS(), "nolog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(src), "\nversion: 1\n", "\nversion: 9\n", 1)
	if old == string(src) {
		t.Fatal("nolog.yaml is not at version 1 any more: change this test")
	}
	lib, errs := readLibrary(Options{Config: Config{Host: host()},
		Content: []fs.FS{library.FS(), fstest.MapFS{"nolog.yaml": &fstest.MapFile{Data: []byte(old)}}}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return lib
}

// TestAnOldVersionCanBeRetired upgrades between two lines: who began before goes on
// with what they began, until the sysadmins take that version away.
func TestAnOldVersionCanBeRetired(t *testing.T) {
	o, starts, old := playOptions(t), 0, yesterday(t)
	rb, _ := old.ByID("nolog")
	script, err := os.ReadFile("testdata/upgrade/retire_old.txt")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "retire_old.txt")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(script), "OLDHASH", rb.Hash[:hashShown])), 0o600); err != nil {
		t.Fatal(err)
	}
	o.New = func(time.Time) bot.Handler {
		options := testOptions(testConfig())
		if starts++; starts == 1 {
			options.Library = old
		}
		table, errs := New(options)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return &reality{Table: table}
	}
	bottest.Play(t, file, o)
}
