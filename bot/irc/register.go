package irc

import (
	"cmp"
	"errors"
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
	scram    *scram   // when that is the mechanism under way
	mech     string   // under way
	mechs    int      // tried, of those that the bot has the means for
	refused  []string // mechanisms, with the server's number
	message  *byMessage
	buffer   string // a challenge that comes in pieces
	tried    int    // nicks refused
	done     bool   // welcome: the link may be used
}

// wanted are the capabilities that are used where they are offered. They are
// asked for together, since every line before the welcome counts against the bot on some
// servers; when that is refused, each is asked for alone, so that a refusal costs only itself.
var wanted = [...]string{"message-tags", "server-time", "account-tag", "account-notify", "extended-join",
	"batch", "cap-notify", "chghost", "setname", "away-notify", "invite-notify", "multi-prefix", "userhost-in-names",
	"echo-message", "labeled-response", "standard-replies", "draft/multiline", "draft/chathistory", "draft/event-playback"}

// errNoSASL is why a link without login is given up. It is tried again: the
// services may only be away.
var errNoSASL = errors.New("the server offers no login that the bot can use (SASL), and the bot does not go on-line without one: " +
	"wait for the network's services, correct sasl in the configuration, or, on a network without SASL, say in services: mask: who NickServ is")

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
		s.refusedCaps(names)
	}
	return s.negotiated()
}

// refusedCaps takes a NAK, which refuses all that was asked for in one line: each of
// several is then asked for alone.
func (s *session) refusedCaps(names []string) {
	for _, n := range names {
		if len(names) == 1 {
			delete(s.reg.pending, n)
			s.log.Warn("irc: the server refuses a capability that it offers", "name", shown(n))
		} else if s.reg.pending[n] {
			s.soon("CAP", "REQ", n)
		}
	}
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
	var names []string
	for _, n := range want {
		if _, ok := s.reg.offered[n]; ok && !s.caps[n] && !s.reg.pending[n] {
			s.reg.pending[n] = true
			names = append(names, n)
		}
	}
	if len(names) > 0 {
		s.soon("CAP", "REQ", strings.Join(names, " "))
	}
}

// negotiated goes on when no answer is awaited: to the login, or to the end.
func (s *session) negotiated() error {
	if s.reg.done || !s.reg.listed || len(s.reg.pending) > 0 || s.reg.sasl != nil || s.reg.loggedIn {
		return nil
	}
	if s.cfg.SASL == nil || s.canIdentify() {
		s.soon("CAP", "END")
		return nil
	}
	if !s.caps["sasl"] {
		return errNoSASL
	}
	return s.nextMechanism()
}

// onWelcome is 001: registered, though the server has more to say about itself.
func (s *session) onWelcome(e *girc.Event) error {
	if s.cfg.SASL != nil && !s.reg.loggedIn && !s.canIdentify() {
		return errNoSASL
	}
	s.me.nick = cmp.Or(param(e, 0), s.me.nick)
	s.welcomed = serverTime(e)
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
// used, or the login by message begins.
func (s *session) onReady(*girc.Event) error {
	switch {
	case s.reg.done || s.reg.message != nil:
		return nil
	case s.cfg.SASL != nil && !s.reg.loggedIn && s.canIdentify():
		s.identify()
		return nil
	case s.cfg.SASL != nil && !s.reg.loggedIn:
		return errNoSASL
	}
	return s.ready()
}

// ready begins the life on-line.
func (s *session) ready() error {
	s.reg.done = true
	now := time.Now()
	s.bucket.last = now
	s.renamed(now)
	s.markAsBot()
	s.log.Info("irc: on-line", "nick", s.me.nick, "account", s.reg.account, "login", s.loginBy())
	s.readDirect()
	s.enter(now)
	s.t.setLive(s)
	return nil
}

// loginBy is how the bot logged in.
func (s *session) loginBy() string {
	switch {
	case s.reg.message != nil:
		return "NickServ"
	case s.reg.loggedIn:
		return s.reg.mech
	}
	return "none"
}

// markAsBot sets the mode that tells everybody's clients what the bot is: the
// letter that the server names, or else the one that most servers without a word about it understand.
// Those that do not, ignore it.
func (s *session) markAsBot() {
	if !s.cfg.NoBotMode {
		s.chore("MODE", s.me.nick, "+"+cmp.Or(s.sup.botMode, "B"))
	}
}
