package commands

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"vigie/bot/chat"
	"vigie/commands/words"
	"vigie/store"
)

// aliasTaught reads "alias mot = autre, encore"; "alias mot = -autre" takes one off.
func aliasTaught(c *Call) error {
	head, tail, ok := strings.Cut(c.Args, "=")
	if !ok || strings.TrimSpace(tail) == "" {
		return c.Usage()
	}
	n, err := c.taughtName(head)
	if err != nil {
		return err
	}
	e, err := c.changeable(n)
	if err != nil {
		return err
	}
	e.Aliases = slices.Clone(e.Aliases)
	added := false
	for _, a := range strings.Split(tail, ",") {
		name, off := strings.CutPrefix(strings.TrimSpace(a), "-")
		w := taughtWord(name)
		switch {
		case w == "" || len([]rune(w)) > maxTaughtWord:
			return c.Refuse("teach.bad_word", words.Args{"Max": maxTaughtWord})
		case off:
			e.Aliases = slices.DeleteFunc(e.Aliases, func(x string) bool { return x == w })
		case !slices.Contains(e.Aliases, w) && w != e.Word:
			e.Aliases, added = append(e.Aliases, w), true
		}
	}
	if len(e.Aliases) > maxAliases {
		return c.Refuse("teach.too_many_aliases", words.Args{"Max": maxAliases})
	}
	if added { // it would speak of more than what was reviewed
		e = e.Rewritten(c.Person().ID, c.Now)
	}
	e = c.change(store.TaughtAlias, e)
	c.SayID("teach.aliases", c.taughtArgs(e))
	return nil
}

// changeable finds an answer that the speaker may change.
func (c *Call) changeable(n taughtName) (store.Taught, error) {
	e, err := c.named(n)
	if err == nil {
		err = c.unlocked(e)
	}
	return e, err
}

// editTaught changes an answer by "s/a/b/".
func editTaught(c *Call, n taughtName, sub string) error {
	e, err := c.changeable(n)
	if err != nil {
		return err
	}
	text, problem := substitute(e.Text, sub)
	if problem != "" {
		return c.Refuse("teach.edit_"+problem, nil)
	}
	e.Text = chat.Cut(text, maxTaughtText)
	e = c.change(store.TaughtEdit, e.Rewritten(c.Person().ID, c.Now))
	c.SayID("teach.edited", c.taughtArgs(e))
	c.tellOthers(e)
	return nil
}

// substitute does what sed's s does: any delimiter, flags g (all) and i (any
// case), \1 … \9 for groups, \/ for the delimiter. The pattern is a regular
// expression of Go's, whose cost is linear. problem is "form", "pattern",
// "nothing" (no such words) or "empty" (nothing would be left).
func substitute(text, sub string) (out, problem string) {
	rest, ok := strings.CutPrefix(sub, "s")
	if !ok || rest == "" || len(rest) > 1000 {
		return "", "form"
	}
	delim, size := utf8.DecodeRuneInString(rest)
	if strings.ContainsRune("\\ \t\n", delim) {
		return "", "form"
	}
	parts := splitEscaped(rest[size:], delim)
	if len(parts) == 2 {
		parts = append(parts, "") // the last delimiter forgotten
	}
	if len(parts) != 3 || parts[0] == "" {
		return "", "form"
	}
	pattern, all := parts[0], false
	for _, flag := range parts[2] {
		switch flag {
		case 'g':
			all = true
		case 'i':
			pattern = "(?i)" + pattern
		default:
			return "", "form"
		}
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", "pattern"
	}
	times := 1
	if all {
		times = -1
	}
	found := re.FindAllStringSubmatchIndex(text, times)
	if len(found) == 0 {
		return "", "nothing"
	}
	var b strings.Builder
	at := 0
	for _, m := range found {
		b.WriteString(text[at:m[0]])
		fillIn(&b, parts[1], text, m)
		at = m[1]
		if b.Len() > 8*maxTaughtText {
			return "", "form"
		}
	}
	b.WriteString(text[at:])
	if out = strings.TrimSpace(b.String()); out == "" {
		return "", "empty"
	}
	return out, ""
}

// fillIn writes what stands for one match, \1 … \9 being its groups.
func fillIn(b *strings.Builder, with, text string, m []int) {
	for i := 0; i < len(with); i++ {
		if with[i] != '\\' || i+1 == len(with) {
			b.WriteByte(with[i])
			continue
		}
		i++
		g := int(with[i] - '0')
		switch {
		case with[i] < '1' || with[i] > '9':
			b.WriteByte(with[i])
		case 2*g+1 < len(m) && m[2*g] >= 0:
			b.WriteString(text[m[2*g]:m[2*g+1]])
		}
	}
}

// splitEscaped cuts at delim; "\" before it makes it a letter like others.
func splitEscaped(s string, delim rune) []string {
	parts := []string{""}
	escaped := false
	for _, r := range s {
		last := &parts[len(parts)-1]
		switch {
		case escaped:
			if r != delim {
				*last += `\`
			}
			*last += string(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == delim:
			parts = append(parts, "")
		default:
			*last += string(r)
		}
	}
	if escaped {
		parts[len(parts)-1] += `\`
	}
	return parts
}
