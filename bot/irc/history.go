package irc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// marks say how far each channel has been read, by folded name. As JSON they are
// the transport's cursor.
type marks map[string]position

// position is the last message taken: the server's time, and its id.
type position struct {
	At time.Time `json:"at"`
	ID string    `json:"id,omitempty"`
}

// readMarks reads a cursor. One that cannot be read counts as none.
func readMarks(cursor []byte) marks {
	m := marks{}
	if json.Unmarshal(cursor, &m) != nil || m == nil {
		return marks{}
	}
	return m
}

// advance moves a channel's mark forward and returns the whole as a cursor.
func (m marks) advance(channel string, p position) []byte {
	if old, ok := m[channel]; !ok || !p.At.Before(old.At) {
		m[channel] = p
	}
	b, err := json.Marshal(m)
	if err != nil {
		return nil // a year beyond 9999: the server's clock is mad
	}
	return b
}

// ask is one question to the server's history: for what a channel said while
// the bot was away, or whether a reply has arrived.
type ask struct {
	label, target string
	at            time.Time
	room          *room // to catch up; nil when a job asks
	pages         int
	limit         int
	begun         bool // its batch has been seen
	done, ok      bool
	events        []*girc.Event
}

const (
	askTimeout = 15 * time.Second
	askPages   = 5
	askLooking = 100 // messages, to find a reply again
)

// canRead tells whether the server's history can be read.
func (s *session) canRead() bool {
	return !s.cfg.NoHistory && s.caps["draft/chathistory"] && s.caps["batch"] && s.caps["server-time"] && s.caps["message-tags"]
}

// request puts a question to the server's history.
func (s *session) request(a *ask, sub, target, from string) {
	a.target, a.at = s.sup.fold(target), time.Now()
	a.begun, a.done, a.ok, a.events = false, false, false, nil
	buf, err := command("CHATHISTORY", sub, target, from, strconv.Itoa(a.limit))
	if err != nil {
		s.log.Error("irc: the history cannot be asked for", "error", err)
		if a.done = true; a.room != nil {
			a.room.reading = false
		}
		return
	}
	if s.caps["labeled-response"] {
		s.seq++
		a.label = "h" + strconv.FormatUint(s.seq, 10)
		buf = tagged(buf, "label", a.label)
	}
	s.asks = append(s.asks, a)
	s.addChore(buf)
}

// readBack asks for what r said since the bot was last there. At the very first
// sight there is no such moment: it only notes the present one.
func (s *session) readBack(r *room, key string, joined *girc.Event) {
	if !s.canRead() {
		return
	}
	last, ok := s.t.marks[key]
	if !ok {
		if at := serverTime(joined); !at.IsZero() {
			s.t.marks.advance(key, position{At: at})
		}
		return
	}
	r.reading = true
	s.request(&ask{room: r, limit: s.sup.history}, "AFTER", r.name, stamp(last.At.Add(-time.Millisecond)))
}

func stamp(t time.Time) string { return "timestamp=" + t.UTC().Format("2006-01-02T15:04:05.000Z") }

// tickAsks gives up questions without answer.
func (s *session) tickAsks(now time.Time) {
	for _, a := range slices.Clone(s.asks) {
		if now.Sub(a.at) > askTimeout {
			s.finish(a, false)
		}
	}
}

// failAsk ends the question with that label, or the oldest where there are no
// labels.
func (s *session) failAsk(label string) {
	for _, a := range s.asks {
		if a.label == label {
			s.finish(a, false)
			return
		}
	}
}

// finish ends a question.
func (s *session) finish(a *ask, ok bool) {
	i := slices.Index(s.asks, a)
	if i < 0 {
		return
	}
	s.asks = slices.Delete(s.asks, i, i+1)
	a.done, a.ok = true, ok
	if a.room != nil {
		s.caughtUp(a)
	}
}

