package irc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lrstanley/girc"
)

// maxLine bounds one incoming line with its tags, in bytes.
const maxLine = 16 << 10

var errLongLine = errors.New("the server sent a line of more than 16 KiB")

// readLines cuts r into lines and hands each event that makes sense to take,
// until r ends or take refuses. Empty, unparsable and pointless lines are passed over.
func readLines(r io.Reader, take func(*girc.Event) bool) error {
	br := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := br.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return errLongLine
		case err != nil:
			return err
		}
		if e := parse(string(line)); e != nil && !take(e) {
			return nil
		}
	}
}

// userCommands come from a user; without a prefix they mean nothing.
var userCommands = " PRIVMSG NOTICE TAGMSG JOIN PART QUIT NICK KICK INVITE TOPIC ACCOUNT CHGHOST SETNAME AWAY MODE "

// parse is girc's parser, and nil for a line that nobody could use.
func parse(line string) *girc.Event {
	line = strings.TrimRight(line, "\r\n")
	if strings.ContainsAny(line, "\x00\r") {
		return nil
	}
	e := girc.ParseEvent(line)
	if e == nil || e.Command == "" {
		return nil
	}
	if e.Source == nil && strings.Contains(userCommands, " "+e.Command+" ") {
		return nil
	}
	return e
}

// param is the nth parameter of e, or nothing.
func param(e *girc.Event, n int) string {
	if n < len(e.Params) {
		return e.Params[n]
	}
	return ""
}

// tag is the value of a message tag. Tags.Get would decode it a second time.
func tag(e *girc.Event, name string) (string, bool) {
	v, ok := e.Tags[name]
	return v, ok
}

// serverTime is when the server says that e happened; zero when it does not.
func serverTime(e *girc.Event) time.Time {
	at, err := time.Parse(time.RFC3339Nano, e.Tags["time"])
	if err != nil {
		return time.Time{}
	}
	return at
}

// command builds one outgoing line, with its line end. The last parameter may
// hold spaces; none may hold anything that ends a line, and no other may be
// empty, hold a space or start with a colon: such a line is a mistake, and is
// refused whole.
func command(name string, params ...string) ([]byte, error) {
	var b strings.Builder
	b.WriteString(name)
	for i, p := range params {
		last := i == len(params)-1
		if strings.ContainsAny(p, "\r\n\x00") {
			return nil, fmt.Errorf("a parameter of %s holds a line break", name)
		}
		b.WriteByte(' ')
		if last && (p == "" || p[0] == ':' || strings.Contains(p, " ")) {
			b.WriteByte(':')
		} else if p == "" || p[0] == ':' || strings.Contains(p, " ") {
			return nil, fmt.Errorf("parameter %d of %s is not one word", i+1, name)
		}
		b.WriteString(p)
	}
	b.WriteString("\r\n")
	return []byte(b.String()), nil
}

// say builds a PRIVMSG, NOTICE or TOPIC, whose text always stands behind a colon.
func say(name, target, text string) ([]byte, error) {
	head, err := command(name, target, "") // ends in a colon
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(text, "\r\n\x00") {
		return nil, fmt.Errorf("the text of a %s holds a line break", name)
	}
	return append(head[:len(head)-2], text+"\r\n"...), nil
}

// tagged puts message tags before a line. Keys and values are ours, never a
// person's: plain words that need no escaping, which is checked all the same.
func tagged(line []byte, kv ...string) []byte {
	var b strings.Builder
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] == "" || !plainTag(kv[i+1]) {
			continue
		}
		b.WriteByte("@;"[min(1, b.Len())])
		b.WriteString(kv[i] + "=" + kv[i+1])
	}
	if b.Len() == 0 {
		return line
	}
	return append([]byte(b.String()+" "), line...)
}

// plainTag tells whether v can stand as a tag's value without being escaped.
func plainTag(v string) bool {
	return len(v) <= 200 && !strings.ContainsFunc(v, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || r == ';' || r == '\\'
	})
}

// utf8Text repairs a text that is not UTF-8: it is then taken for Latin-1, as
// old clients in Europe write it.
func utf8Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}
