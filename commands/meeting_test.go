package commands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/store"
)

// TestHolidayCollisions finds, for the second Tuesday, exactly the eight meetings of sixteen
// years that fall on a French public holiday.
func TestHolidayCollisions(t *testing.T) {
	c := testConfig()
	list, err := c.chains(c.Schedules[0])
	if err != nil {
		t.Fatal(err)
	}
	cal := c.Calendar()
	var got []string
	for m, _, ok := list[0].rule.Next(store.Civil{Time: time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)}); ok && m.Year() <= 2040; m, _, ok = list[0].rule.Next(m) {
		if _, holiday := cal.HolidayOn(m); holiday {
			got = append(got, m.Format(time.DateOnly))
		}
	}
	want := []string{"2025-11-11", "2026-07-14", "2029-05-08", "2031-11-11", "2035-05-08", "2036-11-11", "2037-07-14", "2040-05-08"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestParseMoment(t *testing.T) {
	old := store.Civil{Time: time.Date(2026, 7, 14, 20, 0, 0, 0, time.UTC)}
	now := store.Civil{Time: time.Date(2026, 6, 24, 12, 0, 0, 0, time.UTC)}
	for text, want := range map[string]string{
		"15/07": "2026-07-15T20:00:00", "au 15/07 19h30": "2026-07-15T19:30:00", "15/07/2027 à 19:00": "2027-07-15T19:00:00",
		"2026-07-15": "2026-07-15T20:00:00", "to 2026-07-15 9h": "2026-07-15T09:00:00", "02/01": "2027-01-02T20:00:00",
		"31/02": "", "15/13": "", "15/07 25:00": "", "demain": "", "": "", "15/07 20:00 x": "", "0/0": "",
	} {
		got, ok := parseMoment(text, old, now)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%q: %s %v, want %s", text, got, ok, want)
		}
	}
}

// TestMinutes writes minutes of hostile texts, with roll and names.
func TestMinutes(t *testing.T) {
	w := lifeOf(t, testConfig(), "2026-12-08 20:00")
	began := instantOf(t, "2026-12-08 20:00")
	m := store.Meeting{N: 1, Title: map[string]string{"fr": "Réunion", "en": "Meeting"}, Began: began, Ended: began.Add(90 * time.Minute), Agenda: []string{"le # serveur"},
		Lines: []store.Minute{
			{Kind: store.MinuteTopic, Text: "Serveur\n# faux titre <script>", At: began},
			{Kind: store.MinuteInfo, Text: "[lien](javascript:x) *gras*", By: "p9", At: began.Add(time.Minute)},
			{Kind: store.MinuteAction, Text: "Claire", Action: 7, At: began},
			{Kind: store.MinuteVote, Text: "Oui ?", Votes: map[string]int{"p1": 1, "p2": -1}, Voters: []string{"p1", "p2"}, At: began},
		}}
	err := w.store.View(func(tx *store.Tx) error {
		text := w.table.Minutes(tx, "fr", m)
		for _, want := range []string{"mardi 8 décembre 2026 à 20 h 00 – 21:30", "1. le \\# serveur", "## Serveur \\# faux titre &lt;script>",
			`- 20:01 \[lien\](javascript:x) \*gras\* (quelqu'un)`, "**Action 7** : Claire", "pour 1, contre 1, abstentions 0"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in:\n%s", want, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
