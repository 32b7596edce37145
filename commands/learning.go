package commands

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// maxQuestion is how much of a question is kept, in runes.
const maxQuestion = 300

// Tallies of what the bot learns from, kept for a week. Where a name follows, it
// is the answer's id.
const (
	tallyUp       = "vote/up/"
	tallyDown     = "vote/down/"
	tallyConfused = "confused/"
)

// dueWeek is when the staff read what went unanswered.
const dueWeek = "learning-week"

// unanswered queues a question that had no good answer, without what tells who asked.
func (t *Table) unanswered(tx *store.Tx, lang, text, why string) {
	text = chat.Cut(chat.Clean(t.anonymous(lang, text)), maxQuestion)
	if text != "" {
		tx.AddUnanswered(store.Unanswered{Lang: lang, Text: text, Why: why})
	}
}

// offerEnded learns from what became of an offer: nothing that was offered was
// meant, a person was preferred, or not the first guess was right.
func (t *Table) offerEnded(tx *store.Tx, ch choices, chosen string) {
	switch {
	case chosen == "":
		t.unanswered(tx, ch.Lang, ch.Text, "unsure")
	case chosen == "human":
		t.unanswered(tx, ch.Lang, ch.Text, "human")
	case chosen != ch.IDs[0]:
		tx.Count(tallyConfused + ch.IDs[0] + "/" + chosen)
	}
}

// chosen is what the number n stands for, empty when it is none of them.
func (ch choices) chosen(n int) string {
	if n < 1 || n > len(ch.IDs) {
		return ""
	}
	return ch.IDs[n-1]
}

// offerLapsed learns from an offer that nobody answered.
func (t *Table) offerLapsed(turn *bot.Turn, d store.Dialog) {
	var ch choices
	if d.Kind == dialogChoice && json.Unmarshal(d.Session, &ch) == nil && len(ch.IDs) > 0 {
		t.offerEnded(turn.Tx, ch, "")
	}
}

// planLearning sets the next weekly word, if none is set.
func (t *Table) planLearning(turn *bot.Turn) {
	if _, set := turn.Tx.DueAt(dueWeek, "all"); !set {
		turn.Tx.SetDue(dueWeek, "all", nextMonday(turn.Now, t.cfg.Location()))
	}
}

// nextMonday is the next Monday at nine, where people live.
func nextMonday(now time.Time, where *time.Location) time.Time {
	local := now.In(where)
	days := (8 - int(local.Weekday())) % 7
	at := time.Date(local.Year(), local.Month(), local.Day()+days, 9, 0, 0, 0, where)
	if !at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()+days+7, 9, 0, 0, 0, where)
	}
	return at
}

// weekDue tells the staff rooms what members asked in vain this week, what did not
// help and what was taken for something else; then the week begins anew.
func (t *Table) weekDue(turn *bot.Turn, _ store.Due) error {
	lang := t.cfg.Language
	if rows := t.week(turn.Tx, lang, turn.Now.AddDate(0, 0, -7), 8); len(rows) > 0 {
		t.staffSay(turn, "learning-"+turn.Now.Format(time.DateOnly), strings.Join(rows, "\n"), false)
	}
	t.remindReview(turn)
	pruneSlow(turn.Tx)
	turn.Tx.ResetCounts("vote/")
	turn.Tx.ResetCounts(tallyConfused)
	turn.Tx.PruneUnanswered(turn.Now.Add(-t.cfg.Learning.Questions))
	turn.Tx.PruneGiven(turn.Now.AddDate(0, 0, -7))
	t.pruneAfter(turn)
	t.planLearning(turn)
	return nil
}

// week is what there is to learn since an instant, none when nothing is.
func (t *Table) week(tx *store.Tx, lang string, since time.Time, most int) []string {
	say := func(id string, args words.Args) string { return t.words.Say(lang, id, args) }
	var questions []string
	queue := slices.DeleteFunc(tx.Unanswereds(), func(u store.Unanswered) bool { return u.At.Before(since) })
	for i, u := range slices.Backward(queue) {
		if len(queue)-i > most {
			questions = append(questions, say("teach.week_more", words.Args{"Count": len(queue) - most}))
			break
		}
		questions = append(questions, say("teach.week_question", words.Args{"Text": chat.Plain(u.Text, 160), "Why": say("teach.why_"+u.Why, nil)}))
	}
	up, down := tx.Counts(tallyUp), tx.Counts(tallyDown)
	var rest []string
	if disliked := rank(down, 5); len(disliked) > 0 {
		rest = append(rest, say("teach.week_disliked", words.Args{"List": t.votes(disliked, down, lang)}))
	}
	if pairs := tx.Counts(tallyConfused); len(pairs) > 0 {
		var list []string
		for _, k := range rank(pairs, 5) {
			guess, meant, _ := strings.Cut(k, "/")
			list = append(list, say("teach.week_pair", words.Args{"Guess": say("faq.id_"+guess, nil), "Meant": say("faq.id_"+meant, nil), "N": pairs[k]}))
		}
		rest = append(rest, say("teach.week_confused", words.Args{"List": strings.Join(list, " ; ")}))
	}
	if len(questions) == 0 && len(rest) == 0 {
		return nil
	}
	rows := []string{say("teach.week", words.Args{"Count": len(queue), "Up": total(up), "Down": total(down)})}
	return append(append(append(rows, questions...), rest...), say("teach.week_how", nil))
}

