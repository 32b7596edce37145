package irc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

const (
	// lookLines is how many messages of a room's history one question asks for, and
	// lookPages how many questions a look puts at most: in a room where people talk
	// without end, what was said a minute ago is far back.
	lookLines = 100
	lookPages = 20
	// lookMargin is how far the clocks here and there may differ unnoticed.
	lookMargin = 20 * time.Second
	// lookFresh is how long one look serves all the uncertain replies of its room.
	lookFresh = 30 * time.Second
	maxDoubts = 5000
)

// look is what a room's history shows of the time since a reply may have been
// written, oldest first.
type look struct {
	at    time.Time // when it was begun
	since time.Time // how far back it has to go
	pages int
	done  bool
	ok    bool // it was answered
	// oldest is how far back it went; whole says that there is nothing before: never
	// of a private conversation, whose history ends with our link on many servers.
	oldest time.Time
	whole  bool
	events []*girc.Event
}

// covers tells whether what was written since then would have been seen.
func (l *look) covers(since time.Time) bool {
	return l.whole || !since.IsZero() && !l.oldest.IsZero() && l.oldest.Before(since.Add(-lookMargin))
}

// searched tells what to do with a reply that may have arrived already. All such
// replies to one room share a look at its history, unless one of them was
// written after it, or longer ago than it goes back. That a reply is not there
// is believed only of a look that goes back far enough.
func (s *session) searched(j *job) verdict {
	if !s.canRead() {
		return s.ended(j, "", fmt.Errorf("the history of %s cannot be read: %w", shown(j.target), chat.ErrUnknown))
	}
	key, since := s.sup.fold(j.target), j.reply.Since
	l := s.looks[key]
	if l == nil || l.done && time.Since(l.at) > lookFresh || l.at.Before(s.doubts[j.reply.Key]) || l.since.After(since) && !l.covers(since) {
		l = &look{at: time.Now(), since: since}
		s.looks[key] = l
		s.lookBack(l, j, "LATEST", "*")
	}
	switch {
	case !l.done:
		return hold
	case !l.ok:
		delete(s.looks, key)
		return s.ended(j, "", fmt.Errorf("the history of %s cannot be read: %w", shown(j.target), chat.ErrUnknown))
	}
	if proof := s.find(j, l.events); proof != "" {
		return s.ended(j, proof, nil)
	}
	if !l.covers(since) {
		return s.ended(j, "", fmt.Errorf("the history of %s does not go back far enough: %w", shown(j.target), chat.ErrUnknown))
	}
	return writable
}

// lookBack asks for the page before what l has seen, and so on until l goes back
// far enough.
func (s *session) lookBack(l *look, j *job, sub, from string) {
	limit := min(lookLines, s.sup.history)
	s.request(&ask{limit: limit, then: func(a *ask) {
		fresh := unseen(a.events, l.events)
		l.events = append(fresh, l.events...)
		// A short page does not prove that there is nothing before it: servers leave joins out after they have
		// counted. Nor does an empty one, behind many lines: servers forget what is old.
		last := len(fresh) == 0 || l.since.IsZero() && len(a.events) < limit
		l.ok, l.whole = a.ok, last && len(l.events) < limit && !j.reply.Room.Private
		if len(a.events) > 0 {
			l.oldest = serverTime(a.events[0])
		}
		l.pages++
		if !a.ok || last || l.since.IsZero() || l.covers(l.since) || l.pages >= lookPages || l.oldest.IsZero() {
			l.done = true
			return
		}
		// The lines of one millisecond may lie on both sides of a page's edge.
		s.lookBack(l, j, "BEFORE", stamp(l.oldest.Add(time.Millisecond)))
	}}, sub, j.target, from)
}

// unseen is page without the lines that are in seen too.
func unseen(page, seen []*girc.Event) []*girc.Event {
	ids := map[string]bool{}
	for _, e := range seen[:min(len(seen), lookLines)] {
		if id, ok := tag(e, "msgid"); ok {
			ids[id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(page), func(e *girc.Event) bool {
		id, ok := tag(e, "msgid")
		return ok && ids[id]
	})
}

// doubted notes that a reply written on this link has no known outcome: an
// earlier look says nothing about it.
func (s *session) doubted(key string) {
	if len(s.doubts) >= maxDoubts {
		clear(s.doubts)
		clear(s.looks)
	}
	s.doubts[key] = time.Now()
}

// tickLooks forgets what is too old to be believed.
func (s *session) tickLooks(now time.Time) {
	for key, l := range s.looks {
		if l.done && now.Sub(l.at) > lookFresh {
			delete(s.looks, key)
		}
	}
}

// find looks for all of j's lines, in order, among our own lines in the history,
// and gives the proof of the last. Lines that carry a mark are believed by
// their mark, others by their text, with and without the sign of a repeat.
func (s *session) find(j *job, events []*girc.Event) string {
	var marked, plain []*girc.Event
	for _, e := range events {
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
		pieces := s.pieces(r, j.verb, j.target)
		texts := make([]string, len(pieces))
		for i, p := range pieces {
			texts[i] = p.text
		}
		if p := spoken(plain, texts); p != "" {
			return p
		}
		if p := spoken(plain, []string{whole(pieces)}); p != "" { // it was sent as one batch
			return p
		}
	}
	return ""
}

// spoken gives the proof of the last of texts when events hold them, one right behind the other.
func spoken(events []*girc.Event, texts []string) string {
	for i := 0; len(texts) > 0 && i+len(texts) <= len(events); i++ {
		at := 0
		p := run(events[i:i+len(texts)], func(e *girc.Event) (int, int) {
			if at++; strip(texts[at-1]) != strip(e.Last()) {
				return 0, 0
			}
			return at, len(texts)
		})
		if p != "" {
			return p
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
