package commands

import (
	"strconv"
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// standing is, for staff, how a ticket stands to people and to other tickets: one line, or none.
func (t *Table) standing(c *Call, tk store.Ticket) []string {
	var parts []string
	add := func(what string, text string) {
		if text != "" {
			parts = append(parts, c.W("ticketact.standing_"+what, words.Args{"Text": text}))
		}
	}
	if p, ok := c.Tx.Person(tk.Owner); ok {
		parts = append(parts, c.W("ticketact.standing_owner", words.Args{"Name": chat.Plain(p.Name, 30)}))
	}
	if !tk.WaitSince.IsZero() {
		args := words.Args{"For": tk.WaitFor, "Until": ""}
		if !tk.Until.IsZero() {
			args["Until"] = c.Local(tk.Until).Format("02/01/2006 15:04")
		}
		parts = append(parts, c.W("ticketact.standing_until", args))
	}
	add("tags", strings.Join(tk.Tags, ", "))
	one := func(n int) string {
		if n == 0 {
			return ""
		}
		return "#" + strconv.Itoa(n)
	}
	add("parent", one(tk.Parent))
	add("children", numbers(c.Tx.RelatedTo(tk.N, store.RelParent)))
	add("depends", numbers(tk.Depends))
	add("needed", numbers(c.Tx.RelatedTo(tk.N, store.RelDepends)))
	add("duplicate", one(tk.Duplicate))
	add("copies", numbers(c.Tx.RelatedTo(tk.N, store.RelDuplicate)))
	add("split", one(tk.SplitFrom))
	if tk.Incident != 0 {
		add("incident", strconv.Itoa(tk.Incident))
	}
	var names []string
	for _, w := range tk.Watchers {
		if p, ok := c.Tx.Person(w); ok {
			names = append(names, chat.Plain(p.Name, 30))
		}
	}
	add("watchers", strings.Join(names, ", "))
	if len(parts) == 0 {
		return nil
	}
	return []string{strings.Join(parts, " · ")}
}
