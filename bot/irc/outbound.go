package irc

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vigie/bot/chat"
)

// maxLines is the most lines that one reply may take; the rest is cut, with an
// ellipsis.
const maxLines = 60

// pump hands the writer what comes next, when it is free and the rate allows.
// What it returns fires when there will be something to hand over.
func (s *session) pump(now time.Time) <-chan time.Time {
	if s.writing {
		return nil
	}
	if len(s.urgent) > 0 {
		buf := s.urgent
		s.urgent = nil
		s.hand(buf, 0)
		return nil
	}
	if !s.reg.done || s.now == nil && len(s.chores) == 0 && len(s.queue.lanes) == 0 {
		return nil
	}
	if wait := s.bucket.wait(now); wait > 0 {
		return time.After(wait)
	}
	s.writeNext(now)
	return nil
}

// hand gives the writer, which is idle, something to write.
func (s *session) hand(buf []byte, cost float64) {
	s.bucket.spend(cost)
	s.writing = true
	s.out <- buf
}

// writeNext goes on with the reply being written, else lets chores and replies
// take turns.
func (s *session) writeNext(now time.Time) {
	if s.now == nil && len(s.chores) > 0 && !s.chored {
		s.writeChore()
		return
	}
	s.chored = false
	for s.now == nil {
		s.now = s.queue.pick(func(j *job) verdict { return s.prepare(j, now) })
		if s.now == nil {
			break
		}
		if !s.now.take() {
			s.now = nil // its caller has just left
		}
	}
	if s.now != nil {
		s.writeLine(s.now)
	}
	if !s.writing && len(s.chores) > 0 {
		s.writeChore() // perhaps the very question that the reply waits for
	}
}

func (s *session) writeChore() {
	buf := s.chores[0]
	s.chores, s.chored = s.chores[1:], true
	s.hand(buf, 1)
}

// prepare makes j ready to be written, as far as that can be known now.
func (s *session) prepare(j *job, now time.Time) verdict {
	if v := s.admissible(j, now); v != writable {
		return v
	}
	target, err := s.target(j.reply.Room, now)
	if err != nil {
		return s.fail(j, err)
	}
	if target == "" {
		return hold
	}
	s.plan(j, target)
	switch {
	case j.reply.Kind == chat.Topic:
		rm := s.rooms[s.sup.fold(target)]
		if rm == nil {
			return s.fail(j, fmt.Errorf("%q has no topic: %w", target, chat.ErrRefused))
		}
		if rm.hasTopic && rm.topic == j.lines[0].text {
			return s.ended(j, "same", nil)
		}
	case len(j.lines) == 0:
		return s.fail(j, fmt.Errorf("there is nothing to say: %w", chat.ErrRefused))
	case j.reply.Maybe:
		return s.searched(j)
	}
	return writable
}

// admissible tells whether j may be said at all, wherever that is: not when nobody waits for it any more,
// under a wrong nick, or too late.
func (s *session) admissible(j *job, now time.Time) verdict {
	r := j.reply
	switch {
	case j.state.Load() == dropped:
		return drop
	case s.nick.silent:
		return s.fail(j, fmt.Errorf("%w: %w", s.nickTrouble(), chat.ErrDown))
	case !r.Expires.IsZero() && now.After(r.Expires):
		return s.fail(j, fmt.Errorf("it expired while it waited its turn: %w", chat.ErrDown))
	case r.Kind != chat.Say && r.Kind != chat.Amend && r.Kind != chat.Topic:
		return s.ended(j, "none", nil) // IRC has no such thing
	}
	return writable
}

// fail answers a job of which nothing will be written.
func (s *session) fail(j *job, err error) verdict {
	j.answer(err)
	return drop
}

// ended ends a job that needs no writing. Its caller may just have left: he
// then gets no outcome.
func (s *session) ended(j *job, proof string, err error) verdict {
	if j.take() {
		j.answer(nil)
		s.sent(j, proof, err)
	}
	return drop
}

// target is where a reply to room is written: empty while that is being found
// out, an error when it is nowhere.
func (s *session) target(room chat.Room, now time.Time) (string, error) {
	if room.Private {
		return s.nickFor(room, now)
	}
	bare := strings.TrimLeft(room.ID, s.sup.statusMsg)
	r := s.rooms[s.sup.fold(bare)]
	switch {
	case r == nil || !validChannel(bare) || len(room.ID)-len(bare) > 1:
		return "", fmt.Errorf("%q is not a channel of the configuration: %w", room.ID, chat.ErrRefused)
	case r.state == inside:
		return room.ID, nil
	case r.state == joining:
		return "", nil
	case r.refused:
		return "", fmt.Errorf("%w: %w", r.why, chat.ErrRefused)
	}
	return "", fmt.Errorf("the bot is not in %s yet: %w", r.name, chat.ErrDown)
}

