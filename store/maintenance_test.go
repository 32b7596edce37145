package store

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestWorksMoveAsTheyMay(t *testing.T) {
	all := []MaintenanceState{MaintenancePlanned, MaintenanceStarted, MaintenanceVerifying, MaintenanceDone, MaintenanceCancelled}
	may := map[MaintenanceState][]MaintenanceState{
		MaintenancePlanned:   {MaintenanceStarted, MaintenanceCancelled},
		MaintenanceStarted:   {MaintenanceVerifying, MaintenanceDone, MaintenanceCancelled},
		MaintenanceVerifying: {MaintenanceStarted, MaintenanceDone, MaintenanceCancelled},
	}
	for _, from := range all {
		for _, to := range all {
			m := Maintenance{N: 2, State: from}
			err := m.Move(to, monday)
			var me *MaintenanceError
			switch ok := slices.Contains(may[from], to); {
			case ok && (err != nil || m.State != to):
				t.Errorf("%s → %s: %v", from, to, err)
			case !ok && (!errors.As(err, &me) || m.State != from):
				t.Errorf("%s → %s is not refused: %v", from, to, err)
			}
			if err == nil && m.Over() != !m.Ended.IsZero() {
				t.Errorf("%s → %s: over %v, ended %v", from, to, m.Over(), m.Ended)
			}
		}
	}
}

func TestWorksKeepWhenTheyBegan(t *testing.T) {
	m := Maintenance{State: MaintenancePlanned}
	for n, to := range []MaintenanceState{MaintenanceStarted, MaintenanceVerifying, MaintenanceStarted, MaintenanceDone} {
		if err := m.Move(to, monday.Add(time.Duration(n)*time.Hour)); err != nil {
			t.Fatal(err)
		}
		m.Say(monday)
	}
	if !m.Began.Equal(monday) || !m.Ended.Equal(monday.Add(3*time.Hour)) || len(m.Posts) != 4 || m.Posts[3].Seq != 4 || m.Active() {
		t.Errorf("%+v", m)
	}
	if err := m.Shift(monday, monday, monday); err == nil {
		t.Error("works that are over were moved")
	}
}

func TestWorksOverlap(t *testing.T) {
	m := Maintenance{From: monday, Until: monday.Add(time.Hour)}
	for _, tt := range []struct {
		from, until time.Duration
		want        bool
	}{{-time.Hour, 0, false}, {-time.Hour, 1, true}, {time.Hour, 2 * time.Hour, false}, {30 * time.Minute, 40 * time.Minute, true}, {-1, 2 * time.Hour, true}} {
		if got := m.Overlaps(monday.Add(tt.from), monday.Add(tt.until)); got != tt.want {
			t.Errorf("%v to %v: %v", tt.from, tt.until, got)
		}
	}
}

func TestWorksAreKeptByNumber(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		tx.NewMaintenance(Maintenance{Service: "web"})
		m := tx.NewMaintenance(Maintenance{Service: "mail"})
		m.Say(tx.Now)
		tx.PutMaintenance(m)
		return nil
	})
	change(t, s, func(tx *Tx) error {
		if list := tx.Maintenances(); len(list) != 2 || list[0].N != 2 || len(list[0].Posts) != 1 {
			t.Errorf("%+v", list)
		}
		if _, ok := tx.Maintenance(3); ok {
			t.Error("works that nobody planned")
		}
		return nil
	})
}

func TestDonationsWaitForWorks(t *testing.T) {
	in := GateInput{Now: monday, Zone: time.UTC, Campaign: Campaign{State: CampaignRunning, Goal: 1}, Rules: GateRules{After: 72 * time.Hour}}
	for _, tt := range []struct {
		m    Maintenance
		want string
	}{
		{Maintenance{State: MaintenancePlanned, From: monday.Add(time.Hour)}, ""},
		{Maintenance{N: 1, State: MaintenanceStarted}, "maintenance"},
		{Maintenance{N: 1, State: MaintenanceVerifying}, "maintenance"},
		{Maintenance{State: MaintenanceDone, Began: monday, Ended: monday.Add(-71 * time.Hour)}, "after_maintenance"},
		{Maintenance{State: MaintenanceDone, Began: monday, Ended: monday.Add(-73 * time.Hour)}, ""},
		{Maintenance{State: MaintenanceCancelled, Ended: monday}, ""}, // it never was
	} {
		in.Works = []Maintenance{tt.m}
		got := ""
		if holds := Gate(in); len(holds) > 0 {
			got = holds[0].Code
		}
		if got != tt.want {
			t.Errorf("%s since %v: held by %q, want %q", tt.m.State, tt.m.Ended, got, tt.want)
		}
	}
}
