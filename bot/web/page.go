package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS []byte

//go:embed age.js
var ageJS []byte

//go:embed icon.svg
var iconSVG []byte

// pageTemplate is parsed once and never changed.
var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// Form is the kind of page, for the template.
func (v *view) Form() string { return v.item.form }

// Number is the incident or year of the page.
func (v *view) Number() int { return v.item.n }

// Title is the document's title: the state first, for a tab that is narrow.
func (v *view) Title() string {
	site := v.Host + " – " + v.W("web.title")
	switch v.item.form {
	case formIncident:
		return v.Name(*v.Only()) + " – " + site
	case formHistory:
		return fmt.Sprintf("%s %d – %s", v.W("web.past"), v.item.n, site)
	case formMeeting:
		return v.In(v.Minutes().Title) + " – " + v.Day(v.Minutes().Began) + " – " + site
	case formMissing:
		return v.W("web.not_found") + " – " + site
	}
	return v.Head() + " – " + site
}

// page is an HTML page, or its plain text.
func (v *view) page() (*doc, error) {
	if v.item.plain {
		d := newDoc("text/plain; charset=utf-8", []byte(v.plain()))
		d.missing = v.missing()
		return d, nil
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	d := newDoc("text/html; charset=utf-8", b.Bytes())
	d.missing = v.missing()
	return d, nil
}

// missing tells whether there is nothing at the document's place.
func (v *view) missing() bool {
	switch v.item.form {
	case formIncident:
		return v.Only() == nil
	case formHistory:
		return len(v.Year()) == 0 && v.item.n != v.local(v.Now).Year()
	}
	return v.item.form == formMissing || v.item.form == formMeeting && v.Minutes() == nil
}

// plain is the page as text, for curl and for terminals.
func (v *view) plain() string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("%s – %s", v.Host, v.W("web.title"))
	if !v.Silent.IsZero() {
		line("%s", v.SilentFor())
	}
	line("")
	switch v.item.form {
	case formIncident:
		v.plainIncident(line, *v.Only(), mostPosts)
	case formHistory:
		line("%s %d", v.W("web.past"), v.item.n)
		v.plainPast(line, v.Year())
	case formMeeting:
		v.plainMinutes(line, *v.Minutes())
	case formMissing:
		line("%s. %s", v.W("web.not_found"), v.W("web.not_found_hint"))
	default:
		v.plainFront(line)
	}
	line("")
	line("%s", strings.TrimSpace(v.W("web.as_of")+" "+v.Date(v.Now)+". "+v.Zone()+" "+v.Rewritten()))
	return b.String()
}

func (v *view) plainFront(line func(string, ...any)) {
	line("%s.", v.Head())
	for _, i := range v.Open {
		line("")
		v.plainIncident(line, i, 3)
	}
	line("")
	for _, s := range v.Services {
		if s.Incident == nil && s.Work != nil {
			line("  ..  %s – %s", v.ServiceName(s.ID), v.W("web.works_now"))
			continue
		}
		if s.Incident == nil {
			line("  ok  %s", v.ServiceName(s.ID))
			continue
		}
		line("  !!  %s – %s", v.ServiceName(s.ID), v.Severity(*s.Incident))
	}
	line("\n%s", v.Answered())
	if list := v.Coming(); len(list) > 0 {
		line("\n%s", v.W("web.works_of"))
		for _, w := range list {
			line("  %s – %s, %s", v.WorkName(w), v.WorkState(w), v.Between(w))
			if w.Title != "" {
				line("    %s", w.Title)
			}
		}
	}
	if len(v.Events) > 0 {
		line("\n%s", v.W("web.events"))
	}
	for _, e := range v.Events {
		line("  %s – %s %s", v.Date(e.At), v.In(e.Title), e.Place)
	}
	for _, c := range v.Campaigns {
		line("\n%s", v.CampaignName(c))
		if c.Goal > 0 {
			line("  %s – %s", v.Percent(c.Percent), v.Raised(c))
		}
		if c.Link != "" {
			line("  %s", c.Link)
		}
	}
	for _, m := range v.LatestMinutes() {
		line("\n%s – %s %s", v.In(m.Title), v.Day(m.Began), v.URL(fmt.Sprintf("/meeting/%d", m.N)))
	}
	line("\n%s", v.W("web.past"))
	v.plainPast(line, v.Latest())
}

func (v *view) plainPast(line func(string, ...any), list []Incident) {
	if len(list) == 0 {
		line("  %s", v.W("web.no_past"))
	}
	for _, i := range list {
		line("  %s – %s – %s %s", v.Date(i.Opened), v.Name(i), v.StateOf(i.State), v.URL(fmt.Sprintf("/incident/%d", i.N)))
	}
}

func (v *view) plainIncident(line func(string, ...any), i Incident, most int) {
	line("%s – %s", v.Name(i), v.StateOf(i.State))
	if i.Ended.IsZero() {
		line("  %s %s (%s)", v.W("web.since"), v.Date(i.Opened), v.Severity(i))
	} else {
		line("  %s %s (%s)", v.W("web.began"), v.Date(i.Opened), v.With("web.lasted", "Time", v.Lasted(i)))
	}
	if extent := v.Extent(i); extent != "" {
		line("  %s", extent)
	}
	if most == mostPosts {
		for _, b := range i.Review {
			line("%s", strings.TrimRight("  "+strings.ToUpper(b.Head)+b.Text+strings.Join(b.Items, "\n  - "), " "))
		}
	}
	for _, p := range i.Posts[:min(len(i.Posts), most)] {
		line("  %s – %s – %s", v.Date(p.At), v.StateOf(p.State), v.Says(p))
	}
	switch {
	case i.Next.IsZero() || !i.Ended.IsZero():
	case v.Late(i.Next):
		line("  %s", v.With("web.next_late", "Time", v.Hour(i.Next)))
	default:
		line("  %s %s", v.W("web.next"), v.Hour(i.Next))
	}
	line("  %s", v.URL(fmt.Sprintf("/incident/%d", i.N)))
}
