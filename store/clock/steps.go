package clock

import (
	"time"

	"vigie/store"
)

// Steps is when who is reminded of a clock that nobody has stopped, in open time.
// A negative length leaves that step out.
type Steps struct {
	// Remind is how long before the deadline the staff rooms are told.
	Remind time.Duration
	// Name is how long after it one person is asked by name, All all of them; Again
	// is how long after that, and after each time, the rooms are told once more.
	Name, All, Again time.Duration
}

// The steps that a reminder can have come to; what is greater is said again.
const (
	StepNone = iota
	StepRemind
	StepName
	StepAll
)

// Quiet is when nobody is written to, by the wall clock, in minutes after
// midnight; it may run over midnight. Equal bounds: never.
type Quiet struct{ From, Until int }

// Reached is the last step whose time has come for a clock by now. It may be less
// than what was told before: the caller compares.
func (p Policy) Reached(s store.ClockState, c store.Clock, now time.Time) int {
	st := p.Steps[s.Kind]
	if s.Still || c.Due.IsZero() {
		return StepNone
	}
	if now.Before(c.Due) {
		soon := !now.Before(s.At) && c.Used+p.Calendar.Between(s.At, now) >= c.Target-st.Remind
		if st.Remind >= 0 && soon {
			return StepRemind
		}
		return StepNone
	}
	late := p.Calendar.Between(c.Due, now)
	step := StepNone
	if st.Remind >= 0 {
		step = StepRemind
	}
	if st.Name >= 0 && late >= st.Name {
		step = StepName
	}
	if st.All >= 0 && late >= st.All {
		step = StepAll
		if st.Again > 0 {
			step += int((late - st.All) / st.Again)
		}
	}
	return step
}

// Next is when a reminder of one of the ticket's clocks is due next, zero when
// none is: never outside of opening hours, nor in quiet ones.
func (p Policy) Next(s store.ClockState) time.Time {
	var first time.Time
	for _, c := range s.Clocks {
		if s.Still || c.Due.IsZero() {
			continue
		}
		at := p.after(s, c, s.Reminded(c).Step)
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.IsZero() {
		return first
	}
	return p.Allowed(first)
}

// after is when the first step behind a given one comes.
func (p Policy) after(s store.ClockState, c store.Clock, step int) time.Time {
	st := p.Steps[s.Kind]
	switch {
	case step < StepRemind && st.Remind >= 0:
		if c.Missed {
			return c.Due
		}
		return p.Calendar.After(s.At, c.Target-st.Remind-c.Used)
	case step < StepName && st.Name >= 0:
		return p.Calendar.After(c.Due, st.Name)
	case step < StepAll && st.All >= 0:
		return p.Calendar.After(c.Due, st.All)
	case st.All >= 0 && st.Again > 0:
		return p.Calendar.After(c.Due, st.All+time.Duration(step-StepAll+1)*st.Again)
	}
	return time.Time{}
}

// Allowed is the first instant from at on at which people may be written to.
func (p Policy) Allowed(at time.Time) time.Time {
	for range 30 { // each round is a closed stretch or a quiet one
		next := p.Calendar.Next(at)
		if next.IsZero() {
			return at
		}
		if at = p.awake(next); at.Equal(next) {
			return at
		}
	}
	return at
}

// awake is the end of the quiet hours that an instant lies in, or itself.
func (p Policy) awake(at time.Time) time.Time {
	q, zone := p.Quiet, p.Calendar.Zone()
	c := store.CivilOf(at, zone)
	minute := c.Hour()*60 + c.Minute()
	days := 0
	switch {
	case q.From == q.Until:
		return at
	case q.From < q.Until && (minute < q.From || minute >= q.Until):
		return at
	case q.From > q.Until && minute < q.From && minute >= q.Until:
		return at
	case q.From > q.Until && minute >= q.From:
		days = 1
	}
	end := time.Date(c.Year(), c.Month(), c.Day()+days, 0, q.Until, 0, 0, time.UTC)
	until, _ := store.Civil{Time: end}.In(zone)
	if !until.After(at) { // the hour comes twice, and this is the second time
		return at
	}
	return until.UTC()
}
