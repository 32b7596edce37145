package web

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/store"
)

// each runs a test for both languages on a sample seen now, in a bubble: its time
// begins at midnight UTC, 2000-01-01.
func each(t *testing.T, fn func(t *testing.T, lang string, h http.Handler, now time.Time)) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(40*24*time.Hour + 14*time.Hour) // 2000-02-10 15:00 in Paris
				now := time.Now()
				fn(t, lang, newSite(t, config(), facts(), sample(t, now)).Handler(), now)
			})
		})
	}
}

func TestFrontPageTellsAll(t *testing.T) {
	want := map[string][]string{
		"fr": {`<html lang="fr">`, "Une panne en cours", "Sites web\u00a0: serveur web3 injoignable", "panne partielle", "cause identifiée",
			"jeudi 10 février à\u00a013\u00a0h\u00a055", "Prochaine info à", "15\u00a0h\u00a026", "La moitié des sites", "Nous constatons une panne.",
			"Courriel", "fonctionne", "Réunion mensuelle", "samedi 26 février à\u00a020\u00a0h<", `href="https://visio.example.org/vigie"`, "Des disques neufs pour 2027", "65\u00a0%", "1\u202f560\u00a0€ réunis sur 2\u202f400\u00a0€",
			"https://don.example.org/?a=1&amp;b=2", "Pannes passées", "durée : 1\u00a0h\u00a035", "37\u00a0min ou moins à la moitié", "1\u00a0h\u00a006 ou moins à neuf", "Personne n&#39;est d&#39;astreinte"},
		"en": {`<html lang="en">`, "One outage under way", "Web sites: serveur web3", "partial outage", "cause identified",
			"Thursday 10 February, 13:55", "Next news at", "15:26", `lang="fr">La moitié des sites`, "We see an outage.",
			"Mail", "works", "Monthly meeting", "New disks for 2027", "65%", "€1,560 raised of €2,400", "Past outages", "lasted 1\u00a0h\u00a035", "within 37\u00a0min to half", "within 1\u00a0h\u00a006 to nine"},
	}
	each(t, func(t *testing.T, lang string, h http.Handler, _ time.Time) {
		page := body(t, h, "/"+lang+"/")
		holds(t, page, want[lang]...)
		lacks(t, page, "⟦", "ZgotmplZ", "<no value>", "<script", "style=", "http-equiv")
		if n := strings.Count(page, "visio.example.org"); n != 2 { // the link and its text: three reminders are one meeting
			t.Errorf("the meeting is shown %d times", n/2)
		}
		if body(t, h, "/?lang="+lang) != page || body(t, h, "/", "Accept-Language", lang+"-CA, de;q=0.5") != page {
			t.Error("the link and the browser get other pages")
		}
	})
}

func TestQuietHostSaysSo(t *testing.T) {
	h := newSite(t, config(), facts(), newStore(t)).Handler()
	fr := body(t, h, "/fr/")
	holds(t, fr, "Aucune panne connue", "Aucune panne enregistrée.", "L&#39;équipe est bénévole et personne n&#39;est d&#39;astreinte.")
	lacks(t, fr, "▲", "<progress", "À venir")
	holds(t, body(t, h, "/en/", "Accept", "text/plain"), "No known outage.", "ok  Web sites", "No outage on record.")
}

// TestOneAnswerIsNoMeasure: of a single ticket a median would tell too much.
func TestOneAnswerIsNoMeasure(t *testing.T) {
	s := newStore(t)
	put(t, s, time.Now().Add(-time.Hour), private)
	for n, want := range []string{"", "", "en 59\u00a0min ou moins à la moitié"} {
		put(t, s, time.Now().Add(-time.Minute), func(tx *store.Tx) { answer(tx, n+1) })
		page := body(t, newSite(t, config(), facts(), s).Handler(), "/fr/")
		if holds(t, page, want); want == "" {
			holds(t, page, "L&#39;équipe est bénévole et personne")
		}
	}
}

func TestLateNewsAreCalledLate(t *testing.T) {
	each(t, func(t *testing.T, lang string, h http.Handler, _ time.Time) {
		late := map[string]string{"fr": "La prochaine info était prévue à 15\u00a0h\u00a026.", "en": "The next news was meant for 15:26."}[lang]
		lacks(t, body(t, h, "/"+lang+"/"), late)
		time.Sleep(28 * time.Minute)
		for _, path := range []string{"/", "/incident/4"} {
			holds(t, body(t, h, "/"+lang+path), late)
			holds(t, body(t, h, "/"+lang+path, "Accept", "text/plain"), late)
		}
	})
}

