package bottest

import (
	"fmt"
	"strings"
	"time"
)

// line is one line of a transcript, with those that continue it.
type line struct {
	number int
	// source is what stands in the file, continuations included.
	source string
	// verb is the first word: ">", "<", "+", "who" … or empty for comments and
	// blank lines. rest is what follows it.
	verb, rest string
	more       []string
}

// expects tells whether the line says what the bot has to say.
func (l line) expects() bool { return strings.HasPrefix(l.verb, "<") }

// fails makes an error that names the line.
func (l line) fails(format string, args ...any) error {
	return fmt.Errorf("line %d: %w", l.number, fmt.Errorf(format, args...))
}

// verbs are the first words that a line may have.
const verbs = " > < <~ <... + @ ! = who down up lose mend away hold release alert fetched "

// parseScript cuts a transcript into lines.
func parseScript(script string) ([]line, error) {
	var lines []line
	for i, s := range strings.Split(strings.TrimSuffix(script, "\n"), "\n") {
		s = strings.TrimRight(s, " \t\r")
		l := line{number: i + 1, source: s}
		switch {
		case s == "" || strings.HasPrefix(s, "#"):
			lines = append(lines, l)
			continue
		case strings.HasPrefix(s, "|"):
			if len(lines) == 0 || !strings.ContainsAny(lines[len(lines)-1].verb, "<>") {
				return nil, l.fails(`"|" adds to a line that says something, and there is none above`)
			}
			last := &lines[len(lines)-1]
			last.source += "\n" + s
			last.more = append(last.more, strings.TrimPrefix(strings.TrimPrefix(s, "|"), " "))
			continue
		}
		l.verb, l.rest, _ = strings.Cut(s, " ")
		l.rest = strings.TrimSpace(l.rest)
		if !strings.Contains(verbs, " "+l.verb+" ") {
			return nil, l.fails("a line cannot start with %q", l.verb)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// phrase is what stands behind ">", "<" and "<~".
type phrase struct {
	room  string
	marks map[string]string
	name  string
	// act is what is done there if not saying: reacts, edits, topic …
	act string
	// object is the id that act is about, and emoji what "reacts" puts on it.
	object, emoji string
	text          string
}

// acts are the words that stand for something else than saying; those marked
// true have a text.
var acts = map[string]bool{"reacts": false, "edits": true, "amends": true, "redacts": false, "joins": false,
	"lives": false, "topic": true, "pins": false, "unpins": false}

// parsePhrase reads "ROOM [mark] NAME act $1: text".
func parsePhrase(l line) (phrase, error) {
	p := phrase{marks: map[string]string{}}
	rest := l.rest
	p.room, rest, _ = strings.Cut(rest, " ")
	if room, said := strings.CutSuffix(p.room, ":"); said {
		p.room, rest = room, ":"+rest
	}
	if n, id, ok := strings.Cut(p.room, "/"); !ok || n == "" || id == "" {
		return p, l.fails("%q is no room: write network/room or network/@name", p.room)
	}
	for rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "["); rest = strings.TrimSpace(rest) {
		mark, after, ok := strings.Cut(rest[1:], "]")
		if !ok {
			return p, l.fails("a mark is not closed: [%s", mark)
		}
		key, value, _ := strings.Cut(mark, " ")
		p.marks[key], rest = strings.TrimSpace(value), after
	}
	head, text, said := strings.Cut(rest, ":")
	words := strings.Fields(head)
	if len(words) > 0 {
		if _, isAct := acts[words[0]]; !isAct {
			p.name, words = words[0], words[1:]
		}
	}
	if p.name == "" && strings.Contains(p.room, "/@") {
		_, p.name, _ = strings.Cut(p.room, "/@")
	}
	p.text = strings.Join(append([]string{strings.TrimPrefix(text, " ")}, l.more...), "\n")
	return p, p.parseAct(l, words, said)
}

func (p *phrase) parseAct(l line, words []string, said bool) error {
	if len(words) == 0 {
		if !said {
			return l.fails(`nothing is said: write "ROOM NAME: text"`)
		}
		return nil
	}
	p.act, words = words[0], words[1:]
	withText, ok := acts[p.act]
	if !ok {
		return l.fails("what is %q?", p.act)
	}
	if withText != said {
		return l.fails("%q and the colon do not agree", p.act)
	}
	want := 1
	switch p.act {
	case "reacts":
		want = 2
	case "joins", "lives", "topic":
		want = 0
	}
	if len(words) != want {
		return l.fails("%q wants %d words behind it", p.act, want)
	}
	if want == 2 {
		p.emoji = words[0]
	}
	if want > 0 {
		p.object = words[want-1]
	}
	return nil
}

// parseWait reads a duration that may be counted in weeks and days too.
func parseWait(s string) (time.Duration, error) {
	var total time.Duration
	rest := strings.ReplaceAll(s, " ", "")
	for _, u := range []struct {
		unit string
		is   time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		before, after, ok := strings.Cut(rest, u.unit)
		if !ok {
			continue
		}
		n := 0
		if _, err := fmt.Sscanf(before, "%d", &n); err != nil || fmt.Sprint(n) != before {
			return 0, fmt.Errorf("%q is no duration", s)
		}
		total, rest = total+time.Duration(n)*u.is, after
	}
	if rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil {
			return 0, fmt.Errorf("%q is no duration", s)
		}
		total += d
	}
	if total < 0 {
		return 0, fmt.Errorf("%q: time does not go back", s)
	}
	return total, nil
}
