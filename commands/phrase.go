package commands

import (
	"fmt"
	"slices"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// givePhrase gives somebody whom no network vouches for, in private, the phrase that
// leads them back to a ticket that they have just opened: one for all that they open in
// one session.
func (t *Table) givePhrase(turn *bot.Turn, who asker, n int) error {
	if who.with.Known() || who.with.Network == "" {
		return nil
	}
	for _, p := range turn.Tx.PassesOf(who.person.ID) {
		if len(p.Tickets) > 0 && p.Session == who.with.Session && p.Session != "" {
			p.Tickets = append(p.Tickets, n)
			turn.Tx.PutPass(p)
			return nil
		}
	}
	phrase, err := t.newPass(turn.Tx, store.Pass{Person: who.person.ID, Session: who.with.Session, Tickets: []int{n}, Since: turn.Now})
	if err != nil {
		return fmt.Errorf("give a pass phrase: %w", err)
	}
	turn.Say(chat.Reply{Room: privateRoom(who.with), Text: t.words.Say(who.lang, "linking.phrase", words.Args{"N": n, "Phrase": phrase}),
		Secret: true, Priority: chat.Answer})
	return nil
}

// takePhrase gives somebody back the tickets that they opened without an account.
// With an account the phrase has done its work; without one it goes on leading there.
func takePhrase(c *Call, p store.Pass, _ string) error {
	me := c.Person()
	session := ""
	if !c.Msg.From.Known() {
		session = c.Msg.From.Session
	}
	if me.ID == p.Person && session == p.Session && session != "" {
		c.SayID("linking.phrase_already", nil)
		return nil
	}
	tickets, held := c.Tx.Reattach(p, me, session)
	c.Tx.Audit(me.ID, "pass phrase", p.Person, "")
	if c.Msg.From.Known() || len(tickets) == 0 {
		c.Tx.DropPass(p.Selector)
	} else {
		p.Person, p.Session, p.Tries = me.ID, session, 0
		c.Tx.PutPass(p)
	}
	if len(tickets) == 0 {
		c.SayID("linking.phrase_empty", nil)
		return nil
	}
	slices.SortFunc(tickets, func(a, b store.Ticket) int { return a.N - b.N })
	text := c.W("linking.phrase_taken", words.Args{"Tickets": numbers(ticketNumbers(tickets)), "N": tickets[len(tickets)-1].N})
	if held != "" {
		text += "\n" + held
	}
	c.Say(strings.TrimSpace(text))
	if last := tickets[len(tickets)-1]; last.Active() {
		c.Table.listen(c.Turn, c.asker(), last.N)
	}
	return nil
}
