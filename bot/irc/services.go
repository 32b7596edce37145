package irc

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/lrstanley/girc"
)

// Services are the network's services, as the operator describes them. They are
// asked to give the bot its nick back and to let it into a channel, which needs
// no password; and, only where Mask is given and the server has no SASL at all, to log
// the bot in.
type Services struct {
	// Disabled: nothing is ever asked of them.
	Disabled bool `yaml:"disabled"`
	// NickServ and ChanServ are their nicks (NickServ, ChanServ).
	NickServ string `yaml:"nickserv"`
	ChanServ string `yaml:"chanserv"`
	// Mask is nick!user@host of NickServ, with * and ?. On a network without SASL, the
	// password is sent to whoever the server says has this mask, and to nobody else.
	Mask string `yaml:"mask"`
	// Server, when given, is the server that NickServ must be on, in the
	// server's own word: a user cannot choose it.
	Server string `yaml:"server"`
	// Identify is what is written to NickServ to log in ("IDENTIFY {account} {password}").
	Identify string `yaml:"identify"`
	// Regain are the verbs that give a nick back to its owner, tried in turn
	// (REGAIN, RECOVER, GHOST).
	Regain []string `yaml:"regain"`
}

func (s Services) withDefaults() Services {
	s.NickServ = cmp.Or(s.NickServ, "NickServ")
	s.ChanServ = cmp.Or(s.ChanServ, "ChanServ")
	s.Identify = cmp.Or(s.Identify, "IDENTIFY {account} {password}")
	if len(s.Regain) == 0 {
		s.Regain = []string{"REGAIN", "RECOVER", "GHOST"}
	}
	return s
}

func (c Config) validateServices() []error {
	var errs []error
	s := c.Services
	for _, n := range []string{s.NickServ, s.ChanServ} {
		if !validNick(n) {
			errs = append(errs, fmt.Errorf("services: %q is no nick: write for example NickServ", n))
		}
	}
	if !strings.Contains(s.Identify, "{password}") || strings.ContainsAny(s.Identify, "\r\n\x00") {
		errs = append(errs, errors.New("services: identify must be one line that holds {password}, such as IDENTIFY {account} {password}"))
	}
	for _, v := range s.Regain {
		if !validNick(v) {
			errs = append(errs, fmt.Errorf("services: regain %q is no word of services: use REGAIN, RECOVER or GHOST", v))
		}
	}
	if s.Mask == "" {
		return errs
	}
	_, host, _ := strings.Cut(s.Mask, "@")
	if !strings.Contains(s.Mask, "!") || strings.Trim(host, "*?") == "" {
		errs = append(errs, fmt.Errorf("services: mask %q would let anybody take the password: write NickServ!user@host as WHOIS shows it", s.Mask))
	}
	if c.SASL == nil || !c.SASL.password() {
		errs = append(errs, errors.New("services: mask is for logging in by message, which needs sasl with an account and a password: take the mask away, or add them"))
	}
	if slices.ContainsFunc(c.Servers, func(s Server) bool {
		host, _, _ := net.SplitHostPort(s.Address)
		return !s.tls() && !loopback(host)
	}) {
		errs = append(errs, errors.New("services: the password would travel in clear: take away tls: false"))
	}
	return errs
}

// byMessage is a login by a message to NickServ, under way. The server is asked
// first who NickServ is, and afterwards who the bot is: services' own answers are
// words in some language, which prove nothing.
type byMessage struct {
	mask, server string // of NickServ, as WHOIS says
	sent         bool   // the password is on its way
	again        time.Time
	confirmed    bool // WHOIS names the account
}

const confirmEvery = 2 * time.Second

var errNickServ = errors.New("the server has no SASL, and NickServ could not be asked instead")

// canIdentify tells whether the bot may log in by a message: only where SASL is not to be had.
func (s *session) canIdentify() bool {
	_, offered := s.reg.offered["sasl"]
	return s.cfg.SASL != nil && s.cfg.Services.Mask != "" && !s.cfg.Services.Disabled && s.t.password != "" && !(offered && s.caps["sasl"])
}

// identify begins the login by message.
func (s *session) identify() {
	s.reg.message = &byMessage{}
	s.reg.deadline = time.Now().Add(s.cfg.RegisterTimeout)
	s.soon("WHOIS", s.cfg.Services.NickServ)
}

// onWhoisUser is 311, and onWhoisServer 312.
func (s *session) onWhoisUser(e *girc.Event) error {
	if m := s.reg.message; m != nil && !m.sent && s.sup.fold(param(e, 1)) == s.sup.fold(s.cfg.Services.NickServ) {
		m.mask = param(e, 1) + "!" + param(e, 2) + "@" + param(e, 3)
	}
	return nil
}

