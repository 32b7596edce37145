package library_test

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"vigie/runbooks"
	"vigie/runbooks/library"
)

var placeholder = regexp.MustCompile(`\{\{\s*([^}]*?)\s*\}\}`)

// read returns one file of the library.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(library.FS(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// names returns the files that match a pattern.
func names(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := fs.Glob(library.FS(), pattern)
	if err != nil || len(list) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(list), err)
	}
	return list
}

// placeholders returns what a text names between braces, sorted.
func placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
}

// rendered puts a host's example values, and a long name for everything else,
// in place of the placeholders: what a member reads, at its longest.
func rendered(text string) string {
	examples := map[string]string{}
	for _, k := range library.HostKeys() {
		examples["host."+k.Name] = k.Example
	}
	return placeholder.ReplaceAllStringFunc(text, func(s string) string {
		if v := examples[placeholder.FindStringSubmatch(s)[1]]; v != "" {
			return v
		}
		return "www.association-des-habitants.example.org"
	})
}

func TestEveryVerdictHasItsSentences(t *testing.T) {
	var fr, en map[string]map[string]string
	for name, dst := range map[string]*map[string]map[string]string{"verdicts/fr.yaml": &fr, "verdicts/en.yaml": &en} {
		if err := yaml.UnmarshalWithOptions([]byte(read(t, name)), dst, yaml.Strict()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	kinds := runbooks.Kinds()
	for lang, said := range map[string]map[string]map[string]string{"fr": fr, "en": en} {
		for kind, sentences := range said {
			for verdict, sentence := range sentences {
				if !slices.Contains(kinds[kind].Verdicts, runbooks.Verdict(verdict)) {
					t.Errorf("%s: no check gives %s/%s", lang, kind, verdict)
				}
				for _, p := range placeholders(sentence) {
					field, _, _ := strings.Cut(p, "|")
					if _, ok := kinds[kind].Fields[field]; !ok && field != "target" {
						t.Errorf("%s: %s/%s names {{%s}}, which that check does not find", lang, kind, verdict, p)
					}
				}
				checkLine(t, lang+" "+kind+"/"+verdict, sentence)
			}
		}
	}
	for name, kind := range kinds {
		for _, v := range kind.Verdicts {
			a, b := fr[name][string(v)], en[name][string(v)]
			if a == "" || b == "" {
				t.Errorf("%s/%s: French %q, English %q", name, v, a, b)
			}
			if !slices.Equal(placeholders(a), placeholders(b)) {
				t.Errorf("%s/%s: the placeholders differ: %q, %q", name, v, a, b)
			}
		}
	}
}

// checkLine holds a text to what one IRC line and one breath can carry.
func checkLine(t *testing.T, where, text string) {
	t.Helper()
	if n := len(rendered(text)); n > 350 {
		t.Errorf("%s: %d bytes once filled in: %s", where, n, text)
	}
	for _, sentence := range regexp.MustCompile(`[.!?…](\s|$)|\s[:;](\s|$)`).Split(text, -1) {
		if n := len(strings.Fields(sentence)); n > 25 {
			t.Errorf("%s: a sentence of %d words: %s", where, n, sentence)
		}
	}
	if strings.Contains(text, "://") {
		t.Errorf("%s: an address belongs into the host's values: %s", where, text)
	}
	if m := regexp.MustCompile(`(?i)(^|[ '(«])(tu|toi|ton|tes)[ ,.?!]`).FindString(text); m != "" && strings.HasPrefix(where, "fr") {
		t.Errorf("%s: says %q to a member: %s", where, m, text)
	}
	if m := regexp.MustCompile(`[^ \d{}][!?;»](\s|$)|«[^ ]`).FindString(text); m != "" && strings.HasPrefix(where, "fr") {
		t.Errorf("%s: French puts a space at %q: %s", where, m, text)
	}
	checkSecret(t, where, text)
}

var (
	secret = regexp.MustCompile(`(?i)\b(mots? de passe|passwords?|iban|rib|coordonnées bancaires|bank details|code d'autorisation|authorisation code)\b`)
	asking = regexp.MustCompile(`(?i)\b(donnez|envoyez|dites|tapez|écrivez|indiquez|recopiez|quel est|give|send|tell|type|write|copy|what is)(-moi|-nous)? (nous |me |us )?(ici |here )?(le |la |les |vos |votre |the |your )?`)
)

// checkSecret refuses a text that asks for a secret. Saying where to change one,
// or not to write it, is what these texts are for.
func checkSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, at := range secret.FindAllStringIndex(text, -1) {
		before := text[:at[0]]
		ask := asking.FindAllStringIndex(before, -1)
		if len(ask) > 0 && ask[len(ask)-1][1] == len(before) && !strings.Contains(before, "jamais") && !strings.Contains(before, "never") {
			t.Errorf("%s: asks for a secret: %s", where, text)
		}
	}
}

func TestCheckSecretSeesOne(t *testing.T) {
	for text, want := range map[string]bool{
		"Donnez-moi le mot de passe":          true,
		"Indiquez votre mot de passe":         true,
		"Please tell me your password":        true,
		"N'écrivez jamais de mot de passe":    false,
		"Choose a long password":              false,
		"Envoyez vos coordonnées bancaires":   true,
		"le mot de passe y voyage protégé":    false,
		"What is the password of the mailbox": true,
	} {
		var probe testing.T
		checkSecret(&probe, "", text)
		if probe.Failed() != want {
			t.Errorf("%q: found %v, want %v", text, probe.Failed(), want)
		}
	}
}

// TestHostKeysAreExact keeps the list of host values and the texts together.
func TestHostKeysAreExact(t *testing.T) {
	used := map[string]bool{}
	err := fs.WalkDir(library.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, p := range placeholders(read(t, name)) {
			p, _, _ = strings.Cut(p, "|")
			if key, ok := strings.CutPrefix(p, "host."); ok {
				used[key] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, k := range library.HostKeys() {
		if listed[k.Name] {
			t.Errorf("%s is listed twice", k.Name)
		}
		listed[k.Name] = true
		if k.Example == "" || strings.Count(k.What, " / ") != 1 {
			t.Errorf("%s: needs an example, and what it is in French / in English", k.Name)
		}
		if strings.Contains(k.Example, ".") && strings.ContainsAny(k.Example, "@/") && !strings.Contains(k.Example, "example.org") {
			t.Errorf("%s: the example %q could be somebody's", k.Name, k.Example)
		}
	}
	if !maps.Equal(used, listed) {
		t.Errorf("used but not listed, or listed but not used: %v", difference(used, listed))
	}
}

func difference(a, b map[string]bool) []string {
	var out []string
	for k := range a {
		if !b[k] {
			out = append(out, "+"+k)
		}
	}
	for k := range b {
		if !a[k] {
			out = append(out, "-"+k)
		}
	}
	slices.Sort(out)
	return out
}

// entry is the front matter of a question.
type entry struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Theme    string   `yaml:"theme"`
	Keywords []string `yaml:"keywords"`
	See      []string `yaml:"see"`
	ReviewBy string   `yaml:"review_by"`
	body     []string
}

var themes = strings.Fields(`site_down site_slow site_error certificate domain_dns mail_send mail_receive mail_spam
	mail_quota mail_setup password database ftp vps dedicated nolog hacked voip status backup billing meeting
	donate hosting_howto human`)

func entries(t *testing.T, lang string) map[string]entry {
	t.Helper()
	out := map[string]entry{}
	for _, name := range names(t, "faq/"+lang+"/*.md") {
		parts := strings.SplitN(read(t, name), "---\n", 3)
		if len(parts) != 3 || parts[0] != "" {
			t.Fatalf("%s: no front matter", name)
		}
		var e entry
		if err := yaml.UnmarshalWithOptions([]byte(parts[1]), &e, yaml.Strict()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e.body = strings.Split(strings.TrimSuffix(parts[2], "\n"), "\n")
		if e.ID != strings.TrimSuffix(path.Base(name), ".md") {
			t.Errorf("%s: its id is %q", name, e.ID)
		}
		out[e.ID] = e
	}
	return out
}

func TestFAQ(t *testing.T) {
	fr, en := entries(t, "fr"), entries(t, "en")
	if len(fr) != 40 {
		t.Errorf("%d questions, not 40", len(fr))
	}
	for id, a := range fr {
		b, ok := en[id]
		if !ok {
			t.Errorf("%s: no English twin", id)
			continue
		}
		if a.Theme != b.Theme || !slices.Equal(a.See, b.See) || a.ReviewBy != b.ReviewBy {
			t.Errorf("%s: theme, see or review_by differ between the languages", id)
		}
		english := placeholders(strings.ReplaceAll(strings.Join(b.body, "\n"), "_en}}", "}}"))
		if !slices.Equal(placeholders(strings.Join(a.body, "\n")), english) {
			t.Errorf("%s: the placeholders differ between the languages", id)
		}
		if len(a.body) != len(b.body) {
			t.Errorf("%s: %d lines in French, %d in English", id, len(a.body), len(b.body))
		}
		checkEntry(t, "fr "+id, a, fr)
		checkEntry(t, "en "+id, b, en)
	}
	for id := range en {
		if _, ok := fr[id]; !ok {
			t.Errorf("%s: no French twin", id)
		}
	}
}

func checkEntry(t *testing.T, where string, e entry, all map[string]entry) {
	t.Helper()
	if !slices.Contains(themes, e.Theme) {
		t.Errorf("%s: %q is not a theme", where, e.Theme)
	}
	if _, err := time.Parse(time.DateOnly, e.ReviewBy); err != nil {
		t.Errorf("%s: review_by: %v", where, err)
	}
	if !strings.HasSuffix(e.Title, "?") || len(e.Keywords) < 3 {
		t.Errorf("%s: a question and some keywords, not %q and %q", where, e.Title, e.Keywords)
	}
	for _, id := range e.See {
		if _, ok := all[id]; !ok || id == e.ID {
			t.Errorf("%s: see %q leads nowhere", where, id)
		}
	}
	if len(e.body) > 3 {
		t.Errorf("%s: %d lines", where, len(e.body))
	}
	for _, line := range append(slices.Clone(e.body), e.Title) {
		if strings.TrimSpace(line) == "" {
			t.Errorf("%s: an empty line", where)
		}
		checkLine(t, where, line)
	}
}

// TestRunbookTexts walks every {fr: …, en: …} of the runbooks.
func TestRunbookTexts(t *testing.T) {
	for _, name := range names(t, "*.yaml") {
		var root any
		if err := yaml.Unmarshal([]byte(read(t, name)), &root); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := walk(t, name, root); n < 10 {
			t.Errorf("%s: only %d texts found", name, n)
		}
	}
}

func walk(t *testing.T, where string, v any) int {
	t.Helper()
	found := 0
	switch x := v.(type) {
	case []any:
		for _, item := range x {
			found += walk(t, where, item)
		}
	case map[string]any:
		fr, ok1 := x["fr"].(string)
		en, ok2 := x["en"].(string)
		if ok1 && ok2 {
			checkLine(t, "fr "+where, fr)
			checkLine(t, "en "+where, en)
			return 1
		}
		for key, item := range x {
			found += walk(t, where+" "+key, item)
		}
	}
	return found
}
