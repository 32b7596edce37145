package web

import (
	"context"
	_ "embed"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The tests of this file look at the site in headless Chromium. They run where
// there is one; VIGIE_BROWSER=1 makes a missing one a failure, VIGIE_BROWSER=0
// leaves them out, and VIGIE_BROWSER=update takes testdata/page.png anew.

//go:embed testdata/audit.js
var auditJS []byte

func chromium(t *testing.T) string {
	want := os.Getenv("VIGIE_BROWSER")
	if want == "0" || testing.Short() && want == "" {
		t.Skip("not asked for")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if want != "" {
		t.Fatal("chromium is not installed: apt install chromium")
	}
	t.Skip("chromium is not installed; VIGIE_BROWSER=1 makes this a failure")
	return ""
}

// browse runs Chromium on an address, width pixels wide, and gives back what it printed.
func browse(t *testing.T, dark bool, width, height int, args ...string) string {
	t.Helper()
	scheme := "1"
	if dark {
		scheme = "0"
	}
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir=" + t.TempDir(),
		"--blink-settings=preferredColorScheme=" + scheme, fmt.Sprintf("--window-size=%d,%d", width, height),
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging=stderr"}, args...)
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium(t), args...)
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, stderr.String())
	}
	if strings.Contains(stderr.String(), "CONSOLE") { // a violated policy, a missing resource
		t.Errorf("the browser complains:\n%s", stderr.String())
	}
	return stdout.String()
}

var report = regexp.MustCompile(`(?s)<pre id="audit">(.*?)\.</pre>`)

// TestBrowserFindsNothingWrong measures contrast, sizes, names and overflow on each
// kind of page, light and dark, on a phone and on a desk. The script that measures is
// let in by the test alone.
func TestBrowserFindsNothingWrong(t *testing.T) {
	chromium(t)
	site := newSite(t, config(), facts(), sample(t, time.Now())).Handler()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/audit.js" {
			rw.Header().Set("Content-Type", "text/javascript")
			_, _ = rw.Write(auditJS)
			return
		}
		if r.URL.Path == "/phone" { // no window is narrower than 500 pixels; a frame may be
			_, _ = fmt.Fprintf(rw, `<!doctype html><style>:root{color-scheme:light dark}</style><iframe src="%s" width="320" height="800"></iframe>`, html.EscapeString(r.URL.RawQuery))
			return
		}
		r.Header.Del("Accept-Encoding")
		rec := httptest.NewRecorder()
		site.ServeHTTP(rec, r)
		rw.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
		page := strings.Replace(rec.Body.String(), "</head>", `<script src="/audit.js"></script></head>`, 1)
		_, _ = rw.Write([]byte(page))
	}))
	defer srv.Close()
	for n, path := range []string{"/fr/", "/en/", "/fr/incident/4", "/en/incident/1", "/fr/history", "/en/nothing"} {
		measured(t, srv.URL+"/phone?"+path, n%2 == 0, 320)
		if n < 2 {
			measured(t, srv.URL+path, n%2 != 0, 1200)
		}
	}
}

// measured browses one page and reads what the script found.
func measured(t *testing.T, url string, dark bool, width int) {
	t.Helper()
	out := browse(t, dark, 1200, 1400, "--dump-dom", url)
	m := report.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("%s was not measured:\n%.2000s", url, out)
	}
	head, wrong, _ := strings.Cut(html.UnescapeString(m[1]), "\n")
	if strings.TrimSpace(wrong) != "" || strings.HasPrefix(head, "texts 0") || !strings.HasSuffix(head, fmt.Sprintf("dark %v width %d", dark, width)) {
		t.Errorf("%s, %s:\n%s", url, head, wrong)
	}
}

// TestBrowserShowsThePage loads the site as it is served, under its own policy.
func TestBrowserShowsThePage(t *testing.T) {
	chromium(t)
	srv := httptest.NewServer(newSite(t, config(), facts(), sample(t, time.Now())).Handler())
	defer srv.Close()
	shot := filepath.Join(t.TempDir(), "page.png")
	if os.Getenv("VIGIE_BROWSER") == "update" {
		shot = filepath.Join("testdata", "page.png")
	}
	browse(t, false, 500, 1470, "--screenshot="+shot, srv.URL+"/fr/")
	info, err := os.Stat(shot)
	if err != nil || info.Size() < 10_000 {
		t.Errorf("the picture: %v, %v", info, err)
	}
}
