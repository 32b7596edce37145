package store

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// At every instant at most one person is on call, whoever accepted last for it; and
// what nobody took over stays as it was.
func TestOnlyOnePersonIsOnCall(t *testing.T) {
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		st, err := Open(context.Background(), NewMemory())
		if err != nil {
			t.Fatal(err)
		}
		var model [48]string // who has each hour
		err = st.Update(context.Background(), start, func(tx *Tx) error {
			for range rapid.IntRange(1, 12).Draw(t, "duties") {
				from := rapid.IntRange(0, 46).Draw(t, "from")
				until := rapid.IntRange(from+1, 47).Draw(t, "until")
				d := tx.NewDuty(Duty{Person: rapid.SampledFrom([]string{"jean", "lea", "omar"}).Draw(t, "who"),
					From: start.Add(time.Duration(from) * time.Hour), Until: start.Add(time.Duration(until) * time.Hour)})
				if rapid.IntRange(0, 3).Draw(t, "declined") == 0 {
					continue // proposed only: nobody is on call by it
				}
				before := map[string]bool{}
				for h := from; h < until; h++ {
					if model[h] != "" && model[h] != d.Person {
						before[model[h]] = true
					}
					model[h] = d.Person
				}
				handed := map[string]bool{}
				for _, o := range tx.Accept(d) {
					handed[o.Person] = true
				}
				if len(handed) != len(before) {
					t.Fatalf("handed over by %v, want %v", handed, before)
				}
			}
			for h, want := range model {
				d, on := tx.OnCall(start.Add(time.Duration(h)*time.Hour + 30*time.Minute))
				if on != (want != "") || d.Person != want {
					t.Fatalf("at %d h: %q, want %q", h, d.Person, want)
				}
			}
			return tx.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
