package runbooks

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Play lets an author try a runbook in a terminal: it asks for each check's
// verdict instead of testing anything, and does not wait. It ends with the
// dialogue, or with the input.
func Play(lib *Library, rb *Runbook, o StartOptions, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	now := o.Now
	s, effects, err := Start(lib, rb, o)
	for {
		if err != nil {
			return err
		}
		for _, e := range effects {
			for _, line := range Lines(e) {
				if _, err := fmt.Fprintln(out, line); err != nil {
					return fmt.Errorf("write: %w", err)
				}
			}
		}
		now = now.Add(time.Second)
		switch s.State {
		case Ended:
			return nil
		case Waiting:
			now = s.Deadline
			if _, err := fmt.Fprintln(out, "= …"); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			s, effects, err = Due(lib, s, now)
		case Probing:
			var reports map[string]Report
			if reports, err = askVerdicts(lib, s, now, lines, out); reports == nil {
				return err
			}
			s, effects, err = Found(lib, s, reports, now)
		default:
			fmt.Fprint(out, "> ")
			if !lines.Scan() {
				return lines.Err()
			}
			s, effects, err = Answer(lib, s, lines.Text(), now)
		}
	}
}

// askVerdicts asks for "verdict field=value …", Enter meaning the good one. The
// reports are nil at the end of the input.
func askVerdicts(lib *Library, s Session, now time.Time, lines *bufio.Scanner, out io.Writer) (map[string]Report, error) {
	reports := map[string]Report{}
	for _, key := range openChecks(s) {
		p := s.Pending[key]
		kind := lib.kinds[p.Request.Kind]
		r := Report{Kind: kind.Name, Verdict: goodOf(kind), At: now, Fields: map[string]any{}}
		for {
			fmt.Fprintf(out, "? %s = %s %s [%s] ", p.Check, kind.Name, p.Request.Target(), r.Verdict)
			if !lines.Scan() {
				return nil, lines.Err()
			}
			words := strings.Fields(lines.Text())
			if len(words) > 0 && !strings.Contains(words[0], "=") {
				if !slices.Contains(kind.Verdicts, Verdict(words[0])) {
					fmt.Fprintf(out, "  %v\n", kind.Verdicts)
					continue
				}
				r.Verdict, words = Verdict(words[0]), words[1:]
			}
			for _, w := range words {
				name, value, _ := strings.Cut(w, "=")
				r.Fields[name] = typedField(kind.Fields[name], value)
			}
			break
		}
		reports[key] = r
	}
	return reports, nil
}

// goodOf is the verdict of a kind that finds nothing wrong.
func goodOf(kind Kind) Verdict {
	for _, v := range kind.Verdicts {
		if good(kind.Name, v) {
			return v
		}
	}
	return kind.Verdicts[len(kind.Verdicts)-1]
}

func typedField(t FieldType, value string) any {
	switch t {
	case FieldInt:
		n, _ := number(value)
		return n
	case FieldBool:
		return value == "true" || value == "yes"
	case FieldStrings:
		return strings.Split(value, ",")
	}
	return value
}
