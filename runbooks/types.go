package runbooks

import (
	"slices"
	"strings"
	"time"
)

// Schema is the one version of the schema that this package reads.
const Schema = "runbook/v1"

// Runbook is one guided diagnosis, read and checked. It is immutable.
type Runbook struct {
	ID        string
	Version   int
	Owner     string
	ReviewBy  time.Time
	Title     Text
	Intents   []string
	Languages []string
	Limits    Limits
	Facts     []Fact
	Start     string
	Steps     []*Step
	Tests     []Test

	// Hash is the sha256 of Source in hexadecimal: what a session pins. Values of
	// the host are not part of it, so that a changed contact address withdraws
	// nobody's dialogue.
	Hash string
	// Source is the file as it was read: Compile makes the same runbook of it.
	Source []byte
	// File is where it came from, for people.
	File string

	title, start Pos
	limits       Pos
	steps        map[string]*Step
	checks       map[string]string // check id → kind
}

// Step returns the step of that id, or nil.
func (rb *Runbook) Step(id string) *Step { return rb.steps[id] }

// fact returns the declaration of a fact, or nil.
func (rb *Runbook) fact(name string) *Fact {
	for i := range rb.Facts {
		if rb.Facts[i].Name == name {
			return &rb.Facts[i]
		}
	}
	return nil
}

// Limits bound a session. Zero values of a file are replaced by defaults.
type Limits struct {
	MaxSteps    int           // steps taken in all
	MaxVisits   int           // visits of one step
	RemindAfter time.Duration // silence before the one reminder
	ParkAfter   time.Duration // silence before the session goes quiet
	ExpireAfter time.Duration // silence before it is ended
	visitsSet   bool
}

// Text is a text in each language of its runbook.
type Text struct {
	Pos   Pos
	byLan map[string]template
	// private says that only the member concerned reads it.
	private bool
}

// In is the source of the text in a language, with its placeholders; "" when
// there is none.
func (t Text) In(lang string) string { return t.byLan[lang].src }

func (t Text) empty() bool { return len(t.byLan) == 0 }

// Fact is something known about the member's trouble, by its name.
type Fact struct {
	Name string
	Type AskType
	From []string // utterance, member, ask
	// Expr is set for a computed fact, a bool; Needs are the checks that it uses.
	Expr  *Condition
	Needs []string
	// Label is what the fact is called for people, staff and readers of pictures;
	// empty: its name.
	Label Text
	// Sensitive marks a fact that an ask marked as such.
	Sensitive bool
	Pos       Pos
	options   []string // of a choice: its possible values
	asked     bool
}

// called is the fact's name for people.
func (f Fact) called(lang string) string {
	if label := f.Label.In(lang); label != "" {
		return label
	}
	return strings.ReplaceAll(f.Name, "_", " ")
}

// StepKind is one of the eight kinds of steps.
type StepKind string

// The kinds of steps.
const (
	KindAsk   StepKind = "ask"
	KindCheck StepKind = "check"
	KindRoute StepKind = "route"
	KindSay   StepKind = "say"
	KindDo    StepKind = "do"
	KindWait  StepKind = "wait"
	KindCall  StepKind = "call"
	KindEnd   StepKind = "end"
)

// AskType is one of the nine types of questions, and the type of a fact.
type AskType string

// The types of questions.
const (
	AskChoice  AskType = "choice"
	AskYesNo   AskType = "yesno"
	AskDomain  AskType = "domain"
	AskURL     AskType = "url"
	AskEmail   AskType = "email"
	AskText    AskType = "text"
	AskNumber  AskType = "number"
	AskSince   AskType = "since"
	AskService AskType = "service"
)

// Outcome is how a session ended.
type Outcome string

// The outcomes that an author may write, then those of the engine alone.
const (
	Solved        Outcome = "solved"
	KnownIncident Outcome = "known_incident"
	NotOurs       Outcome = "not_ours"
	Ticket        Outcome = "ticket"
	Escalate      Outcome = "escalate"

	Cancelled Outcome = "cancelled" // the member said stop
	Abandoned Outcome = "abandoned" // silent for too long
	Withdrawn Outcome = "withdrawn" // its version was retired or cannot be read
	Failed    Outcome = "failed"    // a limit was met
)

// Step is one step of a runbook; which fields count depends on Kind.
type Step struct {
	ID   string
	Kind StepKind
	Pos  Pos
	Text Text
	Tell []string
	// Edges are the ways out, in the order in which they are tried.
	Edges []Edge

	// Of an ask, and Why of a do as well.
	Type         AskType
	Fact         string
	Why, Invalid Text
	Retries      int
	Sensitive    bool
	Min, Max     int
	Options      []Option

	// Of a check; of a do, its verification.
	Run      []Check
	Announce Text
	Timeout  time.Duration

	// Of a wait.
	For time.Duration

	// Of a call.
	Runbook string
	With    []Argument

	// Of an end.
	Outcome  Outcome
	Queue    string
	Priority string
	Private  bool
	Page     string
	Incident template
	Notify   bool

	tellPos Pos
	callPos Pos
}

// Edge is a way out of a step. Label is the key that it was written under, and
// for the rules of a route or check "next"; an option's is "option:" and its id.
type Edge struct {
	Label string
	To    string
	If    *Condition // nil: always
	Pos   Pos
}

// To is the target of the first edge of that label, or "".
func (s *Step) To(label string) string {
	for _, e := range s.Edges {
		if e.Label == label {
			return e.To
		}
	}
	return ""
}

func (s *Step) check(id string) *Check {
	if i := slices.IndexFunc(s.Run, func(c Check) bool { return c.ID == id }); i >= 0 {
		return &s.Run[i]
	}
	return nil
}

// Option is one answer of a choice.
type Option struct {
	ID    string
	Label Text
	Say   []string // further words that mean it
	say   []template
	Pos   Pos
}

// Check is one check of a step.
type Check struct {
	ID   string
	Kind string
	Args []Argument
	If   *Condition
	Pos  Pos
}

// Argument is a named template: of a check, or a fact passed by a call.
type Argument struct {
	Name  string
	Value template
	Pos   Pos
}

// Test is a golden test of a runbook.
type Test struct {
	Name      string
	Lang      string
	Utterance string
	Facts     map[string]string
	Checks    map[string][]Canned
	Say       []string
	Path      []string
	Outcome   Outcome
	Pos       Pos
}

// Canned is what a check is made to find in a test.
type Canned struct {
	Verdict Verdict
	Fields  map[string]any
	Pos     Pos
}
