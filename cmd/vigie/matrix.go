package main

import (
	"fmt"
	"slices"
	"strings"

	"vigie/bot/matrix"
	"vigie/commands"
	"vigie/commands/words"
)

// matrixConfig completes what the file says of one Matrix account with what the
// rest of the configuration knows: who its staff are, and what is said to a
// stranger whose invitation is refused.
func (c *Config) matrixConfig(n matrix.Config) (matrix.Config, error) {
	catalog, err := words.Load()
	if err != nil {
		return n, fmt.Errorf("load words: %w", err)
	}
	n.Words.Refusal = catalog.Say(c.Language, "matrix.refusal", nil)
	n.Staff = c.staffOf(n.Name)
	return n, nil
}

// staffOf lists the accounts of one network that have a role beyond member.
func (c *Config) staffOf(network string) (accounts []string) {
	for _, role := range []commands.Role{commands.Adminsys, commands.Operator, commands.Board} {
		for _, id := range c.Roles[role] {
			if account, ok := strings.CutPrefix(id, network+"/"); ok && !slices.Contains(accounts, account) {
				accounts = append(accounts, account)
			}
		}
	}
	return accounts
}
