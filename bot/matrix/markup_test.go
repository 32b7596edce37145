package matrix

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vigie/bot/chat"
)

func TestRender(t *testing.T) {
	for _, tc := range []struct{ in, body, html string }{
		{"bonjour", "bonjour", "bonjour"},
		{"a **b** c", "a b c", "a <strong>b</strong> c"},
		{"a ** b", "a ** b", "a ** b"},
		{"****", "****", "****"},
		{"`a<b` **x `y`**", "a<b x y", "<code>a&lt;b</code> <strong>x <code>y</code></strong>"},
		{"`**a**`", "**a**", "<code>**a**</code>"},
		{"a\nb", "a\nb", "a<br>b"},
		{"voici :\n- un\n- **deux**\nfin\nvraie", "voici :\n- un\n- deux\nfin\nvraie", "voici :<ul><li>un</li><li><strong>deux</strong></li></ul>fin<br>vraie"},
		{"- seul", "- seul", "<ul><li>seul</li></ul>"},
		{"<b>&\"'", "<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;"},
		{"voir https://example.org/a?b=c&d=1.", "voir https://example.org/a?b=c&d=1.", `voir <a href="https://example.org/a?b=c&amp;d=1">https://example.org/a?b=c&amp;d=1</a>.`},
		{"(https://example.org)", "(https://example.org)", `(<a href="https://example.org">https://example.org</a>)`},
		{"javascript:alert(1) xhttps://a", "javascript:alert(1) xhttps://a", "javascript:alert(1) xhttps://a"},
		{"https://", "https://", "https://"},
		{"https://matrix.to/#/@a:b", "https://matrix.to/#/@a:b", "https://matrix.to/#/@a:b"},
		{"a\x00\x1b\u202eb\tc", "ab c", "ab c"},
		{"@Room @room", "@\u2060Room @\u2060room", "@\u2060Room @\u2060room"},
	} {
		body, formatted := render(tc.in)
		if body != tc.body || formatted != tc.html {
			t.Errorf("%q:\n got %q\n     %q\nwant %q\n     %q", tc.in, body, formatted, tc.body, tc.html)
		}
	}
}

var ours = regexp.MustCompile(`</?(strong|code|ul|li)>|<br>|<a href="https?://[^"<>]*">|</a>`)

// checkRender says what must hold of any text.
func checkRender(t interface{ Fatalf(string, ...any) }, in string) {
	body, formatted := render(in)
	rest := ours.ReplaceAllString(formatted, "")
	if strings.ContainsAny(rest, "<>\"'") {
		t.Fatalf("%q has other tags than ours: %q", in, formatted)
	}
	dec := xml.NewDecoder(strings.NewReader("<p>" + strings.ReplaceAll(formatted, "<br>", "<br/>") + "</p>"))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%q is not well formed: %q: %v", in, formatted, err)
		}
	}
	// The two forms say the same: without tags, list dashes and breaks.
	flat := func(s string) string { return strings.NewReplacer("\n", "", "- ", "").Replace(s) }
	if got, want := flat(html.UnescapeString(rest)), flat(body); got != want {
		t.Fatalf("%q: the HTML says %q and the body %q", in, got, want)
	}
	if strings.Contains(strings.ToLower(body), "@room") {
		t.Fatalf("%q rings everybody: %q", in, body)
	}
}

func TestRenderProperties(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"**", "*", "`", "\n", "- ", "<", ">", "&amp;", "&", "\"", "'", "https://", "http://x", "é", "@room", "@ROOM", " ", "a.b", "\u202e", "\x00", "</a>", "<img src=x onerror=y>", "matrix.to/#/", "🏳️‍🌈"})
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(pieces, 0, 20).Draw(t, "pieces"), "")
		checkRender(t, in)
	})
}

func FuzzRender(f *testing.F) {
	f.Add("**a** `b` https://c.d/<e>\n- f")
	f.Add("@room `**` <script>")
	f.Fuzz(func(t *testing.T, in string) {
		checkRender(t, in)
		// What a person typed stays what it was: no tag of ours but a link.
		_, formatted := render(chat.Plain(in, 200))
		if strings.Contains(formatted, "<strong>") || strings.Contains(formatted, "<code>") {
			t.Fatalf("%q became markup: %q", in, formatted)
		}
	})
}
