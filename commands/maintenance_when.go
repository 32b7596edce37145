package commands

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"vigie/store"
)

var (
	dayForm    = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})(?:/(\d{4}))?$`)
	hourForm   = regexp.MustCompile(`^(\d{1,2})(?::|h)(\d{2})?$`)
	lengthForm = regexp.MustCompile(`^(?:(\d{1,3})h)?(?:(\d{1,3})(?:m|min|mn)?)?$`)
)

// longestWorks bounds how long works may be planned for, farthestWorks how far ahead.
const (
	longestWorks  = 14 * 24 * time.Hour
	farthestWorks = 400 * 24 * time.Hour
)

// cutWhen takes "2026-12-01 22:00 2h", "01/12 22h 1h30", "demain 22h 90m" or
// "2026-12-01 22:00-23:30" off a text. The error is the id of what to say.
func cutWhen(text string, now time.Time, zone *time.Location) (from, until time.Time, rest, wrong string) {
	word1, rest := cutWord(text)
	day, ok := readDay(word1, store.CivilOf(now, zone))
	if !ok {
		return from, until, text, "maintenance.bad_day"
	}
	word2, rest := cutWord(rest)
	start, end, span := strings.Cut(word2, "-")
	begin, ok := readHour(start)
	if !ok {
		return from, until, text, "maintenance.bad_hour"
	}
	from, _ = store.Civil{Time: day.Add(begin)}.In(zone)
	if span {
		stop, ok := readHour(end)
		if !ok {
			return from, until, text, "maintenance.bad_hour"
		}
		if stop <= begin { // past midnight
			stop += 24 * time.Hour
		}
		until, _ = store.Civil{Time: day.Add(stop)}.In(zone)
	} else {
		word3, after := cutWord(rest)
		length, ok := readLength(word3)
		if !ok {
			return from, until, text, "maintenance.bad_length"
		}
		until, rest = from.Add(length), after
	}
	switch {
	case from.Before(now):
		wrong = "maintenance.past"
	case until.Sub(from) > longestWorks || from.Sub(now) > farthestWorks:
		wrong = "maintenance.too_long"
	}
	return from.UTC(), until.UTC(), rest, wrong
}

// readDay reads a civil date; one without a year is the next such day.
func readDay(s string, today store.Civil) (store.Civil, bool) {
	midnight := today.Truncate(24 * time.Hour)
	switch Fold(s) {
	case "aujourd'hui", "today":
		return store.Civil{Time: midnight}, true
	case "demain", "tomorrow":
		return store.Civil{Time: midnight.AddDate(0, 0, 1)}, true
	}
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return store.Civil{Time: d}, true
	}
	m := dayForm.FindStringSubmatch(s)
	if m == nil {
		return store.Civil{}, false
	}
	day, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	year, _ := strconv.Atoi(m[3])
	named := year != 0
	if !named {
		year = today.Year()
	}
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if d.Day() != day || int(d.Month()) != month { // the 31st of a short month
		return store.Civil{}, false
	}
	if !named && d.Before(midnight) {
		d = time.Date(year+1, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	}
	return store.Civil{Time: d}, d.Day() == day
}

func readHour(s string) (time.Duration, bool) {
	m := hourForm.FindStringSubmatch(strings.ToLower(s))
	if m == nil {
		return 0, false
	}
	h, _ := strconv.Atoi(m[1])
	minutes, _ := strconv.Atoi(m[2])
	return time.Duration(h)*time.Hour + time.Duration(minutes)*time.Minute, h < 24 && minutes < 60
}

// readLength reads 2h, 1h30, 90m, 45min.
func readLength(s string) (time.Duration, bool) {
	s = strings.ToLower(s)
	m := lengthForm.FindStringSubmatch(s)
	if m == nil || m[1] == "" && (m[2] == "" || !strings.ContainsAny(s, "m")) {
		return 0, false
	}
	h, _ := strconv.Atoi(m[1])
	minutes, _ := strconv.Atoi(m[2])
	d := time.Duration(h)*time.Hour + time.Duration(minutes)*time.Minute
	return d, d > 0
}
