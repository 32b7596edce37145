package e2e

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"vigie/cmd/lab/labtest"
	"vigie/cmd/lab/pki"
	"vigie/cmd/lab/servers"
)

// ircHouse is one real IRC server with the same people on it, whatever its kind.
type ircHouse struct {
	*servers.Server
	addr string
	// network is how the bot is told to come; login what it is to say about it.
	network, login string
	hello          func(nick string) []string // written before NICK
	after          func(nick string) []string // written once welcome
	keeper         *ircPerson                 // stands in #ferme, which is closed; ChanServ lets the bot in
}

const housePassword = "ouvre-toi"

// onErgo, onNgIRCd and onInspIRCd open the three houses.
func onErgo(t *testing.T) *ircHouse {
	lab := labtest.Start(t, servers.Options{Channels: []string{"#support", "#equipe", "#ferme"}})
	file := filepath.Join(t.TempDir(), "password")
	write(t, file, []byte(lab.IRC.Accounts[servers.Bot].Password))
	return &ircHouse{Server: lab.IRC.Server, addr: lab.IRC.Addr, login: "EXTERNAL",
		hello: func(nick string) []string {
			a, ok := lab.IRC.Accounts[nick]
			if !ok {
				return nil
			}
			plain := base64.StdEncoding.EncodeToString([]byte("\x00" + nick + "\x00" + a.Password))
			return []string{"CAP REQ sasl", "AUTHENTICATE PLAIN", "AUTHENTICATE " + plain, "NICK " + nick, "USER " + nick + " 0 * :" + nick, "CAP END"}
		},
		network: fmt.Sprintf(`    servers: [{address: %q, tls_ca: %q, tls_server_name: %q, cert_file: %q, key_file: %q}]
    sasl: {account: vigie, password_file: %q}
`, lab.IRC.TLSAddr, lab.CA.File, servers.ErgoName, lab.IRC.Accounts[servers.Bot].CertFile, lab.IRC.Accounts[servers.Bot].KeyFile, file)}
}

func onNgIRCd(t *testing.T) *ircHouse {
	s, ca := debianIRC(t, servers.NgIRCd)
	network, keeper := atDebian(t, s, ca)
	return &ircHouse{Server: s.Server, addr: s.Addr, login: "NickServ", keeper: keeper, after: identifies, network: network +
		fmt.Sprintf("    services: {mask: %q, server: %q, regain: [GHOST]}\n", s.NickServ, servers.ServicesName)}
}

