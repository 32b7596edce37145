package commands

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// runbookCommands begin a guided diagnosis.
func runbookCommands() []*Command {
	diagnose := &Command{Name: "diag", English: "diag", Aliases: []string{"diagnostic", "diagnosis"}, Role: Anyone, Run: diag,
		Takes: func(t *Table, word string) bool { _, ok := t.lib.ByID(Fold(word)); return ok }}
	return append([]*Command{diagnose}, runbookStaffCommands()...)
}

// diag begins the runbook that is named, or lists those there are.
func diag(c *Call) error {
	name, rest := cutWord(c.Args)
	for _, rb := range c.Table.lib.All() {
		if name != "" && Fold(name) == Fold(rb.ID) {
			return c.Table.begin(c, rb, rest)
		}
	}
	if name != "" {
		if d := c.Table.know.Decide(c.Args, true, false); d.Kind == Sure {
			if rb, ok := c.Table.lib.ByIntent(d.IDs[0]); ok {
				return c.Table.begin(c, rb, c.Args)
			}
		}
	}
	var rows []string
	for _, rb := range c.Table.lib.All() {
		rows = append(rows, rb.ID+" ("+rb.Title.In(c.Lang())+")")
	}
	c.SayID("runbook.list", words.Args{"Runbooks": strings.Join(rows, ", ")})
	return nil
}

const (
	dueDialog = "dialog"
	// probeChecks is the kind of probe that the program's prober knows as checks.
	probeChecks = "checks"
)

// talk is a dialogue in one turn: who is guided, and what to say to them.
type talk struct {
	*bot.Turn
	table *Table
	lib   *runbooks.Library
	d     store.Dialog
	s     runbooks.Session
	// text gathers what this turn says: one reply.
	text []string
}

// lang is the language of the dialogue, which its member may change.
func (k *talk) lang() string {
	if k.s.Lang != "" {
		return k.s.Lang
	}
	return k.table.cfg.Language
}

// begin starts a diagnosis with whoever speaks.
func (t *Table) begin(c *Call, rb *runbooks.Runbook, utterance string) error {
	p := c.Person()
	if t.retired(c.Tx, rb.ID, rb.Hash) {
		return c.Refuse("runbook.retired", nil)
	}
	o := t.startOptions(c, rb, utterance)
	s, effects, err := runbooks.Start(t.inService(c.Tx), rb, o)
	if err != nil {
		return fmt.Errorf("begin %s: %w", rb.ID, err)
	}
	k := &talk{Turn: c.Turn, table: t, lib: t.inService(c.Tx).With(rb), s: s,
		d: store.Dialog{Person: p.ID, Room: c.Msg.Room, With: c.Msg.From, Kind: rb.ID, Thread: c.Msg.Thread}}
	k.forgetChecks()
	if k.Tx.Note(pausedFor(k.d)) == "" {
		t.countReplaced(k.Tx, k.d.Key())
	}
	if domain := o.Facts["domain"]; domain != "" {
		k.text = append(k.text, t.words.Say(k.lang(), "runbook.prefilled", words.Args{"Domain": domain, "Name": rb.ID}))
	}
	if delicate(rb) {
		k.inPrivate()
	}
	k.Tx.SetNote(said(k.d), chat.Cut(utterance, 600))
	return k.carryOut(effects)
}

// said names the note that keeps what a dialogue began with, for its ticket.
func said(d store.Dialog) string { return "said/" + d.Key() }

// forgetChecks lets nobody wait for checks that an earlier dialogue here asked
// for: their reports must not be taken for this one's.
func (k *talk) forgetChecks() {
	for _, p := range k.Tx.Probes() {
		if p.For == k.d.Key() {
			k.Tx.EndProbe(p.ID)
		}
	}
}

// dialog finds the speaker's dialogue here.
func (c *Call) dialog() (store.Dialog, bool) {
	if c.person == nil {
		return store.Dialog{}, false
	}
	return c.Tx.Dialog(store.DialogKey(c.person.ID, c.Msg.Room))
}

