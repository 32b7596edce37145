package ics

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// Bounds of what is read of a stranger's calendar.
const (
	maxBytes  = 4 << 20
	maxEvents = 500
	maxText   = 300     // runes of a summary or place
	maxRules  = 300     // entries that recur
	maxSteps  = 100_000 // occurrences of a rule looked at, in and out of the bounds
)

// ErrTooLarge says that a calendar is longer than is read.
var ErrTooLarge = errors.New("the calendar is longer than 4 MiB")

// Decode reads somebody else's calendar: each occurrence that begins between two
// instants, recurrences expanded, the cancelled ones marked, in order. Times without a
// zone are read in zone. At most 500 occurrences are kept, the first; an event that
// makes no sense is left out and counted.
func Decode(r io.Reader, zone *time.Location, from, until time.Time) (list []Event, skipped int, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read a calendar: %w", err)
	}
	if len(raw) > maxBytes {
		return nil, 0, ErrTooLarge
	}
	cal, err := decode(raw)
	if err != nil {
		return nil, 0, err
	}
	moved := map[string]bool{} // UID and start of occurrences that an entry of their own replaces
	for _, ev := range cal.Events() {
		if p := ev.Props.Get(ical.PropRecurrenceID); p != nil {
			if at, err := p.DateTime(zone); err == nil {
				moved[uid(ev)+"|"+at.UTC().Format(time.RFC3339)] = true
			}
		}
	}
	recurring := 0
	for _, ev := range cal.Events() {
		if ev.Props.Get(ical.PropRecurrenceRule) != nil {
			if recurring++; recurring > maxRules {
				skipped++
				continue
			}
		}
		some, err := occurrences(ev, zone, from, until, moved)
		if err != nil {
			skipped++
			continue
		}
		list = append(list, some...)
	}
	slices.SortStableFunc(list, func(a, b Event) int { return a.Start.Compare(b.Start) })
	return list[:min(len(list), maxEvents)], skipped, nil
}

// decode calls the decoder, which panics on some malformed input.
func decode(raw []byte) (cal *ical.Calendar, err error) {
	defer func() {
		if p := recover(); p != nil {
			cal, err = nil, fmt.Errorf("read a calendar: %v", p)
		}
	}()
	cal, err = ical.NewDecoder(strings.NewReader(string(raw))).Decode()
	if err != nil {
		return nil, fmt.Errorf("read a calendar: %w", err)
	}
	return cal, nil
}

func uid(ev ical.Event) string {
	if p := ev.Props.Get(ical.PropUID); p != nil {
		return p.Value
	}
	return ""
}

// occurrences are those of one entry within the bounds.
func occurrences(ev ical.Event, zone *time.Location, from, until time.Time, moved map[string]bool) (out []Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("an entry: %v", p)
		}
	}()
	start, err := ev.DateTimeStart(zone)
	if err != nil || start.IsZero() {
		return nil, errors.New("an entry without a start")
	}
	length := time.Duration(0)
	if end, err := ev.DateTimeEnd(zone); err == nil && end.After(start) {
		length = end.Sub(start)
	}
	base := Event{UID: uid(ev), Summary: text(ev, ical.PropSummary), Place: text(ev, ical.PropLocation)}
	if status, err := ev.Status(); err == nil {
		base.Cancelled = status == ical.EventCancelled
	}
	if p := ev.Props.Get(ical.PropSequence); p != nil {
		base.Sequence, _ = p.Int()
	}
	starts := []time.Time{start}
	single := ev.Props.Get(ical.PropRecurrenceID) != nil
	if rule, err := ev.Props.RecurrenceRule(); err == nil && rule != nil && tooOften(rule) {
		return nil, errors.New("an entry that comes more often than daily")
	}
	if set, err := ev.RecurrenceSet(zone); err == nil && set != nil && !single {
		starts = within(set.Iterator(), from, until)
	}
	for _, at := range starts {
		if at.Before(from) || at.After(until) || !single && moved[base.UID+"|"+at.UTC().Format(time.RFC3339)] {
			continue
		}
		e := base
		e.Start = at
		if length > 0 {
			e.End = at.Add(length)
		}
		out = append(out, e)
	}
	return out, nil
}

// within are the first occurrences between two instants; none of a rule that takes
// more than maxSteps to get there.
func within(next rrule.Next, from, until time.Time) []time.Time {
	var out []time.Time
	for range maxSteps {
		at, ok := next()
		if !ok || at.After(until) || len(out) == maxEvents {
			break
		}
		if !at.Before(from) {
			out = append(out, at)
		}
	}
	return out
}

// tooOften tells whether a rule may come several times a day: to look for its first
// occurrence of this year could take hours.
func tooOften(rule *rrule.ROption) bool {
	return rule.Freq > rrule.DAILY || len(rule.Byhour)+len(rule.Byminute)+len(rule.Bysecond) > 0
}

// text is a short text of an entry, on one line.
func text(ev ical.Event, name string) string {
	s, err := ev.Props.Text(name)
	if err != nil {
		return ""
	}
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return string(runes[:min(len(runes), maxText)])
}
