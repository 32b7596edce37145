package store

// RunStats counts what became of the dialogues of one version of a runbook. It
// holds no person and no words, so that erasing somebody changes nothing in it.
type RunStats struct {
	Runbook string `json:"runbook"`
	Hash    string `json:"hash"`
	// Sessions is how many dialogues ended, however they did.
	Sessions int            `json:"sessions"`
	Outcomes map[string]int `json:"outcomes,omitempty"`
	// Confirmed are the solved ones of which the member said so at the end.
	Confirmed int `json:"confirmed,omitempty"`
	// Turns is how many dialogues took so many turns of their member.
	Turns map[int]int `json:"turns,omitempty"`
	// Steps are counts by step; those of a called runbook as runbook/step.
	Steps map[string]StepStats `json:"steps,omitempty"`
}

// StepStats counts what happened at one step.
type StepStats struct {
	Reached  int `json:"reached,omitempty"`
	Answered int `json:"answered,omitempty"`
	Invalid  int `json:"invalid,omitempty"`
	Back     int `json:"back,omitempty"`
	Unknown  int `json:"unknown,omitempty"`
	Skipped  int `json:"skipped,omitempty"`
	// Dropped is how many dialogues ended here before an end of the runbook.
	Dropped int `json:"dropped,omitempty"`
}

// Run is one dialogue that has ended, as far as it is counted.
type Run struct {
	Runbook, Hash, Outcome string
	Confirmed              bool
	Turns                  int
	Steps                  map[string]StepStats
}

// maxTurnsCounted bounds the rows of a histogram; longer dialogues count as this.
const maxTurnsCounted = 200

// CountRun adds a dialogue to the counts of its runbook's version.
func (tx *Tx) CountRun(r Run) {
	key := r.Runbook + "@" + r.Hash
	s, _ := find[RunStats](tx, "runstats", key)
	if s.Sessions == 0 {
		s = RunStats{Runbook: r.Runbook, Hash: r.Hash, Outcomes: map[string]int{}, Turns: map[int]int{}, Steps: map[string]StepStats{}}
	}
	s.Sessions++
	s.Outcomes[r.Outcome]++
	if r.Confirmed {
		s.Confirmed++
	}
	s.Turns[min(max(r.Turns, 0), maxTurnsCounted)]++
	for id, n := range r.Steps {
		s.Steps[id] = s.Steps[id].plus(n)
	}
	tx.put("runstats", key, s)
}

// RunStats lists the counts of all versions, by runbook.
func (tx *Tx) RunStats() []RunStats {
	var out []RunStats
	each(tx, "runstats", "", "", func(_ string, s RunStats) bool { out = append(out, s); return true })
	return out
}

func (s StepStats) plus(o StepStats) StepStats {
	return StepStats{s.Reached + o.Reached, s.Answered + o.Answered, s.Invalid + o.Invalid, s.Back + o.Back,
		s.Unknown + o.Unknown, s.Skipped + o.Skipped, s.Dropped + o.Dropped}
}

// MedianTurns is how many turns half of the dialogues took at most, 0 for none.
func (s RunStats) MedianTurns() int {
	seen := 0
	for turns := range maxTurnsCounted + 1 {
		if seen += s.Turns[turns]; seen > 0 && 2*seen >= s.Sessions {
			return turns
		}
	}
	return 0
}
