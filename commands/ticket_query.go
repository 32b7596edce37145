package commands

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// A search for tickets is made of words and of fields: "etat:ouvert age>3h service:mail certificat",
// in French or English; "-" in front leaves out what has it, "," between values means one of them.

// fieldNamed is a field as the index calls it, by either of its names; open says that members may ask for
// it of their own tickets.
func fieldNamed(name string) (field string, open bool) {
	for _, f := range []struct {
		field string
		open  bool
		names []string
	}{
		{"state", true, []string{"etat", "state"}}, {"service", true, []string{"service"}}, {"site", true, []string{"site"}},
		{"association", false, []string{"association", "asso"}}, {"kind", false, []string{"genre", "kind"}}, {"priority", false, []string{"priorite", "priority"}},
		{"tag", false, []string{"etiquette", "tag"}}, {"incident", false, []string{"incident"}}, {"who", false, []string{"qui", "who", "de", "from"}},
		{"owner", false, []string{"suivi", "owner", "proprietaire"}}, {"parent", false, []string{"parent"}}, {"depends", false, []string{"depend", "depends"}},
	} {
		if slices.Contains(f.names, Fold(name)) {
			return f.field, f.open
		}
	}
	return "", false
}

// query reads a search. all says that the person is of the staff; a member's search knows fewer
// fields, and sees no more than what the member may read. What cannot be understood is refused: nothing found would read as
// nothing there.
func (c *Call) query(text string, all bool) (store.TicketQuery, error) {
	var q store.TicketQuery
	stated := false
	for _, w := range strings.Fields(text) {
		if name, value, ok := strings.Cut(w, ":"); ok && value != "" && name != "" {
			bare, not := strings.CutPrefix(name, "-")
			field, open := fieldNamed(bare)
			if field == "" || !open && !all {
				return q, c.noSuchField(bare, all)
			}
			if field == "site" && !not && !strings.Contains(value, ".") { // part of its name
				q.Words = append(q.Words, store.Words(value)...)
				continue
			}
			group, err := c.termsOf(field, value)
			if err != nil {
				return q, err
			}
			stated = stated || field == "state"
			switch {
			case not:
				q.None = append(q.None, group...)
			case len(group) > 0:
				q.Any = append(q.Any, group)
			}
			continue
		}
		if done, err := c.compare(w, &q, all); done || err != nil {
			if err != nil {
				return q, err
			}
			continue
		}
		q.Words = append(q.Words, store.Words(w)...)
	}
	if !stated {
		q.Any = append(q.Any, []string{"active:yes"})
	}
	return q, nil
}

func (c *Call) noSuchField(name string, all bool) error {
	id := "ticketfind.fields_own"
	if all {
		id = "ticketfind.fields"
	}
	return c.Refuse("ticketfind.no_field", words.Args{"Name": chat.Plain(name, 30), "Fields": c.W(id, nil)})
}

// termsOf are the terms of which a ticket must have one for a field to have one of some values. None: any
// value will do.
func (c *Call) termsOf(field, values string) ([]string, error) {
	var out []string
	for _, v := range strings.Split(values, ",") {
		f := Fold(v)
		switch field {
		case "state":
			switch {
			case f == "tous" || f == "tout" || f == "all" || f == "any":
				return nil, nil
			case f == "actif" || f == "active":
				out = append(out, "active:yes")
			case f == "attente" || f == "waiting":
				out = append(out, store.Term("state", string(store.TicketWaitingMember)), store.Term("state", string(store.TicketWaitingOther)))
			case !slices.Contains(states(), stateNamed(f)):
				return nil, c.Refuse("ticketfind.no_state", words.Args{"Name": chat.Plain(v, 30)})
			default:
				out = append(out, store.Term("state", string(stateNamed(f))))
			}
		case "kind":
			out = append(out, store.Term("kind", string(kindNamed(f))))
		case "priority":
			out = append(out, store.Term("priority", levelNamed(f)))
		case "owner", "who":
			out = append(out, c.peopleTerms(field, v)...)
		case "service":
			if id := c.Table.serviceNamed(v); id != "" {
				f = id
			}
			out = append(out, store.Term("service", f))
		case "site":
			out = append(out, store.Term("site", strings.TrimPrefix(f, "www.")))
		default:
			out = append(out, store.Term(field, strings.TrimPrefix(f, "#")))
		}
	}
	return out, nil
}

