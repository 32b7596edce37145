package store

import (
	"testing"
	"time"
)

func TestSubscriptionsAreKeptPerPerson(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		tx.PutSubscription(Subscription{Person: "p1", Services: []string{"web"}})
		tx.PutSubscription(Subscription{Person: "p2", All: true})
		return nil
	})
	change(t, s, func(tx *Tx) error {
		one, two, none := tx.Subscription("p1"), tx.Subscription("p2"), tx.Subscription("p3")
		if !one.Wants("web") || one.Wants("mail") || !two.Wants("mail") || none.Wants("web") || len(tx.Subscriptions()) != 2 {
			t.Errorf("%+v %+v %+v", one, two, none)
		}
		one.Services = nil
		tx.PutSubscription(one)
		return nil
	})
	change(t, s, func(tx *Tx) error {
		if list := tx.Subscriptions(); len(list) != 1 || list[0].Person != "p2" {
			t.Errorf("an empty subscription stays: %+v", list)
		}
		return nil
	})
}

func TestOnlyTheLastWordOfAThingWaits(t *testing.T) {
	var s Subscription
	s.Hold(Waiting{About: "incident/1", Text: "un", At: monday})
	s.Hold(Waiting{About: "incident/2", Text: "autre", At: monday})
	s.Hold(Waiting{About: "incident/1", Text: "deux", At: monday})
	if len(s.Waiting) != 2 || s.Waiting[1].Text != "deux" {
		t.Errorf("%+v", s.Waiting)
	}
}

func TestQuietHoursEnd(t *testing.T) {
	night := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	if end, quiet := QuietUntil(night, "22:00", "08:00"); !quiet || !end.Equal(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("until %v, %v", end, quiet)
	}
	for _, hours := range [][2]string{{"", ""}, {"01:00", "02:00"}} {
		if _, quiet := QuietUntil(night, hours[0], hours[1]); quiet {
			t.Errorf("quiet by %v", hours)
		}
	}
}
