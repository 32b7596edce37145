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
	"vigie/store"
)

// tellWorks says the newest word about works: in the rooms that they concern and to those who
// subscribe, or to these alone. It keeps the works.
func (t *Table) tellWorks(turn *bot.Turn, m store.Maintenance) {
	turn.Tx.PutMaintenance(m)
	p := m.Posts[len(m.Posts)-1]
	t.sayWorks(turn, m, p.State, strconv.Itoa(p.Seq), time.Time{})
}

// sayWorks says one sentence about works, until it has lost its use.
func (t *Table) sayWorks(turn *bot.Turn, m store.Maintenance, what, name string, expires time.Time) {
	if !m.Subscribers {
		unsent := unsentRows(turn, fmt.Sprintf("maintenance/%d/", m.N))
		for _, room := range t.concerned(m.Service) {
			drop(turn, unsent[room])
			turn.Deliver(chat.Reply{Key: replyKey(fmt.Sprintf("maintenance/%d/%s/%s", m.N, name, room)), Room: room, Tone: chat.Loud,
				Text: t.worksWords(t.roomLang(room), m, what), Priority: chat.News, Expires: expires}, bot.Delivery{Track: true})
		}
	}
	t.tellSubscribers(turn, m.Service, fmt.Sprintf("maintenance/%d", m.N), len(m.Posts)*100+len(name), func(lang string, _ bool) string {
		return t.worksWords(lang, m, what)
	}, nil)
}

// worksWords is one sentence about works.
func (t *Table) worksWords(lang string, m store.Maintenance, what string) string {
	loc := t.cfg.Location()
	until := m.Until.In(loc).Format("15:04")
	if m.Until.In(loc).Format(time.DateOnly) != m.From.In(loc).Format(time.DateOnly) {
		until = civilWords(lang, store.CivilOf(m.Until, loc))
	}
	text := t.words.Say(lang, "maintenance.post_"+what, words.Args{"Service": t.serviceTitle(lang, m.Service), "Site": m.Site,
		"From": civilWords(lang, store.CivilOf(m.From, loc)), "Until": until, "N": m.N})
	if m.Title != "" && (what == "planned" || what == "remind" || what == store.WorkMoved) {
		text += " " + sentence(m.Title)
	}
	if t.cfg.Incidents.InfoURL != "" {
		text += " " + t.cfg.Incidents.InfoURL
	}
	return text
}

// worksRow is works on one line, for staff.
func (t *Table) worksRow(lang string, m store.Maintenance) string {
	loc := t.cfg.Location()
	return t.words.Say(lang, "maintenance.row", words.Args{"N": m.N, "Service": t.serviceTitle(lang, m.Service), "Site": m.Site, "Title": m.Title,
		"State": t.words.Say(lang, "maintenance.state_"+string(m.State), nil), "From": civilWords(lang, store.CivilOf(m.From, loc)), "Until": m.Until.In(loc).Format("15:04")})
}

// collisions are what works come too close to: meetings, holidays, an incident, others.
func (t *Table) collisions(c *Call, m store.Maintenance) []string {
	var out []string
	loc, near := t.cfg.Location(), t.cfg.Works.Near
	seen := map[string]bool{}
	for _, p := range c.Tx.AllPlanned() {
		id, _, _ := strings.Cut(p.Schedule, "@")
		if p.Kind == meeting && !p.Hidden && !seen[id] && m.Overlaps(p.At.Add(-near), p.At.Add(near)) {
			seen[id] = true
			out = append(out, c.W("maintenance.near_meeting", words.Args{"Title": p.Title[c.Lang()], "When": civilWords(c.Lang(), store.CivilOf(p.At, loc))}))
		}
	}
	cal := t.cfg.Calendar()
	for day := store.CivilOf(m.From, loc); !day.After(store.CivilOf(m.Until, loc).Time); day = (store.Civil{Time: day.AddDate(0, 0, 1)}) {
		if h, ok := cal.HolidayOn(day); ok {
			out = append(out, c.W("maintenance.on_holiday", words.Args{"Name": h.Name[c.Lang()], "Day": h.Day.Format("02/01")}))
		}
	}
	for _, o := range c.Tx.Maintenances() {
		if o.N != m.N && !o.Over() && m.Overlaps(o.From, o.Until) {
			out = append(out, c.W("maintenance.near_works", words.Args{"N": o.N, "Service": t.serviceTitle(c.Lang(), o.Service)}))
		}
	}
	if i, ok := openOn(c.Tx, m.Service); ok {
		out = append(out, c.W("maintenance.near_incident", words.Args{"N": i.N}))
	}
	return out
}

