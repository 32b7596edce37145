package store

import "time"

// civilForm writes a civil time: what the clock on the wall shows, without zone.
const civilForm = "2006-01-02T15:04:05"

// Civil is a wall-clock time without a zone, held in UTC fields so that it can
// be reckoned with. Schedules are reckoned in civil time: zone data that changes
// moves the instant, never the name of the occurrence.
type Civil struct{ time.Time }

// CivilOf is what the wall clock of a zone shows at an instant.
func CivilOf(at time.Time, zone *time.Location) Civil {
	l := at.In(zone)
	return Civil{time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)}
}

// ParseCivil reads what String writes.
func ParseCivil(s string) (Civil, error) {
	t, err := time.Parse(civilForm, s)
	return Civil{t}, err
}

// String names the civil time, the same for ever.
func (c Civil) String() string { return c.Format(civilForm) }

// In finds the instant at which the zone's clock shows c. In an overlap (clocks
// set back) it is the first of the two. In a gap (clocks set forward) no clock
// ever shows c: exists is false and the instant is as far behind the gap's start as c
// is: 02:30 becomes 03:30.
//
// Two reckonings are tried, with the offsets in force a day before and a day
// after: time.Date chooses one of them by rules that differ from zone to zone.
func (c Civil) In(zone *time.Location) (at time.Time, exists bool) {
	_, before := c.Add(-24 * time.Hour).In(zone).Zone()
	_, after := c.Add(24 * time.Hour).In(zone).Zone()
	early := c.Add(-time.Duration(max(before, after)) * time.Second)
	late := c.Add(-time.Duration(min(before, after)) * time.Second)
	for _, t := range []time.Time{early, late} {
		if CivilOf(t, zone).Equal(c.Time) {
			return t.In(zone), true
		}
	}
	return c.Add(-time.Duration(before) * time.Second).In(zone), false
}