// inDialog tells whether a line belongs to an open dialogue of the speaker. In a
// shared room a line that is not put to the bot does so only if it surely
// answers what was asked: people also talk to each other.
func (t *Table) inDialog(c *Call, l line) bool {
	d, ok := c.dialog()
	if !ok || l.text == "" {
		return false
	}
	if l.addressed {
		return true
	}
	if callsSomebody(l.text) {
		return false
	}
	w := word(l.text)
	switch d.Kind {
	case dialogTicket:
		tk, ok := c.Tx.Ticket(d.Ticket)
		asked := tk.State == store.TicketSolved && (yes(w) || no(w))
		return ok && (asked || tk.Active() && c.Now.Sub(d.Updated) <= t.cfg.Answers.Listen)
	case dialogChoice:
		return choiceNumber(l.text, 9) > 0
	case dialogConfirm:
		return yes(w) || no(w)
	case dialogIncident:
		return t.answersOpening(c, d, l.text)
	case dialogCampaign:
		return c.Private() || c.Now.Sub(d.Updated) <= t.cfg.Answers.Listen
	}
	return t.answersRunbook(c, d, l)
}

// answersRunbook tells whether a line that is not put to the bot answers a
// diagnosis' question. Where any words would do, only those said soon after it count.
func (t *Table) answersRunbook(c *Call, d store.Dialog, l line) bool {
	s, lib, err := t.session(c.Tx, d)
	if err != nil || s.Parked {
		return false
	}
	j, _, err := runbooks.Judge(lib, s, l.text, c.Now)
	if err != nil {
		return false
	}
	if w := word(l.text); c.Tx.Note(switchTo(d)) != "" && (yes(w) || no(w)) {
		return true
	}
	if wantsHelp(l.text) {
		return c.Now.Sub(s.Active) <= t.cfg.Answers.Listen
	}
	switch j {
	case runbooks.SureAnswer, runbooks.SureMove:
		return true
	case runbooks.FreeText, runbooks.Unclear:
		return c.Tx.Note(ticketMeanwhile(d)) == "" && c.Now.Sub(s.Active) <= t.cfg.Answers.Listen
	}
	return false
}

// word is a short answer without what stands around it: "Oui !" is "oui".
func word(s string) string { return strings.Trim(Fold(s), " .!?,;") }

// confirming tells whether a line answers "are you sure?" where that was asked: in
// a ticket's thread a "yes" must not go to the member.
func (t *Table) confirming(c *Call, l line) bool {
	d, ok := c.dialog()
	return ok && d.Kind == dialogConfirm && d.Thread == c.Msg.Thread && (yes(word(l.text)) || no(word(l.text)))
}

// own tells whether a dialogue is one of this package's small ones, not a runbook.
func own(kind string) bool {
	return kind == dialogChoice || kind == dialogTicket || kind == dialogConfirm || kind == dialogContact || kind == dialogIncident || kind == dialogCampaign
}

// callsSomebody tells whether a line is put to somebody else: it begins with a
// name ("jean: …", "@jean …") or with another bot's sign (".meteo", "?faq").
func callsSomebody(s string) bool {
	first, rest := cutWord(s)
	if rest != "" && (strings.HasSuffix(first, ":") || strings.HasSuffix(first, ",") && !yes(word(first)) && !no(word(first))) {
		return true
	}
	r := []rune(first)
	return len(r) > 1 && strings.ContainsRune("@.?%&/$", r[0]) && unicode.IsLetter(r[1])
}

// session reads a saved dialogue, with the versions that it is pinned to.
func (t *Table) session(tx *store.Tx, d store.Dialog) (runbooks.Session, *runbooks.Library, error) {
	var s runbooks.Session
	if err := json.Unmarshal(d.Session, &s); err != nil {
		return s, t.lib, fmt.Errorf("read dialogue: %w", err)
	}
	lib := t.inService(tx)
	for _, hash := range s.Pins() {
		if _, ok := lib.ByHash(hash); ok {
			continue
		}
		rb, err := t.lib.Compile(tx.Pinned(hash))
		if err != nil {
			return s, lib, fmt.Errorf("pinned version %.8s: %w", hash, err)
		}
		lib = lib.With(rb)
	}
	return s, lib, nil
}

// dialogWords goes on with a dialogue.
func (t *Table) dialogWords(c *Call, l line) error {
	d, _ := c.dialog()
	switch d.Kind {
	case dialogTicket:
		return t.ticketWords(c, d, l)
	case dialogChoice:
		return t.choiceWords(c, d, l)
	case dialogConfirm:
		return t.confirmWords(c, d, l)
	case dialogContact:
		return t.contactWords(c, d, l)
	case dialogIncident:
		return t.openingWords(c, d, l)
	case dialogCampaign:
		return t.campaignWords(c, d, l)
	}
	return t.diagnosisWords(c, d, l)
}

