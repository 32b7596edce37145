package commands

import (
	"encoding/json"

	"vigie/runbooks"
	"vigie/store"
)

// countRun counts a dialogue that ends, or is dropped because another takes its
// place: which steps, which outcome, how many turns, and nothing about whom.
func (t *Table) countRun(tx *store.Tx, lib *runbooks.Library, s runbooks.Session) {
	if s.Hash == "" || s.Runbook == "" {
		return // a record that could not be read
	}
	r := store.Run{Runbook: s.Runbook, Hash: s.Hash, Outcome: string(s.Outcome), Turns: s.Turns, Steps: map[string]store.StepStats{}}
	for id, n := range s.Counts {
		r.Steps[id] = store.StepStats{Reached: n.Reached, Answered: n.Answered, Invalid: n.Invalid, Back: n.Back, Unknown: n.Unknown, Skipped: n.Skipped}
	}
	if s.State != runbooks.Ended {
		r.Outcome = string(runbooks.Abandoned)
	}
	if !atAnEnd(lib, s) {
		last := r.Steps[s.Step()]
		last.Dropped++
		r.Steps[s.Step()] = last
	}
	if r.Confirmed = confirmed(s); r.Confirmed {
		t.countAlone(tx, aloneGuided)
	}
	tx.CountRun(r)
}

// atAnEnd tells whether a session stands where its author meant it to end.
func atAnEnd(lib *runbooks.Library, s runbooks.Session) bool {
	if s.State != runbooks.Ended || len(s.Frames) == 0 {
		return false
	}
	f := s.Frames[len(s.Frames)-1]
	rb, ok := lib.ByHash(f.Hash)
	if !ok || rb.Step(f.Step) == nil {
		return false
	}
	return rb.Step(f.Step).Kind == runbooks.KindEnd
}

// confirmed tells whether the member's own answer led straight to the good end:
// a check that passes is not yet somebody who is helped.
func confirmed(s runbooks.Session) bool {
	return s.Outcome == runbooks.Solved && len(s.Log) > 0 && s.Log[len(s.Log)-1].Kind == runbooks.Answered
}

// countReplaced counts the dialogue that a new one here takes the place of.
func (t *Table) countReplaced(tx *store.Tx, key string) {
	d, ok := tx.Dialog(key)
	if !ok || own(d.Kind) {
		return
	}
	var s runbooks.Session
	if json.Unmarshal(d.Session, &s) == nil {
		t.countRun(tx, t.lib, s)
	}
}
