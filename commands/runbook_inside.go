package commands

import (
	"slices"
	"strings"

	"vigie/runbooks"
)

// wantsHelp tells whether a line in a dialogue asks what may be said there.
func wantsHelp(text string) bool {
	return slices.Contains([]string{"aide", "help", "aidez moi", "aide moi", "help me", "au secours", "comment faire", "que dire", "je comprends pas",
		"je ne comprends pas", "i don t understand", "i do not understand"}, asWords(text))
}

// commandInside tells whether a line put to the bot within a diagnosis is a command
// without its "!" and no answer: "ticket 1", "lang en". Where any words would do as an
// answer, only a line of two words at most is taken for one.
func (t *Table) commandInside(c *Call, j runbooks.Judgement, l line) bool {
	switch {
	case !l.addressed || l.prefixed || j == runbooks.SureAnswer || j == runbooks.SureMove:
		return false
	case j == runbooks.FreeText && len(strings.Fields(l.text)) > 2:
		return false
	}
	return t.bare(c, l)
}

// runInside runs a command in the middle of a diagnosis, then puts the question again
// unless the command has begun something else.
func (t *Table) runInside(c *Call, k *talk, l line) error {
	if err := t.run(c, l); err != nil {
		return err
	}
	d, talking := c.Tx.Dialog(k.d.Key())
	if !talking || d.Kind != k.d.Kind || string(d.Session) != string(k.d.Session) || k.s.State != runbooks.Asking {
		return nil
	}
	text := again
	if p, ok := c.Tx.Person(k.d.Person); ok && p.Lang != "" && p.Lang != k.s.Lang {
		text = p.Lang // "lang en": the question in that language
	} else {
		k.text = append(k.text, t.words.Say(k.lang(), "runbook.back_to_it", nil))
	}
	return k.answer(text)
}