// onInspIRCd gives the bot a certificate that the services do not know: EXTERNAL is refused, and PLAIN is next.
func onInspIRCd(t *testing.T) *ircHouse {
	s, ca := debianIRC(t, servers.InspIRCd)
	dir := t.TempDir()
	cert, err := ca.Issue(pki.Leaf{Names: []string{"vigie"}})
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := filepath.Join(dir, "vigie.crt"), filepath.Join(dir, "vigie.key")
	if err := pki.Write(cert, certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	network, keeper := atDebian(t, s, ca)
	network = strings.Replace(network, "}]", fmt.Sprintf(", cert_file: %q, key_file: %q}]", certFile, keyFile), 1)
	return &ircHouse{Server: s.Server, addr: s.Addr, login: "PLAIN", keeper: keeper, after: identifies, network: network + "    services: {regain: [GHOST]}\n"}
}

func loggedIn(l string) bool {
	return strings.Contains(l, "now identified") || strings.Contains(l, "now logged in")
}

func identifies(nick string) []string {
	if nick == "jean" || nick == "claire" {
		return []string{"PRIVMSG NickServ :IDENTIFY " + housePassword}
	}
	return nil
}

// atDebian registers the people, and #ferme, which is by invitation and where ChanServ lets the bot in.
func atDebian(t *testing.T, s *servers.DebianIRC, ca *pki.CA) (network string, keeper *ircPerson) {
	t.Helper()
	for _, nick := range []string{"vigie", "claire", "jean", "gardien"} {
		if err := s.Register(t.Context(), nick, housePassword); err != nil {
			t.Fatal(err)
		}
	}
	keeper = comes(t, s.Addr, "gardien") // he stays, or the channel would go with him
	keeper.say("PRIVMSG NickServ :IDENTIFY " + housePassword)
	keeper.reads("that it is logged in", loggedIn)
	keeper.joins("#ferme")
	keeper.say("PRIVMSG ChanServ :REGISTER #ferme", "PRIVMSG ChanServ :FLAGS #ferme vigie +iV", "MODE #ferme +i", "PRIVMSG ChanServ :FLAGS #ferme")
	keeper.reads("the closed door", func(l string) bool { return strings.Contains(l, "MODE #ferme") && strings.Contains(l, "+i") })
	file := filepath.Join(t.TempDir(), "password")
	write(t, file, []byte(housePassword))
	return fmt.Sprintf(`    servers: [{address: %q, tls_ca: %q, tls_server_name: %q}]
    sasl: {account: vigie, password_file: %q}
`, s.TLSAddr, ca.File, servers.DebianIRCName, file), keeper
}

// person brings somebody into the house and #support.
func (h *ircHouse) person(t *testing.T, nick string, channels ...string) *ircPerson {
	t.Helper()
	var hello []string
	if h.hello != nil {
		hello = h.hello(nick)
	}
	p := comes(t, h.addr, nick, hello...)
	if h.after != nil {
		if lines := h.after(nick); lines != nil {
			p.say(lines...)
			p.reads("that it is logged in", loggedIn)
		}
	}
	p.joins(append([]string{"#support"}, channels...)...)
	return p
}

// TestOnIRCServers has the real program live on each real IRC server: log in by the best way there is, know who people are
// by the server's word, answer in lines that fit, be put out and come back, and outlive the server.
func TestOnIRCServers(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *ircHouse{"ergo": onErgo, servers.NgIRCd: onNgIRCd, servers.InspIRCd: onInspIRCd} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			h := open(t)
			bot := ircBot(t, h.network)
			jean := h.person(t, "jean", "#equipe")
			if err := bot.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			jean.sees("#support")
			if log := lastLines(bot.LogFile, 1000); !strings.Contains(log, `"login":"`+h.login+`"`) {
				t.Errorf("it did not log in by %s:\n%s", h.login, log)
			}
			claire, stranger := h.person(t, "claire"), h.person(t, "passante")
			isABot(t, claire)
			knowsPeople(t, claire, stranger)
			speaksInLinesThatFit(t, claire, stranger)
			opensTickets(t, claire, jean)
			isPutOutAndComesBack(t, jean)
			if h.keeper != nil {
				h.keeper.sees("#ferme") // by ChanServ's invitation
			}
			setsTopics(t, jean)
			outlives(t, h, bot)
		})
	}
}

// isABot: WHOIS says so, and in the account's name.
func isABot(t *testing.T, p *ircPerson) {
	t.Helper()
	p.say("WHOIS vigie")
	p.reads("that vigie is logged in", func(l string) bool { return strings.Contains(l, " 330 ") && strings.Contains(l, " vigie vigie ") })
	p.reads("that vigie is a bot", func(l string) bool { return strings.Contains(l, " 335 ") || strings.Contains(l, " 336 ") })
	p.say("PRIVMSG vigie :\x01VERSION\x01", "PRIVMSG vigie :\x01PING 42\x01")
	p.reads("the answer to a CTCP", func(l string) bool { return strings.Contains(l, "NOTICE") && strings.Contains(l, "\x01VERSION Vigie") })
	p.reads("the answer to a CTCP", func(l string) bool { return strings.Contains(l, "NOTICE") && strings.Contains(l, "\x01PING 42") })
}

// knowsPeople: an account is the server's word, in a channel and in private; a nick is nobody's.
func knowsPeople(t *testing.T, claire, stranger *ircPerson) {
	t.Helper()
	if got := claire.asks("#support", "!quisuisje", "claire"); !strings.Contains(got, "compte claire") {
		t.Errorf("claire, logged in, is told %q", got)
	}
	claire.asks("vigie", "quisuisje", "compte claire")
	from := len(stranger.all())
	stranger.say("PRIVMSG vigie :quisuisje")
	got := stranger.readsAfter(from, "who it is", func(l string) bool { return strings.HasPrefix(l, ":vigie!") })
	if strings.Contains(got, "compte passante") {
		t.Errorf("a stranger is told %q", got)
	}
}

// speaksInLinesThatFit: whatever is said, nobody receives more than 512 bytes, nor half a character.
func speaksInLinesThatFit(t *testing.T, people ...*ircPerson) {
	t.Helper()
	people[0].asks("vigie", "aide", "!")
	people[0].asks("#support", "vigie: mon site affiche une erreur de certificat", "claire")
	for _, p := range people {
		for _, l := range p.all() {
			if len(l) > 512 || strings.ToValidUTF8(l, "") != l || !strings.HasSuffix(l, "\r\n") {
				t.Errorf("%s received %d bytes: %q", p.nick, len(l), l)
			}
		}
	}
	for _, l := range people[1].all() {
		if strings.Contains(l, "NOTICE") && strings.Contains(l, "compte claire") {
			t.Errorf("a stranger reads claire's private answer: %q", l)
		}
	}
}

