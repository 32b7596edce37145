// Package when reads a day, an hour or a length of time as people type it in chat, in
// French or English: "vendredi", "demain 14h", "dans 3 jours", "15/12", "2026-12-15",
// "until friday", "2 weeks". It knows no clock: whoever asks says what time it is.
package when

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Morning is the hour of a day that was named without one.
const Morning = 9

// farthest is how far ahead a time may lie: beyond it, it is a slip.
const farthest = 2 * 366 * 24 * time.Hour

var (
	clockForm = regexp.MustCompile(`^(?:(\d{1,2})[h:](\d{2})?|(\d{1,2}) ?(am|pm))$`)
	isoForm   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	dayForm   = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})(?:/(\d{2}|\d{4}))?$`)
	spanForm  = regexp.MustCompile(`^(\d{1,3})(min|mn|m|h|j|d|s|w|sem)$`)
)

// Read takes a time off the start of a text. now is the present instant where people
// live: its location is theirs. rest is what follows, with the words as they were typed. A
// day without an hour is its morning. ok is false when the text begins with no time, or with
// one that is past, or more than two years ahead.
//
// A day of the week is the next one, never today. A date without a year is the next one
// of that name.
func Read(text string, now time.Time) (at time.Time, rest string, ok bool) {
	words := strings.Fields(text)
	w := make([]string, len(words))
	for i, s := range words {
		w[i] = strings.Trim(fold(s), ",;.!?")
	}
	skip := 0
	for skip < len(w) && skip < 2 && slices.Contains([]string{"jusqu'a", "jusqu'au", "jusque", "jusqu’a", "jusqu’au", "until", "till", "by", "d'ici", "dici", "le", "au", "on", "the"}, w[skip]) {
		skip++
	}
	if h, more := clock(w[skip:]); more > 0 { // "14h": today, or tomorrow when that is past
		at = onDay(now, h)
		if !at.After(now) {
			at = onDay(now.AddDate(0, 0, 1), h)
		}
		return end(at, now, words[skip+more:])
	}
	at, used := day(w[skip:], now)
	if used == 0 {
		at, used = length(w[skip:], now)
		if used == 0 {
			return at, text, false
		}
		return end(at, now, words[skip+used:])
	}
	hour, more := clock(w[skip+used:])
	if more == 0 {
		hour = Morning * time.Hour
	}
	return end(onDay(at, hour), now, words[skip+used+more:])
}

// onDay is a time of day on the day of at.
func onDay(at time.Time, clock time.Duration) time.Time {
	y, m, d := at.Date()
	return time.Date(y, m, d, int(clock.Hours()), int(clock.Minutes())%60, 0, 0, at.Location())
}

// end refuses what no one can have meant.
func end(at, now time.Time, rest []string) (time.Time, string, bool) {
	text := strings.Join(rest, " ")
	if !at.After(now) || at.Sub(now) > farthest {
		return at, text, false
	}
	return at, text, true
}

// weekdays and months by name, in both languages, folded.
func weekday(s string) (time.Weekday, bool) {
	for i, names := range [][]string{{"dimanche", "sunday"}, {"lundi", "monday"}, {"mardi", "tuesday"}, {"mercredi", "wednesday"}, {"jeudi", "thursday"},
		{"vendredi", "friday"}, {"samedi", "saturday"}} {
		if slices.Contains(names, s) {
			return time.Weekday(i), true
		}
	}
	return 0, false
}

func month(s string) (time.Month, bool) {
	for i, names := range [][]string{{"janvier", "january", "jan"}, {"fevrier", "february", "feb"}, {"mars", "march"}, {"avril", "april"}, {"mai", "may"},
		{"juin", "june"}, {"juillet", "july"}, {"aout", "august", "aug"}, {"septembre", "september", "sept"}, {"octobre", "october", "oct"},
		{"novembre", "november", "nov"}, {"decembre", "december", "dec"}} {
		if slices.Contains(names, s) {
			return time.Month(i + 1), true
		}
	}
	return 0, false
}

// day reads a day, and says how many words it took.
func day(w []string, now time.Time) (time.Time, int) {
	if len(w) == 0 {
		return now, 0
	}
	switch w[0] {
	case "aujourd'hui", "today":
		return now, 1
	case "demain", "tomorrow":
		return now.AddDate(0, 0, 1), 1
	case "apres-demain", "apresdemain":
		return now.AddDate(0, 0, 2), 1
	}
	if wd, ok := weekday(w[0]); ok {
		ahead := (int(wd)-int(now.Weekday())+6)%7 + 1
		used := 1
		if len(w) > 1 && slices.Contains([]string{"prochain", "next"}, w[1]) {
			used++
		}
		return now.AddDate(0, 0, ahead), used
	}
	return date(w, now)
}

// date reads "2026-12-15", "15/12", "15 decembre" and "december 15".
func date(w []string, now time.Time) (time.Time, int) {
	if m := isoForm.FindStringSubmatch(w[0]); m != nil {
		return civil(number(m[1]), number(m[2]), number(m[3]), now, 1)
	}
	if m := dayForm.FindStringSubmatch(w[0]); m != nil {
		year := number(m[3])
		if m[3] != "" && year < 100 {
			year += 2000
		}
		return civil(year, number(m[2]), number(m[1]), now, 1)
	}
	if len(w) < 2 {
		return now, 0
	}
	one, two := w[0], w[1]
	if _, ok := month(one); ok {
		one, two = two, one
	}
	m, named := month(two)
	d := number(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(one, "er"), "th"), "st"), "nd"), "rd"))
	if !named || d == 0 {
		return now, 0
	}
	if len(w) > 2 && len(w[2]) == 4 && number(w[2]) > 2000 {
		return civil(number(w[2]), int(m), d, now, 3)
	}
	return civil(0, int(m), d, now, 2)
}

// civil is a date that exists; without a year, the next of that name.
func civil(year, m, d int, now time.Time, used int) (time.Time, int) {
	next := year == 0
	if next {
		year = now.Year()
	}
	at := time.Date(year, time.Month(m), d, 23, 59, 0, 0, now.Location())
	if next && at.Before(now) {
		at = time.Date(year+1, time.Month(m), d, 23, 59, 0, 0, now.Location())
	}
	if at.Day() != d || int(at.Month()) != m {
		return now, 0 // the 31st of April
	}
	return at, used
}

// clock reads an hour: "14h", "14h30", "14:30", "2 pm", also after "a" or "at".
func clock(w []string) (time.Duration, int) {
	used := 0
	if len(w) > 1 && slices.Contains([]string{"a", "at"}, w[0]) {
		w, used = w[1:], 1
	}
	if len(w) == 0 {
		return 0, 0
	}
	m := clockForm.FindStringSubmatch(w[0])
	if m == nil {
		return 0, 0
	}
	h, minutes := number(m[1]+m[3]), number(m[2])
	switch {
	case m[4] == "pm" && h < 12:
		h += 12
	case m[4] == "am" && h == 12:
		h = 0
	}
	if h > 23 || minutes > 59 {
		return 0, 0
	}
	return time.Duration(h)*time.Hour + time.Duration(minutes)*time.Minute, used + 1
}

// length reads a length of time from now: "3 jours", "2w", "dans une semaine". Days and
// weeks are days of the calendar, in the morning.
func length(w []string, now time.Time) (time.Time, int) {
	used := 0
	if len(w) > 0 && slices.Contains([]string{"dans", "in", "pendant", "for", "pour"}, w[0]) {
		w, used = w[1:], 1
	}
	if len(w) == 0 {
		return now, 0
	}
	n, unit := 0, ""
	if m := spanForm.FindStringSubmatch(w[0]); m != nil {
		n, unit, used = number(m[1]), m[2], used+1
	} else if len(w) > 1 {
		if n = number(w[0]); slices.Contains([]string{"un", "une", "a", "an", "one"}, w[0]) {
			n = 1
		}
		unit, used = w[1], used+2
	}
	if n == 0 || n > 999 {
		return now, 0
	}
	switch strings.TrimSuffix(unit, "s") {
	case "min", "mn", "m", "minute":
		return now.Add(time.Duration(n) * time.Minute), used
	case "h", "heure", "hour":
		return now.Add(time.Duration(n) * time.Hour), used
	case "j", "d", "jour", "day":
		return morning(now.AddDate(0, 0, n)), used
	case "sem", "w", "semaine", "week":
		return morning(now.AddDate(0, 0, 7*n)), used
	case "moi", "month":
		return morning(now.AddDate(0, n, 0)), used
	case "": // "2s": weeks, in French
		return morning(now.AddDate(0, 0, 7*n)), used
	}
	return now, 0
}

func morning(at time.Time) time.Time { return onDay(at, Morning*time.Hour) }

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// fold is small letters without accents.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(strings.ToLower(s)))
}
