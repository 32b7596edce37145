package runbooks_test

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

// crowd is n dialogues of site-down, each in the middle: an address given, the
// checks answered, a question open. They are stored and read again, as in life.
func crowd(tb testing.TB, lib *runbooks.Library, n int) []runbooks.Session {
	tb.Helper()
	rb, ok := lib.ByID("site-down")
	if !ok {
		tb.Fatal("the library has no site-down")
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	out := make([]runbooks.Session, n)
	for i := range out {
		s, _, err := runbooks.Start(lib, rb, runbooks.StartOptions{Lang: "fr", Now: now})
		if err == nil {
			s, _, err = runbooks.Answer(lib, s, "asso.example", now)
		}
		for err == nil && s.State == runbooks.Probing {
			reports := map[string]runbooks.Report{}
			for key, p := range s.Pending {
				v := runbooks.OK
				if p.Request.Kind == "incident" {
					v = "none"
				}
				reports[key] = runbooks.Report{Kind: p.Request.Kind, Verdict: v, At: now, Fields: map[string]any{"title": "Notre association", "server": "nginx"}}
			}
			s, _, err = runbooks.Found(lib, s, reports, now)
		}
		if err != nil || s.State != runbooks.Asking || len(s.Runs) < 6 {
			tb.Fatalf("the dialogue is %s with %d checks: %v", s.State, len(s.Runs), err)
		}
		raw, err := json.Marshal(s)
		if err != nil {
			tb.Fatal(err)
		}
		out[i] = runbooks.Session{}
		if err := json.Unmarshal(raw, &out[i]); err != nil {
			tb.Fatal(err)
		}
	}
	return out
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestAThousandDialoguesAreSmall holds 1,000 live sessions to 50 MB, the library
// that they share included.
func TestAThousandDialoguesAreSmall(t *testing.T) {
	before := heap()
	lib, findings := runbooks.Load(nil, library.FS())
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	alone := heap()
	sessions := crowd(t, lib, 1000)
	after := heap()
	t.Logf("library %d kB, 1000 dialogues %d kB", (alone-before)>>10, (after-alone)>>10)
	if after-before > 50_000_000 {
		t.Errorf("1000 dialogues and their library hold %d bytes", after-before)
	}
	runtime.KeepAlive(sessions)
	runtime.KeepAlive(lib)
}

// BenchmarkSession is the memory that one dialogue takes from its first word to
// an open question after six checks.
func BenchmarkSession(b *testing.B) {
	lib, findings := runbooks.Load(nil, library.FS())
	if err := findings.Err(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		crowd(b, lib, 1)
	}
}
