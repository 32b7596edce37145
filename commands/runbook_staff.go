package commands

import (
	"slices"
	"strings"

	"vigie/commands/words"
	"vigie/runbooks"
)

// runbookStaffCommands look after the runbooks while the bot runs.
func runbookStaffCommands() []*Command {
	return []*Command{{Name: "runbook", English: "runbook", Role: Adminsys, Where: StaffOnly, Run: runbookStaff,
		Subs: []Sub{{"retirer", "retire"}, {"graph", "graph"}, {"stats", "stats"}}}}
}

func runbookStaff(c *Call) error {
	sub := c.Sub()
	name, _ := cutWord(c.Args)
	if sub == "retirer" && name != "" {
		return c.Table.retireNamed(c, name)
	}
	i := slices.IndexFunc(c.Table.lib.All(), func(rb *runbooks.Runbook) bool { return Fold(rb.ID) == Fold(name) })
	if sub == "" || name == "" {
		return c.Usage()
	}
	if i < 0 {
		return c.Refuse("runbookstaff.unknown", words.Args{"Name": name, "Runbooks": strings.Join(runbookIDs(c.Table.lib), ", ")})
	}
	rb := c.Table.lib.All()[i]
	if sub == "graph" {
		return runbookGraph(c, rb)
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
