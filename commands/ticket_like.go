package commands

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot"
	"vigie/commands/words"
	"vigie/store"
)

// likeWithin is how far back a new ticket is compared with others.
const likeWithin = 7 * 24 * time.Hour

// like says, for staff, which recent tickets a new one resembles: those of the same site or
// association, outages of the same service, or those that say the same words. Empty: none.
func (t *Table) like(turn *bot.Turn, tk store.Ticket, first string) string {
	q := store.TicketQuery{Any: [][]string{{"active:yes"}}, First: turn.Tx.FirstSince(turn.Now.Add(-likeWithin)), Last: tk.N - 1, Limit: 3}
	if q.Last < q.First {
		return ""
	}
	for _, by := range []struct{ field, value string }{{"site", tk.Site}, {"association", tk.Association}, {"service", tk.Service}} {
		if by.value == "" || by.field == "service" && tk.Kind != store.KindOutage {
			continue
		}
		same := q
		same.Any = append(slices.Clone(q.Any), []string{store.Term(by.field, by.value)})
		if by.field == "service" {
			same.Any = append(same.Any, []string{store.Term("kind", string(store.KindOutage))})
		}
		if list, _ := turn.Tx.FindTickets(same); len(list) > 0 {
			return t.likeWords(tk, list, by.field)
		}
	}
	if list := t.sameWords(turn.Tx, q, tk.Subject+" "+first); len(list) > 0 {
		return t.likeWords(tk, list, "words")
	}
	return ""
}

func (t *Table) likeWords(tk store.Ticket, list []store.Ticket, why string) string {
	return t.words.Say(t.cfg.Language, "ticketfind.like", words.Args{"N": tk.N, "Others": numbers(ticketNumbers(list)), "Why": t.words.Say(t.cfg.Language, "ticketfind.like_"+why, nil)})
}

// sameWords finds the tickets that share at least three long words with a text.
func (t *Table) sameWords(tx *store.Tx, q store.TicketQuery, text string) []store.Ticket {
	shared, found := map[int]int{}, map[int]store.Ticket{}
	looked := 0
	q.Limit = 50
	for _, w := range store.Words(text) {
		if len([]rune(w)) < 5 || looked == 12 {
			continue
		}
		looked++
		one := q
		one.Words = []string{w}
		list, _ := tx.FindTickets(one)
		for _, other := range list {
			shared[other.N]++
			found[other.N] = other
		}
	}
	var out []store.Ticket
	for n, count := range shared {
		if count >= 3 {
			out = append(out, found[n])
		}
	}
	slices.SortFunc(out, func(a, b store.Ticket) int { return b.N - a.N })
	return out[:min(3, len(out))]
}

// mentioned is a ticket's number in plain words.
var mentioned = regexp.MustCompile(`(?:^|[\s(,;])#(\d{1,9})\b`)

// expand says in a line what the tickets are that somebody of the staff speaks of in a staff room,
// each once in a while.
func (t *Table) expand(c *Call, l line) bool {
	if !c.InStaffRoom() || !c.Has(Adminsys) {
		return false
	}
	note := "expanded/" + c.Msg.Room.String()
	var keep, rows []string
	told := map[string]bool{}
	for _, f := range strings.Fields(c.Tx.Note(note)) { // "12@1764000000"
		n, at, _ := strings.Cut(f, "@")
		if unix, err := strconv.ParseInt(at, 10, 64); err == nil && c.Now.Sub(time.Unix(unix, 0)) < t.cfg.Tickets.ExpandEvery {
			keep, told[n] = append(keep, f), true
		}
	}
	for _, m := range mentioned.FindAllStringSubmatch(l.text, -1) {
		n, _ := strconv.Atoi(m[1])
		tk, ok := c.Tx.Ticket(n)
		if key := strconv.Itoa(n); !ok || told[key] || len(rows) == 3 {
			continue
		} else {
			told[key] = true
			keep = append(keep, fmt.Sprintf("%s@%d", key, c.Now.Unix()))
		}
		rows = append(rows, c.ticketRow(tk, true))
	}
	if len(rows) == 0 {
		return false
	}
	c.lang = t.cfg.Language
	c.Tx.SetNote(note, strings.Join(keep, " "))
	c.Say(strings.Join(rows, "\n"))
	return true
}
