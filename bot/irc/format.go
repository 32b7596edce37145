package irc

import (
	"strings"

	"vigie/bot/chat"
)

// bold is the one formatting code that is ever sent: it toggles.
const bold = '\x02'

// render turns the markup of a chat.Reply into lines, not yet cut to length:
// **bold** becomes bold, `code` stays as the plain words, lists stay lists. Every other
// control character goes, so that nothing in a text can end a line or start a
// CTCP.
func render(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Map(func(r rune) rune {
			switch {
			case r == '\t', r == '\u2028', r == '\u2029':
				return ' '
			case r < ' ' || r >= 0x7f && r < 0xa0:
				return -1
			}
			return r
		}, strings.ToValidUTF8(line, "\uFFFD"))
		line = strings.TrimRight(markup(line), " ")
		if strings.Trim(line, " \x02") != "" {
			out = append(out, line)
		}
	}
	return out
}

// markup replaces pairs of ** by bold and takes the backquotes off `code`, in
// which ** means itself. A sign without its partner stands for itself.
func markup(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "*`")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		sign := "`"
		if s[0] == '*' {
			sign = "**"
		}
		rest, opens := strings.CutPrefix(s, sign)
		inner, after, closes := strings.Cut(rest, sign)
		if !opens || !closes || inner == "" {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		if sign == "`" {
			b.WriteString(inner)
		} else {
			b.WriteRune(bold)
			b.WriteString(strings.ReplaceAll(inner, "`", ""))
			b.WriteRune(bold)
		}
		s = after
	}
	return b.String() + s
}

// strip takes IRC formatting out of a text that came in: colours with their
// numbers, and the toggles. What else a person can type stays.
func strip(s string) string {
	if !strings.ContainsAny(s, "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f\x01") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case 0x03:
			i += colour(s[i+1:], 2, "0123456789")
		case 0x04:
			i += colour(s[i+1:], 6, "0123456789abcdefABCDEF")
		case 0x01, 0x02, 0x0f, 0x11, 0x16, 0x1d, 0x1e, 0x1f:
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// colour is how many bytes of s belong to a colour code: up to n digits, and up
// to n more behind a comma.
func colour(s string, n int, digits string) int {
	count := func(s string) int {
		i := 0
		for i < len(s) && i < n && strings.IndexByte(digits, s[i]) >= 0 {
			i++
		}
		return i
	}
	fg := count(s)
	if fg == 0 || fg >= len(s) || s[fg] != ',' {
		return fg
	}
	if bg := count(s[fg+1:]); bg > 0 {
		return fg + 1 + bg
	}
	return fg
}

// repeatMark stands in front of a text that may have been read before. It is
// the same in every language.
const repeatMark = "(↻) "

// topicText makes one line of a topic, of at most limit bytes.
func topicText(text string, limit int) string {
	t := strings.ReplaceAll(strings.Join(render(text), " · "), string(bold), "")
	if len(t) <= limit {
		return t
	}
	const more = "…"
	if pieces := split(t, limit-len(more)); len(pieces) > 1 {
		return strings.TrimRight(pieces[0], " ") + more
	}
	return t
}

// shown is what of a nick may stand in front of a line.
func shown(nick string) string { return strings.Join(strings.Fields(chat.Clean(nick)), "") }
