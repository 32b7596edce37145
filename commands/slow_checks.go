package commands

import (
	"strconv"
	"strings"
	"time"

	"vigie/runbooks"
	"vigie/store"
)

const (
	// slowNote begins the notes of how long the slowest check of a kind took on a day:
	// "slow/http/2026-11-23" is a number of milliseconds.
	slowNote = "slow/"
	// slowKept is for how long these are kept and looked at.
	slowKept = 30 * 24 * time.Hour
)

// noteSlow remembers the slowest check of each kind, of the day and of nobody.
func noteSlow(tx *store.Tx, reports map[string]runbooks.Report) {
	for _, r := range reports {
		if _, known := runbooks.Kinds()[r.Kind]; !known || r.Skipped {
			continue
		}
		name := slowNote + r.Kind + "/" + tx.Now.UTC().Format(time.DateOnly)
		if was, _ := strconv.ParseInt(tx.Note(name), 10, 64); r.MS > was {
			tx.SetNote(name, strconv.FormatInt(r.MS, 10))
		}
	}
}

// SlowestChecks is how long the slowest check of each kind took in the last 30 days
// before now, for runbooks.Runbook.SlowChecks.
func SlowestChecks(tx *store.Tx, now time.Time) map[string]time.Duration {
	out := map[string]time.Duration{}
	for name, ms := range tx.Notes(slowNote) {
		kind, day, _ := strings.Cut(name, "/")
		at, err := time.Parse(time.DateOnly, day)
		n, bad := strconv.ParseInt(ms, 10, 64)
		if err == nil && bad == nil && now.Sub(at) <= slowKept {
			out[kind] = max(out[kind], time.Duration(n)*time.Millisecond)
		}
	}
	return out
}

// pruneSlow forgets the days that nobody looks at any more.
func pruneSlow(tx *store.Tx) {
	for name := range tx.Notes(slowNote) {
		_, day, _ := strings.Cut(name, "/")
		if at, err := time.Parse(time.DateOnly, day); err != nil || tx.Now.Sub(at) > slowKept {
			tx.SetNote(slowNote+name, "")
		}
	}
}
