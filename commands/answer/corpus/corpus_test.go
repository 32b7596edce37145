package corpus

import (
	"strings"
	"testing"
)

func load(t *testing.T) map[string][]Line {
	t.Helper()
	parts := map[string][]Line{}
	for _, p := range []string{"train", "dev", "test"} {
		lines, err := Load(p)
		if err != nil {
			t.Fatal(err)
		}
		parts[p] = lines
	}
	return parts
}

func TestEveryPartHasEveryIDInBothLanguages(t *testing.T) {
	parts := load(t)
	ids := map[string]bool{}
	for _, l := range parts["train"] {
		ids[l.ID] = true
	}
	if len(ids) != 26 {
		t.Errorf("train has %d ids, want the 25 and none", len(ids))
	}
	for part, lines := range parts {
		have := map[string]bool{}
		for _, l := range lines {
			if !ids[l.ID] {
				t.Errorf("%s has an id that train has not: %q", part, l.ID)
			}
			have[l.Lang+l.ID] = true
		}
		for id := range ids {
			if !have["fr"+id] || !have["en"+id] {
				t.Errorf("%s lacks %s in a language", part, id)
			}
		}
	}
}

func TestSize(t *testing.T) {
	parts := load(t)
	n, fr := 0, 0
	for _, lines := range parts {
		for _, l := range lines {
			n++
			if l.Lang == "fr" {
				fr++
			}
		}
	}
	if n < 3000 {
		t.Errorf("%d lines in all, want 3000 or more", n)
	}
	if share := float64(fr) / float64(n); share < 0.6 || share > 0.8 {
		t.Errorf("%.2f of the lines are French, want about two thirds", share)
	}
}

// A sentence in two parts would make the test split lie.
func TestNoSentenceInTwoParts(t *testing.T) {
	where := map[string]string{}
	for part, lines := range load(t) {
		for _, l := range lines {
			key := strings.ToLower(strings.Join(strings.FieldsFunc(l.Text, func(r rune) bool { return r == ' ' || r == '?' || r == '!' || r == '.' || r == ',' }), " "))
			if other, ok := where[key]; ok && other != part && len(strings.Fields(key)) > 2 {
				t.Errorf("%q is in %s and in %s", l.Text, other, part)
			}
			where[key] = part
		}
	}
}

// A sentence under two ids teaches nothing.
func TestNoSentenceUnderTwoIDs(t *testing.T) {
	id := map[string]string{}
	for _, lines := range load(t) {
		for _, l := range lines {
			if other, ok := id[l.Text]; ok && other != l.ID {
				t.Errorf("%q is %s and %s", l.Text, other, l.ID)
			}
			id[l.Text] = l.ID
		}
	}
}

func TestParse(t *testing.T) {
	got, err := Parse("s", "# who\n[fr a]\none\n\n  two  \n[en b]\n#hashtag three\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []Line{{"fr", "one", "a", "s"}, {"fr", "two", "a", "s"}, {"en", "#hashtag three", "b", "s"}}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func TestParseErrorsNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"lonely":        "s:1",
		"[fr]\nx":       "s:1",
		"# c\n[de a]\n": "s:2",
	} {
		if _, err := Parse("s", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): got %v, want %s", text, err, want)
		}
	}
	if _, err := Load("nothing"); err == nil {
		t.Error("an empty part is no error")
	}
}
