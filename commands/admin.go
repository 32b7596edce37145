package commands

import (
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// adminCommands are for those who run the bot.
func adminCommands() []*Command {
	return []*Command{
		{Name: "recharger", English: "reload", Role: Operator, Run: reload},
	}
}

// Reloader reads the configuration again and delivers a bot.Reloaded; it is
// called outside the turn that asked.
const reloadProbe = "reload"

// reload asks for the configuration to be read again. The answer comes when it
// has been: reading files is not for a turn.
func reload(c *Call) error {
	c.Tx.Audit(c.Person().ID, "reload", "", "")
	return c.Probe("reload/"+c.Msg.Room.String(), reloadProbe, c.Msg.Room.String(), c.Msg.Room)
}

// reloaded swaps in a new configuration, or says why the old one stays.
func (t *Table) reloaded(turn *bot.Turn, e bot.Reloaded) error {
	var answer string
	lang := t.cfg.Language
	if e.Err != nil {
		answer = t.words.Say(lang, "core.stopped_reload", nil) + "\n" + e.Err.Error()
	} else {
		o, ok := e.Config.(Options)
		if !ok {
			return nil
		}
		if errs := t.load(o); len(errs) > 0 {
			turn.Log.Error("reload", "errors", len(errs))
			return nil
		}
		answer = t.words.Say(lang, "core.reloaded", nil)
	}
	t.staffSay(turn, "reload/"+turn.Now.Format("20060102T150405.000"), answer, false)
	return nil
}

// linked notes a network's state in the log; what people must know of it is
// said where it hurts them.
func (t *Table) linked(turn *bot.Turn, e bot.Link) error {
	if e.Up {
		turn.Log.Info("network up", "network", e.Network)
		return nil
	}
	turn.Log.Warn("network down", "network", e.Network, "err", e.Err)
	return nil
}

// oneLine joins lines for a log or a single sentence.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// undelivered tells the adminsys of an announcement that a room did not get, or
// of which nobody knows.
func (t *Table) undelivered(turn *bot.Turn, e bot.Settled) {
	if e.State != store.Failed && e.State != store.Uncertain || e.Row.Reply.Priority < chat.News || e.Row.Reply.Kind != chat.Say {
		return
	}
	t.staffSay(turn, "undelivered/"+e.Row.Reply.Key, t.words.Say(t.cfg.Language, "incident.undelivered_"+string(e.State),
		words.Args{"Room": e.Row.Reply.Room.String(), "Error": e.Row.LastError}), false)
}
