package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withMembers writes the example configuration with a register beside it, and
// gives the configuration's path.
func withMembers(t *testing.T, name, register string) string {
	t.Helper()
	raw, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	text := strings.Replace(string(raw), "# members: members.yaml", "members: "+name, 1)
	if text == string(raw) {
		t.Fatal("the example no longer shows members:")
	}
	for file, text := range map[string]string{path: text, filepath.Join(dir, name): register} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestTheRegisterIsReadInBothForms(t *testing.T) {
	for name, register := range map[string]string{
		"members.yaml": "members:\n  - association: Fanfare\n    people: [irc/paul]\n    confirmed: 2026-01-31\n    services: [web]\n    domains: [fanfare.example, lists.fanfare.example:mail]\n",
		"members.csv":  "association,people,confirmed,services,domains\nFanfare,irc/paul,2026-01-31,web,fanfare.example lists.fanfare.example:mail\n",
	} {
		cfg, findings := LoadConfig(withMembers(t, name, register))
		if cfg == nil {
			t.Errorf("%s: %v", name, findings)
			continue
		}
		if len(cfg.Members) != 1 || cfg.Members[0].Confirmed.IsZero() || len(cfg.Members[0].Domains) != 2 || cfg.Members[0].Domains[1].Service != "mail" {
			t.Errorf("%s: %+v", name, cfg.Members)
		}
	}
}

func TestMistakesInTheRegisterHaveTheirPlace(t *testing.T) {
	for _, tt := range []struct{ name, register, want string }{
		{"members.yaml", "members:\n  - association: A\n    peopel: [irc/a]\n", "members.yaml:3:5: members[0].peopel: there is no such key — did you mean people?"},
		{"members.yaml", "members:\n  - association: A\n    people: [irc/a, xmpp/a]\n", `members.yaml:3:21: members[0].people[1]: "xmpp/a" is not an identity`},
		{"members.yaml", "members:\n  - association: A\n    confirmed: hier\n", "members.yaml:3:16: "},
		{"members.yaml", "members:\n  - association: A\n  - association: a\n", "members.yaml:3:"},
		{"members.csv", "association,people,domains\nA,irc/a,a.example\nB,irc/b,www.a.example\n", "members.csv:3:9: members[1].domains[0]: www.a.example is there already"},
		{"members.csv", "association,services\nA,wbe\n", "members.csv:2:3: members[0].services[0]: \"wbe\" is no service of the configuration — the services are: web, mail"},
	} {
		cfg, findings := LoadConfig(withMembers(t, tt.name, tt.register))
		if cfg != nil {
			t.Errorf("%q is taken", tt.register)
		}
		var all []string
		for _, f := range findings {
			all = append(all, f.String())
		}
		if !strings.Contains(strings.Join(all, "\n"), tt.want) {
			t.Errorf("%q is not among %q", tt.want, all)
		}
	}
	if cfg, findings := LoadConfig(strings.Replace(withMembers(t, "members.csv", ""), "config.yaml", "config.yaml", 1)); cfg != nil || len(findings) != 1 {
		t.Errorf("an empty register: %v", findings)
	}
}

func TestCheckSpeaksOfTheRegister(t *testing.T) {
	path := withMembers(t, "members.csv", "association,people,domains\nA,irc/a,a.example b.example\n")
	out, err := vigie(t, "", "check", "-c", path)
	if err != nil || !strings.Contains(out, "1 associations with 2 domains") {
		t.Errorf("%v: %s", err, out)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(path), "members.csv")); err != nil {
		t.Fatal(err)
	}
	if out, err := vigie(t, "", "check", "-c", path); err == nil || !strings.Contains(out, "register of members cannot be read") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestTheShippedRegisterIsSound reads the example that is shipped.
func TestTheShippedRegisterIsSound(t *testing.T) {
	for _, name := range []string{"members.yaml", "members.csv"} {
		raw, err := os.ReadFile(filepath.Join("dist", name))
		if err != nil {
			t.Fatal(err)
		}
		if cfg, findings := LoadConfig(withMembers(t, name, string(raw))); cfg == nil {
			t.Errorf("%s: %v", name, findings)
		}
	}
}
