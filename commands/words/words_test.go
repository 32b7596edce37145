package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	c := load(t)
	for _, id := range c.IDs("fr") {
		if !c.Has("en", id) {
			t.Errorf("%s is not said in English", id)
		}
	}
	for _, id := range c.IDs("en") {
		if !c.Has("fr", id) {
			t.Errorf("%s is not said in French", id)
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\.(\w+)[^}]*\}\}`)

func fields(t *testing.T, lang string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	names, _ := fs.Glob(files, lang+"/*.yaml")
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		id := ""
		for line := range strings.Lines(string(raw)) {
			if k, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "#") {
				id = k
			}
			for _, m := range placeholder.FindAllStringSubmatch(line, -1) {
				if !slices.Contains(out[id], m[1]) {
					out[id] = append(out[id], m[1])
				}
			}
		}
		for _, f := range out {
			slices.Sort(f)
		}
	}
	return out
}

func TestBothLanguagesHaveTheSamePlaceholders(t *testing.T) {
	fr, en := fields(t, "fr"), fields(t, "en")
	for id, f := range fr {
		if !slices.Equal(f, en[id]) {
			t.Errorf("%s: French has %v, English %v", id, f, en[id])
		}
	}
}

// TestCodeSaysOnlyWhatExists looks for string literals that have the form of a
// sentence's id in the packages that say sentences.
func TestCodeSaysOnlyWhatExists(t *testing.T) {
	c := load(t)
	files := map[string]bool{}
	for _, id := range c.IDs("fr") {
		noun, _, _ := strings.Cut(id, ".")
		files[noun] = true
	}
	form := regexp.MustCompile(`^[a-z]+(\.[a-z0-9_]+)+$`)
	for _, dir := range []string{"..", "../../bot/web", "../../cmd/vigie"} {
		_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && p != dir {
				return fs.SkipDir
			}
			if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
				return nil
			}
			src, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), p, src, 0)
			if err != nil {
				return nil
			}
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				s, _ := strconv.Unquote(lit.Value)
				noun, _, _ := strings.Cut(s, ".")
				begins := strings.HasSuffix(s, "_") && slices.ContainsFunc(c.IDs("fr"), func(id string) bool { return strings.HasPrefix(id, s) })
				if form.MatchString(s) && files[noun] && !c.Has("fr", s) && !begins && !strings.HasSuffix(s, ".yaml") {
					t.Errorf("%s says %q, which has no words", p, s)
				}
				return true
			})
			return nil
		})
	}
}

func TestSay(t *testing.T) {
	c := load(t)
	if got := c.Say("fr", "core.broken", Args{"Ref": "4f2a"}); !strings.Contains(got, "4f2a") {
		t.Errorf("got %q", got)
	}
	if c.Say("xx", "core.broken", Args{"Ref": "1"}) != c.Say("fr", "core.broken", Args{"Ref": "1"}) {
		t.Error("an unknown language is not French")
	}
	if got := c.Say("fr", "core.nothing_like_it", nil); !strings.HasPrefix(got, "⟦") {
		t.Errorf("a missing sentence reads %q", got)
	}
	one, other := c.Say("fr", "core.more", Args{"Count": 1}), c.Say("fr", "core.more", Args{"Count": 5})
	if one == other {
		t.Error("one and other read the same")
	}
}

// TestWhatCountsHasItsForms says every sentence that counts with none, one and
// many: a plural form that is missing would say nothing at all.
func TestWhatCountsHasItsForms(t *testing.T) {
	c := load(t)
	for _, lang := range Languages() {
		for id, f := range fields(t, lang) {
			if !slices.Contains(f, "Count") {
				continue
			}
			for _, n := range []int{0, 1, 2, 1000} {
				if got := c.Say(lang, id, Args{"Count": n}); strings.HasPrefix(got, "⟦") {
					t.Errorf("%s: %s with %d says nothing", lang, id, n)
				}
			}
		}
	}
}