func (s *session) onWhoisServer(e *girc.Event) error {
	if m := s.reg.message; m != nil && !m.sent && s.sup.fold(param(e, 1)) == s.sup.fold(s.cfg.Services.NickServ) {
		m.server = param(e, 2)
	}
	return nil
}

// identified goes on with the login by message at the end of a WHOIS about nick.
func (s *session) identified(nick string) error {
	m, key := s.reg.message, s.sup.fold(nick)
	switch {
	case m == nil || s.reg.done:
		return nil
	case !m.sent && key == s.sup.fold(s.cfg.Services.NickServ):
		return s.sendPassword(m)
	case m.sent && m.confirmed && key == s.sup.fold(s.me.nick):
		s.reg.loggedIn, s.t.proved = true, true
		return s.ready()
	}
	return nil
}

func (s *session) sendPassword(m *byMessage) error {
	want := s.cfg.Services
	if m.mask == "" {
		return slow{fmt.Errorf("%w: nobody is called %s; are the services away?", errNickServ, want.NickServ), 10 * time.Second}
	}
	if !glob(s.sup.fold(want.Mask), s.sup.fold(m.mask)) || want.Server != "" && !strings.EqualFold(want.Server, m.server) {
		return slow{fmt.Errorf("%w: %s is %s on %s, and not what services.mask and services.server say; nothing was sent to it",
			errNickServ, want.NickServ, shown(m.mask), shown(m.server)), 10 * time.Minute}
	}
	text := strings.NewReplacer("{account}", s.cfg.SASL.Account, "{password}", s.t.password).Replace(want.Identify)
	line, err := say("PRIVMSG", want.NickServ, text)
	if err != nil {
		return fatal{errors.New("the password cannot be written in one line: change it")}
	}
	s.urgent = append(s.urgent, line...)
	m.sent, m.again = true, time.Now().Add(confirmEvery)
	return nil
}

// confirm takes the server's word that the bot is logged in to an account: 330,
// or 307 (an old server's "is a registered nick") where the account is called as the nick.
func (s *session) confirm(nick, account string) {
	m := s.reg.message
	if m == nil || !m.sent || s.reg.done || s.sup.fold(nick) != s.sup.fold(s.me.nick) {
		return
	}
	if s.sup.fold(account) == s.sup.fold(s.cfg.SASL.Account) {
		m.confirmed, s.reg.account = true, account
	}
}

// tickIdentify asks again whether the login has succeeded, until the time is up.
func (s *session) tickIdentify(now time.Time) error {
	m := s.reg.message
	if m == nil || s.reg.done {
		return nil
	}
	if now.After(s.reg.deadline) && m.sent {
		return slow{fmt.Errorf("NickServ did not log the bot in to %q within %v: correct sasl and services in the configuration, "+
			"or the password in the file or variable it names", s.cfg.SASL.Account, s.cfg.RegisterTimeout), 10 * time.Minute}
	}
	if m.sent && !now.Before(m.again) {
		m.again = now.Add(confirmEvery)
		s.soon("WHOIS", s.me.nick)
	}
	return nil
}

// askServices writes to the network's services, whose answer is not awaited:
// what they do is seen by itself.
func (s *session) askServices(nick, text string) {
	if s.cfg.Services.Disabled || !s.reg.loggedIn {
		return // they do nothing for a stranger
	}
	line, err := say("PRIVMSG", nick, text)
	if err != nil {
		s.log.Error("irc: a line cannot be written", "error", err)
		return
	}
	s.addChore(line)
}

// askChanServ asks to be let into a channel that is full, by invitation, closed by
// a ban or by a key: where the bot's account has the right, the next try succeeds.
func (s *session) askChanServ(r *room, numeric string) {
	switch numeric {
	case "474":
		s.askServices(s.cfg.Services.ChanServ, "UNBAN "+r.name)
	case "471", "473", "475":
		s.askServices(s.cfg.Services.ChanServ, "INVITE "+r.name)
	}
}

// glob matches * and ? against s.
func glob(mask, s string) bool {
	for mask != "" {
		switch {
		case mask[0] == '*':
			for i := 0; i <= len(s); i++ {
				if glob(mask[1:], s[i:]) {
					return true
				}
			}
			return false
		case s == "" || mask[0] != '?' && mask[0] != s[0]:
			return false
		}
		mask, s = mask[1:], s[1:]
	}
	return s == ""
}
