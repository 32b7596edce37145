package runbooks

import "time"

// Effect is something that a turn of a session wants done. The set is closed:
// Say, Ask, Probe, Wait, OpenTicket, HandOver and End. They are to be carried
// out in their order.
type Effect interface{ effect() }

// Say is a text for the member, in the session's language.
type Say struct{ Text string }

// Ask is a question for the member. Options are numbered from 1 as they are
// shown; a member answers with the number, the words, or what means the same.
type Ask struct {
	Text    string
	Options []Choice
	Step    string
	// Sensitive says that the answer should be given in private.
	Sensitive bool
}

// Choice is one option of an Ask, as it is shown.
type Choice struct{ ID, Label string }

// Probe wants checks made. The keys of Checks mean nothing to the caller: Found
// takes the reports under the same ones, all at once or one by one. A key is
// never used twice in a session, so a late report cannot be taken for another.
type Probe struct {
	Step    string
	Checks  map[string]Request
	Timeout time.Duration
}

// Wait says that nothing happens until an instant. Due goes on from there.
type Wait struct{ Until time.Time }

// OpenTicket wants a ticket with the transcript of the session.
type OpenTicket struct {
	Queue    string
	Priority string
	// Private keeps the ticket and its transcript from other members.
	Private bool
	Outcome Outcome
	// Page names whom to call at once; "" for nobody.
	Page string
}

// HandOver gives the dialogue to people, who need a ticket for it: no OpenTicket
// comes with it. Reason is "human" when the member asked for one, "limit" when
// the runbook went in circles, "withdrawn" when its version was.
type HandOver struct{ Reason string }

// End is the last effect of a session.
type End struct {
	Outcome Outcome
	Step    string
	// Incident is the id of the known incident, and Notify says that the member
	// is to be told when it is over.
	Incident string
	Notify   bool
	// Reason is "" for an end that the author wrote, else human, stop, limit,
	// silence or withdrawn.
	Reason string
}

func (Say) effect()        {}
func (Ask) effect()        {}
func (Probe) effect()      {}
func (Wait) effect()       {}
func (OpenTicket) effect() {}
func (HandOver) effect()   {}
func (End) effect()        {}
