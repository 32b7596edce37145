package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnswerPlotsAnEvaluation(t *testing.T) {
	file := tsv(t, "fr\tnotre site ne s'ouvre plus du tout\tsite_down", "en\tour mailbox is full\tmail_quota")
	out := filepath.Join(t.TempDir(), "out.svg")
	if _, err := runAnswer(t, "--eval", file, "--plot", out); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(out)
	if err != nil || !strings.HasPrefix(string(svg), "<svg") || !strings.Contains(string(svg), "2 sentences") {
		t.Errorf("%v\n%.200s", err, svg)
	}
	if _, err := runAnswer(t, "--plot", out, "bonjour"); err == nil || !strings.Contains(err.Error(), "--eval") {
		t.Errorf("a plot of no evaluation: %v", err)
	}
	if _, err := runAnswer(t, "--eval", file, "--plot", filepath.Join(out, "not", "a", "folder")); err == nil {
		t.Error("a file that cannot be written is taken for written")
	}
}
