package store_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"vigie/store"
)

// BenchmarkCommit is one transaction that writes one row: on bbolt, the price of one
// fsync.
func BenchmarkCommit(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(b *testing.B) store.Engine
	}{
		{"memory", func(*testing.B) store.Engine { return store.NewMemory() }},
		{"bbolt", func(b *testing.B) store.Engine {
			e, err := store.OpenBolt(filepath.Join(b.TempDir(), "vigie.db"), store.BoltOptions{})
			if err != nil {
				b.Fatal(err)
			}
			return e
		}},
	} {
		b.Run(engine.name, func(b *testing.B) {
			s, err := store.Open(b.Context(), engine.open(b))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				err := s.Update(b.Context(), now, func(tx *store.Tx) error {
					tx.SetNote("bench/"+strconv.Itoa(n%1000), "a value of some length, as state has")
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
