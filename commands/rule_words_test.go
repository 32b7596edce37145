package commands

import (
	"testing"
	"time"

	"vigie/commands/words"
	"vigie/store"
)

// TestRuleWords reads rules back in both languages.
func TestRuleWords(t *testing.T) {
	cat, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ rule, zone, fr, en string }{
		{"rrule: FREQ=MONTHLY;BYDAY=2TU at 20:00", "Europe/Paris", "le 2e mardi de chaque mois à 20 h, heure de Paris", "on the 2nd Tuesday of each month at 20:00, Paris time"},
		{"dernier vendredi à 18:30", "America/New_York", "le dernier vendredi de chaque mois à 18 h 30, heure de New York", "on the last Friday of each month at 18:30, New York time"},
		{"un samedi sur deux à 14:00 depuis 2026-01-10", "Europe/Paris", "un samedi sur deux à 14 h, à compter du samedi 10 janvier 2026, heure de Paris", "every other Saturday at 14:00, counted from Saturday 10 January 2026, Paris time"},
		{"cron: 0 18 * * 1", "Europe/Paris", "tous les lundis à 18 h, heure de Paris", "every Monday at 18:00, Paris time"},
		{"cron: 5 9,18 * * 1,4", "UTC", "tous les lundis et jeudis à 9 h 05 et 18 h 05, temps universel (UTC)", "every Monday and Thursday at 9:05 and 18:05, universal time (UTC)"},
		{"cron: 0 9 * * 1-5", "Europe/Paris", "du lundi au vendredi à 9 h, heure de Paris", "from Monday to Friday at 9:00, Paris time"},
		{"tous les jours à 9h", "Europe/Paris", "tous les jours à 9 h, heure de Paris", "every day at 9:00, Paris time"},
		{"1er et 3e samedi à 14:00", "Europe/Paris", "le 1er et 3e samedi de chaque mois à 14 h, heure de Paris", "on the 1st and 3rd Saturday of each month at 14:00, Paris time"},
		{"cron: 0 9 1,15 * *", "Europe/Paris", "le 1er et 15 de chaque mois à 9 h, heure de Paris", "on the 1st and 15th of each month at 9:00, Paris time"},
		{"cron: 0 9 24 12 *", "Europe/Paris", "chaque année le 24 décembre à 9 h, heure de Paris", "each year on 24 December at 9:00, Paris time"},
		{"2026-12-24 18:00", "Europe/Paris", "le jeudi 24 décembre 2026 à 18 h, heure de Paris", "on Thursday 24 December 2026 at 18:00, Paris time"},
		{"cron: 0 */6 29 2 *", "UTC", "prochaines dates : mardi 29 février 2028 à 00 h 00 ; mardi 29 février 2028 à 06 h 00 ; mardi 29 février 2028 à 12 h 00, temps universel (UTC)",
			"next dates: Tuesday 29 February 2028, 00:00 ; Tuesday 29 February 2028, 06:00 ; Tuesday 29 February 2028, 12:00, universal time (UTC)"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.ParseRule("x", "news", c.rule, zone, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		after := store.Civil{Time: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}
		if fr := RuleWords(cat, "fr", s, after); fr != c.fr {
			t.Errorf("%q: %s, want %s", c.rule, fr, c.fr)
		}
		if en := RuleWords(cat, "en", s, after); en != c.en {
			t.Errorf("%q: %s, want %s", c.rule, en, c.en)
		}
	}
}
