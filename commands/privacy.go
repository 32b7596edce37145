package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// privacyCommands are what people may ask about what is kept of them.
func privacyCommands() []*Command {
	return []*Command{
		{Name: "mesdonnees", English: "mydata", Role: Member, Where: PrivateOnly, Run: myData},
		{Name: "oubliezmoi", English: "forgetme", Role: Member, Where: PrivateOnly, Run: forgetMe},
		{Name: "purger", English: "purge", Role: Adminsys, Where: StaffOnly, Run: purge},
		{Name: "sauvegarde", English: "backup", Role: Operator, Where: StaffOnly, Run: backup},
	}
}

const (
	actForget = "forget"
	actPurge  = "purge"
	// farewell is how long the answer to "forget me" waits for somebody who left: then
	// nothing of them is on its way any more.
	farewell = 10 * time.Minute
)

// forgetMe asks whether to erase all that is kept of the speaker.
func forgetMe(c *Call) error {
	if c.person == nil {
		return c.Refuse("privacy.nothing", nil)
	}
	open := 0
	for _, tk := range c.Tx.TicketsOf(c.person.ID) {
		if tk.Active() && tk.State != store.TicketSolved {
			open++
		}
	}
	return c.confirm(confirmation{Act: actForget, Text: c.person.ID}, "privacy.forget_confirm",
		words.Args{"Tickets": len(c.Tx.TicketsOf(c.person.ID)), "Open": open, "Accounts": strings.Join(known(*c.person), ", "), "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
}

// known are a person's identities that a network vouches for.
func known(p store.Person) []string {
	return slices.DeleteFunc(slices.Clone(p.Identities), func(key string) bool { return strings.Contains(key, "?") })
}

// purge asks an adminsys whether to erase somebody: an account, or "#12" for whoever
// opened that ticket.
func purge(c *Call) error {
	who, rest := cutWord(c.Args)
	if who == "" || rest != "" {
		return c.Usage()
	}
	p, err := c.purged(who)
	if err != nil {
		return err
	}
	names := known(p)
	if len(names) == 0 {
		names = []string{chat.Plain(p.Name, 40)}
	}
	return c.confirm(confirmation{Act: actPurge, Text: p.ID}, "privacy.purge_confirm",
		words.Args{"Accounts": strings.Join(names, ", "), "Tickets": len(c.Tx.TicketsOf(p.ID)), "Time": span(c.Table.cfg.Limits.Confirm, c.Lang())})
}

func (c *Call) purged(who string) (store.Person, error) {
	if n, ok := number(who); ok && strings.HasPrefix(who, "#") {
		tk, found := c.Tx.Ticket(n)
		if p, there := c.Tx.Person(tk.Requester); found && there {
			return p, nil
		}
		return store.Person{}, c.Refuse("privacy.nobody", words.Args{"Name": chat.Plain(who, 60)})
	}
	switch list := c.Tx.PeopleCalled(who); len(list) {
	case 1:
		return list[0], nil
	case 0:
		return store.Person{}, c.Refuse("privacy.nobody", words.Args{"Name": chat.Plain(who, 60)})
	}
	return c.someone(who) // which says who there is
}

// confirmedErasure does what was asked and confirmed, and tells whether this was about it.
func (t *Table) confirmedErasure(c *Call, conf confirmation, agreed bool) (bool, error) {
	if conf.Act != actForget && conf.Act != actPurge {
		return false, nil
	}
	if !agreed || conf.Act == actPurge && !c.Has(Adminsys) {
		c.SayID("privacy.dropped", nil)
		return true, nil
	}
	p, ok := c.Tx.Person(conf.Text)
	if !ok || conf.Act == actForget && p.ID != c.personID() {
		return true, c.Refuse("privacy.nothing", nil)
	}
	text := c.W("privacy.forgotten", words.Args{"Days": t.backupDays()})
	if conf.Act == actPurge {
		c.Tx.Audit(c.Person().ID, "purge", p.ID, c.RoomName)
		text = c.W("privacy.purged", words.Args{"Days": t.backupDays()})
	} else {
		c.Tx.Audit(p.ID, "forget me", "", "")
	}
	if t.inRegister(p) {
		text += " " + c.W("privacy.register", nil)
	}
	if err := t.erase(c, p); err != nil {
		return true, err
	}
	r := chat.Reply{Room: c.Msg.Room, Text: text, Thread: c.Msg.Thread, Secret: true, Priority: chat.Answer, Expires: c.Now.Add(farewell)}
	if c.person != nil && c.person.ID == p.ID {
		c.person = nil // nothing may be noted of them any more in this turn
	}
	c.Turn.Say(r)
	return true, nil
}

// inRegister tells whether the register names one of the person's accounts: that is a
// file of the association's, which is not the bot's to change.
func (t *Table) inRegister(p store.Person) bool {
	return len(t.register.Of(known(p)...)) > 0 || slices.ContainsFunc(grantable(), func(r Role) bool {
		return slices.ContainsFunc(known(p), func(key string) bool { return slices.Contains(t.cfg.Roles[r], key) })
	})
}

// erase ends what the person's tickets wait for and erases them.
func (t *Table) erase(c *Call, p store.Person) error {
	for _, tk := range c.Tx.TicketsOf(p.ID) {
		if !tk.Active() || slices.ContainsFunc(tk.Askers(), func(a store.Asker) bool { return a.Person != p.ID }) {
			continue
		}
		closed, err := c.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActClose})
		if err != nil {
			return fmt.Errorf("close ticket %d before it is erased: %w", tk.N, err)
		}
		c.Tx.ClearDue(dueTicketClose, strconv.Itoa(tk.N))
		defer t.staffThread(c.Turn, tk.N, fmt.Sprintf("forgotten-%d", closed.Seq), t.words.Say(t.cfg.Language, "privacy.staff_forgotten", nil), chat.Room{})
	}
	for _, tk := range c.Tx.ActiveTickets() {
		if tk.Owner == p.ID {
			if _, err := c.Tx.ActOnTicket(tk.N, store.TicketEvent{Act: store.ActRelease}); err != nil {
				return fmt.Errorf("release ticket %d of who is erased: %w", tk.N, err)
			}
		}
	}
	erased := c.Tx.ErasePerson(p)
	c.Tx.SetDue(dueErase, strings.Join(erased.IDs, ",")+"@1", c.Now)
	return nil
}
