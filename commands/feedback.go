package commands

import (
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// give answers with an entry, and remembers it for a while: people may say whether
// it helped.
func (c *Call) give(e Entry, others []Entry, question string) {
	c.Say(c.entry(e, others))
	c.noteGiven(e.ID, question)
}

func (c *Call) noteGiven(entry, question string) {
	if entry != "" {
		c.Table.countAlone(c.Tx, aloneAnswer)
	}
	c.Tx.PutGiven(store.Given{At: c.Now, Room: c.Msg.Room.String(), To: c.Person().ID, Entry: entry, Lang: c.Lang(),
		Question: chat.Cut(c.Table.anonymous(c.Lang(), question), maxQuestion), Unasked: c.unasked})
}

// answeredUnasked notes that the bot spoke to somebody who had not asked it: for a
// while it holds back in the room, and longer with that person.
func (c *Call) answeredUnasked(question string) {
	at := c.Now.Format(time.RFC3339)
	c.Tx.SetNote("ambient/"+c.Msg.Room.String(), at)
	c.Tx.SetNote("ambient-who/"+c.Person().ID, at)
	if g, ok := c.Tx.LastGiven(c.Msg.Room.String()); !ok || !g.At.Equal(c.Now) {
		c.noteGiven("", question)
	}
}

// ambientHere tells whether the bot may speak unasked in this room, to this person,
// now: the configuration wants it, the room has not had enough of it, and neither was
// answered so a moment ago.
func (t *Table) ambientHere(c *Call) bool {
	if !c.Room.Ambient || c.Tx.Note(ambientOff(c.RoomName)) != "" {
		return false
	}
	return t.cooled(c, "ambient/"+c.Msg.Room.String(), t.cfg.Answers.CoolDown) &&
		(c.person == nil || t.cooled(c, "ambient-who/"+c.person.ID, t.cfg.Learning.PersonCoolDown))
}

func (t *Table) cooled(c *Call, note string, after time.Duration) bool {
	last, err := time.Parse(time.RFC3339, c.Tx.Note(note))
	return err != nil || c.Now.Sub(last) >= after
}

// ambientOff names the note that keeps the bot from speaking unasked in a room.
func ambientOff(room string) string { return "ambient-off/" + room }

// settledGiven learns which message an answer became, so that a reaction finds it.
func (t *Table) settledGiven(turn *bot.Turn, e bot.Settled) {
	r := e.Row.Reply
	if e.State != store.Proven || r.Kind != chat.Say || e.Proof == "" {
		return
	}
	if g, ok := turn.Tx.LastGiven(r.Room.String()); ok && g.At.Equal(e.Row.Queued) {
		turn.Tx.NameGiven(r.Room.Network, e.Proof, g)
	}
}

// opinion reads a few words, or a gesture, as a judgement: 1 helped, -1 did not, 0 none.
func opinion(s string) int {
	w := strings.TrimRight(word(strings.ReplaceAll(s, "’", "'")), "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
	switch {
	case slices.Contains([]string{"👍", "+1", "utile", "tres utile", "c'est utile", "useful", "helpful", "very helpful", "that helps", "ca m'aide"}, w):
		return 1
	case slices.Contains([]string{"👎", "-1", "pas utile", "c'est pas utile", "ce n'est pas utile", "pas utile du tout", "inutile", "hors sujet", "ca ne m'aide pas", "ca m'aide pas",
		"not useful", "not helpful", "unhelpful", "useless", "off topic", "that does not help", "that doesn't help"}, w):
		return -1
	}
	return 0
}

// judged takes "pas utile" right after an answer, from whoever asked, or from
// anybody where nobody had; it tells whether that is what the line was.
func (t *Table) judged(c *Call, l line) bool {
	o := opinion(l.text)
	if o == 0 {
		return false
	}
	g, ok := c.Tx.LastGiven(c.Msg.Room.String())
	if !ok || c.Now.Sub(g.At) > t.cfg.Learning.Judge || !g.Unasked && g.To != c.personID() {
		return false
	}
	if d, talking := c.dialog(); talking && !d.Updated.Before(g.At) && !g.Unasked {
		return false // it answers what was asked since
	}
	switch g, fresh := g.Judged(c.Person().ID); {
	case !fresh:
	case o > 0:
		t.vote(c, g, o)
		c.SayID("teach.vote_up", nil)
	default:
		t.vote(c, g, o)
		c.SayID("teach.vote_down", nil)
	}
	return true
}

// judgedByReaction takes a thumb put on an answer, without a word, and tells
// whether it was one.
func (t *Table) judgedByReaction(c *Call) bool {
	o := opinion(c.Msg.Text)
	g, ok := c.Tx.GivenAs(c.Msg.Room.Network, c.Msg.Target)
	if o == 0 || !ok {
		return false
	}
	if last, is := c.Tx.LastGiven(g.Room); is && last.At.Equal(g.At) {
		g = last // with the votes by word
	}
	g, fresh := g.Judged(c.Person().ID)
	if fresh {
		c.Tx.NameGiven(c.Msg.Room.Network, c.Msg.Target, g)
		t.vote(c, g, o)
	}
	return true
}

// vote counts a judgement. What did not help is a question to be answered better;
// what nobody wanted, often enough, is not said in that room any more.
func (t *Table) vote(c *Call, g store.Given, o int) {
	if last, is := c.Tx.LastGiven(g.Room); is && last.At.Equal(g.At) {
		c.Tx.PutGiven(g)
	}
	if o > 0 {
		c.Tx.Count("vote/up/" + g.Entry)
		return
	}
	c.Tx.Count("vote/down/" + g.Entry)
	if g.Question != "" {
		c.Tx.AddUnanswered(store.Unanswered{Lang: g.Lang, Text: g.Question, Why: "disliked"})
	}
	if !g.Unasked || c.RoomName == "" {
		return
	}
	down := "ambient-down/" + c.RoomName + "/"
	if c.Tx.Count(down) < t.cfg.Learning.Dislikes {
		return
	}
	c.Tx.ResetCounts(down)
	c.Tx.SetNote(ambientOff(c.RoomName), c.Now.Format(time.RFC3339))
	t.staffSay(c.Turn, "ambient-off-"+c.RoomName+"-"+c.Now.Format(time.RFC3339), t.words.Say(t.cfg.Language, "teach.ambient_disliked",
		words.Args{"Room": c.RoomName, "N": t.cfg.Learning.Dislikes}), false)
}

// ambientSwitch tells where the bot may speak unasked, or changes it for a room:
// "spontane oui salon:support".
func ambientSwitch(c *Call) error {
	var say, room string
	for _, w := range strings.Fields(c.Args) {
		if _, value, ok := strings.Cut(w, ":"); ok {
			room = value
		} else {
			say = Fold(w)
		}
	}
	if say == "" {
		return ambientList(c)
	}
	r, known := c.Table.cfg.Rooms[room]
	on := slices.Contains([]string{"oui", "on", "yes"}, say)
	switch {
	case !known:
		return c.Refuse("teach.bad_room", words.Args{"Room": chat.Plain(room, 40), "Rooms": strings.Join(c.Table.roomNames(), ", ")})
	case !on && !slices.Contains([]string{"non", "off", "no"}, say):
		return c.Usage()
	case on && !r.Ambient:
		return c.Refuse("teach.ambient_config", words.Args{"Room": room})
	}
	value, id := "", "teach.ambient_on"
	if !on {
		value, id = c.Now.Format(time.RFC3339), "teach.ambient_off"
	}
	c.Tx.SetNote(ambientOff(room), value)
	c.Tx.ResetCounts("ambient-down/" + room + "/")
	c.Tx.Audit(c.Person().ID, "ambient "+say, room, c.RoomName)
	c.SayID(id, words.Args{"Room": room})
	return nil
}

func ambientList(c *Call) error {
	var on, off []string
	for _, name := range c.Table.roomNames() {
		if c.Table.cfg.Rooms[name].Ambient && c.Tx.Note(ambientOff(name)) == "" {
			on = append(on, name)
		} else {
			off = append(off, name)
		}
	}
	c.SayID("teach.ambient_list", words.Args{"On": orNone(c, on), "Off": orNone(c, off)})
	return nil
}

func orNone(c *Call, list []string) string {
	if len(list) == 0 {
		return c.W("teach.nowhere", nil)
	}
	return strings.Join(list, ", ")
}
