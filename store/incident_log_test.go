package store

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestTimelineIsInTheOrderOfTime(t *testing.T) {
	i := Incident{State: IncidentOngoing, Detected: monday.Add(-time.Minute)}
	i.Say(Post{At: monday, Text: "dit"})
	if !i.Note(LogEntry{At: monday.Add(2 * time.Minute), Text: "noté", Message: "m/1"}) || i.Note(LogEntry{At: monday, Message: "m/1"}) {
		t.Error("a marked message is noted once")
	}
	i.Note(LogEntry{At: monday.Add(time.Minute), Text: "avant"})
	i.Say(Post{At: monday.Add(3 * time.Minute), Severity: 1})
	got := ""
	for _, l := range i.Timeline() {
		got += fmt.Sprintf("%s/%s/%d ", l.State, l.Text, l.Severity)
	}
	if want := "reported//0 ongoing/dit/0 /avant/0 /noté/0 ongoing//1 "; got != want {
		t.Errorf("timeline %q, want %q", got, want)
	}
	if !i.Unmark("m/1") || i.Unmark("m/1") || i.Unmark("") || len(i.Log) != 1 {
		t.Errorf("a mark taken back stays: %+v", i.Log)
	}
	for range mostLog + 5 {
		i.Note(LogEntry{At: monday})
	}
	if len(i.Log) != mostLog {
		t.Errorf("the log holds %d entries", len(i.Log))
	}
}

func TestMergingMovesWhatIsKnown(t *testing.T) {
	a := Incident{N: 1, State: IncidentOngoing, Tickets: []int{1, 2}, Followers: []string{"p1"}, Detected: monday, NextUpdate: monday, Log: []LogEntry{{At: monday, Text: "a"}}}
	b := Incident{N: 2, State: IncidentMonitoring, Tickets: []int{2, 3}, Log: []LogEntry{{At: monday.Add(1), Text: "b"}}}
	same := a
	if err := same.MergeInto(&a, monday); !errors.Is(err, ErrMergeSelf) {
		t.Errorf("into itself: %v", err)
	}
	over := Incident{N: 3, State: IncidentResolved}
	if err := a.MergeInto(&over, monday); err == nil || a.State != IncidentOngoing {
		t.Errorf("into one that is over: %v, %s", err, a.State)
	}
	if err := over.MergeInto(&b, monday); err == nil || len(b.Tickets) != 2 {
		t.Errorf("one that is over: %v", err)
	}
	if err := a.MergeInto(&b, monday); err != nil {
		t.Fatal(err)
	}
	if a.State != IncidentMerged || a.Into != 2 || a.Public() || !a.NextUpdate.IsZero() {
		t.Errorf("merged: %+v", a)
	}
	if fmt.Sprint(b.Tickets, b.Followers, len(b.Log)) != "[2 3 1] [p1] 2" || b.Log[0].Text != "a" || !b.Detected.Equal(monday) {
		t.Errorf("what it was merged into: %+v", b)
	}
}

func TestJournalKeepsTheLastEntries(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		for n := range mostLog + 3 {
			tx.AddJournal(LogEntry{Text: fmt.Sprint(n)})
		}
		return nil
	})
	change(t, s, func(tx *Tx) error {
		if j := tx.Journal(); len(j) != mostLog || j[0].Text != "3" {
			t.Errorf("%d entries, the first %q", len(j), j[0].Text)
		}
		return nil
	})
}
