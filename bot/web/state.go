package web

import (
	"slices"
	"strings"
	"time"

	"vigie/store"
)

// State is all that the public may know, and nothing else.
type State struct {
	Now       time.Time
	Name      string
	Services  []ServiceState
	Open      []Incident
	Past      []Incident
	Events    []Event
	Campaigns []Campaign
	// Median is the median time to a first answer over 30 days; zero: not enough
	// to say.
	Median time.Duration
}

// ServiceState is a service and the worst incident open on it.
type ServiceState struct {
	Service
	Incident *Incident
}

// Incident is an incident as the public reads of it: no names, no tickets.
type Incident struct {
	N        int
	State    string
	Severity int
	Service  string
	Title    string
	Opened   time.Time
	Resolved time.Time
	Next     time.Time
	Posts    []Post
}

// Post is one public word, the newest first in an Incident.
type Post struct {
	Seq   int
	At    time.Time
	State string
	Text  string
	Next  time.Time
}

// Event is something that is planned.
type Event struct {
	ID    string
	Title map[string]string
	Place string
	At    time.Time
}

// Campaign is how far a campaign is.
type Campaign struct {
	ID      string
	Title   map[string]string
	Text    map[string]string
	Link    string
	Goal    int64 // cents
	Amount  int64
	Percent int
}

// keepPast is how many ended incidents the site shows.
const keepPast = 20

// Read makes the public state of a snapshot.
func Read(tx *store.Tx, f Facts, now time.Time) State {
	s := State{Now: now, Name: f.Name}
	for _, i := range tx.Incidents() {
		if !i.Public() {
			continue
		}
		p := public(i)
		switch {
		case i.Open():
			s.Open = append(s.Open, p)
		case len(s.Past) < keepPast:
			s.Past = append(s.Past, p)
		}
	}
	for _, svc := range f.Services {
		st := ServiceState{Service: svc}
		for n := range s.Open {
			if s.Open[n].Service == svc.ID && (st.Incident == nil || s.Open[n].Severity < st.Incident.Severity) {
				st.Incident = &s.Open[n]
			}
		}
		s.Services = append(s.Services, st)
	}
	s.Events = events(tx, now)
	for _, c := range tx.Campaigns() {
		if c.State == store.CampaignRunning {
			s.Campaigns = append(s.Campaigns, Campaign{c.ID, c.Title, c.Text, c.Link, c.Goal, c.Amount, c.Percent()})
		}
	}
	s.Median = median(tx, now)
	return s
}

func public(i store.Incident) Incident {
	p := Incident{N: i.N, State: string(i.State), Severity: i.Severity, Service: i.Service, Title: i.Title,
		Opened: i.Opened, Resolved: i.Resolved, Next: i.NextUpdate}
	for _, post := range slices.Backward(i.Posts) {
		p.Posts = append(p.Posts, Post{post.Seq, post.At, string(post.State), post.Text, post.Next})
	}
	return p
}

func events(tx *store.Tx, now time.Time) []Event {
	var out []Event
	for _, p := range tx.AllPlanned() {
		id, _, _ := strings.Cut(p.Schedule, "@")
		same := func(e Event) bool { return e.ID == id && e.At.Equal(p.At) }
		if !p.Hidden && p.At.After(now) && !slices.ContainsFunc(out, same) {
			out = append(out, Event{ID: id, Title: p.Title, Place: p.Place, At: p.At})
		}
	}
	slices.SortFunc(out, func(a, b Event) int { return a.At.Compare(b.At) })
	return out
}

func median(tx *store.Tx, now time.Time) time.Duration {
	var took []time.Duration
	for _, t := range tx.Tickets(0) {
		if !t.FirstReply.IsZero() && now.Sub(t.Opened) < 30*24*time.Hour {
			took = append(took, t.FirstReply.Sub(t.Opened))
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}
