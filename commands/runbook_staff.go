package commands

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// runbookStaffCommands look after the runbooks while the bot runs.
func runbookStaffCommands() []*Command {
	return []*Command{{Name: "runbook", English: "runbook", Role: Adminsys, Where: StaffOnly, Run: runbookStaff,
		Subs: []Sub{{"retirer", "retire"}, {"graph", "graph"}, {"stats", "stats"}}}}
}

func runbookStaff(c *Call) error {
	sub := c.Sub()
	name, _ := cutWord(c.Args)
	i := slices.IndexFunc(c.Table.lib.All(), func(rb *runbooks.Runbook) bool { return Fold(rb.ID) == Fold(name) })
	if sub == "" || name == "" {
		return c.Usage()
	}
	if i < 0 {
		return c.Refuse("runbookstaff.unknown", words.Args{"Name": name, "Runbooks": strings.Join(runbookIDs(c.Table.lib), ", ")})
	}
	rb := c.Table.lib.All()[i]
	switch sub {
	case "retirer":
		return c.Table.retire(c, rb)
	case "graph":
		c.Say(strings.Join(append([]string{rb.Title.In(c.Lang())}, runbooks.Outline(rb, c.Lang())...), "\n"))
		return nil
	}
	return runbookStats(c, rb)
}

func runbookIDs(lib *runbooks.Library) []string {
	var out []string
	for _, rb := range lib.All() {
		out = append(out, rb.ID)
	}
	return out
}

// retiredNote names the note that holds the hash of a runbook's retired version.
func retiredNote(id string) string { return "retired/" + id }

// retire takes a version out of service: who is in the middle of it is handed to
// people, nobody begins it any more, and the next version of the file is in
// service again without a further word.
func (t *Table) retire(c *Call, rb *runbooks.Runbook) error {
	if t.retired(c.Tx, rb) {
		return c.Refuse("runbookstaff.retired_already", words.Args{"Name": rb.ID})
	}
	c.Tx.SetNote(retiredNote(rb.ID), rb.Hash)
	c.Tx.Audit(c.Person().ID, "runbook retire", rb.ID+"@"+rb.Hash[:12], c.RoomName)
	ended := 0
	for _, d := range c.Tx.Dialogs() {
		if own(d.Kind) {
			continue
		}
		var s runbooks.Session
		if json.Unmarshal(d.Session, &s) != nil || !slices.Contains(s.Pins(), rb.Hash) {
			continue
		}
		k, err := t.talk(c.Turn, d)
		if err != nil {
			k = &talk{Turn: c.Turn, table: t, lib: t.lib, d: d, s: s}
		}
		var effects []runbooks.Effect
		k.s, effects = runbooks.Withdraw(k.s)
		if err := k.carryOut(effects); err != nil {
			return fmt.Errorf("end a dialogue of %s: %w", rb.ID, err)
		}
		ended++
	}
	c.SayID("runbookstaff.retired", words.Args{"Name": rb.ID, "Hash": rb.Hash[:8], "Ended": ended})
	return nil
}

// retired tells whether this very version was taken out of service.
func (t *Table) retired(tx *store.Tx, rb *runbooks.Runbook) bool {
	return tx.Note(retiredNote(rb.ID)) == rb.Hash
}

// inService is the library without the runbooks whose version was retired: a
// dialogue that would call one of them takes its other way.
func (t *Table) inService(tx *store.Tx) *runbooks.Library {
	var out []string
	for id, hash := range tx.Notes(retiredNote("")) {
		if rb, ok := t.lib.ByID(id); ok && rb.Hash == hash {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return t.lib
	}
	return t.lib.Without(out...)
}

// runbookStats says what became of the dialogues of the version in service.
func runbookStats(c *Call, rb *runbooks.Runbook) error {
	for _, s := range c.Tx.RunStats() {
		if s.Runbook != rb.ID || s.Hash != rb.Hash {
			continue
		}
		dropped, most := "-", 0
		for id, n := range s.Steps {
			if n.Dropped > most || n.Dropped == most && most > 0 && id < dropped {
				dropped, most = id, n.Dropped
			}
		}
		c.SayID("runbookstaff.stats", words.Args{"Name": rb.ID, "Sessions": s.Sessions, "Solved": s.Outcomes[string(runbooks.Solved)],
			"Confirmed": s.Confirmed, "Turns": s.MedianTurns(), "Step": dropped, "Dropped": most})
		return nil
	}
	c.SayID("runbookstaff.stats_none", words.Args{"Name": rb.ID})
	return nil
}