func TestIncidentPages(t *testing.T) {
	each(t, func(t *testing.T, lang string, h http.Handler, _ time.Time) {
		open := body(t, h, "/"+lang+"/incident/4")
		holds(t, open, `id="p1"`, `id="p2"`, `id="p3"`, `href="#p3"`, "serveur web3", "Un disque", map[string]string{"fr": `href="/en/incident/4"`, "en": `href="/fr/incident/4"`}[lang])
		over := body(t, h, "/"+lang+"/incident/1")
		holds(t, over, map[string]string{"fr": "résolu", "en": "resolved"}[lang], map[string]string{"fr": "Début :", "en": "Began"}[lang])
		holds(t, body(t, h, "/"+lang+"/incident/4", "Accept", "text/plain"), "serveur web3", "https://info.example.org/"+lang+"/incident/4")
		for _, n := range []string{"2", "3", "99", "0", "-1", "+4", "04", "4x", "99999999999999999999", "%00"} { // 2 and 3 were never public
			rw := get(t, h, "/"+lang+"/incident/"+n)
			if rw.Code != http.StatusNotFound || rw.Header().Get("ETag") != "" {
				t.Errorf("incident %s: %d", n, rw.Code)
			}
			holds(t, rw.Body.String(), map[string]string{"fr": "n&#39;existe pas", "en": "does not exist"}[lang])
		}
	})
}

func TestHistoryKeepsEverythingByYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		for n := range 130 {
			put(t, s, time.Now(), func(tx *store.Tx) {
				i := incident(tx, store.Incident{Service: "web", Severity: 3, Title: fmt.Sprintf("numéro %d.", n)}, store.IncidentOngoing, "", 0)
				incident(tx, i, store.IncidentResolved, "", 0)
			})
			time.Sleep(7 * 24 * time.Hour)
		}
		h := newSite(t, config(), facts(), s).Handler()
		front := body(t, h, "/fr/")
		holds(t, front, "numéro 129.", "/fr/history")
		lacks(t, front, "numéro 100.")
		seen := 0
		for _, year := range []string{"2000", "2001", "2002"} {
			page := body(t, h, "/fr/history/"+year)
			seen += strings.Count(page, "numéro ")
			holds(t, page, year, `href="/fr/history/2000"`)
			holds(t, body(t, h, "/fr/history/"+year, "Accept", "text/plain"), "/fr/incident/")
		}
		if seen != 130 {
			t.Errorf("the history holds %d incidents", seen)
		}
		if body(t, h, "/fr/history") != body(t, h, "/fr/history/2002") {
			t.Error("the history does not begin with its last year")
		}
		holds(t, body(t, h, "/fr/incident/1"), "numéro 0.") // permalinks stay
		if rw := get(t, h, "/fr/history/1999"); rw.Code != http.StatusNotFound {
			t.Errorf("a year without history: %d", rw.Code)
		}
	})
}

// TestPagesAreLight fills the page beyond what a host ever has.
func TestPagesAreLight(t *testing.T) {
	s := sample(t, time.Now())
	put(t, s, time.Now(), func(tx *store.Tx) {
		for n := range 4 {
			i := incident(tx, store.Incident{Service: "mail", Severity: 1 + n, Title: strings.Repeat("titre ", 20)}, store.IncidentOngoing, "", time.Hour)
			for range 20 {
				i = incident(tx, i, store.IncidentOngoing, strings.Repeat("des nouvelles, ", 200), time.Hour)
			}
		}
	})
	h := newSite(t, config(), facts(), s).Handler()
	for _, lang := range []string{"fr", "en"} {
		page := body(t, h, "/"+lang+"/")
		if n := len(page) + len(styleCSS); n > 30_000 {
			t.Errorf("%s: the page and its style have %d bytes", lang, n)
		}
		holds(t, page, "…", map[string]string{"fr": "18 nouvelles plus anciennes", "en": "18 older pieces of news"}[lang])
	}
}

