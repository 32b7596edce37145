package commands

import (
	"time"

	"vigie/bot"
	"vigie/store"
)

func runbookCommands() []*Command { return nil }

func (t *Table) inDialog(c *Call, l line) bool           { return false }
func (t *Table) dialogWords(c *Call, l line) error       { return nil }
func (t *Table) found(turn *bot.Turn, e bot.Found) error { return nil }

func (t *Table) diagnosis(lang string, tk store.Ticket, now time.Time) string { return "" }
