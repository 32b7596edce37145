package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// The types of Statuspage's API v2: the form that other tools read.
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
		ID          string  `json:"id"`
		Name        string  `json:"name"`
		Status      string  `json:"status"`
		Position    int     `json:"position"`
		Description *string `json:"description"`
		Showcase    bool    `json:"showcase"`
		GroupID     *string `json:"group_id"`
		Group       bool    `json:"group"`
		OnlyBad     bool    `json:"only_show_if_degraded"`
		PageID      string  `json:"page_id"`
		Updated     *string `json:"updated_at"`
	}
	spUpdate struct {
		ID         string     `json:"id"`
		IncidentID string     `json:"incident_id"`
		Status     string     `json:"status"`
		Body       string     `json:"body"`
		Created    string     `json:"created_at"`
		Updated    string     `json:"updated_at"`
		Display    string     `json:"display_at"`
		Affected   []struct{} `json:"affected_components"`
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
		Monitoring *string       `json:"monitoring_at"`
		Resolved   *string       `json:"resolved_at"`
		PageID     string        `json:"page_id"`
		Updates    []spUpdate    `json:"incident_updates"`
		Components []spComponent `json:"components"`
	}
)

// spPageID is the one page that a Vigie has.
const spPageID = "vigie"

// mostIncidents is how many incidents incidents.json holds.
const mostIncidents = 50

// statuspage is one of the API's documents: the page, and the parts that it has.
func (v *view) statuspage() (*doc, error) {
	out := map[string]any{"page": spPage{spPageID, v.Host, v.URL("/"), v.site.facts.Zone.String(), rfc(v.Now)}}
	form := v.item.form
	if form == formSummary || form == formStatus {
		out["status"] = v.spStatus()
	}
	if form == formSummary || form == formComponents {
		out["components"] = v.spComponents("")
	}
	switch form {
	case formSummary:
		out["scheduled_maintenances"] = v.spWorks(func(w Work) bool { return !w.Over() })
	case formWorks:
		out["scheduled_maintenances"] = v.spWorks(func(Work) bool { return true })
	case formUpcoming:
		out["scheduled_maintenances"] = v.spWorks(func(w Work) bool { return w.State == "planned" })
	case formActive:
		out["scheduled_maintenances"] = v.spWorks(Work.Active)
	}
	switch form {
	case formSummary, formUnresolved:
		out["incidents"] = v.spIncidents(v.Open)
	case formIncidents:
		all := append(append([]Incident{}, v.Open...), v.Past...)
		out["incidents"] = v.spIncidents(all[:min(len(all), mostIncidents)])
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", form, err)
	}
	return newDoc("application/json; charset=utf-8", append(raw, '\n')), nil
}

func (v *view) spStatus() spStatus {
	worst := "none"
	if len(v.Open) > 0 { // the worst comes first
		worst = impact(v.Open[0].Severity)
	}
	return spStatus{worst, v.W("web.summary_" + worst)}
}

// spComponents are the services, or the one of an id.
func (v *view) spComponents(only string) []spComponent {
	out := []spComponent{}
	for n, s := range v.Services {
		if only != "" && s.ID != only {
			continue
		}
		c := spComponent{ID: s.ID, Name: v.ServiceName(s.ID), Status: "operational", Position: n + 1, PageID: spPageID}
		if s.Work != nil {
			c.Status, c.Updated = "under_maintenance", optional(s.Work.Updated())
		}
		if s.Incident != nil {
			c.Status = map[int]string{1: "major_outage", 2: "partial_outage", 3: "degraded_performance", 4: "degraded_performance"}[s.Incident.Severity]
			c.Updated = optional(s.Incident.Updated())
		}
		out = append(out, c)
	}
	return out
}

func (v *view) spIncidents(list []Incident) []spIncident {
	out := []spIncident{}
	for _, i := range list {
		id := strconv.Itoa(i.N)
		s := spIncident{ID: id, Name: v.Name(i), Status: spState(i.State), Impact: impact(i.Severity), Shortlink: v.URL("/incident/" + id),
			Created: rfc(i.Opened), Updated: rfc(i.Updated()), Started: rfc(i.Opened), Resolved: optional(i.Ended), PageID: spPageID,
			Updates: []spUpdate{}, Components: v.spComponents(i.Service)}
		for _, p := range i.Posts {
			s.Updates = append(s.Updates, spUpdate{ID: fmt.Sprintf("%d-%d", i.N, p.Seq), IncidentID: id, Status: spState(p.State), Body: v.spBody(p),
				Created: rfc(p.At), Updated: rfc(p.At), Display: rfc(p.At)})
			if p.State == "monitoring" && s.Monitoring == nil {
				s.Monitoring = optional(p.At)
			}
		}
		out = append(out, s)
	}
	return out
}

func spState(s string) string {
	switch s {
	case "identified", "monitoring", "resolved":
		return s
	case "review":
		return "postmortem"
	case "cancelled":
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
	}
	return "minor"
}

func rfc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func optional(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := rfc(t)
	return &s
}

// spBody is an update's text with the time of the next one, which the format has
// no field for.
func (v *view) spBody(p Post) string {
	if p.Next.IsZero() {
		return v.Says(p)
	}
	return v.Says(p) + " " + v.W("web.next") + " " + v.Hour(p.Next) + "."
}
