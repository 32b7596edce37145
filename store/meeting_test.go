package store

import (
	"errors"
	"testing"
)

func TestMeetingVotes(t *testing.T) {
	m := Meeting{}
	if err := m.Add(Minute{Kind: MinuteVote, Text: "?", Open: true}); err != nil {
		t.Fatal(err)
	}
	v := m.Voting()
	if v == nil || !v.Vote("a", 1) || v.Vote("a", 1) || !v.Vote("a", -1) || !v.Vote("b", 0) {
		t.Fatal("a vote is news once, until it changes")
	}
	if yes, no, neither := v.Count(); yes != 0 || no != 1 || neither != 1 || len(v.Voters) != 2 {
		t.Errorf("%d %d %d of %v", yes, no, neither, v.Voters)
	}
	if err := m.Add(Minute{Kind: MinuteInfo, Text: "!"}); err != nil || m.Voting() != nil || m.Lines[0].Open {
		t.Error("what comes next closes the vote")
	}
	if _, was := m.CloseVote(); was {
		t.Error("closed twice")
	}
	if last, ok := m.Undo(); !ok || last.Kind != MinuteInfo || len(m.Lines) != 1 {
		t.Errorf("undone %+v", last)
	}
}

func TestMeetingIsBounded(t *testing.T) {
	m := Meeting{}
	for range maxMinutes {
		if err := m.Add(Minute{Kind: MinuteInfo}); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Add(Minute{}); !errors.Is(err, ErrLongMeeting) {
		t.Error(err)
	}
	for i := range maxPeople + 10 {
		m.Attend(num(i))
	}
	if len(m.People) != maxPeople || m.Attend("1") {
		t.Errorf("%d people", len(m.People))
	}
}

func TestMeetingRecords(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		m := tx.NewMeeting(Meeting{Room: "support"})
		if now, ok := tx.RunningMeeting("support"); !ok || now.N != m.N {
			t.Error("it is not under way")
		}
		m.Ended = tx.Now
		tx.PutMeeting(m)
		if _, ok := tx.RunningMeeting("support"); ok || len(tx.Meetings()) != 1 {
			t.Error("it is over, and kept")
		}
		other := tx.NewMeeting(Meeting{Room: "support"})
		tx.PutMeeting(m) // an old one written again ends no other
		if now, ok := tx.RunningMeeting("support"); !ok || now.N != other.N {
			t.Error("an old meeting ended the new one")
		}
		a := tx.AddAction(Action{Text: "x"})
		if _, ok := tx.EndAction(a.N); !ok || len(tx.Actions()) != 0 {
			t.Error("an action that is done is listed")
		}
		if _, ok := tx.EndAction(a.N); ok {
			t.Error("done twice")
		}
		i := tx.AddAgendaItem(AgendaItem{Text: "y"})
		if !tx.DropAgendaItem(i.N) || tx.DropAgendaItem(i.N) {
			t.Error("an item is dropped once")
		}
		tx.PutMeetingChange(MeetingChange{Schedule: "r", Civil: "c", Off: true})
		tx.PutMeetingChange(MeetingChange{Schedule: "r", Civil: "c", To: "d"})
		if c, ok := tx.MeetingChange("r", "c"); !ok || c.Sequence != 2 || c.Off || len(tx.MeetingChanges()) != 1 {
			t.Errorf("%+v", c)
		}
		return nil
	})
}
