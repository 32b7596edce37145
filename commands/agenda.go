package commands

import (
	"fmt"
	"slices"
	"strings"

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
	i := slices.IndexFunc(c.Table.cfg.Schedules, func(s ScheduleConfig) bool { return Fold(s.ID) == id })
	if i < 0 {
		return c.Usage()
	}
	s := c.Table.cfg.Schedules[i]
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

func nextOccurrences(c *Call) error {
	var rows []string
	for _, k := range c.Table.cfg.allChains() {
		at, ok := c.Tx.DueAt(dueSchedule, k.name)
		if !ok || k.silent {
			continue
		}
		row := k.name + " : " + c.Tx.Note("schedule-next/"+k.name) + " " + k.rule.Zone.String() + " → " + c.Local(at).Format("02/01/2006 15:04:05")
		if c.Tx.Note("schedule-paused/"+k.cfg.ID) != "" {
			row += " (" + c.W("schedule.in_pause", nil) + ")"
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

// runNow says a schedule's next occurrence at once; it is then not said again at
// its time. A donation call still has to pass its gate.
func runNow(c *Call, s ScheduleConfig) error {
	list, err := c.Table.cfg.chains(s)
	if err != nil {
		return fmt.Errorf("chains of %s: %w", s.ID, err)
	}
	k := list[len(list)-1]
	civil, err := store.ParseCivil(c.Tx.Note("schedule-next/" + k.name))
	if err != nil {
		return c.Refuse("schedule.nothing", nil)
	}
	c.Tx.SetNote("schedule-held/"+k.name, civil.String()) // on time, by somebody's word
	c.Table.occurrence(c.Turn, k, civil)
	c.SayID("schedule.ran", words.Args{"ID": s.ID})
	return nil
}
