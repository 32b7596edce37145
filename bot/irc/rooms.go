package irc

import (
	"fmt"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// roomState is where the bot stands with one of its channels.
type roomState uint8

const (
	outside roomState = iota // to be joined at room.retry
	joining                  // asked for at room.since
	inside
)

// room is one channel of the configuration.
type room struct {
	name, key string
	state     roomState
	since     time.Time // when state began
	retry     time.Time
	wait      time.Duration // the last back-off
	why       error         // what keeps the bot outside
	refused   bool          // the server said no, and not just nothing or "later"
	topic     string
	hasTopic  bool
	reading   bool // history is being read: what is said now is held
	held      []chat.Message
}

const (
	joinTimeout  = 20 * time.Second
	rejoinFirst  = 5 * time.Second
	rejoinMax    = 10 * time.Minute
	rejoinForget = 10 * time.Minute // inside for so long: a kick is a new story
	maxHeld      = 500
)

// enter starts joining all channels.
func (s *session) enter(now time.Time) {
	for _, ch := range s.cfg.Channels {
		s.rooms[s.sup.fold(ch.Name)] = &room{name: ch.Name, key: s.t.keys[ch.Name]}
	}
	for _, e := range s.early {
		key := s.sup.fold(param(e, 0))
		if r := s.rooms[key]; r != nil {
			s.entered(r, key, e)
		}
	}
	s.early = nil
	s.tickRooms(now)
}

// tickRooms joins what is due, several channels a line, gives up what takes too
// long, and says that the link is up once every channel has had its answer.
func (s *session) tickRooms(now time.Time) {
	var names, keys []string
	flush := func() {
		if len(names) > 0 {
			s.chore("JOIN", append([]string{strings.Join(names, ",")}, some(strings.Join(keys, ","))...)...)
		}
		names, keys = nil, nil
	}
	settled := true
	for _, ch := range s.cfg.Channels { // in the order of the configuration
		r := s.rooms[s.sup.fold(ch.Name)]
		if r.state == joining && now.Sub(r.since) > joinTimeout {
			s.keptOut(r, "", "the server did not answer", false)
		}
		if r.state == outside && !now.Before(r.retry) {
			r.state, r.since = joining, now
			if len(names) >= s.sup.joinMax || len(strings.Join(names, ",")) > 300 {
				flush()
			}
			if r.key != "" && len(keys) < len(names) {
				flush() // keys stand for the first channels of a line
			}
			if names = append(names, r.name); r.key != "" {
				keys = append(keys, r.key)
			}
		}
		settled = settled && r.state != joining
	}
	flush()
	if settled && !s.upSaid {
		s.upSaid = true
		s.status(nil)
	}
}

// some is s as the rest of a list, or nothing.
func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// keptOut notes that the bot cannot enter r for now, tells it once, and tries
// again later. numeric is the server's, empty when it said nothing; refused says that the server means it.
func (s *session) keptOut(r *room, numeric, reason string, refused bool) {
	r.refused = refused
	r.wait = min(max(2*r.wait, 30*time.Second), rejoinMax)
	r.state, r.since, r.retry = outside, time.Now(), time.Now().Add(r.wait)
	s.askChanServ(r, numeric)
	err := fmt.Errorf("channel %s cannot be joined: %s", r.name, reason)
	if r.why == nil || r.why.Error() != err.Error() {
		r.why = err
		s.log.Warn("irc: a channel is closed to the bot", "channel", r.name, "reason", reason)
		s.status(fmt.Errorf("irc %s: %w", s.cfg.Name, err))
	}
}

// putOut follows a kick, or a part that services made.
func (s *session) putOut(r *room, reason string) {
	now := time.Now()
	if now.Sub(r.since) > rejoinForget {
		r.wait = 0
	}
	r.wait = min(max(2*r.wait, rejoinFirst), rejoinMax)
	r.state, r.since, r.retry = outside, now, now.Add(r.wait)
	r.reading, r.held, r.hasTopic = false, nil, false
	r.why, r.refused = fmt.Errorf("the bot was put out of %s", r.name), false
	s.people.empty(s.sup.fold(r.name))
	s.log.Warn("irc: put out of a channel", "channel", r.name, "how", reason, "retry_in", r.wait.String())
	s.status(fmt.Errorf("irc %s: %w (%s); it tries again in %v", s.cfg.Name, r.why, reason, r.wait))
}

// onJoin follows who comes in, the bot included.
func (s *session) onJoin(e *girc.Event) error {
	key := s.sup.fold(param(e, 0))
	r := s.rooms[key]
	if s.mine(e) {
		s.seen(e)
		if !s.reg.done {
			if len(s.early) < 100 { // a server that keeps channels for its accounts
				s.early = append(s.early, e)
			}
			return nil
		}
		if r == nil {
			s.chore("PART", param(e, 0)) // forwarded, or forced: nobody asked for it
			return nil
		}
		s.entered(r, key, e)
		return nil
	}
	if r == nil || r.state != inside {
		return nil
	}
	p := s.people.enter(s.sup.fold(e.Source.Name), e.Source.Name, key)
	p.user, p.host = e.Source.Ident, e.Source.Host
	if s.caps["extended-join"] && len(e.Params) > 1 {
		p.account, p.known = starless(param(e, 1)), true
		p.bot = p.bot || robotName(e.Last())
	}
	s.came(p, r)
	if s.asksAround() && !p.asking && !p.fresh() && len(s.chores) < maxVouch/2 {
		s.inquireAbout(p) // somebody may be waited for
	}
	return nil
}

// onNames is 353: who is in a channel. WHO says more, and later.
func (s *session) onNames(e *girc.Event) error {
	key := s.sup.fold(param(e, 2))
	if r := s.rooms[key]; r == nil || r.state != inside {
		return nil
	}
	for _, who := range strings.Fields(e.Last()) {
		src := girc.ParseSource(strings.TrimLeft(who, s.sup.prefixes))
		nick := s.sup.fold(src.Name)
		if src.Name == "" || nick == s.sup.fold(s.me.nick) {
			continue
		}
		p := s.people.enter(nick, src.Name, key)
		if src.Host != "" {
			p.user, p.host = src.Ident, src.Host
		}
	}
	return nil
}

// came tells the bot that p is in r. Bots are nobody's members.
func (s *session) came(p *person, r *room) {
	if p.bot {
		return
	}
	id := chat.Identity{Network: s.cfg.Name, Nick: p.nick, Host: p.mask()}
	if p.known && s.follows() {
		id.Account = p.account
	}
	s.deliver(chat.Message{Kind: chat.Join, Room: s.place(r), From: id, Received: time.Now()})
}

// place is r as the bot knows it.
func (s *session) place(r *room) chat.Room {
	return chat.Room{Network: s.cfg.Name, ID: s.sup.fold(r.name)}
}

// entered follows the bot's own join: it learns who is there and what it missed.
func (s *session) entered(r *room, key string, e *girc.Event) {
	r.state, r.since, r.why, r.refused = inside, time.Now(), nil, false
	if s.sup.whox {
		s.chore("WHO", r.name, whoxFields)
	} else {
		s.chore("WHO", r.name)
	}
	s.readBack(r, key, e)
	if s.upSaid {
		s.status(nil)
	}
	s.tickRooms(time.Now())
}

// onPart follows who goes.
func (s *session) onPart(e *girc.Event) error {
	return s.gone(e, e.Source.Name, "PART")
}

// onKick follows who is thrown out.
func (s *session) onKick(e *girc.Event) error {
	return s.gone(e, param(e, 1), "KICK by "+shown(e.Source.Name))
}

func (s *session) gone(e *girc.Event, nick, how string) error {
	key, who := s.sup.fold(param(e, 0)), s.sup.fold(nick)
	r := s.rooms[key]
	if who == s.sup.fold(s.me.nick) {
		if r != nil && r.state == inside {
			s.putOut(r, how)
		}
		return nil
	}
	s.people.leave(who, key)
	return nil
}

// onInvite accepts an invitation into a channel of the configuration.
func (s *session) onInvite(e *girc.Event) error {
	if r := s.rooms[s.sup.fold(param(e, 1))]; r != nil && r.state == outside && s.sup.fold(param(e, 0)) == s.sup.fold(s.me.nick) {
		r.retry = time.Now()
	}
	return nil
}

// onTopic remembers topics: 331, 332 and TOPIC itself, which may prove that our
// own was set. Those that others set are told.
func (s *session) onTopic(e *girc.Event) error {
	at := 0
	if e.Command != "TOPIC" {
		at = 1
	}
	r := s.rooms[s.sup.fold(param(e, at))]
	if r == nil {
		return nil
	}
	r.topic, r.hasTopic = e.Last(), true
	if e.Command == "331" {
		r.topic = ""
	}
	if e.Command == "TOPIC" && s.mine(e) {
		s.echoed(e)
		return nil
	}
	s.deliver(chat.Message{Kind: chat.TopicIs, Room: s.place(r), Text: strip(utf8Text(r.topic)), Received: time.Now()})
	return nil
}

// whoxFields asks for: token, channel, user, host, nick, flags, account, real name.
const (
	whoxToken  = "617"
	whoxFields = "%tcuhnfar," + whoxToken
)

// onWhoX is one person in a channel, with the account.
func (s *session) onWhoX(e *girc.Event) error {
	if len(e.Params) < 8 || param(e, 1) != whoxToken {
		return nil
	}
	p, r := s.present(param(e, 2), param(e, 5), param(e, 3), param(e, 4), param(e, 6))
	if p == nil {
		return nil
	}
	p.account, p.known = starless(param(e, 7)), true
	p.bot = p.bot || len(e.Params) > 8 && robotName(param(e, 8))
	if p.account != "" && s.follows() {
		s.came(p, r)
	}
	return nil
}

// onWho is the same from an old server, without the account.
func (s *session) onWho(e *girc.Event) error {
	if len(e.Params) < 7 {
		return nil
	}
	p, _ := s.present(param(e, 1), param(e, 5), param(e, 2), param(e, 3), param(e, 6))
	if _, name, _ := strings.Cut(e.Last(), " "); p != nil && robotName(name) { // behind the number of hops
		p.bot = true
	}
	return nil
}

// present notes one answer to WHO; nil for the bot itself and for places that
// are not the bot's.
func (s *session) present(channel, nick, user, host, flags string) (*person, *room) {
	if s.sup.fold(nick) == s.sup.fold(s.me.nick) {
		s.me.user, s.me.host = user, host
		return nil, nil
	}
	key := s.sup.fold(channel)
	r := s.rooms[key]
	if r == nil || r.state != inside {
		return nil, nil
	}
	p := s.people.enter(s.sup.fold(nick), nick, key)
	p.user, p.host = user, host
	p.bot = s.sup.botMode != "" && strings.Contains(flags, s.sup.botMode)
	return p, r
}

// robotName tells whether a real name says that its bearer is a bot, as Vigie's own
// does: on servers without bot mode it is all that keeps two bots from talking to each other.
func robotName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "(robot)") || strings.Contains(name, "(bot)")
}
