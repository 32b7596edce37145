package store

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
)

// TicketFile is a picture or a document that somebody sent for a ticket. It stays on
// the network where it was sent; see chat.File.
type TicketFile struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
	Size int64  `json:"size,omitempty"`
	// Ref is the network's way to find it again; it may hold a key, and is as private
	// as the words that the file came with.
	Ref []byte `json:"ref,omitempty"`
}

// Asker is somebody whose ticket was merged into another: they are told what its
// requester is told. See Opening for the fields.
type Asker struct {
	Person  string    `json:"person"`
	Session string    `json:"session,omitempty"`
	Lang    string    `json:"lang,omitempty"`
	Origin  chat.Room `json:"origin"`
	Private bool      `json:"private,omitempty"`
	// From is the ticket that they opened, Since when it was merged: what was said
	// before is not theirs to read.
	From  int       `json:"from"`
	Since time.Time `json:"since"`
}

// Absorbed is what a merged ticket brings to the one in which it goes on.
type Absorbed struct {
	Askers     []Asker   `json:"askers"`
	Watchers   []string  `json:"watchers,omitempty"`
	Tags       []string  `json:"tags,omitempty"`
	Unanswered time.Time `json:"unanswered,omitzero"`
	Private    bool      `json:"private,omitempty"`
}

// Relation is how a ticket stands to another.
type Relation string

// The relations: the other is its parent, must be over before it can be solved, or
// asks for the same.
const (
	RelParent    Relation = "parent"
	RelDepends   Relation = "depends"
	RelDuplicate Relation = "duplicate"
)

// Related are the other tickets that a ticket names. They do not name it back: see
// Tx.RelatedTo.
type Related struct {
	Parent    int   `json:"parent,omitempty"`
	Depends   []int `json:"depends,omitempty"`
	Duplicate int   `json:"duplicate,omitempty"`
}

// joined changes who belongs to a ticket, and which tickets belong together.
// Slices are never changed in place: an older copy of the ticket may share them.
func (t *Ticket) joined(e TicketEvent) {
	switch e.Act {
	case ActUntag:
		t.Tags = without(t.Tags, e.Text)
	case ActKind:
		t.Kind = TicketKind(e.Text)
	case ActPrivate:
		t.Private = true
	case ActWatch:
		t.Watchers = with(t.Watchers, e.To)
	case ActIdentify:
		t.identified(e)
	case ActUnwatch:
		t.Watchers = without(t.Watchers, e.To)
	case ActRelate:
		t.relate(e)
	case ActAbsorb:
		if e.Absorbed != nil {
			t.absorb(*e.Absorbed)
		}
	}
}

func (t *Ticket) relate(e TicketEvent) {
	to, end := strings.CutPrefix(e.To, "-")
	n, _ := strconv.Atoi(to)
	one := n
	if end {
		one = 0
	}
	switch Relation(e.Text) {
	case RelParent:
		t.Parent = one
	case RelDuplicate:
		t.Duplicate = one
	case RelDepends:
		if t.Depends = without(t.Depends, n); !end {
			t.Depends = with(t.Depends, n)
		}
	}
}

// absorb unites those who are to be told, and keeps the earliest clock.
func (t *Ticket) absorb(a Absorbed) {
	for _, who := range a.Askers {
		if !t.AskedBy(who.Person) {
			t.Also = append(slices.Clone(t.Also), who)
		}
	}
	for _, w := range a.Watchers {
		t.Watchers = with(t.Watchers, w)
	}
	for _, tag := range a.Tags {
		t.Tags = with(t.Tags, tag)
	}
	if !a.Unanswered.IsZero() && (t.Unanswered.IsZero() || a.Unanswered.Before(t.Unanswered)) {
		t.Unanswered = a.Unanswered
	}
	t.Private = t.Private || a.Private
}

// AskedBy tells whether somebody is a requester of the ticket.
func (t *Ticket) AskedBy(person string) bool {
	return person != "" && slices.ContainsFunc(t.Askers(), func(a Asker) bool { return a.Person == person })
}

// Askers are all who asked: the requester first, then those of merged tickets.
func (t *Ticket) Askers() []Asker {
	first := Asker{Person: t.Requester, Session: t.Session, Lang: t.Lang, Origin: t.Origin, Private: t.Private, From: t.N}
	return append([]Asker{first}, t.Also...)
}

// with and without are a list with, and without, one element: always a new list.
func with[T comparable](list []T, one T) []T {
	if slices.Contains(list, one) {
		return list
	}
	return append(slices.Clone(list), one)
}

func without[T comparable](list []T, one T) []T {
	var out []T
	for _, x := range list {
		if x != one {
			out = append(out, x)
		}
	}
	return out
}
