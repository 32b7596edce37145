package commands

import (
	"slices"
	"strings"
	"testing"
)

func TestNobodyIsInTheDirectoryWhoDidNotAgree(t *testing.T) {
	for want, v := range map[string]VolunteerEntry{
		"volunteers[0].agreed": {Name: "Jean", For: []string{"mail"}},
		"volunteers[0]":        {Agreed: "2026-01-31"},
		"volunteers[0].show":   {Name: "Jean", For: []string{"mail"}, Agreed: "2026-01-31", Show: "everybody"},
	} {
		c := testConfig()
		c.Volunteers = []VolunteerEntry{v}
		if !slices.ContainsFunc(c.Check([]string{"irc", "matrix"}), func(p Problem) bool { return p.Path == want && p.Hint != "" }) {
			t.Errorf("%+v is taken", v)
		}
	}
	c := testConfig()
	c.Volunteers = []VolunteerEntry{{Name: "Jean", For: []string{"mail"}, Agreed: "2026-01-31"}}
	if p := c.Check([]string{"irc", "matrix"}); len(p) > 0 {
		t.Errorf("a sound entry: %v", p)
	}
}

func TestSubjectsAreFoundAsPeopleSayThem(t *testing.T) {
	v := VolunteerEntry{For: []string{"adhésion", "noms de domaine", "DNS"}}
	for subject, want := range map[string]bool{"adhesion": true, "Adhésion ?": true, "domaine": true, "le dns": true, "no": false, "mail": false, "": false, "adhes": false} {
		if got := v.answersFor(subject); got != want {
			t.Errorf("%q: %v", subject, got)
		}
	}
	list := []VolunteerEntry{v, {For: []string{"Dns", "mail"}}}
	if got := subjects(list); strings.Count(strings.ToLower(got), "dns") != 1 || !strings.HasSuffix(got, "mail") {
		t.Errorf("subjects: %s", got)
	}
}
