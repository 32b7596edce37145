package commands

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/commands/words"
	"vigie/store"
)

// heldText is free text about an incident of severity 1 that waits for a second
// adminsys. The templates of the same moment have been said already.
type heldText struct {
	By   string `json:"by"`
	Text string `json:"text"`
}

// dueSecond is when a held text has waited long enough.
const dueSecond = "incident-second"

func heldNote(n int) string { return "incident-held/" + strconv.Itoa(n) }

// holdText keeps free text back and asks the other adminsys to read it.
func (t *Table) holdText(c *Call, i store.Incident, text string) {
	t.dropHeld(c, i)
	p := c.Person()
	raw, _ := json.Marshal(heldText{p.ID, text}) // strings always encode
	c.Tx.SetNote(heldNote(i.N), string(raw))
	c.Tx.SetDue(dueSecond, strconv.Itoa(i.N), c.Now.Add(t.cfg.Incidents.Second))
	lang := t.cfg.Language
	t.staffSay(c.Turn, fmt.Sprintf("second-%d-%d", i.N, c.Now.UnixNano()), t.words.Say(lang, "incident.second",
		words.Args{"N": i.N, "Name": p.Name, "Text": text, "Time": span(t.cfg.Incidents.Second, lang)}), true)
}

// dropHeld forgets a text that waits, and says so: nobody may believe that it
// will still be said.
func (t *Table) dropHeld(c *Call, i store.Incident) {
	var held heldText
	if json.Unmarshal([]byte(c.Tx.Note(heldNote(i.N))), &held) != nil {
		return
	}
	c.Tx.SetNote(heldNote(i.N), "")
	c.Tx.ClearDue(dueSecond, strconv.Itoa(i.N))
	t.staffSay(c.Turn, fmt.Sprintf("second-dropped-%d-%d", i.N, c.Now.UnixNano()),
		t.words.Say(t.cfg.Language, "incident.second_replaced", words.Args{"N": i.N, "Text": held.Text}), false)
}

// seconds reads "!incident maj 3 oui" and "… non" while a text waits, and tells
// whether that is what it was.
func (c *Call) seconds(i store.Incident) (bool, error) {
	var held heldText
	w := word(c.Args)
	if json.Unmarshal([]byte(c.Tx.Note(heldNote(i.N))), &held) != nil {
		if yes(w) || no(w) { // it left meanwhile: "oui" is no news for members
			return true, c.Refuse("incident.second_none", words.Args{"N": i.N})
		}
		return false, nil
	}
	switch {
	case no(w):
		c.Tx.SetNote(heldNote(i.N), "")
		c.Tx.ClearDue(dueSecond, strconv.Itoa(i.N))
		c.SayID("incident.second_dropped", words.Args{"N": i.N})
		return true, nil
	case !yes(w):
		return false, nil
	case held.By == c.personID():
		return true, c.Refuse("incident.second_self", words.Args{"N": i.N})
	}
	c.Tx.Audit(c.Person().ID, "incident second", strconv.Itoa(i.N), c.RoomName)
	c.Table.letGo(c.Turn, i, held)
	c.SayID("incident.told", words.Args{"N": i.N, "State": c.W("incident.state_"+string(i.State), nil)})
	return true, nil
}

// secondDue says a held text that nobody objected to in time.
func (t *Table) secondDue(turn *bot.Turn, d store.Due) error {
	i, ok := turn.Tx.IncidentID(d.Key)
	var held heldText
	if ok && json.Unmarshal([]byte(turn.Tx.Note(heldNote(i.N))), &held) == nil {
		t.letGo(turn, i, held)
	}
	return nil
}

// letGo says a held text. An incident that was called off meanwhile has no more
// to say.
func (t *Table) letGo(turn *bot.Turn, i store.Incident, held heldText) {
	turn.Tx.SetNote(heldNote(i.N), "")
	turn.Tx.ClearDue(dueSecond, strconv.Itoa(i.N))
	if i.Open() || i.State == store.IncidentResolved {
		t.post(turn, &i, held.By, strings.TrimSpace(held.Text))
	}
}
