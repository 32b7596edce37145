package irc

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// person is somebody who shares a channel with the bot.
type person struct {
	nick, user, host string
	account          string
	known            bool // account is the server's word, and not just missing
	bot              bool
	rooms            map[string]bool
	spoke            time.Time
	// session tells this person from whoever has the nick after them.
	session string
	// Where the server has to be asked who somebody is: when it last was, whether
	// the answer is awaited, and what was said meanwhile.
	word   time.Time
	asking bool
	held   []chat.Message
}

// people are found by folded nick. Who shares no channel is not here: nobody
// would say when such a nick changes hands.
type people map[string]*person

// maxPeople bounds the memory that a server can make the bot use.
const maxPeople = 100_000

// mask is how others see this person.
func (p *person) mask() string { return p.nick + "!" + p.user + "@" + p.host }

// enter puts a nick in a channel, and gives what is known of the person.
func (ps people) enter(key, nick, room string) *person {
	p := ps[key]
	if p == nil {
		if len(ps) >= maxPeople {
			return &person{nick: nick, rooms: map[string]bool{}}
		}
		p = &person{nick: nick, rooms: map[string]bool{}, session: rand.Text()}
		ps[key] = p
	}
	p.rooms[room] = true
	return p
}

// leave takes a nick out of a channel, and forgets who is in no other.
func (ps people) leave(key, room string) {
	if p := ps[key]; p != nil {
		if delete(p.rooms, room); len(p.rooms) == 0 {
			delete(ps, key)
		}
	}
}

// empty forgets a channel that the bot is no longer in.
func (ps people) empty(room string) {
	for key := range ps {
		ps.leave(key, room)
	}
}

// follows tells whether the server says all there is to know about accounts: who
// has one, and whenever that changes. Only then is the memory of it believed.
func (s *session) follows() bool {
	return s.caps["account-notify"] && (s.caps["extended-join"] || s.sup.whox)
}

// account is who is behind e, as far as the server vouches for it.
func (s *session) account(e *girc.Event) string {
	if s.caps["account-tag"] {
		a, _ := tag(e, "account")
		return a
	}
	if p := s.people[s.sup.fold(e.Source.Name)]; p != nil && p.known && (s.follows() || !p.word.IsZero()) {
		return p.account
	}
	return ""
}

// identity is who wrote e.
func (s *session) identity(e *girc.Event) chat.Identity {
	id := chat.Identity{Network: s.cfg.Name, Account: s.account(e), Nick: strings.ToValidUTF8(e.Source.Name, "\uFFFD"),
		Host: strings.ToValidUTF8(e.Source.String(), "\uFFFD")}
	if p := s.people[s.sup.fold(e.Source.Name)]; p != nil && !id.Known() {
		id.Session = p.session // of who is out of sight, nobody would say that the nick was freed
	}
	return id
}

// mine tells whether e comes from the bot itself.
func (s *session) mine(e *girc.Event) bool {
	return e.Source != nil && s.sup.fold(e.Source.Name) == s.sup.fold(s.me.nick)
}

// nickOf is the nick that is logged in to account now, among the people in
// sight: prefer, or the one who spoke last.
func (s *session) nickOf(account, prefer string) string {
	if account == "" || !s.follows() {
		return ""
	}
	var best *person
	want := s.sup.fold(prefer)
	for key, p := range s.people {
		if !p.known || p.account == "" || s.sup.fold(p.account) != s.sup.fold(account) || !validNick(p.nick) {
			continue
		}
		if key == want {
			return p.nick
		}
		if best == nil || p.spoke.After(best.spoke) {
			best = p
		}
	}
	if best == nil {
		return ""
	}
	return best.nick
}

