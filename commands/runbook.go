package commands

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"vigie/bot"
	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/runbooks"
	"vigie/store"
)

// runbookCommands begin a guided diagnosis.
func runbookCommands() []*Command {
	return []*Command{{Name: "diag", English: "diag", Aliases: []string{"diagnostic", "diagnosis"}, Role: Anyone, Run: diag}}
}

// diag begins the runbook that is named, or lists those there are.
func diag(c *Call) error {
	word, rest := cutWord(c.Args)
	for _, rb := range c.Table.lib.All() {
		if word != "" && Fold(word) == Fold(rb.ID) {
			return c.Table.begin(c, rb, rest)
		}
	}
	if word != "" {
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
	// thread keeps the answer where the words were.
	thread string
	lang   string
	words  string // what the member last wrote, for the ticket
}

// begin starts a diagnosis with whoever speaks.
func (t *Table) begin(c *Call, rb *runbooks.Runbook, utterance string) error {
	p := c.Person()
	s, effects, err := runbooks.Start(t.lib, rb, runbooks.StartOptions{Lang: c.Lang(), Utterance: utterance, Private: c.Private(), Now: c.Now})
	if err != nil {
		return fmt.Errorf("begin %s: %w", rb.ID, err)
	}
	k := &talk{Turn: c.Turn, table: t, lib: t.lib, s: s, thread: c.Msg.Thread, words: utterance, lang: c.Lang(),
		d: store.Dialog{Person: p.ID, Room: c.Msg.Room, With: c.Msg.From, Kind: rb.ID}}
	k.Tx.SetNote("said/"+k.d.Key(), chat.Cut(utterance, 600))
	return k.carryOut(effects)
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
	switch d.Kind {
	case dialogTicket:
		return false
	case dialogChoice:
		return choiceNumber(l.text) > 0
	case dialogConfirm:
		w := strings.Trim(Fold(l.text), " .!")
		return yes(w) || no(w)
	}
	s, lib, err := t.session(c.Tx, d)
	if err != nil || s.Parked {
		return false
	}
	j, _, err := runbooks.Judge(lib, s, l.text, c.Now)
	return err == nil && (j == runbooks.SureAnswer || j == runbooks.SureMove || j == runbooks.Unclear ||
		j == runbooks.FreeText && !callsSomebody(l.text))
}

// own tells whether a dialogue is one of this package's small ones, not a runbook.
func own(kind string) bool {
	return kind == dialogChoice || kind == dialogTicket || kind == dialogConfirm
}

// callsSomebody tells whether a line begins with somebody's name: "jean: …".
func callsSomebody(s string) bool {
	first, _ := cutWord(s)
	return strings.HasSuffix(first, ":") || strings.HasSuffix(first, ",") || strings.HasPrefix(first, "@")
}

// session reads a saved dialogue, with the versions that it is pinned to.
func (t *Table) session(tx *store.Tx, d store.Dialog) (runbooks.Session, *runbooks.Library, error) {
	var s runbooks.Session
	if err := json.Unmarshal(d.Session, &s); err != nil {
		return s, t.lib, fmt.Errorf("read dialogue: %w", err)
	}
	lib := t.lib
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
	}
	k, err := t.talk(c.Turn, d)
	if err != nil {
		return t.withdraw(c.Turn, d, err)
	}
	k.thread, k.d.With, k.words = c.Msg.Thread, c.Msg.From, l.text
	if j, _, err := runbooks.Judge(k.lib, k.s, l.text, c.Now); err == nil && j == runbooks.Foreign {
		if done, err := t.aside(c, l); done || err != nil {
			return err
		}
	}
	s, effects, err := runbooks.Answer(k.lib, k.s, l.text, c.Now)
	if err != nil {
		return t.withdraw(c.Turn, d, err)
	}
	k.s = s
	return k.carryOut(effects)
}

// aside answers a question that has nothing to do with the one that stands, when
// the FAQ surely has its answer; the pending question is put again by the member's next words.
func (t *Table) aside(c *Call, l line) (bool, error) {
	d := t.know.Decide(l.text, true, false)
	if d.Kind == Polite {
		c.SayID("faq.courtesy_"+d.Courtesy, nil)
		return true, nil
	}
	if d.Kind != Sure {
		return false, nil
	}
	if _, runbook := t.lib.ByIntent(d.IDs[0]); runbook || d.IDs[0] == "human" {
		return false, nil
	}
	if err := t.pursue(c, d.IDs[0], l.text); err != nil {
		return false, err
	}
	c.Turn.Say(chat.Reply{Room: c.Msg.Room, Thread: c.Msg.Thread, Text: c.W("runbook.back_to_it", nil), Priority: chat.Answer})
	return true, nil
}

func (t *Table) talk(turn *bot.Turn, d store.Dialog) (*talk, error) {
	s, lib, err := t.session(turn.Tx, d)
	return &talk{Turn: turn, table: t, lib: lib, d: d, s: s, lang: s.Lang}, err
}

// withdraw ends a dialogue that cannot go on, and hands the member to people.
func (t *Table) withdraw(turn *bot.Turn, d store.Dialog, cause error) error {
	turn.Log.Error("a dialogue cannot go on", "kind", d.Kind, "err", cause)
	k := &talk{Turn: turn, table: t, lib: t.lib, d: d, lang: t.cfg.Language}
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
	if e.Probe.Kind != probeChecks {
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
