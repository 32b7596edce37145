package commands

import (
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// journalCommands note what the team does while it does it.
func journalCommands() []*Command {
	return []*Command{{Name: "journal", English: "log", Role: Adminsys, Where: StaffOnly, Run: journal}}
}

// journalShown is how many entries "!journal" alone lists.
const journalShown = 10

// journal notes a line: in the incident it names, else in the one that is open, else in the
// general journal. Alone it lists the last notes.
func journal(c *Call) error {
	if c.Args == "" {
		return listJournal(c)
	}
	w, rest := cutWord(c.Args)
	e := store.LogEntry{At: c.Now, By: c.Person().ID}
	if n, ok := number(w); ok && rest != "" {
		if i, found := c.Tx.Incident(n); found {
			e.Text = chat.Plain(rest, 1000)
			return c.noted(i, e)
		}
		if strings.HasPrefix(w, "#") {
			return c.Refuse("incident.not_found", nil)
		}
	}
	e.Text = chat.Plain(c.Args, 1000)
	var open []store.Incident
	for _, i := range c.Tx.Incidents() {
		if i.Open() {
			open = append(open, i)
		}
	}
	switch len(open) {
	case 0:
		c.Tx.AddJournal(e)
		c.SayID("journal.noted", nil)
		return nil
	case 1:
		return c.noted(open[0], e)
	}
	return c.Refuse("incident.which", words.Args{"Count": len(open)})
}

func (c *Call) noted(i store.Incident, e store.LogEntry) error {
	i.Note(e)
	c.Tx.PutIncident(i)
	c.SayID("journal.noted_incident", words.Args{"N": i.N})
	return nil
}

func listJournal(c *Call) error {
	var rows []string
	list := c.Tx.Journal()
	for _, i := range c.Tx.Incidents() {
		if i.Open() {
			list = i.Log
			rows = append(rows, c.W("journal.of_incident", words.Args{"N": i.N}))
			break
		}
	}
	for _, e := range list[max(0, len(list)-journalShown):] {
		name := ""
		if p, ok := c.Tx.Person(e.By); ok {
			name = " " + p.Name
		}
		rows = append(rows, "- "+c.Local(e.At).Format("02/01 15:04")+name+" : "+e.Text)
	}
	if len(list) == 0 {
		return c.Refuse("journal.empty", nil)
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// heardLately remembers the last words of the staff rooms, so that a mark on one can note
// it. They are nowhere on disk unless somebody marks them.
type heardLately struct {
	ring [200]heardLine
	next int
}

type heardLine struct {
	id string // network/id
	store.LogEntry
}

// remember keeps a line said in a staff room.
func (h *heardLately) remember(c *Call) {
	if c.Msg.ID == "" || c.Msg.Kind != chat.Text || !c.InStaffRoom() || c.Msg.Text == "" {
		return
	}
	h.ring[h.next] = heardLine{c.Msg.Room.Network + "/" + c.Msg.ID, store.LogEntry{At: c.Now, By: c.personID(), Text: chat.Plain(c.Msg.Text, 1000)}}
	h.next = (h.next + 1) % len(h.ring)
}

func (h *heardLately) find(id string) (store.LogEntry, bool) {
	for _, l := range h.ring {
		if l.id == id && id != "" {
			return l.LogEntry, true
		}
	}
	return store.LogEntry{}, false
}

// pinned notes a staff message that an adminsys marks with 📌 in the open incident's
// timeline, and tells whether that was what the gesture meant.
func (t *Table) pinned(c *Call) bool {
	if !c.InStaffRoom() || !c.Has(Adminsys) || !strings.HasPrefix(c.Msg.Text, "📌") {
		return false
	}
	i, err := c.incidentArg()
	if err != nil {
		return true // no incident, or several: a pin is then a pin
	}
	id := c.Msg.Room.Network + "/" + c.Msg.Target
	e, found := t.lately.find(id)
	if !found {
		c.SayID("journal.forgotten", words.Args{"N": i.N})
		return true
	}
	e.Message = id
	if i.Note(e) {
		c.Tx.PutIncident(i)
		c.Turn.Say(chat.Reply{Room: c.Msg.Room, Kind: chat.React, Target: c.Msg.Target, Text: "📝", Secret: true})
	}
	return true
}
