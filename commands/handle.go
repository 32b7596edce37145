package commands

import (
	"errors"
	"slices"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// Handle implements bot.Handler. Whatever a turn did to tickets, their clocks are
// reckoned, and they are counted, at its end.
func (t *Table) Handle(turn *bot.Turn) error {
	if err := t.event(turn); err != nil {
		return err
	}
	t.keepClocks(turn)
	t.keepFacts(turn)
	return nil
}

// event does what an event asks for.
func (t *Table) event(turn *bot.Turn) error {
	switch e := turn.Event.(type) {
	case bot.Heard:
		return t.heard(turn, e.Message)
	case bot.Begun:
		t.settleIn(turn)
	case bot.Due:
		if do := t.dues[e.Kind]; do != nil {
			return do(turn, e.Due)
		}
		turn.Log.Warn("a deadline that nobody knows", "kind", e.Kind)
	case bot.Found:
		return t.found(turn, e)
	case bot.Settled:
		return t.settled(turn, e)
	case bot.Link:
		return t.linked(turn, e)
	case bot.Alert:
		return t.alert(turn, e)
	case bot.Pushed:
		t.pushed(turn, e)
	case bot.Reloaded:
		return t.reloaded(turn, e)
	}
	return nil
}

// heard finds out whose words these are. It is the one place that decides what
// a message means, and reads as that list.
func (t *Table) heard(turn *bot.Turn, m chat.Message) error {
	text, keys, bank := scrub(chat.Cut(m.Text, t.cfg.Limits.Text), t.words.Say(t.cfg.Language, "core.hidden", nil))
	m.Text = text
	c := t.newCall(turn, m)
	if keys || bank {
		c.secret = true
		c.warnSecret(keys)
	}
	switch m.Kind {
	case chat.Text:
		if !t.tooLate(c) {
			t.activity.note(m.Room, turn.Now)
			t.lately.remember(c)
		}
	case chat.Reaction:
		if t.tooLate(c) {
			return nil
		}
		return t.reaction(c)
	case chat.Edit, chat.Redaction:
		return t.amended(c)
	case chat.TopicIs:
		return t.topicIs(c)
	case chat.Unreadable:
		return t.unreadable(c)
	default:
		return t.present(c)
	}
	return t.route(c)
}

// route tries, in this order: commands, the answer to "are you sure?", staff words
// in a ticket's thread, an open dialogue, a bare command in private, a question
// put to the bot, a question that nobody put to it.
func (t *Table) route(c *Call) error {
	lines := parse(c.Msg, t.cfg.Names)
	first := lines[0]
	if t.tooLate(c) {
		return t.late(c, first)
	}
	if t.forBot(first) && t.flooded(c, lines) {
		return nil
	}
	t.handHeld(c)
	t.offerLanguage(c, first)
	if !first.prefixed && t.judged(c, first) {
		return nil
	}
	defer c.filesLeft(first)
	for _, take := range []func(*Call, line) (bool, error){t.filesAlone, t.inMeeting, t.rated, t.followsUp, t.mine, t.meToo, t.wished} {
		if did, err := take(c, first); did || err != nil {
			return err
		}
	}
	switch {
	case first.prefixed:
		return t.runAll(c, lines)
	case t.confirming(c, first):
		return t.dialogWords(c, first)
	case t.inThread(c):
		return t.threadWords(c, first)
	case t.inDialog(c, first):
		return t.dialogWords(c, first)
	case first.addressed && (yes(word(first.text)) || no(word(first.text))):
		c.SayID("core.nothing_asked", nil)
		return nil
	case first.addressed && t.bare(c, first):
		return t.run(c, first)
	case first.addressed:
		return t.question(c, first.text, true)
	case t.hint(c, first), t.expand(c, first):
		return nil
	}
	return t.question(c, first.text, false)
}

// forBot tells whether a line asks something of this bot: another bot's "!foo"
// does not.
func (t *Table) forBot(l line) bool {
	return l.addressed || l.prefixed && t.table.find(l.word) != nil
}

// runAll runs each line of a message that is made of commands. One that fails
// with a Notice does not stop the others.
func (t *Table) runAll(c *Call, lines []line) error {
	if len(lines) == 1 {
		return t.run(c, lines[0])
	}
	for _, l := range lines {
		one := t.newCall(c.Turn, c.Msg) // sees what the line before has changed
		err := t.run(one, l)
		if n, mild := bot.AsNotice(err); mild {
			one.Say(strings.TrimSpace(n.Message + " " + n.Hint))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// run runs one command line. Somebody else's "!foo" in a shared room is met with
// silence; put to the bot, it gets the nearest names.
func (t *Table) run(c *Call, l line) error {
	cmd := t.table.find(l.word)
	if cmd == nil {
		if t.askedByWord(c, l) {
			return nil
		}
		switch {
		case l.addressed:
			return t.unknownCommand(c, l)
		case c.InStaffRoom() && c.Has(Adminsys): // at three in the morning silence reads as done
			t.maybeCommand(c, l)
		}
		return nil
	}
	c.Cmd, c.Word, c.Args = cmd, l.word, l.args
	if err := c.allowed(cmd); err != nil {
		return err
	}
	if d, talking := c.dialog(); talking && d.Kind == dialogChoice && cmd.Name != "suite" {
		t.offerLapsed(c.Turn, d) // "1" would be read as one of what is listed now
		c.Tx.DropDialog(d.Key())
		c.Tx.ClearDue(dueDialog, d.Key())
	}
	if d, talking := c.dialog(); talking && !own(d.Kind) && cmd.Name == "ticket" {
		c.Tx.SetNote(ticketMeanwhile(d), "1")
	}
	return cmd.Run(c)
}

// allowed says why the speaker may not use a command here, nil when they may.
func (c *Call) allowed(cmd *Command) error {
	if !c.Has(cmd.Role) {
		role := words.Args{"Role": c.W("role."+string(cmd.Role), nil)}
		switch granted := c.Table.granted(c.Msg.From); {
		case slices.Contains(granted, cmd.Role):
			return c.Refuse("core.charter_first", role)
		case !c.Msg.From.Known() && cmd.Role == Member:
			return c.Refuse("core.login_first", nil)
		default:
			return c.Refuse("core.role_missing", role)
		}
	}
	switch {
	case cmd.Where == PrivateOnly && !c.Private():
		return c.Refuse("core.private_only", nil)
	case cmd.Where == StaffOnly && !c.InStaffRoom() && !c.Private():
		return c.Refuse("core.staff_only", nil)
	}
	return nil
}

// may tells whether the speaker could use a command here: for help and guesses.
func (c *Call) may(cmd *Command) bool { return c.allowed(cmd) == nil }

// bare tells whether a line put to the bot without "!" is a command: its first
// word is one, and what follows does not read as a sentence that begins with it.
func (t *Table) bare(c *Call, l line) bool {
	cmd := t.table.find(l.word)
	switch {
	case cmd == nil:
		return false
	case !c.may(cmd): // alone it is surely meant, and may be told where to say it
		return l.args == "" && c.Has(cmd.Role)
	case l.args == "":
		return true
	}
	first, _ := cutWord(l.args)
	first = strings.TrimPrefix(first, "#")
	if first != "" && strings.Trim(first, "0123456789") == "" || cmd.Takes != nil && cmd.Takes(t, first) {
		return true
	}
	return slices.ContainsFunc(cmd.Subs, func(s Sub) bool { return Fold(first) == Fold(s.Name) || Fold(first) == Fold(s.English) })
}

func (t *Table) unknownCommand(c *Call, l line) error {
	switch {
	case t.maybeCommand(c, l):
		return nil
	case l.prefixed: // it was meant as a command: to guess a question would begin a diagnosis
		c.SayID("core.no_such_command", words.Args{"Word": chat.Plain(l.word, 30)})
		return nil
	}
	return t.question(c, l.text, true)
}

// maybeCommand names the commands that a mistyped one comes near to, and tells
// whether there are any.
func (t *Table) maybeCommand(c *Call, l line) bool {
	near := t.table.nearest(l.word, c.may)
	if len(near) == 0 {
		return false
	}
	var names []string
	for _, cmd := range near {
		name := cmd.Name
		if c.Lang() == "en" {
			name = cmd.English
		}
		names = append(names, "!"+name)
	}
	c.SayID("core.maybe_command", words.Args{"Word": chat.Plain(l.word, 30), "Nearest": strings.Join(names, ", ")})
	return true
}

// tooLate tells whether a message is too old to be acted on here.
func (t *Table) tooLate(c *Call) bool { return c.Msg.Age() > t.cfg.Limits.Age }

// late deals with words that come late: in a shared room nothing is done about
// them; in private or in a ticket's thread they are recorded, never obeyed.
func (t *Table) late(c *Call, l line) error {
	args := words.Args{"Time": c.Local(c.Msg.At).Format("15:04")}
	_, _, often := t.tallied(c, floodKey(c.Msg.From)+"/late", 1)
	switch {
	case t.inThread(c) && !l.prefixed && !l.addressed && c.Has(Adminsys):
		if err := t.threadWords(c, l); err != nil {
			return err
		}
		c.SayID("core.late_reply", args)
	case c.Private() && l.text != "":
		id := "core.late"
		if n := t.recordLate(c, l); n > 0 {
			id, args["N"] = "core.late_ticket", n
		}
		if !often {
			c.SayID(id, args)
		}
	}
	return nil
}

// warnSecret tells the author of a secret, in private, that it was seen and not
// kept, and takes it back where the network lets the bot.
func (c *Call) warnSecret(keys bool) {
	switch {
	case !keys && c.Private():
		c.Whisper(c.W("core.secret_bank_private", nil))
	case !keys:
		c.Whisper(c.W("core.secret_bank", nil))
	case c.Private():
		c.Whisper(c.W("core.secret_private", nil))
	default:
		c.Whisper(c.W("core.secret_warning", nil))
	}
	if !c.Private() && c.Msg.ID != "" {
		c.Turn.Say(chat.Reply{Room: c.Msg.Room, Kind: chat.Redact, Target: c.Msg.ID, Priority: chat.Urgent})
	}
}

// Apologise implements bot.Handler.
func (t *Table) Apologise(turn *bot.Turn, ref string, err error) {
	if errors.Is(err, store.ErrFull) {
		t.fullNotice(turn)
	}
	m, ok := turn.Message()
	if !ok {
		return
	}
	text, keys, bank := scrub(m.Text, t.words.Say(t.cfg.Language, "core.hidden", nil))
	m.Text = text
	c := t.newCall(turn, m)
	if keys || bank {
		c.warnSecret(keys) // the warning of the turn that was undone
	}
	if n, mild := bot.AsNotice(err); mild {
		c.sayPassing(strings.TrimSpace(n.Message + " " + n.Hint))
		return
	}
	first := parse(m, t.cfg.Names)[0]
	_, talking := c.dialog()
	lost := errors.Is(err, store.ErrFull) && (talking || t.inThread(c)) // an answer, or staff's words to a member
	if !first.addressed && !first.prefixed && !lost {
		return
	}
	if errors.Is(err, store.ErrFull) {
		c.sayPassing(c.W("core.full", nil))
		return
	}
	c.sayPassing(c.W("core.broken", words.Args{"Ref": ref}))
}

// sayPassing answers without touching the store.
func (c *Call) sayPassing(text string) {
	r := chat.Reply{Room: c.Msg.Room, Text: text, Thread: c.Msg.Thread, Secret: c.Private() || c.InStaffRoom()}
	if !c.Private() {
		from := c.Msg.From
		r.To = &from
	}
	c.Turn.Say(r)
}
