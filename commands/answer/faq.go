package answer

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"vigie/commands/answer/text"
)

// Entry is one question of the FAQ and its answer, in one language.
type Entry struct {
	ID, Lang, Title string
	// Theme is the id (see Subjects) that the entry belongs to.
	Theme    ID
	Keywords []string
	// See names entries worth reading next.
	See []string
	// ReviewBy is the day from which somebody should read the entry again; zero
	// when its author set none.
	ReviewBy time.Time
	// Body is the answer, in Markdown, with the host's own values in place.
	Body string
	// File is where it was read, for messages to authors.
	File string
}

// FAQ is a set of entries and the means to search them. It is read-only after
// LoadFAQ and safe for concurrent use.
type FAQ struct {
	text    *text.Analyser
	entries map[string][]*indexed // language → entries in order of id
	docs    map[string]map[string]int
}

// languages are those an entry can be in, and the folders they are read from.
var languages = [...]string{"fr", "en"}

// LoadFAQ reads faq/fr/*.md and faq/en/*.md of each layer; a later layer's entry
// takes the place of an earlier one with the same id and language. {{host.x}}
// becomes host["x"]; with a nil host it becomes [x], for tools that have no
// configuration.
//
// The FAQ holds every entry that is whole; each of the errors names the file of
// one that is not, or a reference to an entry that does not exist.
func LoadFAQ(host map[string]string, layers ...fs.FS) (*FAQ, []error) {
	a, err := text.New()
	if err != nil {
		return nil, []error{err}
	}
	var errs []error
	found := map[string]map[string]Entry{}
	for _, lang := range languages {
		found[lang] = map[string]Entry{}
		for _, layer := range layers {
			names, err := fs.Glob(layer, path.Join("faq", lang, "*.md"))
			if err != nil {
				return nil, []error{fmt.Errorf("faq: %w", err)}
			}
			for _, name := range names {
				e, err := readEntry(layer, name, lang, host)
				if err != nil {
					errs = append(errs, err)
					continue
				}
				found[lang][e.ID] = e
			}
		}
	}
	return newFAQ(a, found), append(errs, dangling(found)...)
}

// header is an entry's front matter.
type header struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Theme    string   `yaml:"theme"`
	Keywords []string `yaml:"keywords"`
	See      []string `yaml:"see"`
	ReviewBy string   `yaml:"review_by"`
}

func readEntry(layer fs.FS, name, lang string, host map[string]string) (Entry, error) {
	b, err := fs.ReadFile(layer, name)
	if err != nil {
		return Entry{}, fmt.Errorf("faq: %w", err)
	}
	fail := func(line int, format string, args ...any) (Entry, error) {
		return Entry{}, fmt.Errorf("%s:%d: %w", name, line, fmt.Errorf(format, args...))
	}
	front, body, ok := strings.Cut(strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n"), "\n---\n")
	rest, fenced := strings.CutPrefix(front, "---\n")
	if !ok || !fenced {
		return fail(1, "an entry begins with a line ---, then id, title and theme, then another line ---")
	}
	var h header
	if err := yaml.UnmarshalWithOptions([]byte(rest), &h, yaml.Strict()); err != nil {
		return fail(2, "front matter: %w", err)
	}
	if _, known := SubjectOf(ID(h.Theme)); !known {
		return fail(2, "theme %q is none of the ids that Vigie recognises", h.Theme)
	}
	e := Entry{ID: h.ID, Lang: lang, Title: h.Title, Theme: ID(h.Theme), Keywords: h.Keywords, See: h.See, File: name}
	if e.ID == "" || e.Title == "" || strings.TrimSpace(body) == "" {
		return fail(2, "an entry needs an id, a title and an answer")
	}
	if want := strings.TrimSuffix(path.Base(name), ".md"); e.ID != want {
		return fail(2, "the id is %q, and the file's name makes it %q: they must agree", e.ID, want)
	}
	if h.ReviewBy != "" {
		if e.ReviewBy, err = time.Parse(time.DateOnly, h.ReviewBy); err != nil {
			return fail(2, "review_by: write a day as 2027-05-31")
		}
	}
	if e.Body, err = render(strings.TrimSpace(body), host); err != nil {
		return fail(2+strings.Count(rest, "\n"), "%w", err)
	}
	return e, nil
}

var placeholder = regexp.MustCompile(`\{\{\s*host\.([a-z0-9_]+)\s*\}\}`)

// ErrHostValue says that an entry needs a value of the host that the
// configuration does not give.
var ErrHostValue = errors.New("the configuration gives no value for host")

func render(body string, host map[string]string) (string, error) {
	var err error
	out := placeholder.ReplaceAllStringFunc(body, func(m string) string {
		key := placeholder.FindStringSubmatch(m)[1]
		switch v := host[key]; {
		case host == nil:
			return "[" + key + "]"
		case v == "":
			err = fmt.Errorf("%w.%s", ErrHostValue, key)
			return ""
		default:
			return v
		}
	})
	if err == nil && strings.Contains(out, "{{") {
		err = errors.New("{{ begins something else than {{host.name}}")
	}
	return out, err
}

// dangling finds references to entries that are not there.
func dangling(found map[string]map[string]Entry) []error {
	var errs []error
	for _, lang := range languages {
		for _, id := range sortedKeys(found[lang]) {
			for _, see := range found[lang][id].See {
				if _, ok := found[lang][see]; !ok {
					errs = append(errs, fmt.Errorf("%s: see: there is no entry %q", found[lang][id].File, see))
				}
			}
		}
	}
	return errs
}
