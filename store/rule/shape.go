package rule

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/teambition/rrule-go"
)

// Kind says what a rule looks like to people.
type Kind uint8

// The kinds of a Shape. Odd is everything that has no short name; it is told by its
// next dates.
const (
	Odd Kind = iota
	Single
	Daily
	Weekly
	// Nth is a weekday of the month, counted from its beginning or its end.
	Nth
	// Monthly is a day of the month by its number.
	Monthly
	// Yearly is a day of the year.
	Yearly
)

// Clock is an hour of the day.
type Clock struct{ Hour, Minute int }

// Shape is what people need to hear of a rule.
type Shape struct {
	Kind  Kind
	Times []Clock
	// Days are the weekdays of Weekly and Nth, from Monday on.
	Days []time.Weekday
	// N are which weekdays of the month are meant by Nth, -1 the last; and the days of
	// the month of Monthly and Yearly, -1 the last.
	N []int
	// Every is 2 for every other week, month or day.
	Every int
	// Month is that of Yearly.
	Month time.Month
	// Date is that of Single, and where every other week is counted from.
	Date time.Time
}

// cronShape tells what five cron fields look like. It answers Odd rather than
// something that is only nearly right.
func cronShape(spec string, s *cron.SpecSchedule) Shape {
	f := strings.Fields(spec)
	odd := Shape{Kind: Odd}
	if s == nil || len(f) != 5 {
		return odd
	}
	minute, err := strconv.Atoi(f[0])
	hours := bits(s.Hour, 0, 23)
	if err != nil || len(hours) > 3 {
		return odd
	}
	out := Shape{Every: 1}
	for _, h := range hours {
		out.Times = append(out.Times, Clock{h, minute})
	}
	anyDay, anyMonth, anyWeekday := f[2] == "*", f[3] == "*", f[4] == "*"
	switch {
	case anyDay && anyMonth && anyWeekday:
		out.Kind = Daily
	case anyDay && anyMonth:
		out.Kind = Weekly
		for _, d := range bits(s.Dow, 0, 6) {
			out.Days = append(out.Days, time.Weekday(d))
		}
		sortDays(out.Days)
	case anyMonth && anyWeekday:
		out.Kind, out.N = Monthly, bits(s.Dom, 1, 31)
	case anyWeekday && !anyDay:
		months := bits(s.Month, 1, 12)
		if out.Kind, out.N = Yearly, bits(s.Dom, 1, 31); len(months) != 1 {
			return odd
		}
		out.Month = time.Month(months[0])
	default:
		return odd
	}
	if len(out.N) > 4 {
		return odd
	}
	return out
}

// bits lists which of lo to hi are set.
func bits(set uint64, lo, hi int) []int {
	var out []int
	for n := lo; n <= hi; n++ {
		if set&(1<<uint(n)) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// sortDays puts Monday first.
func sortDays(days []time.Weekday) {
	slices.SortFunc(days, func(a, b time.Weekday) int { return int((a+6)%7) - int((b+6)%7) })
}

// recurrenceShape tells what a recurrence looks like.
func recurrenceShape(o *rrule.ROption) Shape {
	odd := Shape{Kind: Odd}
	if o.Count > 0 || !o.Until.IsZero() || len(o.Bysetpos)+len(o.Byyearday)+len(o.Byweekno)+len(o.Byhour)+len(o.Byminute)+len(o.Byeaster) > 0 || o.Interval > 2 {
		return odd
	}
	out := Shape{Every: max(1, o.Interval), Times: []Clock{{o.Dtstart.Hour(), o.Dtstart.Minute()}}, Date: o.Dtstart}
	switch {
	case o.Freq == rrule.DAILY && len(o.Byweekday)+len(o.Bymonthday)+len(o.Bymonth) == 0:
		out.Kind = Daily
	case o.Freq == rrule.WEEKLY && len(o.Bymonthday)+len(o.Bymonth) == 0:
		out.Kind = Weekly
		if out.Days = weekdays(o.Byweekday); len(out.Days) == 0 {
			out.Days = []time.Weekday{o.Dtstart.Weekday()}
		}
	case o.Freq == rrule.MONTHLY && len(o.Bymonth) == 0 && len(o.Byweekday) > 0 && len(o.Bymonthday) == 0:
		return nthShape(out, o)
	case o.Freq == rrule.MONTHLY && len(o.Bymonth) == 0 && len(o.Bymonthday) > 0 && len(o.Byweekday) == 0:
		out.Kind, out.N = Monthly, slices.Clone(o.Bymonthday)
	case o.Freq == rrule.YEARLY && len(o.Bymonth) == 1 && len(o.Bymonthday) == 1 && len(o.Byweekday) == 0:
		out.Kind, out.Month, out.N = Yearly, time.Month(o.Bymonth[0]), slices.Clone(o.Bymonthday)
	default:
		return odd
	}
	if slices.ContainsFunc(out.N, func(n int) bool { return n < -1 || n == 0 }) {
		return odd
	}
	return out
}

// nthShape is the 2nd Tuesday, or the 1st and 3rd Saturday: one weekday alone.
func nthShape(out Shape, o *rrule.ROption) Shape {
	out.Kind, out.Days = Nth, weekdays(o.Byweekday[:1])
	for _, d := range o.Byweekday {
		if d.Day() != o.Byweekday[0].Day() || d.N() == 0 || d.N() < -1 {
			return Shape{Kind: Odd}
		}
		out.N = append(out.N, d.N())
	}
	return out
}

func weekdays(list []rrule.Weekday) []time.Weekday {
	var out []time.Weekday
	for _, d := range list {
		if d.N() != 0 && len(list) > 1 {
			return nil
		}
		out = append(out, time.Weekday((d.Day()+1)%7)) // theirs begin on Monday
	}
	sortDays(out)
	return out
}
