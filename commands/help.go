package commands

import (
	"strings"

	"vigie/bot/chat"
	"vigie/commands/words"
)

// helpCommands are the ways to find out what can be said.
func helpCommands() []*Command {
	return []*Command{{Name: "aide", English: "help", Role: Anyone, Run: help,
		Takes: func(t *Table, word string) bool { return t.table.find(strings.TrimPrefix(word, "!")) != nil }}}
}

// help lists what this person may do here, or tells of one command or word.
func help(c *Call) error {
	if c.Args != "" {
		return helpOn(c)
	}
	var names []string
	for _, cmd := range c.Table.table.rows {
		if c.may(cmd) {
			names = append(names, "!"+c.commandName(cmd))
		}
	}
	c.SayID("help.list", words.Args{"Commands": strings.Join(names, " · ")})
	return nil
}

// helpOn gives a command's syntax, one example and the way back; a word that is
// no command is looked for in the FAQ.
func helpOn(c *Call) error {
	word, _ := cutWord(strings.TrimPrefix(c.Args, "!"))
	cmd := c.Table.table.find(word)
	if cmd != nil && !strings.Contains(c.Args, " ") {
		if err := c.allowed(cmd); err != nil {
			return err
		}
	}
	if cmd == nil || !c.may(cmd) {
		if tellAbout(c, c.Args) {
			return nil
		}
		c.SayID("help.none", words.Args{"Word": chat.Plain(word, 30)})
		return nil
	}
	c.SayID("help.one", words.Args{
		"Usage":   "!" + c.W("help."+cmd.Name+".usage", nil),
		"Short":   c.W("help."+cmd.Name+".short", nil),
		"Example": "!" + c.W("help."+cmd.Name+".example", nil),
	})
	return nil
}

// commandName is a command's name in the speaker's language.
func (c *Call) commandName(cmd *Command) string {
	if c.Lang() == "en" && cmd.English != "" {
		return cmd.English
	}
	return cmd.Name
}
