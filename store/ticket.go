package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vigie/bot/chat"
)

// TicketState is where a ticket stands. See transitions for what may follow what.
type TicketState string

// The states of a ticket.
const (
	TicketNew           TicketState = "new"
	TicketOpen          TicketState = "open"
	TicketWaitingMember TicketState = "waiting_member"
	TicketWaitingOther  TicketState = "waiting_other"
	TicketSolved        TicketState = "solved"
	TicketClosed        TicketState = "closed"
	TicketRejected      TicketState = "rejected"
	TicketSpam          TicketState = "spam"
	TicketMerged        TicketState = "merged"
)

// TicketAct is what somebody did to a ticket: the kind of a TicketEvent.
type TicketAct string

// The acts. Those that change the state stand in transitions.
const (
	ActOpen     TicketAct = "open"     // somebody opens it
	ActSay      TicketAct = "say"      // the member speaks
	ActReply    TicketAct = "reply"    // staff speak to the member
	ActNote     TicketAct = "note"     // staff speak among themselves
	ActTake     TicketAct = "take"     // an adminsys takes it
	ActRelease  TicketAct = "release"  // and gives it back
	ActAssign   TicketAct = "assign"   // to somebody else
	ActWait     TicketAct = "wait"     // for the member (To empty) or somebody else
	ActWake     TicketAct = "wake"     // the wait is over
	ActSolve    TicketAct = "solve"    // staff say that it is done
	ActClose    TicketAct = "close"    // the member agrees, or keeps silent
	ActReopen   TicketAct = "reopen"   // it was not done
	ActReject   TicketAct = "reject"   // not for us
	ActSpam     TicketAct = "spam"     // not a request at all
	ActMerge    TicketAct = "merge"    // goes on in ticket To
	ActLink     TicketAct = "link"     // belongs to incident To
	ActPriority TicketAct = "priority" // Text: low, normal, high, urgent
	ActTag      TicketAct = "tag"      // Text: the tag
	ActEdit     TicketAct = "edit"     // the message Ref now reads Text
	ActRedact   TicketAct = "redact"   // the message Ref was taken back
	ActUntag    TicketAct = "untag"    // Text: the tag
	ActKind     TicketAct = "kind"     // Text: outage, question, request
	ActThank    TicketAct = "thank"    // the member says thank you, and no more
	ActPrivate  TicketAct = "private"  // from now on it is between the member and staff
	ActWatch    TicketAct = "watch"    // To: a person who hears what the member hears
	ActUnwatch  TicketAct = "unwatch"  // To: who no longer does
	ActRelate   TicketAct = "relate"   // Text: a Relation; To: a ticket's number, with "-" to end it
	ActSplit    TicketAct = "split"    // part of it goes on in ticket To
	ActAbsorb   TicketAct = "absorb"   // ticket To was merged into this one
	ActRate     TicketAct = "rate"     // Text: RatedGood, RatedBad
	ActUndo     TicketAct = "undo"     // To: the Seq of the event that never was
	ActIdentify TicketAct = "identify" // the person By turned out to be To; Text: their session
)

// TicketEvent is one act; a ticket is the replay of its events.
type TicketEvent struct {
	Seq int       `json:"seq"`
	At  time.Time `json:"at"`
	Act TicketAct `json:"act"`
	// By is a person's id, empty for Vigie itself.
	By string `json:"by,omitempty"`
	// Room is where it was done, Ref the message there: "network/id".
	Room string `json:"room,omitempty"`
	Ref  string `json:"ref,omitempty"`
	Text string `json:"text,omitempty"`
	// To is another person (assign), a number (merge, link), whoever is waited for, or
	// AsSubject (edit, redact).
	To    string    `json:"to,omitempty"`
	Until time.Time `json:"until,omitzero"`
	// Opening holds what ActOpen began with, Absorbed what ActAbsorb brought.
	Opening  *Opening  `json:"opening,omitempty"`
	Absorbed *Absorbed `json:"absorbed,omitempty"`
	// Files came with Text.
	Files []TicketFile `json:"files,omitempty"`
}

// AsSubject, in To, says that an edited or redacted message gave the ticket its
// subject, which follows it.
const AsSubject = "subject"

