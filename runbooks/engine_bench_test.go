package runbooks_test

import (
	"testing"
	"time"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

// BenchmarkStep is one answer of a member, in the shipped site-down: understood,
// noted, and followed by the next question or check.
func BenchmarkStep(b *testing.B) {
	lib, findings := runbooks.Load(nil, library.FS())
	if bad := findings.Errors(); len(bad) > 0 {
		b.Fatal(bad)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	rb, ok := lib.ByID("site-down")
	if !ok {
		b.Fatal("the library has no site-down")
	}
	s, _, err := runbooks.Start(lib, rb, runbooks.StartOptions{Lang: "fr", Now: now})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		next, effects, err := runbooks.Answer(lib, s, "notre site est www.example.org", now)
		if err != nil || len(effects) == 0 || len(next.Log) == len(s.Log) {
			b.Fatalf("the dialogue did not move: %v", err)
		}
	}
}
