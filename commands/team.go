package commands

import (
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/store"
)

// teammate is an adminsys who has accepted the charter.
type teammate struct {
	store.Person
	// ids are the identities that have the role, as the configuration names them.
	ids []chat.Identity
}

// team lists the adminsys in the order of the configuration: those alone to whom
// anything private may be told.
func (t *Table) team(tx *store.Tx) []teammate {
	var out []teammate
	for _, name := range t.cfg.Roles[Adminsys] {
		network, account, _ := strings.Cut(name, "/")
		id := chat.Identity{Network: network, Account: account}
		p, ok := tx.FindPerson(id)
		if !ok || !p.Accepted(id.Key()) {
			continue
		}
		i := slices.IndexFunc(out, func(m teammate) bool { return m.ID == p.ID })
		if i < 0 {
			i = len(out)
			out = append(out, teammate{Person: p})
		}
		out[i].ids = append(out[i].ids, id)
	}
	return out
}

// on is the identity under which somebody is found on a network.
func (m teammate) on(network string) (chat.Identity, bool) {
	for _, id := range m.ids {
		if id.Network != network {
			continue
		}
		id.Nick = m.Name
		for _, r := range m.Rooms { // on IRC the account may be there under another nick
			if r.Network == network && r.Account == id.Account && r.ID != id.Account {
				id.Nick = r.ID
			}
		}
		return id, true
	}
	return chat.Identity{}, false
}

// loads is how much each person of the team carries: tickets that are theirs and go
// on, and those about which they were asked by name.
func (t *Table) loads(tx *store.Tx) map[string]int {
	out := map[string]int{}
	asked := map[int]string{}
	for _, s := range tx.AllClocks() {
		for _, told := range s.Told {
			if told.Named != "" {
				asked[s.N] = told.Named
			}
		}
	}
	for _, tk := range tx.ActiveTickets() {
		if tk.State != store.TicketNew && tk.State != store.TicketOpen {
			continue
		}
		switch {
		case tk.Owner != "":
			out[tk.Owner]++
		case asked[tk.N] != "":
			out[asked[tk.N]]++
		}
	}
	return out
}

// Why somebody is asked by name.
const (
	forOwner  = "owner"
	forOnCall = "oncall"
	forLeast  = "least"
)

// chosen is who is to be asked about a ticket: whose it is, else who is on call,
// else who carries least; of several, whoever the configuration names first. loads
// counts them as asked from then on.
func (t *Table) chosen(tx *store.Tx, tk store.Ticket, loads map[string]int) (who teammate, why string, ok bool) {
	team := t.team(tx)
	if len(team) == 0 {
		return who, "", false
	}
	find := func(person string) bool {
		i := slices.IndexFunc(team, func(m teammate) bool { return m.ID == person })
		if i >= 0 {
			who = team[i]
		}
		return i >= 0
	}
	duty, onCall := tx.OnCall(tx.Now)
	switch {
	case tk.Owner != "" && find(tk.Owner):
		return who, forOwner, true
	case onCall && find(duty.Person):
		loads[who.ID]++
		return who, forOnCall, true
	}
	who = slices.MinFunc(team, func(a, b teammate) int { return loads[a.ID] - loads[b.ID] })
	loads[who.ID]++
	return who, forLeast, true
}

// names are people as one reads them in a sentence.
func (t *Table) names(lang string, team []teammate) string {
	var out []string
	for _, m := range team {
		out = append(out, chat.Plain(m.Name, 40))
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	last := len(out) - 1
	return strings.Join(out[:last], ", ") + " " + t.words.Say(lang, "escalation.and", nil) + " " + out[last]
}

// callOut says something to the staff rooms, and to those of the team whom no
// staff room's network knows in private. One person alone is spoken to by the
// network's own means: text is then what is said to them, and named what is said where
// they are not.
func (t *Table) callOut(turn *bot.Turn, key string, who []teammate, text, named string) {
	reached := map[string]bool{}
	for _, room := range t.cfg.StaffRooms() {
		r := chat.Reply{Key: replyKey("staff/" + key + "/" + room.String()), Room: room, Text: named, Tone: chat.Loud, Secret: true,
			Priority: chat.Urgent, Expires: turn.Now.Add(reminderLasts)}
		for _, m := range who {
			id, here := m.on(room.Network)
			reached[m.ID] = reached[m.ID] || here
			if here && len(who) == 1 {
				r.To, r.Text = &id, text
			}
		}
		turn.Deliver(r, bot.Delivery{Track: true})
	}
	for _, m := range who {
		if !reached[m.ID] {
			t.tellTeammate(turn, key, m, text, turn.Now.Add(reminderLasts))
		}
	}
}

// tellTeammate says something to one of the team in private, as long as it is of use.
func (t *Table) tellTeammate(turn *bot.Turn, key string, m teammate, text string, until time.Time) {
	id := m.ids[0]
	id.Nick = m.Name
	room := chat.Room{Network: id.Network, ID: id.Account, Private: true, Account: id.Account}
	for _, r := range m.Rooms {
		if r.Account != "" && slices.ContainsFunc(m.ids, func(id chat.Identity) bool { return id.Network == r.Network && id.Account == r.Account }) {
			room = r
			break
		}
	}
	turn.Deliver(chat.Reply{Key: replyKey("staff/" + key + "/to/" + m.ID), Room: room, Text: text, Tone: chat.Loud, Secret: true,
		Priority: chat.Urgent, Expires: until}, bot.Delivery{Track: true})
}
