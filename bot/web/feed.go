package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/feeds"
)

// feed is Atom (RFC 4287), one entry per update: the id of an entry never
// changes, and what was said later is an entry of its own.
func (w *Site) feed(rw http.ResponseWriter, r *http.Request) {
	s, err := w.state()
	if err != nil {
		http.Error(rw, "unavailable", http.StatusServiceUnavailable)
		return
	}
	v := view{State: s, Lang: w.lang(r), site: w}
	f := &feeds.Feed{Title: s.Name + " – " + v.W("web.title"), Link: &feeds.Link{Href: w.base(r) + "/"}, Id: w.base(r) + "/feed.atom", Updated: s.Now}
	var newest time.Time
	for _, i := range append(append([]Incident{}, s.Open...), s.Past...) {
		for _, p := range i.Posts {
			link := fmt.Sprintf("%s/incident/%d#p%d", w.base(r), i.N, p.Seq)
			f.Items = append(f.Items, &feeds.Item{Id: link, Link: &feeds.Link{Href: link}, Created: p.At, Updated: p.At,
				Title: v.Service(i.Service) + " – " + v.StateOf(p.State), Description: p.Text})
			if p.At.After(newest) {
				newest = p.At
			}
		}
	}
	if !newest.IsZero() {
		f.Updated = newest
	}
	out, err := f.ToAtom()
	if err != nil {
		http.Error(rw, "feed", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, _ = rw.Write([]byte(out))
}

// base is how the site is reached.
func (w *Site) base(r *http.Request) string {
	if w.cfg.URL != "" {
		return strings.TrimRight(w.cfg.URL, "/")
	}
	return "http://" + r.Host
}

// The types of Statuspage's API v2, summary.json: the form that other tools read.
type (
	spPage struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		URL     string `json:"url"`
		Zone    string `json:"time_zone"`
		Updated string `json:"updated_at"`
	}
	spStatus struct {
		Indicator   string `json:"indicator"`
		Description string `json:"description"`
	}
	spComponent struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Status   string `json:"status"`
		Position int    `json:"position"`
	}
	spUpdate struct {
		ID         string `json:"id"`
		IncidentID string `json:"incident_id"`
		Status     string `json:"status"`
		Body       string `json:"body"`
		Created    string `json:"created_at"`
		Updated    string `json:"updated_at"`
		Display    string `json:"display_at"`
	}
	spIncident struct {
		ID         string        `json:"id"`
		Name       string        `json:"name"`
		Status     string        `json:"status"`
		Impact     string        `json:"impact"`
		Shortlink  string        `json:"shortlink"`
		Created    string        `json:"created_at"`
		Updated    string        `json:"updated_at"`
		Started    string        `json:"started_at"`
		Resolved   *string       `json:"resolved_at"`
		Monitoring *string       `json:"monitoring_at"`
		PageID     string        `json:"page_id"`
		Updates    []spUpdate    `json:"incident_updates"`
		Components []spComponent `json:"components"`
	}
	spSummary struct {
		Page         spPage        `json:"page"`
		Status       spStatus      `json:"status"`
		Components   []spComponent `json:"components"`
		Incidents    []spIncident  `json:"incidents"`
		Maintenances []spIncident  `json:"scheduled_maintenances"`
	}
)

func (w *Site) summary(rw http.ResponseWriter, r *http.Request) {
	s, err := w.state()
	if err != nil {
		http.Error(rw, "unavailable", http.StatusServiceUnavailable)
		return
	}
	v := view{State: s, Lang: "en", site: w}
	out := spSummary{Page: spPage{"vigie", s.Name, w.base(r), w.facts.Zone.String(), rfc(s.Now)},
		Status: spStatus{"none", "All Systems Operational"}, Components: []spComponent{}, Incidents: []spIncident{}, Maintenances: []spIncident{}}
	worst := 5
	for i, c := range s.Services {
		out.Components = append(out.Components, component(v, i, c))
	}
	for _, i := range s.Open {
		worst = min(worst, i.Severity)
		out.Incidents = append(out.Incidents, w.spIncident(v, r, i))
	}
	if worst < 5 {
		out.Status = spStatus{impact(worst), map[int]string{1: "Major System Outage", 2: "Partial System Outage", 3: "Minor Service Outage", 4: "Minor Service Outage"}[worst]}
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.Header().Set("Access-Control-Allow-Origin", "*")
	_ = json.NewEncoder(rw).Encode(out)
}

func component(v view, i int, c ServiceState) spComponent {
	status := "operational"
	if c.Incident != nil {
		status = map[int]string{1: "major_outage", 2: "partial_outage"}[c.Incident.Severity]
		if status == "" {
			status = "degraded_performance"
		}
	}
	return spComponent{c.ID, v.In(c.Title), status, i + 1}
}

func (w *Site) spIncident(v view, r *http.Request, i Incident) spIncident {
	id := strconv.Itoa(i.N)
	out := spIncident{ID: id, Name: strings.TrimSpace(v.Service(i.Service) + " " + i.Title), Status: spState(i.State), Impact: impact(i.Severity),
		Shortlink: w.base(r) + "/incident/" + id, Created: rfc(i.Opened), Started: rfc(i.Opened), PageID: "vigie", Components: []spComponent{}}
	for n, c := range v.Services {
		if c.ID == i.Service {
			out.Components = append(out.Components, component(v, n, c))
		}
	}
	for _, p := range i.Posts {
		text := p.Text
		if text == "" {
			text = v.StateOf(p.State)
		}
		out.Updates = append(out.Updates, spUpdate{fmt.Sprintf("%s-%d", id, p.Seq), id, spState(p.State), text, rfc(p.At), rfc(p.At), rfc(p.At)})
		if at := rfc(p.At); p.State == "monitoring" {
			out.Monitoring = &at
		}
	}
	out.Updated = out.Created
	if len(i.Posts) > 0 {
		out.Updated = rfc(i.Posts[0].At)
	}
	return out
}

func spState(s string) string {
	switch s {
	case "identified", "monitoring", "resolved":
		return s
	case "cancelled", "review":
		return "resolved"
	}
	return "investigating"
}

func impact(severity int) string {
	switch severity {
	case 1:
		return "critical"
	case 2:
		return "major"
	case 3:
		return "minor"
	}
	return "none"
}

func rfc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
