package irc

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

const (
	// lookLines is how many of a room's last messages are looked through for replies that
	// may have arrived.
	lookLines = 100
	// lookFresh is how long one look serves all the uncertain replies of its room.
	lookFresh = 30 * time.Second
	maxDoubts = 5000
)

// searched tells what to do with a reply that may have arrived already. All such
// replies to one room share a look at its history, unless one of them was
// written after it.
func (s *session) searched(j *job) verdict {
	if !s.canRead() {
		return s.ended(j, "", fmt.Errorf("the history of %s cannot be read: %w", shown(j.target), chat.ErrUnknown))
	}
	key := s.sup.fold(j.target)
	l := s.looks[key]
	if l == nil || l.done && time.Since(l.at) > lookFresh || l.at.Before(s.doubts[j.reply.Key]) {
		l = &ask{limit: min(lookLines, s.sup.history)}
		s.looks[key] = l
		s.request(l, "LATEST", j.target, "*")
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
	return writable
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
