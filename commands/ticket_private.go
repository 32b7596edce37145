package commands

import (
	"fmt"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// makePrivate takes a ticket out of public rooms, because of what the speaker wrote, and says so
// to its member and to staff. What is private already stays so without a word.
func (t *Table) makePrivate(c *Call, tk store.Ticket, text string) (store.Ticket, error) {
	if tk.Private || !personal(text) && !c.secret {
		return tk, nil
	}
	tk, err := t.act(c.Turn, tk.N, store.TicketEvent{Act: store.ActPrivate, By: c.personID(), Room: c.Msg.Room.String()})
	if err != nil {
		return tk, c.wrongMoment(err)
	}
	t.staffThread(c.Turn, tk.N, fmt.Sprintf("private-%d", tk.Seq), t.words.Say(t.cfg.Language, "ticketfile.staff_private", nil), chat.Room{})
	if tk.AskedBy(c.personID()) {
		if !c.Private() {
			c.Turn.Say(chat.Reply{Room: privateRoom(c.Msg.From), Text: c.W("ticketfile.private_now", words.Args{"N": tk.N}), Secret: true, Priority: chat.Answer})
			who := c.asker()
			who.room = privateRoom(c.Msg.From)
			t.listen(c.Turn, who, tk.N)
		}
		return tk, nil
	}
	return tk, nil
}
