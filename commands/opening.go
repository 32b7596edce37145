package commands

import (
	"strings"

	"vigie/store/calendar"
)

// Calendar is when the team is there, in the configured zone. A configuration
// that Check refuses stands for the ordinary hours.
func (c *Config) Calendar() *calendar.Calendar {
	cal, err := calendar.New(c.Opening, c.Location())
	if err != nil {
		cal, _ = calendar.New(calendar.Defaults(), c.Location())
	}
	return cal
}

// checkOpening finds what is wrong with the opening hours and own holidays.
func (c *Config) checkOpening() []Problem {
	_, err := calendar.New(c.Opening, c.Location())
	if err == nil {
		return nil
	}
	var p []Problem
	for _, line := range strings.Split(err.Error(), "\n") {
		path, what, _ := strings.Cut(line, ": ")
		p = append(p, Problem{"opening." + path, what, "see opening: in config.example.yaml"})
	}
	return p
}
