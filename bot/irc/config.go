package irc

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Config is one IRC network as the operator describes it. Durations are Go
// durations ("20s"). Zero values stand for the defaults named with each field.
type Config struct {
	// Name is what configuration, logs and chat.Room.Network call the network.
	Name string `yaml:"name"`
	// Servers are tried in turn, for ever.
	Servers []Server `yaml:"servers"`
	// Nick is the wanted nick; AltNicks are tried when it is taken, and the
	// wanted one is asked for again later.
	Nick     string   `yaml:"nick"`
	AltNicks []string `yaml:"alt_nicks"`
	// QuietOnAltNick is how long the bot says nothing while it has to carry
	// another nick than the wanted one (10m). After that it speaks all the same:
	// a bot that is silent for ever helps nobody.
	QuietOnAltNick time.Duration `yaml:"quiet_on_alt_nick"`
	// User and RealName are shown by WHOIS. Default: the nick, "Vigie (robot)". Other
	// Vigies keep away from whoever has (robot) or (bot) in the real name.
	User     string `yaml:"user"`
	RealName string `yaml:"realname"`
	// SASL is how the bot logs in to its services account. Without it the
	// configuration is refused, unless Unauthenticated says that this is meant.
	SASL            *SASL `yaml:"sasl"`
	Unauthenticated bool  `yaml:"unauthenticated"`
	// Services says what the network's services are called and what the bot asks
	// of them.
	Services Services `yaml:"services"`
	// Channels are joined after login, and joined again after a kick.
	Channels []Channel `yaml:"channels"`
	// NoHistory keeps the bot from reading back, after an absence, what was said
	// in its channels (draft/chathistory).
	NoHistory bool `yaml:"no_history"`
	// NoBotMode keeps the bot from marking itself as a bot.
	NoBotMode bool `yaml:"no_bot_mode"`
	// Burst lines may be written at once (default 4), then Rate lines a second
	// (default 1).
	Burst int     `yaml:"burst"`
	Rate  float64 `yaml:"rate"`
	// PingEvery is how long the server may be silent before it is asked whether
	// it is there (20s), PingTimeout how long it may take to answer (20s).
	PingEvery   time.Duration `yaml:"ping_every"`
	PingTimeout time.Duration `yaml:"ping_timeout"`
	// ConnectTimeout bounds the connection and TLS (15s); RegisterTimeout the
	// login (30s); WriteTimeout one write (10s); ProofTimeout the wait for the
	// proof that a line was taken (30s).
	ConnectTimeout  time.Duration `yaml:"connect_timeout"`
	RegisterTimeout time.Duration `yaml:"register_timeout"`
	WriteTimeout    time.Duration `yaml:"write_timeout"`
	ProofTimeout    time.Duration `yaml:"proof_timeout"`
}

// Server is one address of the network.
type Server struct {
	// Address is host:port; an IPv6 address stands in brackets.
	Address string `yaml:"address"`
	// TLS is true unless it is set to false.
	TLS *bool `yaml:"tls"`
	// TLSCA is a file of PEM certificates to trust instead of the system's.
	TLSCA string `yaml:"tls_ca"`
	// TLSServerName is the name that the certificate must carry, when it is not
	// the host of Address.
	TLSServerName string `yaml:"tls_server_name"`
	// CertFile and KeyFile are a client certificate, which SASL EXTERNAL needs.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// Bind is the IP address of this machine to connect from, where it has
	// several. Its family is then the only one tried.
	Bind string `yaml:"bind"`
}

// SASL is how to log in.
type SASL struct {
	// Mechanism is "external" (client certificate), "scram-sha-256" or "plain".
	// Empty, every one that the bot has the means for and the server offers is
	// tried, in this order, until one is accepted.
	Mechanism string `yaml:"mechanism"`
	Account   string `yaml:"account"`
	// PasswordFile or PasswordEnv says where the password is; never the
	// configuration itself.
	PasswordFile string `yaml:"password_file"`
	PasswordEnv  string `yaml:"password_env"`
}

// Channel is one channel to be in.
type Channel struct {
	Name string `yaml:"name"`
	// KeyFile or KeyEnv says where the channel's key is, when it has one.
	KeyFile string `yaml:"key_file"`
	KeyEnv  string `yaml:"key_env"`
}

// The mechanisms of SASL.Mechanism.
const (
	mechExternal = "external"
	mechPlain    = "plain"
	mechScram    = "scram-sha-256"
)

func (s Server) tls() bool { return s.TLS == nil || *s.TLS }

// password tells whether the login has one.
func (s *SASL) password() bool { return s.PasswordFile != "" || s.PasswordEnv != "" }

// mechanisms are those to try on server, the best first.
func (s *SASL) mechanisms(server Server) []string {
	if s.Mechanism != "" {
		return []string{s.Mechanism}
	}
	var list []string
	if server.CertFile != "" {
		list = append(list, mechExternal)
	}
	if s.password() {
		list = append(list, mechScram, mechPlain)
	}
	return list
}

// withDefaults fills what was left empty.
func (c Config) withDefaults() Config {
	c.User = cmp.Or(c.User, c.Nick)
	c.RealName = cmp.Or(c.RealName, "Vigie (robot)")
	c.Burst = cmp.Or(c.Burst, 4)
	c.Rate = cmp.Or(c.Rate, 1)
	c.PingEvery = cmp.Or(c.PingEvery, 20*time.Second)
	c.PingTimeout = cmp.Or(c.PingTimeout, 20*time.Second)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 15*time.Second)
	c.RegisterTimeout = cmp.Or(c.RegisterTimeout, 30*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.ProofTimeout = cmp.Or(c.ProofTimeout, 30*time.Second)
	if c.SASL != nil {
		s := *c.SASL
		s.Mechanism = strings.ToLower(s.Mechanism)
		c.SASL = &s
	}
	c.QuietOnAltNick = cmp.Or(c.QuietOnAltNick, 10*time.Minute)
	c.Services = c.Services.withDefaults()
	return c
}

