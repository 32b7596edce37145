package bottest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// arrows says which of our packages a package may import, by longest prefix of
// both. Packages that are not named here may not import anything of ours.
var arrows = map[string][]string{
	"bot/chat":          {},
	"bot/chat/chattest": {"bot/chat"},
	"bot/irc":           {"bot/chat"},
	"bot/matrix":        {"bot/chat"},
	"bot/console":       {"bot/chat"},
	"store":             {"bot/chat", "store"},
	"bot":               {"bot/chat", "store", "commands/words"},
	"bot/bottest":       {"bot", "bot/chat", "store"},
	"bot/web":           {"bot", "bot/chat", "bot/web", "store", "commands/words"},
	"bot/fetch":         {"bot", "bot/chat", "bot/fetch", "store", "commands/words"},
	"commands":          {"bot", "bot/chat", "store", "commands", "runbooks"},
	"commands/words":    {},
	"runbooks":          {"runbooks"},
	"cmd":               {"bot", "commands", "runbooks", "store", "cmd"},
}

// never are imports that the arrows' prefixes allow and the design does not.
var never = map[string][]string{
	"bot":      {"bot/irc", "bot/matrix", "bot/console", "bot/web", "bot/fetch", "bot/bottest"},
	"bot/web":  {"bot/irc", "bot/matrix", "bot/console", "bot/fetch", "bot/bottest"},
	"commands": {"bot/irc", "bot/matrix", "bot/console", "bot/web", "bot/fetch", "runbooks/probe", "net", "net/http"},
	"runbooks": {"runbooks/probe", "net", "net/http"},
	"store":    {"net", "net/http", "bot"},
	"bot/chat": {"net", "net/http"},
}

// exempt are packages that a rule of never leaves alone.
var exempt = map[string]bool{"runbooks/probe": true}

// TestArrows reads the imports of the whole tree. Tests may import more than the
// packages they test, but never cmd.
func TestArrows(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			nested := path != root && exists(filepath.Join(path, "go.mod"))
			if nested || d.Name() == "testdata" || path != root && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		seen++
		return check(t, root, path)
	})
	if err != nil || seen < 20 {
		t.Fatalf("read %d files: %v", seen, err)
	}
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// check holds one file's imports against the arrows.
func check(t *testing.T, root, path string) error {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	from := filepath.ToSlash(filepath.Dir(rel))
	for _, spec := range f.Imports {
		to := strings.Trim(spec.Path.Value, `"`)
		if why := forbidden(from, to, strings.HasSuffix(path, "_test.go")); why != "" {
			t.Errorf("%s imports %s: %s", rel, to, why)
		}
	}
	return nil
}

// forbidden says why package from may not import to, or nothing.
func forbidden(from, to string, test bool) string {
	ours, isOurs := strings.CutPrefix(to, "vigie/")
	if isOurs && under(ours, "cmd") && !under(from, "cmd") {
		return "nobody imports cmd"
	}
	if test || from == "." {
		return ""
	}
	if !isOurs {
		ours = to
	}
	rules := longest(from, keys(never))
	if !exempt[from] {
		for _, n := range never[rules] {
			if ours == n || isOurs && under(ours, n) && n != "bot" {
				return "never from " + rules
			}
		}
	}
	if !isOurs || ours == from {
		return ""
	}
	rule := longest(from, keys(arrows))
	for _, may := range arrows[rule] {
		if under(ours, may) {
			return ""
		}
	}
	return "no arrow from " + from
}

// under tells whether pkg is parent or lies in it.
func under(pkg, parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") }

// longest is the longest of the prefixes under which pkg lies.
func longest(pkg string, prefixes []string) string {
	best := ""
	for _, p := range prefixes {
		if under(pkg, p) && len(p) > len(best) {
			best = p
		}
	}
	return best
}

func keys(m map[string][]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// The rules themselves, so that a slip in them is seen.
func TestArrowsForbid(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		may      bool
	}{
		{"bot/irc", "vigie/bot/chat", true}, {"bot/irc", "vigie/store", false}, {"bot/irc", "vigie/bot", false},
		{"bot/matrix", "vigie/bot/irc", false}, {"bot/console", "vigie/bot", false},
		{"store", "vigie/bot/chat", true}, {"store", "vigie/bot", false}, {"store", "net/http", false}, {"store/storetest", "vigie/store", true},
		{"bot", "vigie/store", true}, {"bot", "vigie/commands", false}, {"bot", "vigie/bot/irc", false}, {"bot", "vigie/commands/words", true},
		{"bot/web", "vigie/bot", true}, {"bot/web", "vigie/commands", false}, {"bot/web", "vigie/commands/words", true}, {"bot/web", "vigie/bot/irc", false},
		{"commands", "vigie/runbooks", true}, {"commands", "vigie/runbooks/probe", false}, {"commands", "net", false}, {"commands", "net/url", true},
		{"commands", "net/http", false}, {"commands/answer", "net/http", false}, {"commands", "vigie/bot/irc", false},
		{"commands/words", "vigie/store", false}, {"runbooks", "vigie/store", false}, {"runbooks", "net", false}, {"runbooks/library", "vigie/runbooks", true},
		{"runbooks/probe", "vigie/runbooks", true}, {"runbooks/probe", "net/http", true}, {"runbooks", "vigie/runbooks/probe", false},
		{"commands", "vigie/cmd/vigie", false}, {"cmd/vigie", "vigie/bot/irc", true}, {"bot/chat", "vigie/store", false},
	} {
		if why := forbidden(tt.from, tt.to, false); (why == "") != tt.may {
			t.Errorf("%s → %s: %q, may: %v", tt.from, tt.to, why, tt.may)
		}
	}
	if forbidden("commands", "vigie/cmd/vigie", true) == "" {
		t.Error("tests may not import cmd either")
	}
}
