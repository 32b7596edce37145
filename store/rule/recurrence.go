package rule

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/teambition/rrule-go"
)

// origin is where recurrences without a start of their own begin to be counted:
// a Monday, so that "every other week" means weeks as people count them.
var origin = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// parseRecurrence reads "FREQ=MONTHLY;BYDAY=2TU at 20:00", and with "from
// 2026-01-10" behind it where the counting starts.
func parseRecurrence(spec string, zone *time.Location) (Rule, error) {
	spec, from, hasFrom := strings.Cut(spec, " from ")
	text, clock, ok := strings.Cut(spec, " at ")
	hour, err := time.Parse("15:04", strings.TrimSpace(clock))
	if !ok || err != nil {
		return Rule{}, errors.New("write the hour behind the rule: FREQ=MONTHLY;BYDAY=2TU at 20:00")
	}
	start := origin
	if hasFrom {
		if start, err = time.Parse(time.DateOnly, strings.TrimSpace(from)); err != nil {
			return Rule{}, fmt.Errorf("%q is not a date: write from 2026-01-10", strings.TrimSpace(from))
		}
	}
	start = start.Add(time.Duration(hour.Hour())*time.Hour + time.Duration(hour.Minute())*time.Minute)
	opt, err := rrule.StrToROption(strings.TrimSpace(text))
	if err != nil {
		return Rule{}, fmt.Errorf("recurrence rule: %w", err)
	}
	if every := max(1, opt.Interval); every > 1 && !hasFrom && opt.Freq != rrule.YEARLY {
		return Rule{}, errors.New("a rule with INTERVAL needs a day to count from: FREQ=WEEKLY;INTERVAL=2;BYDAY=SA at 14:00 from 2026-01-10")
	}
	return recur(opt, start, zone)
}

// recur makes a rule of a recurrence that starts at a civil time. It is reckoned as
// if in UTC, where no clock is ever changed: rrule-go v1.8.2 is wrong on the days on
// which one is.
func recur(opt *rrule.ROption, start time.Time, zone *time.Location) (Rule, error) {
	if opt.Freq == rrule.SECONDLY || opt.Freq == rrule.MINUTELY {
		return Rule{}, errors.New("recurrence rule: nothing is announced every minute; use HOURLY at most")
	}
	opt.Dtstart = start
	if !opt.Until.IsZero() {
		opt.Until = civil(opt.Until, zone)
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return Rule{}, fmt.Errorf("recurrence rule: %w", err)
	}
	return Rule{Shape: recurrenceShape(opt), next: walk(r.Iterator)}, nil
}

// civil is what the wall clock of a zone shows at an instant in UTC.
func civil(at time.Time, zone *time.Location) time.Time {
	l := at.In(zone)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

// walk answers "the first after" from an iterator that only goes forward, and
// begins it again when asked for something earlier: whoever goes through the years
// in order pays for each occurrence once.
func walk(iterator func() rrule.Next) func(time.Time) (time.Time, bool) {
	var mu sync.Mutex
	var next rrule.Next
	var floor, head time.Time // the occurrences up to floor are behind; head is the first that is not
	more := false
	return func(after time.Time) (time.Time, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == nil || after.Before(floor) {
			next = iterator()
			head, more = next()
		}
		for more && !head.After(after) {
			head, more = next()
		}
		floor = after
		return head, more
	}
}

// parseLines reads the lines of RFC 5545 that say when: DTSTART, RRULE, EXDATE and
// RDATE. Spaces serve as line breaks, so that they may stand in one line of YAML.
func parseLines(text string, zone *time.Location) (Rule, error) {
	var start time.Time
	var opt *rrule.ROption
	var also []time.Time
	except := map[string]bool{}
	for _, line := range strings.Fields(text) {
		name, value, _ := strings.Cut(line, ":")
		name, param, _ := strings.Cut(name, ";")
		if name == "RRULE" {
			var err error
			if opt, err = rrule.StrToROption(value); err != nil {
				return Rule{}, fmt.Errorf("recurrence rule: %w", err)
			}
			continue
		}
		if name != "DTSTART" && name != "EXDATE" && name != "RDATE" {
			return Rule{}, fmt.Errorf("%q: only DTSTART, RRULE, EXDATE and RDATE are read here", name)
		}
		times, err := icalTimes(value, param, zone)
		if err != nil {
			return Rule{}, err
		}
		switch name {
		case "DTSTART":
			start = times[0]
		case "RDATE":
			also = append(also, times...)
		default:
			for _, t := range times {
				except[t.Format(time.DateOnly)] = true
			}
		}
	}
	if opt == nil || start.IsZero() {
		return Rule{}, errors.New("write DTSTART:20260113T200000 and RRULE:FREQ=MONTHLY;BYDAY=2TU")
	}
	r, err := recur(opt, start, zone)
	if err != nil {
		return Rule{}, err
	}
	return r.With(also, except), nil
}

// icalTimes reads a list of civil times, of the schedule's zone.
func icalTimes(value, param string, zone *time.Location) ([]time.Time, error) {
	if id, ok := strings.CutPrefix(param, "TZID="); ok && id != zone.String() {
		return nil, fmt.Errorf("TZID=%s is not the schedule's zone (%s): set zone: %s", id, zone, id)
	}
	var out []time.Time
	for _, v := range strings.Split(value, ",") {
		t, err := time.Parse("20060102T150405", v)
		switch {
		case strings.HasSuffix(v, "Z"):
			if t, err = time.Parse("20060102T150405Z", v); err == nil {
				t = civil(t, zone)
			}
		case param == "VALUE=DATE":
			t, err = time.Parse("20060102", v)
		}
		if err != nil {
			return nil, fmt.Errorf("%q is not a time: write 20260113T200000", v)
		}
		out = append(out, t)
	}
	return out, nil
}
