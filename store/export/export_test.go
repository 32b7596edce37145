package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot/chat"
	"vigie/store"
)

var epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func open(t interface {
	Helper()
	Fatal(...any)
}) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.NewMemory())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// filled is a store with two tickets of two people, one of them linked to a third.
func filled(t *testing.T) *store.Store {
	t.Helper()
	s := open(t)
	err := s.Update(context.Background(), epoch, func(tx *store.Tx) error {
		claire := tx.PersonFor(chat.Identity{Network: "irc", Account: "claire", Nick: "Claire"})
		other := tx.PersonFor(chat.Identity{Network: "matrix", Account: "@claire:x.org", Nick: "Claire"})
		jean := tx.PersonFor(chat.Identity{Network: "matrix", Account: "@jean:x.org", Nick: "Jean \"J\" <x>"})
		if _, err := tx.OpenTicket(store.Opening{Requester: claire.ID, Subject: "=cmd() ne s'ouvre plus", Kind: store.KindOutage, Service: "web"},
			store.TicketEvent{By: claire.ID, Text: "ça ne s'ouvre plus\nFrom ici\n>From là", Ref: "irc/m1"}); err != nil {
			return err
		}
		if _, err := tx.OpenTicket(store.Opening{Requester: other.ID, Subject: "deux"}, store.TicketEvent{By: other.ID, Text: "deux"}); err != nil {
			return err
		}
		tx.Now = tx.Now.Add(time.Hour)
		for _, e := range []store.TicketEvent{{Act: store.ActReply, By: jean.ID, Text: "je regarde"}, {Act: store.ActTag, By: jean.ID, Text: "dns"},
			{Act: store.ActNote, By: jean.ID, Text: "disque plein"}, {Act: store.ActSolve, By: jean.ID, Text: "réparé"}} {
			if _, err := tx.ActOnTicket(1, e); err != nil {
				return err
			}
		}
		_, err := tx.LinkPersons(claire, other)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func exported(t *testing.T, s *store.Store) (string, string) {
	t.Helper()
	var b bytes.Buffer
	hash := ""
	if err := s.View(func(tx *store.Tx) (err error) { hash, err = JSONL(&b, tx); return err }); err != nil {
		t.Fatal(err)
	}
	return b.String(), hash
}

func TestImportIsAReplayWithTheSameHash(t *testing.T) {
	text, hash := exported(t, filled(t))
	into := open(t)
	got, err := Import(context.Background(), into, strings.NewReader(text), epoch)
	if err != nil || got != hash || len(hash) != 64 {
		t.Fatalf("%v: %s, exported as %s", err, got, hash)
	}
	if again, _ := exported(t, into); again != text {
		t.Errorf("exported again it reads otherwise:\n%s\n%s", again, text)
	}
	err = into.Update(context.Background(), epoch, func(tx *store.Tx) error {
		p, ok := tx.FindPerson(chat.Identity{Network: "matrix", Account: "@claire:x.org"})
		if !ok || len(tx.TicketsOf(p.ID)) != 2 {
			t.Errorf("claire has %v", tx.TicketsOf(p.ID))
		}
		if n, ok := tx.TicketByRef("irc/m1"); !ok || n != 1 {
			t.Error("a message is not known any more")
		}
		if list, _ := tx.FindTickets(store.TicketQuery{Words: []string{"disque"}, Limit: 5}); len(list) != 1 {
			t.Error("the search does not find")
		}
		if tk, err := tx.OpenTicket(store.Opening{Requester: p.ID}, store.TicketEvent{By: p.ID}); err != nil || tk.N != 3 {
			t.Errorf("the next number is %d: %v", tk.N, err)
		}
		return tx.Verify()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportRefusesWhatIsNotWhole(t *testing.T) {
	text, _ := exported(t, filled(t))
	lines := strings.SplitAfter(text, "\n")
	for name, bad := range map[string]string{
		"nothing":        "",
		"no export":      "{\"ticket\":1}\n",
		"no json":        "hello\n",
		"newer":          strings.Replace(text, `{"vigie":1}`, `{"vigie":99}`, 1),
		"cut short":      strings.Join(lines[:len(lines)-3], ""),
		"an event less":  strings.Join(append(append([]string{}, lines[:5]...), lines[6:]...), ""),
		"a word changed": strings.Replace(text, "réparé", "cassé", 1),
		"goes on":        text + text,
		"twice":          strings.Replace(text, `{"end"`, `{"ticket":1,"event":{"seq":1,"act":"open","at":"2026-11-23T09:00:00Z"}}`+"\n"+`{"end"`, 1),
		"somebody's id":  strings.Replace(text, `"id":"p0000000001"`, `"id":"root"`, 1),
	} {
		into := open(t)
		if hash, err := Import(context.Background(), into, strings.NewReader(bad), epoch); err == nil {
			t.Errorf("%s: taken as %s", name, hash)
		}
		_ = into.View(func(tx *store.Tx) error {
			if tx.LastTicket() > 0 || len(tx.People()) > 0 {
				t.Errorf("%s: half of it is kept", name)
			}
			return nil
		})
	}
	full := filled(t)
	if _, err := Import(context.Background(), full, strings.NewReader(text), epoch); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("into a store with tickets: %v", err)
	}
}

// TestRandomStoresComeBack does anything to tickets, and takes them to another store.
func TestRandomStoresComeBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := open(rt)
		err := s.Update(context.Background(), epoch, func(tx *store.Tx) error {
			people := []store.Person{tx.PersonFor(chat.Identity{Network: "irc", Account: "a"}), tx.PersonFor(chat.Identity{Network: "irc", Account: "b"})}
			for i := range 3 {
				_, _ = tx.OpenTicket(store.Opening{Requester: people[i%2].ID, Subject: rapid.String().Draw(rt, "subject")}, store.TicketEvent{By: people[i%2].ID})
			}
			for range rapid.IntRange(0, 30).Draw(rt, "acts") {
				tx.Now = tx.Now.Add(time.Minute)
				e := store.TicketEvent{Act: rapid.SampledFrom([]store.TicketAct{store.ActSay, store.ActReply, store.ActTake, store.ActWait, store.ActWake, store.ActSolve, store.ActClose,
					store.ActReopen, store.ActTag, store.ActWatch, store.ActPriority}).Draw(rt, "act"), By: people[0].ID, To: people[1].ID, Text: rapid.String().Draw(rt, "text")}
				_, _ = tx.ActOnTicket(rapid.IntRange(1, 3).Draw(rt, "n"), e)
				if rapid.IntRange(0, 9).Draw(rt, "merge") == 0 {
					_, _, _, _ = tx.MergeTickets(1, 2, store.TicketEvent{By: people[0].ID})
				}
			}
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
		var b bytes.Buffer
		hash := ""
		if err := s.View(func(tx *store.Tx) (err error) { hash, err = JSONL(&b, tx); return err }); err != nil {
			rt.Fatal(err)
		}
		if got, err := Import(context.Background(), open(rt), &b, epoch); err != nil || got != hash {
			rt.Fatalf("%v: %s, exported as %s", err, got, hash)
		}
	})
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := filled(t).View(func(tx *store.Tx) error { return CSV(&b, tx) }); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 3 || len(rows[0]) != len(rows[1]) {
		t.Fatalf("%v: %v", err, rows)
	}
	last := rows[1][len(rows[1])-1]
	if rows[1][0] != "1" || rows[1][1] != "solved" || last != "'=cmd() ne s'ouvre plus" || rows[1][11] != "2026-11-23T10:00:00Z" {
		t.Errorf("%q", rows[1])
	}
}

func TestMboxIsMail(t *testing.T) {
	var b bytes.Buffer
	err := filled(t).View(func(tx *store.Tx) error { tk, _ := tx.Ticket(1); return Mbox(&b, tx, tk) })
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split("\n"+b.String(), "\nFrom vigie@")
	if len(parts) != 6 { // nothing, then five messages: the tag has no words… but "dns"
		t.Fatalf("%d parts:\n%s", len(parts), b.String())
	}
	for i, part := range parts[1:] {
		_, text, _ := strings.Cut(part, "\n")
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Header.AddressList("From"); err != nil {
			t.Errorf("from %q: %v", m.Header.Get("From"), err)
		}
		if _, err := m.Header.Date(); err != nil {
			t.Error(err)
		}
		if (m.Header.Get("In-Reply-To") == "") != (i == 0) {
			t.Errorf("message %d answers %q", i, m.Header.Get("In-Reply-To"))
		}
	}
	if !strings.Contains(b.String(), "\n>From ici\n>>From là\n") {
		t.Errorf("lines that begin a message are not quoted:\n%s", b.String())
	}
}

func TestFolder(t *testing.T) {
	s, dir := filled(t), filepath.Join(t.TempDir(), "copies")
	put := func() {
		t.Helper()
		if err := s.View(func(tx *store.Tx) error {
			n, err := Folder(dir, "md", tx, Markdown)
			if n != 2 {
				t.Errorf("%d files", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	put()
	raw, err := os.ReadFile(filepath.Join(dir, "000001.md"))
	if err != nil || !strings.Contains(string(raw), "> disque plein") || !strings.Contains(string(raw), "# Ticket #1") {
		t.Fatalf("%v: %s", err, raw)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v", info.Mode())
	}
	if info, _ := os.Stat(filepath.Join(dir, "000001.md")); info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v", info.Mode())
	}
	stray, own := filepath.Join(dir, "000099.md"), filepath.Join(dir, "LISEZMOI.md")
	for _, path := range []string{stray, own} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Update(context.Background(), epoch, func(tx *store.Tx) error { tx.StripTicket(1, nil); return nil }); err != nil {
		t.Fatal(err)
	}
	put()
	if raw, _ = os.ReadFile(filepath.Join(dir, "000001.md")); strings.Contains(string(raw), "disque") {
		t.Error("what was erased is in the copy")
	}
	if _, err := os.Stat(stray); err == nil {
		t.Error("the copy of a ticket that is gone stays")
	}
	if _, err := os.Stat(own); err != nil {
		t.Error("somebody's own file went")
	}
}
