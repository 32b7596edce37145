package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// tellTheEnd tells those who were affected, and asks them whether it works.
func (t *Table) tellTheEnd(turn *bot.Turn, i store.Incident) {
	told := map[string]bool{}
	for _, n := range i.Tickets {
		tk, err := t.act(turn, n, store.TicketEvent{Act: store.ActSolve})
		if err != nil {
			continue // closed meanwhile
		}
		t.staffThread(turn, tk.N, fmt.Sprintf("incident-%d-%d", i.N, tk.Seq), t.words.Say(t.cfg.Language, "ticket.staff_incident_end", words.Args{"N": i.N}), chat.Room{})
		t.tellMember(turn, tk, fmt.Sprintf("incident-%d-%d", i.N, tk.Seq), "incident.member_end",
			words.Args{"N": tk.N, "Service": t.serviceTitle(t.langOfTicket(turn.Tx, tk), i.Service)})
		for _, a := range tk.Askers() {
			told[a.Person] = true
		}
	}
	t.tellFollowers(turn, i, "incident.follower_end", told)
}

// tellFollowers tells those who wanted to know, but not those told already.
func (t *Table) tellFollowers(turn *bot.Turn, i store.Incident, id string, told map[string]bool) {
	for _, person := range i.Followers {
		p, ok := turn.Tx.Person(person)
		if !ok || told[person] || len(p.Rooms) == 0 {
			continue
		}
		turn.Deliver(chat.Reply{Key: fmt.Sprintf("incident/%d/follower/%d/%s", i.N, len(i.Posts), person), Room: p.Rooms[0], Tone: chat.Loud, Secret: true,
			Text: t.words.Say(t.langOf(p), id, words.Args{"Service": t.serviceTitle(t.langOf(p), i.Service)})}, bot.Delivery{Track: true, Anywhere: p.Rooms[0].Account != ""})
	}
}

// followIncident notes that somebody wants to be told the end.
func (t *Table) followIncident(turn *bot.Turn, person, id string) {
	i, ok := turn.Tx.IncidentID(id)
	if ok && !slices.Contains(i.Followers, person) {
		i.Followers = append(i.Followers, person)
		turn.Tx.PutIncident(i)
	}
}

// checkIncident answers the check of that kind: is there a known incident on one
// of these services.
func (t *Table) checkIncident(turn *bot.Turn, lang string, req runbooks.Request) runbooks.Report {
	rep := runbooks.Report{Kind: "incident", Verdict: "none", At: turn.Now,
		Fields: map[string]any{"id": "", "title": "", "url": t.cfg.Incidents.InfoURL, "since": "", "count": int64(0)}}
	services := strings.FieldsFunc(req.Args["services"], func(r rune) bool { return r == ',' || r == ' ' })
	for _, i := range turn.Tx.Incidents() {
		if len(services) > 0 && !slices.Contains(services, i.Service) || !i.Public() {
			continue
		}
		recent := i.State == store.IncidentResolved && turn.Now.Sub(i.Resolved) < t.cfg.Incidents.Recent
		if !i.Open() && !recent {
			continue
		}
		title := t.serviceTitle(lang, i.Service)
		if i.Title != "" {
			title += " : " + i.Title
		}
		rep.Fields["id"], rep.Fields["title"] = strconv.Itoa(i.N), title
		rep.Fields["since"], rep.Fields["count"] = i.Opened.Format(time.RFC3339), int64(len(i.Tickets))
		if rep.Verdict = "recent"; i.Open() {
			rep.Verdict = "active"
			break
		}
	}
	return rep
}
