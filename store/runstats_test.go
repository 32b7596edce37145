package store_test

import (
	"context"
	"testing"
	"time"

	"vigie/store"
)

func TestRunsAreCountedByVersionAndStep(t *testing.T) {
	st, err := store.Open(context.Background(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	runs := []store.Run{
		{Runbook: "site-down", Hash: "aa", Outcome: "solved", Confirmed: true, Turns: 3, Steps: map[string]store.StepStats{"which": {Reached: 1, Answered: 1, Invalid: 2}}},
		{Runbook: "site-down", Hash: "aa", Outcome: "cancelled", Turns: 1, Steps: map[string]store.StepStats{"which": {Reached: 1, Dropped: 1}}},
		{Runbook: "site-down", Hash: "aa", Outcome: "solved", Turns: 1 << 30},
		{Runbook: "site-down", Hash: "bb", Outcome: "ticket", Turns: 0},
	}
	for _, r := range runs { // each in a commit of its own, as in life
		if err := st.Update(t.Context(), time.Now(), func(tx *store.Tx) error { tx.CountRun(r); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	err = st.View(func(tx *store.Tx) error {
		list := tx.RunStats()
		if len(list) != 2 || list[0].Hash != "aa" || list[1].Hash != "bb" {
			t.Fatalf("%+v", list)
		}
		s := list[0]
		if s.Sessions != 3 || s.Outcomes["solved"] != 2 || s.Outcomes["cancelled"] != 1 || s.Confirmed != 1 {
			t.Errorf("%+v", s)
		}
		if got := s.Steps["which"]; got != (store.StepStats{Reached: 2, Answered: 1, Invalid: 2, Dropped: 1}) {
			t.Errorf("which: %+v", got)
		}
		if s.MedianTurns() != 3 || list[1].MedianTurns() != 0 {
			t.Errorf("medians: %d %d", s.MedianTurns(), list[1].MedianTurns())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if (store.RunStats{}).MedianTurns() != 0 {
		t.Error("no dialogue has a median")
	}
}
