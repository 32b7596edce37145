package probe

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vigie/runbooks"
)

const goodPage = "<html><head><title>Bonjour</title></head><body><p>Une page.</p></body></html>"

// site puts www.site.test on the world, with one handler on both ports.
func (w *world) site(h http.HandlerFunc) {
	w.rr("www.site.test. 300 IN A 185.96.10.1")
	w.connect("www.site.test:443", web(w.t, w.ca.issue(nil, "www.site.test"), h))
	w.connect("www.site.test:80", web(w.t, nil, h))
}

func TestHTTPByStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		body   string
		want   runbooks.Verdict
		hint   string
	}{
		{200, goodPage, "ok", "none"},
		{200, "", "blank", "none"},
		{200, "<html><head><title>x</title></head><body>\n</body></html>", "blank", "none"},
		{401, goodPage, "forbidden", "none"},
		{403, goodPage, "forbidden", "none"},
		{404, goodPage, "not_found", "none"},
		{410, goodPage, "not_found", "none"},
		{418, goodPage, "client_error", "none"},
		{304, "", "client_error", "none"},
		{500, goodPage, "server_error", "none"},
		{502, goodPage, "gateway", "none"},
		{503, goodPage, "unavailable", "none"},
		{504, goodPage, "gateway", "none"},
		{503, "<title>Site en travaux</title><h1>Attention : un problème technique (serveur SQL) empêche l'accès</h1>", "unavailable", "spip_db"},
		{200, "<title>Ce site</title>Ce site n'est pas encore configuré. Revenez plus tard", "ok", "spip_setup"},
		{200, "<h1>Error establishing a database connection</h1>", "server_error", "wp_db"},
		{500, "<p>There has been a critical error on this website.</p>", "server_error", "wp_critical"},
		{500, "The website encountered an unexpected error. Please try again later.", "server_error", "drupal_error"},
		{503, "<title>Maintenance</title>asso is currently under maintenance. We should be back shortly.", "unavailable", "drupal_maintenance"},
		{200, "<br /><b>Fatal error</b>:  Uncaught Error: Call to undefined function mysql_connect()", "server_error", "php_fatal"},
		{200, "<title>Apache2 Debian Default Page: It works</title>Apache2 Debian Default Page", "ok", "apache_default"},
		{200, "<title>Domain Default page</title>Powered by Plesk", "ok", "panel_default"},
		{200, "<title>Index of /wp</title><h1>Index of /wp</h1>", "ok", "directory_listing"},
		{200, "<title>asso.test</title>This domain is for sale", "ok", "parking"},
		{503, "<title>Site en maintenance</title>Revenez bientôt", "unavailable", "maintenance"},
		{403, "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>", "forbidden", "bot_challenge"},
		{200, "<title>Blog</title>Notre atelier « fatal error » parle de maintenance et d'error establishing a database connection.", "ok", "none"},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprintf("%d_%d_%s", i, tt.status, tt.hint), func(t *testing.T) {
			w := newWorld(t)
			w.site(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Server", "Apache\t<b>2</b>\u202e")
				rw.WriteHeader(tt.status)
				_, _ = io.WriteString(rw, tt.body)
			})
			w.want(tt.want, map[string]any{
				"status": int64(tt.status), "hint": tt.hint, "v6": "none", "final_host": "www.site.test", "bytes": int64(len(tt.body)),
			}, "http", "url", "https://www.site.test/")
		})
	}
}

func TestHTTPFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var agent atomic.Value
	w.cfg.Name, w.cfg.Contact = "Asso d'hébergement", "https://host.example/contact"
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		if r.URL.Path == "/" {
			http.Redirect(rw, r, "https://www.site.test/accueil", http.StatusMovedPermanently)
			return
		}
		_, _ = io.WriteString(rw, "<title>  Caf\xe9 &amp; th\xe9 \u202e</title>text")
	})
	rep := w.want("ok", map[string]any{"hops": int64(1), "v4": "ok", "v6": "none"}, "http", "url", "http://WWW.Site.test./#top")
	if title := rep.Fields["title"].(string); !strings.HasPrefix(title, "Café & thé") {
		t.Errorf("title %q", title)
	}
	got := agent.Load().(string)
	if !strings.Contains(got, "Asso d'h") || !strings.Contains(got, "https://host.example/contact") || hasRobotWord(got) {
		t.Errorf("user agent %q", got)
	}
}

