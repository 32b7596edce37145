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
	whoisTimeout = 10 * time.Second
)

// nickFor is the nick to write to in a private room: empty while the server is
// being asked, ErrAway when nobody is logged in to the room's account.
func (s *session) nickFor(room chat.Room, now time.Time) (string, error) {
	nick, key := room.ID, s.sup.fold(room.ID)
	if n := s.nickOf(room.Account, nick); n != "" {
		return n, nil
	}
	if !validNick(nick) || key == s.sup.fold(s.me.nick) {
		return "", fmt.Errorf("%q is no nick to write to: %w", shown(nick), chat.ErrRefused)
	}
	p := s.people[key]
	if room.Account == "" {
		if p != nil {
			nick = p.nick
		}
		return nick, nil
	}
	away := fmt.Errorf("nobody here is logged in to %s: %w", shown(room.Account), chat.ErrAway)
	if p != nil && p.known && s.follows() {
		return "", away // the nick is in sight, and somebody else's
	}
	w := s.whois[key]
	if w == nil || w.done && now.Sub(w.at) > whoisFresh {
		s.whois[key] = &whois{at: now}
		s.chore("WHOIS", nick)
		return "", nil
	}
	if !w.done {
		return "", nil
	}
	if w.account == "" || s.sup.fold(w.account) != s.sup.fold(room.Account) {
		return "", away
	}
	return nick, nil
}

// onWhoisAccount is 330: the account behind a nick.
func (s *session) onWhoisAccount(e *girc.Event) error {
	if w := s.whois[s.sup.fold(param(e, 1))]; w != nil && !w.done && len(e.Params) > 3 {
		w.account = starless(param(e, 2))
	}
	return nil
}

// onWhoisEnd is 318.
func (s *session) onWhoisEnd(e *girc.Event) error {
	if w := s.whois[s.sup.fold(param(e, 1))]; w != nil && !w.done {
		w.done, w.at = true, time.Now()
	}
	return nil
}

// tickWhois ends the questions that nobody answered, and forgets old answers.
func (s *session) tickWhois(now time.Time) {
	for key, w := range s.whois {
		switch {
		case w.done && now.Sub(w.at) > whoisFresh:
			delete(s.whois, key)
		case !w.done && now.Sub(w.at) > whoisTimeout:
			w.done, w.at, w.account = true, now, ""
		}
	}
}
