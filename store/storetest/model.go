package storetest

import (
	"context"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vigie/store"
)

// model holds the engine against a plain map, through random batches.
func (s Subject) model(t *testing.T) {
	e := s.open(t)
	want := map[string]map[string]string{}
	rapid.Check(t, func(r *rapid.T) {
		buckets := rapid.SampledFrom([]string{"a", "b", "c"})
		keys := rapid.SampledFrom([]string{"1", "10", "2", "2/", "é", "z"})
		var b store.Batch
		for range rapid.IntRange(0, 8).Draw(r, "ops") {
			op := store.Op{Bucket: buckets.Draw(r, "bucket"), Key: keys.Draw(r, "key")}
			if want[op.Bucket] == nil {
				want[op.Bucket] = map[string]string{}
			}
			if rapid.Bool().Draw(r, "delete") {
				delete(want[op.Bucket], op.Key)
			} else {
				op.Value = []byte(rapid.StringN(0, 5, -1).Draw(r, "value"))
				want[op.Bucket][op.Key] = string(op.Value)
			}
			b = append(b, op)
		}
		if err := e.Commit(context.Background(), b); err != nil {
			r.Fatalf("commit: %v", err)
		}
		bucket, from := buckets.Draw(r, "read"), keys.Draw(r, "from")
		var lines []string
		for _, k := range slices.Sorted(maps.Keys(want[bucket])) {
			if k >= from {
				lines = append(lines, k+"="+want[bucket][k])
			}
		}
		snap := snapshot(t, e)
		defer shut(t, snap)
		if got := content(t, snap, bucket, from); !slices.Equal(got, lines) {
			r.Fatalf("%s from %q: got %q, want %q", bucket, from, got, lines)
		}
	})
}
