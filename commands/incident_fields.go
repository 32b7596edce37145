package commands

import (
	"strings"
	"time"

	"vigie/commands/words"
	"vigie/store"
)

// incidentFields are what may stand in front of a text: "gravite:1 perte:non prochaine:45m".
type incidentFields struct {
	severity int
	loss     string
	site     *string
	next     time.Duration
}

// latestNext bounds what a next word may be promised for.
const latestNext = 7 * 24 * time.Hour

// incidentFields takes the fields off the front of the arguments. A word that looks like
// one and is none belongs to the text.
func (c *Call) incidentFields() (incidentFields, error) {
	var f incidentFields
	for {
		w, rest := cutWord(c.Args)
		name, value, found := strings.Cut(w, ":")
		if !found || value == "" || strings.HasPrefix(value, "//") {
			return f, nil
		}
		switch Fold(name) {
		case "gravite", "severity", "grav", "sev":
			if len(value) != 1 || value[0] < '1' || value[0] > '4' {
				return f, c.Refuse("incident.bad_severity", nil)
			}
			f.severity = int(value[0] - '0')
		case "perte", "pertes", "loss", "dataloss":
			loss, ok := dataLoss(value)
			if !ok {
				return f, c.Refuse("incident.bad_loss", nil)
			}
			f.loss = loss
		case "lieu", "site", "place":
			site := value
			if Fold(value) == "aucun" || Fold(value) == "none" {
				site = ""
			}
			f.site = &site
		case "prochaine", "next":
			d, err := time.ParseDuration(strings.Replace(strings.ToLower(value), "min", "m", 1))
			if err != nil || d < time.Minute || d > latestNext {
				return f, c.Refuse("incident.bad_next", words.Args{"Most": span(latestNext, c.Lang())})
			}
			f.next = d
		default:
			return f, nil
		}
		c.Args = rest
	}
}

func dataLoss(s string) (string, bool) {
	switch w := word(s); {
	case yes(w):
		return "yes", true
	case no(w):
		return "no", true
	case w == "?" || s == "?" || w == "inconnu" || w == "inconnue" || w == "unknown":
		return "unknown", true
	}
	return "", false
}

// apply puts the fields in an incident and in the word that is about to be said of it.
func (f incidentFields) apply(i *store.Incident, p *store.Post, now time.Time) {
	if f.severity != 0 && f.severity != i.Severity {
		i.Severity, p.Severity = f.severity, f.severity
	}
	switch f.loss {
	case "yes", "no":
		i.DataLoss = f.loss
	case "unknown":
		i.DataLoss = ""
	}
	if f.site != nil {
		i.Site = *f.site
	}
	if f.next > 0 && i.Open() {
		p.Next = now.Add(f.next)
	}
}

// says tells whether the fields are something to be told to everybody by themselves.
func (f incidentFields) says() bool { return f.severity != 0 || f.next != 0 }

// quiet tells whether there are fields that are noted without a public word.
func (f incidentFields) quiet() bool { return f.loss != "" || f.site != nil }
