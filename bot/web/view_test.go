package web

import (
	"strings"
	"testing"
	"time"
)

// viewsAt are views in both languages, seen at an instant.
func viewsAt(t *testing.T, now time.Time) map[string]*view {
	w := newSite(t, config(), facts(), newStore(t))
	out := map[string]*view{}
	for _, lang := range []string{"fr", "en"} {
		out[lang] = &view{State: State{Now: now}, Lang: lang, site: w}
	}
	return out
}

// plainSpaces lets expectations be typed.
func plainSpaces(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)
}

func TestDatesAreSaidAsPeopleSayThem(t *testing.T) {
	v := viewsAt(t, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct {
		at     time.Time
		fr, en string
	}{
		{time.Date(2026, 11, 22, 4, 7, 0, 0, time.UTC), "dimanche 22 novembre à 5 h 07", "Sunday 22 November, 05:07"},
		{time.Date(2026, 11, 24, 19, 0, 0, 0, time.UTC), "mardi 24 novembre à 20 h", "Tuesday 24 November, 20:00"},
		{time.Date(2026, 8, 1, 10, 30, 0, 0, time.UTC), "samedi 1er août à 12 h 30", "Saturday 1 August, 12:30"},
		{time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC), "lundi 11 mai à 2 h", "Monday 11 May, 02:00"},
		{time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC), "vendredi 1er janvier 2027 à 0 h 30", "Friday 1 January 2027, 00:30"},
		{time.Date(2025, 3, 5, 12, 0, 0, 0, time.UTC), "mercredi 5 mars 2025 à 13 h", "Wednesday 5 March 2025, 13:00"},
		{time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), "jeudi 29 février 2024 à 13 h", "Thursday 29 February 2024, 13:00"},
	} {
		if got := plainSpaces(v["fr"].Date(c.at)); got != c.fr {
			t.Errorf("%q, want %q", got, c.fr)
		}
		if got := v["en"].Date(c.at); got != c.en {
			t.Errorf("%q, want %q", got, c.en)
		}
		if got := v["fr"].Stamp(c.at); got != c.at.Format("2006-01-02T15:04:05Z") {
			t.Errorf("for machines: %q", got)
		}
	}
}

func TestSpans(t *testing.T) {
	v := viewsAt(t, time.Now())
	for d, want := range map[time.Duration]string{
		0: "1 min", -time.Hour: "1 min", 20 * time.Second: "1 min", 90 * time.Second: "2 min", 59 * time.Minute: "59 min", time.Hour - 10*time.Second: "1 h",
		time.Hour + time.Minute: "1 h 01", 26 * time.Hour: "26 h", 47*time.Hour + 59*time.Minute: "47 h 59", 48 * time.Hour: "2 j", 59 * time.Hour: "2 j", 60 * time.Hour: "3 j", 30 * 24 * time.Hour: "30 j",
	} {
		if got := plainSpaces(v["fr"].span(d)); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
		if got := plainSpaces(v["en"].span(d)); got != strings.Replace(want, "j", "d", 1) {
			t.Errorf("%v is %q in English", d, got)
		}
	}
}

func TestMoney(t *testing.T) {
	v := viewsAt(t, time.Now())
	for cents, want := range map[int64][2]string{
		0: {"0 €", "€0"}, 99: {"0 €", "€0"}, 100000: {"1 000 €", "€1,000"}, 99999: {"999 €", "€999"}, 123456789: {"1 234 567 €", "€1,234,567"},
	} {
		if fr, en := plainSpaces(v["fr"].euros(cents)), v["en"].euros(cents); fr != want[0] || en != want[1] {
			t.Errorf("%d is %q and %q, want %q", cents, fr, en, want)
		}
	}
}

func TestWordsOfTheOtherLanguageAreBetterThanNone(t *testing.T) {
	v := viewsAt(t, time.Now())
	for _, c := range []struct {
		text   map[string]string
		fr, en string
	}{{both("a", "b"), "a", "b"}, {both("a", ""), "a", "a"}, {both("", "b"), "b", "b"}, {nil, "", ""}} {
		if fr, en := v["fr"].In(c.text), v["en"].In(c.text); fr != c.fr || en != c.en {
			t.Errorf("%v reads %q and %q", c.text, fr, en)
		}
	}
	if got := v["en"].ServiceName("unknown"); got != "unknown" {
		t.Errorf("a service that is no more is called %q", got)
	}
	if got := cut("été comme hiver", 4); got != "été…" {
		t.Errorf("cut: %q", got)
	}
	if got := cut("été", 3); got != "été" {
		t.Errorf("cut what fits: %q", got)
	}
}

// TestEveryPublicStateHasWords: a state that the store knows must not show as an id.
func TestEveryPublicStateHasWords(t *testing.T) {
	for lang, v := range viewsAt(t, time.Now()) {
		for _, state := range []string{"ongoing", "identified", "monitoring", "resolved", "review", "cancelled"} {
			for _, got := range []string{v.StateOf(state), v.Says(Post{State: state})} {
				if got == "" || strings.Contains(got, "⟦") {
					t.Errorf("%s: %s reads %q", lang, state, got)
				}
			}
		}
		for severity := 1; severity <= 4; severity++ {
			if got := v.Severity(Incident{Severity: severity}); strings.Contains(got, "⟦") {
				t.Errorf("%s: severity %d reads %q", lang, severity, got)
			}
		}
		for _, worst := range []string{"none", "minor", "major", "critical"} {
			if got := v.W("web.summary_" + worst); strings.Contains(got, "⟦") {
				t.Errorf("%s: %s reads %q", lang, worst, got)
			}
		}
	}
}
