package web

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-ical"

	"vigie/store"
)

// feedAsRead is a feed as a reader of another's make sees it: names with their space.
type feedAsRead struct {
	XMLName xml.Name
	Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      []string `xml:"http://www.w3.org/2005/Atom id"`
	Title   []string `xml:"http://www.w3.org/2005/Atom title"`
	Updated []string `xml:"http://www.w3.org/2005/Atom updated"`
	Author  []struct {
		Name string `xml:"http://www.w3.org/2005/Atom name"`
	} `xml:"http://www.w3.org/2005/Atom author"`
	Links   []linkAsRead `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID      []string     `xml:"http://www.w3.org/2005/Atom id"`
		Title   []string     `xml:"http://www.w3.org/2005/Atom title"`
		Updated []string     `xml:"http://www.w3.org/2005/Atom updated"`
		Links   []linkAsRead `xml:"http://www.w3.org/2005/Atom link"`
		Content []struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"http://www.w3.org/2005/Atom content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

type linkAsRead struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

// readFeed parses a feed and holds it against what RFC 4287 says MUST.
func readFeed(t *testing.T, raw string) feedAsRead {
	t.Helper()
	var f feedAsRead
	if err := xml.Unmarshal([]byte(raw), &f); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	one := func(what string, list []string) string {
		if len(list) != 1 || list[0] == "" {
			t.Errorf("%s: %q, where there must be exactly one", what, list)
			return ""
		}
		return list[0]
	}
	date := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Errorf("updated: %v", err)
		}
		return at
	}
	if f.XMLName.Space != "http://www.w3.org/2005/Atom" || f.XMLName.Local != "feed" || len(f.Author) != 1 || f.Author[0].Name == "" || one("title", f.Title) == "" {
		t.Errorf("the feed is %v by %v", f.XMLName, f.Author)
	}
	ids := []string{one("id", f.ID)}
	feedUpdated := date(one("updated", f.Updated))
	for _, e := range f.Entries {
		ids = append(ids, one("entry id", e.ID))
		one("entry title", e.Title)
		if date(one("entry updated", e.Updated)).After(feedUpdated) {
			t.Error("an entry is newer than the feed")
		}
		if len(e.Content) != 1 || e.Content[0].Type != "html" {
			t.Errorf("content %v", e.Content)
		}
		if len(e.Links) != 1 || e.Links[0].Rel != "alternate" {
			t.Errorf("links %v", e.Links)
		}
	}
	for _, id := range ids { // IRIs, all different
		if u, err := url.Parse(id); err != nil || u.Scheme == "" {
			t.Errorf("id %q is not an IRI", id)
		}
	}
	if sorted := slices.Compact(slices.Sorted(slices.Values(ids))); len(sorted) != len(ids) {
		t.Errorf("ids are not unique: %q", ids)
	}
	if !slices.ContainsFunc(f.Links, func(l linkAsRead) bool { return l.Rel == "self" }) {
		t.Error("no link to itself")
	}
	return f
}

func TestFeedHasOneEntryPerUpdateForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sample(t, time.Now())
		w := newSite(t, config(), facts(), s)
		h := w.Handler()
		before := readFeed(t, body(t, h, "/fr/feed.atom"))
		if before.Lang != "fr" || len(before.Entries) != 5 {
			t.Fatalf("%s, %d entries", before.Lang, len(before.Entries))
		}
		newest := before.Entries[0]
		if newest.Content[0].Text != "<p>La moitié des sites est revenue. Il reste une heure de copie environ.</p><p>Prochaine info à 1\u00a0h\u00a026.</p>" || newest.Links[0].Href != "https://info.example.org/fr/incident/4#p3" {
			t.Errorf("the newest entry is %+v", newest)
		}
		time.Sleep(time.Hour)
		put(t, s, time.Now(), func(tx *store.Tx) {
			i, _ := tx.Incident(4)
			incident(tx, i, store.IncidentResolved, "Fini <3 & merci", 0)
		})
		w.Turn(1, 0)
		after := readFeed(t, body(t, h, "/fr/feed.atom"))
		if len(after.Entries) != 6 || after.Entries[0].Content[0].Text != "<p>Fini &lt;3 &amp; merci</p>" || after.Updated[0] != after.Entries[0].Updated[0] || after.ID[0] != before.ID[0] {
			t.Errorf("after the end: %+v", after)
		}
		for n, e := range before.Entries { // what was said stays as it was
			if fmt.Sprint(e) != fmt.Sprint(after.Entries[n+1]) {
				t.Errorf("an entry changed: %v, then %v", e, after.Entries[n+1])
			}
		}
		en := readFeed(t, body(t, h, "/en/feed.atom"))
		if en.Lang != "en" || en.Entries[0].ID[0] == after.Entries[0].ID[0] || !strings.Contains(en.Entries[0].Title[0], "resolved") {
			t.Errorf("in English: %+v", en.Entries[0])
		}
	})
}

func TestFeedOfAQuietHostIsValid(t *testing.T) {
	h := newSite(t, Defaults(), facts(), newStore(t)).Handler()
	rw := get(t, h, "/feed.atom", "Host", "evil.example")
	f := readFeed(t, rw.Body.String())
	if len(f.Entries) != 0 || rw.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" || rw.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%v %v", f, rw.Header())
	}
	lacks(t, rw.Body.String(), "evil.example")
	if body(t, h, "/feed.atom") != rw.Body.String() {
		t.Error("a feed without entries changes by itself")
	}
}

// asJSON reads a document into plain values.
func asJSON(t *testing.T, h http.Handler, path string) map[string]any {
	t.Helper()
	rw := get(t, h, path)
	if kind := rw.Header().Get("Content-Type"); rw.Code != http.StatusOK || kind != "application/json; charset=utf-8" {
		t.Fatalf("%s: %d %s", path, rw.Code, kind)
	}
	var v map[string]any
	if err := json.Unmarshal(rw.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// fields holds an object against what it must be, field by field; none may be missing
// or added.
func fields(t *testing.T, what string, got any, want map[string]any) {
	t.Helper()
	m, ok := got.(map[string]any)
	if !ok {
		t.Fatalf("%s is %T", what, got)
	}
	for k, v := range m {
		if w, known := want[k]; !known {
			t.Errorf("%s has %s", what, k)
		} else if fmt.Sprint(v) != fmt.Sprint(w) {
			t.Errorf("%s: %s is %v, want %v", what, k, v, w)
		}
	}
	for k := range want {
		if _, has := m[k]; !has {
			t.Errorf("%s lacks %s", what, k)
		}
	}
}

func TestStatuspageFieldByField(t *testing.T) {
	each(t, func(t *testing.T, lang string, h http.Handler, now time.Time) {
		fr := lang == "fr"
		pick := func(a, b string) string {
			if fr {
				return a
			}
			return b
		}
		at := func(ago time.Duration) string { return now.Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z") }
		sum := asJSON(t, h, "/"+lang+"/api/v2/summary.json")
		page := map[string]any{"id": "vigie", "name": "Hébergeur Exemple", "url": "https://info.example.org/" + lang + "/", "time_zone": "Europe/Paris", "updated_at": at(0)}
		fields(t, "page", sum["page"], page)
		status := map[string]any{"indicator": "major", "description": pick("Panne partielle", "Partial System Outage")}
		fields(t, "status", sum["status"], status)
		component := func(id, name, state string, n int, updated any) map[string]any {
			return map[string]any{"id": id, "name": name, "status": state, "position": n, "description": nil, "showcase": false, "group_id": nil, "group": false,
				"only_show_if_degraded": false, "page_id": "vigie", "updated_at": updated}
		}
		components := sum["components"].([]any)
		if len(components) != 3 {
			t.Fatalf("%d components", len(components))
		}
		web := component("web", pick("Sites web", "Web sites"), "partial_outage", 1, at(4*time.Minute))
		fields(t, "web", components[0], web)
		fields(t, "mail", components[1], component("mail", pick("Courriel", "Mail"), "operational", 2, nil))
		incidents := sum["incidents"].([]any)
		if len(incidents) != 1 || fmt.Sprint(sum["scheduled_maintenances"]) != "[]" {
			t.Fatalf("%v, %v", incidents, sum["scheduled_maintenances"])
		}
		first := incidents[0].(map[string]any)
		fields(t, "incident", first, map[string]any{"id": "4", "name": pick("Sites web\u00a0: ", "Web sites: ") + "serveur web3 injoignable", "status": "identified", "impact": "major",
			"shortlink": "https://info.example.org/" + lang + "/incident/4", "created_at": at(65 * time.Minute), "updated_at": at(4 * time.Minute), "started_at": at(65 * time.Minute),
			"monitoring_at": nil, "resolved_at": nil, "page_id": "vigie", "incident_updates": first["incident_updates"], "components": []any{components[0]}})
		updates := first["incident_updates"].([]any)
		fields(t, "update", updates[2], map[string]any{"id": "4-1", "incident_id": "4", "status": "investigating", "body": pick("Nous constatons une panne. L'équipe est dessus. Prochaine info à 14\u00a0h\u00a025.", "We see an outage. The team is on it. Next news at 14:25."),
			"created_at": at(65 * time.Minute), "updated_at": at(65 * time.Minute), "display_at": at(65 * time.Minute), "affected_components": nil})
		fields(t, "status.json", asJSON(t, h, "/"+lang+"/api/v2/status.json"), map[string]any{"page": sum["page"], "status": sum["status"]})
		fields(t, "components.json", asJSON(t, h, "/"+lang+"/api/v2/components.json"), map[string]any{"page": sum["page"], "components": sum["components"]})
		fields(t, "unresolved.json", asJSON(t, h, "/"+lang+"/api/v2/incidents/unresolved.json"), map[string]any{"page": sum["page"], "incidents": sum["incidents"]})
		for _, p := range []string{"scheduled-maintenances.json", "scheduled-maintenances/upcoming.json", "scheduled-maintenances/active.json"} {
			fields(t, p, asJSON(t, h, "/"+lang+"/api/v2/"+p), map[string]any{"page": sum["page"], "scheduled_maintenances": []any{}})
		}
		all := asJSON(t, h, "/"+lang+"/api/v2/incidents.json")["incidents"].([]any)
		if len(all) != 2 {
			t.Fatalf("%d incidents", len(all))
		}
		old := all[1].(map[string]any)
		if old["status"] != "resolved" || old["resolved_at"] != at(9*24*time.Hour-95*time.Minute) || old["impact"] != "major" {
			t.Errorf("the old incident is %v", old)
		}
	})
}

func TestStatuspageWords(t *testing.T) {
	s := newStore(t)
	h := newSite(t, config(), facts(), s)
	quiet := asJSON(t, h.Handler(), "/en/api/v2/summary.json")
	fields(t, "status", quiet["status"], map[string]any{"indicator": "none", "description": "All Systems Operational"})
	if fmt.Sprint(quiet["incidents"]) != "[]" {
		t.Errorf("incidents: %v", quiet["incidents"])
	}
	for severity, want := range map[int][2]string{1: {"critical", "major_outage"}, 3: {"minor", "degraded_performance"}, 4: {"minor", "degraded_performance"}} {
		s := newStore(t)
		put(t, s, time.Now(), func(tx *store.Tx) {
			i := incident(tx, store.Incident{Service: "mail", Severity: severity}, store.IncidentOngoing, "", 0)
			incident(tx, i, store.IncidentMonitoring, "", 0)
		})
		sum := asJSON(t, newSite(t, config(), facts(), s).Handler(), "/fr/api/v2/summary.json")
		inc := sum["incidents"].([]any)[0].(map[string]any)
		if got := sum["status"].(map[string]any)["indicator"]; got != want[0] || inc["impact"] != want[0] || inc["status"] != "monitoring" || inc["monitoring_at"] == nil {
			t.Errorf("severity %d: %v, %v", severity, got, inc)
		}
		if got := sum["components"].([]any)[1].(map[string]any)["status"]; got != want[1] {
			t.Errorf("severity %d: component %v", severity, got)
		}
	}
	for state, want := range map[string]string{"ongoing": "investigating", "review": "postmortem", "cancelled": "resolved", "resolved": "resolved"} {
		if got := spState(state); got != want {
			t.Errorf("%s is %s", state, got)
		}
	}
}

func TestCalendarIsReadBack(t *testing.T) {
	each(t, func(t *testing.T, lang string, h http.Handler, now time.Time) {
		raw := body(t, h, "/"+lang+"/calendar.ics")
		for line := range strings.SplitSeq(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("line of %d bytes: %q", len(line), line)
			}
		}
		cal, err := ical.NewDecoder(strings.NewReader(raw)).Decode()
		if err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		if len(cal.Events()) != 1 {
			t.Fatalf("%d events", len(cal.Events()))
		}
		e := cal.Events()[0]
		start, err := e.DateTimeStart(nil)
		evening := time.Date(2000, 2, 26, 20, 0, 0, 0, paris)
		if err != nil || !start.Equal(evening) {
			t.Errorf("starts %v (%v)", start, err)
		}
		uid, place := e.Props.Get(ical.PropUID).Value, e.Props.Get(ical.PropLocation).Value
		if uid != "meeting/"+store.CivilOf(evening, paris).String()+"@info.example.org" || place != "https://visio.example.org/vigie" {
			t.Errorf("uid %q, place %q", uid, place)
		}
		title, _ := e.Props.Text(ical.PropSummary)
		if want := map[string]string{"fr": "Réunion mensuelle", "en": "Monthly meeting"}[lang]; title != want {
			t.Errorf("title %q", title)
		}
		time.Sleep(20 * 24 * time.Hour) // it is over
		raw = body(t, h, "/"+lang+"/calendar.ics")
		if cal, err = ical.NewDecoder(strings.NewReader(raw)).Decode(); err != nil || len(cal.Events()) != 0 {
			t.Errorf("afterwards: %v\n%s", err, raw)
		}
	})
}

func TestCalendarFoldsAndEscapes(t *testing.T) {
	s := newStore(t)
	long := strings.Repeat("été, ; \\ ", 15)
	put(t, s, time.Now(), func(tx *store.Tx) {
		tx.PutPlanned(store.Planned{Schedule: "a", Kind: "meeting", Title: both(long, long), Civil: "2026-12-08T20:00", At: tx.Now.Add(time.Hour)})
		tx.PutPlanned(store.Planned{Schedule: "b", Kind: "news", Title: both("lettre", "letter"), Civil: "2026-12-08T20:00", At: tx.Now.Add(time.Hour)})
	})
	raw := body(t, newSite(t, config(), facts(), s).Handler(), "/calendar.ics")
	cal, err := ical.NewDecoder(strings.NewReader(raw)).Decode()
	if err != nil || len(cal.Events()) != 1 {
		t.Fatalf("%v\n%s", err, raw)
	}
	if got, err := cal.Events()[0].Props.Text(ical.PropSummary); err != nil || got != strings.TrimSpace(long) {
		t.Errorf("title %q (%v)", got, err)
	}
}

func TestBadge(t *testing.T) {
	each(t, func(t *testing.T, lang string, h http.Handler, _ time.Time) {
		rw := get(t, h, "/"+lang+"/badge.svg")
		var svg struct {
			XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
			Title   string   `xml:"title"`
			Role    string   `xml:"role,attr"`
			Text    []string `xml:"g>text"`
		}
		if err := xml.Unmarshal(rw.Body.Bytes(), &svg); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"fr": "une panne", "en": "one outage"}[lang]
		if svg.Role != "img" || !strings.HasSuffix(svg.Title, want) || svg.Text[1] != want || rw.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%+v", svg)
		}
		lacks(t, rw.Body.String(), "style", "script")
	})
	holds(t, body(t, newSite(t, config(), facts(), newStore(t)).Handler(), "/fr/badge.svg"), "tout va bien", "#116329")
}
