package web

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// copied builds a static copy whose data are as old as said, and serves it.
func copied(t *testing.T, age time.Duration, inject string) *httptest.Server {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	if _, err := newSite(t, config(), facts(), sample(t, time.Now())).Build(dir); err != nil {
		t.Fatal(err)
	}
	files := http.FileServer(http.Dir(dir))
	stamp := regexp.MustCompile(`data-at="[^"]*"`)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/inject.js" {
			rw.Header().Set("Content-Type", "text/javascript")
			_, _ = fmt.Fprint(rw, inject)
			return
		}
		rec := httptest.NewRecorder()
		files.ServeHTTP(rec, r)
		page := rec.Body.String()
		if strings.HasSuffix(r.URL.Path, "/") {
			page = stamp.ReplaceAllString(page, `data-at="`+time.Now().Add(-age).UTC().Format(time.RFC3339)+`"`)
			if inject != "" { // instead of the page's own script: as if there were none
				page = strings.Replace(page, "/age.js", "/inject.js", 1)
			}
		}
		rw.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
		_, _ = fmt.Fprint(rw, page)
	}))
	t.Cleanup(srv.Close)
	return srv
}

// TestBrowserCopyTellsItsAge looks at a copy that nobody has written for three hours, and
// at one that is fresh.
func TestBrowserCopyTellsItsAge(t *testing.T) {
	chromium(t)
	old := browse(t, false, 500, 900, "--virtual-time-budget=2000", "--dump-dom", copied(t, 3*time.Hour+12*time.Minute, "").URL+"/fr/")
	holds(t, html.UnescapeString(old), `<p class="notice" role="status"`, ">Nous ne savons plus rien depuis 3\u00a0h\u00a012")
	fresh := browse(t, false, 500, 900, "--virtual-time-budget=2000", "--dump-dom", copied(t, time.Minute, "").URL+"/en/")
	holds(t, fresh, `<p class="notice fresh" role="status"`)
}

// TestBrowserPageTurnsHonestWithoutScript leaves a page open: its style alone tells after
// ten minutes that it knows nothing newer, and for how long.
func TestBrowserPageTurnsHonestWithoutScript(t *testing.T) {
	chromium(t)
	const look = `
const out = [];
const look = () => { const s = getComputedStyle(document.querySelector(".old")); out.push(s.visibility + " " + s.getPropertyValue("--open")); };
setTimeout(look, 60000); setTimeout(() => { look(); document.title = out.join(", "); }, 12.2 * 60000);`
	out := browse(t, false, 500, 900, "--virtual-time-budget=760000", "--dump-dom", copied(t, 0, look).URL+"/fr/")
	m := regexp.MustCompile("<title>(.*?)</title>").FindStringSubmatch(out)
	if m == nil || m[1] != "hidden 1, visible 12" {
		t.Errorf("the page says %v", m)
	}
}
