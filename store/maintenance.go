package store

import (
	"fmt"
	"slices"
	"time"
)

// MaintenanceState is where planned works stand.
type MaintenanceState string

// The states of planned works; the French names that people type are annoncee, commencee,
// verification, terminee, annulee.
const (
	MaintenancePlanned   MaintenanceState = "planned"
	MaintenanceStarted   MaintenanceState = "started"
	MaintenanceVerifying MaintenanceState = "verifying"
	MaintenanceDone      MaintenanceState = "done"
	MaintenanceCancelled MaintenanceState = "cancelled"
)

// Maintenance is work that is planned on a service and told beforehand.
type Maintenance struct {
	N       int              `json:"n"`
	State   MaintenanceState `json:"state"`
	Service string           `json:"service"`
	Site    string           `json:"site,omitempty"`
	Title   string           `json:"title,omitempty"`
	// From and Until are what was announced.
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Told is when it was announced, Began and Ended when it really was.
	Told  time.Time `json:"told"`
	Began time.Time `json:"began,omitzero"`
	Ended time.Time `json:"ended,omitzero"`
	// Subscribers: told to those who subscribe to the service, not to the rooms.
	Subscribers bool   `json:"subscribers,omitempty"`
	By          string `json:"by,omitempty"` // person id
	// Posts are the public words; the state of each is a MaintenanceState, or "moved".
	Posts []WorkPost `json:"posts,omitempty"`
}

// WorkPost is one public word about planned works.
type WorkPost struct {
	Seq   int       `json:"seq"`
	At    time.Time `json:"at"`
	State string    `json:"state"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// WorkMoved is the State of the word that says new times.
const WorkMoved = "moved"

// MaintenanceError says that a change makes no sense in the state of the works.
type MaintenanceError struct {
	N        int
	From, To MaintenanceState
}

// Error implements error.
func (e *MaintenanceError) Error() string {
	return fmt.Sprintf("maintenance %d is %s: it cannot become %s", e.N, e.From, e.To)
}

// Move changes the state, or says why it makes no sense.
func (m *Maintenance) Move(to MaintenanceState, now time.Time) error {
	next := map[MaintenanceState][]MaintenanceState{
		MaintenancePlanned:   {MaintenanceStarted, MaintenanceCancelled},
		MaintenanceStarted:   {MaintenanceVerifying, MaintenanceDone, MaintenanceCancelled},
		MaintenanceVerifying: {MaintenanceStarted, MaintenanceDone, MaintenanceCancelled},
	}
	if !slices.Contains(next[m.State], to) {
		return &MaintenanceError{m.N, m.State, to}
	}
	switch to {
	case MaintenanceStarted:
		if m.Began.IsZero() {
			m.Began = now
		}
	case MaintenanceDone, MaintenanceCancelled:
		m.Ended = now
	}
	m.State = to
	return nil
}

// Shift gives new times to works that are not over.
func (m *Maintenance) Shift(from, until, now time.Time) error {
	if m.Over() {
		return &MaintenanceError{m.N, m.State, m.State}
	}
	m.From, m.Until = from, until
	m.say(WorkMoved, now)
	return nil
}

// Say adds the public word for the present state.
func (m *Maintenance) Say(now time.Time) { m.say(string(m.State), now) }

func (m *Maintenance) say(state string, now time.Time) {
	m.Posts = append(m.Posts, WorkPost{len(m.Posts) + 1, now, state, m.From, m.Until})
}

// Active tells whether work is being done now.
func (m *Maintenance) Active() bool {
	return m.State == MaintenanceStarted || m.State == MaintenanceVerifying
}

// Over tells whether nothing more will come.
func (m *Maintenance) Over() bool {
	return m.State == MaintenanceDone || m.State == MaintenanceCancelled
}

// Overlaps tells whether the announced times share an instant with others.
func (m *Maintenance) Overlaps(from, until time.Time) bool {
	return m.From.Before(until) && from.Before(m.Until)
}

// NewMaintenance keeps works under the next number.
func (tx *Tx) NewMaintenance(m Maintenance) Maintenance {
	m.N, m.State, m.Told = tx.Next("maintenance"), MaintenancePlanned, tx.Now
	tx.PutMaintenance(m)
	return m
}

// PutMaintenance writes works back after a change.
func (tx *Tx) PutMaintenance(m Maintenance) { tx.put("maintenance", num(m.N), m) }

// Maintenance finds works by number.
func (tx *Tx) Maintenance(n int) (Maintenance, bool) {
	return find[Maintenance](tx, "maintenance", num(n))
}

// Maintenances lists all works, the newest first.
func (tx *Tx) Maintenances() []Maintenance {
	var out []Maintenance
	each(tx, "maintenance", "", "", func(_ string, m Maintenance) bool { out = append(out, m); return true })
	slices.Reverse(out)
	return out
}