// plan cuts j's text into lines for target.
func (s *session) plan(j *job, target string) {
	r := j.reply
	j.target, j.verb, j.lines = target, "PRIVMSG", nil
	if r.Kind == chat.Topic {
		j.verb = "TOPIC"
		limit := min(s.sup.topicLen, textRoom(s.prefixLen(), "TOPIC", target))
		j.lines = []line{{text: topicText(r.Text, limit)}}
		return
	}
	if r.Room.Private && r.Tone == chat.Quiet {
		j.verb = "NOTICE"
	}
	j.lines = s.pieces(r, j.verb, target)
	j.batched = s.mayBatch(j.lines)
}

// pieces are the lines of r, marked and addressed, none longer than what fits.
func (s *session) pieces(r chat.Reply, verb, target string) []line {
	name := target
	if r.Room.Private && len(name) < 32 {
		name = strings.Repeat("x", 32) // the nick may change on the way
	}
	limit := max(textRoom(s.prefixLen(), verb, name), 8)
	var out []line
	for i, text := range render(r.Text) {
		if i == 0 {
			text = s.opening(r) + text
		}
		for k, p := range split(text, limit) {
			if strings.Trim(p, " \x02") == "" {
				continue
			}
			if out = append(out, line{text: p, concat: k > 0}); len(out) == maxLines {
				return append(out[:maxLines-1], line{text: "…"})
			}
		}
	}
	return out
}

// opening stands in front of a reply: the mark of a repeat, and the person
// spoken to.
func (s *session) opening(r chat.Reply) string {
	var open string
	if r.Repeat {
		open = repeatMark
	}
	if r.To == nil || r.Room.Private {
		return open
	}
	nick := shown(cmp.Or(s.nickOf(r.To.Account, r.To.Nick), r.To.Nick))
	if nick == "" {
		return open
	}
	return open + nick + ": "
}

// writeLine writes the next line of j. A private room is looked at again before
// each: the nick may have changed hands since the last one.
func (s *session) writeLine(j *job) {
	if j.next > 0 && j.reply.Room.Private {
		if nick, err := s.nickFor(j.reply.Room, time.Now()); err != nil || len(nick) > max(32, len(j.target)) {
			s.conclude(j, "", fmt.Errorf("the person left before the last line: %w", chat.ErrAway))
			return
		} else if nick == "" {
			return // being asked
		} else {
			j.target = nick
		}
	}
	if j.batched {
		s.flying = append(s.flying, j)
		if err := s.writeBatch(j); err != nil {
			s.conclude(j, "", fmt.Errorf("%w: %w", err, chat.ErrRefused))
		}
		return
	}
	l := &j.lines[j.next]
	buf, err := say(j.verb, j.target, l.text)
	if err != nil {
		s.conclude(j, "", fmt.Errorf("%w: %w", err, chat.ErrRefused))
		return
	}
	if j.next == 0 {
		s.flying = append(s.flying, j)
	}
	buf, cost := s.tags(j, l, buf), 1.0
	if j.next++; j.next == len(j.lines) {
		tail, more := s.tail(j)
		buf, cost = append(buf, tail...), cost+more
	}
	s.hand(buf, cost)
}

// tail is what is written behind the last line of j, to learn what became of it,
// and its cost. A NOTICE makes no error when its target is gone, so that a WHOIS has to.
func (s *session) tail(j *job) (tail string, cost float64) {
	echo, label := s.caps["echo-message"], s.caps["labeled-response"]
	if j.verb == "NOTICE" && !(echo && label) {
		tail, cost = "WHOIS "+j.target+"\r\n", 1
	}
	if j.verb == "TOPIC" || !echo {
		s.seq++
		j.ping = "p" + strconv.FormatUint(s.seq, 10)
		tail, cost = tail+"PING "+j.ping+"\r\n", cost+1
	}
	return tail, cost
}

// tags adds what lets the line be recognised: a label for the answer to it, and
// a mark of the reply that stays in the server's history.
func (s *session) tags(j *job, l *line, buf []byte) []byte {
	var kv []string
	if s.caps["labeled-response"] {
		s.seq++
		l.label = "v" + strconv.FormatUint(s.seq, 10)
		kv = append(kv, "label", l.label)
	}
	if s.caps["message-tags"] && j.verb != "TOPIC" {
		i, n := j.next, len(j.lines)
		if j.batched {
			i, n = 0, 1
		}
		if s.sup.tagAllowed(markTag[1:]) {
			kv = append(kv, markTag, mark(j.reply.Key, i, n))
		}
		if t := cmp.Or(j.reply.Target, j.reply.Thread); s.sup.tagAllowed("draft/reply") && t != "" && !isMark(t) {
			kv = append(kv, "+draft/reply", t)
		}
	}
	return tagged(buf, kv...)
}

// written follows the writer: when it has written a reply's last line, Send returns.
func (s *session) written() {
	j := s.now
	if j == nil || j.next < len(j.lines) {
		return
	}
	s.now = nil
	j.answer(nil)
	j.deadline = time.Now().Add(s.cfg.ProofTimeout)
	s.proven(j)
}
