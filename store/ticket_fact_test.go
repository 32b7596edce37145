package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// factStore plays what happened to tickets, one act an hour, and counts them.
func factStore(t *testing.T, todo ...func(*Tx)) *Store {
	t.Helper()
	st, err := Open(context.Background(), NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 30, 20, 0, 0, 0, time.UTC)
	for _, do := range todo {
		at = at.Add(time.Hour)
		if err := st.Update(context.Background(), at, func(tx *Tx) error {
			do(tx)
			for _, n := range tx.WrittenTickets() {
				tx.CountTicket(n, time.UTC)
			}
			return tx.Err()
		}); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

func opens(kind TicketKind, service string) func(*Tx) {
	return func(tx *Tx) {
		_, _ = tx.OpenTicket(Opening{Kind: kind, Service: service, Requester: "claire"}, TicketEvent{By: "claire", Text: "mon secret"})
	}
}

func did(n int, act TicketAct, by, text string) func(*Tx) {
	return func(tx *Tx) {
		if _, err := tx.ActOnTicket(n, TicketEvent{Act: act, By: by, Text: text, To: text}); err != nil {
			panic(err)
		}
	}
}

func TestFiguresOfAPeriod(t *testing.T) {
	st := factStore(t,
		opens(KindOutage, "web"),               // 1, 21:00
		did(1, ActReply, "", "je regarde"),     // the bot's word is nobody's answer
		did(1, ActReply, "jean", "c'est fait"), // 23:00: after two hours
		opens(KindQuestion, "mail"),            // 2, in December
		did(1, ActReply, "lea", "vraiment"),
		did(2, ActSolve, "lea", ""), // after two hours
		did(1, ActSolve, "jean", ""),
		did(1, ActReopen, "claire", ""),
		opens(KindQuestion, ""), // 3: spam
		did(3, ActSpam, "jean", ""),
		opens(KindQuestion, ""), // 4: closed by its member
		did(4, ActClose, "claire", ""),
		did(2, ActClose, "claire", ""),
		did(2, ActRate, "claire", RatedGood),
	)
	for _, c := range []struct{ from, until, want string }{
		{"2026-11-01", "2027-01-01", "3 opened 2 answered 1 open, 2h0m0s 2h0m0s, 1 reopened, 1 alone, 1 good 0 bad, map[outage:1 question:2] map[:1 mail:1 web:1] map[jean:1 lea:2]"},
		{"2026-11-01", "2026-12-01", "1 opened 1 answered 1 open, 2h0m0s 2h0m0s, 1 reopened, 0 alone, 0 good 0 bad, map[outage:1] map[web:1] map[jean:1 lea:1]"},
		{"2026-12-02", "2027-01-01", "0 opened 0 answered 0 open, 0s 0s, 0 reopened, 0 alone, 0 good 0 bad, map[] map[] map[]"},
	} {
		from, _ := time.Parse(time.DateOnly, c.from)
		until, _ := time.Parse(time.DateOnly, c.until)
		if err := st.View(func(tx *Tx) error {
			s := Summarise(tx.TicketFacts(from, until), from, until)
			got := fmt.Sprintf("%d opened %d answered %d open, %s %s, %d reopened, %d alone, %d good %d bad, %v %v %v", s.Opened, s.Answered, s.Open,
				s.Median, s.P90, s.Reopened, s.Alone, s.Good, s.Bad, s.ByKind, s.ByService, s.ByPerson)
			if got != c.want {
				t.Errorf("%s … %s\n got %s\nwant %s", c.from, c.until, got, c.want)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// What is counted names no requester and holds no words, and stays when the ticket
// is erased.
func TestFiguresSurviveTheTicket(t *testing.T) {
	st := factStore(t, opens(KindOutage, "web"), did(1, ActReply, "jean", "fait"))
	all := func() (raw string, s TicketStats) {
		if err := st.View(func(tx *Tx) error {
			tx.scan("ticket-fact", "", "", func(_ string, b []byte) bool { raw += string(b); return true })
			s = Summarise(tx.TicketFacts(time.Time{}, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)), time.Time{}, time.Time{})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return raw, s
	}
	before, figures := all()
	if strings.Contains(before, "claire") || strings.Contains(before, "secret") || figures.Opened != 1 || figures.Median != time.Hour {
		t.Errorf("counted: %s", before)
	}
	if err := st.Update(context.Background(), time.Now(), func(tx *Tx) error {
		tx.del("ticket", num(1))
		tx.del("ticket-event", num(1)+"/"+num(1))
		tx.CountTicket(1, time.UTC)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if after, still := all(); after != before || still.Opened != 1 || still.Median != time.Hour {
		t.Errorf("after the ticket was erased: %s", after)
	}
}

func TestQuantiles(t *testing.T) {
	var d []time.Duration
	for i := 1; i <= 10; i++ {
		d = append(d, time.Duration(i))
	}
	for _, c := range []struct {
		n    int
		q    float64
		want time.Duration
	}{{0, 0.5, 0}, {1, 0.5, 1}, {1, 0.9, 1}, {2, 0.5, 1}, {3, 0.5, 2}, {4, 0.5, 2}, {10, 0.5, 5}, {10, 0.9, 9}, {9, 0.9, 9}, {10, 1, 10}, {10, 0, 1}} {
		if got := Quantile(d[:c.n], c.q); got != c.want {
			t.Errorf("%v of %d: %d, want %d", c.q, c.n, got, c.want)
		}
	}
}

// A store of an older Vigie is counted once.
func TestOlderTicketsAreCounted(t *testing.T) {
	st, err := Open(context.Background(), NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 30, 20, 0, 0, 0, time.UTC)
	if err := st.Update(context.Background(), at, func(tx *Tx) error { opens(KindOutage, "web")(tx); return nil }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := st.Update(context.Background(), at.Add(time.Hour), func(tx *Tx) error { tx.EnsureFacts(time.UTC); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.View(func(tx *Tx) error {
		if n := len(tx.TicketFacts(at, at.Add(time.Hour))); n != 1 {
			t.Errorf("%d tickets counted", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
