package commands

import (
	"fmt"
	"strconv"
	"strings"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/runbooks"
	"vigie/store"
)

// A network where words can be changed and gestures made (Matrix) lets a member answer a
// diagnosis by both: by a sign under the question, and by mending the last answer.
//
// Three notes serve that. askingIn holds, for a room, when which dialogue last asked
// there, until the network names that message; questionOf is that name; answeredBy holds
// the message that the last answer came with, and where the log stood before it.
func askingIn(room chat.Room) string   { return "asking/" + room.String() }
func questionOf(d store.Dialog) string { return "question/" + d.Key() }
func answeredBy(d store.Dialog) string { return "answered/" + d.Key() }
func (k *talk) gestures() bool         { return k.table.lines(k.d.Room.Network) == 0 }
func instant(e store.Outgoing) string  { return strconv.FormatInt(e.Queued.UnixNano(), 10) }
func (k *talk) forget(names ...string) {
	for _, name := range names {
		k.Tx.SetNote(name, "")
	}
}

// noteQuestion remembers that a question is about to be said.
func (k *talk) noteQuestion() {
	k.forget(questionOf(k.d))
	if k.gestures() && k.s.State == runbooks.Asking {
		k.Tx.SetNote(askingIn(k.d.Room), strconv.FormatInt(k.Now.UnixNano(), 10)+" "+k.d.Key())
	}
}

// settledQuestion learns what the network calls a question.
func (t *Table) settledQuestion(turn *bot.Turn, e bot.Settled) {
	r := e.Row.Reply
	if e.State != store.Proven || r.Kind != chat.Say || e.Proof == "" {
		return
	}
	at, key, ok := strings.Cut(turn.Tx.Note(askingIn(r.Room)), " ")
	if ok && at == instant(e.Row) {
		turn.Tx.SetNote(askingIn(r.Room), "")
		turn.Tx.SetNote("question/"+key, e.Proof)
	}
}

// answersByGesture takes a sign under the question that stands, from whom it was put to,
// and tells whether it was that: 1️⃣, 👍 or 👎 and nothing vaguer.
func (t *Table) answersByGesture(c *Call) (bool, error) {
	d, talking := c.dialog()
	if !talking || own(d.Kind) || c.Msg.Target == "" || c.Tx.Note(questionOf(d)) != c.Msg.Target {
		return false, nil
	}
	s, lib, err := t.session(c.Tx, d)
	if err != nil {
		return false, nil
	}
	if j, _, err := runbooks.Judge(lib, s, c.Msg.Text, c.Now); err != nil || j != runbooks.SureAnswer {
		return false, nil
	}
	c.Msg.Thread = d.Thread
	return true, t.dialogWords(c, line{text: c.Msg.Text, addressed: true})
}

// noteAnswer remembers which message the engine is about to be given.
func (k *talk) noteAnswer(c *Call) {
	if k.gestures() && c.Msg.ID != "" && c.Msg.Kind == chat.Text {
		k.Tx.SetNote(answeredBy(k.d), fmt.Sprintf("%d %s", len(k.s.Log), c.Msg.ID))
	}
}

// answerAmended takes the change of the last answer of a diagnosis as the new answer:
// what came of the old one is taken back first. The change of an older answer is not
// acted on. It tells whether the message was an answer.
func (t *Table) answerAmended(c *Call) (bool, error) {
	d, talking := c.dialog()
	if !talking || own(d.Kind) || c.Msg.Kind != chat.Edit {
		return false, nil
	}
	before, id, _ := strings.Cut(c.Tx.Note(answeredBy(d)), " ")
	stood, err := strconv.Atoi(before)
	if err != nil || id != c.Msg.Target {
		return false, nil
	}
	if _, _, often := t.tallied(c, floodKey(c.Msg.From)+"/edit", editWeight); often || t.tooLate(c) {
		return true, nil
	}
	k, err := t.talk(c.Turn, d)
	if err != nil {
		return true, t.withdraw(c.Turn, d, err)
	}
	text := parse(c.Msg, t.cfg.Names)[0].text
	if last := lastAnswer(k.s.Log); last == stood {
		if k.s, _, err = runbooks.Answer(k.lib, k.s, "retour", c.Now); err != nil {
			return true, t.withdraw(c.Turn, d, err)
		}
		k.forgetChecks()
	} else if last > stood {
		return true, nil
	}
	return true, k.answer(text)
}

// lastAnswer is where the log holds what the member said last, -1 for nowhere.
func lastAnswer(log []runbooks.Entry) int {
	for i := len(log) - 1; i >= 0; i-- {
		switch log[i].Kind {
		case runbooks.Answered, runbooks.DontKnow, runbooks.Skipped, runbooks.GaveUp:
			return i
		}
	}
	return -1
}
