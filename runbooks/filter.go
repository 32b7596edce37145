package runbooks

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// format turns values into words of one language, seen from one instant.
type format struct {
	lang string
	now  time.Time
	zone *time.Location
	// raw leaves values as they are: for the arguments of checks.
	raw bool
}

// filterTypes says which types a filter takes.
func filterTypes(filter string) ([]FieldType, bool) {
	switch filter {
	case "ago", "date":
		return []FieldType{FieldTime}, true
	case "days":
		return []FieldType{FieldInt, FieldTime}, true
	case "host":
		return []FieldType{FieldString}, true
	}
	return nil, false
}

func (f format) value(v any, t FieldType, filters []string) string {
	s := f.plain(v)
	if t == FieldTime && len(filters) == 0 && !f.raw {
		filters = []string{"date"}
	}
	for _, filter := range filters {
		s = f.filter(s, filter)
	}
	return s
}

func (f format) plain(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int:
		return strconv.Itoa(x)
	case bool:
		if f.raw {
			return strconv.FormatBool(x)
		}
		return pick(f.lang, map[bool][2]string{true: {"oui", "yes"}, false: {"non", "no"}}[x])
	case []string:
		if f.raw {
			return strings.Join(x, ",")
		}
		return strings.Join(x, ", ")
	}
	return ""
}

func pick(lang string, words [2]string) string {
	if lang == "en" {
		return words[1]
	}
	return words[0]
}

func (f format) filter(s, filter string) string {
	when, err := time.Parse(time.RFC3339, s)
	isTime := err == nil
	switch filter {
	case "host":
		return hostOf(s)
	case "ago":
		if isTime {
			return f.span(f.now.Sub(when))
		}
	case "date":
		if isTime {
			return f.date(when)
		}
	case "days":
		n, err := strconv.Atoi(s)
		if isTime {
			n, err = int(when.Sub(f.now).Hours()/24), nil
		}
		if err == nil {
			return f.count(n, "jour", "day")
		}
	}
	return s
}

func (f format) count(n int, fr, en string) string {
	word := pick(f.lang, [2]string{fr, en})
	if f.lang == "en" && n != 1 || f.lang != "en" && (n > 1 || n < -1) {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// span says how long something lasts, rounded down as people do: « depuis 2
// heures » is read as at least two.
func (f format) span(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return pick(f.lang, [2]string{"moins d'une minute", "less than a minute"})
	case d < time.Hour:
		return f.count(int(d.Minutes()), "minute", "minute")
	case d < 48*time.Hour:
		return f.count(int(d.Hours()), "heure", "hour")
	}
	return f.count(int(d.Hours()/24), "jour", "day")
}

func (f format) date(when time.Time) string {
	if f.zone != nil {
		when = when.In(f.zone)
	}
	if f.lang == "en" {
		return when.Format("2 January 2006")
	}
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	day := strconv.Itoa(when.Day())
	if when.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %d", day, months[when.Month()-1], when.Year())
}

// hostOf is the host's name in an address of any of the three kinds that people
// give: a URL, a mailbox, a plain name.
func hostOf(s string) string {
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		return u.Hostname()
	}
	if _, after, found := strings.Cut(s, "@"); found {
		return after
	}
	before, _, _ := strings.Cut(s, "/")
	return before
}
