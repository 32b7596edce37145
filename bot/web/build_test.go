package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vigie/store"
)

func TestBuildWritesTheSameSite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * 24 * time.Hour)
		s := sample(t, time.Now())
		w := newSite(t, config(), facts(), s)
		dir := filepath.Join(t.TempDir(), "site")
		n, err := w.Build(dir)
		if err != nil || n < 50 {
			t.Fatalf("%d files, %v", n, err)
		}
		static, live := http.FileServer(http.Dir(dir)), w.Handler()
		for _, path := range []string{"/fr/", "/en/", "/", "/fr/incident/4/", "/incident/1/", "/fr/history/", "/en/feed.atom", "/fr/calendar.ics", "/badge.svg", "/api/v2/summary.json", "/fr/api/v2/incidents/unresolved.json", "/style.css", "/icon.svg"} {
			want := body(t, live, path2live(path))
			if got := copyLines.ReplaceAllString(body(t, static, path), ""); got != want {
				t.Errorf("%s is another page as a file:\n%.300s\n%.300s", path, got, want)
			}
		}
		holds(t, body(t, static, "/en/index.txt"), "One outage under way.")
		walkStatic(t, static, "/fr/", map[string]bool{})
		if n, err := w.Build(dir); err != nil || n != 0 {
			t.Errorf("nothing changed, but %d files did (%v)", n, err)
		}
		put(t, s, time.Now(), func(tx *store.Tx) {
			i, _ := tx.Incident(4)
			incident(tx, i, store.IncidentResolved, "", 0)
			old, _ := tx.Incident(1)
			old.State = store.IncidentMerged // public no more
			tx.PutIncident(old)
		})
		w.Turn(1, 0)
		if n, err := w.Build(dir); err != nil || n == 0 {
			t.Errorf("%d files changed (%v)", n, err)
		}
		holds(t, body(t, static, "/fr/"), "Aucune panne connue")
		for _, gone := range []string{"incident/1", "fr/incident/1", "en/incident/1"} {
			if _, err := os.Stat(filepath.Join(dir, gone)); err == nil {
				t.Errorf("%s is still there", gone)
			}
		}
		left := 0
		err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if raw, _ := os.ReadFile(p); strings.Contains(string(raw), canary) || strings.HasPrefix(d.Name(), ".") {
				t.Errorf("%s is private, or left over", p)
			}
			left++
			return err
		})
		if err != nil || left < 50 {
			t.Errorf("%d files: %v", left, err)
		}
	})
}

// copyLines are what a page has more of as a file than as the bot serves it.
var copyLines = regexp.MustCompile(`<meta http-equiv=.*/>\n<meta name="referrer".*/>\n<script src="/age.js" defer="defer"></script>\n`)

// path2live is where the bot itself serves what is a folder among files.
func path2live(path string) string {
	if strings.Count(path, "/") > 2 || path == "/history/" {
		return strings.TrimSuffix(path, "/")
	}
	return path
}

// walkStatic follows every link among the files, as a web server serves them.
func walkStatic(t *testing.T, h http.Handler, path string, seen map[string]bool) {
	if seen[path] {
		return
	}
	seen[path] = true
	rw := get(t, h, path)
	if rw.Code == http.StatusMovedPermanently { // to the folder
		walkStatic(t, h, strings.TrimSuffix(path, "/")+"/", seen)
		return
	}
	if rw.Code != http.StatusOK {
		t.Errorf("%s: %d", path, rw.Code)
		return
	}
	for _, m := range hrefs.FindAllStringSubmatch(pageOf(rw), -1) {
		walkStatic(t, h, m[1], seen)
	}
}

// pageOf is an answer's text when it is a page.
func pageOf(rw *httptest.ResponseRecorder) string {
	if !strings.HasPrefix(rw.Header().Get("Content-Type"), "text/html") {
		return ""
	}
	return rw.Body.String()
}

func TestBuildSaysWhatFailed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newSite(t, config(), facts(), newStore(t)).Build(filepath.Join(file, "site")); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a folder inside a file: %v", err)
	}
}
