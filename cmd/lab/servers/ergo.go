package servers

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"vigie/cmd/lab/pki"
)

// ErgoName is the name the IRC server gives itself; its certificate also names localhost and 127.0.0.1.
const ErgoName = "irc.lab.test"

// An Ergo is the lab's IRC server, with its own account and channel services. It listens on loopback only.
type Ergo struct {
	*Server
	Addr    string // plaintext "127.0.0.1:port"
	TLSAddr string // TLS "127.0.0.1:port", certificate signed by the lab's CA
	// Accounts are the registered accounts, by name.
	Accounts map[string]IRCAccount
	// Channels are the registered channels; the bot's account has the operator mode in each.
	Channels []string
	// OperPassword is for `OPER lab …`: a lab's client that needs to kill, or to speak without the server's flood control.
	OperPassword string
}

// An IRCAccount is a registered account. A nick is reserved to the account of that name.
type IRCAccount struct {
	Name, Password string
	// CertFile and KeyFile hold a client certificate registered with the account, for SASL EXTERNAL.
	CertFile, KeyFile string
}

// ergoConfig is what a small network runs: ergo's own defaults, without the limits per address that would forbid many
// clients on one machine. %[n]s: 1 plaintext address, 2 TLS address, 3 folder, 4 oper password hash.
const ergoConfig = `network: {name: LabNet}
server:
  name: ` + ErgoName + `
  listeners:
    "%[1]s": {}
    "%[2]s": {tls: {cert: "%[3]s/cert.pem", key: "%[3]s/key.pem"}, min-tls-version: 1.2}
  casemapping: precis
  enforce-utf8: true
  lookup-hostnames: false
  coerce-ident: "~u"
  relaymsg: {enabled: false}
  max-sendq: 96k
  compatibility: {force-trailing: true, send-unprefixed-sasl: true, allow-truncation: false}
  ip-limits: {count: false, throttle: false}
  ip-cloaking: {enabled: true, enabled-for-always-on: true, netname: lab, cidr-len-ipv4: 32, cidr-len-ipv6: 64, num-bits: 64}
accounts:
  authentication-enabled: true
  advertise-scram: true
  registration:
    enabled: true
    allow-before-connect: true
    throttling: {enabled: false}
    bcrypt-cost: 4
    verify-timeout: 32h
  login-throttling: {enabled: false}
  nick-reservation:
    enabled: true
    method: strict
    guest-nickname-format: "Guest-*"
    force-nick-equals-account: true
  multiclient: {enabled: true, allowed-by-default: true, always-on: opt-in, auto-away: opt-in}
  default-user-modes: +i
channels:
  default-modes: +nt
  max-channels-per-client: 100
  registration: {enabled: true, max-channels-per-account: 15}
oper-classes:
  lab-admin:
    title: Lab
    capabilities: [kill, ban, nofakelag, sajoin, samode, snomasks, rehash, accreg, chanreg, history]
opers:
  lab: {class: lab-admin, hidden: true, password: "%[4]s"}
logging:
  - {method: stderr, type: "* -userinput -useroutput", level: info}
debug: {recover-from-errors: true}
datastore: {path: "%[3]s/ircd.db", autoupgrade: true}
languages: {enabled: false, default: en, path: "%[3]s"}
limits:
  nicklen: 32
  identlen: 20
  channellen: 64
  awaylen: 390
  kicklen: 390
  topiclen: 390
  monitor-entries: 100
  whowas-entries: 100
  chan-list-modes: 60
  registration-messages: 1024
  multiline: {max-bytes: 4096, max-lines: 100}
fakelag: {enabled: true, window: 1s, burst-limit: 5, messages-per-window: 2, cooldown: 2s}
history:
  enabled: true
  channel-length: 2048
  client-length: 256
  autoresize-window: 3d
  autoreplay-on-join: 0
  chathistory-maxmessages: 100
  znc-maxmessages: 2048
  restrictions: {expire-time: 1w, query-cutoff: none, grace-period: 1h}
  persistent: {enabled: false}
  retention: {allow-individual-delete: false, enable-account-indexing: false}
  tagmsg-storage: {default: false}
`

