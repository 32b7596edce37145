package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func inMemory(t interface {
	Helper()
	Fatal(...any)
}) *Store {
	t.Helper()
	s, err := Open(context.Background(), NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func change(t interface {
	Helper()
	Fatal(...any)
}, s *Store, fn func(*Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), monday, fn); err != nil {
		t.Fatal(err)
	}
}

// states and acts are all there are.
var (
	states = []TicketState{TicketNew, TicketOpen, TicketWaitingMember, TicketWaitingOther, TicketSolved, TicketClosed, TicketRejected, TicketSpam, TicketMerged}
	acts   = []TicketAct{ActOpen, ActSay, ActReply, ActNote, ActTake, ActRelease, ActAssign, ActWait, ActWake, ActSolve, ActClose, ActReopen, ActReject,
		ActSpam, ActMerge, ActLink, ActPriority, ActTag, ActEdit, ActRedact, ActUntag, ActKind, ActThank, ActPrivate, ActWatch, ActUnwatch, ActRelate,
		ActSplit, ActAbsorb, ActUndo}
)

// whatFollows is the table of ticket states, act by act: one column a state, in the
// order of states. "." keeps the state, "-" is refused.
const whatFollows = `
            new    open   wmember wother solved closed rejected spam merged
open        -      -      -       -      -      -      -        -    -
say         .      .      open    .      open   open   open     -    -
reply       open   .      .       .      .      -      -        -    -
note        .      .      .       .      .      .      .        -    -
take        open   .      .       .      -      -      -        -    -
release     .      .      .       .      -      -      -        -    -
assign      open   .      .       .      -      -      -        -    -
wait        -      wother wother  wother -      -      -        -    -
wake        -      -      open    open   -      -      -        -    -
solve       solved solved solved  solved -      -      -        -    -
close       closed closed closed  closed closed -      -        -    -
reopen      -      -      -       -      open   open   open     -    -
reject      rejected rejected -   -      -      -      -        -    -
spam        spam   spam   -       -      -      -      -        -    -
merge       merged merged merged  merged -      -      -        -    -
link        .      .      .       .      .      .      .        -    -
priority    .      .      .       .      .      .      .        -    -
tag         .      .      .       .      .      .      .        -    -
edit        .      .      .       .      .      .      .        -    -
redact      .      .      .       .      .      .      .        -    -
untag       .      .      .       .      .      .      .        -    -
kind        .      .      .       .      .      .      .        -    -
thank       .      .      .       .      .      .      .        -    -
private     .      .      .       .      .      .      .        -    -
watch       .      .      .       .      .      .      .        -    -
unwatch     .      .      .       .      .      .      .        -    -
relate      .      .      .       .      .      .      .        -    -
split       .      .      .       .      -      -      -        -    -
absorb      .      .      .       .      -      -      -        -    -
undo        -      -      -       -      -      -      -        -    -
`

func TestEveryActInEveryState(t *testing.T) {
	short := map[string]TicketState{"wmember": TicketWaitingMember, "wother": TicketWaitingOther}
	name := func(s string) TicketState {
		if long, ok := short[s]; ok {
			return long
		}
		return TicketState(s)
	}
	rows := strings.Split(strings.TrimSpace(whatFollows), "\n")
	if len(rows) != len(acts)+1 {
		t.Fatalf("%d rows for %d acts", len(rows)-1, len(acts))
	}
	for i, row := range rows[1:] {
		cells := strings.Fields(row)
		if TicketAct(cells[0]) != acts[i] || len(cells) != len(states)+1 {
			t.Fatalf("row %q is not that of %s", row, acts[i])
		}
		for j, from := range states {
			tk := Ticket{N: 1, State: from}
			err := tk.apply(TicketEvent{Seq: 7, At: monday, Act: acts[i], By: "p1", To: "2", Text: "x", Opening: &Opening{}})
			want := name(cells[j+1])
			switch want {
			case "-":
				var te *TransitionError
				if !errors.As(err, &te) || te.From != from || te.Act != acts[i] || tk.State != from || tk.Seq != 0 {
					t.Errorf("%s of a %s ticket: %v, state %s", acts[i], from, err, tk.State)
				}
				continue
			case ".":
				want = from
			}
			if err != nil || tk.State != want || tk.Seq != 7 {
				t.Errorf("%s of a %s ticket: %v, state %s, want %s", acts[i], from, err, tk.State, want)
			}
		}
	}
}

// mayBecome is the product's table of ticket states; a wait may also become the
// other kind of wait.
func mayBecome() map[TicketState][]TicketState {
	return map[TicketState][]TicketState{
		TicketNew:           {TicketOpen, TicketSolved, TicketClosed, TicketRejected, TicketSpam, TicketMerged},
		TicketOpen:          {TicketWaitingMember, TicketWaitingOther, TicketSolved, TicketClosed, TicketRejected, TicketSpam, TicketMerged},
		TicketWaitingMember: {TicketOpen, TicketWaitingOther, TicketSolved, TicketClosed, TicketMerged},
		TicketWaitingOther:  {TicketOpen, TicketWaitingMember, TicketSolved, TicketClosed, TicketMerged},
		TicketSolved:        {TicketClosed, TicketOpen},
		TicketClosed:        {TicketOpen},
		TicketRejected:      {TicketOpen},
	}
}

func TestStatesFollowTheProductsTable(t *testing.T) {
	reached := map[TicketState][]TicketState{}
	for _, from := range states {
		for _, a := range acts {
			for _, to := range []string{"", "2"} {
				tk := Ticket{State: from}
				if tk.apply(TicketEvent{Act: a, To: to}) == nil && tk.State != from {
					reached[from] = append(reached[from], tk.State)
				}
			}
		}
	}
	for _, from := range states {
		for _, to := range states {
			is, may := slices.Contains(reached[from], to), slices.Contains(mayBecome()[from], to)
			if is != may {
				t.Errorf("%s → %s: the code says %v, the table %v", from, to, is, may)
			}
		}
	}
}

// TestReplay drives tickets at random and holds each, after each act, against
// the replay of its events.
func TestReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := inMemory(t)
		change(t, s, func(tx *Tx) error {
			for range rapid.IntRange(1, 3).Draw(t, "tickets") {
				if _, err := tx.OpenTicket(Opening{Requester: "p1", Subject: "x", Origin: chat.Room{Network: "irc", ID: "#x"}}, TicketEvent{By: "p1", Text: "x"}); err != nil {
					return err
				}
			}
			return nil
		})
		for step := range 100 {
			now := monday.Add(time.Duration(step) * time.Minute)
			err := s.Update(context.Background(), now, func(tx *Tx) error {
				all := tx.Tickets(0)
				n := all[rapid.IntRange(0, len(all)-1).Draw(t, "n")].N
				e := TicketEvent{Act: acts[rapid.IntRange(1, len(acts)-1).Draw(t, "act")], By: rapid.SampledFrom([]string{"", "p1", "p2"}).Draw(t, "by"),
					To: rapid.SampledFrom([]string{"", "1", "2", "9"}).Draw(t, "to"), Ref: rapid.SampledFrom([]string{"", "irc/1", "irc/2"}).Draw(t, "ref"),
					Text: rapid.SampledFrom([]string{"", "bonjour", "urgent"}).Draw(t, "text"), Until: now.Add(time.Hour)}
				before, _ := tx.Ticket(n)
				after, err := tx.ActOnTicket(n, e)
				var te *TransitionError
				if err != nil && !errors.As(err, &te) && !errors.Is(err, ErrNotFound) {
					return err
				}
				if err == nil && after.N == n && after.Seq != before.Seq+1 {
					return fmt.Errorf("ticket %d went from event %d to %d", n, before.Seq, after.Seq)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		sameAsReplay(t, s)
	})
}

func sameAsReplay(t *rapid.T, s *Store) {
	if err := s.View(func(tx *Tx) error {
		active := 0
		for _, tk := range tx.Tickets(0) {
			again, err := Replay(tk.N, tx.TicketEvents(tk.N))
			if err != nil {
				return err
			}
			a, _ := json.Marshal(tk)
			b, _ := json.Marshal(again)
			if string(a) != string(b) {
				return fmt.Errorf("ticket %d is stored as\n%s\nand replayed as\n%s", tk.N, a, b)
			}
			if tk.Active() {
				active++
			}
		}
		if n := len(tx.ActiveTickets()); n != active {
			return fmt.Errorf("%d tickets are listed as active, %d are", n, active)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestReplayRefusesWhatCannotHaveHappened(t *testing.T) {
	o := TicketEvent{Seq: 1, At: monday, Act: ActOpen, Opening: &Opening{Subject: "x"}}
	for name, events := range map[string][]TicketEvent{
		"nothing opened it": {{Seq: 1, Act: ActSay}},
		"opened twice":      {o, o},
		"woken while open":  {o, {Seq: 2, Act: ActWake}},
		"opened with less":  {{Seq: 1, Act: ActOpen}},
	} {
		if _, err := Replay(1, events); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestActsOnAMergedTicketGoWhereItWent(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		for range 3 {
			if _, err := tx.OpenTicket(Opening{Requester: "p1"}, TicketEvent{By: "p1", Text: "x"}); err != nil {
				return err
			}
		}
		_, err1 := tx.ActOnTicket(1, TicketEvent{Act: ActMerge, To: "2"})
		_, err2 := tx.ActOnTicket(2, TicketEvent{Act: ActMerge, To: "3"})
		return errors.Join(err1, err2)
	})
	change(t, s, func(tx *Tx) error {
		got, err := tx.ActOnTicket(1, TicketEvent{Act: ActSay, By: "p1", Text: "late"})
		if err != nil || got.N != 3 {
			t.Errorf("went to %d: %v", got.N, err)
		}
		if events := tx.TicketEvents(3); events[len(events)-1].Text != "late" {
			t.Errorf("ticket 3 ends with %+v", events[len(events)-1])
		}
		return nil
	})
	// a circle of merges ends in an error, not in a loop
	change(t, s, func(tx *Tx) error {
		_, err := tx.ActOnTicket(3, TicketEvent{Act: ActMerge, To: "1"})
		if err != nil {
			return err
		}
		var te *TransitionError
		if _, err := tx.ActOnTicket(2, TicketEvent{Act: ActSay}); !errors.As(err, &te) {
			t.Errorf("a circle gives %v", err)
		}
		return nil
	})
	change(t, s, func(tx *Tx) error {
		if _, err := tx.ActOnTicket(99, TicketEvent{Act: ActSay}); !errors.Is(err, ErrNotFound) {
			t.Errorf("nothing gives %v", err)
		}
		return nil
	})
}

func TestAsAmended(t *testing.T) {
	events := []TicketEvent{
		{Seq: 1, Act: ActOpen, By: "p1", Ref: "m/1", Text: "one"},
		{Seq: 2, Act: ActSay, By: "p1", Ref: "m/2", Text: "two"},
		{Seq: 3, Act: ActEdit, By: "p1", Ref: "m/1", Text: "uno"},
		{Seq: 4, Act: ActEdit, By: "p2", Ref: "m/1", Text: "not mine"},
		{Seq: 5, Act: ActRedact, By: "p1", Ref: "m/2"},
		{Seq: 6, Act: ActEdit, By: "p1", Text: "of nothing"},
	}
	got := AsAmended(events)
	if len(got) != 2 || got[0].Text != "uno" || got[1].Text != "" {
		t.Errorf("got %+v", got)
	}
	if events[0].Text != "one" {
		t.Error("the events themselves were changed")
	}
}

func TestTicketByRefAndThread(t *testing.T) {
	s := inMemory(t)
	change(t, s, func(tx *Tx) error {
		tk, err := tx.OpenTicket(Opening{Requester: "p1"}, TicketEvent{By: "p1", Ref: "irc/a", Text: "x"})
		tx.SetThread("matrix", "$root", tk.N)
		return err
	})
	change(t, s, func(tx *Tx) error {
		if n, ok := tx.TicketByRef("irc/a"); !ok || n != 1 {
			t.Errorf("by reference: %d %v", n, ok)
		}
		if _, ok := tx.TicketByRef("irc/b"); ok {
			t.Error("found what is not there")
		}
		if n, ok := tx.Thread("matrix", "$root"); !ok || n != 1 {
			t.Errorf("by thread: %d %v", n, ok)
		}
		if list := tx.TicketsOf("p1"); len(list) != 1 {
			t.Errorf("theirs: %v", list)
		}
		if list := tx.TicketsOf(""); list != nil {
			t.Errorf("nobody's: %v", list)
		}
		return nil
	})
}

func TestClocks(t *testing.T) {
	at := func(m int) time.Time { return monday.Add(time.Duration(m) * time.Minute) }
	tk, err := Replay(1, []TicketEvent{
		{Seq: 1, At: at(0), Act: ActOpen, Opening: &Opening{}},
		{Seq: 2, At: at(5), Act: ActSay},
		{Seq: 3, At: at(7), Act: ActNote},
		{Seq: 4, At: at(10), Act: ActTake, By: "p2"},
	})
	if err != nil || !tk.Unanswered.Equal(at(0)) || !tk.FirstReply.IsZero() {
		t.Fatalf("neither a note nor taking it is an answer: %+v %v", tk, err)
	}
	for _, e := range []TicketEvent{{Seq: 5, At: at(20), Act: ActReply}, {Seq: 6, At: at(30), Act: ActSay}, {Seq: 7, At: at(31), Act: ActSay}} {
		if err := tk.apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if !tk.FirstReply.Equal(at(20)) || !tk.Unanswered.Equal(at(30)) {
		t.Errorf("first answer %s, waiting since %s", tk.FirstReply, tk.Unanswered)
	}
}
