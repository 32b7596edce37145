package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

// runbook runs one of the tools as the shell would.
func runbook(t *testing.T, stdin string, args ...string) (out string, err error) {
	t.Helper()
	c := runbookCommand(library.FS)
	var stdout bytes.Buffer
	c.SetArgs(args)
	c.SetIn(strings.NewReader(stdin))
	c.SetOut(&stdout)
	c.SetErr(&bytes.Buffer{})
	err = c.Execute()
	return stdout.String(), err
}

// folder writes a shipped runbook, changed, into a folder of its own.
func folder(t *testing.T, id string, change ...string) string {
	t.Helper()
	src, err := os.ReadFile("../../runbooks/library/" + id + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	changed := strings.NewReplacer(change...).Replace(string(src))
	if len(change) > 0 && changed == string(src) {
		t.Fatalf("nothing to change in %s", id)
	}
	if err := os.WriteFile(filepath.Join(dir, id+".yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLintIsCleanOnTheShippedLibrary(t *testing.T) {
	out, err := runbook(t, "", "lint", "--errors")
	if err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLintNamesTheFileTheLineAndTheCode(t *testing.T) {
	dir := folder(t, "password", "outcome: solved", "outcome: cancelled")
	for _, arg := range []string{dir, filepath.Join(dir, "password.yaml")} {
		out, err := runbook(t, "", "lint", arg)
		if err == nil || !strings.Contains(out, filepath.Join(dir, "password.yaml")+":") || !strings.Contains(out, " RB101 ") {
			t.Errorf("%v\n%s", err, out)
		}
		if strings.Contains(out, "site-down") {
			t.Errorf("findings about files that were not named:\n%s", out)
		}
	}
	out, err := runbook(t, "", "lint", "--json", dir)
	var found runbooks.Findings
	if jsonErr := json.Unmarshal([]byte(out), &found); err == nil || jsonErr != nil || found[0].Line == 0 {
		t.Errorf("%v %v\n%s", err, jsonErr, out)
	}
	if _, err := runbook(t, "", "lint", "no/such/file.yaml"); err == nil {
		t.Error("a file that is not there has no fault")
	}
	if _, err := runbook(t, "", "lint", "nosuchid"); err == nil {
		t.Error("an id that is not there has no fault")
	}
}

func TestLintExplains(t *testing.T) {
	out, err := runbook(t, "", "lint", "--explain", "rb207")
	if err != nil || !strings.Contains(out, "RB207 (error)") || !strings.Contains(out, "not:") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := runbook(t, "", "lint", "--explain", "RB999"); err == nil {
		t.Error("RB999 is explained")
	}
}

func TestGoldenTestsRun(t *testing.T) {
	out, err := runbook(t, "", "test", "password", "hacked")
	if err != nil || !strings.Contains(out, "of 2 runbooks, 0 failed") {
		t.Errorf("%v\n%s", err, out)
	}
	dir := folder(t, "password", "\n    outcome: not_ours", "\n    outcome: ticket")
	out, err = runbook(t, "", "test", dir)
	if err == nil || !strings.Contains(out, "FAIL "+dir) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestExploreReportsAStepThatNobodyMeets(t *testing.T) {
	out, err := runbook(t, "", "explore", "--members", "20", "password")
	if err != nil || !strings.Contains(out, "password:") || !strings.Contains(out, "20 members") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestGraphDrawsForPeopleAndForGraphviz(t *testing.T) {
	out, err := runbook(t, "", "graph", "password", "--lang", "en", "--format", "dot")
	if err != nil || !strings.HasPrefix(out, `digraph "password" {`) {
		t.Errorf("%v\n%s", err, out)
	}
	t.Setenv("PATH", t.TempDir())
	if out, err := runbook(t, "", "graph", "password"); err != nil || !strings.HasPrefix(out, "<svg ") {
		t.Errorf("without any program: %v\n%s", err, out)
	}
	for _, args := range [][]string{{"--format", "gif"}, {"--lang", "de"}} {
		if _, err := runbook(t, "", append([]string{"graph", "password"}, args...)...); err == nil {
			t.Errorf("%v is drawn", args)
		}
	}
	for _, args := range [][]string{{"--format", "png"}, {"--png"}, {"--png", "--lang", "en"}} {
		out, err := runbook(t, "", append([]string{"graph", "password"}, args...)...)
		img, decodeErr := png.Decode(strings.NewReader(out))
		if err != nil || decodeErr != nil || img.Bounds().Dx() < 900 || img.Bounds().Dy() < 1000 {
			t.Errorf("%v: %v %v", args, err, decodeErr)
		}
	}
}

// TestGraphWritesAFile takes the format from its name, and draws all that is asked
// for on one sheet.
func TestGraphWritesAFile(t *testing.T) {
	dir := t.TempDir()
	for name, begins := range map[string]string{"a.png": "\x89PNG", "a.svg": "<svg ", "a.dot": `digraph "backup"`} {
		file := filepath.Join(dir, name)
		out, err := runbook(t, "", "graph", "backup", "hacked", "-o", file)
		drawn, readErr := os.ReadFile(file)
		if err != nil || readErr != nil || out != "" || !strings.HasPrefix(string(drawn), begins) {
			t.Errorf("%s: %v %v %.40q", name, err, readErr, drawn)
		}
	}
	svg, err := os.ReadFile(filepath.Join(dir, "a.svg"))
	if err != nil || !strings.Contains(string(svg), "perdu des fichiers") || !strings.Contains(string(svg), "piratés") {
		t.Errorf("not both on one sheet: %v", err)
	}
	for _, args := range [][]string{{"graph", "backup", "-o", filepath.Join(dir, "a.gif")}, {"graph", "backup", "--png", "--svg"}, {"graph", "backup", "-o", filepath.Join(dir, "no", "a.svg")}} {
		if _, err := runbook(t, "", args...); err == nil {
			t.Errorf("%v is drawn", args)
		}
	}
	if out, err := runbook(t, "", "graph"); err != nil || strings.Count(out, "<svg ") != 1 || strings.Count(out, `class="h"`) != 18 {
		t.Errorf("without arguments: %v, %d titles", err, strings.Count(out, `class="h"`))
	}
}

func TestPlayTakesLines(t *testing.T) {
	out, err := runbook(t, "je sais pas\nstop\n", "play", "password")
	if err != nil || !strings.Contains(out, "< ") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDiffComparesWithTheShippedOne(t *testing.T) {
	dir := folder(t, "password", "version: 1", "version: 7")
	out, err := runbook(t, "", "diff", dir)
	if err != nil || !strings.Contains(out, `password: ~ version: "1" → "7"`) {
		t.Errorf("%v\n%s", err, out)
	}
	same := folder(t, "password")
	if out, err := runbook(t, "", "diff", same, filepath.Join(same, "password.yaml")); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSchemaIsJSON(t *testing.T) {
	out, err := runbook(t, "", "schema")
	var schema map[string]any
	if jsonErr := json.Unmarshal([]byte(out), &schema); err != nil || jsonErr != nil || schema["title"] != "Vigie runbook, schema v1" {
		t.Errorf("%v %v\n%s", err, jsonErr, out)
	}
}
