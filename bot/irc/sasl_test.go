package irc

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// login is the server's side of SASL: what it accepts, and how far it is.
type login struct {
	mech        string
	round       int
	first, salt string // of SCRAM
	nonce       string
}

// authenticate answers one AUTHENTICATE, as services do that know one account and its password.
func (p *peer) authenticate(arg string) {
	l := &p.login
	if l.mech == "" {
		if !strings.Contains(p.net.caps, "sasl="+arg) && !strings.Contains(p.net.caps, ","+arg) && strings.Contains(p.net.caps, "sasl=") {
			p.send(":s.test 908 "+p.nick+" "+p.net.saslList()+" :are available", ":s.test 904 "+p.nick+" :unknown mechanism")
			return
		}
		l.mech, l.round = arg, 0
		p.send("AUTHENTICATE +")
		return
	}
	l.round++
	answer, err := base64.StdEncoding.DecodeString(arg)
	ok, next := err == nil, ""
	switch l.mech {
	case "PLAIN":
		ok = ok && string(answer) == "vigie\x00vigie\x00"+secretCanary
	case "SCRAM-SHA-256":
		ok, next = l.scram(string(answer))
	}
	switch {
	case p.net.denies(l.mech) || !ok:
		l.mech = ""
		p.send(":s.test 904 " + p.nick + " :SASL authentication failed")
	case next != "":
		p.send("AUTHENTICATE " + base64.StdEncoding.EncodeToString([]byte(next)))
	default:
		p.send(":s.test 900 "+p.nick+" "+p.nick+"!u@h vigie :You are now logged in", ":s.test 903 "+p.nick+" :ok")
	}
}

// scram is a server that knows the password (RFC 5802, section 3): it gives its
// next message, empty at the end.
func (l *login) scram(client string) (ok bool, next string) {
	switch l.round {
	case 1:
		bare, found := strings.CutPrefix(client, "n,,")
		l.first, l.salt = bare, "sel-de-mer"
		l.nonce = bare[strings.Index(bare, ",r=")+3:] + "srv"
		return found && strings.HasPrefix(bare, "n=vigie,"), "r=" + l.nonce + ",s=" + base64.StdEncoding.EncodeToString([]byte(l.salt)) + ",i=4096"
	case 2:
		bare, proof, _ := strings.Cut(client, ",p=")
		if bare != "c=biws,r="+l.nonce {
			return false, ""
		}
		salted, err := pbkdf2.Key(sha256.New, secretCanary, []byte(l.salt), 4096, sha256.Size)
		if err != nil {
			return false, ""
		}
		all := l.first + ",r=" + l.nonce + ",s=" + base64.StdEncoding.EncodeToString([]byte(l.salt)) + ",i=4096," + bare
		sum := func(key []byte, text string) []byte {
			h := hmac.New(sha256.New, key)
			h.Write([]byte(text))
			return h.Sum(nil)
		}
		clientKey := sum(salted, "Client Key")
		stored := sha256.Sum256(clientKey)
		want := sum(stored[:], all)
		for i := range want {
			want[i] ^= clientKey[i]
		}
		if proof != base64.StdEncoding.EncodeToString(want) {
			return false, ""
		}
		return true, "v=" + base64.StdEncoding.EncodeToString(sum(sum(salted, "Server Key"), all))
	}
	return client == "", ""
}

func (n *network) denies(mech string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.deny, mech)
}

func (n *network) refuseLogin(mechs ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deny = mechs
}

// saslList is what the scripted server says that it offers.
func (n *network) saslList() string {
	_, list, _ := strings.Cut(n.caps, "sasl=")
	list, _, _ = strings.Cut(list, " ")
	return list
}

