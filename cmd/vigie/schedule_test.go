package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vigie/commands"
	"vigie/store/ics"
)

// exampleFile is the shipped configuration.
func exampleFile() string { return filepath.Join("..", "..", "config.example.yaml") }

func TestScheduleSimulateTellsReasons(t *testing.T) {
	out, err := vigie(t, "", "schedule", "simulate", "-c", exampleFile(), "--from", "2026-12-14", "--to", "2027-02-01",
		"--outage", "2026-12-17 17:00/2026-12-17 19:30/web", "--stop", "2027-01-12 17:50/2027-01-12 21:00")
	if err != nil {
		t.Fatal(err, out)
	}
	for _, want := range []string{
		"2026-12-17 18:00 CET  appel-don  retenu  irc/#annonces matrix/#annonces:example.org  (incident 1 ouvert)",
		"2026-12-20 19:30 CET  appel-don  dit  irc/#annonces",
		"2027-01-12 21:00 CET  reunion@2h  pas dit  (trop tard",
		"abandonné  (la campagne est finie)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	raw, err := vigie(t, "", "schedule", "simulate", "-c", exampleFile(), "--from", "2026-12-14", "--to", "2027-02-01", "--json")
	var list []commands.Ruling
	if err != nil || json.Unmarshal([]byte(raw), &list) != nil || len(list) == 0 || list[0].Zone != "Europe/Paris" {
		t.Errorf("as JSON: %v %.80s", err, raw)
	}
}

func TestScheduleSimulateRefuses(t *testing.T) {
	for _, args := range [][]string{
		{"--from", "tomorrow"}, {"--from", "2027-01-01", "--to", "2026-01-01"}, {"--from", "2027-01-01", "--to", "2127-01-01"},
		{"--outage", "2027-01-01 10:00"}, {"--outage", "2027-01-01 10:00/2027-01-01 09:00"}, {"--stop", "2027-01-01 10:00/2027-01-01 11:00/web"},
	} {
		if out, err := vigie(t, "", append([]string{"schedule", "simulate", "-c", exampleFile()}, args...)...); err == nil {
			t.Errorf("%v passes: %.80s", args, out)
		}
	}
}

func TestScheduleNext(t *testing.T) {
	until := time.Now().AddDate(0, 3, 0).Format(time.DateOnly)
	out, err := vigie(t, "", "schedule", "next", "-c", exampleFile(), "--until", until)
	if err != nil || !strings.Contains(out, "reunion: le 2e mardi de chaque mois à 20 h, heure de Paris") || !strings.Contains(out, "reunion@2h") || !strings.Contains(out, "    📅 Réunion mensuelle : mardi") {
		t.Errorf("%v\n%s", err, out)
	}
	if strings.Contains(out, "  reunion (meeting)") {
		t.Errorf("a meeting with reminders says nothing at its own hour:\n%s", out)
	}
	raw, err := vigie(t, "", "schedule", "next", "-c", exampleFile(), "--until", until, "--ics")
	if err != nil {
		t.Fatal(err)
	}
	list, skipped, err := ics.Decode(strings.NewReader(raw), time.UTC, time.Now(), time.Now().AddDate(0, 4, 0))
	if err != nil || skipped != 0 || len(list) < 2 || list[0].Summary != "Réunion mensuelle" || list[0].UID == list[1].UID {
		t.Errorf("%d events, %d left out: %v", len(list), skipped, err)
	}
	if _, err := vigie(t, "", "schedule", "next", "-c", exampleFile(), "--json", "--ics"); err == nil {
		t.Error("JSON and iCalendar at once")
	}
}

// yearArgs are those of the year that the operator's page shows.
func yearArgs() []string {
	return []string{"schedule", "simulate", "-c", exampleFile(), "--from", "2026-12-01", "--to", "2027-12-01",
		"--outage", "2026-12-17 17:00/2026-12-17 19:30/web", "--stop", "2027-01-12 17:50/2027-01-12 21:00"}
}

// TestOperatorsPageShowsTheYear holds the year in the operator's page to what the program says.
func TestOperatorsPageShowsTheYear(t *testing.T) {
	out, err := vigie(t, "", yearArgs()...)
	if err != nil {
		t.Fatal(err, out)
	}
	page, err := os.ReadFile(filepath.Join("dist", "OPERATING.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for line := range strings.Lines(out) {
		want.WriteString("    " + line)
	}
	if !strings.Contains(string(page), want.String()) {
		t.Errorf("the year in OPERATING.md is another; it should be:\n%s", want.String())
	}
}
