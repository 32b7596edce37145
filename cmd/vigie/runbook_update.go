package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"vigie/runbooks"
)

// updateTests writes what the tests of a runbook really came to into its file:
// the path and the outcome, nothing else. It tells how many tests it changed. A
// dialogue that does not end, or ends before its member has said all, is left
// for its author to look at.
func updateTests(lib *runbooks.Library, rb *runbooks.Runbook) (int, error) {
	raw, err := os.ReadFile(rb.File)
	if err != nil {
		return 0, fmt.Errorf("only runbooks in files of your own can be updated: %w", err)
	}
	if string(raw) != string(rb.Source) {
		return 0, fmt.Errorf("%s has changed meanwhile", rb.File)
	}
	lines, changed := strings.Split(string(raw), "\n"), 0
	for i, res := range lib.RunTests(rb) {
		test := rb.Tests[i]
		path := res.Path
		if !slices.ContainsFunc(test.Path, called) {
			path = slices.DeleteFunc(slices.Clone(path), called)
		}
		if res.Failure == "" || res.Outcome == "" || slices.Equal(path, test.Path) && res.Outcome == test.Outcome {
			continue
		}
		end := len(lines)
		if i+1 < len(rb.Tests) {
			end = rb.Tests[i+1].Pos.Line - 1
		}
		part := lines[test.Pos.Line-1 : end]
		if !rewrite(part, pathLine, "["+strings.Join(path, ", ")+"]") || !rewrite(part, outcomeLine, string(res.Outcome)) {
			return changed, fmt.Errorf("%s:%d: write path: [a, b] and outcome: x on one line each", rb.File, test.Pos.Line)
		}
		changed++
	}
	if changed == 0 {
		return 0, nil
	}
	if err := os.WriteFile(rb.File, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		return 0, fmt.Errorf("update %s: %w", rb.File, err)
	}
	return changed, nil
}

func called(step string) bool { return strings.Contains(step, "/") }

var (
	pathLine    = regexp.MustCompile(`^(\s+(?:- )?path: )\[[^\]]*\]`)
	outcomeLine = regexp.MustCompile(`^(\s+(?:- )?outcome: )\w+`)
)

func rewrite(part []string, line *regexp.Regexp, value string) bool {
	for i, s := range part {
		if line.MatchString(s) {
			part[i] = line.ReplaceAllString(s, "${1}"+value)
			return true
		}
	}
	return false
}
