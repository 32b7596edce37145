package commands

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigie/bot"
	"vigie/commands/answer"
	"vigie/commands/words"
)

const (
	// reviewAhead is how long before its day a text is first named.
	reviewAhead = 14 * 24 * time.Hour
	// reviewNamed is how many texts of one sort are named; the rest is counted.
	reviewNamed = 6
)

// dated is an Understanding that knows which of its entries carry a day on which
// somebody should read them again.
type dated interface {
	Entries(lang string) []answer.Entry
}

// Entries are the entries of the FAQ files in a language, without those taught in chat,
// which have an end of their own.
func (m *Mind) Entries(lang string) []answer.Entry {
	return slices.DeleteFunc(m.faq.Entries(lang), func(e answer.Entry) bool { return e.File == "" })
}

// toReview is what is to be read again: its name, as a file, and the day.
type toReview struct {
	name string
	day  time.Time
}

// reviewDates lists the runbooks, then the FAQ entries, that carry a day.
func (t *Table) reviewDates() (books, entries []toReview) {
	for _, rb := range t.lib.All() {
		if !rb.ReviewBy.IsZero() {
			books = append(books, toReview{rb.ID, rb.ReviewBy})
		}
	}
	if know, ok := t.know.(dated); ok {
		for _, lang := range []string{"fr", "en"} {
			for _, e := range know.Entries(lang) {
				if !e.ReviewBy.IsZero() {
					entries = append(entries, toReview{lang + "/" + e.ID, e.ReviewBy})
				}
			}
		}
	}
	return books, entries
}

// remindReview tells staff which shipped texts and texts of the host's own are to be
// read again. Each is named in the week in which its day comes near, and all that are
// late in the first week of every month: a reminder that comes each Monday is no longer
// read.
func (t *Table) remindReview(turn *bot.Turn) {
	books, entries := t.reviewDates()
	books, entries = dueFor(turn.Now, books), dueFor(turn.Now, entries)
	if len(books)+len(entries) == 0 {
		return
	}
	lang := t.cfg.Language
	rows := []string{t.words.Say(lang, "review.head", nil)}
	for _, list := range []struct {
		id   string
		rows []toReview
	}{{"review.runbooks", books}, {"review.faq", entries}} {
		if len(list.rows) > 0 {
			rows = append(rows, t.words.Say(lang, list.id, words.Args{"List": reviewList(list.rows)}))
		}
	}
	t.staffSay(turn, "review-"+turn.Now.Format(time.DateOnly), strings.Join(rows, "\n"), false)
}

// dueFor keeps what this Monday's word is about, the oldest first.
func dueFor(now time.Time, list []toReview) []toReview {
	monthly := now.Day() <= 7
	out := slices.DeleteFunc(slices.Clone(list), func(r toReview) bool {
		ahead := r.day.Sub(now)
		late, fresh := ahead < 0, ahead <= reviewAhead && ahead > reviewAhead-7*24*time.Hour
		return !fresh && (!late || !monthly)
	})
	slices.SortStableFunc(out, func(a, b toReview) int { return cmp.Or(a.day.Compare(b.day), strings.Compare(a.name, b.name)) })
	return out
}

// reviewList names the first few, under their days.
func reviewList(list []toReview) string {
	var out []string
	for i, r := range list[:min(len(list), reviewNamed)] {
		if i > 0 && list[i-1].day.Equal(r.day) {
			out[len(out)-1] += ", " + r.name
			continue
		}
		out = append(out, r.day.Format("02/01/2006")+" "+r.name)
	}
	if more := len(list) - reviewNamed; more > 0 {
		out[len(out)-1] += fmt.Sprintf(", … (+%d)", more)
	}
	return strings.Join(out, " · ")
}
