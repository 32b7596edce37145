package commands

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/runbooks"
	"vigie/store"
)

// again is the engine's own word for putting the question again.
const again = "répète"

// backForm is how a question begins that asks what the question means.
var backForm = regexp.MustCompile(`^(?:(?:mais|euh|pardon|sorry|but|et) )*(?:c est quoi|ca veut dire quoi|qu est ce que|c est ou|ou est ce que je|que veut dire|what is|what s|what are|what does|where is|where do i)\b`)

// asksBack tells whether a short line asks what was meant instead of answering: any
// words would do as an answer there, these are none.
func asksBack(text string) bool {
	said := asWords(text)
	return len(strings.Fields(said)) <= 9 && backForm.MatchString(said)
}

// answerLike is how an answer begins, said in a room where people also talk to each
// other.
var answerLike = regexp.MustCompile(`^(?:le|la|les|l|mon|ma|mes|notre|nos|je|j|c|the|my|our|i|it|oui|non|yes|no)\b`)

// hint tells somebody, once per question, that a line in a shared room was not
// understood as the answer that it looks like: silence would read as the bot's death.
func (t *Table) hint(c *Call, l line) bool {
	d, ok := c.dialog()
	if !ok || d.Kind == dialogTicket || callsSomebody(l.text) || c.Now.Sub(d.Updated) > t.cfg.Answers.Listen {
		return false
	}
	asked, note := d.Updated.Format(time.RFC3339Nano), "hinted/"+d.Key()
	if d.Kind == dialogConfirm || !t.likeAnAnswer(c, d, l.text) || c.Tx.Note(note) == asked {
		return false
	}
	c.Tx.SetNote(note, asked)
	c.SayID("core.not_an_answer", nil)
	return true
}

// likeAnAnswer tells whether a text looks like an answer to what a dialogue asks,
// without being one.
func (t *Table) likeAnAnswer(c *Call, d store.Dialog, text string) bool {
	if w := word(text); yes(w) || no(w) {
		return true
	}
	said := asWords(text)
	if own(d.Kind) || len(strings.Fields(said)) > 3 || !answerLike.MatchString(said) ||
		slices.Contains([]string{"j arrive", "je reviens", "je regarde", "la"}, said) {
		return false
	}
	s, lib, err := t.session(c.Tx, d)
	if err != nil || s.Parked || s.State != runbooks.Asking {
		return false
	}
	j, _, err := runbooks.Judge(lib, s, text, c.Now)
	return err == nil && j == runbooks.Foreign
}

// confirmLapsed tells who was asked "are you sure?" and kept silent that nothing
// was done: a "yes" that comes later would otherwise be believed.
func (t *Table) confirmLapsed(turn *bot.Turn, d store.Dialog) {
	var conf confirmation
	if d.Kind != dialogConfirm || json.Unmarshal(d.Session, &conf) != nil {
		return
	}
	lang := conf.Lang
	if lang == "" {
		lang = t.cfg.Language
	}
	r := chat.Reply{Room: d.Room, Thread: d.Thread, Text: t.words.Say(lang, "core.confirm_lapsed", nil), Secret: d.Room.Private, Priority: chat.Answer}
	if _, room, _ := t.cfg.RoomOf(d.Room); room.Audience == Staff {
		r.Secret = true
	}
	if !d.Room.Private {
		with := d.With
		r.To = &with
	}
	turn.Say(r)
}
