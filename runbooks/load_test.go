package runbooks

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// layer is a folder of testdata in which some files are replaced.
func layer(t *testing.T, replace map[string]string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{"sample.yaml", "helper.yaml", "verdicts/fr.yaml", "verdicts/en.yaml"} {
		src, err := os.ReadFile(filepath.Join("testdata/clean", name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: src}
	}
	for name, src := range replace {
		out[name] = &fstest.MapFile{Data: []byte(src)}
	}
	return out
}

// sample loads the clean runbooks; more layers may lie over them.
func sample(t *testing.T, layers ...fs.FS) (*Library, *Runbook) {
	t.Helper()
	lib, found := Load(nil, append([]fs.FS{layer(t, nil)}, layers...)...)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	rb, ok := lib.ByID("sample")
	if !ok {
		t.Fatal("no sample")
	}
	return lib, rb
}

func TestCleanRunbooksHaveNoFinding(t *testing.T) {
	lib, found := Load(nil, layer(t, nil))
	found = append(found, lib.Lint(goldenNow)...)
	for _, f := range found {
		t.Errorf("unexpected: %s", f)
	}
	if len(lib.All()) != 2 {
		t.Errorf("%d runbooks, want 2", len(lib.All()))
	}
}

// Every file in testdata/bad has one fault, and its name says which code finds it.
func TestEveryFaultIsFound(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d bad files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code, _, _ := strings.Cut(name, "-")
			lib, found := Load(nil, layer(t, map[string]string{"sample.yaml": string(src)}))
			found = append(found, lib.Lint(goldenNow)...)
			i := slices.IndexFunc(found, func(f Finding) bool { return f.Code == code && f.File == "sample.yaml" })
			if i < 0 {
				t.Fatalf("%s was not found, only: %v", code, found)
			}
			f := found[i]
			if f.Line < 1 || f.Column < 1 || f.Line > strings.Count(string(src), "\n") {
				t.Errorf("the finding has no place: %s", f)
			}
			if isWarning(code) != (f.Severity == Warning) {
				t.Errorf("%s has severity %s", code, f.Severity)
			}
			if _, ok := Explain(code); !ok {
				t.Errorf("%s is not explained", code)
			}
		})
	}
}

func TestEveryCodeIsExplainedAndHasAFixture(t *testing.T) {
	// These need more than one file: the host's values, and measured times.
	elsewhere := []string{"RB105", "RB506"}
	for _, c := range Codes() {
		files, err := filepath.Glob("testdata/bad/" + c.Code + "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 && !slices.Contains(elsewhere, c.Code) {
			t.Errorf("%s has no bad fixture", c.Code)
		}
		text := c.String()
		for _, part := range []string{c.Meaning, c.Why, c.Bad, c.Good} {
			if part == "" || !strings.Contains(text, part) {
				t.Errorf("%s is not fully explained: %q", c.Code, text)
			}
		}
	}
	if _, ok := Explain("RB999"); ok {
		t.Error("a code that does not exist is explained")
	}
}

func TestFaultsAreReportedAllAtOnceWithTheirPlace(t *testing.T) {
	src := "schema: runbook/v2\nid: x\nversion: 1\nowner: a\nreview_by: 2099-01-01\ntitle: {fr: a}\nintents: [a]\nlanguages: [fr, en]\nstart: a\n" +
		"steps:\n  a: {kind: say, text: {fr: a, en: b}, nxt: b}\n  b: {kind: end, outcome: solved}\n"
	_, found := Load(nil, fstest.MapFS{"x.yaml": {Data: []byte(src)}})
	want := []string{
		"x.yaml:1:9: RB101 schema \"runbook/v2\" is not known (write runbook/v1)",
		"x.yaml:6:8: RB301 title: the text in \"en\" is missing",
		"x.yaml:11:3: RB203 step \"a\" has no \"next\": it leads nowhere",
		"x.yaml:11:40: RB101 step a (say): unknown key \"nxt\" (one of: kind text next tell)",
	}
	for _, w := range want {
		if !slices.ContainsFunc(found, func(f Finding) bool { return f.String() == w }) {
			t.Errorf("missing: %s\nin: %v", w, found)
		}
	}
	if err := found.Err(); err == nil || strings.Count(err.Error(), "\n")+1 != len(found.Errors()) {
		t.Errorf("Err does not have a line for each error: %v", err)
	}
}

