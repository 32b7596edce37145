package commands

import "time"

// Learning says how answers taught in chat age, and how the bot learns from use.
type Learning struct {
	// Keep is how long a taught answer holds before somebody must say that it
	// still does.
	Keep time.Duration `yaml:"keep"`
	// Warn is how long before its end the staff are told.
	Warn time.Duration `yaml:"warn"`
	// Review is how long an answer may wait for a second person before the staff
	// are reminded; then again, twice as long after each time.
	Review time.Duration `yaml:"review"`
	// Judge is how long after an answer "pas utile" is about it.
	Judge time.Duration `yaml:"judge"`
	// Questions is how long a question without an answer is kept.
	Questions time.Duration `yaml:"questions"`
	// Dislikes is how many times what nobody asked for may be disliked in a room
	// before the bot stops it there.
	Dislikes int `yaml:"dislikes"`
	// PersonCoolDown is how long the bot leaves somebody alone whom it answered
	// unasked.
	PersonCoolDown time.Duration `yaml:"person_cool_down"`
	// FollowUp is how long after a diagnosis "and the other domain?" is about it.
	FollowUp time.Duration `yaml:"follow_up"`
}

func defaultLearning() Learning {
	const day = 24 * time.Hour
	return Learning{Keep: 365 * day, Warn: 14 * day, Review: 3 * day, Judge: 10 * time.Minute, Questions: 35 * day,
		Dislikes: 2, PersonCoolDown: 30 * time.Minute, FollowUp: 30 * time.Minute}
}

func (l *Learning) check() []Problem {
	if l.Keep <= 0 || l.Warn < 0 || l.Warn >= l.Keep || l.Review <= 0 || l.Judge <= 0 || l.Questions <= 0 || l.Dislikes < 1 ||
		l.PersonCoolDown < 0 || l.FollowUp < 0 {
		return []Problem{{"learning", "a bound is too small, or warn is as long as keep", "write keep: 8760h, warn: 336h, review: 72h, judge: 10m, questions: 840h, dislikes: 2"}}
	}
	return nil
}