// Opening is what a ticket begins with.
type Opening struct {
	Subject     string     `json:"subject"`
	Kind        TicketKind `json:"kind"`
	Service     string     `json:"service,omitempty"`
	Site        string     `json:"site,omitempty"`
	Association string     `json:"association,omitempty"`
	Requester   string     `json:"requester"`
	// Session is that of a requester whom no network vouches for: see
	// chat.Identity. Without it nobody is shown what is private here.
	Session string `json:"session,omitempty"`
	Lang    string `json:"lang,omitempty"`
	// Private keeps the ticket out of public rooms for ever.
	Private  bool      `json:"private,omitempty"`
	Priority string    `json:"priority,omitempty"`
	Origin   chat.Room `json:"origin"`
	// Runbook is the saved diagnosis that led here, known to package commands.
	Runbook json.RawMessage `json:"runbook,omitempty"`
	// Erased: what was said here was erased, and only the skeleton is left.
	Erased bool `json:"erased,omitempty"`
	// SplitFrom is the ticket that this one was part of, For the person of staff who
	// opened it for the requester.
	SplitFrom int    `json:"split_from,omitempty"`
	For       string `json:"for,omitempty"`
}

// TicketKind is what sort of request it is; each has its own targets.
type TicketKind string

// The kinds of tickets.
const (
	KindOutage   TicketKind = "outage"
	KindQuestion TicketKind = "question"
	KindRequest  TicketKind = "request"
)