func TestHostileYAMLIsRefusedNotFollowed(t *testing.T) {
	for name, src := range map[string]string{
		"empty": "", "scalar": "hello", "list": "- a", "two documents": "a: 1\n---\nb: 2\n", "not YAML": "a: [",
		"tabs": "a:\n\t- b", "deep": strings.Repeat("a: {", 200) + strings.Repeat("}", 200), "bytes": "\xff\xfe\x00",
		"alias bomb": "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n", "merge": "a: &a {b: 1}\nc: {<<: *a}\n", "tag": "schema: !!binary aGVsbG8=\n",
		"huge": strings.Repeat("# x\n", 100_000),
	} {
		lib, found := Load(nil, fstest.MapFS{"x.yaml": {Data: []byte(src)}})
		if found.Err() == nil || len(lib.All()) != 0 {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHostValuesAreWantedOnlyWithAConfiguration(t *testing.T) {
	src, err := os.ReadFile("testdata/clean/helper.yaml")
	if err != nil {
		t.Fatal(err)
	}
	over := fstest.MapFS{"helper.yaml": {Data: []byte(strings.Replace(string(src), "Ticket ouvert.", "Écrivez à {{host.contact}}.", 1))}}
	over["helper.yaml"].Data = []byte(strings.Replace(string(over["helper.yaml"].Data), "Ticket opened.", "Write to {{host.contact}}.", 1))
	if _, found := Load(nil, layer(t, nil), over); found.Err() != nil {
		t.Errorf("without a configuration: %v", found)
	}
	_, found := Load(map[string]string{"short": "x"}, layer(t, nil), over)
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Code == "RB105" }) {
		t.Errorf("a missing value is not reported: %v", found)
	}
	lib, found := Load(map[string]string{"contact": "aide@asso.example"}, layer(t, nil), over)
	if found.Err() != nil {
		t.Fatal(found)
	}
	rb, _ := lib.ByID("helper")
	s, _, err := Start(lib, rb, StartOptions{Lang: "fr", Now: goldenNow})
	if err != nil {
		t.Fatal(err)
	}
	_, effects, err := Answer(lib, s, "non", goldenNow)
	if err != nil || said1(effects) != "Écrivez à aide@asso.example." {
		t.Errorf("%v %v", effects, err)
	}
}

// said1 is the first text that some effects say.
func said1(effects []Effect) string {
	for _, e := range effects {
		switch v := e.(type) {
		case Say:
			return v.Text
		case Ask:
			return v.Text
		}
	}
	return ""
}

func TestLaterLayersAddAndOverride(t *testing.T) {
	mine := strings.NewReplacer("id: helper", "id: extra", "Une page en erreur", "Encore").Replace(readFile(t, "testdata/clean/helper.yaml"))
	changed := strings.Replace(readFile(t, "testdata/clean/helper.yaml"), "version: 1", "version: 2", 1)
	lib, found := Load(nil, layer(t, nil), Named("dir/", fstest.MapFS{
		"mine.yaml": {Data: []byte(mine)}, "helper.yaml": {Data: []byte(changed)},
		"verdicts/fr.yaml": {Data: []byte("http: {ok: \"Tout va.\"}")},
	}))
	if found.Err() != nil {
		t.Fatal(found)
	}
	if rb, _ := lib.ByID("helper"); rb.Version != 2 || rb.File != "dir/helper.yaml" {
		t.Errorf("helper is not overridden: v%d %s", rb.Version, rb.File)
	}
	if _, ok := lib.ByID("extra"); !ok || len(lib.All()) != 3 {
		t.Error("extra is not added")
	}
	req := Request{Kind: "http", Args: map[string]string{"url": "https://a.example/x"}}
	if got := lib.Sentence("fr", req, Report{Kind: "http", Verdict: OK}, goldenNow); got != "Tout va." {
		t.Errorf("sentence %q", got)
	}
	if got := lib.Sentence("fr", req, Report{Kind: "http", Verdict: "timeout"}, goldenNow); got != "a.example : http donne timeout." && !strings.Contains(got, "a.example") {
		t.Errorf("sentence %q", got)
	}
	_, found = Load(nil, fstest.MapFS{"a.yaml": {Data: []byte(mine)}, "b.yaml": {Data: []byte(mine)}})
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Code == "RB102" && f.File == "b.yaml" }) {
		t.Errorf("one id twice in a layer: %v", found)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPinnedVersionsLoadAgainFromTheirSource(t *testing.T) {
	lib, rb := sample(t)
	again, err := lib.Compile(rb.Source)
	if err != nil || again.Hash != rb.Hash || len(again.Steps) != len(rb.Steps) {
		t.Fatalf("%v", err)
	}
	if _, err := lib.Compile([]byte("id: x")); err == nil {
		t.Error("a broken source compiles")
	}
	other, found := Load(nil, layer(t, map[string]string{"sample.yaml": string(rb.Source) + "# edited\n"}))
	if found.Err() != nil {
		t.Fatal(found)
	}
	if _, ok := other.ByHash(rb.Hash); ok {
		t.Fatal("an edited file keeps its hash")
	}
	both := other.With(again)
	if _, ok := both.ByHash(rb.Hash); !ok {
		t.Error("With does not add")
	}
	if _, ok := other.ByHash(rb.Hash); ok {
		t.Error("With changes the library it is called on")
	}
	if now, _ := both.ByID("sample"); now.Hash == rb.Hash {
		t.Error("a pinned version has become the current one")
	}
}

func TestSlowChecksAreReported(t *testing.T) {
	_, rb := sample(t)
	found := rb.SlowChecks(map[string]time.Duration{"http": 21 * time.Second})
	if len(found) == 0 || found[0].Code != "RB506" || found.Err() != nil {
		t.Errorf("%v", found)
	}
	if found := rb.SlowChecks(map[string]time.Duration{"http": time.Second}); len(found) != 0 {
		t.Errorf("%v", found)
	}
}
