package commands

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vigie/bot"
	"vigie/bot/bottest"
	"vigie/bot/chat"
)

// charterless is a conversation in which lea holds every role that the configuration
// grants, and has not accepted the charter.
type charterless struct {
	t     *testing.T
	p     *bottest.Player
	now   time.Time
	count int
}

const hushed = "HUSHED WORDS"

func newCharterless(t *testing.T) *charterless {
	t.Helper()
	c := testConfig()
	for _, r := range grantable() {
		c.Roles[r] = append(c.Roles[r], "matrix/@lea:example.org", "irc/lea")
	}
	c.Members = registerOfTests()
	table, errs := New(testOptions(c))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	w := &charterless{t: t, p: bottest.NewPlayer(bottest.Options{Probe: cannedReports, New: func(time.Time) bot.Handler {
		table.flood = map[string]*tally{}
		return &reality{Table: table}
	}})}
	t.Cleanup(func() { _ = w.p.Close() })
	w.now = w.p.Now()
	if err := w.p.Restart(w.now, func(time.Time, string, chat.Reply) {}); err != nil {
		t.Fatal(err)
	}
	return w
}

// says lets somebody write, and hands back what is said because of it.
func (w *charterless) says(id chat.Identity, room chat.Room, text string) []chat.Reply {
	w.t.Helper()
	var out []chat.Reply
	w.count++
	w.now = w.now.Add(7 * time.Second)
	m := chat.Message{Room: room, ID: fmt.Sprint("c", w.count), From: id, Text: text, Addressed: room.Private, At: w.now, Received: w.now}
	if err := w.p.Take(w.now, m, func(_ time.Time, _ string, r chat.Reply) { out = append(out, r) }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func leas() map[string]chat.Identity {
	return map[string]chat.Identity{"matrix": {Network: "matrix", Account: "@lea:example.org", Nick: "lea"}, "irc": {Network: "irc", Account: "lea", Nick: "lea", Host: "lea!u@h"}}
}

// begin lets a member open a private ticket, and an active adminsys work on it.
func (w *charterless) begin() {
	w.t.Helper()
	cast := players()
	claire, jean := cast["claire"], cast["jean"]
	staff := chat.Room{Network: "matrix", ID: "!staff"}
	w.says(jean.id, privateTo(jean), "!charte accepte")
	w.says(claire.id, privateTo(claire), "!ticket "+hushed+" de claire")
	w.says(jean.id, staff, "!prendre 1")
	w.says(jean.id, staff, "!noter 1 "+hushed+" de jean")
	w.says(jean.id, staff, "!repondre 1 "+hushed+" à claire")
}

// TestNoCommandTellsAnythingBeforeTheCharter walks the whole table: every command, in every
// sort of room, on both networks, by somebody whose roles wait for the charter.
func TestNoCommandTellsAnythingBeforeTheCharter(t *testing.T) {
	w := newCharterless(t)
	w.begin()
	rooms := func(network string, lea chat.Identity) []chat.Room {
		return []chat.Room{privateRoom(lea), {Network: network, ID: map[string]string{"irc": "#staff", "matrix": "!staff"}[network]},
			{Network: network, ID: map[string]string{"irc": "#support", "matrix": "!support"}[network]}}
	}
	seen := 0
	for _, row := range w.table().table.rows {
		args := []string{"", "1", "#1", "1 mot", "irc/claire", "claire mot", "etat:nouveau", "hushed", "moi 1", "1 moi", "1 2"}
		for _, s := range row.Subs {
			args = append(args, s.Name, s.Name+" 1", s.English+" claire")
		}
		if row.Name == "charte" {
			args = []string{""}
		}
		for network, lea := range leas() {
			for _, room := range rooms(network, lea) {
				for _, a := range args {
					seen++
					w.quiet(lea, room, strings.TrimSpace("!"+row.Name+" "+a))
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d commands were tried", seen)
	}
}

// quiet lets lea write something, and looks whether what is said then gives words away.
func (w *charterless) quiet(lea chat.Identity, room chat.Room, text string) {
	w.t.Helper()
	w.now = w.now.Add(2 * time.Minute) // out of the way of the flood limit
	for _, r := range w.says(lea, room, text) {
		if strings.HasSuffix(r.Room.ID, "staff") && (r.To == nil || r.To.Account != lea.Account) {
			continue // a reminder whose hour came: for those whom the association let in there
		}
		if strings.Contains(r.Text, hushed) || r.File != nil && strings.Contains(string(r.File.Data), hushed) {
			w.t.Fatalf("%q in %s tells %s: %q", text, room, r.Room, r.Text)
		}
	}
}

func (w *charterless) table() *Table {
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		w.t.Fatal(errs)
	}
	return table
}

// TestNoDeliveryReachesARoleBeforeTheCharter lets others try to put private words in lea's
// hands: by assigning, watching, waiting for her, and by all that comes with time.
func TestNoDeliveryReachesARoleBeforeTheCharter(t *testing.T) {
	w := newCharterless(t)
	w.begin()
	jean := players()["jean"]
	staff := chat.Room{Network: "matrix", ID: "!staff"}
	w.says(leas()["matrix"], privateRoom(leas()["matrix"]), "bonjour") // she is known, and there
	w.says(leas()["irc"], privateRoom(leas()["irc"]), "bonjour")
	check := func(why string, replies []chat.Reply) {
		t.Helper()
		for _, r := range replies {
			for _, lea := range leas() {
				if r.Room == privateRoom(lea) && strings.Contains(r.Text, hushed) {
					t.Errorf("%s brings lea %q", why, r.Text)
				}
			}
		}
	}
	for _, act := range []string{"!confier 1 lea", "!confier 1 matrix/@lea:example.org", "!suivre 1 lea", "!suivre 1 irc/lea", "!attente 1 lea demain le devis", "!repondre 1 " + hushed + " encore",
		"!resoudre 1 " + hushed, "!rouvrir 1", "!priorite 1 urgent", "!annuler", "!garde lea", "!pour lea " + hushed[:3], "oui"} {
		check(act, w.says(jean.id, staff, act))
	}
	// Weeks of reminders, escalations and reviews.
	for range 21 {
		w.now = w.now.Add(24 * time.Hour)
		check("time", w.pass())
	}
}

// pass lets time go by.
func (w *charterless) pass() []chat.Reply {
	w.t.Helper()
	var out []chat.Reply
	if err := w.p.Advance(w.now, func(_ time.Time, _ string, r chat.Reply) { out = append(out, r) }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// TestTheCharterIsPerIdentity: who accepted by one account has no role by another that is
// linked to it, though the configuration grants one to each.
func TestTheCharterIsPerIdentity(t *testing.T) {
	w := newCharterless(t)
	w.begin()
	mx, irc := leas()["matrix"], leas()["irc"]
	code := w.says(mx, privateRoom(mx), "!lier")
	_, typed, _ := strings.Cut(code[0].Text, "!lier ")
	if got := w.says(irc, privateRoom(irc), "!lier "+strings.Fields(typed)[0]); !strings.Contains(got[len(got)-1].Text, "même personne") {
		t.Fatalf("not linked: %+v", got)
	}
	w.says(mx, privateRoom(mx), "!charte accepte")
	if got := w.says(mx, privateRoom(mx), "!ticket 1"); !strings.Contains(got[0].Text, hushed) {
		t.Fatalf("an active adminsys reads nothing: %+v", got)
	}
	w.quiet(irc, privateRoom(irc), "!ticket 1")
	w.quiet(irc, privateRoom(irc), "!tickets")
	w.says(irc, privateRoom(irc), "!charte accepte")
	if got := w.says(irc, privateRoom(irc), "!ticket 1"); !strings.Contains(got[0].Text, hushed) {
		t.Errorf("accepted by this account too, and still nothing: %+v", got)
	}
}
