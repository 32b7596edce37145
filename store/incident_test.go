package store

import (
	"errors"
	"slices"
	"testing"
)

func TestIncidentsMoveAsTheyMay(t *testing.T) {
	all := []IncidentState{IncidentReported, IncidentOngoing, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentReview, IncidentCancelled, IncidentMerged}
	may := map[IncidentState][]IncidentState{
		IncidentReported:   {IncidentOngoing, IncidentCancelled, IncidentMerged},
		IncidentOngoing:    {IncidentOngoing, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentCancelled, IncidentMerged},
		IncidentIdentified: {IncidentIdentified, IncidentOngoing, IncidentMonitoring, IncidentResolved, IncidentCancelled, IncidentMerged},
		IncidentMonitoring: {IncidentMonitoring, IncidentOngoing, IncidentIdentified, IncidentResolved, IncidentMerged},
		IncidentResolved:   {IncidentReview, IncidentOngoing},
		IncidentReview:     {IncidentReview},
	}
	for _, from := range all {
		for _, to := range all {
			i := Incident{N: 4, State: from, Opened: monday, NextUpdate: monday}
			err := i.Move(to, monday)
			var ie *IncidentError
			switch ok := slices.Contains(may[from], to); {
			case ok && (err != nil || i.State != to):
				t.Errorf("%s → %s: %v, now %s", from, to, err, i.State)
			case !ok && (!errors.As(err, &ie) || i.State != from):
				t.Errorf("%s → %s is not refused: %v", from, to, err)
			}
			over := to == IncidentResolved || to == IncidentCancelled || to == IncidentMerged
			if err == nil && over && !i.NextUpdate.IsZero() {
				t.Errorf("%s → %s: a next word is still due", from, to)
			}
		}
	}
}

func TestAnIncidentIsPublicFromItsOpeningOn(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		i := tx.NewIncident(Incident{Service: "web"})
		if i.N != 1 || i.Public() || i.Open() {
			t.Errorf("a proposal is public: %+v", i)
		}
		set := i
		if err := set.Move(IncidentCancelled, monday); err != nil || set.Public() {
			t.Errorf("a proposal set aside is public: %v", err)
		}
		if err := i.Move(IncidentOngoing, monday); err != nil || !i.Public() || !i.Open() {
			t.Errorf("an open incident is not public: %v", err)
		}
		opened := i.Opened
		p := i.Say(Post{At: monday, Text: "un", Next: monday})
		if p.Seq != 1 || p.State != IncidentOngoing || !i.NextUpdate.Equal(monday) {
			t.Errorf("said %+v", p)
		}
		if err := i.Move(IncidentResolved, monday.Add(1)); err != nil || i.Open() || !i.Public() || !i.Resolved.Equal(monday.Add(1)) {
			t.Errorf("resolved: %v %+v", err, i)
		}
		if err := i.Move(IncidentOngoing, monday.Add(2)); err != nil || !i.Resolved.IsZero() || !i.Opened.Equal(opened) {
			t.Errorf("back again: %v %+v", err, i)
		}
		tx.PutIncident(i)
		return nil
	})
	change(t, s, func(tx *Tx) error {
		for id, want := range map[string]bool{"1": true, "2": false, "": false, "x": false} {
			if _, ok := tx.IncidentID(id); ok != want {
				t.Errorf("incident %q: %v", id, ok)
			}
		}
		tx.NewIncident(Incident{})
		if list := tx.Incidents(); len(list) != 2 || list[0].N != 2 {
			t.Errorf("not the newest first: %+v", list)
		}
		return nil
	})
}
