package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vigie/runbooks/library"
	"vigie/store"
)

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestTheGuidesAreTrue copies every snippet of the authors' guides where the guide
// says, and types every command line that it shows.
func TestTheGuidesAreTrue(t *testing.T) {
	for _, c := range []struct{ lang, folder string }{{"fr", "nos-diagnostics"}, {"en", "our-diagnoses"}} {
		t.Run(c.lang, func(t *testing.T) {
			guide, err := os.ReadFile("../../runbooks/library/GUIDE." + c.lang + ".md")
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			emptyStore(t)
			var lines []string
			runbooksShown := 0
			for _, block := range fenced.FindAllStringSubmatch(string(guide), -1) {
				switch kind, text := block[1], block[2]; {
				case kind == "sh":
					lines = append(lines, strings.Split(strings.TrimSpace(text), "\n")...)
				case kind == "yaml" && strings.HasPrefix(text, "schema:"):
					runbooksShown++
					write(t, filepath.Join(c.folder, "agenda.yaml"), text)
				case kind == "yaml":
					write(t, filepath.Join(c.folder, "verdicts", c.lang+".yaml"), text)
				default:
					t.Errorf("nobody runs this: %s", block[0])
				}
			}
			if runbooksShown != 1 || len(lines) < 7 {
				t.Fatalf("%d runbooks and %d command lines", runbooksShown, len(lines))
			}
			for _, line := range lines {
				typed(t, line)
			}
		})
	}
}

// typed runs a command line of the guide. Only lint and what writes a file are silent,
// and they must be.
func typed(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(line)
	if len(words) < 3 || words[0] != "vigie" || words[1] != "runbook" {
		t.Errorf("not one of ours: %s", line)
		return
	}
	words = words[2:]
	c := runbookCommand(library.FS)
	var out, complaint bytes.Buffer
	c.SetArgs(words)
	c.SetIn(strings.NewReader("stop\n"))
	c.SetOut(&out)
	c.SetErr(&complaint)
	if err := c.Execute(); err != nil {
		t.Errorf("%s: %v\n%s%s", line, err, out.String(), complaint.String())
	}
	at := slices.Index(words, "-o")
	if silent := at >= 0 || words[0] == "lint" && len(words) == 2; (out.Len() == 0) != silent {
		t.Errorf("%s: says %q", line, out.String())
	}
	if at < 0 {
		return
	}
	if drawn, err := os.ReadFile(words[at+1]); err != nil || !strings.HasPrefix(string(drawn), "<svg ") {
		t.Errorf("%s: no picture: %v %.60s", line, err, drawn)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func emptyStore(t *testing.T, runs ...store.Run) {
	t.Helper()
	engine, err := store.OpenBolt("data/vigie.db", store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if err := st.Update(t.Context(), testNow, func(tx *store.Tx) error { tx.CountRun(r); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}
