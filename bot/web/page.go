package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"vigie/commands/words"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS []byte

// view is one page in one language.
type view struct {
	State
	Lang, Other string
	Only        *Incident
	site        *Site
}

// W is a sentence in the page's language.
func (v view) W(id string) string { return v.site.words.Say(v.Lang, id, nil) }

// In picks the page's language out of a text in both.
func (v view) In(text map[string]string) string {
	if s := text[v.Lang]; s != "" {
		return s
	}
	return text["fr"]
}

// Hour is an instant as the host's clocks show it.
func (v view) Hour(t time.Time) string { return t.In(v.site.facts.Zone).Format("15:04") }

// Date is a day and hour.
func (v view) Date(t time.Time) string { return t.In(v.site.facts.Zone).Format("02/01/2006 15:04") }

// Stamp is an instant for machines, in a time element.
func (v view) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// StateOf is a state in words.
func (v view) StateOf(s string) string { return v.W("incident.state_" + s) }

// Service is a service's title.
func (v view) Service(id string) string { return v.site.title(v.Lang, id) }

// Euros writes cents.
func (v view) Euros(cents int64) string {
	if v.Lang == "en" {
		return fmt.Sprintf("€%d", cents/100)
	}
	return fmt.Sprintf("%d €", cents/100)
}

// Answered says how long first answers take, honestly.
func (v view) Answered() string {
	if v.Median == 0 {
		return v.W("web.no_measure")
	}
	return v.site.words.Say(v.Lang, "web.median", words.Args{"Time": roundish(v.Median)})
}

func roundish(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d min", max(1, int(d.Minutes())))
	}
	return fmt.Sprintf("%d h", int(d.Hours()+0.5))
}

func (w *Site) title(lang, id string) string {
	for _, s := range w.facts.Services {
		if s.ID == id && s.Title[lang] != "" {
			return s.Title[lang]
		}
	}
	return id
}

func (w *Site) page(rw http.ResponseWriter, r *http.Request) { w.show(rw, r, 0) }

func (w *Site) incidentPage(rw http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 {
		http.NotFound(rw, r)
		return
	}
	w.show(rw, r, n)
}

// show writes the whole page, or that of one incident.
func (w *Site) show(rw http.ResponseWriter, r *http.Request, only int) {
	s, err := w.state()
	if err != nil {
		http.Error(rw, "indisponible / unavailable", http.StatusServiceUnavailable)
		return
	}
	v := view{State: s, Lang: w.lang(r), site: w}
	if v.Other = "en"; v.Lang == "en" {
		v.Other = "fr"
	}
	if only > 0 {
		for _, list := range [][]Incident{s.Open, s.Past} {
			for i := range list {
				if list[i].N == only {
					v.Only = &list[i]
				}
			}
		}
		if v.Only == nil {
			http.NotFound(rw, r)
			return
		}
	}
	rw.Header().Set("Vary", "Accept-Language, Accept")
	rw.Header().Set("Content-Language", v.Lang)
	if strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = rw.Write([]byte(v.plain()))
		return
	}
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		http.Error(rw, "template", http.StatusInternalServerError)
		return
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		w.log.Error("info page", "err", err)
		http.Error(rw, "template", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = rw.Write(b.Bytes())
}

// lang is the language of a request: its link's, else its browser's, else the host's.
func (w *Site) lang(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); l == "fr" || l == "en" {
		return l
	}
	if h := r.Header.Get("Accept-Language"); h != "" {
		m := language.NewMatcher([]language.Tag{language.French, language.English})
		if tags, _, err := language.ParseAcceptLanguage(h); err == nil {
			if _, i, c := m.Match(tags...); c > language.No {
				return [...]string{"fr", "en"}[i]
			}
		}
	}
	if w.facts.Language == "en" {
		return "en"
	}
	return "fr"
}

// plain is the page for curl.
func (v view) plain() string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("%s — %s (%s)", v.Name, v.W("web.title"), v.Date(v.Now))
	if len(v.Open) == 0 {
		line("%s", v.W("web.all_well"))
	}
	for _, i := range v.Open {
		line("! %s : %s (%s)", v.Service(i.Service), v.StateOf(i.State), v.Date(i.Opened))
		for _, p := range i.Posts {
			line("  %s %s %s", v.Date(p.At), v.StateOf(p.State), p.Text)
		}
		if !i.Next.IsZero() {
			line("  %s %s", v.W("web.next"), v.Hour(i.Next))
		}
	}
	for _, e := range v.Events {
		line("- %s : %s %s", v.Date(e.At), v.In(e.Title), e.Place)
	}
	return b.String()
}

func (w *Site) style(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = rw.Write(styleCSS)
}
