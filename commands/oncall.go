package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/when"
	"vigie/commands/words"
	"vigie/store"
)

// oncallCommands say who is on call.
func oncallCommands() []*Command {
	return []*Command{{Name: "garde", English: "oncall", Role: Adminsys, Where: StaffOnly, Run: oncall,
		Subs: []Sub{{"accepte", "accept"}, {"refuse", "decline"}, {"fin", "end"}}}}
}

// listedDuties is how many duties are shown at once.
const listedDuties = 6

// oncall shows who is on call, proposes it to somebody, or answers a proposal. Nobody is
// on call without having said yes.
func oncall(c *Call) error {
	if c.Args == "" {
		return listDuties(c)
	}
	switch sub := c.Sub(); {
	case sub == "accepte" || sub == "" && yes(Fold(c.Args)):
		return answerDuty(c, true)
	case sub == "refuse" || sub == "" && no(Fold(c.Args)):
		return answerDuty(c, false)
	case sub == "fin":
		return endDuty(c)
	}
	return proposeDuty(c)
}

// stretchWords is a duty's time in words.
func (t *Table) stretchWords(lang string, d store.Duty, now time.Time) words.Args {
	from := ""
	if d.From.After(now) {
		from = t.when(lang, d.From, now)
	}
	return words.Args{"From": from, "Until": t.when(lang, d.Until, now)}
}

// dutyName is how somebody is called among the team.
func (t *Table) dutyName(tx *store.Tx, person string) string {
	p, _ := tx.Person(person)
	if p.Name == "" {
		return t.words.Say(t.cfg.Language, "stats.gone", nil)
	}
	return chat.Plain(p.Name, 40)
}

// onCall is who is on call now. Whoever has lost the role meanwhile is not.
func (t *Table) onCall(tx *store.Tx) (store.Duty, bool) {
	d, ok := tx.OnCall(tx.Now)
	return d, ok && slices.ContainsFunc(t.team(tx), func(m teammate) bool { return m.ID == d.Person })
}

