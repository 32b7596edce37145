package web

import (
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The parts of RFC 4287 that the feed uses.
type (
	atomFeed struct {
		XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang      string      `xml:"xml:lang,attr"`
		ID        string      `xml:"id"`
		Title     string      `xml:"title"`
		Updated   string      `xml:"updated"`
		Author    string      `xml:"author>name"`
		Links     []atomLink  `xml:"link"`
		Generator string      `xml:"generator"`
		Entries   []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		ID        string       `xml:"id"`
		Title     string       `xml:"title"`
		Published string       `xml:"published"`
		Updated   string       `xml:"updated"`
		Link      atomLink     `xml:"link"`
		Category  atomCategory `xml:"category"`
		Content   atomContent  `xml:"content"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Body string `xml:",chardata"`
	}
)

// mostEntries is how many updates the feed holds.
const mostEntries = 50

// atom is the feed (RFC 4287), one entry per update: what was said later is an
// entry of its own, and neither an entry nor its id ever changes.
func (v *view) atom() (*doc, error) {
	f := atomFeed{Lang: v.Lang, ID: v.id("feed"), Title: v.Host + " – " + v.W("web.title"), Author: v.Host, Generator: "Vigie",
		Links: []atomLink{{"self", "application/atom+xml", v.URL("/feed.atom")}, {"alternate", "text/html", v.URL("/")}}}
	newest := time.Unix(0, 0) // nothing was ever said
	v.workEntries(&f, &newest)
	for _, u := range v.updates(mostEntries) {
		path := fmt.Sprintf("/incident/%d", u.N)
		at := v.Stamp(u.Post.At)
		f.Entries = append(f.Entries, atomEntry{ID: v.id(fmt.Sprintf("incident/%d/%d", u.N, u.Post.Seq)), Title: v.Name(u.Incident) + " – " + v.StateOf(u.Post.State),
			Published: at, Updated: at, Link: atomLink{"alternate", "text/html", v.URL(fmt.Sprintf("%s#p%d", path, u.Post.Seq))},
			Category: atomCategory{u.Service}, Content: atomContent{"html", v.entry(u.Post)}})
		if u.Post.At.After(newest) {
			newest = u.Post.At
		}
	}
	slices.SortStableFunc(f.Entries, func(a, b atomEntry) int { return strings.Compare(b.Updated, a.Updated) })
	f.Entries = f.Entries[:min(len(f.Entries), mostEntries)]
	f.Updated = v.Stamp(newest)
	out, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	return newDoc("application/atom+xml; charset=utf-8", append([]byte(xml.Header), out...)), nil
}

// workEntries adds one entry per word about planned works.
func (v *view) workEntries(f *atomFeed, newest *time.Time) {
	for _, w := range v.Works {
		for _, p := range w.Posts {
			at := v.Stamp(p.At)
			f.Entries = append(f.Entries, atomEntry{ID: v.id(fmt.Sprintf("maintenance/%d/%d", w.N, p.Seq)), Title: v.W("web.work_"+p.State) + " " + v.WorkName(w),
				Published: at, Updated: at, Link: atomLink{"alternate", "text/html", v.URL(fmt.Sprintf("/#m%d", w.N))},
				Category: atomCategory{w.Service}, Content: atomContent{"html", "<p>" + html.EscapeString(v.workSays(w, p)) + "</p>"}})
			if p.At.After(*newest) {
				*newest = p.At
			}
		}
	}
}

// entry is an update as escaped HTML.
func (v *view) entry(p Post) string {
	s := "<p>" + html.EscapeString(v.Says(p)) + "</p>"
	if !p.Next.IsZero() {
		s += "<p>" + html.EscapeString(v.W("web.next")+" "+v.Hour(p.Next)+".") + "</p>"
	}
	return s
}

// update is one public word and what it is about.
type update struct {
	Incident
	Post Post
}

// updates are the newest public words, the newest first.
func (v *view) updates(most int) []update {
	var out []update
	for _, list := range [][]Incident{v.Open, v.Past} {
		for _, i := range list {
			for _, p := range i.Posts {
				out = append(out, update{i, p})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b update) int { return b.Post.At.Compare(a.Post.At) })
	return out[:min(len(out), most)]
}

// id names a thing of the site for ever, in one language: translations are
// entries of their own. It is a tag URI (RFC 4151); the date is a fixed part of it.
func (v *view) id(what string) string {
	return fmt.Sprintf("tag:%s,2026:%s/%s", v.site.host(), v.Lang, what)
}

// host is the site's name without a port.
func (w *Site) host() string {
	if u, err := url.Parse(w.base); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}