// votes lists answers with how often each was judged so.
func (t *Table) votes(ids []string, n map[string]int, lang string) string {
	var list []string
	for _, id := range ids {
		name := strings.TrimPrefix(id, taughtMark)
		if _, word, ok := strings.Cut(name, "|"); ok {
			name = word
		}
		if name == "" {
			name = t.words.Say(lang, "teach.a_diagnosis", nil)
		}
		list = append(list, fmt.Sprintf("%s (%d)", chat.Plain(name, 40), n[id]))
	}
	return strings.Join(list, ", ")
}

// rank gives the most counted names, at most so many.
func rank(n map[string]int, most int) []string {
	var names []string
	for k := range n {
		names = append(names, k)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(n[b]-n[a], strings.Compare(a, b)) })
	return names[:min(most, len(names))]
}

func total(n map[string]int) int {
	sum := 0
	for _, v := range n {
		sum += v
	}
	return sum
}

// faqCommand makes an entry of a ticket's answer, or shows what members asked in
// vain and thought of answers.
func faqCommand(c *Call) error {
	switch c.Sub() {
	case "depuis":
		return draftFromTicket(c)
	case "questions":
		rows := c.Table.week(c.Tx, c.Lang(), c.Now.Add(-c.Table.cfg.Learning.Questions), 40)
		if len(rows) == 0 {
			c.SayID("teach.week_none", nil)
			return nil
		}
		c.Say(strings.Join(rows, "\n"))
		return nil
	case "avis":
		up, down := c.Tx.Counts(tallyUp), c.Tx.Counts(tallyDown)
		c.SayID("teach.votes", words.Args{"Up": orNone(c, nonEmpty(c.Table.votes(rank(up, 20), up, c.Lang()))),
			"Down": orNone(c, nonEmpty(c.Table.votes(rank(down, 20), down, c.Lang())))})
		return nil
	}
	return c.Usage()
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// draftFromTicket turns what staff answered on a ticket into a draft, without what
// tells who asked: "faq depuis 12 [mot]".
func draftFromTicket(c *Call) error {
	word, rest := cutWord(c.Args)
	n, ok := number(word)
	if !ok {
		return c.Usage()
	}
	tk, found := c.Tx.Ticket(n)
	if !found {
		return c.Refuse("teach.no_ticket", words.Args{"N": n})
	}
	question, answer := c.Table.talkOf(c.Tx, tk)
	if answer == "" {
		return c.Refuse("teach.no_answer", words.Args{"N": n})
	}
	if rest == "" {
		rest = fmt.Sprintf("ticket %d", n)
	}
	name, err := c.taughtName(rest)
	if err != nil {
		return err
	}
	if name.anyLang && tk.Lang != "" {
		name.lang = tk.Lang
	}
	if old, known := c.Tx.Taught(store.TaughtKey(name.lang, name.room, name.word)); known && !old.Draft {
		return c.Refuse("teach.draft_exists", c.taughtArgs(old))
	}
	e := store.Taught{Word: name.word, Lang: name.lang, Room: name.room, Draft: true, Text: chat.Cut(answer, maxTaughtText),
		Expires: c.Now.Add(c.Table.cfg.Learning.Keep)}
	e = c.change(store.TaughtTeach, e.Rewritten(c.Person().ID, c.Now))
	args := c.taughtArgs(e)
	args["N"], args["Question"] = n, chat.Plain(question, 200)
	c.SayID("teach.draft", args)
	return nil
}

// talkOf is what was asked on a ticket and what staff answered, names taken out.
func (t *Table) talkOf(tx *store.Tx, tk store.Ticket) (question, answer string) {
	names := []string{tk.Association}
	people := map[string]bool{}
	var answers []string
	for _, e := range tx.TicketEvents(tk.N) {
		if e.By != "" && !people[e.By] {
			people[e.By] = true
			if p, ok := tx.Person(e.By); ok {
				names = append(names, p.Name)
			}
		}
		switch {
		case e.Act == store.ActReply:
			answers = append(answers, e.Text)
		case question == "" && (e.Act == store.ActOpen || e.Act == store.ActSay):
			question = e.Text
		}
	}
	if question == "" {
		question = tk.Subject
	}
	return t.anonymous(tk.Lang, question, names...), t.anonymous(tk.Lang, strings.Join(answers, "\n"), names...)
}
