package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"vigie/bot/chat"
	"vigie/store"
)

// statsStore holds three tickets: one answered after an hour, one after five, one
// closed by its member alone.
func statsStore(t *testing.T) {
	t.Helper()
	if err := os.MkdirAll("data", 0o700); err != nil {
		t.Fatal(err)
	}
	engine, err := store.OpenBolt("data/vigie.db", store.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	do := func(hours int, fn func(tx *store.Tx) error) {
		t.Helper()
		if err := st.Update(t.Context(), testNow.Add(time.Duration(hours)*time.Hour), fn); err != nil {
			t.Fatal(err)
		}
	}
	var claire, jean store.Person
	do(0, func(tx *store.Tx) error {
		claire = tx.PersonFor(chat.Identity{Network: "irc", Account: "claire", Nick: "claire", Host: "claire!c@h"})
		jean = tx.PersonFor(chat.Identity{Network: "matrix", Account: "@jean:example.org", Nick: "Jean"})
		for _, o := range []store.Opening{{Kind: store.KindOutage, Service: "web"}, {Kind: store.KindQuestion, Service: "mail"}, {Kind: store.KindQuestion}} {
			o.Requester = claire.ID
			if _, err := tx.OpenTicket(o, store.TicketEvent{By: claire.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	act := func(n int, a store.TicketAct, by string) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			_, err := tx.ActOnTicket(n, store.TicketEvent{Act: a, By: by})
			return err
		}
	}
	do(1, act(1, store.ActReply, jean.ID))
	do(2, act(3, store.ActClose, claire.ID))
	do(5, act(2, store.ActReply, jean.ID))
}

func ticketsRun(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := rootCommand()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(append([]string{"tickets", "stats", "--store", "data/vigie.db"}, args...))
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestTicketsInFigures(t *testing.T) {
	t.Chdir(t.TempDir())
	statsStore(t)
	before, err := os.ReadFile("data/vigie.db")
	if err != nil {
		t.Fatal(err)
	}
	out, err := ticketsRun(t, "--at", "2026-11-30 10:00")
	want := "2026-10-31 to 2026-11-30: 3 opened, 2 answered, 2 still open\nfirst response: median 1h0m0s, p90 5h0m0s\n" +
		"reopened: 0; over without staff: 1; members said good 0, bad 0\nby kind: question 2, outage 1\nby service: mail 1, other 1, web 1\n"
	if err != nil || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	if out, err := ticketsRun(t, "2026-10"); err != nil || !strings.HasPrefix(out, "2026-10-01 to 2026-11-01: 0 opened") {
		t.Errorf("%v %s", err, out)
	}
	out, err = ticketsRun(t, "--json", "2026")
	var got struct {
		Opened   int            `json:"opened"`
		Median   int            `json:"median_first_response"`
		P90      int            `json:"p90_first_response"`
		ByPerson map[string]int `json:"by_person"`
	}
	if err != nil || json.Unmarshal([]byte(out), &got) != nil || got.Opened != 3 || got.Median != 3600 || got.P90 != 5*3600 || got.ByPerson != nil {
		t.Errorf("%v %s", err, out)
	}
	if out, err = ticketsRun(t, "--json", "--people", "2026"); err != nil || json.Unmarshal([]byte(out), &got) != nil || got.ByPerson["Jean"] != 2 {
		t.Errorf("%v %s", err, out)
	}
	if out, err := ticketsRun(t, "yesterday"); err == nil || !strings.Contains(err.Error(), "is no period") {
		t.Errorf("%v %s", err, out)
	}
	if out, err := ticketsRun(t, "--at", "noon"); err == nil || !strings.Contains(err.Error(), "2026-11-23 10:00") {
		t.Errorf("%v %s", err, out)
	}
	if after, err := os.ReadFile("data/vigie.db"); err != nil || !bytes.Equal(before, after) {
		t.Errorf("reading has changed the store (%v)", err)
	}
}