// TestPagesAreWellFormed reads every page as XML would have it, but for void elements,
// and follows every link within the site.
func TestPagesAreWellFormed(t *testing.T) {
	each(t, func(t *testing.T, lang string, h http.Handler, _ time.Time) {
		seen := map[string]bool{}
		walk(t, h, "/"+lang+"/", seen)
		for _, path := range []string{"/incident/4", "/incident/1", "/history", "/feed.atom", "/calendar.ics", "/api/v2/summary.json"} {
			if !seen["/"+lang+path] {
				t.Errorf("no page leads to %s", path)
			}
		}
	})
}

var hrefs = regexp.MustCompile(`href="(/[^"#]*)`)

func walk(t *testing.T, h http.Handler, path string, seen map[string]bool) {
	if seen[path] {
		return
	}
	seen[path] = true
	rw := get(t, h, path)
	if rw.Code != http.StatusOK {
		t.Fatalf("%s: %d", path, rw.Code)
	}
	if !strings.HasPrefix(rw.Header().Get("Content-Type"), "text/html") {
		return
	}
	page := rw.Body.String()
	checkPage(t, path, page)
	for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
		walk(t, h, m[1], seen)
	}
}

// void finds elements without an end.
var void = regexp.MustCompile(`<((?:meta|link|br)\b[^>]*)>`)

// checkPage holds a page against what screen readers need: nesting, one h1, no level
// left out, names for landmarks, ids that are there once and those referred to.
func checkPage(t *testing.T, path, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(void.ReplaceAllString(page, "<$1/>"))) // strict: every tag is closed in its place
	d.Entity = xml.HTMLEntity
	ids, refs, level, tops := map[string]bool{}, []string{}, 0, 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, page)
		}
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if name := el.Name.Local; len(name) == 2 && name[0] == 'h' && name[1] <= '6' {
			n := int(name[1] - '0')
			if n == 1 {
				tops++
			}
			if n > level+1 {
				t.Errorf("%s: a heading of level %d behind one of %d", path, n, level)
			}
			level = n
		}
		for _, a := range el.Attr {
			switch a.Name.Local {
			case "id":
				if ids[a.Value] {
					t.Errorf("%s: two elements have the id %s", path, a.Value)
				}
				ids[a.Value] = true
			case "aria-labelledby":
				refs = append(refs, a.Value)
			case "aria-label":
				if a.Value == "" {
					t.Errorf("%s: an empty label", path)
				}
			}
		}
	}
	for _, r := range refs {
		if !ids[r] {
			t.Errorf("%s: nothing has the id %s", path, r)
		}
	}
	if tops != 1 {
		t.Errorf("%s has %d main headings", path, tops)
	}
}

// TestTemplateSaysOnlyWhatExists looks for every sentence that the template names;
// those in code are looked for by the test of package words.
func TestTemplateSaysOnlyWhatExists(t *testing.T) {
	w := newSite(t, config(), facts(), newStore(t))
	ids := regexp.MustCompile(`"((?:web|incident)\.[a-z0-9_]+)"`).FindAllStringSubmatch(pageHTML, -1)
	if len(ids) < 15 {
		t.Fatalf("found only %d sentences", len(ids))
	}
	for _, m := range ids {
		for _, lang := range []string{"fr", "en"} {
			if !w.words.Has(lang, m[1]) {
				t.Errorf("%s is not said in %s", m[1], lang)
			}
		}
	}
}

func TestNothingElseIsThere(t *testing.T) {
	h := newSite(t, config(), facts(), newStore(t)).Handler()
	for _, path := range []string{"/nothing", "/fr/nothing", "/fr/../healthz/x", "/incident", "/fr/incident/4/x", "/api/v2/", "/.git/config", "/en/%2e%2e/x"} {
		if rw := get(t, h, path); rw.Code != http.StatusNotFound && rw.Code != http.StatusMovedPermanently && rw.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s: %d", path, rw.Code)
		}
	}
	holds(t, get(t, h, "/fr/nothing", "Accept-Language", "en").Body.String(), "n&#39;existe pas")
	if rw := get(t, h, "/en"); rw.Code != http.StatusPermanentRedirect || rw.Header().Get("Location") != "/en/" {
		t.Errorf("/en: %d %s", rw.Code, rw.Header().Get("Location"))
	}
}
