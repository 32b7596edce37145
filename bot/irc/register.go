package irc

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lrstanley/girc"
)

// registration is how far the login is.
type registration struct {
	deadline time.Time
	listed   bool              // the server has listed all its capabilities
	offered  map[string]string // capability → value
	pending  map[string]bool   // asked for, not answered
	loggedIn bool              // 903 was seen
	account  string            // as 900 says it
	sasl     func(challenge []byte) ([]byte, error)
	buffer   string // a challenge that comes in pieces
	tried    int    // nicks refused
	done     bool   // welcome: the link may be used
}

// wanted are the capabilities that are used where they are offered. Each is
// asked for alone, so that a refusal costs only itself.
var wanted = [...]string{"message-tags", "server-time", "account-tag", "account-notify", "extended-join",
	"batch", "cap-notify", "chghost", "multi-prefix", "echo-message", "labeled-response", "standard-replies",
	"draft/chathistory", "draft/event-playback"}

// errNoSASL is why a link without login is given up. It is tried again: the
// services may only be away.
var errNoSASL = errors.New("the server offers no login that the bot can use (SASL), and the bot does not go on-line without one: " +
	"wait for the network's services, or correct sasl in the configuration")

// hello opens the conversation.
func (s *session) hello() {
	s.soon("CAP", "LS", "302")
	s.soon("NICK", s.cfg.Nick)
	s.soon("USER", s.cfg.User, "0", "*", s.cfg.RealName)
	s.me.nick = s.cfg.Nick
}

// onCap follows the negotiation: LS, ACK, NAK, NEW and DEL.
func (s *session) onCap(e *girc.Event) error {
	names := strings.Fields(e.Last())
	switch strings.ToUpper(param(e, 1)) {
	case "LS":
		if s.reg.listed {
			return nil
		}
		s.offer(names)
		if param(e, 2) == "*" && len(e.Params) > 3 {
			return nil // more lines follow
		}
		s.reg.listed = true
		s.ask()
	case "NEW":
		s.offer(names)
		s.ask()
	case "DEL":
		for _, n := range names {
			delete(s.reg.offered, n)
			delete(s.caps, n)
		}
	case "ACK":
		for _, n := range names {
			off := strings.HasPrefix(n, "-")
			n = strings.TrimLeft(n, "-~=")
			delete(s.reg.pending, n)
			s.caps[n] = !off
		}
	case "NAK":
		for _, n := range names {
			delete(s.reg.pending, n)
		}
	}
	return s.negotiated()
}

func (s *session) offer(names []string) {
	for _, n := range names {
		if len(s.reg.offered) < 200 {
			k, v, _ := strings.Cut(n, "=")
			s.reg.offered[k] = v
		}
	}
}

// ask requests what is wanted, offered and not yet on.
func (s *session) ask() {
	want := wanted[:]
	if s.cfg.SASL != nil && !s.reg.done {
		want = append(slices.Clone(want), "sasl")
	}
	for _, n := range want {
		if _, ok := s.reg.offered[n]; ok && !s.caps[n] && !s.reg.pending[n] {
			s.reg.pending[n] = true
			s.soon("CAP", "REQ", n)
		}
	}
}

// negotiated goes on when no answer is awaited: to the login, or to the end.
func (s *session) negotiated() error {
	if s.reg.done || !s.reg.listed || len(s.reg.pending) > 0 || s.reg.sasl != nil || s.reg.loggedIn {
		return nil
	}
	if s.cfg.SASL == nil {
		s.soon("CAP", "END")
		return nil
	}
	mech := strings.ToUpper(s.cfg.SASL.Mechanism)
	list := s.reg.offered["sasl"]
	if !s.caps["sasl"] || list != "" && !slices.Contains(strings.Split(strings.ToUpper(list), ","), mech) {
		if s.caps["sasl"] && list != "" {
			return fmt.Errorf("%w (it offers %s, sasl asks for %s)", errNoSASL, shown(list), mech)
		}
		return errNoSASL
	}
	s.reg.sasl = s.mechanism()
	s.soon("AUTHENTICATE", mech)
	return nil
}

// onLoggedIn is 900: the account, in the server's own spelling.
func (s *session) onLoggedIn(e *girc.Event) error {
	s.reg.account = param(e, 2)
	return nil
}

// onSASLDone is 903.
func (s *session) onSASLDone(*girc.Event) error {
	if s.reg.sasl == nil || s.reg.loggedIn {
		return nil
	}
	s.reg.loggedIn, s.t.proved = true, true
	s.soon("CAP", "END")
	return nil
}

// onSASLFailed is 902 and 904 to 908. The server's words are not repeated: some
// repeat what was sent.
func (s *session) onSASLFailed(e *girc.Event) error {
	if s.cfg.SASL == nil || s.reg.loggedIn {
		return nil
	}
	if e.Command == "908" {
		return nil // a list of mechanisms; 904 follows
	}
	err := fmt.Errorf("the services refuse the login of account %q (%s): correct sasl in the configuration, "+
		"or the password in the file or variable it names", s.cfg.SASL.Account, e.Command)
	if e.Command == "902" || s.t.proved {
		return err // locked, or services half awake: it may pass
	}
	return fatal{err}
}

// onNickRefused is 432, 433, 436 and 437.
func (s *session) onNickRefused(e *girc.Event) error {
	if s.sup.channel(param(e, 1)) {
		s.refusal(e) // 437 is also said of channels
		return nil
	}
	if s.reg.done {
		s.regain = time.Now().Add(regainEvery)
		return nil
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

// onWelcome is 001: registered, though the server has more to say about itself.
func (s *session) onWelcome(e *girc.Event) error {
	if s.cfg.SASL != nil && !s.reg.loggedIn {
		return errNoSASL
	}
	s.me.nick = cmp.Or(param(e, 0), s.me.nick)
	return nil
}

// onISupport is 005.
func (s *session) onISupport(e *girc.Event) error {
	if len(e.Params) > 2 {
		s.sup.set(e.Params[1 : len(e.Params)-1])
	}
	return nil
}

// onReady is the end of the message of the day (376, 422): now the link may be
// used.
func (s *session) onReady(*girc.Event) error {
	if s.reg.done {
		return nil
	}
	if s.cfg.SASL != nil && !s.reg.loggedIn {
		return errNoSASL
	}
	s.reg.done = true
	now := time.Now()
	s.bucket.last = now
	s.regain = now.Add(regainEvery)
	if s.sup.botMode != "" && !s.cfg.NoBotMode {
		s.chore("MODE", s.me.nick, "+"+s.sup.botMode)
	}
	s.log.Info("irc: on-line", "nick", s.me.nick, "account", s.reg.account)
	s.enter(now)
	s.t.setLive(s)
	return nil
}

// regainEvery is how often the wanted nick is asked for.
const regainEvery = time.Minute

// tickNick asks for the wanted nick from time to time.
func (s *session) tickNick(now time.Time) {
	if s.sup.fold(s.me.nick) != s.sup.fold(s.cfg.Nick) && !now.Before(s.regain) {
		s.regain = now.Add(regainEvery)
		s.chore("NICK", s.cfg.Nick)
	}
}

// freed asks for the wanted nick as soon as its holder leaves it.
func (s *session) freed(nick string) {
	if f := s.sup.fold(s.cfg.Nick); f == s.sup.fold(nick) && f != s.sup.fold(s.me.nick) {
		s.regain = time.Time{}
	}
}
