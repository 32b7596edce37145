package commands

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// reviewTaught is a second person's word that an answer is right.
func reviewTaught(c *Call, n taughtName) error {
	e, err := c.named(n)
	if err != nil {
		return err
	}
	if !e.Reviewed.IsZero() {
		c.SayID("teach.reviewed_already", words.Args{"Word": chat.Plain(e.Word, maxTaughtWord), "Name": c.nameOf(e.Reviewer)})
		return nil
	}
	e, err = e.ReviewedBy(c.Person().ID, c.Now)
	if errors.Is(err, store.ErrOwnWords) {
		return c.Refuse("teach.review_self", c.taughtArgs(e))
	}
	c.SayID("teach.reviewed", c.taughtArgs(c.change(store.TaughtReview, e)))
	return nil
}

// lockTaught keeps an answer from being changed by others than the speaker.
func lockTaught(c *Call, n taughtName) error {
	e, err := c.changeable(n)
	if err != nil {
		return err
	}
	e.Locked = c.Person().ID
	c.SayID("teach.lock", c.taughtArgs(c.change(store.TaughtLock, e)))
	return nil
}

func unlockTaught(c *Call, n taughtName) error {
	e, err := c.changeable(n)
	if err != nil {
		return err
	}
	e.Locked = ""
	c.SayID("teach.unlock", c.taughtArgs(c.change(store.TaughtUnlock, e)))
	return nil
}

// keepTaught says that an answer still holds, for as long again or until a day.
func keepTaught(c *Call, n taughtName) error {
	e, err := c.named(n)
	if err != nil {
		return err
	}
	if e.Expires = n.until; n.until.IsZero() {
		e.Expires = c.Now.Add(c.Table.cfg.Learning.Keep)
	}
	c.SayID("teach.kept", c.taughtArgs(c.change(store.TaughtKeep, e)))
	return nil
}

// unteach forgets an answer. Its versions stay, so that it can come back.
func unteach(c *Call) error {
	n, err := c.taughtName(c.Args)
	if err != nil {
		return err
	}
	e, err := c.changeable(n)
	if err != nil {
		return err
	}
	e.Gone = true
	c.SayID("teach.forgotten", c.taughtArgs(c.change(store.TaughtForget, e)))
	return nil
}

// past finds the versions of an answer, those of one that was unlearnt too.
func (c *Call) past(n taughtName) ([]store.TaughtVersion, error) {
	keys := []string{store.TaughtKey(n.lang, n.room, n.word)}
	if e, err := c.named(n); err == nil {
		keys = []string{e.Key()}
	} else if n.anyLang {
		other := map[string]string{"fr": "en", "en": "fr"}[n.lang]
		keys = append(keys, store.TaughtKey(other, n.room, n.word))
	}
	for _, key := range keys {
		if past := c.Tx.TaughtHistory(key); len(past) > 0 {
			return past, nil
		}
	}
	return nil, c.Refuse("teach.unknown", words.Args{"Word": chat.Plain(n.shown, maxTaughtWord)})
}

// undoTaught takes the last change back, unlearning included.
func undoTaught(c *Call, n taughtName) error {
	past, err := c.past(n)
	if err != nil {
		return err
	}
	last := past[len(past)-1].Entry
	if !last.Gone {
		if err := c.unlocked(last); err != nil {
			return err
		}
	}
	p := c.Person()
	e, err := c.Tx.UndoTaught(p.ID, last.Key())
	if errors.Is(err, store.ErrNotFound) {
		return c.Refuse("teach.nothing_to_undo", c.taughtArgs(e))
	}
	c.Table.watchTaught(c.Tx, e)
	c.Tx.Audit(p.ID, "learn undo", e.Key(), c.RoomName)
	id := "teach.undone"
	if e.Gone {
		id = "teach.undone_gone"
	}
	c.SayID(id, c.taughtArgs(e))
	return nil
}