// newErgo writes the server's files and fills its database; it does not start it.
func newErgo(ctx context.Context, bin, dir, logFile string, ca *pki.CA, opts Options) (*Ergo, error) {
	ports, err := FreePorts(2)
	if err != nil {
		return nil, err
	}
	e := &Ergo{
		Addr:         fmt.Sprintf("127.0.0.1:%d", ports[0]),
		TLSAddr:      fmt.Sprintf("127.0.0.1:%d", ports[1]),
		Channels:     opts.Channels,
		OperPassword: secret(),
	}
	e.Server = &Server{Name: "ergo", LogFile: logFile, bin: bin, dir: dir,
		args: []string{"run", "--conf", "ircd.yaml"}, ready: func(ctx context.Context) error { return answersIRC(ctx, e.Addr) }}
	cert, err := ca.Issue(pki.Leaf{Names: []string{ErgoName, "localhost", "127.0.0.1"}})
	if err != nil {
		return nil, err
	}
	if err := pki.Write(cert, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")); err != nil {
		return nil, err
	}
	hash, err := run(ctx, dir, e.OperPassword+"\n", bin, "genpasswd")
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(ergoConfig, e.Addr, e.TLSAddr, dir, strings.TrimSpace(hash))
	if err := os.WriteFile(filepath.Join(dir, "ircd.yaml"), []byte(conf), 0o600); err != nil {
		return nil, err
	}
	if e.Accounts, err = newIRCAccounts(dir, ca, opts.IRCAccounts); err != nil {
		return nil, err
	}
	return e, e.seed(ctx, bin, dir)
}

func newIRCAccounts(dir string, ca *pki.CA, names []string) (map[string]IRCAccount, error) {
	accounts := make(map[string]IRCAccount)
	for _, name := range names {
		cert, err := ca.Issue(pki.Leaf{Names: []string{name}})
		if err != nil {
			return nil, err
		}
		a := IRCAccount{Name: name, Password: secret(),
			CertFile: filepath.Join(dir, name+".cert.pem"), KeyFile: filepath.Join(dir, name+".key.pem")}
		if err := pki.Write(cert, a.CertFile, a.KeyFile); err != nil {
			return nil, err
		}
		accounts[name] = a
	}
	return accounts, nil
}

// seed fills ergo's database through its own import command: accounts, their certificates, and channels founded by the
// first account with the bot as an operator. Going through NickServ would need the server's flood control switched off.
func (e *Ergo) seed(ctx context.Context, bin, dir string) error {
	type user struct {
		Name         string   `json:"name"`
		Hash         string   `json:"hash"`
		RegisteredAt int64    `json:"registeredAt"`
		Certfps      []string `json:"certfps"`
	}
	type channel struct {
		Name         string            `json:"name"`
		Founder      string            `json:"founder"`
		RegisteredAt int64             `json:"registeredAt"`
		Amode        map[string]string `json:"amode"`
		Modes        string            `json:"modes"`
	}
	users, channels := map[string]user{}, map[string]channel{}
	now := time.Now().UnixNano()
	for _, a := range e.Accounts {
		fp, err := fingerprintFile(a.CertFile, a.KeyFile)
		if err != nil {
			return err
		}
		sum := sha1.Sum([]byte(a.Password)) // the plainest form the import takes; ergo rehashes it at the first login
		users[a.Name] = user{a.Name, "$rawsha1$" + hex.EncodeToString(sum[:]), now, []string{fp}}
	}
	for _, name := range e.Channels {
		channels[name] = channel{name, Founder, now, map[string]string{Bot: "o", Founder: "q"}, "nt"}
	}
	data, err := json.Marshal(map[string]any{"version": 1, "source": "atheme", "users": users, "channels": channels})
	if err != nil {
		return fmt.Errorf("ergo accounts: %w", err)
	}
	file := filepath.Join(dir, "import.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return err
	}
	defer os.Remove(file)
	_, err = run(ctx, dir, "", bin, "importdb", file, "--conf", "ircd.yaml", "--quiet")
	return err
}

// answersIRC is one probe of an IRC server: does it answer a line?
func answersIRC(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	if _, err := conn.Write([]byte("CAP LS 302\r\n")); err != nil {
		return err
	}
	for r := bufio.NewReader(conn); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.Contains(line, " CAP ") { // notices about the connection may come before it
			return nil
		}
	}
}

// run runs a helper command of a server to its end and returns what it printed; an error quotes what it complained of.
func run(ctx context.Context, dir, stdin, bin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(bin), args[0], err, strings.TrimSpace(complaint.String()))
	}
	return string(out), nil
}