// The best mechanism that both sides have is used, and the next one when it is refused.
func TestMechanismsInOrder(t *testing.T) {
	const all = "EXTERNAL SCRAM-SHA-256 PLAIN"
	for name, tt := range map[string]struct {
		caps string
		deny []string
		cert bool
		want string // those begun
	}{
		"certificate":                    {"sasl=PLAIN,EXTERNAL,SCRAM-SHA-256", nil, true, "EXTERNAL"},
		"certificate unknown":            {"sasl=PLAIN,EXTERNAL,SCRAM-SHA-256", []string{"EXTERNAL"}, true, "EXTERNAL SCRAM-SHA-256"},
		"password only":                  {"sasl=PLAIN,EXTERNAL,SCRAM-SHA-256", nil, false, "SCRAM-SHA-256"},
		"account without SCRAM":          {"sasl=PLAIN,EXTERNAL,SCRAM-SHA-256", []string{"EXTERNAL", "SCRAM-SHA-256"}, true, all},
		"server without SCRAM":           {"sasl=PLAIN,EXTERNAL", nil, false, "PLAIN"},
		"server that names no mechanism": {"sasl", nil, false, "SCRAM-SHA-256"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{caps: "server-time " + tt.caps, deny: tt.deny}
				b := idle(t, n, nil)
				if tt.cert {
					b.cfg.Servers[0].CertFile = "vigie.crt" // the pipe has no TLS, and the server looks at none
				}
				b.run(nil)
				defer b.stop()
				time.Sleep(5 * time.Second)
				var begun []string
				for _, l := range n.last().lines("AUTHENTICATE ") {
					if m := strings.TrimPrefix(l, "AUTHENTICATE "); strings.Contains(all, m) {
						begun = append(begun, m)
					}
				}
				if got := strings.Join(begun, " "); got != tt.want {
					t.Errorf("tried %q, want %q", got, tt.want)
				}
				if got := n.last().lines("JOIN"); len(got) != 1 {
					t.Errorf("it did not come in: %q", n.last().lines(""))
				}
			})
		})
	}
}

// When every way is refused, the error names all of them, and Run ends.
func TestAllMechanismsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, &network{deny: []string{"SCRAM-SHA-256", "PLAIN"}}, nil)
		err := <-b.done
		if err == nil || !strings.Contains(err.Error(), "SCRAM-SHA-256 904, PLAIN 904") || strings.Contains(err.Error(), secretCanary) {
			t.Errorf("Run = %v", err)
		}
	})
}

// A server that says "logged in" before it has proved that it knows the password is not believed, and does not get
// the password in clear instead.
func TestServerMustProveItself(t *testing.T) {
	for name, lie := range map[string]func(p *peer, arg string) bool{
		"too early": func(p *peer, arg string) bool {
			if len(arg) < 20 || p.login.round > 0 {
				return false
			}
			p.send(":s.test 903 vigie :ok")
			return true
		},
		"wrong proof": func(p *peer, _ string) bool {
			if p.login.round < 1 {
				return false
			}
			p.send("AUTHENTICATE " + base64.StdEncoding.EncodeToString([]byte("v=AAAA")))
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{hook: func(p *peer, line string) bool {
					arg, ok := strings.CutPrefix(line, "AUTHENTICATE ")
					return ok && lie(p, arg)
				}}
				b := start(t, n, nil)
				time.Sleep(3 * time.Minute)
				b.stop()
				if n.count() < 3 {
					t.Errorf("the bot came %d times only", n.count())
				}
				for _, p := range n.peers {
					if got := append(p.lines("AUTHENTICATE PLAIN"), p.lines("JOIN")...); len(got) > 0 {
						t.Errorf("it went on with %q", got)
					}
				}
			})
		})
	}
}

// After one accepted login a refusal may be a passing one, as when services come back half awake: it is tried again.
func TestLaterRefusalIsNotTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		b, p := online(t, n, nil)
		n.refuseLogin("PLAIN", "SCRAM-SHA-256")
		p.conn.Close()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		select {
		case err := <-b.done:
			t.Fatalf("Run ended: %v", err)
		default:
		}
		n.refuseLogin()
		time.Sleep(2 * time.Minute)
		if got := ups(b.take()); len(got) == 0 || !got[len(got)-1] {
			t.Errorf("status: %v", got)
		}
		b.stop()
	})
}

func TestMechanismFromConfig(t *testing.T) {
	s := SASL{Mechanism: "scram-sha-256", Account: "vigie", PasswordEnv: "X"}
	if got := s.mechanisms(Server{CertFile: "x"}); !slices.Equal(got, []string{mechScram}) {
		t.Errorf("one mechanism asked for, these would be tried: %v", got)
	}
	no := false
	cfg := testConfig(t)
	cfg.Servers[0].TLS = &no
	if errs := cfg.Validate(); len(errs) != 1 || !strings.Contains(errors.Join(errs...).Error(), "in clear") {
		t.Errorf("without TLS the password could travel in clear: %v", errs)
	}
	cfg.SASL.Mechanism = mechScram
	if errs := cfg.Validate(); len(errs) != 0 {
		t.Errorf("SCRAM never sends the password: %v", errs)
	}
}
