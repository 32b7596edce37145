package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// spanForm is weeks, days, and what time.ParseDuration reads.
var spanForm = regexp.MustCompile(`^(?:(\d{1,3})w)?(?:(\d{1,4})d)?([0-9hms.]*)$`)

// Span reads a length of open time: "3h", "90m", "2d", "1w", "1w2d". A week is as
// much open time as an ordinary week has, a day as much as one of its open days
// has on average: with nine to nineteen from Monday to Friday, "2d" after Monday
// at ten is Wednesday at ten, and "1w" the next Monday at ten.
func (c *Calendar) Span(s string) (time.Duration, error) {
	m := spanForm.FindStringSubmatch(s)
	if m == nil || s == "" {
		return 0, fmt.Errorf("%q is no length of time: write 3h, 2d or 1w", s)
	}
	weeks, _ := strconv.Atoi(m[1])
	days, _ := strconv.Atoi(m[2])
	week, day := c.ordinary()
	sum := time.Duration(weeks)*week + time.Duration(days)*day
	if m[3] != "" {
		d, err := time.ParseDuration(m[3])
		if err != nil {
			return 0, fmt.Errorf("%q is no length of time: write 3h, 2d or 1w", s)
		}
		sum += d
	}
	return sum, nil
}

// ordinary is the open time of a week without holidays, and of its mean open
// day, in whole seconds.
func (c *Calendar) ordinary() (week, day time.Duration) {
	open := 0
	for _, spans := range c.week {
		for _, s := range spans {
			week += time.Duration(s.until-s.from) * time.Minute
		}
		if len(spans) > 0 {
			open++
		}
	}
	return week, (week / time.Duration(max(open, 1))).Truncate(time.Second)
}