// onNick follows a nick: it is the same person under the new one.
func (s *session) onNick(e *girc.Event) error {
	from, to := s.sup.fold(e.Source.Name), s.sup.fold(param(e, 0))
	if to == "" {
		return nil
	}
	mine := s.mine(e)
	delete(s.whois, from)
	delete(s.whois, to)
	p := s.people[from]
	if to != from {
		delete(s.people, to) // whoever it was, he is not there any more
		delete(s.people, from)
	}
	if p != nil {
		p.nick = param(e, 0)
		s.people[to] = p
		if p.asking && to != from { // the answer will be about whoever has the old nick
			s.awaited = slices.DeleteFunc(s.awaited, func(q *person) bool { return q == p })
			if p.asking = false; !s.inquireAbout(p) {
				s.letSpeak(p)
			}
		}
	}
	if mine {
		s.me.nick = param(e, 0)
		s.renamed(time.Now())
		return nil
	}
	s.freed(e.Source.Name)
	return nil
}

// onQuit forgets a person.
func (s *session) onQuit(e *girc.Event) error {
	key := s.sup.fold(e.Source.Name)
	delete(s.people, key)
	delete(s.whois, key)
	if !s.mine(e) {
		s.freed(e.Source.Name)
	}
	return nil
}

// onAccount follows a login (or logout) of somebody in sight.
func (s *session) onAccount(e *girc.Event) error {
	key := s.sup.fold(e.Source.Name)
	delete(s.whois, key)
	p := s.people[key]
	if p == nil {
		return nil
	}
	p.account, p.known = starless(param(e, 0)), true
	if p.account != "" && !s.mine(e) {
		s.alive(p)
	}
	return nil
}

// alive tells the bot that somebody is there now.
func (s *session) alive(p *person) {
	s.deliver(chat.Message{Kind: chat.Alive, Received: time.Now(),
		Room: chat.Room{Network: s.cfg.Name, ID: s.sup.fold(p.nick), Private: true, Account: p.account},
		From: chat.Identity{Network: s.cfg.Name, Account: p.account, Nick: p.nick, Host: p.mask()}})
}

// onAway is away-notify: who comes back gives a sign of life.
func (s *session) onAway(e *girc.Event) error {
	p := s.people[s.sup.fold(e.Source.Name)]
	if back := len(e.Params) == 0 || e.Last() == ""; back && p != nil && p.account != "" && s.follows() && !s.mine(e) {
		s.alive(p)
	}
	return nil
}

// onHost is CHGHOST: the same person behind another mask.
func (s *session) onHost(e *girc.Event) error {
	if p := s.people[s.sup.fold(e.Source.Name)]; p != nil {
		p.user, p.host = param(e, 0), param(e, 1)
	}
	if s.mine(e) {
		s.me.user, s.me.host = param(e, 0), param(e, 1)
	}
	return nil
}

// onMyHost is 396: what others see as the bot's host from now on.
func (s *session) onMyHost(e *girc.Event) error {
	if h := param(e, 1); len(e.Params) > 2 {
		if u, host, ok := strings.Cut(h, "@"); ok {
			s.me.user, h = u, host
		}
		s.me.host = h
	}
	return nil
}

// seen notes what a line shows about its writer.
func (s *session) seen(e *girc.Event) {
	if s.mine(e) {
		s.me.user, s.me.host = e.Source.Ident, e.Source.Host
		return
	}
	if p := s.people[s.sup.fold(e.Source.Name)]; p != nil {
		p.user, p.host, p.spoke = e.Source.Ident, e.Source.Host, time.Now()
		if s.caps["account-tag"] {
			p.account, p.known = s.account(e), true
		}
	}
}

// prefixLen is how many bytes others see in front of the bot's lines. What is
// not known yet is taken to be as long as it may be.
func (s *session) prefixLen() int {
	user, host := len(s.me.user), len(s.me.host)
	if s.me.host == "" {
		user, host = s.sup.userLen+1, s.sup.hostLen
	}
	return len(s.me.nick) + len("!") + user + len("@") + host
}

// starless is an account as extended-join and account-notify write it, where a
// star says that there is none.
func starless(account string) string {
	if account == "*" || account == "0" {
		return ""
	}
	return account
}
