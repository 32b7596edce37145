package runbooks

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a finding stops a runbook from being used.
type Severity string

// The two severities. A library with an Error is refused whole.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing wrong with a file, for people and for machines. Line and
// Column count from 1; 0 means the file as a whole.
type Finding struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	// Hint says what to write instead; it may be empty.
	Hint string `json:"hint,omitempty"`
}

// String is the finding as compilers write them: file:line:column: CODE message.
func (f Finding) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s %s", f.File, f.Line, f.Column, f.Code, f.Message)
	if f.Hint != "" {
		s += " (" + f.Hint + ")"
	}
	return s
}

// Findings are all that is wrong with some files, in the order of files, lines
// and columns.
type Findings []Finding

// Errors returns the findings that stop the files from being used.
func (fs Findings) Errors() Findings {
	return slices.DeleteFunc(slices.Clone(fs), func(f Finding) bool { return f.Severity != Error })
}

// Err is nil when no finding is an error, else an error whose text is one line
// for each of them.
func (fs Findings) Err() error {
	bad := fs.Errors()
	if len(bad) == 0 {
		return nil
	}
	lines := make([]string, len(bad))
	for i, f := range bad {
		lines[i] = f.String()
	}
	return errors.New(strings.Join(lines, "\n"))
}

func (fs Findings) sorted() Findings {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(fs)
}

// Pos is where something stands in its file, both from 1.
type Pos struct{ Line, Column int }

// reporter gathers the findings of one file. kinds are the kinds of checks, made
// once for all files.
type reporter struct {
	file  string
	kinds map[string]Kind
	list  Findings
}

func (r *reporter) add(p Pos, code, hint, format string, args ...any) {
	severity := Error
	if isWarning(code) {
		severity = Warning
	}
	r.list = append(r.list, Finding{File: r.file, Line: p.Line, Column: p.Column, Code: code,
		Severity: severity, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func isWarning(code string) bool {
	switch code {
	case "RB212", "RB213", "RB214", "RB215", "RB216", "RB304", "RB305", "RB306",
		"RB502", "RB503", "RB504", "RB505", "RB506":
		return true
	}
	return false
}
