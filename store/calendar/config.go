package calendar

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/store"
)

// Config says when people are there. What is left empty is as Defaults says.
type Config struct {
	// Hours are the opening hours by weekday or span of weekdays: "mon-fri":
	// "09:00-12:00 14:00-19:00". Days are named in English or French, three letters
	// or whole; those that are not named are closed.
	Hours map[string]string `yaml:"hours"`
	// NoFrenchHolidays counts the French public holidays as ordinary days.
	NoFrenchHolidays bool `yaml:"no_french_holidays"`
	// AlsaceMoselle adds Good Friday and Saint Stephen's Day.
	AlsaceMoselle bool `yaml:"alsace_moselle"`
	// Closed are days of the association's own.
	Closed []Closed `yaml:"closed"`
}

// Closed is a day, or days in a row, on which the association is closed.
type Closed struct {
	// From is "2026-12-24", or "12-24" for every year; Until is its last day, empty
	// for one day.
	From  string `yaml:"from"`
	Until string `yaml:"until"`
	// Name is by language; empty: "fermeture", "closed".
	Name map[string]string `yaml:"name"`
}

// Defaults is what an empty configuration stands for: Monday to Friday from nine
// to nineteen, French public holidays kept.
func Defaults() Config { return Config{Hours: map[string]string{"mon-fri": "09:00-19:00"}} }

// span is a stretch of a day's clock, in minutes after midnight.
type span struct{ from, until int }

// rest is a Closed that has been read.
type rest struct {
	from, until store.Civil
	// yearly: the year of from and until means nothing.
	yearly bool
	name   map[string]string
}

// New reads a configuration, or says every mistake in it. Paths in the errors
// begin at the configuration's own keys.
func New(c Config, zone *time.Location) (*Calendar, error) {
	cal := &Calendar{zone: zone, french: !c.NoFrenchHolidays, alsace: c.AlsaceMoselle}
	if len(c.Hours) == 0 {
		c.Hours = Defaults().Hours
	}
	var errs []error
	open := false
	for _, days := range slices.Sorted(maps.Keys(c.Hours)) {
		list, err1 := weekdays(days)
		spans, err2 := parseSpans(c.Hours[days])
		if err := errors.Join(err1, err2); err != nil {
			errs = append(errs, fmt.Errorf("hours.%s: %w", days, err))
			continue
		}
		for _, d := range list {
			if cal.week[d] != nil {
				errs = append(errs, fmt.Errorf("hours.%s: %s has its hours already", days, d))
			}
			cal.week[d] = spans
			open = open || len(spans) > 0
		}
	}
	if !open && len(errs) == 0 {
		errs = append(errs, errors.New("hours: never open; write for example {mon-fri: \"09:00-19:00\"}"))
	}
	for i, o := range c.Closed {
		r, err := o.read()
		if err != nil {
			errs = append(errs, fmt.Errorf("closed[%d]: %w", i, err))
			continue
		}
		cal.rests = append(cal.rests, r)
	}
	return cal, errors.Join(errs...)
}

// names are the weekdays as people write them; three letters are enough.
func names() [7][2]string {
	return [7][2]string{{"sunday", "dimanche"}, {"monday", "lundi"}, {"tuesday", "mardi"}, {"wednesday", "mercredi"},
		{"thursday", "jeudi"}, {"friday", "vendredi"}, {"saturday", "samedi"}}
}

func weekday(s string) (time.Weekday, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	for i, n := range names() {
		for _, name := range n {
			if len(s) >= 3 && strings.HasPrefix(name, s) {
				return time.Weekday(i), true
			}
		}
	}
	return 0, false
}

// weekdays reads "mon", "mon-fri", "lun-ven"; a span may run over the week's end.
func weekdays(s string) ([]time.Weekday, error) {
	first, last, isSpan := strings.Cut(s, "-")
	from, ok := weekday(first)
	until := from
	if isSpan && ok {
		until, ok = weekday(last)
	}
	if !ok {
		return nil, fmt.Errorf("%q is no weekday: write mon, mon-fri or lun-ven", s)
	}
	list := []time.Weekday{from}
	for d := from; d != until; {
		d = (d + 1) % 7
		list = append(list, d)
	}
	return list, nil
}

// parseSpans reads "09:00-12:00 14:00-18:30"; empty is a day without hours.
func parseSpans(s string) ([]span, error) {
	out := []span{}
	for _, w := range strings.Fields(s) {
		a, b, ok := strings.Cut(w, "-")
		from, ok1 := minutes(a)
		until, ok2 := minutes(b)
		if !ok || !ok1 || !ok2 || from >= until {
			return nil, fmt.Errorf("%q are no hours: write 09:00-12:00 14:00-19:00", w)
		}
		if len(out) > 0 && from < out[len(out)-1].until {
			return nil, fmt.Errorf("%q begins before the hours in front of it end", w)
		}
		out = append(out, span{from, until})
	}
	return out, nil
}

// minutes reads a time of day, "24:00" included.
func minutes(s string) (int, bool) {
	h, m, ok := strings.Cut(s, ":")
	hours, err1 := strconv.ParseUint(h, 10, 8)
	mins, err2 := strconv.ParseUint(m, 10, 8)
	n := int(hours)*60 + int(mins)
	return n, ok && err1 == nil && err2 == nil && len(m) == 2 && mins < 60 && n <= 24*60
}

func (o Closed) read() (rest, error) {
	r := rest{name: o.Name}
	if o.Until == "" {
		o.Until = o.From
	}
	form := time.DateOnly
	if len(o.From) == len("12-24") {
		// A leap year, so that 29 February may be named.
		form, r.yearly, o.From, o.Until = time.DateOnly, true, "2024-"+o.From, "2024-"+o.Until
	}
	from, err1 := time.Parse(form, o.From)
	until, err2 := time.Parse(form, o.Until)
	if err1 != nil || err2 != nil {
		return r, errors.New("no dates: write from: 2026-12-24 (or 12-24 for every year), and until: for the last day of several")
	}
	r.from, r.until = store.Civil{Time: from}, store.Civil{Time: until}
	if until.Before(from) && !r.yearly {
		return r, errors.New("until comes before from")
	}
	if r.name == nil {
		r.name = map[string]string{"fr": "fermeture", "en": "closed"}
	}
	return r, nil
}

// holds tells whether a date is one of the rest's days. One that is kept every
// year may run over the year's end.
func (r rest) holds(day store.Civil) bool {
	if !r.yearly {
		return !day.Before(r.from.Time) && !day.After(r.until.Time)
	}
	of := func(c store.Civil) int { return int(c.Month())*100 + c.Day() }
	d, a, b := of(day), of(r.from), of(r.until)
	if a <= b {
		return a <= d && d <= b
	}
	return d >= a || d <= b
}
