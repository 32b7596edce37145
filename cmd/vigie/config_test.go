package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

const examplePath = "../../config.example.yaml"

func TestExampleIsWhatInitWrites(t *testing.T) {
	want, err := exampleAnswers().render()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Fatal("config.example.yaml differs from what init writes: run vigie init --defaults -c config.example.yaml")
	}
}

func TestExampleLoads(t *testing.T) {
	cfg, findings := LoadConfig(examplePath)
	for _, f := range findings {
		t.Error(f)
	}
	if cfg == nil {
		t.FailNow()
	}
	if _, errs := cfg.options(); len(errs) > 0 {
		t.Fatal(errs)
	}
	if got, want := cfg.Data, filepath.Join(filepath.Dir(examplePath), "data"); got != want {
		t.Errorf("data = %q, want %q: paths are relative to the file", got, want)
	}
}

// TestExampleShowsEveryKey looks for each key that the configuration knows, in
// use or behind a comment sign.
func TestExampleShowsEveryKey(t *testing.T) {
	raw, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	skip := map[string]bool{"lab": true, "resolver": true, "ca": true, "connect_to": true} // the laboratory's own
	for _, key := range allKeys(reflect.TypeFor[Config](), map[reflect.Type]bool{}) {
		if !skip[key] && !regexp.MustCompile(`(?m)(^|[ {#])`+key+`( ou | or |:|,)`).Match(raw) {
			t.Errorf("the example does not show %q", key)
		}
	}
}

func allKeys(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var out []string
	for i := range t.NumField() {
		key, opts, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if key != "" && key != "-" {
			out = append(out, key)
		}
		if key != "" || opts == "inline" {
			out = append(out, allKeys(t.Field(i).Type, seen)...)
		}
	}
	return out
}

func TestEveryMistakeAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	bad := `language: de
nmaes: [vigie]
limits:
  age: five minutes
  wndow: 1m
rooms:
  support: {audience: everybody, places: [irc/#support]}
rooms: {}
irc: nothing
data: &anchor x
`
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	_, findings := LoadConfig(path)
	var all []string
	for _, f := range findings {
		all = append(all, f.String())
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{":2:1: nmaes: there is no such key — did you mean names?", ":4:8:", "length of time", ":5:3: limits.wndow",
		":8:1: rooms: is there twice", ":9:6: irc: must be a list", "anchors"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not among:\n%s", want, text)
		}
	}
}

// A key that nobody knows does not keep the other mistakes for the next try.
func TestUnknownKeysHideNothing(t *testing.T) {
	raw, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(strings.Replace(string(raw), "language: fr  ", "language: de  ", 1), "names: [vigie]", "nmaes: [vigie]", 1)
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, findings := LoadConfig(path)
	if cfg != nil || len(findings) != 2 || !strings.Contains(findings[0].String(), `"de"`) || !strings.Contains(findings[1].String(), "nmaes") {
		t.Errorf("%v", findings)
	}
}

func TestMeaningIsCheckedWithPlaces(t *testing.T) {
	raw, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"language", "language: fr              #", "language: de              #", "language: \"de\""},
		{"network of a place", `["matrix/#adminsys:example.org"]`, `["matrx/#adminsys:example.org"]`, "names no configured network"},
		{"role", "  adminsys: [\"matrix", "  sysadmin: [\"matrix", "is not a role"},
		{"rule", "cron: 0 18 * * 4", "cron: TZ=UTC", "five fields"},
		{"never", "cron: 0 18 * * 4", "cron: 0 0 31 2 *", "never comes"},
		{"campaign", "campaign: serveur", "campaign: rien", "there is no campaign"},
		{"host value", "  panel: \"https://panel.example.org/\"", "", "panel is missing"},
		{"lab", "checks:\n", "checks:\n  lab: {resolver: \"127.0.0.1:1\"}\n", "for the laboratory only"},
		{"secret in clear", "      password_file: secrets/irc    #", "      password: hunter2    #", "there is no such key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !bytes.Contains(raw, []byte(tt.old)) {
				t.Fatalf("the example no longer holds %q", tt.old)
			}
			path := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(path, bytes.Replace(raw, []byte(tt.old), []byte(tt.new), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, findings := LoadConfig(path)
			if cfg != nil {
				t.Fatal("taken")
			}
			found := false
			for _, f := range findings {
				if strings.Contains(f.String(), tt.want) {
					found = f.Line > 0 && f.Column > 0
				}
			}
			if !found {
				t.Errorf("%q is not said with its place: %v", tt.want, findings)
			}
		})
	}
}

func FuzzStrict(f *testing.F) {
	raw, _ := os.ReadFile(examplePath)
	f.Add(raw)
	f.Add([]byte("a: &b [*b]"))
	f.Add([]byte("rooms: {x: {places: [1]}}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 4096 && !bytes.HasPrefix(raw, []byte("# Conf")) {
			return
		}
		cfg := defaults()
		_, findings := strict("x", raw, &cfg)
		for _, f := range findings {
			if f.Line < 0 || f.Message == "" {
				t.Fatalf("a finding without place or words: %+v", f)
			}
		}
	})
}