// Ticket is the state that a ticket's events add up to.
type Ticket struct {
	N     int         `json:"n"`
	State TicketState `json:"state"`
	Opening
	Owner    string   `json:"owner,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Incident int      `json:"incident,omitempty"`
	MergedTo int      `json:"merged_to,omitempty"`
	// Also are those who asked for tickets that were merged into this one.
	Also []Asker `json:"also,omitempty"`
	// Watchers are persons who hear what the requester hears.
	Watchers []string `json:"watchers,omitempty"`
	Related

	Opened time.Time `json:"opened"`
	// FirstReply is the first word of staff, zero while there is none.
	FirstReply time.Time `json:"first_reply,omitzero"`
	// Unanswered is the oldest member message without an answer of staff; zero
	// when the last word is theirs.
	Unanswered time.Time `json:"unanswered,omitzero"`
	LastStaff  time.Time `json:"last_staff,omitzero"`
	// Until is when a wait ends by itself, WaitFor who is waited for when it is not
	// the member, WaitWhy what for, and WaitSince when it began.
	Until     time.Time `json:"until,omitzero"`
	WaitFor   string    `json:"wait_for,omitempty"`
	WaitWhy   string    `json:"wait_why,omitempty"`
	WaitSince time.Time `json:"wait_since,omitzero"`

	Solved   time.Time `json:"solved,omitzero"`
	Closed   time.Time `json:"closed,omitzero"`
	Reason   string    `json:"reason,omitempty"`
	Reopened int       `json:"reopened,omitempty"`
	// Rating is what the requester said of the help, RatedGood or RatedBad.
	Rating string `json:"rating,omitempty"`
	Seq    int    `json:"seq"`
}

// TransitionError says that an act makes no sense in the ticket's state.
type TransitionError struct {
	N    int
	Act  TicketAct
	From TicketState
}

// Error implements error.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("ticket %d is %s: %s makes no sense", e.N, e.From, e.Act)
}

// transitions tells which states an act may happen in, and the state it leads
// to; an empty target keeps the state.
func transitions(act TicketAct) (from []TicketState, to TicketState) {
	alive := []TicketState{TicketNew, TicketOpen, TicketWaitingMember, TicketWaitingOther}
	any := append(slices.Clone(alive), TicketSolved, TicketClosed, TicketRejected)
	switch act {
	case ActTake, ActAssign:
		return alive, "" // see effects
	case ActReply:
		return append(slices.Clone(alive), TicketSolved), "" // see effects
	case ActWait:
		return alive[1:], "" // see effects
	case ActWake:
		return []TicketState{TicketWaitingMember, TicketWaitingOther}, TicketOpen
	case ActSolve:
		return alive, TicketSolved
	case ActClose:
		return append(slices.Clone(alive), TicketSolved), TicketClosed
	case ActReopen:
		return []TicketState{TicketSolved, TicketClosed, TicketRejected}, TicketOpen
	case ActReject:
		return alive[:2], TicketRejected
	case ActSpam:
		return alive[:2], TicketSpam
	case ActMerge:
		return alive, TicketMerged
	case ActRelease:
		return alive, ""
	case ActAbsorb, ActSplit:
		return alive, ""
	case ActUndo:
		return nil, "" // see Tx.UndoOnTicket
	case ActIdentify:
		return append(any, TicketSpam, TicketMerged), ""
	}
	return any, ""
}

// apply adds one event to the state, or says why it makes no sense. It is the
// only place where a ticket changes: replay and life are the same thing.
func (t *Ticket) apply(e TicketEvent) error {
	if e.Act == ActOpen {
		if t.State != "" || e.Opening == nil {
			return &TransitionError{t.N, e.Act, t.State}
		}
		t.Opening, t.State, t.Opened, t.Unanswered = *e.Opening, TicketNew, e.At, e.At
		t.Seq = e.Seq
		return nil
	}
	from, to := transitions(e.Act)
	if !slices.Contains(from, t.State) {
		return &TransitionError{t.N, e.Act, t.State}
	}
	t.effects(e)
	if to != "" {
		t.State = to
	}
	if t.State != TicketWaitingMember && t.State != TicketWaitingOther {
		t.Until, t.WaitFor, t.WaitWhy, t.WaitSince = time.Time{}, "", "", time.Time{}
	}
	t.Seq = e.Seq
	return nil
}

// effects is what an act changes besides the state that transitions names.
func (t *Ticket) effects(e TicketEvent) {
	switch e.Act {
	case ActSay, ActReply, ActReopen:
		t.spoken(e)
	case ActSolve:
		t.Solved, t.Reason, t.Unanswered = e.At, e.Text, time.Time{}
	case ActClose, ActReject, ActSpam:
		t.Closed, t.Reason, t.Unanswered = e.At, e.Text, time.Time{}
	case ActMerge:
		_, _ = fmt.Sscan(e.To, &t.MergedTo)
		t.Closed, t.Unanswered = e.At, time.Time{}
	case ActWait:
		t.State, t.Until, t.WaitFor, t.WaitWhy, t.WaitSince = TicketWaitingMember, e.Until, e.To, e.Text, e.At
		if e.To != "" {
			t.State = TicketWaitingOther
		}
	default:
		t.filed(e)
	}
}

// spoken moves the clocks of who waits for whom.
func (t *Ticket) spoken(e TicketEvent) {
	switch e.Act {
	case ActSay:
		if t.Unanswered.IsZero() {
			t.Unanswered = e.At
		}
		switch t.State {
		case TicketWaitingMember:
			t.State = TicketOpen
		case TicketSolved, TicketClosed, TicketRejected:
			t.State, t.Solved, t.Closed, t.Reason = TicketOpen, time.Time{}, time.Time{}, ""
			t.Reopened++
		}
	case ActReply:
		t.Unanswered, t.LastStaff = time.Time{}, e.At
		if t.FirstReply.IsZero() {
			t.FirstReply = e.At
		}
		if t.State == TicketNew {
			t.State = TicketOpen
		}
	case ActReopen:
		t.Solved, t.Closed, t.Unanswered, t.Reason = time.Time{}, time.Time{}, e.At, ""
		t.Reopened++
	}
}

// filed changes whose ticket it is and how it is sorted.
func (t *Ticket) filed(e TicketEvent) {
	switch e.Act {
	case ActTake, ActAssign:
		if t.Owner = e.By; e.Act == ActAssign {
			t.Owner = e.To
		}
		if t.State == TicketNew { // who waits for an answer goes on waiting
			t.State = TicketOpen
		}
	case ActRelease:
		t.Owner = ""
	case ActLink:
		_, _ = fmt.Sscan(e.To, &t.Incident)
	case ActEdit, ActRedact:
		if e.To == AsSubject {
			t.Subject = chat.Plain(e.Text, 140)
		}
	case ActPriority:
		t.Priority = e.Text
	case ActRate:
		t.Rating = e.Text
	case ActTag:
		if !slices.Contains(t.Tags, e.Text) {
			t.Tags = append(slices.Clone(t.Tags), e.Text)
		}
	default:
		t.joined(e)
	}
}

// Active tells whether somebody still has something to do about the ticket.
func (t *Ticket) Active() bool {
	switch t.State {
	case TicketClosed, TicketRejected, TicketSpam, TicketMerged:
		return false
	}
	return true
}
