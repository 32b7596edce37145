package matrix

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"
)

// Config is one Matrix account. Zero durations and counts mean the default
// named beside them.
type Config struct {
	// Name is how the rest of the configuration calls this network.
	Name string `yaml:"name"`
	// Homeserver is the address of the client API, such as
	// https://matrix.example.org. Empty: asked of the user's server
	// (/.well-known/matrix/client).
	Homeserver string `yaml:"homeserver"`
	// User is the full Matrix id, such as @vigie:example.org.
	User string `yaml:"user"`
	// PasswordFile or PasswordEnv (a variable's name) give the password.
	PasswordFile string `yaml:"password_file"`
	PasswordEnv  string `yaml:"password_env"`
	// AccessTokenFile or AccessTokenEnv give a token instead, made for Vigie
	// alone: its device must never have been used by another client.
	AccessTokenFile string `yaml:"access_token_file"`
	AccessTokenEnv  string `yaml:"access_token_env"`
	// OAuth is for homeservers whose logins are an authentication service's.
	OAuth *OAuth `yaml:"oauth"`
	// Data is the folder of the device: login.json and crypto.db. It is made
	// when missing, mode 0700; it must be on one machine only, and out of backups.
	Data string `yaml:"data"`
	// RecoveryKeyFile holds the account's recovery key. When the account has no
	// cross-signing yet it is written here, mode 0600. Default: recovery.key in
	// Data; keep a copy elsewhere.
	RecoveryKeyFile string `yaml:"recovery_key_file"`
	// NoCrossSigning leaves the device unsigned. Other people's clients will
	// warn about it, and may refuse to show what it writes.
	NoCrossSigning bool `yaml:"no_cross_signing"`
	// Rooms are joined at start. What is written here (an alias or an id) is the
	// ID of the room's chat.Room, both ways.
	Rooms []RoomConfig `yaml:"rooms"`
	// Invites says whose invitations are accepted.
	Invites InvitePolicy `yaml:"invites"`

	// Staff are the Matrix ids of the host's own people: their invitations are
	// accepted, and they alone may verify the bot by comparing emoji.
	Staff []string `yaml:"-"`
	// Words are what the transport itself says to people; whoever makes it gives them.
	Words Words `yaml:"-"`

	// RequestTimeout bounds a request for news, which the server may hold for
	// PollTime: it must be longer than that; 45 s.
	RequestTimeout time.Duration `yaml:"request_timeout"`
	// SendTimeout bounds every other request, so that a server that does not
	// answer about one room keeps no other room waiting; 15 s. One Send lasts at
	// most twice as long.
	SendTimeout time.Duration `yaml:"send_timeout"`
	// PollTime is how long the server may hold a sync request; 30 s.
	PollTime time.Duration `yaml:"poll_time"`
	// RateLimitWait is the longest wait inside Send that a "too many requests"
	// may ask for; beyond it the reply goes back to the outbox, and other rooms are not kept
	// waiting. 5 s.
	RateLimitWait time.Duration `yaml:"rate_limit_wait"`
	// Tries is how often one reply is put before its outcome is called
	// unknown; 4. RetryWait is the first wait between two, doubled each time; 1 s.
	Tries     int           `yaml:"tries"`
	RetryWait time.Duration `yaml:"retry_wait"`
	// ReadBack is how many missed events are read back in one room; 1000.
	ReadBack int `yaml:"read_back"`
	// LookBack is how many events are searched for a reply that may have
	// arrived; 100.
	LookBack int `yaml:"look_back"`
	// WaitForKeys is how long a message that cannot be read yet is kept; 168 h.
	WaitForKeys time.Duration `yaml:"wait_for_keys"`
	// KeyGrace is how long a key may be on its way before its absence is told; 20 s.
	// UnreadableEvery is how often one person is told so in one room; 24 h.
	KeyGrace        time.Duration `yaml:"key_grace"`
	UnreadableEvery time.Duration `yaml:"unreadable_every"`
}

// Words are the sentences that a person reads without any turn of the bot's.
type Words struct {
	// Refusal goes with an invitation that is refused.
	Refusal string
}

// RoomConfig is a room that Vigie must be in.
type RoomConfig struct {
	// Room is an alias (#support:example.org) or an id (!abc:example.org).
	Room string `yaml:"room"`
	// Encrypted says that the room must be end-to-end encrypted: nothing is
	// ever said in it otherwise.
	Encrypted bool `yaml:"encrypted"`
	// AllowPlaintextSecret lets text meant for few people be said here although
	// the room is not encrypted, and its server's operators can read it.
	AllowPlaintextSecret bool `yaml:"allow_plaintext_secret"`
}

// InvitePolicy says whose invitations are accepted, beside those of staff.
// Invitations to the rooms of the configuration always are; all others are refused.
type InvitePolicy struct {
	// Servers are server names, such as example.org. "*" means every server.
	Servers []string `yaml:"servers"`
	// Users are full Matrix ids.
	Users []string `yaml:"users"`
}

func (c Config) isStaff(user id.UserID) bool { return slices.Contains(c.Staff, string(user)) }

