package commands

import (
	"strconv"
	"strings"
	"time"

	"vigie/commands/words"
	"vigie/store"
	"vigie/store/rule"
)

// RuleWords reads a schedule's rule back as people say it: "le 2e mardi de chaque
// mois à 20 h, heure de Paris". A rule that has no short name is told by its next
// dates after a civil time.
func RuleWords(cat *words.Catalog, lang string, s store.Schedule, after store.Civil) string {
	w := ruleWords{cat, lang}
	id, args := w.sentence(s.Rule.Shape)
	if id == "" {
		id, args = w.dates(s, after)
	}
	text := cat.Say(lang, id, args)
	zone := s.Zone.String()
	if zone == "UTC" || zone == "Etc/UTC" {
		return cat.Say(lang, "rule.zone_utc", words.Args{"Rule": text})
	}
	city := zone[strings.LastIndex(zone, "/")+1:]
	return cat.Say(lang, "rule.zone", words.Args{"Rule": text, "City": strings.ReplaceAll(city, "_", " ")})
}

// ruleWords puts the parts of a rule in one language.
type ruleWords struct {
	*words.Catalog
	lang string
}

func (w ruleWords) say(id string, args words.Args) string { return w.Say(w.lang, id, args) }

// sentence chooses the sentence for a shape; its id is empty for one that has none.
func (w ruleWords) sentence(s rule.Shape) (string, words.Args) {
	args := words.Args{"Times": w.times(s.Times), "Date": w.day(s.Date)}
	other := s.Every == 2
	pick := func(every, otherOne string) string {
		if other {
			return otherOne
		}
		return every
	}
	switch s.Kind {
	case rule.Single:
		return "rule.single", args
	case rule.Daily:
		return pick("rule.daily", "rule.every_other_day"), args
	case rule.Weekly:
		args["Days"] = w.weekdays(s.Days, !other)
		if len(s.Days) == 5 && s.Days[4] == time.Friday && !other {
			return "rule.workdays", args
		}
		return pick("rule.weekly", "rule.every_other_week"), args
	case rule.Nth:
		args["Nth"], args["Day"] = w.numbers("rule.nth", s.N), w.say("rule.day_"+strconv.Itoa(int(s.Days[0])), nil)
		return pick("rule.monthly_nth", "rule.other_nth"), args
	case rule.Monthly:
		args["Days"] = w.numbers("rule.number", s.N)
		return pick("rule.monthly", "rule.other_monthly"), args
	case rule.Yearly:
		day := store.Civil{Time: time.Date(2024, s.Month, 1, 0, 0, 0, 0, time.UTC)}
		args["Month"] = strings.Fields(civilWords(w.lang, day))[2]
		args["Days"] = w.numbers("rule.number", s.N)
		if w.lang == "en" {
			args["Days"] = strconv.Itoa(s.N[0])
		}
		return "rule.yearly", args
	}
	return "", nil
}

// dates are the next three of a rule that has no short name.
func (w ruleWords) dates(s store.Schedule, after store.Civil) (string, words.Args) {
	var list []string
	for range 3 {
		c, _, ok := s.Next(after)
		if !ok {
			break
		}
		list = append(list, civilWords(w.lang, c))
		after = c
	}
	if len(list) == 0 {
		return "rule.never", nil
	}
	return "rule.odd", words.Args{"Dates": strings.Join(list, " ; ")}
}

// day is a date without its hour.
func (w ruleWords) day(t time.Time) string {
	text := civilWords(w.lang, store.Civil{Time: t})
	if i := strings.LastIndex(text, ", "); w.lang == "en" && i > 0 {
		return text[:i]
	}
	if i := strings.LastIndex(text, " à "); i > 0 {
		return text[:i]
	}
	return text
}

func (w ruleWords) times(list []rule.Clock) string {
	out := make([]string, 0, len(list))
	for _, c := range list {
		args := words.Args{"Hour": c.Hour}
		if c.Minute > 0 {
			args["Minute"] = strings.TrimPrefix(strconv.Itoa(100+c.Minute), "1")
		}
		out = append(out, w.say("rule.time", args))
	}
	return w.and(out)
}

func (w ruleWords) weekdays(list []time.Weekday, plural bool) string {
	out := make([]string, 0, len(list))
	for _, d := range list {
		name := w.say("rule.day_"+strconv.Itoa(int(d)), nil)
		if plural {
			name = w.say("rule.days", words.Args{"Day": name})
		}
		out = append(out, name)
	}
	return w.and(out)
}

// numbers are ordinals: id_1 for the first, id_last for -1, id otherwise.
func (w ruleWords) numbers(id string, list []int) string {
	out := make([]string, 0, len(list))
	for _, n := range list {
		switch n {
		case 1:
			out = append(out, w.say(id+"_1", nil))
		case -1:
			out = append(out, w.say(id+"_last", nil))
		default:
			number := strconv.Itoa(n)
			if w.lang == "en" {
				number += englishSuffix(n)
			}
			out = append(out, w.say(id, words.Args{"N": number}))
		}
	}
	return w.and(out)
}

// englishSuffix is what English puts behind a number: 2nd, 11th, 23rd.
func englishSuffix(n int) string {
	if n%100 >= 11 && n%100 <= 13 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

// and joins names as the language does.
func (w ruleWords) and(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return w.say("rule.and", words.Args{"First": strings.Join(list[:last], ", "), "Last": list[last]})
}
