package store

import (
	"errors"
	"slices"
	"time"
)

// MeetingChange is an occurrence of a schedule that was kept, moved or called off by
// somebody's word. Civil names the occurrence as the rule has it, for ever.
type MeetingChange struct {
	Schedule string `json:"schedule"`
	Civil    string `json:"civil"`
	// To is the civil time that it was moved to; empty with Off false: kept as it is.
	To string `json:"to,omitempty"`
	// Off says that it does not take place.
	Off bool `json:"off,omitempty"`
	// Sequence counts the changes, for calendars (RFC 5545, 3.8.7.4).
	Sequence int       `json:"sequence"`
	By       string    `json:"by"` // person id
	At       time.Time `json:"at"`
}

// PutMeetingChange writes a change, counting it.
func (tx *Tx) PutMeetingChange(c MeetingChange) {
	if old, ok := tx.MeetingChange(c.Schedule, c.Civil); ok {
		c.Sequence = old.Sequence
	}
	c.Sequence++
	c.At = tx.Now
	tx.put("meeting-change", c.Schedule+"|"+c.Civil, c)
}

// MeetingChange finds what was decided about an occurrence.
func (tx *Tx) MeetingChange(schedule, civil string) (MeetingChange, bool) {
	return find[MeetingChange](tx, "meeting-change", schedule+"|"+civil)
}

// MeetingChanges lists all of them, by schedule and time.
func (tx *Tx) MeetingChanges() []MeetingChange {
	var out []MeetingChange
	each(tx, "meeting-change", "", "", func(_ string, c MeetingChange) bool { out = append(out, c); return true })
	return out
}

// MinuteKind says what a line of the minutes is.
type MinuteKind string

// The kinds of lines, after MeetBot's verbs.
const (
	MinuteTopic  MinuteKind = "topic"
	MinuteInfo   MinuteKind = "info"
	MinuteAction MinuteKind = "action"
	MinuteAgreed MinuteKind = "agreed"
	MinuteVote   MinuteKind = "vote"
	MinuteLink   MinuteKind = "link"
)

// Minute is one line of the minutes.
type Minute struct {
	Kind MinuteKind `json:"kind"`
	Text string     `json:"text"`
	By   string     `json:"by"` // person id
	At   time.Time  `json:"at"`
	// Action is the number of an action, for ever.
	Action int `json:"action,omitempty"`
	// Votes are what people voted, by person id: 1, 0 or -1. Their order is Voters.
	Votes  map[string]int `json:"votes,omitempty"`
	Voters []string       `json:"voters,omitempty"`
	// Open says that the vote is under way.
	Open bool `json:"open,omitempty"`
}

// Vote notes somebody's vote, their last one counting. It tells whether it is news.
func (m *Minute) Vote(person string, vote int) bool {
	if m.Votes == nil {
		m.Votes = map[string]int{}
	}
	old, voted := m.Votes[person]
	if voted && old == vote {
		return false
	}
	if !voted {
		m.Voters = append(m.Voters, person)
	}
	m.Votes[person] = vote
	return true
}

// Count is how many voted for, against, and neither.
func (m *Minute) Count() (yes, no, neither int) {
	for _, v := range m.Votes {
		switch v {
		case 1:
			yes++
		case -1:
			no++
		default:
			neither++
		}
	}
	return yes, no, neither
}

// Meeting is one that took place or is taking place in a logical room, on all its
// networks at once.
type Meeting struct {
	N        int    `json:"n"`
	Room     string `json:"room"`
	Schedule string `json:"schedule,omitempty"`
	Civil    string `json:"civil,omitempty"`
	// Public says that its room was open to all: the minutes are published, without names.
	Public bool `json:"public,omitempty"`
	// Title is what it is called, in both languages.
	Title map[string]string `json:"title"`
	// Chair is the person id of who opened it.
	Chair string    `json:"chair"`
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended,omitzero"`
	// People are the person ids of those who spoke, in the order of their first word.
	People []string `json:"people,omitempty"`
	Lines  []Minute `json:"lines,omitempty"`
	// Agenda is what it set out with.
	Agenda []string `json:"agenda,omitempty"`
	// Due are the numbers of the actions that were open when it began.
	Due []int `json:"due,omitempty"`
}

// Bounds of a meeting: what a hostile or forgotten one may grow to.
const (
	maxMinutes = 500
	maxPeople  = 300
)

// ErrLongMeeting says that the minutes are full.
var ErrLongMeeting = errors.New("the minutes are full")

