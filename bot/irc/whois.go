package irc

import (
	"fmt"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// whois is a question to the server about a nick that shares no channel with the
// bot: which account is behind it at this moment.
type whois struct {
	account string
	at      time.Time // asked, then answered
	done    bool
}

const (
	whoisFresh   = 3 * time.Second
	whoisStale   = 15 * time.Second // of a no, which can do no harm
	whoisTimeout = 10 * time.Second
)

// nickFor is the nick to write to in a private room: empty while the server is
// being asked, ErrAway when nobody is logged in to the room's account. For a
// person out of sight it asks about the nick of the room, the nick last seen,
// and the one that is called like the account.
func (s *session) nickFor(room chat.Room, now time.Time) (string, error) {
	nick, key := room.ID, s.sup.fold(room.ID)
	p := s.people[key]
	if room.Account == "" {
		if !validNick(nick) || key == s.sup.fold(s.me.nick) {
			return "", fmt.Errorf("%q is no nick to write to: %w", shown(nick), chat.ErrRefused)
		}
		if p != nil {
			nick = p.nick
		}
		return nick, nil
	}
	if n := s.nickOf(room.Account, nick); n != "" {
		return n, nil
	}
	if p != nil && p.known && s.follows() {
		nick = "" // in sight, and somebody else's
	}
	for _, n := range []string{nick, s.seenAs[s.sup.fold(room.Account)], room.Account} {
		switch answer := s.vouched(n, room.Account, now); answer {
		case asking:
			return "", nil
		case yes:
			return n, nil
		}
	}
	return "", fmt.Errorf("nobody here is logged in to %s: %w", shown(room.Account), chat.ErrAway)
}

// vouch is what the server says about a nick and an account.
type vouch uint8

const (
	asking vouch = iota
	yes
	no
)

// vouched tells whether nick is logged in to account at this moment; it asks
// the server when that is not known.
func (s *session) vouched(nick, account string, now time.Time) vouch {
	key := s.sup.fold(nick)
	if !validNick(nick) || key == s.sup.fold(s.me.nick) {
		return no
	}
	w := s.whois[key]
	match := w != nil && w.account != "" && s.sup.fold(w.account) == s.sup.fold(account)
	switch {
	case w == nil, w.done && now.Sub(w.at) > whoisStale, w.done && match && now.Sub(w.at) > whoisFresh:
		s.whois[key] = &whois{at: now}
		s.chore("WHOIS", nick)
		return asking
	case !w.done:
		return asking
	case match:
		return yes
	}
	return no
}

// remember notes the nick under which an account wrote in private: a good place to
// ask for it later. It proves nothing.
func (s *session) remember(account, nick string) {
	if len(s.seenAs) >= 5000 {
		clear(s.seenAs)
	}
	s.seenAs[s.sup.fold(account)] = nick
	delete(s.whois, s.sup.fold(nick))
}

// heardOf notes part of an answer to a WHOIS that is under way.
func (s *session) heardOf(nick string, note func(*whois)) {
	if w := s.whois[s.sup.fold(nick)]; w != nil && !w.done {
		note(w)
	}
}

// onWhoisAccount is 330: the account behind a nick.
func (s *session) onWhoisAccount(e *girc.Event) error {
	if len(e.Params) > 3 {
		s.confirm(param(e, 1), param(e, 2))
		s.heardOf(param(e, 1), func(w *whois) { w.account = starless(param(e, 2)) })
	}
	return nil
}

// onWhoisRegistered is 307: an old server's word that a nick is its owner's. It
// names no account, and so says something about the bot itself alone.
func (s *session) onWhoisRegistered(e *girc.Event) error {
	s.confirm(param(e, 1), param(e, 1))
	return nil
}

// onWhoisBot is 335: the server's word that somebody is a bot, where WHO does not say it.
func (s *session) onWhoisBot(e *girc.Event) error {
	if p := s.people[s.sup.fold(param(e, 1))]; p != nil {
		p.bot = true
	}
	return nil
}

// onWhoisEnd is 318.
func (s *session) onWhoisEnd(e *girc.Event) error {
	key := s.sup.fold(param(e, 1))
	if w := s.whois[key]; w != nil && !w.done {
		w.done, w.at = true, time.Now()
		s.vouchedFor(key, w)
	}
	return s.identified(param(e, 1))
}

// tickWhois ends the questions that nobody answered, and forgets old answers.
func (s *session) tickWhois(now time.Time) {
	for key, w := range s.whois {
		switch {
		case w.done && now.Sub(w.at) > whoisStale:
			delete(s.whois, key)
		case !w.done && now.Sub(w.at) > whoisTimeout:
			w.done, w.at, w.account = true, now, ""
		}
	}
}