// taughtHistory lists who changed an answer and when, the last first.
func taughtHistory(c *Call, n taughtName) error {
	past, err := c.past(n)
	if err != nil {
		return err
	}
	var rows []string
	for _, v := range slices.Backward(past) {
		rows = append(rows, c.W("teach.version", words.Args{"Seq": v.Entry.Seq, "Date": c.Local(v.At).Format("02/01/2006 15:04"),
			"Name": c.nameOf(v.By), "Act": c.W("teach.act_"+string(v.Act), nil), "Text": chat.Plain(v.Entry.Text, 160)}))
		if len(rows) == 20 {
			break
		}
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

// taughtDiff shows which words the last rewriting took out and put in.
func taughtDiff(c *Call, n taughtName) error {
	past, err := c.past(n)
	if err != nil {
		return err
	}
	last := past[len(past)-1].Entry
	for _, v := range slices.Backward(past) {
		if v.Entry.Text != last.Text {
			c.SayID("teach.diff", words.Args{"From": v.Entry.Seq, "To": last.Seq, "Diff": wordDiff(v.Entry.Text, last.Text)})
			return nil
		}
	}
	c.SayID("teach.diff_none", c.taughtArgs(last))
	return nil
}

// wordDiff marks what changed between two texts: [-gone-] and {+new+}. They are
// at most a few hundred words.
func wordDiff(a, b string) string {
	x, y := strings.Fields(chat.Plain(a, maxTaughtText)), strings.Fields(chat.Plain(b, maxTaughtText))
	common := make([][]int, len(x)+1) // longest common part of x[i:] and y[j:]
	for i := range common {
		common[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out, gone, fresh []string
	flush := func() {
		if len(gone) > 0 {
			out = append(out, "[-"+strings.Join(gone, " ")+"-]")
		}
		if len(fresh) > 0 {
			out = append(out, "{+"+strings.Join(fresh, " ")+"+}")
		}
		gone, fresh = nil, nil
	}
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			flush()
			out = append(out, x[i])
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[i+1][j] >= common[i][j+1]:
			gone = append(gone, x[i])
			i++
		default:
			fresh = append(fresh, y[j])
			j++
		}
	}
	flush()
	return strings.Join(out, " ")
}

// listTaught lists what was taught, what waits for a review first.
func listTaught(c *Call) error {
	all := c.Tx.TaughtAll()
	slices.SortStableFunc(all, func(a, b store.Taught) int {
		if a.Reviewed.IsZero() != b.Reviewed.IsZero() {
			if a.Reviewed.IsZero() {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Word, b.Word)
	})
	var rows []string
	for _, e := range all {
		rows = append(rows, c.W("teach.row", words.Args{"Word": chat.Plain(e.Word, maxTaughtWord), "Lang": e.Lang,
			"Where": c.taughtArgs(e)["Where"], "State": c.W("teach.state_"+c.taughtState(e), nil)}))
	}
	if len(rows) == 0 {
		c.SayID("teach.none", nil)
		return nil
	}
	c.Say(strings.Join(rows, "\n"))
	return nil
}

func (c *Call) taughtState(e store.Taught) string {
	switch {
	case !e.Expires.After(c.Now):
		return "expired"
	case e.Draft:
		return "draft"
	case e.Reviewed.IsZero():
		return "unreviewed"
	case e.Locked != "":
		return "locked"
	}
	return "reviewed"
}

// dueTaught is when somebody must look at a taught answer: nobody has reviewed it,
// or it ends soon, or it has ended.
const dueTaught = "taught"

// watchTaught sets the deadline of an answer after a change.
func (t *Table) watchTaught(tx *store.Tx, e store.Taught) {
	if e.Gone {
		tx.ClearDue(dueTaught, e.Key())
		return
	}
	tx.SetDue(dueTaught, e.Key(), t.nextLook(e, tx.Now))
}

// nextLook is the next instant at which there is something to say about an answer:
// its end, some time before it, and until somebody reviews it, twice as long after
// its words each time.
func (t *Table) nextLook(e store.Taught, now time.Time) time.Time {
	next := e.Expires
	if warn := e.Expires.Add(-t.cfg.Learning.Warn); warn.After(now) {
		next = warn
		if ask := now.Add(max(t.cfg.Learning.Review, now.Sub(e.At))); e.Reviewed.IsZero() && ask.Before(next) {
			next = ask
		}
	}
	return next
}

// taughtDue reminds the staff of an answer.
func (t *Table) taughtDue(turn *bot.Turn, d store.Due) error {
	e, ok := turn.Tx.Taught(d.Key)
	if !ok {
		return nil
	}
	id := "teach.to_review"
	switch {
	case !e.Expires.After(turn.Now):
		id = "teach.expired"
	case !e.Expires.Add(-t.cfg.Learning.Warn).After(turn.Now):
		id = "teach.expires"
	case !e.Reviewed.IsZero():
		return nil
	}
	lang := t.cfg.Language
	t.staffSay(turn, taughtKey(fmt.Sprintf("%s-%d", id, turn.Now.Unix()), e), t.words.Say(lang, id, t.taughtArgs(turn.Tx, lang, e)), false)
	if id != "teach.expired" {
		turn.Tx.SetDue(dueTaught, e.Key(), t.nextLook(e, turn.Now))
	}
	return nil
}

// taughtKey names what is said once about a version of an answer.
func taughtKey(what string, e store.Taught) string {
	return fmt.Sprintf("taught-%s-%d-%s", what, e.Seq, e.Key())
}
