package calendar

import (
	"slices"
	"time"

	"vigie/store"
)

// Holiday is a day on which nobody is expected to work.
type Holiday struct {
	// Day is the civil date, at midnight.
	Day store.Civil
	// Name is by language: "fr" and "en".
	Name map[string]string
}

// Easter is the Sunday of Easter in a year of the Gregorian calendar, by the
// rule of Meeus, Jones and Butcher.
func Easter(year int) store.Civil {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return date(year, time.Month(n/31), n%31+1)
}

// rule is one public holiday of France: a date of every year, or so many days
// after Easter.
type rule struct {
	month      time.Month
	day        int
	fr, en     string
	onlyAlsace bool
}

// easterly, as a month, says that day counts from Easter.
const easterly time.Month = 0

func rules() [13]rule {
	return [13]rule{
		{time.January, 1, "Jour de l'an", "New Year's Day", false},
		{easterly, -2, "Vendredi saint", "Good Friday", true},
		{easterly, 1, "Lundi de Pâques", "Easter Monday", false},
		{time.May, 1, "Fête du Travail", "Labour Day", false},
		{time.May, 8, "Victoire de 1945", "Victory in Europe Day", false},
		{easterly, 39, "Ascension", "Ascension Day", false},
		{easterly, 50, "Lundi de Pentecôte", "Whit Monday", false},
		{time.July, 14, "Fête nationale", "Bastille Day", false},
		{time.August, 15, "Assomption", "Assumption Day", false},
		{time.November, 1, "Toussaint", "All Saints' Day", false},
		{time.November, 11, "Armistice de 1918", "Armistice Day", false},
		{time.December, 25, "Noël", "Christmas Day", false},
		{time.December, 26, "Saint-Étienne", "Saint Stephen's Day", true},
	}
}

// in is the rule's date in the year of that Easter.
func (r rule) in(easter store.Civil) store.Civil {
	if r.month == easterly {
		return after(easter, r.day)
	}
	return date(easter.Year(), r.month, r.day)
}

// French lists the public holidays of France in a year, by date; with
// alsaceMoselle, also the two that are kept there alone.
func French(year int, alsaceMoselle bool) []Holiday {
	easter := Easter(year)
	var out []Holiday
	for _, r := range rules() {
		if alsaceMoselle || !r.onlyAlsace {
			out = append(out, Holiday{Day: r.in(easter), Name: map[string]string{"fr": r.fr, "en": r.en}})
		}
	}
	slices.SortStableFunc(out, func(a, b Holiday) int { return a.Day.Compare(b.Day.Time) })
	return out
}

// frenchOn is the public holiday of a civil date.
func frenchOn(day store.Civil, alsaceMoselle bool) (Holiday, bool) {
	easter := Easter(day.Year())
	for _, r := range rules() {
		if (alsaceMoselle || !r.onlyAlsace) && r.in(easter).Equal(day.Time) {
			return Holiday{Day: day, Name: map[string]string{"fr": r.fr, "en": r.en}}, true
		}
	}
	return Holiday{}, false
}

// date is a civil date at midnight.
func date(year int, month time.Month, day int) store.Civil {
	return store.Civil{Time: time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// after is so many days later.
func after(c store.Civil, days int) store.Civil { return store.Civil{Time: c.AddDate(0, 0, days)} }

// midnight is the date of a civil time.
func midnight(c store.Civil) store.Civil { return date(c.Year(), c.Month(), c.Day()) }