// Add adds a line; an open vote is closed by whatever comes next.
func (m *Meeting) Add(line Minute) error {
	if len(m.Lines) >= maxMinutes {
		return ErrLongMeeting
	}
	m.CloseVote()
	m.Lines = append(m.Lines, line)
	return nil
}

// CloseVote ends the vote under way and gives it.
func (m *Meeting) CloseVote() (Minute, bool) {
	v := m.Voting()
	if v == nil {
		return Minute{}, false
	}
	v.Open = false
	return *v, true
}

// Voting is the vote under way, nil when there is none.
func (m *Meeting) Voting() *Minute {
	if n := len(m.Lines); n > 0 && m.Lines[n-1].Kind == MinuteVote && m.Lines[n-1].Open {
		return &m.Lines[n-1]
	}
	return nil
}

// Undo takes the last line back.
func (m *Meeting) Undo() (Minute, bool) {
	if len(m.Lines) == 0 {
		return Minute{}, false
	}
	last := m.Lines[len(m.Lines)-1]
	m.Lines = m.Lines[:len(m.Lines)-1]
	return last, true
}

// Attend notes that somebody is there, and tells whether that is news.
func (m *Meeting) Attend(person string) bool {
	if slices.Contains(m.People, person) || len(m.People) >= maxPeople {
		return false
	}
	m.People = append(m.People, person)
	return true
}

// NewMeeting opens a meeting with the next number.
func (tx *Tx) NewMeeting(m Meeting) Meeting {
	m.N, m.Began = tx.Next("meeting"), tx.Now
	tx.PutMeeting(m)
	return m
}

// PutMeeting writes a meeting back; the one under way in a room is found by RunningMeeting.
func (tx *Tx) PutMeeting(m Meeting) {
	tx.put("meeting", num(m.N), m)
	if m.Ended.IsZero() {
		tx.put("meeting-now", m.Room, m.N)
	} else if n, ok := find[int](tx, "meeting-now", m.Room); ok && n == m.N {
		tx.del("meeting-now", m.Room)
	}
}

// RunningMeeting is the meeting under way in a logical room.
func (tx *Tx) RunningMeeting(room string) (Meeting, bool) {
	n, ok := find[int](tx, "meeting-now", room)
	if !ok {
		return Meeting{}, false
	}
	return tx.Meeting(n)
}

// Meeting finds a meeting by number.
func (tx *Tx) Meeting(n int) (Meeting, bool) { return find[Meeting](tx, "meeting", num(n)) }

// Meetings lists them by number.
func (tx *Tx) Meetings() []Meeting {
	var out []Meeting
	each(tx, "meeting", "", "", func(_ string, m Meeting) bool { out = append(out, m); return true })
	return out
}

// AgendaItem is something to be spoken of at the next meeting.
type AgendaItem struct {
	N    int       `json:"n"`
	Text string    `json:"text"`
	By   string    `json:"by"` // person id
	At   time.Time `json:"at"`
}

// AddAgendaItem adds one with the next number.
func (tx *Tx) AddAgendaItem(i AgendaItem) AgendaItem {
	i.N, i.At = tx.Next("agenda"), tx.Now
	tx.put("agenda", num(i.N), i)
	return i
}

// DropAgendaItem takes one off, and tells whether it was there.
func (tx *Tx) DropAgendaItem(n int) bool {
	if _, ok := find[AgendaItem](tx, "agenda", num(n)); !ok {
		return false
	}
	tx.del("agenda", num(n))
	return true
}

// AgendaItems lists them in the order in which they were added.
func (tx *Tx) AgendaItems() []AgendaItem {
	var out []AgendaItem
	each(tx, "agenda", "", "", func(_ string, i AgendaItem) bool { out = append(out, i); return true })
	return out
}

// Action is something that a meeting decided somebody does.
type Action struct {
	N       int       `json:"n"`
	Meeting int       `json:"meeting"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// AddAction adds one with the next number.
func (tx *Tx) AddAction(a Action) Action {
	a.N, a.At = tx.Next("action"), tx.Now
	tx.put("action", num(a.N), a)
	return a
}

// EndAction takes an action off the list of those to be done, and gives it.
func (tx *Tx) EndAction(n int) (Action, bool) {
	a, ok := find[Action](tx, "action", num(n))
	if ok {
		tx.del("action", num(n))
	}
	return a, ok
}

// Actions lists those that are still to be done, the oldest first.
func (tx *Tx) Actions() []Action {
	var out []Action
	each(tx, "action", "", "", func(_ string, a Action) bool { out = append(out, a); return true })
	return out
}
