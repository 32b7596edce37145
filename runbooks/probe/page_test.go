package probe

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestHints(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status     int
		body, want string
	}{
		{503, "<title>Site under construction</title>Warning: a technical problem (SQL server) prevents access", "spip_db"},
		{500, "<title>Erreur</title>Erreur lors de la connexion à la base de données", "wp_db"},
		{500, "Il y a eu une erreur critique sur ce site.", "wp_critical"},
		{500, "<title>Error</title>The website encountered an unexpected error.", "drupal_error"},
		{200, "PHP Fatal error:  Allowed memory size exhausted", "php_fatal"},
		{200, "<br />\n<b>Parse error</b>: syntax error", "php_fatal"},
		{503, "Briefly unavailable for scheduled maintenance. Check back in a minute.", "maintenance"},
		{200, "<title>Site en travaux</title>en travaux", "maintenance"},
		{200, "<h1>It works!</h1>", "apache_default"},
		{200, "<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>", "apache_default"},
		{200, "<title>Default Web Site Page</title>cPanel", "panel_default"},
		{200, "<title>Index of /photos</title><a>Parent Directory</a>", "directory_listing"},
		{200, "<title>x</title>Ce nom de domaine est &agrave; vendre", "parking"},
		{200, "<title>Making sure you&#39;re not a bot!</title>", "bot_challenge"},
		// Pages that only speak of such things.
		{200, "<title>Notre hébergement</title>Nous utilisons AlternC, jamais cPanel ni Plesk.", "none"},
		{200, "<title>Blog</title>The website encountered an unexpected error, disait-il.", "none"},
		{200, "<title>Atelier</title>La maintenance des vélos, en travaux pratiques", "none"},
		{200, "<title>Guide</title>WordPress dit : there has been a critical error on this website", "none"},
		{200, "<title>Index des auteurs</title>parent directory", "none"},
		{200, "<title>Robots</title>Ceci n'est pas un robot", "none"},
		{404, "", "none"},
	}
	for _, tt := range tests {
		if got := hintOf(&page{status: tt.status, body: []byte(tt.body), header: http.Header{}}); got != tt.want {
			t.Errorf("%d %.60q: hint %s, want %s", tt.status, tt.body, got, tt.want)
		}
	}
	challenge := &page{status: 403, header: http.Header{"Cf-Mitigated": {"challenge"}}}
	if got := hintOf(challenge); got != "bot_challenge" {
		t.Errorf("a challenge told by header: %s", got)
	}
}

func TestBlank(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		"":               true,
		" \r\n\t":        true,
		"\xef\xbb\xbf\n": true,
		"<!doctype html><html><head><title>T</title></head><body></body></html>": true,
		"<body><!-- rien --><div></div><p>&nbsp;</p></body>":                     true,
		"<body>.</body>":                               false,
		"<body><img src=x></body>":                     false,
		"<div id=app></div><script src=a.js></script>": false,
		strings.Repeat(" ", 20<<10):                    false, // odd, but not nothing
	} {
		if got := isBlank([]byte(body)); got != want {
			t.Errorf("isBlank(%.40q) = %v", body, got)
		}
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"<title>A &lt;b&gt; &eacute;</title>":             "A <b> é",
		"<TITLE lang=fr>\n Deux\n lignes </TITLE>":        "Deux lignes",
		"<title>\xe9t\xe9</title>":                        "été",
		"<title>" + strings.Repeat("é", 100) + "</title>": strings.Repeat("é", 60),
		"<title>sans fin":                                 "",
		"<title>" + strings.Repeat("a", 600) + "</title>": "",
		"<title>a\x00\u202eb&#8238;c&#0;</title>":         "a bc",
	} {
		if got := titleOf([]byte(body)); got != want {
			t.Errorf("titleOf(%.40q) = %q, want %q", body, got, want)
		}
	}
}

// broken gives its text, then an error.
type broken struct {
	r   io.Reader
	err error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(bytes.Repeat([]byte("a"), 5000))
	_ = z.Close()
	long := strings.Repeat("a", keptBody+1000)
	gz := http.Header{"Content-Encoding": {"gzip"}}
	tests := []struct {
		name   string
		body   string
		err    error
		header http.Header
		length int64
		size   int64
		fine   bool
	}{
		{"whole", "abc", nil, nil, 3, 3, true},
		{"closed without goodbye", "abc", io.ErrUnexpectedEOF, nil, -1, 3, true},
		{"cut", "abc", io.ErrUnexpectedEOF, nil, 10, 3, false},
		{"late", "abc", errDeadline{}, nil, -1, 3, false},
		{"long and late", long, errDeadline{}, nil, -1, int64(len(long)), true},
		{"gzip", zipped.String(), nil, gz, -1, 5000, true},
		{"gzip of nothing", "", nil, gz, 0, 0, true},
		{"not gzip", "plain text here", nil, gz, -1, 0, false},
		{"limit", strings.Repeat("a", 2*keptBody), nil, nil, -1, keptBody + 5000, true},
	}
	for _, tt := range tests {
		end := tt.err
		if end == nil {
			end = io.EOF
		}
		resp := &http.Response{Header: tt.header, ContentLength: tt.length, Body: io.NopCloser(&broken{strings.NewReader(tt.body), end})}
		p := &page{}
		err := p.read(resp, keptBody+5000)
		if (err == nil) != tt.fine || p.size != tt.size || len(p.body) > keptBody {
			t.Errorf("%s: %d bytes, %d kept, %v", tt.name, p.size, len(p.body), err)
		}
	}
}

// errDeadline is what a connection says when its time is over.
type errDeadline struct{}

func (errDeadline) Error() string { return "i/o timeout" }
func (errDeadline) Timeout() bool { return true }

func TestStatusVerdicts(t *testing.T) {
	t.Parallel()
	for status := 100; status < 1000; status++ {
		v := statusVerdict(status)
		if (v == "ok") != (status/100 == 2) || v == "" {
			t.Errorf("status %d: %q", status, v)
		}
		if status >= 500 && (v == "client_error" || v == "not_found" || v == "forbidden") {
			t.Errorf("status %d blames the visitor: %s", status, v)
		}
	}
	if errKind(errNotInLab) != failRefused {
		t.Error("what the lab does not serve must count as refused")
	}
}
