package calendar

import (
	"time"

	"vigie/store"
)

// Calendar is when people are there. See New.
type Calendar struct {
	zone           *time.Location
	week           [7][]span
	french, alsace bool
	rests          []rest
}

// farAhead bounds how many days are looked through for open time.
const farAhead = 10 * 366

// Zone is the zone whose clocks the hours are read from.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Always is open at every instant.
func Always() *Calendar {
	c := &Calendar{zone: time.UTC}
	for d := range c.week {
		c.week[d] = []span{{0, 24 * 60}}
	}
	return c
}

// HolidayOn is the holiday kept on a civil date, of France or of the
// association's own.
func (c *Calendar) HolidayOn(day store.Civil) (Holiday, bool) {
	day = midnight(day)
	if c.french {
		if h, is := frenchOn(day, c.alsace); is {
			return h, true
		}
	}
	for _, r := range c.rests {
		if r.holds(day) {
			return Holiday{Day: day, Name: r.name}, true
		}
	}
	return Holiday{}, false
}

// Holidays lists the days of a year that are kept, by date.
func (c *Calendar) Holidays(year int) []Holiday {
	var out []Holiday
	for day := date(year, time.January, 1); day.Year() == year; day = after(day, 1) {
		if h, ok := c.HolidayOn(day); ok {
			out = append(out, h)
		}
	}
	return out
}

// stretch is open time between two instants, the second not included.
type stretch struct{ from, until time.Time }

// on lists the open stretches of a civil date, in order. A stretch begins and
// ends when the zone's clock first shows so; a time that the clock jumps over is
// the instant of the jump.
func (c *Calendar) on(day store.Civil) []stretch {
	spans := c.week[day.Weekday()]
	if len(spans) == 0 {
		return nil
	}
	if _, closed := c.HolidayOn(day); closed {
		return nil
	}
	var out []stretch
	for _, s := range spans {
		st := stretch{c.instant(day, s.from), c.instant(day, s.until)}
		if st.from.Before(st.until) {
			out = append(out, st)
		}
	}
	return out
}

func (c *Calendar) instant(day store.Civil, minute int) time.Time {
	at, exists := store.Civil{Time: day.Add(time.Duration(minute) * time.Minute)}.In(c.zone)
	if !exists {
		at, _ = at.ZoneBounds()
	}
	return at.UTC()
}

// today is the civil date at an instant.
func (c *Calendar) today(at time.Time) store.Civil { return midnight(store.CivilOf(at, c.zone)) }

// eve is the day before that of an instant: where clocks are set back over midnight, the
// next day has begun already while the clock shows the old one again.
func (c *Calendar) eve(at time.Time) store.Civil { return after(c.today(at), -1) }

// Open tells whether somebody is there at an instant.
func (c *Calendar) Open(at time.Time) bool {
	// The hours of tomorrow have begun already when a clock goes back over midnight.
	today := c.today(at)
	for _, s := range append(c.on(today), c.on(after(today, 1))...) {
		if !at.Before(s.from) && at.Before(s.until) {
			return true
		}
	}
	return false
}

// Next is the first open instant from at on: at itself when that is open. It is
// zero when the calendar never opens again within ten years.
func (c *Calendar) Next(at time.Time) time.Time {
	day := c.eve(at)
	for range farAhead {
		for _, s := range c.on(day) {
			if at.Before(s.until) {
				return later(at, s.from)
			}
		}
		day = after(day, 1)
	}
	return time.Time{}
}

// Between is how much open time lies between two instants; negative when b comes
// before a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	last := after(c.today(b), 1)
	for day := c.eve(a); !day.After(last.Time); day = after(day, 1) {
		for _, s := range c.on(day) {
			if from, until := later(a, s.from), earlier(b, s.until); from.Before(until) {
				sum += until.Sub(from)
			}
		}
	}
	return sum
}

// After is the first instant at which d of open time has passed since at; at
// itself when d is zero or less. It is zero when that never comes within ten years.
func (c *Calendar) After(at time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return at
	}
	day := c.eve(at)
	for range farAhead {
		for _, s := range c.on(day) {
			from := later(at, s.from)
			if !from.Before(s.until) {
				continue
			}
			if left := s.until.Sub(from); d > left {
				d -= left
				continue
			}
			return from.Add(d)
		}
		day = after(day, 1)
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
