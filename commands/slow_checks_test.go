package commands

import (
	"testing"
	"time"

	"vigie/runbooks"
	"vigie/store"
)

func TestSlowChecksAreRememberedForAMonth(t *testing.T) {
	st := openStore(t)
	day := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	on := func(at time.Time, do func(tx *store.Tx)) {
		t.Helper()
		if err := st.Update(t.Context(), at, func(tx *store.Tx) error { do(tx); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	report := func(kind string, ms int64, skipped bool) map[string]runbooks.Report {
		return map[string]runbooks.Report{"x": {Kind: kind, MS: ms, Skipped: skipped}}
	}
	on(day, func(tx *store.Tx) {
		noteSlow(tx, report("http", 9000, false))
		noteSlow(tx, report("http", 4000, false))
		noteSlow(tx, report("tls", 60000, true))
		noteSlow(tx, report("../evil", 5, false))
	})
	on(day.AddDate(0, 0, 20), func(tx *store.Tx) { noteSlow(tx, report("http", 3000, false)) })
	on(day.AddDate(0, 0, 21), func(tx *store.Tx) {
		got := SlowestChecks(tx, tx.Now)
		if len(got) != 1 || got["http"] != 9*time.Second {
			t.Errorf("%v", got)
		}
	})
	on(day.AddDate(0, 0, 40), func(tx *store.Tx) {
		if got := SlowestChecks(tx, tx.Now); got["http"] != 3*time.Second {
			t.Errorf("what is older than a month counts: %v", got)
		}
		pruneSlow(tx)
	})
	on(day.AddDate(0, 0, 40), func(tx *store.Tx) {
		if left := tx.Notes(slowNote); len(left) != 1 {
			t.Errorf("%v is left", left)
		}
	})
}
