package web

import (
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// lang is the language of a request: its link's, else its browser's, else the host's.
func (w *Site) lang(r *http.Request) string {
	if r.URL.RawQuery != "" {
		if l := r.URL.Query().Get("lang"); l == "fr" || l == "en" {
			return l
		}
	}
	h := r.Header.Get("Accept-Language")
	if h == "" || len(h) > 400 {
		return w.facts.Language
	}
	tags, q, err := language.ParseAcceptLanguage(h)
	if err != nil {
		return w.facts.Language
	}
	for i, t := range tags { // sorted by preference
		base, c := t.Base()
		if s := base.String(); c > language.No && q[i] > 0 && (s == "fr" || s == "en") {
			return s
		}
	}
	return w.facts.Language
}

// wantsPlain tells whether a request prefers plain text to HTML.
func wantsPlain(r *http.Request) bool {
	accept := r.Header.Values("Accept")
	plain := quality(accept, "text/plain")
	return plain > 0 && plain > quality(accept, "text/html")
}

// takesGzip tells whether an answer may be compressed.
func takesGzip(r *http.Request) bool {
	return quality(r.Header.Values("Accept-Encoding"), "gzip") > 0
}

// quality is the weight that a header gives to one value by name; 0 when it does
// not name it.
func quality(header []string, want string) float64 {
	for _, line := range header {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), want) {
				continue
			}
			for p := range strings.SplitSeq(params, ";") {
				if k, v, ok := strings.Cut(p, "="); ok && strings.EqualFold(strings.TrimSpace(k), "q") {
					q, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
					if err != nil {
						return 0
					}
					return q
				}
			}
			return 1
		}
	}
	return 0
}
