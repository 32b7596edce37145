package web

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"vigie/commands/words"
)

// view is one document in one language: what templates and renderers ask for words.
type view struct {
	State
	Lang string
	site *Site
	item item
}

// W is a sentence in the page's language.
func (v *view) W(id string) string { return v.site.words.Say(v.Lang, id, nil) }

// Count is a sentence that counts.
func (v *view) Count(id string, n int) string {
	return v.site.words.Say(v.Lang, id, words.Args{"Count": n})
}

// With is a sentence with one value in it.
func (v *view) With(id, name, value string) string {
	return v.site.words.Say(v.Lang, id, words.Args{name: value})
}

// In picks the page's language out of a text in both.
func (v *view) In(text map[string]string) string {
	if s := text[v.Lang]; s != "" {
		return s
	}
	if s := text["fr"]; s != "" {
		return s
	}
	return text["en"]
}

// Path is a page of the site in the page's language.
func (v *view) Path(rest string) string { return "/" + v.Lang + rest }

// URL is a document of the site, absolute.
func (v *view) URL(rest string) string { return v.site.base + v.Path(rest) }

// Here is this document's path after the language; the other language has it too.
func (v *view) Here() string {
	switch v.item.form {
	case formIncident, formHistory, formMeeting:
		return fmt.Sprintf("/%s/%d", v.item.form, v.item.n)
	}
	return "/"
}

// Other is the language that the page is not in.
func (v *view) Other() string {
	if v.Lang == "en" {
		return "fr"
	}
	return "en"
}

// OtherName is what speakers of the other language call it.
func (v *view) OtherName() string {
	return map[string]string{"fr": "Français", "en": "English"}[v.Other()]
}

func (v *view) local(t time.Time) time.Time { return t.In(v.site.facts.Zone) }

// Hour is an instant as the host's clocks show it.
func (v *view) Hour(t time.Time) string {
	if v.Lang == "en" {
		return v.local(t).Format("15:04")
	}
	t = v.local(t)
	if t.Minute() == 0 {
		return fmt.Sprintf("%d\u00a0h", t.Hour())
	}
	return fmt.Sprintf("%d\u00a0h\u00a0%02d", t.Hour(), t.Minute())
}

// Date is a day and hour, as people say them.
func (v *view) Date(t time.Time) string {
	if v.Lang == "en" {
		return v.Day(t) + ", " + v.Hour(t)
	}
	return v.Day(t) + " à\u00a0" + v.Hour(t)
}

// Day is a day; the year is said when it is not this one.
func (v *view) Day(t time.Time) string {
	t = v.local(t)
	form := "Monday 2 January"
	if t.Year() != v.local(v.Now).Year() {
		form += " 2006"
	}
	s := t.Format(form)
	if v.Lang == "en" {
		return s
	}
	days := [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	s = strings.Replace(s, t.Format("January"), months[t.Month()-1], 1)
	s = strings.Replace(s, t.Format("Monday"), days[t.Weekday()], 1)
	if t.Day() == 1 {
		s = strings.Replace(s, " 1 ", " 1er ", 1)
	}
	return s
}

// Stamp is an instant for machines, in a time element.
func (v *view) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// StaleAfter is at how many minutes the page's data are too old to be believed.
func (v *view) StaleAfter() int {
	return int(math.Ceil(max(10*time.Minute, 2*v.site.cfg.rewrite()).Minutes()))
}

// DayLetter is how the language writes the unit of days.
func (v *view) DayLetter() string {
	if v.Lang == "fr" {
		return "j"
	}
	return "d"
}

// Rewritten says how often the static copy is renewed, and so when an older one tells
// that nobody knows any more. Without a copy there is nothing to say.
func (v *view) Rewritten() string {
	if v.site.cfg.Static == "" {
		return ""
	}
	return v.With("web.rewritten", "Time", v.span(v.site.cfg.rewrite()))
}

// Copied tells whether the page is a file, for a server that knows nothing of us: it then
// brings its own policy, and the one script, which tells its age. What the bot serves
// itself needs neither.
func (v *view) Copied() bool { return v.item.copied }

// Policy is what a copy may load.
func (*view) Policy() string {
	return "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
}

// Zone names the clocks that hours are of.
func (v *view) Zone() string { return v.With("web.zone", "Zone", v.site.facts.Zone.String()) }

// Late tells whether news that were said for an instant should be there by now.
func (v *view) Late(next time.Time) bool { return v.Now.Sub(next) > time.Minute }

// StateOf is a state in words.
func (v *view) StateOf(s string) string { return v.W("incident.state_" + s) }

// Severity says how bad an incident is.
func (v *view) Severity(i Incident) string { return v.W(fmt.Sprintf("web.severity_%d", i.Severity)) }

// SeverityIs says a severity in words.
func (v *view) SeverityIs(n int) string {
	return v.W(fmt.Sprintf("web.severity_%d", min(max(n, 1), 4)))
}

// HasBars tells whether any service has bars to explain.
func (v *view) HasBars() bool {
	return slices.ContainsFunc(v.Services, func(s ServiceState) bool { return v.DaysKnown(s) > 0 })
}

// Extent says where an incident is, whom it concerns and whether data were lost, as far
// as it is known.
func (v *view) Extent(i Incident) string {
	var out []string
	if i.Site != "" {
		out = append(out, v.With("web.at_site", "Site", i.Site))
	}
	if i.Affected > 0 {
		out = append(out, v.Count("web.affected", i.Affected))
	}
	if i.Loss != "" {
		out = append(out, v.W("incident.data_loss_"+i.Loss))
	}
	return strings.Join(out, " ")
}

// Says is what a post says: its text, or what its state means.
func (v *view) Says(p Post) string {
	if p.Text != "" {
		return p.Text
	}
	return v.W("web.post_" + p.State)
}

// Tongue is the language of what a post says: what somebody wrote is in the
// host's, as far as we know.
func (v *view) Tongue(p Post) string {
	if p.Text != "" {
		return v.site.facts.Language
	}
	return v.Lang
}

// HostLang is the language that the host's people write in, as far as we know.
func (v *view) HostLang() string { return v.site.facts.Language }

// Short is what a post says on the front page, where long texts are cut.
func (v *view) Short(p Post) string { return cut(v.Says(p), 400) }

// Recent are the news of an incident that the front page shows.
func (v *view) Recent(i Incident) []Post { return i.Posts[:min(len(i.Posts), 3)] }

// Name is what an incident is called.
func (v *view) Name(i Incident) string {
	if i.Title == "" {
		return v.ServiceName(i.Service)
	}
	if v.Lang == "en" {
		return v.ServiceName(i.Service) + ": " + i.Title
	}
	return v.ServiceName(i.Service) + "\u00a0: " + i.Title
}

// ServiceName is a service's title, or its id when it has none.
func (v *view) ServiceName(id string) string {
	for _, s := range v.site.facts.Services {
		if s.ID == id {
			return cmp.Or(v.In(s.Title), id)
		}
	}
	return id
}

// CampaignName is a campaign's title, or what it asks for when it has none.
func (v *view) CampaignName(c Campaign) string { return cmp.Or(v.In(c.Title), v.W("web.give")) }

// Lasted is how long an incident that is over was open.
func (v *view) Lasted(i Incident) string { return v.span(i.Ended.Sub(i.Opened)) }

// span is a length of time, in minutes, hours or days.
func (v *view) span(d time.Duration) string {
	day := v.DayLetter()
	minutes := max(1, int((d + 30*time.Second).Minutes()))
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d\u00a0min", minutes)
	case minutes < 48*60 && minutes%60 == 0:
		return fmt.Sprintf("%d\u00a0h", minutes/60)
	case minutes < 48*60:
		return fmt.Sprintf("%d\u00a0h\u00a0%02d", minutes/60, minutes%60)
	}
	return fmt.Sprintf("%d\u00a0%s", (minutes+12*60)/(24*60), day)
}

