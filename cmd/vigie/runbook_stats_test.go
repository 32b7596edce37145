package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/store"
)

var testNow = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestStatsReadTheStoreAndChangeNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := runbook(t, "", "stats"); err == nil {
		t.Error("a store that is not there has statistics")
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("reading has made a store")
	}
	emptyStore(t,
		store.Run{Runbook: "site-down", Hash: "0123456789ab", Outcome: "solved", Confirmed: true, Turns: 3, Steps: map[string]store.StepStats{"which": {Reached: 1, Answered: 1}}},
		store.Run{Runbook: "site-down", Hash: "0123456789ab", Outcome: "cancelled", Turns: 3, Steps: map[string]store.StepStats{"which": {Reached: 1, Dropped: 1}, "fine": {Reached: 1}}},
		store.Run{Runbook: "voip", Hash: "ffff", Outcome: "ticket"})
	before, err := os.ReadFile("data/vigie.db")
	if err != nil {
		t.Fatal(err)
	}
	out, err := runbook(t, "", "stats", "site-down")
	want := "site-down@01234567: 2 dialogues, median of 3 turns; cancelled 1, solved 1; solved and confirmed 50 %\n" +
		"  step   reached  answered  invalid  back  unknown  skipped  dropped\n" +
		"  which  2        1         0        0     0        0        1\n" +
		"  fine   1        0         0        0     0        0        0\n"
	if err != nil || out != want {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := runbook(t, "", "stats", "ftp"); err != nil || !strings.HasPrefix(out, "no dialogue") {
		t.Errorf("%v\n%s", err, out)
	}
	if after, err := os.ReadFile("data/vigie.db"); err != nil || string(after) != string(before) {
		t.Errorf("reading has changed the store (%v)", err)
	}
	held, err := store.OpenBolt("data/vigie.db", store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	if _, err := runbook(t, "", "stats"); !errors.Is(err, store.ErrLocked) {
		t.Errorf("while the bot has it: %v", err)
	}
}

func TestUpdateWritesPathsAndOutcomesOnly(t *testing.T) {
	dir := folder(t, "password")
	file := filepath.Join(dir, "password.yaml")
	sound, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(string(sound), "\n    outcome: not_ours", "\n    outcome: ticket", 1)
	i := strings.Index(wrong, "\n    path: [")
	wrong = wrong[:i] + "\n    path: [nowhere, " + wrong[i+len("\n    path: ["):]
	if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := runbook(t, "", "test", dir); err == nil {
		t.Fatal("the wrong tests pass")
	}
	out, err := runbook(t, "", "test", "--update", dir)
	if err != nil || !strings.Contains(out, "tests updated") || !strings.Contains(out, ", 0 failed") {
		t.Errorf("%v\n%s", err, out)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(sound) {
		t.Errorf("the file is not what it was: %v", err)
	}
	if out, err := runbook(t, "", "test", "--update", dir); err != nil || strings.Contains(out, "updated") {
		t.Errorf("again: %v\n%s", err, out)
	}
	if _, err := runbook(t, "", "test", "--update", "password"); err == nil {
		t.Error("the shipped library is updated")
	}
}
