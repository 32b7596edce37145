package irc

import (
	"encoding/json"
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
// the bot was away, who wrote to it in private, or whether replies have arrived.
type ask struct {
	label, target string
	at            time.Time
	room          *room      // to catch up; nil when jobs ask
	then          func(*ask) // what to do at the end, instead of catching up with room
	pages         int
	limit         int
	begun         bool // its batch has been seen
	done, ok      bool
	events        []*girc.Event
}

const (
	askTimeout = 15 * time.Second
	askPages   = 20 // with 100 lines each: as much as servers keep
)

// canRead tells whether the server's history can be read.
func (s *session) canRead() bool {
	return !s.cfg.NoHistory && s.caps["draft/chathistory"] && s.caps["batch"] && s.caps["server-time"] && s.caps["message-tags"]
}

// request puts a question to the server's history.
func (s *session) request(a *ask, sub, target, from string) {
	a.at = time.Now()
	if a.target = s.sup.fold(target); sub == "TARGETS" {
		a.target = "" // its answer names none
	}
	a.begun, a.done, a.ok, a.events = false, false, false, nil
	buf, err := command("CHATHISTORY", sub, target, from, strconv.Itoa(a.limit))
	if err != nil {
		s.log.Error("irc: the history cannot be asked for", "error", err)
		s.asks = append(s.asks, a)
		s.finish(a, false)
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
	switch {
	case a.then != nil:
		a.then(a)
	case a.room != nil:
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
	s.letGo(r)
}

// letGo hands on what was said in r while its past was being read.
func (s *session) letGo(r *room) {
	held := r.held
	r.reading, r.held = false, nil
	for _, m := range held {
		s.passOn(r, m)
	}
}

// recall hands on one line of history.
func (s *session) recall(r *room, e *girc.Event) {
	if m, ok := s.remembered(e); ok {
		s.passOn(r, m)
	}
}

// remembered makes a message of a line of history; false for what is not for the
// bot. Servers also play back joins and the like, some of them as words of a service. Whoever
// has the nick by now is not asked who they are.
func (s *session) remembered(e *girc.Event) (chat.Message, bool) {
	if e.Command != "PRIVMSG" || len(e.Params) != 2 || e.Source == nil || s.mine(e) || s.robot(e) || e.Source.Name == "HistServ" {
		return chat.Message{}, false
	}
	if strings.HasPrefix(e.Params[1], "\x01") && !e.IsAction() {
		return chat.Message{}, false
	}
	m, ok := s.message(e)
	if m.History, m.From.Session = true, ""; !s.caps["account-tag"] {
		m.From.Account, m.Room.Account = "", ""
	}
	return m, ok
}