// SilentFor is for how long nothing is known.
func (v *view) SilentFor() string {
	return v.With("web.silent", "Time", v.span(v.Silence))
}

// Percent is a share as the language writes it.
func (v *view) Percent(n int) string {
	if v.Lang == "en" {
		return fmt.Sprintf("%d%%", n)
	}
	return fmt.Sprintf("%d\u00a0%%", n)
}

// Raised says how far a campaign is.
func (v *view) Raised(c Campaign) string {
	return v.site.words.Say(v.Lang, "web.raised", words.Args{"Amount": v.euros(c.Amount), "Goal": v.euros(c.Goal)})
}

// euros writes cents.
func (v *view) euros(cents int64) string {
	s := fmt.Sprintf("%d", cents/100)
	sep := "\u202f"
	if v.Lang == "en" {
		sep = ","
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	if v.Lang == "en" {
		return "€" + s
	}
	return s + "\u00a0€"
}

// Answered says how long first answers take, honestly.
func (v *view) Answered() string {
	args := words.Args{"Until": ""}
	if !v.OnCall.IsZero() {
		args["Until"] = v.Date(v.OnCall)
	}
	if v.Measure.Median <= 0 {
		return v.site.words.Say(v.Lang, "web.no_measure", args)
	}
	args["Median"], args["P90"] = v.span(v.Measure.Median), v.span(v.Measure.P90)
	return v.site.words.Say(v.Lang, "web.median", args)
}

// Only is the incident that the page is about.
func (v *view) Only() *Incident {
	for _, list := range [][]Incident{v.Open, v.Past} {
		for i := range list {
			if list[i].N == v.item.n {
				return &list[i]
			}
		}
	}
	return nil
}

// Latest are the incidents over that the front page shows.
func (v *view) Latest() []Incident { return v.Past[:min(len(v.Past), 8)] }

// Year are the incidents that began in the page's year and are over.
func (v *view) Year() []Incident {
	var out []Incident
	for _, i := range v.Past {
		if v.local(i.Opened).Year() == v.item.n {
			out = append(out, i)
		}
	}
	return out
}

// Years are those that have a history, the newest first.
func (v *view) Years() []int {
	var out []int
	for _, i := range v.Past {
		if y := v.local(i.Opened).Year(); len(out) == 0 || out[len(out)-1] != y {
			out = append(out, y)
		}
	}
	return out
}

// Head is the state of everything in a few words.
func (v *view) Head() string {
	if len(v.Open) == 0 {
		return v.W("web.all_well")
	}
	return v.Count("web.outages", len(v.Open))
}

// cut keeps about n runes and shows that it did.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n])) + "…"
	}
	return s
}

// about is a view together with what a part of a page is about.
type about struct {
	*view
	It any
}

// About hands a part of the template both the view and its subject.
func (v *view) About(it any) about { return about{v, it} }

// Older is how many news of an incident the front page leaves out.
func (v *view) Older(i Incident) int { return len(i.Posts) - len(v.Recent(i)) }