func listDuties(c *Call) error {
	var rows []string
	if d, ok := c.Table.onCall(c.Tx); ok {
		rows = append(rows, c.W("oncall.now", words.Args{"Name": c.Table.dutyName(c.Tx, d.Person), "Until": c.Table.when(c.Lang(), d.Until, c.Now)}))
	} else {
		rows = append(rows, c.W("oncall.nobody", nil))
	}
	for _, d := range c.Tx.Duties() {
		if d.Over(c.Now) || d.Covers(c.Now) || len(rows) > listedDuties {
			continue
		}
		args := c.Table.stretchWords(c.Lang(), d, c.Now)
		args["Name"] = c.Table.dutyName(c.Tx, d.Person)
		id := "oncall.row"
		if d.Accepted.IsZero() {
			id = "oncall.row_offered"
		}
		rows = append(rows, "- "+c.W(id, args))
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// proposeDuty reads "jean jusqu'à vendredi", "moi de samedi à lundi 9h", "until friday".
func proposeDuty(c *Call) error {
	name, rest := cutWord(c.Args)
	if f := Fold(name); strings.HasPrefix(f, "jusqu") || slices.Contains([]string{"until", "till", "de", "du", "from"}, f) {
		name, rest = "moi", c.Args
	}
	from, until, ok := c.period(rest)
	if !ok {
		return c.Usage()
	}
	p, err := c.someone(name)
	if err != nil {
		return err
	}
	switch granted, active := c.Table.holds(p, Adminsys); {
	case !granted:
		return c.Refuse("ticketact.not_adminsys", words.Args{"Name": chat.Plain(p.Name, 40)})
	case !active:
		return c.Refuse("ticketact.no_charter", words.Args{"Name": chat.Plain(p.Name, 40)})
	}
	me := c.Person()
	d := c.Tx.NewDuty(store.Duty{Person: p.ID, By: me.ID, From: from, Until: until})
	if p.ID == me.ID {
		return c.Table.takeDuty(c, d)
	}
	c.Tx.Audit(me.ID, "oncall propose", p.ID, c.RoomName)
	args := c.Table.stretchWords(c.Lang(), d, c.Now)
	args["Name"] = chat.Plain(p.Name, 40)
	c.SayID("oncall.asked", args)
	lang := c.Table.langOf(p)
	args = c.Table.stretchWords(lang, d, c.Now)
	args["By"] = chat.Plain(me.Name, 40)
	if i := slices.IndexFunc(c.Table.team(c.Tx), func(m teammate) bool { return m.ID == p.ID }); i >= 0 {
		c.Table.tellTeammate(c.Turn, fmt.Sprintf("duty-%d", d.N), c.Table.team(c.Tx)[i], c.Table.words.Say(lang, "oncall.offer", args), d.Until)
	}
	return nil
}

// period reads "until friday" and "de samedi à lundi 9h"; without a beginning it is now.
func (c *Call) period(text string) (from, until time.Time, ok bool) {
	now := c.Local(c.Now)
	from = now
	first, rest := cutWord(text)
	if slices.Contains([]string{"de", "du", "des", "from"}, Fold(first)) {
		if from, text, ok = when.Read(rest, now); !ok {
			return from, until, false
		}
		if link, more := cutWord(text); slices.Contains([]string{"a", "au", "to"}, Fold(link)) {
			text = more
		}
	}
	until, rest, ok = when.Read(text, from)
	return from.UTC(), until.UTC(), ok && rest == "" && until.After(from)
}

// offered is the first duty that waits for the speaker's answer.
func (c *Call) offered() (store.Duty, bool) {
	for _, d := range c.Tx.Duties() {
		if d.Person == c.personID() && d.Accepted.IsZero() && !d.Over(c.Now) {
			return d, true
		}
	}
	return store.Duty{}, false
}

// answerDuty says yes or no to what was proposed to the speaker.
func answerDuty(c *Call, accept bool) error {
	d, ok := c.offered()
	if !ok {
		return c.Refuse("oncall.no_offer", nil)
	}
	if accept {
		return c.Table.takeDuty(c, d)
	}
	c.Tx.DropDuty(d.N)
	c.Tx.Audit(c.personID(), "oncall decline", "", c.RoomName)
	args := c.Table.stretchWords(c.Table.cfg.Language, d, c.Now)
	args["Name"] = c.Table.dutyName(c.Tx, d.Person)
	c.Table.staffSay(c.Turn, fmt.Sprintf("duty-%d-declined", d.N), c.Table.words.Say(c.Table.cfg.Language, "oncall.declined", args), false)
	c.SayID("oncall.declined_you", nil)
	return nil
}

// takeDuty makes the speaker be on call, and tells whose duty ends with it.
func (t *Table) takeDuty(c *Call, d store.Duty) error {
	if d.From.Before(c.Now) {
		d.From = c.Now
	}
	var before []string
	for _, o := range c.Tx.Accept(d) {
		if n := t.dutyName(c.Tx, o.Person); !slices.Contains(before, n) {
			before = append(before, n)
		}
	}
	c.Tx.Audit(d.Person, "oncall accept", d.By, c.RoomName)
	t.planDuty(c.Turn)
	args := t.stretchWords(t.cfg.Language, d, c.Now)
	args["Name"], args["Before"] = t.dutyName(c.Tx, d.Person), strings.Join(before, ", ")
	told := t.words.Say(t.cfg.Language, "oncall.taken", args)
	for _, room := range t.cfg.StaffRooms() {
		if room != c.Msg.Room {
			t.dutySay(c.Turn, room, fmt.Sprintf("duty-%d-taken", d.N), told)
		}
	}
	args = t.stretchWords(c.Lang(), d, c.Now)
	args["Before"] = strings.Join(before, ", ")
	c.SayID("oncall.taken_you", args)
	return nil
}

// endDuty ends the speaker's duty now; nobody takes it over.
func endDuty(c *Call) error {
	d, ok := c.Tx.OnCall(c.Now)
	if !ok || d.Person != c.personID() {
		return c.Refuse("oncall.not_yours", nil)
	}
	d.Until = c.Now
	c.Tx.PutDuty(d)
	c.Tx.Audit(d.Person, "oncall end", "", c.RoomName)
	c.Table.changeDuty(c.Turn)
	c.SayID("oncall.ended_you", nil)
	return nil
}

const dueDuty = "duty"

// planDuty sets the deadline at which the next duty begins or ends.
func (t *Table) planDuty(turn *bot.Turn) {
	var first time.Time
	for _, d := range turn.Tx.Duties() {
		for _, at := range []time.Time{d.From, d.Until} {
			if !d.Accepted.IsZero() && at.After(turn.Now) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	if d, ok := turn.Tx.OnCall(turn.Now); ok {
		turn.Tx.SetNote("duty-now", d.Person)
	}
	if first.IsZero() {
		turn.Tx.ClearDue(dueDuty, "next")
		return
	}
	turn.Tx.SetDue(dueDuty, "next", first)
}

// dutyDue tells the team that a duty has begun, or has ended and nobody is on call.
func (t *Table) dutyDue(turn *bot.Turn, _ store.Due) error {
	t.changeDuty(turn)
	return nil
}

// changeDuty says who is on call now if that is no longer who it was, and forgets
// what is long over.
func (t *Table) changeDuty(turn *bot.Turn) {
	was := turn.Tx.Note("duty-now")
	d, on := turn.Tx.OnCall(turn.Now)
	lang := t.cfg.Language
	switch {
	case on && d.Person != was:
		t.staffSay(turn, fmt.Sprintf("duty-%d-began", d.N), t.words.Say(lang, "oncall.now",
			words.Args{"Name": t.dutyName(turn.Tx, d.Person), "Until": t.when(lang, d.Until, turn.Now)}), false)
	case !on && was != "":
		turn.Tx.SetNote("duty-now", "")
		t.staffSay(turn, fmt.Sprintf("duty-over-%d", turn.Now.Unix()), t.words.Say(lang, "oncall.ended", words.Args{"Name": t.dutyName(turn.Tx, was)}), false)
	}
	for _, d := range turn.Tx.Duties() {
		if turn.Now.Sub(d.Until) > 30*24*time.Hour {
			turn.Tx.DropDuty(d.N)
		}
	}
	t.planDuty(turn)
}

func (t *Table) dutySay(turn *bot.Turn, room chat.Room, key, text string) {
	turn.Deliver(chat.Reply{Key: replyKey("staff/" + key + "/" + room.String()), Room: room, Text: text, Secret: true, Priority: chat.Urgent}, bot.Delivery{Track: true})
}

// dutyWords says honestly, to anybody, whether somebody is on call: never who.
func (t *Table) dutyWords(turn *bot.Turn, lang string) string {
	if d, ok := t.onCall(turn.Tx); ok {
		return t.words.Say(lang, "oncall.public", words.Args{"Until": t.when(lang, d.Until, turn.Now)})
	}
	return t.words.Say(lang, "oncall.public_nobody", nil)
}
