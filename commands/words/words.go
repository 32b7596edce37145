// Package words holds every sentence that Vigie's own code says, in French and in
// English, as data files: one file per noun under fr/ and en/, one line per
// sentence. Placeholders are text/template fields ({{.N}}); a sentence that
// counts has the forms one and other.
//
// Sentences of runbooks, verdicts and FAQ entries are not here: they are content,
// and live in runbooks/library.
package words

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed fr/*.yaml en/*.yaml
var files embed.FS

// Languages that every sentence exists in; the first is the one to fall back on.
func Languages() []string { return []string{"fr", "en"} }

// Args fills the placeholders of a sentence. Values that somebody typed must
// have gone through chat.Plain. The key Count chooses between one and other.
type Args map[string]any

// Catalog says sentences. It is immutable and safe for concurrent use.
type Catalog struct {
	say map[string]*i18n.Localizer
	ids map[string][]string
}

// Load reads the embedded sentences. An error is a mistake in the data files.
func Load() (*Catalog, error) {
	c := &Catalog{say: map[string]*i18n.Localizer{}, ids: map[string][]string{}}
	for _, lang := range Languages() {
		bundle := i18n.NewBundle(language.Make(lang))
		bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
		names, err := fs.Glob(files, lang+"/*.yaml")
		if err != nil {
			return nil, fmt.Errorf("list the words of %s: %w", lang, err)
		}
		for _, name := range names {
			raw, err := files.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			f, err := bundle.ParseMessageFileBytes(raw, path.Base(strings.TrimSuffix(name, ".yaml"))+"."+lang+".yaml")
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			for _, m := range f.Messages {
				if slices.Contains(c.ids[lang], m.ID) {
					return nil, fmt.Errorf("%s: %s is said twice", name, m.ID)
				}
				c.ids[lang] = append(c.ids[lang], m.ID)
			}
		}
		c.say[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return c, nil
}

// Say is the sentence in a language; French when the language is unknown. A
// sentence that does not exist comes back as its id between marks, which a test
// forbids.
func (c *Catalog) Say(lang, id string, args Args) string {
	loc := c.say[lang]
	if loc == nil {
		loc = c.say[Languages()[0]]
	}
	cfg := &i18n.LocalizeConfig{MessageID: id, TemplateData: args}
	if n, ok := args["Count"]; ok {
		cfg.PluralCount = n
	}
	s, err := loc.Localize(cfg)
	if err != nil {
		return "⟦" + id + "⟧"
	}
	return strings.TrimRight(s, "\n")
}

// Has tells whether a sentence exists.
func (c *Catalog) Has(lang, id string) bool { return slices.Contains(c.ids[lang], id) }

// IDs lists the sentences of a language.
func (c *Catalog) IDs(lang string) []string { return slices.Sorted(slices.Values(c.ids[lang])) }
