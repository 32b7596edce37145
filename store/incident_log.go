package store

import (
	"errors"
	"slices"
	"time"
)

// LogEntry is something that the team noted while it worked.
type LogEntry struct {
	At   time.Time `json:"at"`
	By   string    `json:"by,omitempty"` // person id
	Text string    `json:"text"`
	// Message is the key of the message that was marked, so that marking it twice notes it
	// once; empty for what was written to be noted.
	Message string `json:"message,omitempty"`
}

// mostLog bounds an incident's log, and the journal.
const mostLog = 500

// Note adds to the incident's log, in the order of time, and tells whether it was new.
func (i *Incident) Note(e LogEntry) bool {
	if e.Message != "" && slices.ContainsFunc(i.Log, func(o LogEntry) bool { return o.Message == e.Message }) {
		return false
	}
	i.Log = append(i.Log, e)
	slices.SortStableFunc(i.Log, func(a, b LogEntry) int { return a.At.Compare(b.At) })
	if len(i.Log) > mostLog {
		i.Log = i.Log[1:]
	}
	return true
}

// Unmark takes a marked message out of the log again, and tells whether it was there.
func (i *Incident) Unmark(message string) bool {
	before := len(i.Log)
	i.Log = slices.DeleteFunc(i.Log, func(o LogEntry) bool { return o.Message == message && message != "" })
	return len(i.Log) < before
}

// Line is one line of an incident's timeline: a public word, or a note of the team's.
type Line struct {
	At       time.Time
	State    IncidentState // of a public word
	Severity int           // of a public word that changed it
	Text     string
}

// Timeline is all that happened, in order.
func (i *Incident) Timeline() []Line {
	var out []Line
	if !i.Detected.IsZero() {
		out = append(out, Line{At: i.Detected, State: IncidentReported})
	}
	for _, p := range i.Posts {
		out = append(out, Line{p.At, p.State, p.Severity, p.Text})
	}
	for _, e := range i.Log {
		out = append(out, Line{At: e.At, Text: e.Text})
	}
	slices.SortStableFunc(out, func(a, b Line) int { return a.At.Compare(b.At) })
	return out
}

// ErrMergeSelf is the refusal to merge an incident into itself.
var ErrMergeSelf = errors.New("an incident cannot be merged into itself")

// MergeInto moves what is known of an incident to another, which goes on for both. Both
// are to be written back.
func (i *Incident) MergeInto(to *Incident, now time.Time) error {
	switch {
	case i.N == to.N:
		return ErrMergeSelf
	case to.State != IncidentReported && !to.Open():
		return &IncidentError{to.N, to.State, IncidentMerged}
	}
	if err := i.Move(IncidentMerged, now); err != nil {
		return err
	}
	i.Into = to.N
	to.Tickets = union(to.Tickets, i.Tickets)
	to.Followers = union(to.Followers, i.Followers)
	for _, e := range i.Log {
		to.Note(e)
	}
	if !i.Detected.IsZero() && (to.Detected.IsZero() || i.Detected.Before(to.Detected)) {
		to.Detected = i.Detected
	}
	return nil
}

func union[T comparable](a, b []T) []T {
	for _, v := range b {
		if !slices.Contains(a, v) {
			a = append(a, v)
		}
	}
	return a
}

// AddJournal notes something that belongs to no incident. Only the last entries are kept.
func (tx *Tx) AddJournal(e LogEntry) {
	n := tx.Next("journal")
	tx.put("journal", num(n), e)
	if n > mostLog {
		tx.del("journal", num(n-mostLog))
	}
}

// Journal is what was noted, the newest last.
func (tx *Tx) Journal() []LogEntry {
	var out []LogEntry
	each(tx, "journal", "", "", func(_ string, e LogEntry) bool { out = append(out, e); return true })
	return out
}
