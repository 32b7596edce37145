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
	"vigie/store/clock"
)

// reminderLasts is how long a reminder that could not be said is still worth
// saying; the ticket itself goes on being shown.
const reminderLasts = 4 * time.Hour

// listedReminders is how many tickets one line names; the others are counted.
const listedReminders = 5

// reminder is one ticket of which the team is to hear.
type reminder struct {
	ticket store.Ticket
	clock  store.Clock
	step   int
	who    *teammate
	why    string
}

// clockDue reminds the team of all tickets whose time has come, in one line: after
// an absence too. Outside of opening hours, and in quiet ones, it waits.
func (t *Table) clockDue(turn *bot.Turn, d store.Due) error {
	if at := t.policy.Allowed(turn.Now); at.After(turn.Now) {
		turn.Tx.SetDue(clock.Due, d.Key, at)
		return nil
	}
	var list []reminder
	loads := t.loads(turn.Tx)
	for _, d := range append([]store.Due{d}, turn.Tx.DueBy(clock.Due, turn.Now)...) {
		n, _ := strconv.Atoi(d.Key)
		if r, ok := t.remindOf(turn, n, loads); ok {
			list = append(list, r)
		}
	}
	if slices.ContainsFunc(list, func(r reminder) bool { return r.step > clock.StepAll }) {
		list = append(list, t.alsoOld(turn, list)...)
	}
	slices.SortStableFunc(list, func(a, b reminder) int { return a.clock.Due.Compare(b.clock.Due) })
	switch len(list) {
	case 0:
	case 1:
		t.sayReminder(turn, list[0])
	default:
		t.sayReminders(turn, list)
	}
	return nil
}

// remindOf notes how far the reminders of a ticket have gone by now, and tells
// which of its clocks to speak of. While an incident that explains it is open its
// own nag speaks for it.
func (t *Table) remindOf(turn *bot.Turn, n int, loads map[string]int) (reminder, bool) {
	s, ok := turn.Tx.Clocks(n)
	tk, known := turn.Tx.Ticket(n)
	if !ok || !known {
		turn.Tx.ClearDue(clock.Due, strconv.Itoa(n))
		return reminder{}, false
	}
	if i, linked := turn.Tx.Incident(tk.Incident); linked && i.Open() {
		turn.Tx.SetDue(clock.Due, strconv.Itoa(n), turn.Now.Add(t.cfg.Incidents.Every))
		return reminder{}, false
	}
	var out reminder
	for _, c := range s.Clocks {
		step := t.policy.Reached(s, c, turn.Now)
		told := s.Reminded(c)
		if step <= told.Step {
			continue
		}
		told.Step, told.At = step, turn.Now
		if out.step == 0 {
			out = reminder{ticket: tk, clock: c, step: step}
			if step == clock.StepName {
				if who, why, found := t.chosen(turn.Tx, tk, loads); found {
					out.who, out.why, told.Named = &who, why, who.ID
				}
			}
		}
		s = s.WithTold(told)
	}
	clock.Put(turn.Tx, t.policy, s)
	return out, out.step > 0
}

// alsoOld are the other tickets of which all have heard and that are to be spoken
// of again: they go with the first of them, in one line a day.
func (t *Table) alsoOld(turn *bot.Turn, list []reminder) []reminder {
	var out []reminder
	for _, s := range turn.Tx.AllClocks() {
		c, runs := s.First()
		told := s.Reminded(c)
		tk, ok := turn.Tx.Ticket(s.N)
		spoken := slices.ContainsFunc(list, func(r reminder) bool { return r.ticket.N == s.N })
		if !ok || !runs || s.Still || spoken || told.Step < clock.StepAll || t.policy.Steps[s.Kind].Again <= 0 {
			continue
		}
		if i, linked := turn.Tx.Incident(tk.Incident); linked && i.Open() {
			continue
		}
		told.Step, told.At = told.Step+1, turn.Now
		clock.Put(turn.Tx, t.policy, s.WithTold(told))
		out = append(out, reminder{ticket: tk, clock: c, step: told.Step})
	}
	return out
}

