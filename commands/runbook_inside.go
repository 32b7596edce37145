package commands

import (
	"slices"
	"strings"

	"vigie/runbooks"
	"vigie/store"
)

// diagnosisWords goes on with a diagnosis: what the line is besides an answer comes
// first, then it is given to the engine.
func (t *Table) diagnosisWords(c *Call, d store.Dialog, l line) error {
	k, err := t.talk(c.Turn, d)
	if err != nil {
		return t.withdraw(c.Turn, d, err)
	}
	k.d.Thread, k.d.With = c.Msg.Thread, c.Msg.From
	if did, err := t.switches(c, k, l.text); did || err != nil {
		return err
	}
	j, _, err := runbooks.Judge(k.lib, k.s, l.text, c.Now)
	if err != nil {
		return k.answer(l.text)
	}
	if j != runbooks.SureAnswer && j != runbooks.SureMove && wantsHelp(l.text) {
		k.text = append(k.text, t.words.Say(k.lang(), "runbook.help", nil))
		return k.answer(again)
	}
	if t.commandInside(c, j, l) {
		return t.runInside(c, k, l)
	}
	if rb, ok := t.anotherSite(k, j, l); ok {
		return t.begin(c, rb, l.text)
	}
	if long := len(strings.Fields(l.text)) >= manyWords; long && (j == runbooks.SureAnswer || j == runbooks.Unclear) && t.otherTrouble(c, k, l) {
		k.flush()
		return nil
	}
	text := l.text
	if asks := j == runbooks.FreeText && asksBack(text); j == runbooks.Foreign || asks {
		if text, err = t.besides(c, k, l, asks); err != nil || text == "" {
			return err
		}
	}
	k.noteAnswer(c)
	return k.answer(text)
}

// manyWords make a sentence in which the word of an option may stand by chance: somebody
// frightened tells of another trouble.
const manyWords = 8

// besides deals with words that do not answer what is asked; asks says that they ask
// what was meant. It returns what the engine is to be given, "" for nothing.
func (t *Table) besides(c *Call, k *talk, l line, asks bool) (string, error) {
	did, err := t.aside(c, k, l)
	switch {
	case err != nil:
		return "", err
	case did == asideHuman:
		return "humain", nil
	case did == asideDone && k.s.State != runbooks.Asking:
		return "", nil
	case did == asideDone:
		k.text = append(k.text, t.words.Say(k.lang(), "runbook.back_to_it", nil))
		return again, nil
	case t.otherTrouble(c, k, l):
		k.flush()
		return "", nil
	case asks:
		k.text = append(k.text, t.words.Say(k.lang(), "runbook.asks_back", nil))
		return again, nil
	}
	return l.text, nil
}

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

// What became of words that may have nothing to do with the question that stands.
const (
	asideNone = iota
	asideDone
	asideHuman
)

// aside answers a question that has nothing to do with the one that stands, when
// it surely is one and has an answer that begins nothing.
func (t *Table) aside(c *Call, k *talk, l line) (int, error) {
	d := t.know.Decide(l.text, true, !c.Private())
	if c.person == nil || c.person.Lang == "" {
		c.lang = k.lang()
	}
	switch {
	case d.Kind == Polite && d.Courtesy == "thanks":
		c.SayID("faq.courtesy_welcome", nil)
		return asideDone, nil
	case d.Kind == Polite && d.Courtesy != "bye":
		c.SayID("faq.courtesy_"+d.Courtesy, nil)
		return asideDone, nil
	case d.Kind != Sure:
		return asideNone, nil
	case d.IDs[0] == "human":
		return asideHuman, nil
	}
	if _, runbook := t.lib.ByIntent(d.IDs[0]); runbook {
		return asideNone, nil
	}
	if commandFor(d.IDs[0]) == "" && len(t.know.Theme(c.Lang(), d.IDs[0], l.text, 1)) == 0 {
		return asideNone, nil
	}
	return asideDone, t.pursue(c, d.IDs[0], l.text)
}
