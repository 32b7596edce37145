package store

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// IncidentState is where an incident stands.
type IncidentState string

// The states of an incident; the French names that people type are signale,
// en_cours, identifie, surveille, resolu, bilan, annule, fusionne.
const (
	IncidentReported   IncidentState = "reported" // proposed, not yet public
	IncidentOngoing    IncidentState = "ongoing"
	IncidentIdentified IncidentState = "identified"
	IncidentMonitoring IncidentState = "monitoring"
	IncidentResolved   IncidentState = "resolved"
	IncidentReview     IncidentState = "review"
	IncidentCancelled  IncidentState = "cancelled"
	IncidentMerged     IncidentState = "merged"
)

// Incident is trouble with a service, as it is told to everybody.
type Incident struct {
	N        int           `json:"n"`
	State    IncidentState `json:"state"`
	Severity int           `json:"severity"` // 1 the worst … 4
	Service  string        `json:"service"`
	Site     string        `json:"site,omitempty"` // where, when the host has several places
	Title    string        `json:"title,omitempty"`
	// Detected is when a check or a monitor first saw it, zero when people did.
	Detected time.Time `json:"detected,omitzero"`
	// Reported is when the first word came, Opened when it became public.
	Reported time.Time `json:"reported"`
	Opened   time.Time `json:"opened,omitzero"`
	Resolved time.Time `json:"resolved,omitzero"`
	// NextUpdate is when the next word was said to come.
	NextUpdate time.Time `json:"next_update,omitzero"`
	// Lead is the person id of whoever opened it.
	Lead    string `json:"lead,omitempty"`
	Tickets []int  `json:"tickets,omitempty"`
	// Followers are persons without a ticket who want to be told the end.
	Followers []string `json:"followers,omitempty"`
	Posts     []Post   `json:"posts,omitempty"`
	// Affected is how many members the register has on the service, as last counted.
	Affected int `json:"affected,omitempty"`
	// DataLoss is "yes", "no" or empty: not known.
	DataLoss string `json:"data_loss,omitempty"`
	// Slowed: it was said that news come less often now.
	Slowed bool `json:"slowed,omitempty"`
	// Into is what it was merged into.
	Into int `json:"into,omitempty"`
	// Log is what the team noted, for the review. Staff alone read it.
	Log []LogEntry `json:"log,omitempty"`
	// Cause, Actions and Draft are the review being written; Review is what was published.
	Cause   string `json:"cause,omitempty"`
	Actions string `json:"actions,omitempty"`
	Draft   string `json:"draft,omitempty"`
	Review  string `json:"review,omitempty"`
}

// Post is one public word about an incident.
type Post struct {
	Seq   int           `json:"seq"`
	At    time.Time     `json:"at"`
	By    string        `json:"by,omitempty"`
	State IncidentState `json:"state"`
	// Text is the free text; empty for the fixed template alone.
	Text string `json:"text,omitempty"`
	// Severity is the new one when it changed, else 0.
	Severity int `json:"severity,omitempty"`
	// Next is when the next word was said to come; zero at the end.
	Next time.Time `json:"next,omitzero"`
	// Slower, when set, is how often words come from now on: less than before.
	Slower time.Duration `json:"slower,omitempty"`
}

// IncidentError says that a change makes no sense in the incident's state.
type IncidentError struct {
	N        int
	From, To IncidentState
}

// Error implements error.
func (e *IncidentError) Error() string {
	return fmt.Sprintf("incident %d is %s: it cannot become %s", e.N, e.From, e.To)
}

// Move changes the state, or says why it makes no sense. An update keeps it.
func (i *Incident) Move(to IncidentState, now time.Time) error {
	next := map[IncidentState][]IncidentState{
		IncidentReported:   {IncidentOngoing, IncidentCancelled, IncidentMerged},
		IncidentOngoing:    {IncidentOngoing, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentCancelled, IncidentMerged},
		IncidentIdentified: {IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentOngoing, IncidentCancelled, IncidentMerged},
		IncidentMonitoring: {IncidentMonitoring, IncidentResolved, IncidentOngoing, IncidentIdentified, IncidentMerged},
		IncidentResolved:   {IncidentReview, IncidentOngoing},
		IncidentReview:     {IncidentReview},
	}
	if !slices.Contains(next[i.State], to) {
		return &IncidentError{i.N, i.State, to}
	}
	switch to {
	case IncidentOngoing:
		if i.Opened.IsZero() {
			i.Opened = now
		}
		i.Resolved = time.Time{}
	case IncidentResolved:
		i.Resolved, i.NextUpdate = now, time.Time{}
	case IncidentCancelled, IncidentMerged:
		i.NextUpdate = time.Time{}
	}
	i.State = to
	return nil
}

// Open tells whether the incident is public and not over.
func (i *Incident) Open() bool {
	return i.State == IncidentOngoing || i.State == IncidentIdentified || i.State == IncidentMonitoring
}

// Public tells whether anybody outside the staff may know of it.
func (i *Incident) Public() bool { return !i.Opened.IsZero() && i.State != IncidentMerged }

// Say adds a public word.
func (i *Incident) Say(p Post) Post {
	p.Seq = len(i.Posts) + 1
	p.State = i.State
	i.Posts = append(i.Posts, p)
	i.NextUpdate = p.Next
	return p
}

// NewIncident begins an incident with the next number, not yet public.
func (tx *Tx) NewIncident(i Incident) Incident {
	i.N, i.State, i.Reported = tx.Next("incident"), IncidentReported, tx.Now
	tx.PutIncident(i)
	return i
}

// PutIncident writes an incident back after a change.
func (tx *Tx) PutIncident(i Incident) { tx.put("incident", num(i.N), i) }

// Incident finds an incident by number.
func (tx *Tx) Incident(n int) (Incident, bool) { return find[Incident](tx, "incident", num(n)) }

// IncidentID finds an incident by its number in letters, as runbooks carry it.
func (tx *Tx) IncidentID(id string) (Incident, bool) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return Incident{}, false
	}
	return tx.Incident(n)
}

// Incidents lists all incidents, the newest first.
func (tx *Tx) Incidents() []Incident {
	var out []Incident
	each(tx, "incident", "", "", func(_ string, i Incident) bool { out = append(out, i); return true })
	slices.Reverse(out)
	return out
}
