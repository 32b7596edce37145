package commands

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// maxReview bounds a review, in characters.
const maxReview = 12000

// review writes an incident's review: "bilan 3" shows the draft, "bilan 3 cause: …" and
// "bilan 3 suites: …" fill it in, several lines replace it, "bilan 3 accepte" publishes it.
func review(c *Call) error {
	i, err := c.reviewArg()
	if err != nil {
		return err
	}
	word1, rest := cutWord(c.Args)
	switch head := Fold(strings.TrimSuffix(word1, ":")); {
	case c.Args == "":
	case head == "accepte" || head == "accept" || head == "publier" || head == "publish":
		return c.publishReview(i)
	case strings.Contains(c.Args, "\n"):
		i.Draft = chat.Cut(strings.TrimSpace(c.Args), maxReview)
	case rest != "" && head == "cause":
		i.Cause = chat.Plain(rest, 2000)
	case rest != "" && (head == "suites" || head == "actions" || head == "followup"):
		i.Actions = chat.Plain(rest, 2000)
	case head == "refaire" || head == "redo":
		i.Draft = ""
	default:
		return c.Refuse("incident.review_usage", words.Args{"N": i.N})
	}
	c.Tx.PutIncident(i)
	c.Say(c.Table.draft(i) + "\n" + c.W("incident.review_how", words.Args{"N": i.N}))
	return nil
}

// reviewArg is the incident that is named, else the last one that is over.
func (c *Call) reviewArg() (store.Incident, error) {
	if w, rest := cutWord(c.Args); digits(w) {
		n, _ := number(w)
		if i, ok := c.Tx.Incident(n); ok && i.Public() {
			c.Args = rest
			return i, nil
		}
		return store.Incident{}, c.Refuse("incident.not_found", nil)
	}
	for _, i := range c.Tx.Incidents() {
		if i.State == store.IncidentResolved {
			return i, nil
		}
	}
	return store.Incident{}, c.Refuse("incident.review_none", nil)
}

// draft is the review as it stands: what was written, else what the timeline tells. It
// names nobody. Everybody will read it, so it is in the bot's language.
func (t *Table) draft(i store.Incident) string {
	if i.Draft != "" {
		return i.Draft
	}
	lang, loc := t.cfg.Language, t.cfg.Location()
	say := func(id string, args words.Args) string { return t.words.Say(lang, "incident.review_"+id, args) }
	args := words.Args{"Service": t.serviceTitle(lang, i.Service), "Day": i.Opened.In(loc).Format("02/01/2006"), "Since": i.Opened.In(loc).Format("15:04"),
		"Until": "…", "Time": "…", "Affected": i.Affected, "Severity": t.words.Say(lang, fmt.Sprintf("web.severity_%d", min(max(i.Severity, 1), 4)), nil),
		"Loss": say("loss_"+cmp.Or(i.DataLoss, "unknown"), nil)}
	if !i.Resolved.IsZero() {
		args["Until"], args["Time"] = i.Resolved.In(loc).Format("15:04"), span(i.Resolved.Sub(i.Opened), lang)
	}
	out := []string{"# " + say("title", args), "", say("facts", args)}
	section := func(id, text string) {
		if text != "" {
			out = append(out, "", "## "+say(id, nil), "", sentence(text))
		}
	}
	section("cause", i.Cause)
	out = append(out, "", "## "+say("timeline", nil), "")
	for _, l := range i.Timeline() {
		text := l.Text
		if l.State == store.IncidentReview {
			continue
		}
		switch {
		case l.State == store.IncidentReported:
			text = say("detected", nil)
		case l.State != "" && text == "":
			text = t.words.Say(lang, "web.post_"+string(l.State), nil)
		}
		out = append(out, "- "+l.At.In(loc).Format("15:04")+" "+strings.Join(strings.Fields(sentence(text)), " "))
	}
	section("actions", i.Actions)
	return strings.Join(out, "\n")
}

// publishReview puts the review on the incident's page and tells the rooms where it is.
func (c *Call) publishReview(i store.Incident) error {
	t := c.Table
	text, again := chat.Cut(t.draft(i), maxReview), i.State == store.IncidentReview
	if err := i.Move(store.IncidentReview, c.Now); err != nil {
		return c.wrongIncident(err)
	}
	if text == i.Review {
		return c.Refuse("incident.review_same", words.Args{"N": i.N})
	}
	i.Review, i.Draft = text, ""
	c.Tx.Audit(c.Person().ID, "incident review", strconv.Itoa(i.N), c.RoomName)
	if again { // the rooms know where it is
		c.Tx.PutIncident(i)
		c.SayID("incident.review_mended", words.Args{"N": i.N})
		return nil
	}
	i.Say(store.Post{At: c.Now, By: c.personID()})
	c.Tx.PutIncident(i)
	for _, room := range t.concerned(i.Service) {
		lang := t.roomLang(room)
		t.announceIncident(c.Turn, postKey(i.N, len(i.Posts), room), room, strings.TrimSpace(t.words.Say(lang, "incident.post_review",
			words.Args{"Service": t.serviceTitle(lang, i.Service)})+" "+t.incidentURL(lang, i.N)))
	}
	c.SayID("incident.reviewed", words.Args{"N": i.N, "URL": t.incidentURL(c.Lang(), i.N)})
	return nil
}

// incidentURL is an incident's page on the info site, empty when nobody knows where that is.
func (t *Table) incidentURL(lang string, n int) string {
	if t.cfg.Incidents.InfoURL == "" {
		return ""
	}
	return fmt.Sprintf("%s/%s/incident/%d", strings.TrimRight(t.cfg.Incidents.InfoURL, "/"), lang, n)
}
