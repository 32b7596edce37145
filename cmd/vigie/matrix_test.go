package main

import (
	"slices"
	"strings"
	"testing"

	"vigie/bot/matrix"
	"vigie/commands"
)

func TestMatrixKnowsItsStaffAndItsWords(t *testing.T) {
	c := defaults()
	c.Language = "en"
	c.Roles = map[commands.Role][]string{
		commands.Adminsys: {"m/@jean:example.org", "irc/jean"},
		commands.Operator: {"m/@jean:example.org", "other/@eve:example.org"},
		commands.Board:    {"m/@awa:example.org"},
		commands.Member:   {"m/@bob:example.org"},
	}
	n, err := c.matrixConfig(matrix.Config{Name: "m"})
	if err != nil || !slices.Equal(n.Staff, []string{"@jean:example.org", "@awa:example.org"}) {
		t.Errorf("got %v, %v", n.Staff, err)
	}
	if !strings.HasPrefix(n.Words.Refusal, "Hello") {
		t.Errorf("got %q", n.Words.Refusal)
	}
}
