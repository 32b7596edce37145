package commands

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// faqCommands find answers by words.
func faqCommands() []*Command {
	return []*Command{{Name: "apropos", English: "apropos", Role: Anyone, Run: apropos}}
}

// apropos answers from the FAQ, or names the entries that come near.
func apropos(c *Call) error {
	if c.Args == "" {
		return c.Usage()
	}
	if !tellAbout(c, c.Args) {
		c.SayID("help.none", words.Args{"Word": chat.Plain(c.Args, 30)})
	}
	return nil
}

// tellAbout answers from the FAQ, and tells whether it had an answer.
func tellAbout(c *Call, text string) bool {
	hits := c.search(text, 4)
	if len(hits) == 0 {
		return false
	}
	c.give(hits[0], hits[1:], text)
	return true
}

// entry is one FAQ entry, and the titles of others that may help.
func (c *Call) entry(e Entry, others []Entry) string {
	text := strings.TrimSpace(e.Text)
	if len(others) > 0 {
		var titles []string
		for _, o := range others {
			titles = append(titles, o.Title)
		}
		text += "\n" + c.W("faq.see_also", words.Args{"Titles": strings.Join(titles, " · ")})
	}
	return text
}

// question deals with plain words. Put to the bot they always get something to
// take up; not put to it, in a room that wants it so, an answer only when surely
// a question for the bot, and not too often.
func (t *Table) question(c *Call, text string, addressed bool) error {
	if !addressed && !t.mayAnswerUnasked(c) {
		return nil
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		if addressed {
			c.SayID("faq.courtesy_hello", nil)
		}
		return nil
	}
	d := t.know.Decide(text, addressed, !c.Private())
	c.unasked = !addressed
	if t.fromTaught(c, text, d) {
		d.Kind, d.IDs = Sure, nil
	}
	switch d.Kind {
	case Silent:
		return nil
	case Polite:
		c.SayID("faq.courtesy_"+d.Courtesy, nil)
		return nil
	case Unsure:
		return t.offer(c, text, d.IDs)
	}
	if len(d.IDs) > 0 {
		if err := t.pursue(c, d.IDs[0], text); err != nil {
			return err
		}
	}
	if !addressed {
		c.answeredUnasked(text)
	}
	return nil
}

// mayAnswerUnasked holds back in rooms that do not want it, and after an answer.
func (t *Table) mayAnswerUnasked(c *Call) bool {
	if c.Msg.History || callsSomebody(c.Msg.Text) || !t.ambientHere(c) {
		return false
	}
	d, talking := c.dialog()
	return !talking || d.Kind == dialogTicket
}

// pursue does what one of the recognised ids asks for: a diagnosis, a command's
// answer, or the FAQ's.
func (t *Table) pursue(c *Call, id, text string) error {
	if rb, ok := t.lib.ByIntent(id); ok {
		return t.begin(c, rb, text)
	}
	if cmd := t.table.find(commandFor(id)); cmd != nil {
		c.Lang() // what the sentence told of it
		c.Cmd, c.Word, c.Args = cmd, "", ""
		if id == "human" {
			c.Args = text
		}
		return cmd.Run(c)
	}
	if hits := t.know.Theme(c.Lang(), id, text, 3); len(hits) > 0 {
		c.give(hits[0], hits[1:], text)
		return nil
	}
	return t.offer(c, text, []string{id})
}

// commandFor is the command that answers one of the recognised ids, empty for none.
func commandFor(id string) string {
	return map[string]string{"status": "etat", "meeting": "agenda", "donate": "don", "human": "humain"}[id]
}

// dialogChoice is the kind of a dialogue that waits for one of some numbers.
const dialogChoice = "choice"

// choices is what a dialogue of that kind keeps.
type choices struct {
	IDs  []string `json:"ids"`
	Text string   `json:"text"`
	Lang string   `json:"lang"`
}

// offer lists what the person may want, and a human, as numbers to answer with.
func (t *Table) offer(c *Call, text string, ids []string) error {
	if len(ids) > 3 {
		ids = ids[:3]
	}
	ids = append(slices.Clone(ids), "human")
	var rows []string
	for i, id := range ids {
		rows = append(rows, fmt.Sprintf("%d) %s", i+1, c.W("faq.id_"+id, nil)))
	}
	raw, err := json.Marshal(choices{ids, chat.Cut(text, 400), c.Lang()})
	if err != nil {
		return fmt.Errorf("keep an offer: %w", err)
	}
	d := store.Dialog{Person: c.Person().ID, Room: c.Msg.Room, With: c.Msg.From, Kind: dialogChoice, Session: raw, Thread: c.Msg.Thread}
	c.Tx.PutDialog(d)
	c.Tx.SetDue(dueDialog, d.Key(), c.Now.Add(t.cfg.Limits.Confirm))
	id := "faq.offer"
	if len(ids) == 1 {
		id = "faq.offer_human"
	}
	c.SayID(id, words.Args{"Choices": strings.Join(rows, "  ")})
	return nil
}

// choiceWords takes the answer to an offer; anything but a number is a new question.
func (t *Table) choiceWords(c *Call, d store.Dialog, l line) error {
	var ch choices
	if err := json.Unmarshal(d.Session, &ch); err != nil {
		return fmt.Errorf("read an offer: %w", err)
	}
	n := choiceNumber(l.text, len(ch.IDs))
	c.Tx.DropDialog(d.Key())
	c.Tx.ClearDue(dueDialog, d.Key())
	t.offerEnded(c.Tx, ch, ch.chosen(n))
	switch {
	case n < 1 && t.bare(c, l):
		return t.run(c, l)
	case n < 1:
		return t.question(c, l.text, true)
	}
	if c.person == nil || c.person.Lang == "" {
		c.lang = ch.Lang
	}
	return t.pursue(c, ch.IDs[n-1], ch.Text)
}

// choiceNumber reads "2", "la 2", "2)", "2️⃣", "deux", "humain" (the last of them) as
// one of so many choices; 0 when the text is not just that.
func choiceNumber(s string, most int) int {
	n := 0
	for _, w := range strings.Fields(Fold(s)) {
		w = strings.TrimRight(w, ").:!,\ufe0f\u20e3")
		if slices.Contains([]string{"la", "le", "l", "the", "numero", "number", "choix", "option", "svp", "please", "n°", "no", "ok", ""}, w) {
			continue
		}
		is := slices.IndexFunc(numerals(), func(names []string) bool { return slices.Contains(names, w) })
		if n != 0 || is < 0 {
			return 0
		}
		n = is
		if is == 0 {
			n = most
		}
	}
	if n > most {
		return 0
	}
	return n
}

// numerals are the names of the choices; the first row is that of the last one.
func numerals() [][]string {
	return [][]string{{"humain", "human", "une personne"}, {"1", "un", "une", "one", "premier", "premiere", "first"},
		{"2", "deux", "two", "second", "deuxieme"}, {"3", "trois", "three", "troisieme", "third"}, {"4", "quatre", "four", "quatrieme", "fourth"}}
}
