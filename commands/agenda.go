package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/commands/words"
	"vigie/store"
)

// civilWords is a date and hour as people say it.
func civilWords(lang string, c store.Civil) string {
	if lang == "en" {
		return c.Format("Monday 2 January 2006, 15:04")
	}
	days := [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	return fmt.Sprintf("%s %d %s %d à %s", days[c.Weekday()], c.Day(), months[c.Month()-1], c.Year(), c.Format("15 h 04"))
}

// scheduleCommands tell what comes, and steer it.
func scheduleCommands() []*Command {
	return []*Command{
		{Name: "agenda", English: "calendar", Role: Anyone, Run: agenda},
		{Name: "programme", English: "schedule", Role: Adminsys, Where: StaffOnly, Run: programme,
			Subs: []Sub{{"suivant", "next"}, {"pause", "pause"}, {"reprendre", "resume"}, {"lancer", "run"}}},
	}
}

// agenda lists the next public occurrences, one a schedule.
func agenda(c *Call) error {
	list := slices.DeleteFunc(c.Tx.AllPlanned(), func(p store.Planned) bool { return p.Hidden || p.At.Before(c.Now) })
	slices.SortFunc(list, func(a, b store.Planned) int { return a.At.Compare(b.At) })
	var rows []string
	for _, p := range list {
		civil, err := store.ParseCivil(p.Civil)
		if err != nil {
			continue
		}
		row := c.W("schedule.row", words.Args{"Title": p.Title[c.Lang()], "When": civilWords(c.Lang(), civil)})
		if p.Place != "" {
			row += ", " + p.Place
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		c.SayID("schedule.nothing", nil)
		return nil
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// programme lists the schedules for staff, or steers one.
func programme(c *Call) error {
	sub := c.Sub()
	id := Fold(c.Args)
	if sub == "" || sub == "suivant" {
		return nextOccurrences(c)
	}
	all := slices.Concat(c.Table.cfg.Schedules, chatSchedules(c.Tx.PlannedAnnouncements()))
	i := slices.IndexFunc(all, func(s ScheduleConfig) bool { return Fold(s.ID) == id })
	if i < 0 {
		return c.Usage()
	}
	s := all[i]
	c.Tx.Audit(c.Person().ID, "schedule "+sub, s.ID, c.RoomName)
	switch sub {
	case "pause":
		c.Tx.SetNote("schedule-paused/"+s.ID, "yes")
		c.SayID("schedule.paused", words.Args{"ID": s.ID})
	case "reprendre":
		c.Tx.SetNote("schedule-paused/"+s.ID, "")
		c.SayID("schedule.resumed", words.Args{"ID": s.ID})
	case "lancer":
		return runNow(c, s)
	}
	return nil
}

// nextOccurrences tells each schedule's rule in words, its next occurrence, and when
// it will be spoken of.
func nextOccurrences(c *Call) error {
	var rows []string
	for _, cfg := range slices.Concat(c.Table.cfg.Schedules, chatSchedules(c.Tx.PlannedAnnouncements())) {
		if row := c.scheduleRow(cfg); row != "" {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		c.SayID("schedule.nothing", nil)
		return nil
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// scheduleRow is one schedule's line, empty when it has nothing left to say.
func (c *Call) scheduleRow(cfg ScheduleConfig) string {
	list := c.Table.changedPlans(c.Tx).of[cfg.ID]
	var said []time.Time
	next := ""
	for _, k := range list {
		at, ok := c.Tx.DueAt(dueSchedule, k.name)
		if !ok {
			continue
		}
		if civil, err := store.ParseCivil(c.Tx.Note("schedule-next/" + k.name)); err == nil && (next == "" || k.silent) {
			next = civilWords(c.Lang(), civil)
		}
		if !k.silent {
			said = append(said, at)
		}
	}
	if next == "" {
		return ""
	}
	row := c.W("schedule.plan", words.Args{"ID": cfg.ID, "Rule": RuleWords(c.Table.words, c.Lang(), list[0].rule, store.CivilOf(c.Now, list[0].rule.Zone)),
		"Next": next, "Said": strings.Join(c.hours(said), ", ")})
	if c.Tx.Note("schedule-paused/"+cfg.ID) != "" {
		row += " (" + c.W("schedule.in_pause", nil) + ")"
	}
	return row
}

// hours are instants in order, as a short local date and hour.
func (c *Call) hours(list []time.Time) []string {
	slices.SortFunc(list, time.Time.Compare)
	var out []string
	for _, at := range list {
		out = append(out, c.Local(at).Format("02/01 15:04"))
	}
	return out
}

// runNow says a schedule's next announcement at once; it is then not said again at its
// time. A donation call still has to pass its gate, and waits for the right moment if it does
// not.
func runNow(c *Call, s ScheduleConfig) error {
	k, ok := c.Table.nextChain(c, s)
	civil, err := store.ParseCivil(c.Tx.Note("schedule-next/" + k.name))
	if !ok || err != nil {
		return c.Refuse("schedule.nothing", nil)
	}
	if again := c.Table.occurrence(c.Turn, k, civil); !again.IsZero() {
		c.Tx.SetDue(dueSchedule, k.name, again)
		c.SayID("schedule.ran_held", words.Args{"ID": s.ID})
		return nil
	}
	c.SayID("schedule.ran", words.Args{"ID": s.ID})
	return nil
}

// nextChain is the line of a schedule that speaks first.
func (t *Table) nextChain(c *Call, s ScheduleConfig) (first chain, ok bool) {
	var at time.Time
	for _, k := range t.changedPlans(c.Tx).of[s.ID] {
		due, planned := c.Tx.DueAt(dueSchedule, k.name)
		if planned && !k.silent && (!ok || due.Before(at)) {
			first, at, ok = k, due, true
		}
	}
	return first, ok
}
