package irc

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

const (
	// regainEvery is how often it is looked whether the wanted nick is free, where the
	// server does not tell by itself, and how long services have before the next verb.
	regainEvery = 30 * time.Second
	// regainSlow is how often, once everything has been tried twice.
	regainSlow = 10 * time.Minute
	// regainGrace is what services get to do their work.
	regainGrace = 3 * time.Second
)

// wrongNick is what the bot does about carrying another nick than its own.
type wrongNick struct {
	since  time.Time // zero: the nick is right
	silent bool      // nothing is said until the nick is right, or it has lasted too long
	asked  int       // verbs that services were given
	next   time.Time // when to ask services, or whether the nick is free
	take   time.Time // when to ask for it; zero for not now
}

// onNickRefused is 432, 433, 436 and 437.
func (s *session) onNickRefused(e *girc.Event) error {
	if s.sup.channel(param(e, 1)) {
		s.refusal(e) // 437 is also said of channels
		return nil
	}
	if s.reg.done {
		return nil // tickNick asks again
	}
	n := s.reg.tried
	s.reg.tried++
	switch {
	case n < len(s.cfg.AltNicks):
		s.me.nick = s.cfg.AltNicks[n]
	case n < len(s.cfg.AltNicks)+9:
		s.me.nick = fmt.Sprintf("%.40s%d", s.cfg.Nick, n-len(s.cfg.AltNicks)+1)
	default:
		return fmt.Errorf("the nick %s and all others are taken or refused: choose another nick", s.cfg.Nick)
	}
	s.soon("NICK", s.me.nick)
	return nil
}

// misnamed tells whether the bot has to carry another nick than its own.
func (s *session) misnamed() bool { return s.sup.fold(s.me.nick) != s.sup.fold(s.wanted()) }

// wanted is the bot's own nick, as far as the server has room for it.
func (s *session) wanted() string {
	if n := s.sup.nickLen; n > 0 && n < len(s.cfg.Nick) {
		return s.cfg.Nick[:n]
	}
	return s.cfg.Nick
}

// renamed follows the bot's own nick, from the moment when the link may be used:
// under a wrong one it falls silent, and sets about getting its own back.
func (s *session) renamed(now time.Time) {
	switch wrong := s.misnamed(); {
	case !s.reg.done:
	case wrong && s.nick.since.IsZero():
		s.nick = wrongNick{since: now, silent: true, next: now.Add(regainGrace)}
		if s.sup.monitor {
			s.chore("MONITOR", "+", s.wanted())
		}
		s.log.Warn("irc: under another nick", "nick", s.me.nick, "wanted", s.wanted())
		if s.upSaid {
			s.status(nil)
		}
	case !wrong && !s.nick.since.IsZero():
		s.nick = wrongNick{}
		if s.sup.monitor {
			s.chore("MONITOR", "-", s.wanted())
		}
		if s.upSaid {
			s.status(nil)
		}
	}
}

// nickTrouble says what is wrong with the nick, nil when nothing is.
func (s *session) nickTrouble() error {
	switch {
	case s.nick.since.IsZero():
		return nil
	case s.nick.silent:
		return fmt.Errorf("somebody has the nick %s; the bot is there as %s and stays silent for at most %v while it tries to get its own back",
			s.wanted(), shown(s.me.nick), s.cfg.QuietOnAltNick)
	}
	return fmt.Errorf("somebody keeps the nick %s; the bot speaks as %s: free the nick, or choose another", s.wanted(), shown(s.me.nick))
}

// tickNick works at getting the wanted nick back: services are asked for it where
// the bot is logged in, and the server whether it is free.
func (s *session) tickNick(now time.Time) {
	n := &s.nick
	if n.since.IsZero() {
		return
	}
	if n.silent && now.Sub(n.since) >= s.cfg.QuietOnAltNick {
		n.silent = false
		s.status(nil)
	}
	if !n.take.IsZero() && !now.Before(n.take) {
		n.take = time.Time{}
		s.chore("NICK", s.wanted())
	}
	if now.Before(n.next) {
		return
	}
	verbs := s.cfg.Services.Regain
	n.next = now.Add(regainEvery)
	if n.asked >= 2*len(verbs) {
		n.next = now.Add(regainSlow)
	}
	if s.reg.loggedIn && !s.cfg.Services.Disabled {
		s.askServices(s.cfg.Services.NickServ, verbs[n.asked%len(verbs)]+" "+s.wanted())
		n.take = now.Add(regainGrace)
	} else {
		n.next = now.Add(regainEvery)
	}
	n.asked++
	if !s.sup.monitor {
		s.chore("ISON", s.wanted())
	}
}

// freed asks for the wanted nick as soon as its holder leaves it.
func (s *session) freed(nick string) {
	if !s.nick.since.IsZero() && s.sup.fold(nick) == s.sup.fold(s.wanted()) {
		s.nick.take = time.Now()
	}
}

// onMonitored is 730 and 731: who came, and who left. A nick that has left is free.
func (s *session) onMonitored(e *girc.Event) error {
	if e.Command == "731" {
		for _, who := range strings.Split(e.Last(), ",") {
			nick, _, _ := strings.Cut(who, "!")
			s.freed(nick)
		}
	}
	return nil
}

// onIsOn is 303: those of the nicks asked about that are taken.
func (s *session) onIsOn(e *girc.Event) error {
	taken := slices.ContainsFunc(strings.Fields(e.Last()), func(n string) bool { return s.sup.fold(n) == s.sup.fold(s.wanted()) })
	if !taken {
		s.freed(s.wanted())
	}
	return nil
}

// status says that the link is up, perhaps with something to mend; or, under a wrong
// nick, that nothing can be said for now.
func (s *session) status(err error) {
	if n := s.nickTrouble(); n != nil && err == nil {
		err = fmt.Errorf("irc %s: %w", s.cfg.Name, n)
	}
	s.deliver(chat.Status{Network: s.cfg.Name, Up: !s.nick.silent, Err: err, At: time.Now()})
}
