package irc

import (
	"errors"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"vigie/bot/chat"
)

// table says who handles what. What is not here is ignored, but for the error
// numerics.
func (s *session) table() map[string]func(*girc.Event) error {
	t := map[string]func(*girc.Event) error{
		"PING": s.onPing, "PONG": s.onPong, "ERROR": s.onError, "BATCH": s.onBatch, "FAIL": s.onFail, "ACK": s.onAck,
		"CAP": s.onCap, "AUTHENTICATE": s.onAuthenticate, "900": s.onLoggedIn, "903": s.onSASLDone,
		"001": s.onWelcome, "005": s.onISupport, "376": s.onReady, "422": s.onReady, "396": s.onMyHost,
		"WARN": s.onNote, "NOTE": s.onNote, "730": s.onMonitored, "731": s.onMonitored, "303": s.onIsOn,
		"311": s.onWhoisUser, "312": s.onWhoisServer, "307": s.onWhoisRegistered, "353": s.onNames, "AWAY": s.onAway,
		"JOIN": s.onJoin, "PART": s.onPart, "KICK": s.onKick, "QUIT": s.onQuit, "NICK": s.onNick,
		"ACCOUNT": s.onAccount, "CHGHOST": s.onHost, "INVITE": s.onInvite,
		"TOPIC": s.onTopic, "331": s.onTopic, "332": s.onTopic,
		"352": s.onWho, "354": s.onWhoX, "330": s.onWhoisAccount, "335": s.onWhoisBot, "318": s.onWhoisEnd,
		"PRIVMSG": s.onMessage, "NOTICE": s.onMessage,
	}
	for _, n := range []string{"902", "904", "905", "906", "907", "908"} {
		t[n] = s.onSASLFailed
	}
	for _, n := range []string{"432", "433", "436", "437"} {
		t[n] = s.onNickRefused
	}
	return t
}

func (s *session) onPing(e *girc.Event) error {
	s.soon("PONG", e.Last())
	return nil
}

// onError is the server's last word. Too many lines sent makes the next
// connection slower.
func (s *session) onError(e *girc.Event) error {
	why := chat.Cut(chat.Clean(utf8Text(e.Last())), 200)
	low := strings.ToLower(why)
	if strings.Contains(low, "flood") || strings.Contains(low, "recvq") || strings.Contains(low, "sendq") {
		s.t.speed.halve(time.Now())
		s.log.Warn("irc: the server finds the bot too fast; it slows down", "rate", s.t.speed.now)
	}
	if s.closing == nil {
		s.closing = errors.New("the server closes the link: " + why)
		if wait := unwelcome(low); wait > 0 {
			s.closing = slow{s.closing, wait}
		}
	}
	return s.closing
}

// unwelcome is how long to stay away after the server's last word: long after a
// ban, which a person has to lift; a minute after too many connections. why is in lower case.
func unwelcome(why string) time.Duration {
	for _, w := range []string{"throttl", "too fast", "too many", "connect too", "reconnect"} {
		if strings.Contains(why, w) {
			return time.Minute
		}
	}
	for _, w := range []string{"banned", "k-line", "g-line", "z-line", "d-line", "x-line", "akill", "not welcome", "access denied", "blacklist", "dnsbl"} {
		if strings.Contains(why, w) {
			return 10 * time.Minute
		}
	}
	return 0
}

// onMessage takes a PRIVMSG or NOTICE: an echo of the bot's own, a piece of
// history, a CTCP, or something that somebody said.
func (s *session) onMessage(e *girc.Event) error {
	if len(e.Params) != 2 {
		return nil
	}
	s.seen(e)
	switch {
	case s.mine(e):
		s.echoed(e)
	case e.Command == "NOTICE" || s.robot(e) || e.Source.IsServer() && strings.Contains(e.Source.Name, "."):
	case strings.HasPrefix(e.Params[1], "\x01") && !e.IsAction():
		s.onCTCP(e)
	default:
		s.said(e)
	}
	return nil
}

