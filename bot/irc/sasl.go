package irc

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lrstanley/girc"
)

// nextMechanism begins the best mechanism that the bot has the means for, the
// server offers, and that has not been refused on this link.
func (s *session) nextMechanism() error {
	list := strings.ToUpper(s.reg.offered["sasl"])
	means := s.cfg.SASL.mechanisms(s.server)
	for _, m := range means[min(s.reg.mechs, len(means)):] {
		s.reg.mechs++
		name := strings.ToUpper(m)
		if list != "" && !slices.Contains(strings.Split(list, ","), name) {
			continue
		}
		s.reg.mech, s.reg.buffer, s.reg.scram = name, "", nil
		s.reg.sasl = s.mechanism(m)
		s.soon("AUTHENTICATE", name)
		return nil
	}
	if len(s.reg.refused) == 0 {
		return fmt.Errorf("%w (it offers %s, the bot could use %s)", errNoSASL, shown(list), strings.ToUpper(strings.Join(means, ", ")))
	}
	err := fmt.Errorf("the services refuse the login of account %q (%s): correct sasl in the configuration, "+
		"or the password in the file or variable it names", s.cfg.SASL.Account, strings.Join(s.reg.refused, ", "))
	if s.t.proved || strings.HasSuffix(s.reg.refused[len(s.reg.refused)-1], "902") {
		return err // locked, or services half awake: it may pass
	}
	return fatal{err}
}

// mechanism answers the challenges of a mechanism, one after the other.
func (s *session) mechanism(name string) func([]byte) ([]byte, error) {
	account := s.cfg.SASL.Account
	switch name {
	case mechExternal:
		return func([]byte) ([]byte, error) { return []byte(account), nil }
	case mechScram:
		s.reg.scram = &scram{user: account, password: s.t.password, nonce: rand.Text()}
		return s.reg.scram.step
	}
	return func([]byte) ([]byte, error) {
		return []byte(account + "\x00" + account + "\x00" + s.t.password), nil
	}
}

// onLoggedIn is 900: the account, in the server's own spelling.
func (s *session) onLoggedIn(e *girc.Event) error {
	s.reg.account = param(e, 2)
	s.confirm(s.me.nick, s.reg.account)
	return nil
}

// onSASLDone is 903.
func (s *session) onSASLDone(*girc.Event) error {
	if s.reg.sasl == nil || s.reg.loggedIn {
		return nil
	}
	if s.reg.scram != nil && !s.reg.scram.proved {
		return errUnproved
	}
	s.reg.loggedIn, s.t.proved = true, true
	s.soon("CAP", "END")
	return nil
}

// onSASLFailed is 902 and 904 to 908. The next mechanism is tried. The server's words are
// not repeated: some repeat what was sent.
func (s *session) onSASLFailed(e *girc.Event) error {
	if s.reg.sasl == nil || s.reg.loggedIn {
		return nil
	}
	if e.Command == "908" {
		s.reg.offered["sasl"] = param(e, 1) // a list of mechanisms; 904 follows
		return nil
	}
	s.reg.refused = append(s.reg.refused, s.reg.mech+" "+e.Command)
	return s.nextMechanism()
}

// onAuthenticate answers a challenge, which may come in pieces of 400 bytes.
func (s *session) onAuthenticate(e *girc.Event) error {
	if s.reg.sasl == nil || s.reg.loggedIn {
		return nil
	}
	piece := param(e, 0)
	if len(s.reg.buffer) > maxLine {
		return errors.New("the server's SASL challenge is too long")
	}
	if piece != "+" {
		s.reg.buffer += piece
		if len(piece) == 400 {
			return nil
		}
	}
	challenge, err := base64.StdEncoding.DecodeString(s.reg.buffer)
	s.reg.buffer = ""
	if err != nil {
		return errors.New("the server's SASL challenge cannot be read")
	}
	answer, err := s.reg.sasl(challenge)
	if err != nil {
		s.soon("AUTHENTICATE", "*")
		return err
	}
	s.authenticate(answer)
	return nil
}

// authenticate sends an answer in pieces of 400 bytes, the last one shorter.
func (s *session) authenticate(answer []byte) {
	b := base64.StdEncoding.EncodeToString(answer)
	for len(b) >= 400 {
		s.soon("AUTHENTICATE", b[:400])
		b = b[400:]
	}
	if b == "" {
		b = "+"
	}
	s.soon("AUTHENTICATE", b)
}

// scram is the client's side of SCRAM-SHA-256 (RFC 5802, 7677), which also has
// the server prove that it knows the password.
type scram struct {
	user, password, nonce string

	round  int
	first  string // client-first-message-bare
	verify []byte // what the server must prove
	proved bool   // it has
}

var errUnproved = errors.New("the server could not prove that it knows the password: is it the right server?")

func (c *scram) step(challenge []byte) ([]byte, error) {
	c.round++
	switch c.round {
	case 1:
		user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(c.user)
		c.first = "n=" + user + ",r=" + c.nonce
		return []byte("n,," + c.first), nil
	case 2:
		return c.prove(string(challenge))
	}
	v, ok := strings.CutPrefix(string(challenge), "v=")
	got, err := base64.StdEncoding.DecodeString(v)
	if !ok || err != nil || !hmac.Equal(got, c.verify) {
		return nil, errUnproved
	}
	c.proved = true
	return nil, nil
}

// prove answers the server's nonce, salt and count with the proof.
func (c *scram) prove(server string) ([]byte, error) {
	f := map[string]string{}
	for _, p := range strings.Split(server, ",") {
		k, v, _ := strings.Cut(p, "=")
		f[k] = v
	}
	salt, err := base64.StdEncoding.DecodeString(f["s"])
	n, err2 := strconv.Atoi(f["i"])
	if err = errors.Join(err, err2); err != nil || !strings.HasPrefix(f["r"], c.nonce) || n < 4096 || n > 1_000_000 {
		return nil, fmt.Errorf("the server's SCRAM answer makes no sense (%d rounds)", n)
	}
	salted, err := pbkdf2.Key(sha256.New, c.password, salt, n, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("deriving the SCRAM key: %w", err)
	}
	client := mac(salted, "Client Key")
	stored := sha256.Sum256(client)
	bare := "c=biws,r=" + f["r"]
	all := c.first + "," + server + "," + bare
	proof := mac(stored[:], all)
	for i := range proof {
		proof[i] ^= client[i]
	}
	c.verify = mac(mac(salted, "Server Key"), all)
	return []byte(bare + ",p=" + base64.StdEncoding.EncodeToString(proof)), nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
