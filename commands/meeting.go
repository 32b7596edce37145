package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// MeetingsConfig says how meetings are looked after.
type MeetingsConfig struct {
	// AskBefore is how long before a meeting on a public holiday the board is asked
	// whether to keep, move or cancel it; without an answer again after half of that.
	AskBefore time.Duration `yaml:"ask_before"`
	// Longest is after how long a meeting that nobody ended ends by itself.
	Longest time.Duration `yaml:"longest"`
}

func defaultMeetings() MeetingsConfig {
	return MeetingsConfig{AskBefore: 21 * 24 * time.Hour, Longest: 12 * time.Hour}
}

func (m MeetingsConfig) check() []Problem {
	if m.AskBefore <= 0 || m.Longest <= 0 {
		return []Problem{{"meetings", "ask_before and longest must be longer than nothing", "write ask_before: 504h, longest: 12h"}}
	}
	return nil
}

// meetingCommands are about the association's meetings.
func meetingCommands() []*Command {
	return []*Command{
		{Name: "reunion", English: "meeting", Role: Board, Run: meetingCommand, Subs: []Sub{
			{"commencer", "start"}, {"sujet", "topic"}, {"info", "info"}, {"action", "action"}, {"accord", "agreed"}, {"vote", "vote"},
			{"lien", "link"}, {"annuler", "undo"}, {"finir", "end"}, {"actions", "actions"}, {"fait", "done"},
			{"maintenir", "keep"}, {"deplacer", "move"}, {"supprimer", "cancel"}}},
		{Name: "ordredujour", English: "item", Role: Board, Run: agendaItem},
	}
}

// meetingCommand is "!reunion": what comes next, or a verb.
func meetingCommand(c *Call) error {
	sub := c.Sub()
	switch sub {
	case "":
		if c.Args != "" {
			return c.Usage()
		}
		return nextMeeting(c)
	case "commencer":
		return startMeeting(c)
	case "actions":
		return listActions(c)
	case "fait":
		return actionDone(c)
	case "maintenir", "deplacer", "supprimer":
		return changeMeeting(c, sub)
	}
	m, running := c.Tx.RunningMeeting(c.RoomName)
	if sub == "annuler" && (!running || c.RoomName == "") {
		return changeMeeting(c, "supprimer")
	}
	if !running || c.RoomName == "" {
		return c.Refuse("meeting.none_running", nil)
	}
	return c.minute(m, sub, c.Args)
}

// agendaItem adds a subject to the next meeting's agenda, takes one off ("-3"), or lists them.
func agendaItem(c *Call) error {
	if off, ok := strings.CutPrefix(strings.TrimSpace(c.Args), "-"); ok {
		n, isNumber := number(strings.TrimSpace(off))
		if !isNumber || !c.Tx.DropAgendaItem(n) {
			return c.Refuse("meeting.no_item", nil)
		}
		c.SayID("meeting.item_off", words.Args{"N": n})
		return nil
	}
	text := chat.Plain(c.Args, 200)
	if text == "" {
		return listItems(c)
	}
	if len(c.Tx.AgendaItems()) >= maxAgenda {
		return c.Refuse("meeting.agenda_full", words.Args{"Most": maxAgenda})
	}
	i := c.Tx.AddAgendaItem(store.AgendaItem{Text: text, By: c.Person().ID})
	c.SayID("meeting.item", words.Args{"N": i.N, "Text": i.Text})
	return nil
}

// maxAgenda is how many subjects an agenda bears.
const maxAgenda = 50

func listItems(c *Call) error {
	rows := []string{}
	for _, i := range c.Tx.AgendaItems() {
		rows = append(rows, fmt.Sprintf("%d. %s", i.N, i.Text))
	}
	if len(rows) == 0 {
		return c.Refuse("meeting.no_items", nil)
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// nextMeeting tells when the next meeting is, and what it is to speak of.
func nextMeeting(c *Call) error {
	if m, ok := c.Tx.RunningMeeting(c.RoomName); ok && c.RoomName != "" {
		c.SayID("meeting.running", words.Args{"Title": m.Title[c.Lang()], "Time": c.Local(m.Began).Format("15:04"), "Lines": len(m.Lines)})
		return nil
	}
	p, ok := c.Table.plannedMeeting(c.Tx, c.Now)
	if !ok {
		return c.Refuse("meeting.none_planned", nil)
	}
	civil, err := store.ParseCivil(p.Civil)
	if err != nil {
		return fmt.Errorf("the next meeting: %w", err)
	}
	rows := []string{c.W("meeting.next", words.Args{"Title": p.Title[c.Lang()], "When": civilWords(c.Lang(), civil), "Place": p.Place})}
	if items := agendaWords(c.Tx.AgendaItems()); items != "" {
		rows = append(rows, c.W("meeting.agenda", words.Args{"Items": items}))
	}
	if open := len(c.Tx.Actions()); open > 0 {
		rows = append(rows, c.W("meeting.open_actions", words.Args{"Count": open}))
	}
	if key, asked := c.Table.askedMeeting(c.Tx, c.Now); asked {
		rows = append(rows, c.Table.holidayQuestion(c.Lang(), key))
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// plannedMeeting is the next meeting of all schedules; one that began within the last
// hours counts, for whoever opens it late.
func (t *Table) plannedMeeting(tx *store.Tx, now time.Time) (store.Planned, bool) {
	list := slices.DeleteFunc(tx.AllPlanned(), func(p store.Planned) bool { return p.Kind != meeting || p.At.Before(now) })
	slices.SortFunc(list, func(a, b store.Planned) int { return a.At.Compare(b.At) })
	if len(list) == 0 {
		return store.Planned{}, false
	}
	return list[0], true
}

// agendaWords is an agenda on one line.
func agendaWords(items []store.AgendaItem) string {
	var out []string
	for i, it := range items {
		out = append(out, fmt.Sprintf("%d. %s", i+1, it.Text))
	}
	return strings.Join(out, " ; ")
}

func listActions(c *Call) error {
	var rows []string
	for _, a := range c.Tx.Actions() {
		rows = append(rows, c.W("meeting.action_row", words.Args{"N": a.N, "Text": a.Text, "Date": c.Local(a.At).Format("02/01/2006")}))
	}
	if len(rows) == 0 {
		c.SayID("meeting.no_actions", nil)
		return nil
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

func actionDone(c *Call) error {
	n, ok := number(strings.TrimSpace(c.Args))
	if !ok {
		return c.Usage()
	}
	a, found := c.Tx.EndAction(n)
	if !found {
		return c.Refuse("meeting.no_action", words.Args{"N": n})
	}
	c.Tx.Audit(c.Person().ID, "action done", fmt.Sprint(n), c.RoomName)
	c.SayID("meeting.action_done", words.Args{"N": n, "Text": a.Text})
	return nil
}