// said hands on what somebody said, once it is known who that is.
func (s *session) said(e *girc.Event) {
	if m, ok := s.message(e); ok && !s.inquire(e, m) {
		s.hear(m)
	}
}

// hear hands on m, or holds it while older words are being read.
func (s *session) hear(m chat.Message) {
	r := s.rooms[s.sup.fold(strings.TrimLeft(m.Room.ID, s.sup.statusMsg))]
	if m.Room.Private {
		if r = s.direct; m.From.Account != "" {
			s.remember(m.From.Account, m.From.Nick)
		}
	}
	if r == nil {
		return // the bot has left it meanwhile
	}
	if r.reading && len(r.held) < maxHeld {
		r.held = append(r.held, m)
		return
	}
	s.passOn(r, m)
}

// passOn delivers m, said in r, and moves the mark behind it.
func (s *session) passOn(r *room, m chat.Message) {
	key := s.sup.fold(r.name)
	if m.ID != "" && m.ID == s.t.marks[key].ID {
		return // read back once more
	}
	if !m.At.IsZero() && s.canRead() {
		m.Cursor = s.t.marks.advance(key, position{At: m.At, ID: m.ID})
	}
	s.deliver(m)
}

// message makes a chat.Message of e; false for what is not for the bot.
func (s *session) message(e *girc.Event) (chat.Message, bool) {
	target := e.Params[0]
	m := chat.Message{From: s.identity(e), Text: s.text(e), Received: time.Now(), Room: chat.Room{Network: s.cfg.Name}}
	if strings.TrimSpace(m.Text) == "" {
		return m, false
	}
	switch {
	case s.sup.channel(target):
		r := s.rooms[s.sup.fold(strings.TrimLeft(target, s.sup.statusMsg))]
		if r == nil || r.state != inside {
			return m, false
		}
		m.Room.ID = s.sup.fold(target)
	case s.sup.fold(target) == s.sup.fold(s.me.nick):
		m.Room.ID, m.Room.Private, m.Room.Account, m.Addressed = s.sup.fold(m.From.Nick), true, m.From.Account, true
	default:
		return m, false // $$server masks and the like
	}
	m.ID, _ = tag(e, "msgid")
	m.At = serverTime(e)
	for _, name := range []string{"+reply", "+draft/reply"} {
		if v, ok := tag(e, name); ok {
			m.Target = v
		}
	}
	return m, true
}

// text is what was typed, without the network's formatting.
func (s *session) text(e *girc.Event) string {
	t := e.Params[1]
	if e.IsAction() {
		t = e.StripAction()
	}
	return strip(utf8Text(t))
}

// robot tells whether e says of itself that a bot wrote it, or WHO did.
func (s *session) robot(e *girc.Event) bool {
	for _, name := range []string{"bot", "draft/bot", "inspircd.org/bot"} {
		if _, ok := tag(e, name); ok {
			return true
		}
	}
	p := s.people[s.sup.fold(e.Source.Name)]
	return p != nil && p.bot
}

// onCTCP answers the three polite questions, in private only, three at once
// and then one in ten seconds, whoever asks.
func (s *session) onCTCP(e *girc.Event) {
	ctcp := girc.DecodeCTCP(e)
	if ctcp == nil || s.sup.fold(e.Params[0]) != s.sup.fold(s.me.nick) || !validNick(e.Source.Name) {
		return
	}
	var text string
	switch ctcp.Command {
	case "VERSION":
		text = "Vigie"
	case "TIME":
		text = time.Now().UTC().Format(time.RFC1123Z)
	case "PING":
		text = chat.Cut(chat.Clean(ctcp.Text), 40)
	default:
		return
	}
	now := time.Now()
	if s.ctcp.wait(now) > 0 {
		return
	}
	s.ctcp.spend(1)
	line, err := say("NOTICE", e.Source.Name, girc.EncodeCTCPRaw(ctcp.Command, text))
	if err != nil {
		s.log.Error("irc: a CTCP answer cannot be written", "error", err)
		return
	}
	s.addChore(line)
}
