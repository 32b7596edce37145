package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
)

var epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// memory is a Store on an empty Memory.
func memory(t testing.TB) *Store {
	t.Helper()
	s, err := Open(context.Background(), NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// update runs one committed turn.
func update(t testing.TB, s *Store, now time.Time, fn func(*Tx)) {
	t.Helper()
	if err := s.Update(context.Background(), now, func(tx *Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// A scan sees the snapshot, the group's earlier turns and its own turn's writes,
// each hiding the one before.
func TestScanOverLayers(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := memory(t)
		want := map[string]int{}
		keys := rapid.SampledFrom([]string{"a", "a/", "a/1", "a/2", "a/20", "b", "b/1"})
		write := func(tx *Tx) {
			for range rapid.IntRange(0, 6).Draw(r, "writes") {
				k := keys.Draw(r, "key")
				if rapid.Bool().Draw(r, "delete") {
					tx.del("x", k)
					delete(want, k)
				} else {
					want[k] = rapid.IntRange(0, 99).Draw(r, "value")
					tx.put("x", k, want[k])
				}
			}
		}
		update(t, s, epoch, write)
		g, err := s.Begin()
		if err != nil {
			r.Fatal(err)
		}
		defer g.Discard()
		earlier := g.Tx(epoch)
		write(earlier)
		if err := g.Keep(earlier); err != nil {
			r.Fatal(err)
		}
		undone := g.Tx(epoch)
		undone.put("x", "a/1", -1) // a failed turn: nobody sees this
		tx := g.Tx(epoch)
		write(tx)
		prefix := rapid.SampledFrom([]string{"", "a", "a/", "b/"}).Draw(r, "prefix")
		from := rapid.SampledFrom([]string{"", "1", "2", "/2"}).Draw(r, "from")
		limit := rapid.IntRange(1, 9).Draw(r, "limit")
		got, expect := []string{}, []string{}
		each(tx, "x", prefix, from, func(k string, v int) bool {
			if v != want[k] {
				r.Fatalf("%s = %d, want %d", k, v, want[k])
			}
			got = append(got, k)
			tx.put("x", k+"~", 1) // not met by the running scan
			return len(got) < limit
		})
		for _, k := range slices.Sorted(maps.Keys(want)) {
			if k >= prefix+from && len(k) >= len(prefix) && k[:len(prefix)] == prefix && len(expect) < limit {
				expect = append(expect, k)
			}
		}
		if !slices.Equal(got, expect) || tx.Err() != nil {
			r.Fatalf("got %q, want %q, %v", got, expect, tx.Err())
		}
	})
}

func TestBrokenValuesUndoTheTurn(t *testing.T) {
	s := memory(t)
	if err := s.engine.Commit(context.Background(), Batch{{"note", "x", []byte("{")}}); err != nil {
		t.Fatal(err)
	}
	err := s.Update(context.Background(), epoch, func(tx *Tx) error {
		_ = tx.Note("x")
		tx.SetNote("y", "1")
		return nil
	})
	if err == nil {
		t.Fatal("a turn that could not read is kept")
	}
	_ = s.View(func(tx *Tx) error {
		if tx.Note("y") != "" {
			t.Error("it wrote nevertheless")
		}
		return nil
	})
}

func TestANewerStoreIsRefused(t *testing.T) {
	e := NewMemory()
	if _, err := Open(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), e); err != nil {
		t.Errorf("its own schema: %v", err)
	}
	_ = e.Commit(context.Background(), Batch{{"meta", "schema", []byte("999")}})
	if _, err := Open(context.Background(), e); !errors.Is(err, ErrSchema) {
		t.Errorf("a newer schema: %v", err)
	}
}

func TestDue(t *testing.T) {
	s := memory(t)
	update(t, s, epoch, func(tx *Tx) {
		tx.SetDue("nag", "late", epoch.Add(time.Hour))
		tx.SetDue("nag", "a/b", epoch.Add(2*time.Hour))
		tx.SetDue("nag", "late", epoch.Add(3*time.Hour)) // moves it
		tx.SetDue("ring", "x", epoch.Add(-time.Nanosecond))
		tx.ClearDue("ring", "x")
	})
	update(t, s, epoch.Add(2*time.Hour), func(tx *Tx) {
		d, ok := tx.FirstDue()
		if !ok || d.Key != "a/b" || !d.At.Equal(epoch.Add(2*time.Hour)) {
			t.Fatalf("first %+v", d)
		}
		for _, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			tx.Postpone(d)
			if at, ok := tx.DueAt("nag", "a/b"); !ok || at.Sub(tx.Now) != wait*time.Minute {
				t.Errorf("try %d postponed by %v", d.Tries, at.Sub(tx.Now))
			}
			d.Tries++
		}
		tx.TakeDue(d)
		if d, ok := tx.FirstDue(); !ok || d.Key != "late" {
			t.Errorf("then %+v", d)
		}
		tx.ClearDue("nag", "late")
		if d, ok := tx.FirstDue(); ok {
			t.Errorf("left %+v", d)
		}
	})
}

func TestOutbox(t *testing.T) {
	s := memory(t)
	room := chat.Room{Network: "irc", ID: "m", Private: true, Account: "claire"}
	update(t, s, epoch, func(tx *Tx) {
		for i, key := range []string{"z", "a", "z"} {
			o := Outgoing{Reply: chat.Reply{Key: key, Room: room}, Track: key == "z", Away: true}
			if _, fresh := tx.Enqueue(o); fresh != (i < 2) {
				t.Errorf("%d, %s: fresh %v", i, key, fresh)
			}
		}
		rows := tx.Outbox()
		if len(rows) != 2 || rows[0].Reply.Key != "z" {
			t.Fatalf("outbox %+v", rows)
		}
		if len(tx.WakeAway("irc", "")) != 0 || len(tx.WakeAway("matrix", "claire")) != 0 || len(tx.WakeAway("irc", "claire")) != 2 {
			t.Error("only who is meant wakes the rows")
		}
		for _, row := range tx.Outbox() {
			tx.Finish(row, Proven, "$1")
		}
		if _, fresh := tx.Enqueue(Outgoing{Reply: chat.Reply{Key: "z"}}); fresh {
			t.Error("a tracked key is said twice")
		}
		if d := tx.Deliveries(""); len(d) != 1 || d[0].State != Proven || d[0].Proof != "$1" {
			t.Errorf("deliveries %+v", d)
		}
	})
}

func TestPeopleAreByAccount(t *testing.T) {
	s := memory(t)
	claire := chat.Identity{Network: "irc", Account: "claire", Nick: "c1", Host: "c1!c@h"}
	update(t, s, epoch, func(tx *Tx) {
		p := tx.PersonFor(claire)
		claire.Nick, claire.Host = "c2", "c2!c@h"
		again := tx.PersonFor(claire)
		if again.ID != p.ID || again.Name != "c2" || len(again.Rooms) != 1 || again.Rooms[0].ID != "c2" || !again.Known() {
			t.Errorf("under another nick: %+v", again)
		}
		liar := tx.PersonFor(chat.Identity{Network: "irc", Nick: "c2", Host: "c2!x@h"})
		if liar.ID == p.ID || liar.Known() {
			t.Errorf("the nick is taken for the person: %+v", liar)
		}
	})
	g, err := s.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Discard()
	claire.Nick = "c2"
	tx := g.Tx(epoch)
	if tx.PersonFor(claire); tx.Dirty() {
		t.Error("seeing somebody again costs a write")
	}
}

func TestMemoryRecords(t *testing.T) {
	s := memory(t)
	update(t, s, epoch, func(tx *Tx) {
		tx.MarkSeen("irc", "old")
		tx.Audit("p1", "take", "1", "")
		tx.Audit("p1", "close", "1", "")
		tx.SetMore("p1", []string{"a"})
		tx.PutProbe(Probe{ID: "x", Kind: "tls"})
		tx.Pin("h", []byte("source"))
		tx.PutDialog(Dialog{Person: "p1", Room: chat.Room{Network: "irc", ID: "#a"}})
	})
	update(t, s, epoch.Add(time.Hour), func(tx *Tx) {
		tx.MarkSeen("irc", "new")
		tx.PruneSeen(time.Minute)
		if tx.Seen("irc", "old") || !tx.Seen("irc", "new") || tx.Seen("matrix", "new") {
			t.Error("seen")
		}
		if a := tx.Audits(1); len(a) != 1 || a[0].Act != "close" {
			t.Errorf("audits %+v", a)
		}
		tx.SetMore("p1", nil)
		if tx.More("p1") != nil || string(tx.Pinned("h")) != "source" || len(tx.Dialogs()) != 1 {
			t.Error("more, pinned, dialogues")
		}
		p := tx.Probes()[0]
		tx.PutProbe(Probe{ID: "x", Kind: "tls"})
		if tx.Awaits(p) || !tx.Awaits(tx.Probes()[0]) {
			t.Error("a probe asked anew is taken for the old one")
		}
	})
}
