package web

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Build writes the site as static files into a folder, making it when absent, for
// a web server that stands when this machine does not. It returns how many files
// changed.
//
// Each file is replaced in one step, so that nobody ever reads half of one; what a
// page leads to is written before it. Files that did not change are left alone.
// /badge.svg and the other documents without a language are in the host's.
func (w *Site) Build(dir string) (int, error) {
	s, err := w.current()
	if err != nil {
		return 0, fmt.Errorf("build the site: %w", err)
	}
	changed := 0
	write := func(name string, body []byte) {
		if err != nil {
			return
		}
		var did bool
		if did, err = replace(filepath.Join(dir, filepath.FromSlash(name)), body); did {
			changed++
		}
	}
	write("style.css", styleCSS)
	write("age.js", ageJS)
	write("icon.svg", iconSVG)
	for _, lang := range []string{"fr", "en"} {
		for _, f := range files(&view{State: s.state, Lang: lang, site: w}) {
			f.copied = !f.plain
			d, failed := w.doc(f.item)
			if failed != nil {
				return changed, failed
			}
			write(lang+"/"+f.name, d.body)
			if lang == w.facts.Language {
				write(f.name, d.body)
			}
		}
	}
	if err == nil {
		err = w.forget(dir, s.state)
	}
	if err != nil {
		return changed, fmt.Errorf("build the site: %w", err)
	}
	return changed, nil
}

// forget takes away the pages of incidents that are public no more. It touches
// nothing that Build did not write.
func (w *Site) forget(dir string, s State) error {
	keep := map[string]bool{}
	for _, i := range slices.Concat(s.Open, s.Past) {
		keep[strconv.Itoa(i.N)] = true
	}
	var errs []error
	for _, lang := range []string{"", "fr", "en"} {
		at := filepath.Join(dir, lang, formIncident)
		list, err := os.ReadDir(at)
		if err != nil {
			continue // there never was one
		}
		for _, e := range list {
			if _, err := strconv.Atoi(e.Name()); err != nil || keep[e.Name()] {
				continue
			}
			for _, name := range []string{"index.html", "index.txt", ""} {
				if err := os.Remove(filepath.Join(at, e.Name(), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					errs = append(errs, err)
				}
			}
		}
	}
	return errors.Join(errs...)
}

// file is a document and where it is written.
type file struct {
	item
	name string
}

// files are all documents of a language, those that others lead to first.
func files(v *view) []file {
	var out []file
	page := func(it item, name string) {
		out = append(out, file{it, name + "index.html"})
		it.plain = true
		out = append(out, file{it, name + "index.txt"})
	}
	for _, list := range [][]Incident{v.Past, v.Open} {
		for _, i := range list {
			page(item{form: formIncident, lang: v.Lang, n: i.N}, fmt.Sprintf("incident/%d/", i.N))
		}
	}
	for _, m := range v.Meetings {
		page(item{form: formMeeting, lang: v.Lang, n: m.N}, fmt.Sprintf("meeting/%d/", m.N))
	}
	for n, year := range v.Years() {
		it := item{form: formHistory, lang: v.Lang, n: year}
		page(it, fmt.Sprintf("history/%d/", year))
		if n == 0 {
			page(it, "history/")
		}
	}
	for path, form := range documents() {
		if form != formPage {
			out = append(out, file{item{form: form, lang: v.Lang}, strings.TrimPrefix(path, "/")})
		}
	}
	out = append(out, file{item{form: formMissing, lang: v.Lang}, "404.html"})
	page(item{form: formPage, lang: v.Lang}, "")
	return out
}

// replace writes a file in one step, and tells whether it had to.
func replace(name string, body []byte) (bool, error) {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, body) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return false, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return false, err
	}
	_, err = tmp.Write(body)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return false, errors.Join(err, os.Remove(tmp.Name()))
	}
	return true, nil
}
