package web

import (
	"testing"
	"time"

	"vigie/store"
)

// TestWhetherSomebodyIsOnCall: the page says so honestly, and never who.
func TestWhetherSomebodyIsOnCall(t *testing.T) {
	s, now := newStore(t), time.Now().UTC()
	read := func() State {
		var got State
		if err := s.View(func(tx *store.Tx) error { got = Read(tx, Facts{}, now); return nil }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	put(t, s, now, func(tx *store.Tx) {
		tx.NewDuty(store.Duty{Person: "p1", From: now.Add(-time.Hour), Until: now.Add(time.Hour)})
	})
	if got := read(); !got.OnCall.IsZero() {
		t.Error("who has not said yes is on call")
	}
	put(t, s, now, func(tx *store.Tx) {
		d, _ := tx.Duty(1)
		tx.Accept(d)
	})
	if got := read(); !got.OnCall.Equal(now.Add(time.Hour)) {
		t.Errorf("on call until %s", got.OnCall)
	}
}
