package store

import (
	"fmt"
	"testing"
	"time"
)

func TestAlertsMayComeInAnyOrder(t *testing.T) {
	at := func(n int) time.Time { return monday.Add(time.Duration(n) * time.Minute) }
	var g AlertGroup
	for n, step := range []struct {
		print string
		a     AlertState
		news  bool
		fires int
	}{
		{"a", AlertState{Firing: true, From: at(10)}, true, 1},
		{"a", AlertState{Firing: true, From: at(10)}, false, 1},       // said again
		{"b", AlertState{From: at(1), Until: at(2)}, false, 1},        // nobody spoke of it
		{"a", AlertState{From: at(1), Until: at(5)}, false, 1},        // an earlier end, late
		{"a", AlertState{From: at(10), Until: at(20)}, true, 0},       // the end
		{"a", AlertState{Firing: true, From: at(10)}, false, 0},       // its beginning, late
		{"a", AlertState{Firing: true, From: at(30)}, true, 1},        // anew
		{"b", AlertState{Firing: true, From: at(31)}, true, 2},        //
		{"a", AlertState{From: at(30), Until: at(40)}, true, 1},       // one lasts
		{"b", AlertState{Firing: true, From: time.Time{}}, false, 1},  // no time said
		{"b", AlertState{Firing: false, Until: time.Time{}}, true, 0}, // nor here
		{"b", AlertState{Firing: true, From: time.Time{}}, true, 1},   // a monitor without times
		{"b", AlertState{Firing: false, From: time.Time{}}, true, 0},  //
	} {
		if news := g.Take(step.print, step.a); news != step.news || g.Firing() != step.fires {
			t.Errorf("step %d: news %v, %d firing; want %v, %d", n, news, g.Firing(), step.news, step.fires)
		}
	}
	g.Truncated = 3
	if g.Firing() != 3 {
		t.Errorf("those that were left out: %d", g.Firing())
	}
}

func TestAlertGroupsAreBounded(t *testing.T) {
	s := inMemory(t)
	var full AlertGroup
	for n := range mostGroupAlerts + 50 {
		full.Take(fmt.Sprint(n), AlertState{Firing: true, From: monday})
	}
	if len(full.Alerts) != mostGroupAlerts {
		t.Errorf("%d alerts", len(full.Alerts))
	}
	change(t, s, func(tx *Tx) error {
		for n := range mostGroups {
			g := tx.AlertGroup("am", fmt.Sprint(n))
			g.Take("a", AlertState{Firing: n != 7, From: monday})
			tx.put("alert", g.Name(), g)
		}
		return nil
	})
	change(t, s, func(tx *Tx) error {
		g := tx.AlertGroup("am", "one more")
		g.Take("a", AlertState{Firing: true, From: monday})
		if !tx.PutAlertGroup(g) || len(tx.AlertGroups()) != mostGroups {
			t.Errorf("one that is over makes no room: %d", len(tx.AlertGroups()))
		}
		again := tx.AlertGroup("am", "one more")
		if again.Firing() != 1 || !again.Since().Equal(monday) || !again.Changed.Equal(tx.Now) {
			t.Errorf("%+v", again)
		}
		if tx.PutAlertGroup(AlertGroup{Source: "am", Key: "too many"}) {
			t.Error("a group was kept beyond the bound")
		}
		return nil
	})
}
