package runbooks

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// State says what a session is waiting for.
type State string

// The states of a session.
const (
	Asking  State = "asking"  // the member's answer
	Probing State = "probing" // reports of checks
	Waiting State = "waiting" // the clock
	Ended   State = "ended"
)

// ErrCorrupt says that stored session data cannot be a session of its runbook.
// ErrEnded says that the session has ended.
var (
	ErrCorrupt = errors.New("the session's data is not usable")
	ErrEnded   = errors.New("the session has ended")
)

// Session is one member's way through a runbook. It is plain data: encode it
// with encoding/json, store it, and go on with it on another machine. It holds
// the member's answers, so it is as private as they are.
type Session struct {
	V       int    `json:"v"`
	Runbook string `json:"runbook"`
	Hash    string `json:"hash"`
	Lang    string `json:"lang"`
	Private bool   `json:"private,omitempty"`
	State   State  `json:"state"`
	// Given are the facts that were known at the start.
	Given map[string]string `json:"given,omitempty"`
	// Frames are the runbook and those that it called, the running one last.
	Frames []Frame `json:"frames"`
	// Callees are the versions of the runbooks that were called, by id: a step
	// back meets the same ones again.
	Callees map[string]string `json:"callees,omitempty"`
	// Log is what happened; the rest of the session can be played from it.
	Log []Entry `json:"log,omitempty"`
	// Runs are all the checks that were made, also those before a step back.
	Runs []Run `json:"runs,omitempty"`
	// Path is the steps taken, those of a called runbook as runbook/step.
	Path    []string           `json:"path,omitempty"`
	Turns   int                `json:"turns,omitempty"`
	Round   int                `json:"round,omitempty"`
	Pending map[string]Pending `json:"pending,omitempty"`
	// Spare are the runs that a step back has set free to be used again.
	Spare []int `json:"spare,omitempty"`
	// Until is when a wait, or the patience with checks, is over.
	Until time.Time `json:"until,omitzero"`
	// Deadline is when Due is to be called; zero once the session has ended.
	Deadline time.Time `json:"deadline,omitzero"`
	// Active is when the member last spoke or was last asked.
	Active   time.Time `json:"active"`
	Started  time.Time `json:"started"`
	Reminded bool      `json:"reminded,omitempty"`
	// Parked says that the member has been silent for long: the session stays
	// quiet until they speak.
	Parked  bool             `json:"parked,omitempty"`
	Outcome Outcome          `json:"outcome,omitempty"`
	EndStep string           `json:"end_step,omitempty"`
	Counts  map[string]Count `json:"counts,omitempty"`
}

// Frame is one runbook being played.
type Frame struct {
	Runbook string            `json:"runbook"`
	Hash    string            `json:"hash"`
	Step    string            `json:"step"`
	Facts   map[string]string `json:"facts,omitempty"`
	Checks  map[string]int    `json:"checks,omitempty"` // check id → index into Runs
	Visits  map[string]int    `json:"visits,omitempty"`
	Steps   int               `json:"steps,omitempty"`
	Invalid int               `json:"invalid,omitempty"`
}

// EntryKind says what a log entry is.
type EntryKind string

// The kinds of log entries.
const (
	Answered EntryKind = "answered" // Value is the answer, Text the member's words
	DontKnow EntryKind = "dont_know"
	Skipped  EntryKind = "skipped"
	GaveUp   EntryKind = "gave_up" // not understood too often
	Checked  EntryKind = "checked" // Runs are the reports
	Waited   EntryKind = "waited"
)

// Entry is one thing that happened in a session.
type Entry struct {
	Kind EntryKind      `json:"kind"`
	Step string         `json:"step"`
	At   time.Time      `json:"at"`
	Runs map[string]int `json:"runs,omitempty"`
	// Value is the id or the value understood; Text is what was written.
	Value string `json:"value,omitempty"`
	Text  string `json:"text,omitempty"`
	// Sensitive marks an answer that only the member and the staff may read.
	Sensitive bool `json:"sensitive,omitempty"`
}

// Run is one check that was made.
type Run struct {
	Step    string    `json:"step"`
	Check   string    `json:"check"`
	Request Request   `json:"request"`
	Report  Report    `json:"report"`
	At      time.Time `json:"at"`
}

// Pending is a check whose report has not come yet, or has: then Run is its
// index in the session's Runs, counted from 1.
type Pending struct {
	Check   string  `json:"check"`
	Request Request `json:"request"`
	Run     int     `json:"run,omitempty"`
}

