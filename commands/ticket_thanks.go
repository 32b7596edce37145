package commands

import (
	"slices"
	"strings"

	"vigie/bot"
	"vigie/store"
)

// onlyThanks tells whether a text says thank you and no more: "merci beaucoup Jean !", "ok super, merci à tous 🙏". names
// are those of people who may be thanked.
func onlyThanks(text string, names ...string) bool {
	if g := gesture(strings.TrimSpace(text)); slices.Contains([]string{"🙏", "❤", "😀", "🙂", "😊", "👏", "🎉", "🥰", "😍"}, g) {
		return true
	}
	fields := strings.Fields(asWords(text))
	thanked := slices.ContainsFunc(fields, func(w string) bool {
		return slices.Contains([]string{"merci", "mercii", "merciii", "thanks", "thank", "thx", "cimer", "ty", "remercie", "remercions"}, w)
	})
	if !thanked || len(fields) > 12 || strings.Contains(text, "?") {
		return false
	}
	var known []string
	for _, n := range names {
		known = append(known, strings.Fields(asWords(n))...)
	}
	polite := strings.Fields("ok super parfait top genial cool nickel bien bonne bon journee soiree soir matin weekend week end a vous toi tous toutes tout l le la les equipe " +
		"beaucoup infiniment mille encore fois un grand pour votre ton ta vos aide reponse rapidite retour travail reactivite je nous te very much so many a lot lots job work of you all for your the " +
		"help answer quick great perfect good nice day evening have again we i bravo et and de du c est note merci thanks thank thx")
	return !slices.ContainsFunc(fields, func(w string) bool {
		return !slices.Contains(polite, w) && !slices.Contains(known, w) && w != "remercie" && w != "remercions" && w != "ty" && w != "cimer"
	})
}

// thanksFor tells whether the speaker only thanks for a ticket.
func (c *Call) thanksFor(tk store.Ticket, text string) bool {
	var names []string
	for _, id := range append(c.staffOf(tk), tk.Owner) {
		if p, ok := c.Tx.Person(id); ok {
			names = append(names, p.Name)
		}
	}
	return onlyThanks(text, append(names, c.Table.cfg.Names...)...)
}

// staffOf are the persons of staff who have spoken in a ticket.
func (c *Call) staffOf(tk store.Ticket) []string {
	var out []string
	for _, e := range c.Tx.TicketEvents(tk.N) {
		if (e.Act == store.ActReply || e.Act == store.ActSolve || e.Act == store.ActTake) && !slices.Contains(out, e.By) {
			out = append(out, e.By)
		}
	}
	return out
}

// thanked keeps a thank-you in its ticket, whose state it does not touch: it is no question, and reopens
// nothing.
func (t *Table) thanked(c *Call, tk store.Ticket, text string) error {
	if _, err := t.act(c.Turn, tk.N, store.TicketEvent{Act: store.ActThank, By: c.personID(), Room: c.Msg.Room.String(), Ref: ref(c.Msg), Text: cleanLines(text)}); err != nil {
		return c.wrongMoment(err)
	}
	c.SayID("ticket.welcome", nil)
	t.mention(c)
	return nil
}

// settledAsked learns which message asked a member whether it works: a gesture on it is an answer.
func settledAsked(turn *bot.Turn, e bot.Settled, what string, n int) {
	if e.State == store.Proven && e.Proof != "" && (strings.HasPrefix(what, "solve-") || strings.HasPrefix(what, "incident-")) {
		turn.Tx.SetAsked(e.Row.Reply.Room.Network, e.Proof, n)
	}
}

// answeredByGesture takes a member's gesture on the question whether it works now, and tells whether
// it was one.
func (t *Table) answeredByGesture(c *Call) (bool, error) {
	n, ok := c.Tx.Asked(c.Msg.Room.Network, c.Msg.Target)
	if !ok {
		return false, nil
	}
	tk, ok := c.Tx.Current(n)
	if !ok || !c.mayRead(tk) || tk.State != store.TicketSolved {
		return true, nil
	}
	c.lang = t.langOfAsker(c.Tx, c.asAsker(tk))
	switch gesture(c.Msg.Text) {
	case "👍", "✅", "✔", "👌", "🎉", "🙂", "😊", "🙏", "❤", "💯":
		return true, t.decide(c, tk, store.ActClose)
	case "👎", "❌", "✖", "🙁", "😢", "😞", "😡":
		return true, t.decide(c, tk, store.ActReopen)
	}
	return true, nil
}
