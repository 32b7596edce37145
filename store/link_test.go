package store

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
)

// inTx runs fn as a turn on a store of its own.
func inTx(t testing.TB, fn func(tx *Tx)) {
	t.Helper()
	s, err := Open(context.Background(), NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(context.Background(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), func(tx *Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func ircAccount(name string) chat.Identity {
	return chat.Identity{Network: "irc", Account: name, Nick: name, Host: name + "!u@h"}
}

func TestLinkBringsAllTogetherAndUndoGivesItBack(t *testing.T) {
	inTx(t, func(tx *Tx) {
		mx := chat.Identity{Network: "matrix", Account: "@claire:x.org", Nick: "Claire"}
		a, b := tx.PersonFor(ircAccount("claire")), tx.PersonFor(mx)
		one, _ := tx.OpenTicket(Opening{Requester: a.ID}, TicketEvent{By: a.ID, Text: "un"})
		two, _ := tx.OpenTicket(Opening{Requester: b.ID}, TicketEvent{By: b.ID, Text: "deux"})
		tx.PutDialog(Dialog{Person: b.ID, Room: chat.Room{Network: "matrix", ID: "@claire:x.org", Private: true}, Kind: "ticket", Ticket: two.N})
		tx.SetDue("dialog", b.ID+"|matrix", tx.Now.Add(time.Hour))
		i := Incident{N: 1, State: IncidentOngoing, Followers: []string{b.ID, a.ID}}
		tx.PutIncident(i)
		tx.PutSubscription(Subscription{Person: b.ID, Services: []string{"web"}, Night: true})
		tx.PutSubscription(Subscription{Person: a.ID, Services: []string{"mail"}})
		p, err := tx.LinkPersons(b, a)
		if subs := tx.Subscriptions(); len(subs) != 1 || len(subs[0].Services) != 2 || subs[0].Night || subs[0].Person != a.ID {
			t.Errorf("subscriptions %+v", subs)
		}
		if err != nil || p.ID != a.ID {
			t.Fatalf("%v: the younger id stays: %s", err, p.ID)
		}
		if got := tx.TicketsOf(p.ID); len(got) != 2 || got[0].N != two.N || got[1].N != one.N {
			t.Errorf("tickets %v", got)
		}
		for _, id := range []chat.Identity{ircAccount("claire"), mx} {
			if found, ok := tx.FindPerson(id); !ok || found.ID != a.ID {
				t.Errorf("%s is %s", id.Key(), found.ID)
			}
		}
		if old, ok := tx.Person(b.ID); !ok || old.ID != a.ID {
			t.Error("the old id leads nowhere")
		}
		d, talking := tx.Dialog(a.ID + "|matrix")
		if _, due := tx.DueAt("dialog", a.ID+"|matrix"); !talking || d.Person != a.ID || !due {
			t.Errorf("the talk is lost: %+v", d)
		}
		if i, _ = tx.Incident(1); len(i.Followers) != 1 || i.Followers[0] != a.ID {
			t.Errorf("followers %v: told twice", i.Followers)
		}
		if _, err := tx.LinkPersons(p, p); !errors.Is(err, ErrLinked) {
			t.Errorf("linked with itself: %v", err)
		}
		p, err = tx.UnlinkPerson(p, p.Linked[0])
		if err != nil || !slices.Equal(p.Identities, []string{"irc/claire"}) || len(p.Rooms) != 1 {
			t.Fatalf("%v %+v", err, p)
		}
		if back, _ := tx.FindPerson(mx); back.ID != b.ID || len(tx.TicketsOf(b.ID)) != 1 || len(tx.TicketsOf(a.ID)) != 1 {
			t.Errorf("matrix is %+v", back)
		}
		if _, err := tx.UnlinkPerson(p, LinkedPerson{ID: b.ID}); !errors.Is(err, ErrNotFound) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

// TestALinkCarriesNoCharter: a role of one identity does not become active because
// another identity of the person has accepted.
func TestALinkCarriesNoCharter(t *testing.T) {
	inTx(t, func(tx *Tx) {
		a := tx.PersonFor(ircAccount("jean")).AcceptCharter("irc/jean", tx.Now)
		tx.PutPerson(a)
		b := tx.PersonFor(ircAccount("autre"))
		p, err := tx.LinkPersons(a, b)
		if err != nil || !p.Accepted("irc/jean") || p.Accepted("irc/autre") {
			t.Errorf("%v: %v", err, p.CharterBy)
		}
		p = p.AcceptCharter("irc/autre", tx.Now)
		tx.PutPerson(p)
		p, err = tx.UnlinkPerson(p, p.Linked[0])
		back, _ := tx.FindPerson(ircAccount("autre"))
		if err != nil || !p.Accepted("irc/jean") || p.Accepted("irc/autre") || !back.Accepted("irc/autre") || back.Accepted("irc/jean") {
			t.Errorf("%v: %v and %v", err, p.CharterBy, back.CharterBy)
		}
	})
	old := Person{Identities: []string{"irc/jean"}, Charter: time.Unix(1, 0)} // of a store older than links
	if !old.Accepted("irc/jean") || (Person{Identities: []string{"irc/jean"}}).Accepted("irc/jean") {
		t.Error("an old record is read wrongly")
	}
}

func TestAwayRowsFollowThePersonOnce(t *testing.T) {
	inTx(t, func(tx *Tx) {
		a, b := tx.PersonFor(ircAccount("claire")), tx.PersonFor(chat.Identity{Network: "matrix", Account: "@claire:x.org"})
		p, err := tx.LinkPersons(a, b)
		if err != nil {
			t.Fatal(err)
		}
		away := func(key string, anywhere bool, account string) {
			tx.Enqueue(Outgoing{Away: true, Anywhere: anywhere, Reply: chat.Reply{Key: key, Room: chat.Room{Network: "irc", ID: account, Private: true, Account: account}}})
		}
		away("answer", true, "claire")
		away("role", false, "claire")
		away("other", true, "paul")
		got := tx.WakeAway("matrix", "@claire:x.org")
		if len(got) != 1 || got[0].Reply.Key != "answer" || got[0].Reply.Room != p.Rooms[1] {
			t.Errorf("woken: %+v", got)
		}
		if again := tx.WakeAway("irc", "claire"); len(again) != 1 || again[0].Reply.Key != "role" {
			t.Errorf("then on irc: %+v", again)
		}
		if tx.WakeAway("irc", "") != nil {
			t.Error("somebody without an account wakes rows")
		}
	})
}

func TestPass(t *testing.T) {
	inTx(t, func(tx *Tx) {
		p := Pass{Selector: "abaca", Hash: HashPass("abaca-b"), Person: "p1", Expires: tx.Now.Add(time.Minute)}
		tx.PutPass(p)
		if !p.Opens("abaca-b") || p.Opens("abaca-c") || p.Opens("") || (Pass{}).Opens("") {
			t.Error("the wrong words open it, or the right ones do not")
		}
		if strings.Contains(string(tx.raw("pass", "abaca")), "abaca-b") {
			t.Error("the words themselves are kept")
		}
		tx.PutPass(Pass{Selector: "later", Person: "p1"})
		tx.Now = tx.Now.Add(time.Minute)
		tx.PrunePasses()
		if got := tx.PassesOf("p1"); len(got) != 1 || got[0].Selector != "later" {
			t.Errorf("left: %v", got)
		}
	})
}

// TestLinksKeepTheBooks links and unlinks at random: each identity is one person,
// tickets replay to what is stored, their index agrees, and with all links undone
// each ticket is again its first requester's.
func TestLinksKeepTheBooks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		inTx(t, func(tx *Tx) {
			names := []string{"a", "b", "c", "d"}
			first := map[int]string{}
			for i, n := range names {
				p := tx.PersonFor(ircAccount(n))
				tk, _ := tx.OpenTicket(Opening{Requester: p.ID}, TicketEvent{By: p.ID, Text: n})
				if first[tk.N] = p.ID; i == 1 {
					_, _ = tx.ActOnTicket(tk.N, TicketEvent{Act: ActWatch, To: first[1]})
				}
			}
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				p, _ := tx.FindPerson(ircAccount(rapid.SampledFrom(names).Draw(rt, "who")))
				q, _ := tx.FindPerson(ircAccount(rapid.SampledFrom(names).Draw(rt, "with")))
				if len(p.Linked) > 0 && rapid.Bool().Draw(rt, "undo") {
					if _, err := tx.UnlinkPerson(p, p.Linked[rapid.IntRange(0, len(p.Linked)-1).Draw(rt, "which")]); err != nil {
						rt.Fatal(err)
					}
				} else if _, err := tx.LinkPersons(p, q); err != nil && !errors.Is(err, ErrLinked) {
					rt.Fatal(err)
				}
				booksAgree(rt, tx, names)
			}
			for _, n := range names {
				for p, _ := tx.FindPerson(ircAccount(n)); len(p.Linked) > 0; p, _ = tx.FindPerson(ircAccount(n)) {
					if _, err := tx.UnlinkPerson(p, p.Linked[len(p.Linked)-1]); err != nil {
						rt.Fatal(err)
					}
				}
			}
			for n, who := range first {
				if tk, _ := tx.Ticket(n); tk.Requester != who {
					rt.Fatalf("ticket %d is %s's, not %s's", n, tk.Requester, who)
				}
			}
		})
	})
}

func booksAgree(t *rapid.T, tx *Tx, names []string) {
	for _, n := range names {
		p, ok := tx.FindPerson(ircAccount(n))
		if !ok || !slices.Contains(p.Identities, "irc/"+n) || p.Into != "" {
			t.Fatalf("%s is %+v", n, p)
		}
	}
	for _, tk := range tx.Tickets(0) {
		again, err := Replay(tk.N, tx.TicketEvents(tk.N))
		if err != nil || !reflect.DeepEqual(again, tk) {
			t.Fatalf("ticket %d replays to %+v, is %+v (%v)", tk.N, again, tk, err)
		}
		if of := tx.TicketsOf(tk.Requester); !slices.ContainsFunc(of, func(o Ticket) bool { return o.N == tk.N }) {
			t.Fatalf("ticket %d is not among %s's", tk.N, tk.Requester)
		}
		if list, _ := tx.FindTickets(TicketQuery{Any: [][]string{{Term("by", tk.Requester)}}, Limit: 9}); !slices.ContainsFunc(list, func(o Ticket) bool { return o.N == tk.N }) {
			t.Fatalf("the index does not know whose ticket %d is", tk.N)
		}
	}
}
