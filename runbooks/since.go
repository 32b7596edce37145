package runbooks

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	agoForm   = regexp.MustCompile(`\b(\d{1,3}|un|une|one|a|an|deux|two|trois|three|quatre|four|cinq|five|six|sept|seven|huit|eight|dix|ten|quelques|a few|plusieurs)\s*(minutes?|min|mn|heures?|h|hours?|jours?|j|days?|semaines?|weeks?|mois|months?)\b`)
	clockForm = regexp.MustCompile(`\b([01]?\d|2[0-3])\s?(?:h|:|heures?)\s?([0-5]\d)?\b`)
	isoForm   = regexp.MustCompile(`\b(20\d\d)[-/](\d\d?)[-/](\d\d?)\b`)
	dayForm   = regexp.MustCompile(`\b(\d\d?)/(\d\d?)(?:/(20\d\d))?\b`)
)

// sinceIn understands "hier soir", "depuis 2 jours", "14h30", "lundi" as an
// instant before now. It means the coarse thing that people mean: an evening is
// 20:00, a morning 8:00.
func sinceIn(text string, now time.Time, zone *time.Location) (time.Time, bool) {
	if zone == nil {
		zone = time.UTC
	}
	now = now.In(zone)
	if t, ok := dateIn(text, now); ok {
		return t, true
	}
	folded := fold(text)
	// The article of "il y a" is no number.
	folded = strings.TrimSpace(strings.ReplaceAll(" "+folded+" ", " il y a ", " "))
	if m := agoForm.FindStringSubmatch(folded); m != nil && !anyWords(folded, "h du", "heures du") && (m[2] != "h" || anyWords(folded, "depuis", "ago", "since") || !clockForm.MatchString(text)) {
		return ago(now, m[1], m[2]), true
	}
	day, named := dayIn(folded, now)
	hour, minute, part := partOfDay(folded)
	if m := clockForm.FindStringSubmatch(text); m != nil {
		hour, part = atoi(m[1]), true
		minute = atoi(m[2])
	}
	switch {
	case anyWords(folded, "a l instant", "maintenant", "just now", "right now", "now", "tout a l heure", "tout de suite", "a minute ago"):
		return now, true
	case !named && !part:
		return time.Time{}, false
	}
	when := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, zone)
	if when.After(now) && !named {
		when = when.AddDate(0, 0, -1)
	}
	if when.After(now) {
		when = now
	}
	return when, true
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func ago(now time.Time, count, unit string) time.Time {
	n, ok := number(count)
	if !ok {
		n = map[string]int{"a": 1, "an": 1}[count]
	}
	if n == 0 && !ok {
		n = 3 // "quelques": a few
	}
	switch unit[0] {
	case 'm':
		if strings.HasPrefix(unit, "mo") {
			return now.AddDate(0, -n, 0)
		}
		return now.Add(-time.Duration(n) * time.Minute)
	case 'h':
		return now.Add(-time.Duration(n) * time.Hour)
	case 'j', 'd':
		return now.AddDate(0, 0, -n)
	}
	return now.AddDate(0, 0, -7*n)
}

func dateIn(text string, now time.Time) (time.Time, bool) {
	year, month, day := 0, 0, 0
	if m := isoForm.FindStringSubmatch(text); m != nil {
		year, month, day = atoi(m[1]), atoi(m[2]), atoi(m[3])
	} else if m := dayForm.FindStringSubmatch(text); m != nil {
		year, month, day = now.Year(), atoi(m[2]), atoi(m[1])
		if m[3] != "" {
			year = atoi(m[3])
		}
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, now.Location())
	if month < 1 || month > 12 || t.Day() != day {
		return time.Time{}, false
	}
	if t.After(now) {
		t = t.AddDate(-1, 0, 0)
	}
	return t, true
}

// dayIn finds the day that a sentence names; without one it is today.
func dayIn(folded string, now time.Time) (time.Time, bool) {
	switch {
	case anyWords(folded, "avant hier", "day before yesterday"):
		return now.AddDate(0, 0, -2), true
	case anyWords(folded, "hier", "yesterday", "last night", "la veille"):
		return now.AddDate(0, 0, -1), true
	case anyWords(folded, "aujourd hui", "today", "ce jour"):
		return now, true
	case anyWords(folded, "semaine derniere", "last week", "la semaine passee"):
		return now.AddDate(0, 0, -7), true
	case anyWords(folded, "mois dernier", "last month"):
		return now.AddDate(0, -1, 0), true
	case anyWords(folded, "ce week end", "week end dernier", "weekend", "ce weekend", "last weekend"):
		return now.AddDate(0, 0, -int((now.Weekday()+1)%7)), true
	}
	for i, names := range [7][2]string{{"dimanche", "sunday"}, {"lundi", "monday"}, {"mardi", "tuesday"}, {"mercredi", "wednesday"},
		{"jeudi", "thursday"}, {"vendredi", "friday"}, {"samedi", "saturday"}} {
		if anyWords(folded, names[0], names[1]) {
			back := (int(now.Weekday()) - i + 7) % 7
			return now.AddDate(0, 0, -back), true
		}
	}
	return now, false
}

func partOfDay(folded string) (hour, minute int, found bool) {
	for _, p := range []struct {
		hour  int
		words []string
	}{
		{20, []string{"soir", "evening", "last night", "tonight"}},
		{8, []string{"matin", "morning"}},
		{12, []string{"midi", "noon"}},
		{15, []string{"apres midi", "aprem", "afternoon"}},
		{2, []string{"nuit", "night"}},
	} {
		if anyWords(folded, p.words...) {
			if p.hour == 12 && anyWords(folded, "apres midi") {
				continue
			}
			return p.hour, 0, true
		}
	}
	return 0, 0, false
}