// sayReminder speaks of one ticket.
func (t *Table) sayReminder(turn *bot.Turn, r reminder) {
	lang, key := t.cfg.Language, r.key()
	args := t.reminderArgs(turn, r)
	switch {
	case r.step == clock.StepName && r.who != nil:
		if args["Why"] = ""; r.why != forLeast || len(t.team(turn.Tx)) > 1 {
			args["Why"] = t.words.Say(lang, "escalation.why_"+r.why, nil) + " "
		}
		text := t.words.Say(lang, "escalation.name", args)
		args["Who"] = chat.Plain(r.who.Name, 40)
		t.callOut(turn, key, []teammate{*r.who}, text, t.words.Say(lang, "escalation.name", args))
	case r.step >= clock.StepName:
		team := t.team(turn.Tx)
		if len(team) > 1 {
			args["Who"] = t.names(lang, team)
		}
		text := t.words.Say(lang, "escalation.all", args)
		if r.step > clock.StepAll {
			text = t.words.Say(lang, "escalation.again", args)
			team = nil
		}
		t.callOut(turn, key, team, text, text)
	default:
		text := t.words.Say(lang, "escalation.remind", args)
		t.callOut(turn, key, nil, text, text)
	}
}

// sayReminders speaks of several tickets in one line.
func (t *Table) sayReminders(turn *bot.Turn, list []reminder) {
	lang := t.cfg.Language
	var rows []string
	var who []teammate
	for i, r := range list {
		row := t.words.Say(lang, "escalation.item", words.Args{"N": r.ticket.N, "Age": span(turn.Now.Sub(r.clock.Since), lang)})
		if r.who != nil {
			row = t.words.Say(lang, "escalation.item_who", words.Args{"N": r.ticket.N, "Age": span(turn.Now.Sub(r.clock.Since), lang), "Who": chat.Plain(r.who.Name, 40)})
			if !slices.ContainsFunc(who, func(m teammate) bool { return m.ID == r.who.ID }) {
				who = append(who, *r.who)
			}
		}
		if i < listedReminders {
			rows = append(rows, row)
		}
	}
	if slices.ContainsFunc(list, func(r reminder) bool { return r.step == clock.StepAll }) {
		who = t.team(turn.Tx)
	}
	text := t.words.Say(lang, "escalation.several", words.Args{"Count": len(list), "List": strings.Join(rows, ", "), "More": len(list) - len(rows)})
	t.callOut(turn, list[0].key(), who, text, text)
}

// key names a reminder for ever.
func (r reminder) key() string {
	return fmt.Sprintf("clock-%d-%s-%d-%d", r.ticket.N, r.clock.Kind, r.clock.Since.Unix(), r.step)
}

func (t *Table) reminderArgs(turn *bot.Turn, r reminder) words.Args {
	lang := t.cfg.Language
	p, _ := turn.Tx.Person(r.ticket.Requester)
	if p.Name == "" { // erased meanwhile
		p.Name = t.words.Say(lang, "escalation.somebody", nil)
	}
	return words.Args{"N": r.ticket.N, "About": t.about(lang, r.ticket), "Name": chat.Plain(p.Name, 40),
		"Waits": t.words.Say(lang, "escalation.waits_"+string(r.clock.Kind), words.Args{"Age": span(turn.Now.Sub(r.clock.Since), lang)}),
		"Due":   t.when(lang, r.clock.Due, turn.Now)}
}

// page calls the team at once, whatever the hour: whoever is on call, and all when
// nobody is.
func (t *Table) page(turn *bot.Turn, tk store.Ticket) {
	lang := t.cfg.Language
	args := words.Args{"N": tk.N, "About": t.about(lang, tk)}
	if title := t.diagnosisTitle(turn.Tx, tk, lang); title != args["About"] {
		args["Title"] = title
	}
	team := t.team(turn.Tx)
	if d, ok := turn.Tx.OnCall(turn.Now); ok {
		if i := slices.IndexFunc(team, func(m teammate) bool { return m.ID == d.Person }); i >= 0 {
			team = team[i : i+1]
			args["OnCall"] = chat.Plain(team[0].Name, 40)
		}
	}
	text := t.words.Say(lang, "runbook.page", args)
	t.callOut(turn, fmt.Sprintf("page-%d", tk.N), team, text, text)
	for _, m := range team {
		t.tellTeammate(turn, fmt.Sprintf("page-%d", tk.N), m, text, turn.Now.Add(reminderLasts))
	}
}
