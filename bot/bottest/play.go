package bottest

import (
	"errors"
	"flag"
	"os"
	"strings"
)

// ErrSaid is wrapped by the error of a transcript that went differently.
var ErrSaid = errors.New("the bot says something else")

// step is something that happens, and what has to be said then.
type step struct {
	// lines are all lines of the step in order; the first is what happens.
	lines []line
}

// Play plays a transcript and returns it as it really went: equal to script when
// all was said as expected, and otherwise with the right lines in place, ready to be
// put in the file. The error then wraps ErrSaid and names the first line. Any
// other error says what is wrong with the transcript, or what the bot died of.
func (p *Player) Play(script string) (really string, err error) {
	lines, err := parseScript(script)
	if err != nil {
		return script, err
	}
	var out []string
	var differs error
	for _, s := range steps(lines) {
		if len(s.lines) > 0 && s.lines[0].verb != "" && !s.lines[0].expects() {
			if err := p.perform(s.lines[0]); err != nil {
				return script, err
			}
		}
		written, err := p.compare(s)
		if differs == nil {
			differs = err
		}
		if err != nil && !errors.Is(err, ErrSaid) {
			return script, err
		}
		out = append(out, written...)
	}
	return strings.Join(out, "\n") + "\n", differs
}

// steps groups lines: each thing that happens with what follows it.
func steps(lines []line) []step {
	var all []step
	for _, l := range lines {
		if len(all) == 0 || l.verb != "" && !l.expects() {
			all = append(all, step{})
		}
		last := &all[len(all)-1]
		last.lines = append(last.lines, l)
	}
	return all
}

// compare holds what was said against a step's expectations. It returns the
// step's lines as they should be.
func (p *Player) compare(s step) ([]string, error) {
	heard := p.heard
	p.heard = nil
	var out []string
	var differs error
	open, last := false, 0 // last: where in out the next reply belongs
	for i, l := range s.lines {
		if !l.expects() {
			out = append(out, l.source)
			if i == 0 {
				last = len(out)
			}
			continue
		}
		if l.verb == "<..." {
			open = true
			out = append(out, l.source)
			last = len(out)
			continue
		}
		want, err := parsePhrase(l)
		if err != nil {
			return nil, err
		}
		var skipped []string
		at := p.find(want, l.verb == "<~", heard)
		if at >= 0 && !open {
			for _, h := range heard[:at] {
				skipped = append(skipped, p.phrase(h).render(nil))
			}
		}
		if at != 0 && !(open && at > 0) && differs == nil {
			differs = p.differs(l, heard)
		}
		out = append(out, skipped...)
		if at >= 0 {
			p.name(want, heard[at])
			heard, open = heard[at+1:], false
			out = append(out, l.source)
		} else if len(heard) > 0 && !open && !p.wanted(s.lines[i+1:], heard[0]) {
			p.name(want, heard[0])
			out = append(out, p.phrase(heard[0]).render(want.marks))
			heard = heard[1:]
		}
		last = len(out)
	}
	if open {
		return out, differs
	}
	var rest []string
	for _, h := range heard {
		rest = append(rest, p.phrase(h).render(nil))
	}
	if len(rest) > 0 && differs == nil {
		differs = s.lines[0].fails("%w, unexpected:\n%s", ErrSaid, strings.Join(rest, "\n"))
	}
	return append(out[:last:last], append(rest, out[last:]...)...), differs
}

// find is where in heard the expectation is met, or -1.
func (p *Player) find(want phrase, loosely bool, heard []said) int {
	want = p.resolved(want)
	for i, h := range heard {
		if want.fits(p.phrase(h), loosely) {
			return i
		}
	}
	return -1
}

// wanted tells whether one of the later lines expects this.
func (p *Player) wanted(later []line, h said) bool {
	for _, l := range later {
		if l.verb != "<" && l.verb != "<~" {
			continue
		}
		if want, err := parsePhrase(l); err == nil && p.find(want, l.verb == "<~", []said{h}) == 0 {
			return true
		}
	}
	return false
}

// name gives a reply the name that the line has for it.
func (p *Player) name(want phrase, h said) {
	if label, ok := want.marks["id"]; ok {
		p.labels[h.id], p.ids[label] = label, h.id
	}
}

// resolved writes ids as phrase does, so that $3 and its name are the same.
func (p *Player) resolved(want phrase) phrase {
	marks := map[string]string{}
	for k, v := range want.marks {
		marks[k] = p.label(v)
	}
	want.marks, want.object = marks, p.label(want.object)
	return want
}

func (p *Player) differs(l line, heard []said) error {
	got := "nothing"
	if len(heard) > 0 {
		got = p.phrase(heard[0]).render(nil)
	}
	return l.fails("%w\nwanted %s\nheard  %s", ErrSaid, l.source, got)
}

// TB is the part of testing.TB that Play uses, so that programs which play transcripts need
// not hold package testing.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// Play plays the transcript in a file as a test. When it goes differently the
// test fails and prints the whole transcript as it really went; with
// Options.Update, or the test binary's own -update flag, it rewrites the file instead.
func Play(t TB, path string, o Options) {
	t.Helper()
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read the transcript: %v", err)
	}
	p := NewPlayer(o)
	really, err := p.Play(string(script))
	if e := p.Close(); e != nil {
		t.Errorf("close the store: %v", e)
	}
	switch {
	case err == nil:
	case !errors.Is(err, ErrSaid):
		t.Fatalf("%s: %v", path, err)
	case o.Update || updating():
		if err := os.WriteFile(path, []byte(really), 0o600); err != nil {
			t.Fatalf("rewrite the transcript: %v", err)
		}
		t.Logf("%s is rewritten", path)
	default:
		t.Errorf("%s: %v\n\nwhat was really said (run with -update to write it down):\n\n%s", path, err, really)
	}
}

// updating tells whether the test binary has an -update flag and was given it.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}
