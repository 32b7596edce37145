package matrix

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// render turns the one markup of chat.Reply into what Matrix shows: a body in
// plain text, and the same in HTML. The HTML has the tags written in this file
// and no others; everything else is escaped.
func render(text string) (body, formatted string) {
	var plain, out strings.Builder
	list, broken := false, true // broken: no <br> is due before the next line
	for i, line := range strings.Split(clean(text), "\n") {
		if i > 0 {
			plain.WriteByte('\n')
		}
		item, isItem := strings.CutPrefix(line, "- ")
		if isItem != list {
			out.WriteString(map[bool]string{true: "<ul>", false: "</ul>"}[isItem])
			list, broken = isItem, true
		}
		if isItem {
			plain.WriteString("- ")
			out.WriteString("<li>")
			inline(item, &plain, &out, true)
			out.WriteString("</li>")
			continue
		}
		if !broken {
			out.WriteString("<br>")
		}
		broken = false
		inline(line, &plain, &out, true)
	}
	if list {
		out.WriteString("</ul>")
	}
	return plain.String(), out.String()
}

// inline renders bold, code and addresses in one line.
func inline(s string, plain, out *strings.Builder, bold bool) {
	write := func(tag, text string) {
		plain.WriteString(text)
		out.WriteString("<" + tag + ">" + html.EscapeString(text) + "</" + tag + ">")
	}
	start := true // at the start of a word
	for s != "" {
		if bold && strings.HasPrefix(s, "**") {
			if end := strings.Index(s[2:], "**"); end > 0 {
				out.WriteString("<strong>")
				inline(s[2:2+end], plain, out, false)
				out.WriteString("</strong>")
				s, start = s[4+end:], false
				continue
			}
		}
		if s[0] == '`' {
			if end := strings.IndexByte(s[1:], '`'); end > 0 {
				write("code", s[1:1+end])
				s, start = s[2+end:], false
				continue
			}
		}
		if n := address(s); n > 0 && start {
			link := html.EscapeString(s[:n])
			plain.WriteString(s[:n])
			out.WriteString(`<a href="` + link + `">` + link + "</a>")
			s, start = s[n:], false
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		plain.WriteString(s[:n])
		out.WriteString(html.EscapeString(s[:n]))
		start = !unicode.IsLetter(r) && !unicode.IsDigit(r)
		s = s[n:]
	}
}

// address is the length of the web address that s begins with, 0 for none. The
// punctuation after it is not part of it. A matrix.to address is left as text:
// as a link, clients show it as a person who is mentioned.
func address(s string) int {
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return 0
	}
	n := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"'`«»", r)
	})
	if n < 0 {
		n = len(s)
	}
	u := strings.TrimRight(s[:n], ".,;:!?)]}*…")
	_, host, _ := strings.Cut(u, "://")
	if host == "" || strings.HasPrefix(strings.ToLower(host), "matrix.to") {
		return 0
	}
	return len(u)
}

// clean drops what no text of ours holds, whoever wrote the words in it:
// controls except line breaks, and bidirectional overrides; and it breaks the
// word that would ring everybody's bell.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for i := 0; i+5 <= len(s); i++ {
		if strings.EqualFold(s[i:i+5], "@room") {
			s = s[:i+1] + "\u2060" + s[i+1:]
		}
	}
	return s
}