// Validate returns everything that is wrong with c, each with the fix. It opens
// no file and no connection.
func (c Config) Validate() []error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Name == "" {
		bad("name is missing: call this network something short, such as irc")
	}
	if len(c.Servers) == 0 {
		bad("servers is empty: give at least one address, such as irc.example.org:6697")
	}
	d := c.withDefaults()
	for i, s := range d.Servers {
		if err := s.validate(d.SASL); err != nil {
			bad("servers[%d]: %w", i, err)
		}
	}
	for _, n := range append([]string{c.Nick}, c.AltNicks...) {
		if !validNick(n) {
			bad("nick %q cannot be used: take letters, digits, - and _, starting with a letter", n)
		}
	}
	if strings.ContainsFunc(c.User, func(r rune) bool { return r <= ' ' || r == '@' || r == ':' }) {
		bad("user %q may not hold spaces, @ or a colon", c.User)
	}
	errs = append(errs, d.validateSASL()...)
	errs = append(errs, d.validateServices()...)
	seen := map[string]bool{}
	for _, ch := range c.Channels {
		if !validChannel(ch.Name) {
			bad("channel %q cannot be joined: a name starts with # and holds no space and no comma", ch.Name)
		}
		if f := foldASCII(ch.Name); seen[f] {
			bad("channel %s is listed twice: keep one of them", ch.Name)
		} else {
			seen[f] = true
		}
	}
	return append(errs, d.validateNumbers()...)
}

func (s Server) validate(sasl *SASL) error {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil || host == "" || port == "" {
		return fmt.Errorf("address %q is not host:port: write for example irc.example.org:6697", s.Address)
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		return errors.New("cert_file and key_file go together: give both or neither")
	}
	if !s.tls() && s.CertFile != "" {
		return errors.New("a client certificate needs TLS: take away tls: false")
	}
	if _, err := netip.ParseAddr(s.Bind); s.Bind != "" && err != nil {
		return fmt.Errorf("bind %q is not an IP address of this machine: %w", s.Bind, err)
	}
	return s.validateLogin(sasl, host)
}

// validateLogin looks at what a login needs of this server, whose name is host.
func (s Server) validateLogin(sasl *SASL, host string) error {
	if sasl == nil {
		return nil
	}
	if s.CertFile == "" && (sasl.Mechanism == mechExternal || sasl.Mechanism == "" && !sasl.password()) {
		return errors.New("sasl external needs cert_file and key_file here")
	}
	if !s.tls() && slices.Contains(sasl.mechanisms(s), mechPlain) && !loopback(host) {
		return errors.New("the password would travel in clear: take away tls: false")
	}
	return nil
}

func (c Config) validateSASL() []error {
	var errs []error
	s := c.SASL
	if s == nil {
		if !c.Unauthenticated {
			errs = append(errs, errors.New("sasl is missing: give the bot a services account, or say unauthenticated: true to go without"))
		}
		return errs
	}
	if c.Unauthenticated {
		errs = append(errs, errors.New("sasl and unauthenticated: true contradict each other: keep one"))
	}
	if !slices.Contains([]string{"", mechExternal, mechPlain, mechScram}, s.Mechanism) {
		return append(errs, fmt.Errorf("sasl mechanism %q is unknown: use external, scram-sha-256 or plain", s.Mechanism))
	}
	if s.Mechanism == mechExternal || s.Mechanism == "" && !s.password() {
		return errs
	}
	if s.Account == "" || strings.ContainsAny(s.Account, "\x00\r\n ") {
		errs = append(errs, errors.New("sasl account is missing or holds a space: name the services account"))
	}
	if (s.PasswordFile == "") == (s.PasswordEnv == "") {
		errs = append(errs, errors.New("sasl password: give either password_file or password_env"))
	}
	return errs
}

func (c Config) validateNumbers() []error {
	var errs []error
	if c.Burst < 1 || c.Burst > 100 {
		errs = append(errs, fmt.Errorf("burst %d is out of range: take 1 to 100", c.Burst))
	}
	if c.Rate < 0.05 || c.Rate > 1000 {
		errs = append(errs, fmt.Errorf("rate %g is out of range: take 0.05 to 1000 lines a second", c.Rate))
	}
	for name, d := range map[string]time.Duration{
		"ping_every": c.PingEvery, "ping_timeout": c.PingTimeout, "connect_timeout": c.ConnectTimeout,
		"register_timeout": c.RegisterTimeout, "write_timeout": c.WriteTimeout, "proof_timeout": c.ProofTimeout,
		"quiet_on_alt_nick": c.QuietOnAltNick,
	} {
		if d < time.Second || d > 10*time.Minute {
			errs = append(errs, fmt.Errorf("%s %v is out of range: take 1s to 10m", name, d))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// validNick tells whether s can stand as a nick in a line: one plain word that
// no server could take for a channel, a mask or a list.
func validNick(s string) bool {
	if s == "" || len(s) > 64 || !utf8.ValidString(s) || strings.ContainsAny(s[:1], "0123456789-#&+!~$:@%") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || strings.ContainsRune(",:!@*?$.\u00a0", r)
	})
}

// validChannel tells whether s can stand as a channel in a line.
func validChannel(s string) bool {
	if len(s) < 2 || len(s) > 200 || !strings.ContainsAny(s[:1], "#&+!") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == ',' || r == ':' || r == '\u00a0'
	})
}
