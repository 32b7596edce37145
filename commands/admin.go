package commands

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
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
		{Name: "contacts", English: "contacts", Role: Board, Where: StaffOnly, Subs: []Sub{{"fait", "done"}}, Run: contacts},
	}
}

// ProbeReload is the kind of probe that asks the program to read its configuration
// again and to deliver a bot.Reloaded.
const ProbeReload = "reload"

// reload asks for the configuration to be read again. The answer comes when it
// has been: reading files is not for a turn.
func reload(c *Call) error {
	c.Tx.Audit(c.Person().ID, "reload", "", "")
	return c.Probe("reload/"+c.Msg.Room.String(), ProbeReload, c.Msg.Room.String(), c.Msg.Room)
}

// reloaded swaps in a new configuration, or says why the old one stays. At start
// it comes without one: what is there is put to work.
func (t *Table) reloaded(turn *bot.Turn, e bot.Reloaded) error {
	o, changed := e.Config.(Options)
	err := e.Err
	if changed && err == nil {
		err = errors.Join(t.load(o)...)
	}
	switch lang := t.cfg.Language; {
	case err != nil:
		t.toldReload(turn, e.By, t.words.Say(lang, "core.stopped_reload", nil)+"\n"+cleanLines(err.Error()))
		return nil
	case changed:
		t.toldReload(turn, e.By, t.words.Say(lang, "core.reloaded", nil))
	}
	t.settleIn(turn)
	return nil
}

// toldReload tells the staff rooms what became of a reload, and whoever asked for
// it from elsewhere.
func (t *Table) toldReload(turn *bot.Turn, by *chat.Message, text string) {
	t.staffSay(turn, reloadKey(turn, text), text, false)
	if by != nil && !slices.Contains(t.cfg.StaffRooms(), by.Room) {
		turn.Say(chat.Reply{Room: privateRoom(by.From), Text: text, Secret: true, Priority: chat.Urgent})
	}
}

// reloadKey names what is said of one reload.
func reloadKey(turn *bot.Turn, text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return fmt.Sprintf("reload-%s-%x", turn.Now.Format("20060102T150405.000"), h.Sum64())
}

// oneLine joins lines for a log or a single sentence.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// undelivered tells the adminsys of an announcement that a room did not get, or
// of which nobody knows.
func (t *Table) undelivered(turn *bot.Turn, e bot.Settled) {
	news := e.Row.Reply.Priority >= chat.News || strings.HasPrefix(e.Row.Reply.Key, "incident/")
	if e.State != store.Failed && e.State != store.Uncertain || !news || e.Row.Reply.Kind != chat.Say && e.Row.Reply.Kind != chat.Amend || !e.Row.Track {
		return
	}
	t.staffSay(turn, "undelivered/"+e.Row.Reply.Key, t.words.Say(t.cfg.Language, "incident.undelivered_"+string(e.State),
		words.Args{"Room": e.Row.Reply.Room.String(), "Error": e.Row.LastError}), false)
}
