package story

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"maunium.net/go/mautrix/id"

	"vigie/cmd/lab/clients"
)

// copyBounded reads at most 4 MiB.
func copyBounded(w io.Writer, r io.Reader) (int64, error) {
	return io.Copy(w, io.LimitReader(r, 4<<20))
}

// A Screen writes the transcript: what each side reads, as it comes. It shows channels as one onlooker sees them, and
// private words as those who read them do.
type Screen struct {
	mu      sync.Mutex
	out     io.Writer
	sources []func() []row
	stop    chan struct{}
	stopped sync.WaitGroup
	err     error
}

// A row is one thing said.
type row struct {
	at               time.Time
	where, who, text string
}

// NewScreen starts a transcript on out.
func NewScreen(out io.Writer) *Screen {
	s := &Screen{out: out, stop: make(chan struct{})}
	s.stopped.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-s.stop:
				return
			case <-tick.C:
				s.show()
			}
		}
	})
	return s
}

// Close shows what is left and ends the transcript. The error is that of the first write that failed.
func (s *Screen) Close() error {
	close(s.stop)
	s.stopped.Wait()
	s.show()
	return s.err
}

// Note writes a line of its own between what people say: a heading, or what the stage does.
func (s *Screen) Note(format string, args ...any) {
	s.show()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.print(fmt.Sprintf(format, args...) + "\n")
}

func (s *Screen) print(text string) {
	if _, err := io.WriteString(s.out, text); err != nil && s.err == nil {
		s.err = err
	}
}

// show writes what was said since the last time, in order.
func (s *Screen) show() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []row
	for _, source := range s.sources {
		rows = append(rows, source()...)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for _, r := range rows {
		head := fmt.Sprintf("%s  %s %s │ ", r.at.Format("15:04:05"), pad(r.where, 26), pad(r.who, 7))
		margin := strings.Repeat(" ", 45) + "│ "
		s.print(head + strings.ReplaceAll(fold(r.text), "\n", "\n"+margin) + "\n")
	}
}

// fold keeps the beginning of what is long, as a chat client does.
func fold(text string) string {
	lines := strings.Split(text, "\n")
	const most = 6
	if len(lines) <= most {
		return text
	}
	return strings.Join(lines[:most], "\n") + fmt.Sprintf("\n(et %d lignes)", len(lines)-most)
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// WatchIRC shows what a client sees: channels, or its own private words.
func (s *Screen) WatchIRC(c *clients.IRC, channels bool) {
	from := c.Mark()
	s.add(func() []row {
		var rows []row
		seen := c.Since(from)
		from += clients.Mark(len(seen))
		for _, l := range seen {
			if r, ok := ircRow(l, c.Nick(), channels); ok {
				rows = append(rows, r)
			}
		}
		return rows
	})
}

func ircRow(l clients.IRCLine, me string, channels bool) (row, bool) {
	r := row{at: l.At, who: l.From, text: visible(l.Text()), where: "irc " + l.Target()}
	switch l.Command {
	case "PRIVMSG", "NOTICE":
		inChannel := strings.HasPrefix(l.Target(), "#")
		if inChannel != channels || strings.Contains(l.From, ".") {
			return r, false
		}
		if !inChannel {
			r.where = "irc en privé → " + l.Target()
		}
		return r, inChannel || strings.EqualFold(l.Target(), me) || strings.EqualFold(l.From, me)
	case "TOPIC":
		r.text = "[sujet] " + r.text
		return r, channels
	}
	return r, false
}

// visible takes out what only steers a terminal: colours of IRC, control characters.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, text)
}

// WatchMatrix shows what a client sees in some rooms, by the names given to them.
func (s *Screen) WatchMatrix(c *clients.Matrix, rooms map[id.RoomID]string) {
	from := c.Mark()
	s.add(func() []row {
		var rows []row
		seen := c.Since(from)
		from += clients.Mark(len(seen))
		for _, e := range seen {
			if name, ok := rooms[e.Room]; ok {
				if r, ok := matrixRow(e, name); ok {
					rows = append(rows, r)
				}
			}
		}
		return rows
	})
}

func matrixRow(e clients.MatrixEvent, room string) (row, bool) {
	r := row{at: e.At, who: e.Sender.Localpart(), text: visible(e.Text), where: "matrix " + room}
	if e.Encrypted {
		r.where += " 🔒"
	}
	if e.Thread != "" {
		r.where += " ↳fil"
	}
	switch e.Type {
	case "m.room.message":
		if e.Edits != "" {
			r.text = "(corrigé) " + r.text
		}
		return r, true
	case "m.reaction":
		r.text = e.React
		return r, true
	case "m.room.topic":
		r.text = "[sujet] " + r.text
		return r, true
	case "m.room.encrypted":
		r.text = "(illisible : " + e.Problem + ")"
		return r, true
	}
	return r, false
}

func (s *Screen) add(source func() []row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sources = append(s.sources, source)
}
