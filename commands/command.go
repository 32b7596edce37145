package commands

import (
	"slices"

	"vigie/store"
)

// Command is one row of the table. Its help is in words, under help.NAME.short
// and help.NAME.usage and help.NAME.example.
type Command struct {
	// Name is the French name, English the English one; Aliases are other words.
	Name, English string
	Aliases       []string
	// Role is the least that the person must have.
	Role Role
	// Where narrows the rooms in which it may be typed.
	Where Where
	// Subs names the words that may follow, French and English, for help and completion.
	Subs []Sub
	// Takes tells whether a word may follow the name where no "!" says that this is a
	// command; numbers and Subs always may.
	Takes func(*Table, string) bool
	// Run does it. An error that is a *bot.Notice is read by the person; any
	// other undoes the turn with an apology.
	Run func(*Call) error
}

// Sub is a subcommand's two names.
type Sub struct{ Name, English string }

// Where says in which rooms a command may be typed.
type Where uint8

// The places of a command.
const (
	Anywhere Where = iota
	// StaffOnly: in a staff room, or in private by somebody with the role.
	StaffOnly
	// PrivateOnly: in a private conversation.
	PrivateOnly
)

// table finds commands by any of their names.
type table struct {
	rows   []*Command
	byName map[string]*Command
}

func newTable(rows ...[]*Command) *table {
	t := &table{byName: map[string]*Command{}}
	for _, row := range slices.Concat(rows...) {
		t.rows = append(t.rows, row)
		for _, n := range slices.Concat([]string{row.Name, row.English}, row.Aliases) {
			if n != "" {
				t.byName[Fold(n)] = row
			}
		}
	}
	return t
}

// find returns the command called by a word, nil when there is none.
func (t *table) find(word string) *Command { return t.byName[Fold(word)] }

// nearest returns the commands whose name is at most two typos away, the nearest first.
func (t *table) nearest(word string, may func(*Command) bool) []*Command {
	type near struct {
		c *Command
		d int
	}
	var found []near
	word = Fold(word)
	for _, c := range t.rows {
		if !may(c) {
			continue
		}
		best := 99
		for _, n := range slices.Concat([]string{c.Name, c.English}, c.Aliases) {
			if n != "" {
				best = min(best, distance(word, Fold(n)))
			}
		}
		if best <= 2 && best < len(word)-1 {
			found = append(found, near{c, best})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.d - b.d })
	out := make([]*Command, 0, 3)
	for _, n := range found {
		if len(out) < 3 {
			out = append(out, n.c)
		}
	}
	return out
}

// Fold makes words comparable: small letters, no accents, full-width forms as
// plain ones.
func Fold(s string) string { return store.Fold(s) }

// distance is how many letters to change, add, drop or swap to make a of b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 40 || len(y) > 40 {
		return 99
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
