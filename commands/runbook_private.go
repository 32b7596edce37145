package commands

import (
	"slices"

	"vigie/bot/chat"
	"vigie/runbooks"
	"vigie/store"
)

// delicate tells whether a whole diagnosis is a matter between the member and the team:
// one whose alarm is private.
func delicate(rb *runbooks.Runbook) bool {
	return slices.ContainsFunc(rb.Steps, func(s *runbooks.Step) bool { return s.Outcome == runbooks.Escalate && s.Private })
}

// inPrivate takes the dialogue out of a shared room, and says there that it goes on in
// private. It stays where it is when the member is in the middle of something else in
// private: the question would be lost there.
func (k *talk) inPrivate() {
	_, room, _ := k.table.cfg.RoomOf(k.d.Room)
	if k.d.Room.Private || room.Audience == Staff {
		return
	}
	to := k.d
	to.Room, to.Thread = privateRoom(k.d.With), ""
	if d, talking := k.Tx.Dialog(to.Key()); talking && !own(d.Kind) {
		return
	}
	with := k.d.With
	k.Turn.Say(chat.Reply{Room: k.d.Room, Thread: k.d.Thread, To: &with, Priority: chat.Answer, Text: k.table.words.Say(k.lang(), "runbook.in_private", nil)})
	for _, note := range []func(store.Dialog) string{said, awareNote, affectedOf} {
		k.Tx.SetNote(note(to), k.Tx.Note(note(k.d)))
		k.Tx.SetNote(note(k.d), "")
	}
	k.forgetChecks()
	k.Tx.DropDialog(k.d.Key())
	k.Tx.ClearDue(dueDialog, k.d.Key())
	k.d, k.s.Private = to, true
}

// diagnosisTitle is the title of the diagnosis that a ticket came from, for staff; its
// id when the version is gone, empty when there was none.
func (t *Table) diagnosisTitle(tx *store.Tx, tk store.Ticket, lang string) string {
	if len(tk.Runbook) == 0 {
		return ""
	}
	s, lib, _ := t.session(tx, store.Dialog{Session: tk.Runbook})
	if rb, ok := lib.ByHash(s.Hash); ok {
		return rb.Title.In(lang)
	}
	return s.Runbook
}

// anotherSite tells whether a line put to the bot, where any words would do as an
// answer, reports the same trouble of another site: that one is tested instead.
func (t *Table) anotherSite(k *talk, j runbooks.Judgement, l line) (*runbooks.Runbook, bool) {
	if j != runbooks.FreeText || !l.addressed {
		return nil, false
	}
	d := t.know.Decide(l.text, true, false)
	if d.Kind != Sure {
		return nil, false
	}
	rb, ok := t.lib.ByIntent(d.IDs[0])
	if !ok {
		return nil, false
	}
	s, _, err := runbooks.Start(t.lib, rb, runbooks.StartOptions{Lang: k.lang(), Utterance: l.text, Now: k.Now})
	return rb, err == nil && s.Given["domain"] != "" && s.Given["domain"] != k.site()
}

// ticketMeanwhile names the note that a member opened a ticket by hand while a question
// stands: what they say next to the room is no longer its answer.
func ticketMeanwhile(d store.Dialog) string { return "meanwhile/" + d.Key() }
