package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vigie runs a command line and gives what it printed.
func vigie(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(in))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(context.Background())
	return out.String(), err
}

func TestInitThenCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if out, err := vigie(t, "", "init", "--defaults", "-c", path); err != nil {
		t.Fatal(err, out)
	}
	out, err := vigie(t, "", "check", "-c", path)
	if err != nil || !strings.Contains(out, "no error") {
		t.Fatalf("check: %v\n%s", err, out)
	}
	if _, err := vigie(t, "", "init", "--defaults", "-c", path); err == nil {
		t.Fatal("init writes over a configuration that is there")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: others can read it", info.Mode().Perm())
	}
}

func TestInitAsks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	out, err := vigie(t, "en\nMy Host\n\n\n\n\n", "init", "-c", path)
	if err != nil {
		t.Fatal(err, out)
	}
	cfg, findings := LoadConfig(path)
	if cfg == nil {
		t.Fatal(findings)
	}
	if cfg.Language != "en" || cfg.Host["name"] != "My Host" {
		t.Errorf("language %q, name %q", cfg.Language, cfg.Host["name"])
	}
	if _, err := vigie(t, "fr\n", "init", "-c", path+"2"); err == nil {
		t.Error("init is content with half its answers")
	}
}

func TestCheckSaysEveryMistakeAndFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("languge: fr\nlimits: {age: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := vigie(t, "", "check", "-c", path)
	if err == nil || strings.Count(out, path+":") < 2 {
		t.Fatalf("err %v, output:\n%s", err, out)
	}
	if _, err := vigie(t, "", "run", "-c", filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Fatal("run begins without a configuration")
	}
}

func TestConsoleTellsTheStoryWithoutAnyNetwork(t *testing.T) {
	script := strings.Join([]string{"vigie: bonjour, notre site ne s'ouvre plus", "je sais pas", "une page blanche",
		"/who claire claire", "!quisuisje", "!ticket 1", "/quit"}, "\n")
	out, err := vigie(t, script, "console", "--at", "2026-11-23 10:00")
	if err != nil {
		t.Fatal(err, out)
	}
	for _, want := range []string{"adresse du site", "ticket #1", "🎫 Ticket #1", "compte claire", "Je ne trouve pas ce ticket"} {
		if !strings.Contains(out, want) {
			t.Errorf("nobody says %q in:\n%s", want, out)
		}
	}
}

func TestScheduleNextListsReminders(t *testing.T) {
	out, err := vigie(t, "", "schedule", "next", "-c", examplePath, "--until", "2027-12-31")
	if err != nil {
		t.Fatal(err, out)
	}
	for _, want := range []string{"reunion@7d", "reunion@2h", "appel-don", "irc/#annonces"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%.2000s", want, out)
		}
	}
	if _, err := vigie(t, "", "schedule", "next", "-c", examplePath, "--until", "demain"); err == nil {
		t.Error("a date that is none is taken")
	}
}

func TestVersion(t *testing.T) {
	if out, err := vigie(t, "", "version"); err != nil || !strings.Contains(out, version) {
		t.Fatal(out, err)
	}
}