// peopleTerms are the terms of the people whom a name may mean: as owner, or as whoever asked
// or looks after it.
func (c *Call) peopleTerms(field, name string) []string {
	f := Fold(name)
	if field == "owner" && slices.Contains([]string{"aucun", "personne", "none", "nobody", "-"}, f) {
		return []string{"owner:none"}
	}
	people := c.Tx.PeopleCalled(name)
	if f == "moi" || f == "me" {
		people = []store.Person{c.Person()}
	}
	out := []string{field + ":?"} // nobody: nothing is found
	for _, p := range people {
		out = append(out, store.Term("owner", p.ID))
		if field == "who" {
			out = append(out, store.Term("by", p.ID))
		}
	}
	return out
}

// compare reads "age>3h", "age<2j", "attend>1d": how old a ticket is, how long it waits for
// an answer.
func (c *Call) compare(w string, q *store.TicketQuery, all bool) (bool, error) {
	i := strings.IndexAny(w, "<>")
	if i <= 0 {
		return false, nil
	}
	name, d, ok := Fold(w[:i]), time.Duration(0), false
	if d, ok = lengthOf(w[i+1:]); !ok {
		return true, c.Refuse("ticketfind.no_length", words.Args{"Text": chat.Plain(w, 30)})
	}
	at := c.Now.Add(-d)
	switch {
	case name == "age" && w[i] == '>':
		q.Last = max(c.Tx.FirstSince(at)-1, -1)
		if q.Last <= 0 {
			q.Any = append(q.Any, []string{"none:none"})
		}
	case name == "age":
		q.First = c.Tx.FirstSince(at)
	case all && (name == "attend" || name == "waits"):
		q.Any = append(q.Any, []string{"waits:yes"})
		q.Keep = func(t store.Ticket) bool { return t.Unanswered.Before(at) == (w[i] == '>') }
	default:
		return true, c.noSuchField(name, all)
	}
	return true, nil
}

// lengthOf reads 3h, 2j, 2d, 30m, 1w, 1s (a week in French is a "semaine").
func lengthOf(s string) (time.Duration, bool) {
	n, err := strconv.Atoi(strings.TrimRight(s, "hmjdws in"))
	unit := map[string]time.Duration{"m": time.Minute, "min": time.Minute, "h": time.Hour, "j": 24 * time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
		"s": 7 * 24 * time.Hour}[strings.TrimLeft(Fold(s), "0123456789")]
	return time.Duration(n) * unit, err == nil && unit > 0 && n > 0 && n < 10000
}

func states() []store.TicketState {
	return []store.TicketState{store.TicketNew, store.TicketOpen, store.TicketWaitingMember, store.TicketWaitingOther, store.TicketSolved, store.TicketClosed,
		store.TicketRejected, store.TicketSpam, store.TicketMerged}
}

// stateNamed is the state that people call so, in either language; what has no such
// name is handed back.
func stateNamed(name string) store.TicketState {
	french := map[string]store.TicketState{"nouveau": store.TicketNew, "ouvert": store.TicketOpen, "attente_membre": store.TicketWaitingMember,
		"attente_tiers": store.TicketWaitingOther, "resolu": store.TicketSolved, "ferme": store.TicketClosed, "refuse": store.TicketRejected,
		"indesirable": store.TicketSpam, "fusionne": store.TicketMerged}
	if s, ok := french[name]; ok {
		return s
	}
	return store.TicketState(name)
}

// levelNamed is the priority that people call so, in either language; empty when there is none.
func levelNamed(name string) string {
	return map[string]string{"basse": "low", "normale": "normal", "haute": "high", "urgente": "urgent", "low": "low", "normal": "normal", "high": "high",
		"urgent": "urgent"}[name]
}