// caughtUp hands on what a channel said in the bot's absence, asks for more when
// there may be more, and then lets go of what was said in the meantime.
func (s *session) caughtUp(a *ask) {
	r := a.room
	if r.state != inside || !r.reading {
		return
	}
	var last time.Time
	for _, e := range a.events {
		if at := serverTime(e); !at.IsZero() {
			last = at
		}
		s.recall(r, e)
	}
	if a.pages++; a.ok && len(a.events) >= a.limit && a.pages < askPages && !last.IsZero() {
		s.request(a, "AFTER", r.name, stamp(last))
		return
	}
	held := r.held
	r.reading, r.held = false, nil
	for _, m := range held {
		s.passOn(r, m)
	}
}

// recall hands on one line of history. Servers also play back joins and the
// like, some of them as words of a service.
func (s *session) recall(r *room, e *girc.Event) {
	if e.Command != "PRIVMSG" || len(e.Params) != 2 || s.mine(e) || s.robot(e) || e.Source.Name == "HistServ" {
		return
	}
	if strings.HasPrefix(e.Params[1], "\x01") && !e.IsAction() {
		return
	}
	if m, ok := s.message(e); ok {
		m.History = true
		s.passOn(r, m)
	}
}

// searched tells what to do with a reply that may have arrived already.
func (s *session) searched(j *job) verdict {
	if j.search == nil && s.canRead() {
		j.search = &ask{limit: min(askLooking, s.sup.history)}
		s.request(j.search, "LATEST", j.target, "*")
	}
	switch {
	case j.search != nil && !j.search.done:
		return hold
	case j.search == nil || !j.search.ok:
		return s.ended(j, "", fmt.Errorf("the history of %s cannot be read: %w", shown(j.target), chat.ErrUnknown))
	}
	if proof := s.find(j); proof != "" {
		return s.ended(j, proof, nil)
	}
	return writable
}

// find looks for all of j's lines, in order, among our own lines in the history,
// and gives the proof of the last. Lines that carry a mark are believed by
// their mark, others by their text, with and without the sign of a repeat.
func (s *session) find(j *job) string {
	var marked, plain []*girc.Event
	for _, e := range j.search.events {
		acc, _ := tag(e, "account")
		if e.Command != j.verb || !s.mine(e) && (acc == "" || acc != s.reg.account) {
			continue
		}
		if _, ok := tag(e, markTag); ok {
			marked = append(marked, e)
		} else {
			plain = append(plain, e)
		}
	}
	if p := run(marked, func(e *girc.Event) (int, int) { return markOf(e, j.reply.Key) }); p != "" {
		return p
	}
	once, again := j.reply, j.reply
	once.Repeat, again.Repeat = false, true
	for _, r := range []chat.Reply{once, again} {
		texts := s.pieces(r, j.verb, j.target)
		for i := 0; len(texts) > 0 && i+len(texts) <= len(plain); i++ {
			at := 0
			if p := run(plain[i:i+len(texts)], func(e *girc.Event) (int, int) {
				at++
				if strip(texts[at-1]) != strip(e.Last()) {
					return 0, 0
				}
				return at, len(texts)
			}); p != "" {
				return p
			}
		}
	}
	return ""
}

// run gives the proof of the last of n lines when all, from 1 to n, are among events in
// order; number says which line of how many an event is.
func run(events []*girc.Event, number func(*girc.Event) (i, n int)) string {
	next := 1
	for _, e := range events {
		i, n := number(e)
		switch {
		case n == 0:
			continue
		case i != next:
			next = 1
			if i != 1 {
				continue
			}
		}
		if next++; i == n {
			if id, _ := tag(e, "msgid"); id != "" {
				return id
			}
			return "history"
		}
	}
	return ""
}

// markOf reads the mark of e: line i of n of the reply with that key, or zeros.
func markOf(e *girc.Event, key string) (i, n int) {
	v, _ := tag(e, markTag)
	f := strings.Split(v, ".")
	if len(f) != 3 {
		return 0, 0
	}
	i, err1 := strconv.Atoi(f[1])
	n, err2 := strconv.Atoi(f[2])
	if err1 != nil || err2 != nil || n > maxLines || v != mark(key, i-1, n) {
		return 0, 0
	}
	return i, n
}
