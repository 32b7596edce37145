package irc

import (
	"slices"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// A server that has neither account-tag nor account-notify with WHOX or extended-join never
// says by itself who is logged in. There the bot asks, with WHOIS, when
// somebody in sight first speaks, and holds their words until the answer is
// there. Answers come in the order of events: had the nick changed hands between
// the words and the answer, the bot would have seen NICK or QUIT first. Of people
// who share no channel with it, it would not, and so it asks nothing.

const (
	vouchTimeout = 5 * time.Second
	vouchFresh   = time.Minute // how long an answer is believed, as long as its person stays in sight
	maxVouch     = 50          // questions waiting to be written; more people than that are strangers
	maxUnvouched = 50          // messages of one person that wait
)

// asksAround tells whether the server has to be asked about each person.
func (s *session) asksAround() bool { return !s.caps["account-tag"] && !s.follows() }

// inquire holds m, which e's writer has just said, when the server has to be asked
// first who that is.
func (s *session) inquire(e *girc.Event, m chat.Message) bool {
	if !s.asksAround() {
		return false
	}
	p := s.people[s.sup.fold(e.Source.Name)]
	if p == nil || len(p.held) >= maxUnvouched {
		return false
	}
	if !p.asking && (p.fresh() || !s.inquireAbout(p)) {
		return false
	}
	p.held = append(p.held, m)
	return true
}

// fresh tells whether the server has said lately who p is.
func (p *person) fresh() bool {
	return p.known && !p.word.IsZero() && time.Since(p.word) < vouchFresh
}

// inquireAbout asks who p is, unless too many questions wait already.
func (s *session) inquireAbout(p *person) bool {
	if len(s.chores) >= maxVouch || !validNick(p.nick) {
		return false
	}
	p.asking, p.word = true, time.Now()
	s.awaited = append(s.awaited, p)
	s.whois[s.sup.fold(p.nick)] = &whois{at: p.word}
	s.chore("WHOIS", p.nick)
	return true
}

// vouchedFor takes the end of a WHOIS about somebody who waits for it.
func (s *session) vouchedFor(key string, w *whois) {
	p := s.people[key]
	if p == nil || !p.asking {
		return
	}
	p.known = s.asksAround()
	p.account, p.word = w.account, time.Now()
	s.letSpeak(p)
}

// letSpeak ends the question about p and hands on what p has said meanwhile.
func (s *session) letSpeak(p *person) {
	s.awaited = slices.DeleteFunc(s.awaited, func(q *person) bool { return q == p })
	held := p.held
	p.asking, p.held = false, nil
	if p.bot {
		return // WHOIS has just said so
	}
	if len(held) == 0 && p.account != "" {
		s.alive(p)
	}
	for _, m := range held {
		if m.From.Account = p.account; p.account != "" {
			m.From.Session = ""
		}
		if m.Room.Private {
			m.Room.Account = p.account
		}
		s.hear(m)
	}
}

// tickVouch lets those speak whom nobody vouches for in time, or who have left:
// as strangers.
func (s *session) tickVouch(now time.Time) {
	for _, p := range slices.Clone(s.awaited) {
		if here := s.people[s.sup.fold(p.nick)] == p; !here || now.Sub(p.word) > vouchTimeout {
			p.account, p.known = "", false
			s.letSpeak(p)
		}
	}
}