// dueWorks are the instants of works: a reminder, the beginning, the end.
const dueWorks = "works"

// windWorks sets what is to come of works, and forgets what was set before.
func (t *Table) windWorks(turn *bot.Turn, m store.Maintenance) {
	n := strconv.Itoa(m.N)
	for _, name := range slices.Concat([]string{"begin", "end"}, t.reminderNames()) {
		turn.Tx.ClearDue(dueWorks, n+"/"+name)
	}
	switch {
	case m.State == store.MaintenancePlanned:
		turn.Tx.SetDue(dueWorks, n+"/begin", m.From)
		for _, r := range t.cfg.Works.Reminders {
			if at := m.From.Add(-r); at.After(turn.Now) {
				turn.Tx.SetDue(dueWorks, n+"/"+r.String(), at)
			}
		}
	case m.Active():
		turn.Tx.SetDue(dueWorks, n+"/end", maxTime(m.Until, turn.Now.Add(time.Minute)))
	}
}

func (t *Table) reminderNames() []string {
	var out []string
	for _, r := range t.cfg.Works.Reminders {
		out = append(out, r.String())
	}
	return out
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// worksDue reminds everybody before works, and the adminsys when they should begin or be over.
func (t *Table) worksDue(turn *bot.Turn, d store.Due) error {
	number, name, _ := strings.Cut(d.Key, "/")
	n, _ := strconv.Atoi(number)
	m, ok := turn.Tx.Maintenance(n)
	if !ok || m.Over() {
		return nil
	}
	args := words.Args{"N": m.N, "Service": t.serviceTitle(t.cfg.Language, m.Service)}
	switch {
	case name == "begin" && m.State == store.MaintenancePlanned:
		t.staffSay(turn, fmt.Sprintf("works-%d-begin-%d", m.N, turn.Now.Unix()), t.words.Say(t.cfg.Language, "maintenance.should_begin", args), true)
		turn.Tx.SetDue(dueWorks, d.Key, turn.Now.Add(t.cfg.Incidents.Every))
		if turn.Now.After(m.Until) { // nobody came: it is not what was announced any more
			turn.Tx.ClearDue(dueWorks, d.Key)
		}
	case name == "end" && m.Active():
		t.staffSay(turn, fmt.Sprintf("works-%d-end-%d", m.N, turn.Now.Unix()), t.words.Say(t.cfg.Language, "maintenance.should_end", args), true)
		turn.Tx.SetDue(dueWorks, d.Key, turn.Now.Add(t.cfg.Incidents.Every))
	case m.State == store.MaintenancePlanned && turn.Now.Before(m.From) && !t.closerReminder(turn, m, name):
		t.sayWorks(turn, m, "remind", name+fmt.Sprintf("-%d", len(m.Posts)), m.From)
	}
	return nil
}

// closerReminder tells whether a reminder nearer to the works is due by now too: after an
// absence the last one alone is said.
func (t *Table) closerReminder(turn *bot.Turn, m store.Maintenance, name string) bool {
	r, err := time.ParseDuration(name)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(t.cfg.Works.Reminders, func(o time.Duration) bool { return o < r && !m.From.Add(-o).After(turn.Now) })
}
