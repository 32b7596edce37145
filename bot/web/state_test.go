package web

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vigie/store"
)

// read is the public state of a store.
func read(t *testing.T, s *store.Store, now time.Time) (out State) {
	t.Helper()
	if err := s.View(func(tx *store.Tx) error { out = Read(tx, facts(), now); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWhichIncidentsArePublic walks an incident through every state that a store
// can hold, and tells on which side of the page it stands.
func TestWhichIncidentsArePublic(t *testing.T) {
	now := time.Now().UTC()
	for _, c := range []struct {
		path       []store.IncidentState
		open, past int
	}{
		{nil, 0, 0},
		{[]store.IncidentState{store.IncidentCancelled}, 0, 0}, // a proposal that was set aside
		{[]store.IncidentState{store.IncidentMerged}, 0, 0},
		{[]store.IncidentState{store.IncidentOngoing}, 1, 0},
		{[]store.IncidentState{store.IncidentOngoing, store.IncidentIdentified}, 1, 0},
		{[]store.IncidentState{store.IncidentOngoing, store.IncidentMonitoring}, 1, 0},
		{[]store.IncidentState{store.IncidentOngoing, store.IncidentResolved}, 0, 1},
		{[]store.IncidentState{store.IncidentOngoing, store.IncidentResolved, store.IncidentReview}, 0, 1},
		{[]store.IncidentState{store.IncidentOngoing, store.IncidentResolved, store.IncidentOngoing}, 1, 0},
		{[]store.IncidentState{store.IncidentOngoing, store.IncidentCancelled}, 0, 1}, // what was said is taken back in public
		{[]store.IncidentState{store.IncidentOngoing, store.IncidentMerged}, 0, 0},
	} {
		s := newStore(t)
		put(t, s, now, func(tx *store.Tx) {
			i := tx.NewIncident(store.Incident{Service: "web", Severity: 2, Lead: canary, Tickets: []int{7}})
			for n, to := range c.path {
				must(i.Move(to, now.Add(time.Duration(n)*time.Minute)))
				i.Say(store.Post{At: now.Add(time.Duration(n) * time.Minute), By: canary})
			}
			tx.PutIncident(i)
		})
		got := read(t, s, now)
		if len(got.Open) != c.open || len(got.Past) != c.past {
			t.Errorf("%v: %d open, %d past", c.path, len(got.Open), len(got.Past))
		}
		for _, i := range slices.Concat(got.Open, got.Past) {
			if i.Ended.IsZero() != (c.open == 1) || len(i.Posts) != len(c.path) || i.Posts[0].Seq != len(c.path) {
				t.Errorf("%v: %+v", c.path, i)
			}
		}
		if down := got.Services[0].Incident != nil; down != (c.open == 1) || got.Services[1].Incident != nil {
			t.Errorf("%v: the service is down: %v", c.path, down)
		}
	}
}

func TestWorstIncidentSpeaksForTheService(t *testing.T) {
	s := newStore(t)
	put(t, s, time.Now(), func(tx *store.Tx) {
		for _, severity := range []int{3, 1, 4, 2} {
			incident(tx, store.Incident{Service: "mail", Severity: severity, Title: fmt.Sprint(severity)}, store.IncidentOngoing, "", 0)
		}
	})
	got := read(t, s, time.Now())
	var order []int
	for _, i := range got.Open {
		order = append(order, i.Severity)
	}
	if !slices.Equal(order, []int{1, 2, 3, 4}) || got.Services[1].Incident.Severity != 1 {
		t.Errorf("in order %v, the service's is %d", order, got.Services[1].Incident.Severity)
	}
}

func TestEventsComeOnceInOrderAndOnlyPublicOnes(t *testing.T) {
	s, now := newStore(t), time.Now().UTC()
	put(t, s, now, func(tx *store.Tx) {
		add := func(id, civil string, in time.Duration, hidden bool) {
			tx.PutPlanned(store.Planned{Schedule: id, Kind: "meeting", Title: both(id, id), Civil: civil, At: now.Add(in), Hidden: hidden})
		}
		add("late@1d", "c2", 48*time.Hour, false)
		add("late@7d", "c3", 72*time.Hour, false) // the reminder of the one after
		add("soon", "c1", time.Hour, false)
		add("soon@2h", "c1", time.Hour, false)
		add("over", "c0", -time.Second, false)
		add("now", "c0", 0, false)
		add("hidden", "c1", time.Hour, true)
		for n := range 20 {
			add(fmt.Sprintf("far%02d", n), "c9", time.Duration(100+n)*time.Hour, false)
		}
	})
	var ids []string
	for _, e := range read(t, s, now).Events {
		ids = append(ids, e.ID)
	}
	if len(ids) != mostNext || !slices.Equal(ids[:4], []string{"soon/c1", "late/c2", "late/c3", "far00/c9"}) {
		t.Errorf("events %q", ids)
	}
}

func TestLinksAreWebLinks(t *testing.T) {
	for in, want := range map[string]string{
		"https://don.example.org/a?b=c": "https://don.example.org/a?b=c", " http://x.example ": "http://x.example", "javascript:alert(1)": "", "data:text/html,x": "",
		"//x.example": "", "/path": "", "salle 3": "", "": "", "https://": "", "http://[::1": "", "HTTPS://x.example": "https://x.example",
	} {
		if got := safeLink(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

func TestMeasureLooksBackThirtyDays(t *testing.T) {
	s, now := newStore(t), time.Now().UTC()
	open := func(ago, answer time.Duration) {
		n := 0
		put(t, s, now.Add(-ago), func(tx *store.Tx) {
			tk, err := tx.OpenTicket(store.Opening{Kind: store.KindQuestion, Requester: "p"}, store.TicketEvent{By: "p", Text: "?"})
			must(err)
			n = tk.N
		})
		if answer > 0 {
			put(t, s, now.Add(answer-ago), func(tx *store.Tx) {
				_, err := tx.ActOnTicket(n, store.TicketEvent{Act: store.ActReply, By: "q", Text: "!"})
				must(err)
			})
		}
	}
	for n := 1; n <= 10; n++ {
		open(10*24*time.Hour, time.Duration(n)*time.Hour)
	}
	open(31*24*time.Hour, 100*time.Hour) // long ago
	open(time.Hour, 0)                   // nobody has answered yet
	var got Measure
	if err := s.View(func(tx *store.Tx) error { got = measure(tx, now); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := (Measure{5 * time.Hour, 9 * time.Hour}); got != want {
		t.Errorf("measured %v, want %v", got, want)
	}
}
