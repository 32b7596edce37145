package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vigie/store"
)

// TestBoltSurvivesKill kills a writing process: all that it said was written is
// there, each commit whole, and the file is sound.
func TestBoltSurvivesKill(t *testing.T) {
	if path := os.Getenv("VIGIE_KILL_TEST"); path != "" {
		writeForEver(path, os.Getenv("VIGIE_KILL_COMPACT") != "")
	}
	survives(t, "")
}

// TestBoltSurvivesKillWhileCompacting kills a process that writes and compacts
// without rest: the same holds whichever of the two files has the name.
func TestBoltSurvivesKillWhileCompacting(t *testing.T) { survives(t, "VIGIE_KILL_COMPACT=yes") }

func survives(t *testing.T, env string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vigie.db")
	for range 4 {
		said := killed(t, path, env)
		e, err := store.OpenBolt(path, store.BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		snap, err := e.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		a, errA := snap.Get("a", "n")
		b, errB := snap.Get("b", "n")
		if string(a) != string(b) || string(a) < said {
			t.Errorf("said %q, found %q and %q", said, a, b)
		}
		if err := errors.Join(errA, errB, snap.Close(), e.Check(), e.Close()); err != nil {
			t.Error(err)
		}
	}
}

// killed lets a child write some commits, kills it, and returns the last it said.
func killed(t *testing.T, path, env string) (said string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestBoltSurvivesKill$")
	child.Env = append(os.Environ(), "VIGIE_KILL_TEST="+path, env)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < 30 && lines.Scan(); n++ {
		said = lines.Text()
	}
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	for lines.Scan() { // what it said before it died
		if strings.HasPrefix(lines.Text(), "0") {
			said = lines.Text()
		}
	}
	_ = child.Wait() // killed, as meant
	if said == "" {
		t.Fatal("the child wrote nothing")
	}
	return said
}

// writeForEver is the child.
func writeForEver(path string, compact bool) {
	e, err := store.OpenBolt(path, store.BoltOptions{})
	if err != nil {
		os.Exit(3)
	}
	snap, err := e.Snapshot()
	if err != nil {
		os.Exit(3)
	}
	last, _ := snap.Get("a", "n")
	_ = snap.Close()
	if compact {
		go func() {
			for e.Compact(context.Background()) == nil {
			}
			os.Exit(3)
		}()
	}
	n := 0
	_, _ = fmt.Sscanf(strings.TrimLeft(string(last), "0"), "%d", &n)
	for {
		n++
		v := []byte(fmt.Sprintf("%09d", n))
		if e.Commit(context.Background(), store.Batch{{Bucket: "a", Key: "n", Value: v}, {Bucket: "log", Key: string(v), Value: v}, {Bucket: "b", Key: "n", Value: v}}) != nil {
			os.Exit(3)
		}
		fmt.Println(string(v))
	}
}
