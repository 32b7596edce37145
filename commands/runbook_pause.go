package commands

import (
	"encoding/json"
	"slices"
	"strings"

	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// switchTo names the note of the other trouble that a member speaks of in the middle of
// a diagnosis: the id of its runbook, and their words. pausedFor names that of the
// dialogue that waits for another to end.
func switchTo(d store.Dialog) string  { return "switch/" + d.Key() }
func pausedFor(d store.Dialog) string { return "paused/" + d.Key() }

// otherTrouble asks whether to put this diagnosis aside, when a line is surely about a
// trouble that another one is for. It tells whether it asked.
func (t *Table) otherTrouble(c *Call, k *talk, l line) bool {
	if !l.addressed || k.s.State != runbooks.Asking || c.Tx.Note(pausedFor(k.d)) != "" {
		return false
	}
	d := t.know.Decide(l.text, true, !c.Private())
	if d.Kind != Sure {
		return false
	}
	rb, ok := t.lib.ByIntent(d.IDs[0])
	if !ok || t.retired(c.Tx, rb.ID, rb.Hash) || slices.ContainsFunc(k.s.Frames, func(f runbooks.Frame) bool { return f.Runbook == rb.ID }) {
		return false
	}
	c.Tx.SetNote(switchTo(k.d), rb.ID+"\n"+l.text)
	k.text = append(k.text, t.words.Say(k.lang(), "runbook.pause", words.Args{"Title": rb.Title.In(k.lang())}))
	return true
}

// switches takes the answer to "shall we put this aside?", and tells whether the line was
// one. Anything else than yes or no answers the diagnosis' own question.
func (t *Table) switches(c *Call, k *talk, text string) (bool, error) {
	note := c.Tx.Note(switchTo(k.d))
	if note == "" {
		return false, nil
	}
	c.Tx.SetNote(switchTo(k.d), "")
	w := word(text)
	switch {
	case no(w):
		return true, k.answer(again)
	case !yes(w):
		return false, nil
	}
	id, said, _ := strings.Cut(note, "\n")
	rb, ok := t.lib.ByID(id)
	if !ok {
		return false, nil
	}
	raw, err := json.Marshal(k.d)
	if err != nil {
		return true, err
	}
	c.Tx.SetNote(pausedFor(k.d), string(raw))
	return true, t.begin(c, rb, said)
}

// resume goes back to the dialogue that was put aside for one that has just ended well.
// After a ticket the member's next words belong to that: they are only told how to go on.
func (k *talk) resume() error {
	note := k.Tx.Note(pausedFor(k.d))
	if note == "" || k.s.State != runbooks.Ended {
		return nil
	}
	k.Tx.SetNote(pausedFor(k.d), "")
	var d store.Dialog
	if err := json.Unmarshal([]byte(note), &d); err != nil {
		return nil
	}
	old, err := k.table.talk(k.Turn, d)
	if err != nil {
		return nil // its version is gone
	}
	old.d.With, old.d.Thread = k.d.With, k.d.Thread
	rb, _ := old.lib.ByHash(old.s.Hash)
	if k.d.Ticket != 0 || k.s.Outcome == runbooks.Abandoned {
		k.table.countRun(k.Tx, old.lib, old.s)
		if k.d.Ticket != 0 {
			old.text = append(old.text, k.table.words.Say(old.lang(), "runbook.paused_left", words.Args{"Name": rb.ID, "Title": rb.Title.In(old.lang())}))
			old.flush()
		}
		return nil
	}
	old.text = append(old.text, k.table.words.Say(old.lang(), "runbook.resumed", words.Args{"Title": rb.Title.In(old.lang())}))
	return old.answer(again)
}
