package commands

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// hear lets somebody say something in private, or in the staff room on Matrix.
func (l *life) hear(now time.Time, who cast, text string, staff bool) []string {
	l.t.Helper()
	room := privateTo(who)
	if staff {
		room = chat.Room{Network: "matrix", ID: "!staff"}
	}
	return l.take(now, bot.FromNetwork(chat.Message{Room: room, ID: fmt.Sprintf("%s-%d-%s", who.id.Nick, now.UnixNano(), text), From: who.id,
		Text: text, Addressed: !staff, At: now, Received: now}))
}

// reminders are the lines about tickets that wait, in the staff room on Matrix.
func reminders(said []string) []string {
	var out []string
	for _, s := range said {
		if text, ok := strings.CutPrefix(s, "matrix/!staff "); ok && strings.HasPrefix(text, "⏳") {
			out = append(out, text)
		}
	}
	return out
}

// TestAfterAnAbsence: whatever came due while nobody was there is one line, and at
// night not even that before the morning.
func TestAfterAnAbsence(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 11, 23, 10, 0, 0, 0, paris)
	for name, c := range map[string]struct {
		wakes []time.Time
		want  []int
	}{
		"that afternoon":          {[]time.Time{monday.Add(7 * time.Hour)}, []int{1}},
		"in the night":            {[]time.Time{monday.Add(17 * time.Hour)}, []int{0}},
		"… and in the morning":    {[]time.Time{monday.Add(17 * time.Hour), monday.Add(23 * time.Hour)}, []int{0, 1}},
		"a week later, on Sunday": {[]time.Time{monday.AddDate(0, 0, 6), monday.AddDate(0, 0, 7)}, []int{0, 1}},
		"twice in a row":          {[]time.Time{monday.Add(7 * time.Hour), monday.Add(7*time.Hour + time.Minute)}, []int{1, 0}},
		"not away at all":         {[]time.Time{monday.Add(time.Minute)}, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLife(t, changed(testConfig(), "quiet"), monday)
			for i := range 7 {
				l.hear(monday.Add(time.Duration(i)*time.Second), cast{id: chat.Identity{Network: "irc", Nick: fmt.Sprint("m", i), Account: fmt.Sprint("m", i), Host: "m!u@h"}}, "!ticket mon agenda a disparu", false)
			}
			for i, at := range c.wakes {
				l.begin(at)
				lines := reminders(l.wake(at))
				if len(lines) != c.want[i] {
					t.Fatalf("at %s: %d lines, want %d:\n%s", at, len(lines), c.want[i], strings.Join(lines, "\n"))
				}
				if len(lines) == 1 && (!strings.HasPrefix(lines[0], "⏳ 7 tickets") || !strings.Contains(lines[0], "2 de plus")) {
					t.Errorf("at %s: %s", at, lines[0])
				}
			}
		})
	}
}

// TestWhoIsAskedByName: whose ticket it is, else who is on call, else who carries
// least, those alike in the order of the configuration; never who has not accepted
// the charter.
func TestWhoIsAskedByName(t *testing.T) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	st := openStore(t)
	person := func(tx *store.Tx, name string, charter bool) string {
		p := tx.PersonFor(chat.Identity{Network: "matrix", Account: "@" + name + ":example.org", Nick: name})
		if charter {
			p.Charter = start
		}
		tx.PutPerson(p)
		return p.ID
	}
	open := func(tx *store.Tx, owner string) store.Ticket {
		tk, err := tx.OpenTicket(store.Opening{Kind: store.KindQuestion, Requester: "claire"}, store.TicketEvent{By: "claire"})
		if owner != "" && err == nil {
			tk, err = tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActTake, By: owner})
		}
		if err != nil {
			t.Fatal(err)
		}
		return tk
	}
	if err := st.Update(t.Context(), start, func(tx *store.Tx) error {
		ask := func(tk store.Ticket, loads map[string]int) string {
			who, why, ok := table.chosen(tx, tk, loads)
			if !ok {
				return "nobody"
			}
			return who.Name + " " + why
		}
		check := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		lea := person(tx, "lea", false)
		check(ask(open(tx, ""), table.loads(tx)), "nobody")
		jean := person(tx, "jean", true)
		check(ask(open(tx, ""), table.loads(tx)), "jean least")
		open(tx, jean) // lea would carry less, and has not accepted
		check(ask(open(tx, ""), table.loads(tx)), "jean least")
		person(tx, "lea", true)
		check(ask(open(tx, ""), table.loads(tx)), "lea least")
		check(ask(open(tx, jean), table.loads(tx)), "jean owner")
		open(tx, lea)
		open(tx, lea) // two each: jean stands first in the configuration
		loads := table.loads(tx)
		check(ask(open(tx, ""), loads), "jean least")
		check(ask(open(tx, ""), loads), "lea least") // of several at once, each gets one
		tx.Accept(tx.NewDuty(store.Duty{Person: lea, From: start, Until: start.Add(time.Hour)}))
		check(ask(open(tx, ""), table.loads(tx)), "lea oncall")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestRemindersRestWhileAnIncidentExplainsThem: the incident's own nag speaks for
// its tickets, and what waits is told once it is over.
func TestRemindersRestWhileAnIncidentExplainsThem(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, paris)
	l := newLife(t, changed(testConfig(), "quiet"), now)
	jean, claire := players()["jean"], players()["claire"]
	l.hear(now, jean, "!charte accepte", false)
	l.hear(now, claire, "!ticket le site est en panne", false)
	l.hear(now.Add(time.Minute), jean, "!incident ouvrir web", true)
	if err := l.store.Update(t.Context(), now.Add(2*time.Minute), func(tx *store.Tx) error {
		tk, _ := tx.Ticket(1)
		if tk.Incident == 0 {
			_, err := tx.ActOnTicket(1, store.TicketEvent{Act: store.ActLink, To: "1"})
			return err
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if said := reminders(l.wake(now.Add(3 * time.Hour))); len(said) > 0 {
		t.Errorf("while the incident is open: %q", said)
	}
	l.hear(now.Add(3*time.Hour), jean, "!incident annuler 1", true)
	if said := reminders(l.wake(now.Add(5 * time.Hour))); len(said) == 0 || !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "#1") }) {
		t.Errorf("after it: %q", said)
	}
}
