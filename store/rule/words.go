package rule

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/teambition/rrule-go"
	"golang.org/x/text/unicode/norm"
)

// dayNames are the weekdays, in both languages, without accents (there are none).
func dayNames() map[string]rrule.Weekday {
	return map[string]rrule.Weekday{
		"lundi": rrule.MO, "mardi": rrule.TU, "mercredi": rrule.WE, "jeudi": rrule.TH, "vendredi": rrule.FR, "samedi": rrule.SA, "dimanche": rrule.SU,
		"monday": rrule.MO, "tuesday": rrule.TU, "wednesday": rrule.WE, "thursday": rrule.TH, "friday": rrule.FR, "saturday": rrule.SA, "sunday": rrule.SU,
	}
}

// counted are the words for which one of the month is meant.
func counted() map[string]int {
	return map[string]int{"premier": 1, "deuxieme": 2, "second": 2, "troisieme": 3, "quatrieme": 4, "dernier": -1,
		"first": 1, "third": 3, "fourth": 4, "last": -1}
}

// hourForm finds the hour at the end of a rule in words: "à 20:00", "a 20h30", "at 20:00".
var hourForm = regexp.MustCompile(`^(.*) (?:a|at) (\d{1,2}) ?(?::|h) ?(\d{2})?$`)

// sinceForm finds the day to count from: "depuis 2026-01-10", "from 2026-01-10".
var sinceForm = regexp.MustCompile(`^(.*) (?:depuis|a partir du|from|since) (?:le )?(\d{4}-\d{2}-\d{2})$`)

// ordinal is a number with what French and English put behind it.
var ordinal = regexp.MustCompile(`^(\d{1,2})(?:er|e|eme|st|nd|rd|th)?$`)

// parseWords reads a rule as people say it:
//
//	2e mardi à 20:00 · dernier vendredi à 18:00 · 1er et 3e samedi à 14:00
//	tous les lundis à 18:00 · tous les jours à 9:00 · le 15 à 9:00
//	un samedi sur deux à 14:00 depuis 2026-01-10
//
// and the same in English (2nd Tuesday at 20:00, every other Saturday at 14:00 from
// 2026-01-10, every day at 9:00, the 15th at 9:00). ok is false when this is not a
// rule in words at all; an error tells what is missing in one.
func parseWords(text string) (r Rule, ok bool, err error) {
	text = plain(text)
	var from time.Time
	if m := sinceForm.FindStringSubmatch(text); m != nil {
		if from, err = time.Parse(time.DateOnly, m[2]); err != nil {
			return r, false, fmt.Errorf("%q is not a date", m[2])
		}
		text = m[1]
	}
	m := hourForm.FindStringSubmatch(text)
	if m == nil {
		return r, false, nil
	}
	hour, _ := strconv.Atoi(m[2])
	minute, _ := strconv.Atoi("0" + m[3])
	if hour > 23 || minute > 59 {
		return r, false, fmt.Errorf("%q is not an hour", strings.TrimSpace(m[2]+":"+m[3]))
	}
	opt, other := readWords(strings.Fields(m[1]))
	if opt == nil {
		return r, false, nil
	}
	if other && from.IsZero() {
		return r, false, errors.New("every other week needs a day to count from: add \"depuis 2026-01-10\" or \"from 2026-01-10\"")
	}
	start := origin
	if !from.IsZero() {
		start = from
	}
	start = start.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	r, err = recur(opt, start, time.UTC)
	return r, err == nil, err
}

// plain lowers a text and takes its accents and articles' commas away.
func plain(text string) string {
	var b strings.Builder
	for _, c := range norm.NFD.String(strings.ToLower(text)) {
		if !unicode.Is(unicode.Mn, c) && c != ',' {
			b.WriteRune(c)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// readWords reads the days of a rule; other tells that it is every other one.
func readWords(list []string) (opt *rrule.ROption, other bool) {
	var days []rrule.Weekday
	var numbers []int
	every, ranked := false, false
	for i, w := range list {
		switch {
		case isDay(w):
			days = append(days, dayOf(w))
		case w == "jours" || w == "jour" || w == "day" || w == "days":
			if every && len(list) <= i+1 && len(days)+len(numbers) == 0 {
				return &rrule.ROption{Freq: rrule.DAILY}, false
			}
			return nil, false
		case w == "tous" || w == "chaque" || w == "every":
			every = true
		case w == "other" || w == "deux" || w == "sur" || w == "un":
			other = other || w == "other" || w == "deux"
		case w == "le" || w == "les" || w == "la" || w == "the" || w == "et" || w == "and" || w == "du" || w == "de" || w == "of" || w == "mois" || w == "month" || w == "each":
		default:
			n, ok := counted()[w]
			if m := ordinal.FindStringSubmatch(w); m != nil {
				n, _ = strconv.Atoi(m[1])
				ok = true
				ranked = ranked || strings.HasSuffix(w, "e") // "2e" counts weekdays, the 2nd of the month is "le 2"
			}
			if !ok {
				return nil, false
			}
			numbers = append(numbers, n)
		}
	}
	if ranked && len(days) == 0 {
		return nil, false
	}
	return combine(days, numbers, other), other
}

func isDay(w string) bool { _, ok := dayNames()[strings.TrimSuffix(w, "s")]; return ok }

func dayOf(w string) rrule.Weekday { return dayNames()[strings.TrimSuffix(w, "s")] }

// combine makes a recurrence of weekdays and numbers; nil when they make no sense.
func combine(days []rrule.Weekday, numbers []int, other bool) *rrule.ROption {
	switch {
	case len(days) == 0 && len(numbers) > 0 && !other:
		for _, n := range numbers {
			if n == 0 || n > 31 {
				return nil
			}
		}
		return &rrule.ROption{Freq: rrule.MONTHLY, Bymonthday: numbers}
	case len(days) > 0 && len(numbers) == 0:
		opt := &rrule.ROption{Freq: rrule.WEEKLY, Byweekday: days}
		if other {
			opt.Interval = 2
		}
		return opt
	case len(days) == 1 && len(numbers) > 0 && !other:
		opt := &rrule.ROption{Freq: rrule.MONTHLY}
		for _, n := range numbers {
			if n == 0 || n > 5 {
				return nil
			}
			opt.Byweekday = append(opt.Byweekday, days[0].Nth(n))
		}
		return opt
	}
	return nil
}