// Count is what happened at one step, for statistics. It survives steps back
// and the erasure of a silent session's facts.
type Count struct {
	Reached  int `json:"reached,omitempty"`
	Answered int `json:"answered,omitempty"`
	Invalid  int `json:"invalid,omitempty"`
	Back     int `json:"back,omitempty"`
	Unknown  int `json:"unknown,omitempty"`
	Skipped  int `json:"skipped,omitempty"`
}

// Pins are the hashes of all the versions that the session runs on: the caller
// keeps their sources as long as it keeps the session.
func (s Session) Pins() []string {
	out := []string{s.Hash}
	for _, f := range s.Frames {
		out = append(out, f.Hash)
	}
	out = slices.AppendSeq(out, maps.Values(s.Callees))
	slices.Sort(out)
	return slices.Compact(out)
}

// Step is the step at which the session stands, named as in Path.
func (s Session) Step() string {
	if len(s.Path) == 0 {
		return ""
	}
	return s.Path[len(s.Path)-1]
}

// The bounds of stored data: far above what a session can reach.
const (
	maxFrames = maxDepthOfCalls + 1
	maxLog    = 2000
)

// sound looks at stored data before any of it is used as an index or a name.
func (s Session) sound() error {
	for _, rule := range []struct {
		ok   bool
		what string
	}{
		{s.V == 1, "version"},
		{len(s.Frames) > 0 && len(s.Frames) <= maxFrames, "frames"},
		{len(s.Frames) > 0 && s.Frames[0].Hash == s.Hash && s.Frames[0].Runbook == s.Runbook, "first frame"},
		{len(s.Log) <= maxLog && len(s.Runs) <= maxLog && len(s.Path) <= maxLog, "too long"},
		{len(s.Path) > 0, "no path"},
		{slices.Contains([]State{Asking, Probing, Waiting, Ended}, s.State), "state"},
		{between(s.Turns, 1<<20) && between(s.Round, 1<<20), "counters"},
		{s.runsExist(), "runs"},
	} {
		if !rule.ok {
			return fmt.Errorf("%w: %s", ErrCorrupt, rule.what)
		}
	}
	return nil
}

func between(n, limit int) bool { return n >= 0 && n <= limit }

// runsExist says whether every index of a run is one, and frames count sanely.
func (s Session) runsExist() bool {
	var used []int
	for _, f := range s.Frames {
		if !between(f.Steps, 1<<20) || !between(f.Invalid, 1<<20) {
			return false
		}
		used = slices.AppendSeq(used, maps.Values(f.Checks))
	}
	for _, e := range s.Log {
		used = slices.AppendSeq(used, maps.Values(e.Runs))
	}
	for _, p := range s.Pending {
		if p.Run != 0 {
			used = append(used, p.Run-1)
		}
	}
	used = append(used, s.Spare...)
	return !slices.ContainsFunc(used, func(i int) bool { return i < 0 || i >= len(s.Runs) })
}

// clone copies all that a turn may change. Reports are never changed, so they
// are shared.
func (s Session) clone() Session {
	s.Given, s.Callees = maps.Clone(s.Given), maps.Clone(s.Callees)
	s.Log = slices.Clone(s.Log)
	s.Runs = slices.Clone(s.Runs)
	s.Path = slices.Clone(s.Path)
	s.Pending = maps.Clone(s.Pending)
	s.Spare = slices.Clone(s.Spare)
	s.Counts = maps.Clone(s.Counts)
	s.Frames = slices.Clone(s.Frames)
	for i := range s.Frames {
		s.Frames[i] = s.Frames[i].clone()
	}
	return s
}

func (f Frame) clone() Frame {
	f.Facts, f.Checks, f.Visits = maps.Clone(f.Facts), maps.Clone(f.Checks), maps.Clone(f.Visits)
	return f
}

// fill makes the maps that stored data may lack.
func (s *Session) fill() {
	if s.Counts == nil {
		s.Counts = map[string]Count{}
	}
	if s.Callees == nil {
		s.Callees = map[string]string{}
	}
	for i := range s.Frames {
		f := &s.Frames[i]
		if f.Facts == nil {
			f.Facts = map[string]string{}
		}
		if f.Checks == nil {
			f.Checks = map[string]int{}
		}
		if f.Visits == nil {
			f.Visits = map[string]int{}
		}
	}
}

// forget erases what the member said and what was found about them. The counts
// stay.
func (s *Session) forget() {
	s.Given, s.Log, s.Runs, s.Pending, s.Spare = nil, nil, nil, nil, nil
	for i := range s.Frames {
		s.Frames[i].Facts, s.Frames[i].Checks = nil, nil
	}
}