func opensTickets(t *testing.T, claire, jean *ircPerson) {
	t.Helper()
	got := claire.asks("#support", "!ticket notre site est blanc depuis ce matin", "ticket #")
	n := regexp.MustCompile(`ticket #(\d+)`).FindStringSubmatch(got)
	if n == nil {
		t.Fatalf("no number: %q", got)
	}
	jean.reads("the ticket in the team's channel", func(l string) bool {
		return strings.Contains(l, " #equipe ") && strings.Contains(l, "#"+n[1])
	})
}

// isPutOutAndComesBack: after a kick the bot waits a moment, and is back. Who may kick is whoever was there first.
func isPutOutAndComesBack(t *testing.T, jean *ircPerson) {
	t.Helper()
	from := len(jean.all())
	jean.say("KICK #support vigie :un essai")
	jean.readsAfter(from, "the kick", func(l string) bool { return strings.Contains(l, "KICK #support vigie") })
	jean.readsAfter(from, "the bot's return", func(l string) bool { return strings.HasPrefix(l, ":vigie!") && strings.Contains(l, " JOIN ") })
	jean.asks("#support", "vigie: aide", "!")
}

// setsTopics: an incident stands in the topic, and its end puts the old one back.
func setsTopics(t *testing.T, jean *ircPerson) {
	t.Helper()
	jean.say("MODE #support -t", "TOPIC #support :Bienvenue")
	jean.asks("vigie", "!charte", "charte")
	jean.asks("vigie", "!charte accepte", "")
	from := len(jean.all())
	jean.asks("#equipe", "!incident ouvrir web sites injoignables", "")
	topic := jean.readsAfter(from, "the incident in the topic", func(l string) bool {
		return strings.HasPrefix(l, ":vigie!") && strings.Contains(l, "TOPIC #support")
	})
	if !strings.Contains(topic, "Bienvenue") {
		t.Errorf("the old topic is lost: %q", topic)
	}
	from = len(jean.all())
	jean.asks("#equipe", "!incident resolu 1 tout remarche", "")
	jean.readsAfter(from, "the old topic", func(l string) bool {
		_, topic, ok := strings.Cut(strings.TrimSpace(l), "TOPIC #support ")
		return ok && strings.HasPrefix(l, ":vigie!") && strings.TrimPrefix(topic, ":") == "Bienvenue"
	})
}

// outlives: a server that hangs is noticed, one that dies too, and the bot is back on the next one by itself.
func outlives(t *testing.T, h *ircHouse, bot *servers.Server) {
	t.Helper()
	before := links(t, bot)
	if err := h.Freeze(); err != nil {
		t.Fatal(err)
	}
	labtest.Eventually(t, "a frozen server is noticed", func() bool { return links(t, bot) > before })
	if err := h.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := comes(t, h.addr, "revenante")
	p.joins("#support")
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(time.Second) {
		from := len(p.all())
		p.say("PRIVMSG #support :vigie: aide")
		time.Sleep(2 * time.Second)
		if strings.Contains(strings.Join(p.all()[from:], ""), ":vigie!") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the bot does not come back:\n%s", lastLines(bot.LogFile, 10))
		}
	}
}

// links counts how often the bot has lost its link.
func links(t *testing.T, bot *servers.Server) int {
	t.Helper()
	log, err := os.ReadFile(bot.LogFile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(log), "the link is down")
}

// TestNickTakenOnIRCServers: somebody has the bot's nick. It comes under another, says nothing, and the services give the nick back.
func TestNickTakenOnIRCServers(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *ircHouse{servers.NgIRCd: onNgIRCd, servers.InspIRCd: onInspIRCd} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			h := open(t)
			bot := ircBot(t, h.network)
			thief := comes(t, h.addr, "vigie")
			jean := h.person(t, "jean")
			if err := bot.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			jean.reads("the bot under another nick", func(l string) bool { return strings.HasPrefix(l, ":vigie_!") && strings.Contains(l, " JOIN ") })
			jean.say("PRIVMSG #support :vigie: aide")
			jean.reads("the bot's own nick", func(l string) bool { return strings.HasPrefix(l, ":vigie_!") && strings.Contains(l, " NICK ") })
			for _, l := range jean.all() {
				if strings.HasPrefix(l, ":vigie_!") && strings.Contains(l, "PRIVMSG") {
					t.Errorf("it spoke under another nick: %q", l)
				}
			}
			jean.asks("#support", "vigie: aide", "!")
			thief.conn.Close()
		})
	}
}