// allows tells whether user may invite us anywhere.
func (p InvitePolicy) allows(user id.UserID) bool {
	for _, u := range p.Users {
		if u == string(user) {
			return true
		}
	}
	server := user.Homeserver()
	for _, s := range p.Servers {
		if s == "*" || server != "" && strings.EqualFold(s, server) {
			return true
		}
	}
	return false
}

// Validate says everything that is wrong with c at once, each with its cure.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Name == "" {
		bad("name: give this network a name, such as matrix")
	}
	if _, _, err := id.UserID(c.User).ParseAndValidateRelaxed(); err != nil {
		bad("user: %q is not a Matrix id; write it whole, such as @vigie:example.org", c.User)
	}
	if c.Homeserver != "" {
		if u, err := url.Parse(c.Homeserver); err != nil || u.Host == "" || u.Scheme != "https" && !loopback(u) {
			bad("homeserver: %q must begin with https://, such as https://matrix.example.org", c.Homeserver)
		}
	}
	if c.Data == "" {
		bad("data: name a folder for the device's keys, such as /var/lib/vigie/matrix")
	}
	c.validateSecrets(bad)
	c.validateRooms(bad)
	for i, u := range c.Invites.Users {
		if _, _, err := id.UserID(u).ParseAndValidateRelaxed(); err != nil {
			bad("invites.users[%d]: %q is not a Matrix id; write it whole, such as @anne:example.org", i, u)
		}
	}
	if d := c.withDefaults(); d.RequestTimeout <= d.PollTime {
		bad("request_timeout: %v must be longer than poll_time, %v", d.RequestTimeout, d.PollTime)
	}
	return errors.Join(errs...)
}

func (c Config) validateSecrets(bad func(string, ...any)) {
	c.OAuth.validate(bad)
	switch n := given(c.PasswordFile, c.PasswordEnv, c.AccessTokenFile, c.AccessTokenEnv); {
	case n == 0 && c.OAuth == nil:
		bad("password_file: say where the password is, or give access_token_file or oauth")
	case n > 0 && c.OAuth != nil:
		bad("oauth: leave it out, or password and access token")
	}
	if given(c.PasswordFile, c.PasswordEnv) > 1 {
		bad("password_env: keep either password_file or password_env")
	}
	if given(c.AccessTokenFile, c.AccessTokenEnv) > 1 {
		bad("access_token_env: keep either access_token_file or access_token_env")
	}
}

func (c Config) validateRooms(bad func(string, ...any)) {
	seen := map[string]bool{}
	for i, r := range c.Rooms {
		if !roomName(r.Room) {
			bad("rooms[%d].room: %q is neither an alias (#name:server) nor an id (!id:server); Element shows both in the room's settings", i, r.Room)
		}
		if seen[r.Room] {
			bad("rooms[%d].room: %q is there twice; keep one", i, r.Room)
		}
		seen[r.Room] = true
		if r.Encrypted && r.AllowPlaintextSecret {
			bad("rooms[%d].allow_plaintext_secret: leave it out, the room must be encrypted", i)
		}
	}
}

func loopback(u *url.URL) bool {
	h := u.Hostname()
	return u.Scheme == "http" && (h == "localhost" || h == "::1" || strings.HasPrefix(h, "127."))
}

func given(values ...string) (n int) {
	for _, v := range values {
		if v != "" {
			n++
		}
	}
	return n
}

// roomName accepts #alias:server, !id:server and, since room version 12, !id.
func roomName(s string) bool {
	if len(s) < 2 || strings.ContainsAny(s, " \t\n") {
		return false
	}
	return s[0] == '!' || s[0] == '#' && strings.Contains(s, ":")
}

func (c Config) withDefaults() Config {
	or := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	count := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	or(&c.RequestTimeout, 45*time.Second)
	or(&c.SendTimeout, 15*time.Second)
	or(&c.PollTime, 30*time.Second)
	or(&c.RateLimitWait, 5*time.Second)
	or(&c.RetryWait, time.Second)
	or(&c.WaitForKeys, 168*time.Hour)
	or(&c.KeyGrace, 20*time.Second)
	or(&c.UnreadableEvery, 24*time.Hour)
	count(&c.Tries, 4)
	count(&c.ReadBack, 1000)
	count(&c.LookBack, 100)
	if c.RecoveryKeyFile == "" {
		c.RecoveryKeyFile = filepath.Join(c.Data, "recovery.key")
	}
	return c
}

// password returns "" when none is configured.
func (c Config) password() (string, error) { return secret("password", c.PasswordFile, c.PasswordEnv) }

// token returns "" when none is configured.
func (c Config) token() (string, error) {
	return secret("access_token", c.AccessTokenFile, c.AccessTokenEnv)
}

// secret reads a value from a file (its last line break taken off) or from the
// environment.
func secret(what, file, env string) (string, error) {
	switch {
	case file != "":
		b, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("%s_file: %w; put the %s there, readable by Vigie alone", what, err, what)
		}
		if v := strings.TrimRight(string(b), "\r\n"); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("%s_file: %s is empty; put the %s there", what, file, what)
	case env != "":
		if v := os.Getenv(env); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("%s_env: the variable %s is empty or not set", what, env)
	}
	return "", nil
}
