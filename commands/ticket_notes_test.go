package commands

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// noted is what only notes say.
const noted = "zebrenote"

// household is a bot with staff and members on both networks, at random.
type household struct {
	*rapid.T
	machine *bot.Machine
	now     time.Time
	count   int
}

// staffer tells whether a reply's room is read by accepted staff alone.
func staffer(r chat.Room) bool {
	if r.Private {
		return r.Account == "@jean:example.org" || r.Network == "irc" && r.Account == "jean"
	}
	return r.ID == "!staff" || r.ID == "#staff"
}

// take gives the bot a message, proves what it says, and looks at where notes went.
func (h *household) take(in ...chat.Inbound) {
	for len(in) > 0 {
		events := make([]bot.Event, len(in))
		for i := range in {
			events[i] = bot.FromNetwork(in[i])
		}
		effects, err := h.machine.Take(h.Context(), h.now, events...)
		if err != nil {
			h.Fatal(err)
		}
		in = in[:0]
		for _, row := range effects.Send {
			if strings.Contains(Fold(row.Reply.Text), noted) && !staffer(row.Reply.Room) {
				h.Fatalf("a note reached %s: %s", row.Reply.Room, row.Reply.Text)
			}
			if row.Seq > 0 {
				in = append(in, chat.Sent{Network: row.Reply.Room.Network, Key: row.Reply.Key, Proof: "$" + row.Reply.Key})
			}
		}
	}
}

func (h *household) say(from chat.Identity, room chat.Room, thread, text string) {
	h.count++
	h.now = h.now.Add(20 * time.Second)
	h.take(chat.Message{Room: room, From: from, ID: fmt.Sprint("m", h.count), Text: text, Thread: thread, Addressed: room.Private, At: h.now, Received: h.now})
}

// TestNotesNeverReachAMember lets staff write notes and do everything else that they can do to tickets,
// in any room, while members, somebody without an account and an adminsys who has not accepted the charter
// ask for all that can be asked for.
func TestNotesNeverReachAMember(t *testing.T) {
	table := sharedTable(t)
	jean := []chat.Identity{{Network: "matrix", Account: "@jean:example.org", Nick: "Jean"}, {Network: "irc", Account: "jean", Nick: "jean", Host: "jean!u@h"}}
	others := []chat.Identity{{Network: "irc", Account: "claire", Nick: "claire", Host: "claire!u@h"}, {Network: "matrix", Account: "@kate:example.org", Nick: "Kate"},
		{Network: "irc", Nick: "passant", Host: "passant!u@h", Session: "s1"}, {Network: "matrix", Account: "@lea:example.org", Nick: "Léa"}}
	does := []string{"!prendre %d", "!rendre %d", "!confier %d lea", "!repondre %d nous regardons", "!attente %d membre", "!attente %d OVH vendredi le devis", "!resoudre %d voilà",
		"!priorite %d haute", "!etiquette %d dns", "!suivre %d irc/claire", "!suivre %d @kate:example.org", "!fusionner %d 1", "oui", "!scinder %d", "!lien %d doublon 1",
		"!annuler", "!annuler %d", "!ticket %d", "!tickets " + noted, "!pour irc/claire le certificat expire", "#%d avance", "!incident ouvrir web", "!lien %d incident 1", "!modele %d merci"}
	asks := []string{"!ticket %d", "!tickets", "!tickets " + noted, "!ticket #%d encore un mot", "et alors ?", "oui", "non", "merci", "!rouvrir %d", "!fermer %d", "!suite", "!mesdonnees",
		"!aide ticket", "!etat", "#%d ?", "!noter %d moi aussi", "!qui"}
	rapid.Check(t, func(rt *rapid.T) {
		s, err := store.Open(t.Context(), store.NewMemory())
		if err != nil {
			rt.Fatal(err)
		}
		h := &household{T: rt, machine: bot.NewMachine(s, &reality{Table: table}, slog.New(slog.DiscardHandler)), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
		if _, err := h.machine.Start(t.Context(), h.now); err != nil {
			rt.Fatal(err)
		}
		h.take(chat.Status{Network: "irc", Up: true, At: h.now}, chat.Status{Network: "matrix", Up: true, At: h.now})
		for _, id := range jean {
			h.say(id, privateRoom(id), "", "!charte accepte")
		}
		staffRooms := table.cfg.StaffRooms()
		for i := range 30 {
			n := rapid.IntRange(1, 4).Draw(rt, "n")
			id := jean[rapid.IntRange(0, 1).Draw(rt, "which")]
			room := privateRoom(id)
			if rapid.Bool().Draw(rt, "in a staff room") {
				for _, r := range staffRooms {
					if r.Network == id.Network {
						room = r
					}
				}
			}
			who := rapid.SampledFrom(others).Draw(rt, "who")
			place := privateRoom(who)
			if rapid.Bool().Draw(rt, "in public") {
				place = chat.Room{Network: who.Network, ID: map[string]string{"irc": "#support", "matrix": "!support"}[who.Network]}
			}
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				h.say(who, place, "", rapid.SampledFrom([]string{"!ticket notre site asso.example est lent", "!ticket le formulaire ne part plus", "!humain"}).Draw(rt, "opens"))
			case 1:
				h.say(id, room, "", fmt.Sprintf("!noter %d %s %d", n, noted, i))
			case 2, 3:
				h.say(who, place, "", filledIn(rapid.SampledFrom(asks).Draw(rt, "asks"), n))
			default:
				h.say(id, room, "", filledIn(rapid.SampledFrom(does).Draw(rt, "does"), n))
			}
		}
	})
}

func filledIn(form string, n int) string {
	if strings.Contains(form, "%d") {
		return fmt.Sprintf(form, n)
	}
	return form
}
