package commands

import (
	"strings"
	"time"

	"vigie/commands/words"
)

// offerEvery is how long the offer to change language is not made again.
const offerEvery = 30 * 24 * time.Hour

// minSpoken is how many words a line needs to tell its language for sure.
const minSpoken = 4

// offerLanguage offers to change language to somebody who, twice in a row, writes to
// the bot in another one than they chose.
func (t *Table) offerLanguage(c *Call, l line) {
	if c.person == nil || c.person.Lang == "" || l.prefixed || !l.addressed || len(strings.Fields(l.text)) < minSpoken {
		return
	}
	heard := t.detect(l.text)
	note := "other-lang/" + c.person.ID
	was := c.Tx.Note(note)
	at, err := time.Parse(time.RFC3339, was)
	switch offered := err == nil && c.Now.Sub(at) < offerEvery; {
	case heard == "" || offered:
	case heard == c.person.Lang:
		if was != "" {
			c.Tx.SetNote(note, "")
		}
	case was == "once":
		c.Tx.SetNote(note, c.Now.Format(time.RFC3339))
		c.Say(t.words.Say(heard, "teach.other_language", words.Args{"Lang": heard}))
	default:
		c.Tx.SetNote(note, "once")
	}
}
