package irc

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// Every rule of the configuration, and what its error tells to do.
func TestValidate(t *testing.T) {
	no := false
	for want, change := range map[string]func(*Config){
		"call this network":           func(c *Config) { c.Name = "" },
		"give at least one address":   func(c *Config) { c.Servers = nil },
		"is not host:port":            func(c *Config) { c.Servers[0].Address = "irc.example.org" },
		"give both or neither":        func(c *Config) { c.Servers[0].CertFile = "x" },
		"take away tls: false":        func(c *Config) { c.Servers[0].TLS = &no },
		"needs TLS":                   func(c *Config) { c.Servers[0].TLS, c.Servers[0].CertFile, c.Servers[0].KeyFile = &no, "x", "y" },
		"needs cert_file":             func(c *Config) { c.SASL.Mechanism = "EXTERNAL" },
		`nick "a b"`:                  func(c *Config) { c.Nick = "a b" },
		`nick ""`:                     func(c *Config) { c.Nick = "" },
		`nick "#x"`:                   func(c *Config) { c.AltNicks = []string{"#x"} },
		"user":                        func(c *Config) { c.User = "a b" },
		"unauthenticated: true to go": func(c *Config) { c.SASL = nil },
		"contradict each other":       func(c *Config) { c.Unauthenticated = true },
		"is unknown: use external":    func(c *Config) { c.SASL.Mechanism = "digest-md5" },
		"name the services account":   func(c *Config) { c.SASL.Account = "" },
		"either password_file":        func(c *Config) { c.SASL.PasswordEnv = "X" },
		"cannot be joined":            func(c *Config) { c.Channels = append(c.Channels, Channel{Name: "#a,#b"}) },
		"listed twice":                func(c *Config) { c.Channels = append(c.Channels, Channel{Name: "#SUPPORT"}) },
		"burst -1":                    func(c *Config) { c.Burst = -1 },
		"rate -2":                     func(c *Config) { c.Rate = -2 },
		"bind":                        func(c *Config) { c.Servers[0].Bind = "eth0" },
		"anybody take":                func(c *Config) { c.Services.Mask = "NickServ" },
		"as WHOIS":                    func(c *Config) { c.Services.Mask = "NickServ!*@*" },
		"by message": func(c *Config) {
			c.Services.Mask = "N!*@services"
			c.SASL = &SASL{}
			c.Servers[0].CertFile, c.Servers[0].KeyFile = "x", "y"
		},
		"{password}":    func(c *Config) { c.Services.Identify = "IDENTIFY" },
		"is no nick":    func(c *Config) { c.Services.ChanServ = "#x" },
		"no word":       func(c *Config) { c.Services.Regain = []string{"RE GAIN"} },
		"quiet_on_alt":  func(c *Config) { c.QuietOnAltNick = time.Hour },
		"ping_every 1h": func(c *Config) { c.PingEvery = time.Hour },
	} {
		cfg := testConfig(t)
		change(&cfg)
		errs := cfg.Validate()
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("want one error with %q, got %v", want, errs)
		}
		if _, err := New(cfg, nil); err == nil {
			t.Errorf("New takes a configuration that is wrong: %q", want)
		}
	}
	cfg := testConfig(t)
	if errs := cfg.Validate(); len(errs) != 0 {
		t.Errorf("a good configuration: %v", errs)
	}
	cfg.Servers[0] = Server{Address: "127.0.0.1:6667", TLS: &no}
	if errs := cfg.Validate(); len(errs) != 0 {
		t.Errorf("clear text on loopback: %v", errs)
	}
	if errs := (Config{}).Validate(); len(errs) < 4 {
		t.Errorf("only %d errors of an empty configuration", len(errs))
	}
}

func TestConfigFromYAML(t *testing.T) {
	var c Config
	err := yaml.UnmarshalWithOptions([]byte(`
name: libera
servers:
  - address: irc.example.org:6697
    tls_ca: ca.pem
  - address: "[2001:db8::1]:6697"
    tls: false
nick: vigie
sasl: {account: vigie, password_env: IRC_PASSWORD}
channels: [{name: "#support"}, {name: "#adminsys", key_file: key}]
rate: 1.5
ping_every: 15s
`), &c, yaml.Strict())
	if err != nil {
		t.Fatal(err)
	}
	if c.PingEvery != 15*time.Second || !c.Servers[0].tls() || c.Servers[1].tls() || c.Channels[1].KeyFile != "key" || c.Rate != 1.5 {
		t.Errorf("read as %+v", c)
	}
	if m := c.SASL.mechanisms(c.Servers[0]); !slices.Equal(m, []string{mechScram, mechPlain}) {
		t.Errorf("mechanisms: %q", m)
	}
	c.SASL.PasswordEnv = ""
	if m := c.SASL.mechanisms(Server{CertFile: "x"}); !slices.Equal(m, []string{mechExternal}) {
		t.Errorf("mechanisms without a password: %q", m)
	}
}

func TestSecretsStayWhereTheyAre(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	t.Setenv("VIGIE_TEST_KEY", "clef")
	for name, tt := range map[string]struct {
		file, env, want string
		err             string
	}{
		"file":     {write("a", "secret\n"), "", "secret", ""},
		"env":      {"", "VIGIE_TEST_KEY", "clef", ""},
		"empty":    {write("b", "\n"), "", "", "is empty: fill"},
		"two":      {write("c", secretCanary+"\nmore"), "", "", "must be one line"},
		"no file":  {filepath.Join(dir, "none"), "", "", "cannot be read"},
		"no value": {"", "VIGIE_TEST_UNSET", "", "the variable VIGIE_TEST_UNSET"},
	} {
		got, err := readSecret("the password", tt.file, tt.env)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err != nil && strings.Contains(err.Error(), secretCanary) {
			t.Errorf("%s: the secret is in the error", name)
		}
	}
	cfg := testConfig(t)
	cfg.Channels = []Channel{{Name: "#a", KeyEnv: "VIGIE_TEST_KEY"}, {Name: "#b", KeyFile: write("d", "two words")}}
	cfg.Servers[0].TLSCA = filepath.Join(dir, "none")
	_, err := New(cfg, nil)
	if err == nil || !strings.Contains(err.Error(), "the key of #b") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("New = %v", err)
	}
}
