package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// changedExample is the shipped configuration with some of its text replaced.
func changedExample(t *testing.T, pairs ...string) string {
	t.Helper()
	raw, err := os.ReadFile(exampleFile())
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q is not in the example", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCheckFindsRoomsThatNobodyJoins refuses a place with a slip in its name.
func TestCheckFindsRoomsThatNobodyJoins(t *testing.T) {
	path := changedExample(t, `places: ["irc/#annonces", "matrix/#annonces:example.org"]`, `places: ["irc/#anonces", "matrix/#annonce:example.org"]`)
	out, err := vigie(t, "", "check", "-c", path)
	if err == nil || strings.Count(out, "is joined by no network") != 2 || !strings.Contains(out, `add {name: "#anonces"}`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestCheckWantsPlaintextSaid refuses a staff room on IRC that does not say so.
func TestCheckWantsPlaintextSaid(t *testing.T) {
	place := []string{`places: ["matrix/#adminsys:example.org"]`, `places: ["matrix/#adminsys:example.org", "irc/#staff"]`, `- name: "#support"`, "- name: \"#staff\"\n      - name: \"#support\""}
	out, err := vigie(t, "", "check", "-c", changedExample(t, place...))
	if err == nil || !strings.Contains(out, "not end-to-end encrypted") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = vigie(t, "", "check", "-c", changedExample(t, append(place, "allow_plaintext: false", "allow_plaintext: true")...))
	if err != nil {
		t.Errorf("said, and still refused: %v\n%s", err, out)
	}
}

// TestCheckFindsServicesWithSlips refuses two of one id, and words that nothing recognises.
func TestCheckFindsServicesWithSlips(t *testing.T) {
	out, err := vigie(t, "", "check", "-c", changedExample(t, "id: mail", "id: web", "site_down", "site_dwn"))
	if err == nil || !strings.Contains(out, `"web" is another service's id`) || !strings.Contains(out, `"site_dwn" is nothing that is recognised`) {
		t.Errorf("%v\n%s", err, out)
	}
}
