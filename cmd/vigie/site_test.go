package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/store"
)

func TestSiteBuildWritesTheSite(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		cmd := rootCommand()
		cmd.SetOut(&out)
		cmd.SetErr(&out)
		cmd.SetArgs(args)
		err := cmd.Execute()
		return out.String(), err
	}
	if out, err := run("init", "--defaults", "-c", config); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	target := filepath.Join(dir, "site")
	if _, err := run("site", "build", target, "-c", config); err == nil {
		t.Error("there is no store, and a site was made of it")
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	engine, err := store.OpenBolt(filepath.Join(dir, "data", "vigie.db"), store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run("site", "build", target, "-c", config); err == nil || !strings.Contains(err.Error(), "bot runs") {
		t.Errorf("the store is in use: %v", err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := run("site", "build", target, "-c", config)
	if err != nil || !strings.Contains(out, "files written") {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, want := range map[string]string{"fr/index.html": "Aucune panne connue", "en/index.txt": "No known outage", "badge.svg": "<svg", "api/v2/summary.json": `"indicator":"none"`} {
		raw, err := os.ReadFile(filepath.Join(target, name))
		if err != nil || !strings.Contains(string(raw), want) || strings.Contains(string(raw), "récrite") {
			t.Errorf("%s: %v\n%.300s", name, err, raw)
		}
	}
	if _, err := run("site", "build", "-c", config); err == nil || !strings.Contains(err.Error(), "say where") {
		t.Errorf("nobody said where: %v", err)
	}
}