func TestUserAgentNeverHoldsRobotWords(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"Les Robots", "spider@asso.test", "CRAWL", "a\r\nX: y", "(((", strings.Repeat("é", 300)} {
		ua := userAgent(part, part)
		if hasRobotWord(ua) || strings.ContainsAny(ua, "\r\n") || len(ua) > 250 {
			t.Errorf("%q gives %q", part, ua)
		}
	}
}

func TestHTTPExpect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/admin" {
			rw.WriteHeader(401)
		}
		_, _ = io.WriteString(rw, goodPage)
	})
	w.want("ok", nil, "http", "url", "https://www.site.test/admin", "expect", "401")
	w.want("forbidden", nil, "http", "url", "https://www.site.test/admin", "expect", "200")
	w.want("ok", nil, "http", "url", "https://www.site.test/", "expect", "200")
	w.want("client_error", nil, "http", "url", "https://www.site.test/", "expect", "401")
	w.want("ok", nil, "http", "url", "https://www.site.test/", "expect", "une PAGE")
	w.want("blank", nil, "http", "url", "https://www.site.test/", "expect", "adhésion")
}

func TestHTTPSlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.SlowAfter = 30 * time.Millisecond
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		<-time.After(80 * time.Millisecond) // a server's slowness is what is tested
		_, _ = io.WriteString(rw, goodPage)
	})
	rep := w.want("slow", map[string]any{"v4": "ok"}, "http", "url", "https://www.site.test/")
	if ms := rep.Fields["ttfb_ms"].(int64); ms < 60 {
		t.Errorf("ttfb_ms %d", ms)
	}
}

func TestHTTPRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var visits atomic.Int64
	w.rr("elsewhere.test. 60 IN A 185.96.10.2")
	w.connect("elsewhere.test:443", serve(t, func(net.Conn) { t.Error("another domain was visited") }))
	w.site(func(rw http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		to := map[string]string{
			"/self": "/self", "/a": "/b", "/b": "/a", "/1": "/2", "/2": "/3", "/3": "/4", "/4": "/5", "/m1": "/m2", "/m2": "/m3", "/m3": "/end",
			"/away": "https://elsewhere.test/x",
		}[r.URL.Path]
		switch {
		case r.URL.Path == "/cookie" && r.Header.Get("Cookie") == "":
			http.SetCookie(rw, &http.Cookie{Name: "seen", Value: "1"})
			http.Redirect(rw, r, "/cookie", http.StatusFound)
		case to != "":
			http.Redirect(rw, r, to, http.StatusFound)
		default:
			_, _ = io.WriteString(rw, goodPage)
		}
	})
	w.want("redirect_loop", nil, "http", "url", "https://www.site.test/self")
	w.want("redirect_loop", nil, "http", "url", "https://www.site.test/a")
	visits.Store(0)
	w.cfg.ConfirmAfter = -1
	w.want("redirect_loop", nil, "http", "url", "https://www.site.test/1")
	if n := visits.Load(); n != maxRedirects+1 {
		t.Errorf("%d visits for a chain of redirects, want %d", n, maxRedirects+1)
	}
	w.want("ok", map[string]any{"hops": int64(3)}, "http", "url", "https://www.site.test/m1")
	w.want("ok", map[string]any{"hops": int64(1)}, "http", "url", "https://www.site.test/cookie")
	w.want("redirect_away", map[string]any{"final_host": "elsewhere.test", "status": int64(302)}, "http", "url", "https://www.site.test/away")
}

func TestHTTPBrokenConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("www.site.test. 60 IN A 185.96.10.1", "void.test. 60 IN TXT nothing")
	w.connect("www.site.test:443", closedPort(t))
	w.want("refused", map[string]any{"v4": "fail"}, "http", "url", "https://www.site.test/")
	w.connect("www.site.test:80", serve(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1024))
		_ = c.(*net.TCPConn).SetLinger(0)
	}))
	w.want("reset", nil, "http", "url", "http://www.site.test/")
	w.connect("www.site.test:80", serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }))
	w.want("timeout", nil, "http", "url", "http://www.site.test/")
	w.connect("www.site.test:80", serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH\r\n") }))
	w.want("server_error", nil, "http", "url", "http://www.site.test/")
	w.connect("www.site.test:443", serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.0 400 Bad\r\n\r\n") }))
	w.want("tls_error", nil, "http", "url", "https://www.site.test/")
	w.connect("www.site.test:443", web(t, w.ca.issue(nil, "other.test"), func(http.ResponseWriter, *http.Request) {}))
	w.want("tls_error", nil, "http", "url", "https://www.site.test/")
	w.want("dns_error", map[string]any{"v4": "none", "v6": "none"}, "http", "url", "https://nowhere.test/")
	w.want("dns_error", nil, "http", "url", "https://void.test/")
}

func TestHTTPHalfUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.site(func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, goodPage) })
	w.rr("www.site.test. 60 IN AAAA 2a0c:e300::1")
	w.want("ok", map[string]any{"v4": "ok", "v6": "ok"}, "http", "url", "https://www.site.test/")
	w.connect("[2a0c:e300::1]:443", closedPort(t))
	rep := w.want("ok", map[string]any{"v4": "ok", "v6": "fail"}, "http", "url", "https://www.site.test/")
	if !rep.Confirmed || !strings.Contains(rep.Detail, "refused") {
		t.Errorf("half up must be seen twice and explained: %+v", rep)
	}
	w.connect("185.96.10.1:443", closedPort(t))
	w.connect("[2a0c:e300::1]:443", w.cfg.Lab.ConnectTo["www.site.test:443"])
	w.want("refused", map[string]any{"v4": "fail", "v6": "ok"}, "http", "url", "https://www.site.test/")
}

func TestHTTPOnlyIPv6(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rr("six.test. 60 IN AAAA 2a0c:e300::1")
	w.connect("six.test:80", web(t, nil, func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, goodPage) }))
	w.want("ok", map[string]any{"v4": "none", "v6": "ok"}, "http", "url", "http://six.test/")
}

// TestHTTPBombs: whatever a server sends, the answer comes in bounded time and memory.
func TestHTTPBombs(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 30 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	endless := func(c net.Conn, start, more string) {
		_, _ = c.Read(make([]byte, 1024))
		_, err := io.WriteString(c, start)
		for err == nil {
			_, err = io.WriteString(c, more)
		}
	}
	tests := map[string]struct {
		talk func(net.Conn)
		want runbooks.Verdict
	}{
		"endless header": {func(c net.Conn) { endless(c, "HTTP/1.1 200 OK\r\n", "X-A: "+strings.Repeat("a", 1000)+"\r\n") }, "server_error"},
		"endless line":   {func(c net.Conn) { endless(c, "HTTP/1.1 200 OK\r\nX: ", strings.Repeat("a", 1000)) }, "server_error"},
		"endless body":   {func(c net.Conn) { endless(c, "HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("a", 64<<10)) }, "ok"},
		"endless 1xx":    {func(c net.Conn) { endless(c, "", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n") }, "server_error"},
		"slow bytes": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1024))
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			for err == nil {
				<-time.After(20 * time.Millisecond)
				_, err = io.WriteString(c, "a")
			}
		}, "timeout"},
		"gzip bomb": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1024))
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", bomb.Len())
			_, _ = c.Write(bomb.Bytes())
		}, "ok"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.cfg.ConfirmAfter, w.cfg.MaxBody = -1, 2<<20
			w.rr("www.site.test. 60 IN A 185.96.10.1")
			w.connect("www.site.test:80", serve(t, tt.talk))
			begin := time.Now()
			rep := w.want(tt.want, nil, "http", "url", "http://www.site.test/")
			if took := time.Since(begin); took > 4*time.Second {
				t.Errorf("took %s", took)
			}
			if n, ok := rep.Fields["bytes"].(int64); ok && n > 2<<20 {
				t.Errorf("read %d bytes", n)
			}
		})
	}
}
