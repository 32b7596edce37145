package store

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func rowsOf(t *testing.T, s *Store, n int) (rows []string) {
	t.Helper()
	if err := s.View(func(tx *Tx) error {
		tx.scan(ticketEvent, num(n)+"/", "", func(k string, _ []byte) bool { rows = append(rows, k); return true })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestEventsOfATicketThatIsOverArePacked(t *testing.T) {
	s := inMemory(t)
	act := func(e TicketEvent) {
		t.Helper()
		change(t, s, func(tx *Tx) error { _, err := tx.ActOnTicket(1, e); return err })
	}
	change(t, s, func(tx *Tx) error {
		_, err := tx.OpenTicket(Opening{Requester: "p1", Subject: "x"}, TicketEvent{By: "p1", Ref: "irc/1", Text: "bonjour"})
		return err
	})
	act(TicketEvent{Act: ActReply, By: "p2", Text: "voilà"})
	if got := rowsOf(t, s, 1); len(got) != 2 {
		t.Errorf("while it goes on: %v", got)
	}
	act(TicketEvent{Act: ActClose, By: "p1"})
	if got := rowsOf(t, s, 1); len(got) != 1 || got[0] != packKey(1) {
		t.Errorf("once it is over: %v", got)
	}
	act(TicketEvent{Act: ActEdit, By: "p1", Ref: "irc/1", Text: "bonsoir"})
	act(TicketEvent{Act: ActReopen, By: "p1"})
	act(TicketEvent{Act: ActSay, By: "p1", Text: "encore"})
	if got := rowsOf(t, s, 1); len(got) != 3 || got[0] != packKey(1) {
		t.Errorf("reopened: %v", got)
	}
	change(t, s, func(tx *Tx) error {
		events := tx.TicketEvents(1)
		for i, e := range events {
			if e.Seq != i+1 {
				t.Errorf("event %d is %+v", i+1, e)
			}
		}
		if len(events) != 6 || AsAmended(events)[0].Text != "bonsoir" {
			t.Errorf("read back: %+v", events)
		}
		if n, ok := tx.TicketByRef("irc/1"); !ok || n != 1 {
			t.Error("its message is not found")
		}
		return nil
	})
	change(t, s, func(tx *Tx) error { tx.put("ticket-ref", "irc/old", 7); return nil })
	change(t, s, func(tx *Tx) error {
		if n, ok := tx.TicketByRef("irc/old"); !ok || n != 7 {
			t.Error("a row of an earlier version is not found")
		}
		tx.delRef("irc/old")
		tx.delRef("irc/1")
		_, one := tx.TicketByRef("irc/old")
		_, two := tx.TicketByRef("irc/1")
		if one || two {
			t.Error("found after they went")
		}
		return nil
	})
}

func TestABrokenPackIsAnErrorAndNoEmptyTicket(t *testing.T) {
	for name, raw := range map[string]string{"empty": "", "of the future": "\x02abc", "cut": "\x01abc"} {
		s := inMemory(t)
		change(t, s, func(tx *Tx) error { tx.writes.set(ticketEvent, packKey(1), []byte(raw)); return nil })
		err := s.View(func(tx *Tx) error { tx.TicketEvents(1); return nil })
		if err == nil || !strings.Contains(err.Error(), "ticket 1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPackAndUnpack(t *testing.T) {
	p := &packer{}
	rapid.Check(t, func(t *rapid.T) {
		events := make([]TicketEvent, rapid.IntRange(1, 30).Draw(t, "n"))
		for i := range events {
			events[i] = TicketEvent{Seq: i + 1, At: monday, Act: rapid.SampledFrom(acts).Draw(t, "act"), Text: rapid.String().Draw(t, "text")}
		}
		raw, err := p.pack(events)
		again, err2 := unpackEvents(raw)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(events)
		b, _ := json.Marshal(again)
		if string(a) != string(b) {
			t.Fatalf("%s became %s", a, b)
		}
	})
}

func FuzzUnpackEvents(f *testing.F) {
	raw, err := (&packer{}).pack([]TicketEvent{{Seq: 1, Act: ActSay, Text: "x"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(_ *testing.T, raw []byte) { _, _ = unpackEvents(raw) })
}
