package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
	"vigie/store"
)

// traces are what must not be found any more once the person is erased.
func tracesOfZoe() []string {
	return []string{"zoe42", "@zoe:example.org", "Zoé Dupont", "zoe42!u@host.example", "zoe@asso-de-zoe.example", "asso-de-zoe", "SECRETWORDS", "MOREWORDS"}
}

// lived writes all sorts of rows about somebody, and somebody else's beside them.
func lived(t *testing.T, tx *store.Tx) (zoe, other store.Person) {
	t.Helper()
	irc := chat.Identity{Network: "irc", Account: "zoe42", Nick: "zoe42", Host: "zoe42!u@host.example"}
	mx := chat.Identity{Network: "matrix", Account: "@zoe:example.org", Nick: "Zoé Dupont"}
	a, b := tx.PersonFor(irc), tx.PersonFor(mx)
	other = tx.PersonFor(chat.Identity{Network: "irc", Account: "paul", Nick: "paul"})
	staff := tx.PersonFor(chat.Identity{Network: "matrix", Account: "@jean:example.org", Nick: "Jean"})
	room := chat.Room{Network: "irc", ID: "zoe42", Private: true, Account: "zoe42"}
	o := store.Opening{Requester: a.ID, Subject: "SECRETWORDS", Site: "asso-de-zoe.example", Association: "asso-de-zoe", Private: true, Origin: room,
		Service: "web", Kind: store.KindOutage, Runbook: json.RawMessage(`{"facts":{"domain":"asso-de-zoe.example"}}`)}
	tk, err := tx.OpenTicket(o, store.TicketEvent{By: a.ID, Room: room.String(), Ref: "irc/zoe42-msgid", Text: "SECRETWORDS zoe@asso-de-zoe.example"})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []store.TicketEvent{{Act: store.ActTake, By: staff.ID}, {Act: store.ActReply, By: staff.ID, Text: "bonjour zoe42 MOREWORDS"},
		{Act: store.ActNote, By: staff.ID, Text: "zoe@asso-de-zoe.example est en panique"}, {Act: store.ActPriority, By: staff.ID, Text: "high"},
		{Act: store.ActWait, By: staff.ID, To: "Zoé Dupont", Text: "MOREWORDS", Until: tx.Now.Add(time.Hour)}, {Act: store.ActWake},
		{Act: store.ActEdit, By: a.ID, Ref: "irc/zoe42-msgid", Text: "SECRETWORDS", To: store.AsSubject}, {Act: store.ActSolve, By: staff.ID, Text: "MOREWORDS"}} {
		if _, err := tx.ActOnTicket(tk.N, e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.OpenTicket(store.Opening{Requester: other.ID, Subject: "autre", Service: "web"}, store.TicketEvent{By: other.ID, Text: "le mien reste"}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ActOnTicket(2, store.TicketEvent{Act: store.ActSay, By: b.ID, Room: "matrix/@zoe:example.org!@zoe:example.org", Text: "moi aussi"}); err != nil {
		t.Fatal(err)
	}
	p, err := tx.LinkPersons(a, b)
	if err != nil {
		t.Fatal(err)
	}
	d := store.Dialog{Person: p.ID, Room: room, With: irc, Kind: "ticket", Session: []byte(`{"q":"SECRETWORDS"}`)}
	tx.PutDialog(d)
	tx.SetDue("dialog", d.Key(), tx.Now)
	tx.SetNote("held/"+p.ID+"/s", "MOREWORDS")
	tx.SetNote("ambient-who/"+p.ID, "x")
	tx.SetNote("after/"+p.ID+"|irc", `{"domain":"asso-de-zoe.example"}`)
	tx.SetNote("by-account", `{"who":"irc/zoe42"}`)
	tx.PutGiven(store.Given{Room: room.String(), To: p.ID, Question: "SECRETWORDS"})
	tx.SetMore(p.ID+"|irc", []string{"MOREWORDS"})
	tx.PutProbe(store.Probe{ID: "x", For: p.ID + "|irc", Args: []byte(`{"domain":"asso-de-zoe.example"}`)})
	tx.PutPass(store.Pass{Selector: "abaca", Person: p.ID, Identity: "irc/zoe42"})
	tx.PutContact(store.Contact{Key: "asso", By: p.ID, Correction: "MOREWORDS"})
	tx.Enqueue(store.Outgoing{Track: true, Reply: chat.Reply{Key: "ticket/1/member/x", Room: room, Text: "MOREWORDS"}})
	tx.Enqueue(store.Outgoing{Track: true, Reply: chat.Reply{Key: "ticket/1/said-1/matrix/!staff", Room: chat.Room{Network: "matrix", ID: "!staff"}, Text: "zoe42 : SECRETWORDS"}})
	tx.Enqueue(store.Outgoing{Reply: chat.Reply{Key: "other", Room: chat.Room{Network: "irc", ID: "zoe42b", Private: true, Account: "zoe42b"}, Text: "pour un autre"}})
	tx.Audit(p.ID, "link", a.ID, "")
	return p, other
}

// TestNothingOfThePersonIsLeftInTheFile erases somebody and reads the bytes of the file.
func TestNothingOfThePersonIsLeftInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vigie.db")
	e := boltAt(t, path, store.BoltOptions{})
	s, err := store.Open(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var before, after []store.Ticket
	turn := func(fn func(tx *store.Tx)) {
		t.Helper()
		if err := s.Update(context.Background(), now, func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	turn(func(tx *store.Tx) { lived(t, tx) })
	raw, _ := os.ReadFile(path)
	for _, trace := range tracesOfZoe() {
		if !bytes.Contains(raw, []byte(trace)) {
			t.Fatalf("the test proves nothing of %q", trace)
		}
	}
	turn(func(tx *store.Tx) {
		before = tx.Tickets(0)
		p, _ := tx.FindPerson(chat.Identity{Network: "irc", Account: "zoe42"})
		erased := tx.ErasePerson(p)
		if len(erased.IDs) != 2 || len(erased.Tickets) != 1 {
			t.Errorf("erased %+v", erased)
		}
		for next := 1; next != 0; {
			next = tx.EraseActs(erased.IDs, next, 1)
		}
	})
	if err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	raw, _ = os.ReadFile(path)
	for _, trace := range tracesOfZoe() {
		if i := bytes.Index(raw, []byte(trace)); i >= 0 && !bytes.HasPrefix(raw[i:], []byte("zoe42b")) {
			t.Errorf("%q is still in the file: %q", trace, raw[max(0, i-120):min(len(raw), i+60)])
		}
	}
	turn(func(tx *store.Tx) {
		after = tx.Tickets(0)
		if got := tx.Outbox(); len(got) != 1 || got[0].Reply.Room.Account != "zoe42b" {
			t.Errorf("on its way: %+v", got)
		}
		if _, ok := tx.FindPerson(chat.Identity{Network: "irc", Account: "paul"}); !ok {
			t.Error("somebody else is gone too")
		}
		if list, _ := tx.FindTickets(store.TicketQuery{Words: []string{"secretwords"}, Limit: 9}); len(list) > 0 {
			t.Error("the index still finds the words")
		}
		if list, _ := tx.FindTickets(store.TicketQuery{Words: []string{"reste"}, Limit: 9}); len(list) != 1 {
			t.Error("the index lost somebody else's words")
		}
		for _, tk := range after {
			again, err := store.Replay(tk.N, tx.TicketEvents(tk.N))
			if err != nil || !reflect.DeepEqual(again, tk) {
				t.Errorf("ticket %d does not replay: %v", tk.N, err)
			}
		}
		if d, ok := tx.Delivery("ticket/1/member/x"); !ok || d.State != store.Stale {
			t.Errorf("the delivery is %+v", d)
		}
	})
	sameClocks(t, before, after)
}

// sameClocks: what is counted of tickets does not change by erasing.
func sameClocks(t interface {
	Helper()
	Errorf(string, ...any)
}, before, after []store.Ticket) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%d tickets became %d", len(before), len(after))
		return
	}
	for i, b := range before {
		a := after[i]
		if a.State != b.State || a.Kind != b.Kind || a.Service != b.Service || !a.Opened.Equal(b.Opened) || !a.FirstReply.Equal(b.FirstReply) ||
			!a.LastStaff.Equal(b.LastStaff) || !a.Solved.Equal(b.Solved) || !a.Closed.Equal(b.Closed) || a.Reopened != b.Reopened || a.Owner != b.Owner ||
			a.Requester != b.Requester || a.Rating != b.Rating || a.Priority != b.Priority || !a.Unanswered.Equal(b.Unanswered) || a.Seq != b.Seq {
			t.Errorf("ticket %d was %+v, is %+v", b.N, b, a)
		}
	}
}

// TestErasingLeavesReplayAndClocksAlone does anything to tickets, then erases somebody or
// strips what is old.
func TestErasingLeavesReplayAndClocksAlone(t *testing.T) {
	acts := []store.TicketAct{store.ActSay, store.ActReply, store.ActNote, store.ActTake, store.ActRelease, store.ActAssign, store.ActWait, store.ActWake, store.ActSolve,
		store.ActClose, store.ActReopen, store.ActReject, store.ActPriority, store.ActTag, store.ActUntag, store.ActKind, store.ActThank, store.ActPrivate, store.ActWatch,
		store.ActUnwatch, store.ActEdit, store.ActRedact, store.ActMerge, store.ActRate}
	rapid.Check(t, func(rt *rapid.T) {
		s, err := store.Open(context.Background(), store.NewMemory())
		if err != nil {
			rt.Fatal(err)
		}
		at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		var before, after []store.Ticket
		var facts [2][]store.TicketFact
		err = s.Update(context.Background(), at, func(tx *store.Tx) error {
			people := []store.Person{tx.PersonFor(chat.Identity{Network: "irc", Account: "zoe42"}), tx.PersonFor(chat.Identity{Network: "irc", Account: "paul"}), tx.PersonFor(chat.Identity{Network: "irc", Account: "jean"})}
			for i := range 3 {
				_, _ = tx.OpenTicket(store.Opening{Requester: people[i%2].ID, Subject: "SECRETWORDS"}, store.TicketEvent{By: people[i%2].ID, Text: "SECRETWORDS", Ref: "irc/m1"})
			}
			for range rapid.IntRange(0, 30).Draw(rt, "acts") {
				tx.Now = tx.Now.Add(time.Minute)
				n := rapid.IntRange(1, 3).Draw(rt, "ticket")
				act := rapid.SampledFrom(acts).Draw(rt, "act")
				if act == store.ActRate {
					_, _ = tx.ActOnTicket(n, store.TicketEvent{Act: act, By: people[0].ID, Text: store.RatedGood})
					continue
				}
				e := store.TicketEvent{Act: act, By: rapid.SampledFrom(people).Draw(rt, "by").ID, Text: rapid.SampledFrom([]string{"high", "SECRETWORDS"}).Draw(rt, "text")}
				switch act {
				case store.ActMerge:
					_, _, _, _ = tx.MergeTickets(n, n%3+1, store.TicketEvent{By: e.By})
					continue
				case store.ActAssign, store.ActWatch, store.ActUnwatch, store.ActWait:
					e.To = rapid.SampledFrom(people).Draw(rt, "to").ID
				case store.ActEdit, store.ActRedact:
					e.To, e.Ref = rapid.SampledFrom([]string{"", store.AsSubject}).Draw(rt, "subject"), "irc/m1"
				}
				_, _ = tx.ActOnTicket(n, e)
			}
			before, facts[0] = tx.Tickets(0), factsOf(tx)
			if rapid.Bool().Draw(rt, "erase") {
				erased := tx.ErasePerson(people[0])
				tx.EraseActs(erased.IDs, 1, 10)
			} else {
				for _, tk := range before {
					tx.StripTicket(tk.N, nil)
				}
				if left, next := tx.StaleTickets(tx.Now.Add(time.Hour), 1, 100); len(left) > 0 || next != 0 {
					rt.Fatalf("stripped, and still to be stripped: %v", left)
				}
			}
			after, facts[1] = tx.Tickets(0), factsOf(tx)
			for _, tk := range after {
				events := tx.TicketEvents(tk.N)
				again, err := store.Replay(tk.N, events)
				if err != nil || !reflect.DeepEqual(again, tk) {
					rt.Fatalf("ticket %d does not replay: %v\n%+v\n%+v", tk.N, err, again, tk)
				}
				if tk.Erased && len(tk.Askers()) == 1 && !structural(events) {
					rt.Fatalf("words are left: %+v", events)
				}
			}
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
		sameClocks(rt, before, after)
		if !reflect.DeepEqual(facts[0], facts[1]) {
			rt.Fatalf("what is counted was %+v, is %+v", facts[0], facts[1])
		}
	})
}

// factsOf is what statistics are made of.
func factsOf(tx *store.Tx) []store.TicketFact {
	var out []store.TicketFact
	for _, t := range tx.Tickets(0) {
		out = append(out, store.FactOf(t, tx.TicketEvents(t.N), time.UTC))
	}
	return out
}

// structural tells whether the only texts left are those that decide about the state.
func structural(events []store.TicketEvent) bool {
	for _, e := range events {
		switch e.Act {
		case store.ActPriority, store.ActTag, store.ActUntag, store.ActKind, store.ActRelate, store.ActRate:
		default:
			if e.Text != "" {
				return false
			}
		}
	}
	return true
}

// TestAFreelyChosenNameErasesNobodyElse: a nick, an account or a display name may be any
// word, such as a network's name, a key of a record, or somebody else's identity.
func TestAFreelyChosenNameErasesNobodyElse(t *testing.T) {
	for _, name := range []string{"irc", "matrix", "web", "text", "network", "id", "true", "p0000000001", "@jean:example.org", "irc/paul", "paul", "topic", "!staff"} {
		s, err := store.Open(context.Background(), store.NewMemory())
		if err != nil {
			t.Fatal(err)
		}
		err = s.Update(context.Background(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), func(tx *store.Tx) error {
			paul := tx.PersonFor(chat.Identity{Network: "irc", Account: "paulo", Nick: "paulo", Host: "paulo!u@h"})
			jean := tx.PersonFor(chat.Identity{Network: "matrix", Account: "@jean:example.org", Nick: "Jean"})
			bad := tx.PersonFor(chat.Identity{Network: "irc", Account: "x" + name, Nick: name, Host: name + "!u@h"})
			tx.PutDialog(store.Dialog{Person: paul.ID, Room: paul.Rooms[0], With: chat.Identity{Network: "irc", Account: "paulo", Nick: "paulo"}, Kind: "ticket"})
			tx.SetNote("topic/irc/#support", "irc")
			tx.PutSubscription(store.Subscription{Person: jean.ID, Services: []string{"web"}})
			tx.PutCampaign(store.Campaign{ID: "irc"})
			tx.Enqueue(store.Outgoing{Track: true, Reply: chat.Reply{Key: "k", Room: jean.Rooms[0], Text: "irc"}})
			tx.ErasePerson(bad)
			if len(tx.Dialogs()) != 1 || tx.Note("topic/irc/#support") == "" || len(tx.Outbox()) != 1 || len(tx.Subscription(jean.ID).Services) != 1 {
				t.Errorf("%q takes others' rows along: %d dialogues, %d on their way", name, len(tx.Dialogs()), len(tx.Outbox()))
			}
			if d, ok := tx.Delivery("k"); !ok || d.Room != jean.Rooms[0] {
				t.Errorf("%q: the delivery is %+v", name, d)
			}
			if _, ok := tx.Campaign("irc"); !ok {
				t.Errorf("%q: a campaign is gone", name)
			}
			if p, ok := tx.FindPerson(chat.Identity{Network: "matrix", Account: "@jean:example.org"}); !ok || p.ID != jean.ID {
				t.Errorf("%q: jean is gone", name)
			}
			return tx.Err()
		})
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