// answer gives the engine what the member wrote, and does what it wants.
func (k *talk) answer(text string) error {
	s, effects, err := runbooks.Answer(k.lib, k.s, text, k.Now)
	if err != nil {
		return k.table.withdraw(k.Turn, k.d, err)
	}
	k.s = s
	return k.carryOut(effects)
}

// handOver ends a dialogue with a ticket, because its member asks for a person.
// The words with which they ask go into it.
func (t *Table) handOver(c *Call, d store.Dialog, text string) error {
	k, err := t.talk(c.Turn, d)
	if err != nil {
		return t.withdraw(c.Turn, d, err)
	}
	k.d.Thread, k.d.With = c.Msg.Thread, c.Msg.From
	if text != "" {
		k.Tx.SetNote(said(d), chat.Cut(strings.TrimSpace(k.Tx.Note(said(d))+"\n"+text), 1200))
	}
	return k.answer("humain")
}

func (t *Table) talk(turn *bot.Turn, d store.Dialog) (*talk, error) {
	s, lib, err := t.session(turn.Tx, d)
	return &talk{Turn: turn, table: t, lib: lib, d: d, s: s}, err
}

// withdraw ends a dialogue that cannot go on, and hands the member to people.
func (t *Table) withdraw(turn *bot.Turn, d store.Dialog, cause error) error {
	turn.Log.Error("a dialogue cannot go on", "kind", d.Kind, "err", cause)
	k := &talk{Turn: turn, table: t, lib: t.lib, d: d}
	_ = json.Unmarshal(d.Session, &k.s)
	s, effects := runbooks.Withdraw(k.s)
	k.s = s
	return k.carryOut(effects)
}

// dialogDue goes on with the clock.
func (t *Table) dialogDue(turn *bot.Turn, due store.Due) error {
	d, ok := turn.Tx.Dialog(due.Key)
	if !ok {
		return nil
	}
	if own(d.Kind) {
		t.offerLapsed(turn, d)
		t.confirmLapsed(turn, d)
		t.openingLapsed(turn, d)
		turn.Tx.DropDialog(due.Key)
		return nil
	}
	k, err := t.talk(turn, d)
	if err != nil {
		return t.withdraw(turn, d, err)
	}
	s, effects, err := runbooks.Due(k.lib, k.s, turn.Now)
	if err != nil {
		return t.withdraw(turn, d, err)
	}
	k.s = s
	return k.carryOut(effects)
}

// found goes on with what checks reported.
func (t *Table) found(turn *bot.Turn, e bot.Found) error {
	if e.Probe.Kind == ProbePicture {
		return t.pictured(turn, e)
	}
	if t.kept(turn, e) || e.Probe.Kind != probeChecks {
		return nil
	}
	d, ok := turn.Tx.Dialog(e.Probe.For)
	if !ok || own(d.Kind) {
		return nil
	}
	var answer struct {
		Reports map[string]runbooks.Report `json:"reports"`
	}
	if err := json.Unmarshal(e.Report, &answer); err != nil {
		turn.Log.Error("a report that cannot be read", "err", err)
	}
	noteSlow(turn.Tx, answer.Reports)
	k, err := t.talk(turn, d)
	if err != nil {
		return t.withdraw(turn, d, err)
	}
	s, effects, err := runbooks.Found(k.lib, k.s, answer.Reports, turn.Now)
	if err != nil {
		return t.withdraw(turn, d, err)
	}
	k.s = s
	return k.carryOut(effects)
}

// diagnosis is what a ticket's runbook found, for staff; empty when there was none.
func (t *Table) diagnosis(tx *store.Tx, lang string, tk store.Ticket, now time.Time) string {
	if len(tk.Runbook) == 0 {
		return ""
	}
	s, lib, err := t.session(tx, store.Dialog{Session: tk.Runbook})
	if err != nil {
		return ""
	}
	rows, err := runbooks.Transcript(lib, s, runbooks.TranscriptOptions{Lang: lang, Private: true, Staff: true, Now: now})
	if err != nil {
		return ""
	}
	for i, r := range rows {
		rows[i] = chat.Plain(r, 500)
	}
	return strings.Join(rows, "\n")
}
