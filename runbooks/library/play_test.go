package library_test

import (
	"testing"
	"time"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

// example is a host made of the example values.
func example() map[string]string {
	host := map[string]string{}
	for _, k := range library.HostKeys() {
		host[k.Name] = k.Example
	}
	return host
}

// TestLoadsClean allows no finding at all, warnings included.
func TestLoadsClean(t *testing.T) {
	lib, found := runbooks.Load(example(), library.FS())
	for _, f := range found {
		t.Error(f)
	}
	if got, want := len(lib.All()), len(names(t, "*.yaml")); got != want {
		t.Errorf("%d runbooks loaded, of %d files", got, want)
	}
}

// TestLintIsClean plays the golden tests as the lint does, on the day the library
// was last read through; `vigie runbook lint` says when it is time to read again.
func TestLintIsClean(t *testing.T) {
	lib, _ := runbooks.Load(example(), library.FS())
	for _, f := range lib.Lint(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) {
		t.Error(f)
	}
}

// TestEveryPathEnds walks each runbook in every way, and with members who fall
// silent, go back and talk nonsense.
func TestEveryPathEnds(t *testing.T) {
	lib, _ := runbooks.Load(example(), library.FS())
	for _, rb := range lib.All() {
		e := runbooks.Explore(lib, rb, runbooks.ExploreOptions{Members: 60, Seed: 1})
		if e.Capped || len(e.Unreached) > 0 || e.Ends["(limit)"] > 0 {
			t.Errorf("%s: capped %v, unreached %v, going in circles %d", rb.ID, e.Capped, e.Unreached, e.Ends["(limit)"])
		}
		for _, problem := range e.Problems {
			t.Errorf("%s: %s", rb.ID, problem)
		}
	}
}

// TestLoadsWithoutHost is what the tools do: lint and play need no configuration.
func TestLoadsWithoutHost(t *testing.T) {
	if _, found := runbooks.Load(nil, library.FS()); found.Err() != nil {
		t.Error(found.Err())
	}
}

// TestGolden plays every golden test, and sees that each runbook's tests reach
// each of its ends and steps.
func TestGolden(t *testing.T) {
	lib, _ := runbooks.Load(example(), library.FS())
	for _, rb := range lib.All() {
		t.Run(rb.ID, func(t *testing.T) {
			reached := map[string]bool{}
			for _, r := range lib.RunTests(rb) {
				if r.Failure != "" {
					t.Errorf("%s: %s", r.Test, r.Failure)
				}
				for _, step := range r.Path {
					reached[step] = true
				}
			}
			for _, s := range rb.Steps {
				if !reached[s.ID] {
					t.Errorf("no test reaches %s", s.ID)
				}
			}
		})
	}
}

// TestSpokenLines holds what is really said, filled in, to one IRC line each.
func TestSpokenLines(t *testing.T) {
	lib, _ := runbooks.Load(example(), library.FS())
	lines := 0
	for _, rb := range lib.All() {
		for _, r := range lib.RunTests(rb) {
			for _, line := range r.Lines {
				lines++
				if len(line) > 350 {
					t.Errorf("%s, %s: %d bytes: %s", rb.ID, r.Test, len(line), line)
				}
			}
		}
	}
	if lines < 1000 {
		t.Errorf("only %d lines were said", lines)
	}
}

// TestIntents: a wish leads to one runbook, not to whichever comes first.
func TestIntents(t *testing.T) {
	lib, _ := runbooks.Load(example(), library.FS())
	owner := map[string]string{}
	for _, rb := range lib.All() {
		for _, intent := range rb.Intents {
			if was := owner[intent]; was != "" {
				t.Errorf("%s is served by %s and by %s", intent, was, rb.ID)
			}
			owner[intent] = rb.ID
		}
	}
}
