package web

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"vigie/bot/chat"
	"vigie/store"
	"vigie/store/ics"
)

// Work is planned work as the public reads of it.
type Work struct {
	N           int
	State       string // planned, started, verifying, done, cancelled
	Service     string
	Site        string
	Title       string
	From, Until time.Time
	Told        time.Time
	Began       time.Time
	Ended       time.Time
	Posts       []store.WorkPost // the newest first
}

// Over tells whether nothing more comes of it.
func (w Work) Over() bool { return w.State == "done" || w.State == "cancelled" }

// Active tells whether it is under way.
func (w Work) Active() bool { return w.State == "started" || w.State == "verifying" }

// Updated is when it was last spoken of.
func (w Work) Updated() time.Time {
	if len(w.Posts) > 0 {
		return w.Posts[0].At
	}
	return w.Told
}

// worksShown is for how long works that are over are still listed.
const worksShown = 90 * 24 * time.Hour

// works are those that everybody may know of, the next ones first.
func works(tx *store.Tx, now time.Time) []Work {
	var out []Work
	for _, m := range tx.Maintenances() {
		if m.Subscribers || m.Over() && now.Sub(m.Ended) > worksShown {
			continue
		}
		w := Work{N: m.N, State: string(m.State), Service: m.Service, Site: chat.Cut(chat.Clean(m.Site), mostTitle), Title: chat.Cut(chat.Clean(m.Title), mostText),
			From: m.From, Until: m.Until, Told: m.Told, Began: m.Began, Ended: m.Ended, Posts: slices.Clone(m.Posts)}
		slices.Reverse(w.Posts)
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b Work) int { return a.From.Compare(b.From) })
	return out
}

// workOn are the works under way on a service.
func (s *State) workOn(service string) *Work {
	for n, w := range s.Works {
		if w.Service == service && w.Active() {
			return &s.Works[n]
		}
	}
	return nil
}

// Coming are the works that are not over, for the front page.
func (v *view) Coming() []Work {
	return slices.DeleteFunc(slices.Clone(v.Works), Work.Over)
}

// WorkName is what works are called.
func (v *view) WorkName(w Work) string {
	if w.Site != "" {
		return v.ServiceName(w.Service) + " (" + w.Site + ")"
	}
	return v.ServiceName(w.Service)
}

// WorkState is where works stand, in words.
func (v *view) WorkState(w Work) string { return v.W("maintenance.state_" + w.State) }

// spWorks are works in Statuspage's form, which has no other place for them.
func (v *view) spWorks(keep func(Work) bool) []spWork {
	out := []spWork{}
	for _, w := range v.Works {
		if !keep(w) {
			continue
		}
		id := "m" + strconv.Itoa(w.N)
		s := spWork{spIncident: spIncident{ID: id, Name: v.WorkName(w), Status: spWorkState(w.State), Impact: "maintenance", Shortlink: v.URL("/"), Created: rfc(w.Told), Updated: rfc(w.Updated()),
			Started: rfc(w.From), Resolved: optional(w.Ended), PageID: spPageID, Updates: []spUpdate{}, Components: v.spComponents(w.Service)},
			For: rfc(w.From), Until: rfc(w.Until)}
		for _, p := range w.Posts {
			s.Updates = append(s.Updates, spUpdate{ID: fmt.Sprintf("%s-%d", id, p.Seq), IncidentID: id, Status: spWorkState(p.State), Body: v.workSays(w, p),
				Created: rfc(p.At), Updated: rfc(p.At), Display: rfc(p.At)})
		}
		out = append(out, s)
	}
	return out
}

// workSays is a public word about works.
func (v *view) workSays(w Work, p store.WorkPost) string {
	said := v.Between(Work{From: p.From, Until: p.Until})
	if w.Title != "" {
		said = w.Title + " – " + said
	}
	return v.W("web.work_"+p.State) + " " + said
}

// Between says when works are.
func (v *view) Between(w Work) string {
	until := v.Hour(w.Until)
	if v.local(w.From).Format(time.DateOnly) != v.local(w.Until).Format(time.DateOnly) {
		until = v.Date(w.Until)
	}
	return v.Date(w.From) + " → " + until
}

// spWork is a scheduled maintenance of Statuspage's API.
type spWork struct {
	spIncident
	For   string `json:"scheduled_for"`
	Until string `json:"scheduled_until"`
}

func spWorkState(s string) string {
	switch s {
	case "started":
		return "in_progress"
	case "verifying":
		return "verifying"
	case "done", "cancelled": // the format knows no works that were called off
		return "completed"
	}
	return "scheduled"
}

// workEvent is works in a calendar.
func (v *view) workEvent(w Work) ics.Event {
	return ics.Event{UID: fmt.Sprintf("maintenance/%d@%s", w.N, v.site.host()), Sequence: max(0, len(w.Posts)-1), Stamp: w.Updated(), Start: w.From, End: w.Until,
		Summary: v.W("web.work_planned") + " " + v.WorkName(w), Text: w.Title, URL: v.URL("/"), Cancelled: w.State == "cancelled"}
}
