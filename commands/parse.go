package commands

import (
	"strings"
	"unicode"

	"vigie/bot/chat"
)

// line is one line of a message, as a command or as plain words.
type line struct {
	// prefixed says that it began with "!", addressed that it was put to the bot.
	prefixed, addressed bool
	// word is the command's name as typed, args what follows it.
	word, args string
	// text is the whole line without prefix and without the bot's name.
	text string
}

// parse reads a message's text. Several lines are several commands only if each is
// prefixed; otherwise the message is one text.
func parse(m chat.Message, names []string) []line {
	var commands []line
	rows := strings.FieldsFunc(m.Text, func(r rune) bool { return r == '\n' || r == '\r' })
	for _, row := range rows {
		l := parseLine(row, names)
		l.addressed = l.addressed || m.Addressed || m.Room.Private
		if !l.prefixed {
			commands = nil
			break
		}
		commands = append(commands, l)
	}
	if len(commands) > 0 {
		return commands
	}
	l := parseLine(strings.Join(rows, "\n"), names)
	l.addressed = l.addressed || m.Addressed || m.Room.Private
	return []line{l}
}

func parseLine(s string, names []string) line {
	s = strings.TrimSpace(s)
	var l line
	if rest, ok := trimAddress(s, names); ok {
		l.addressed, s = true, rest
	}
	if r := strings.TrimPrefix(strings.TrimPrefix(s, "!"), "！"); r != s && r != "" && unicode.IsLetter([]rune(r)[0]) {
		l.prefixed, s = true, r
	}
	l.text = s
	l.word, l.args = cutWord(s)
	return l
}

// trimAddress takes "vigie:", "vigie," or "vigie " at the start of a line off,
// whatever the case and accents: not everybody types the colon.
func trimAddress(s string, names []string) (string, bool) {
	bare := []rune(strings.TrimPrefix(s, "@"))
	for _, name := range names {
		n := len([]rune(name))
		if len(bare) < n || Fold(string(bare[:n])) != Fold(name) {
			continue
		}
		rest := []rune(strings.TrimSpace(string(bare[n:])))
		switch {
		case len(rest) == 0:
			return "", true
		case !strings.ContainsRune(":,，：", rest[0]) && (unicode.IsSpace(bare[n]) || strings.ContainsRune("?!", bare[n])):
			return string(rest), true
		case strings.ContainsRune(":,，：", rest[0]):
			return strings.TrimSpace(string(rest[1:])), true
		}
	}
	return s, false
}

// cutWord takes the first word off.
func cutWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}
