package commands

import (
	"slices"
	"testing"
	"time"

	"vigie/bot"
	"vigie/commands/register"
	"vigie/runbooks"
	"vigie/store"
)

// registerOfTests is a small register: one entry confirmed lately, one long ago, one
// never, one that nobody can be asked about.
func registerOfTests() []register.Member {
	day := func(s string) register.Day {
		t, _ := time.Parse(time.DateOnly, s)
		return register.Day{Time: t}
	}
	return []register.Member{
		{Association: "Cinéma du Parc", People: []string{"irc/claire", "matrix/@claire:example.org"}, Confirmed: day("2025-01-10"), Site: "TH2",
			Services: []string{"web", "mail"}, Domains: []register.Domain{{Name: "cinema.example"}, {Name: "mail.cinema.example", Service: "mail"}}},
		{Association: "Fanfare", People: []string{"matrix/@paul:example.org"}, Confirmed: day("2026-10-01"), Site: "Marseille", Services: []string{"web"},
			Domains: []register.Domain{{Name: "fanfare.example"}}},
		{Association: "Amis du Livre", Services: []string{"mail"}},
	}
}

func tableWithRegister(t *testing.T) *Table {
	t.Helper()
	c := testConfig()
	c.Members = registerOfTests()
	table, errs := New(testOptions(c))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return table
}

func TestTheRegisterExtendsSites(t *testing.T) {
	table := tableWithRegister(t)
	if got := table.association("fanfare.example"); got != "Fanfare" {
		t.Errorf("fanfare.example is of %q", got)
	}
	if got := table.association("asso.example"); got != "Asso" {
		t.Errorf("a site of the configuration is of %q", got)
	}
	if !table.registered("www.cinema.example") || table.registered("autre.example") {
		t.Error("checks are allowed on the wrong names")
	}
	rep := table.checkInventory(&bot.Turn{Now: time.Now()}, inventoryOf("www.cinema.example"))
	if rep.Verdict != "hosted" || rep.Fields["service"] != "web" {
		t.Errorf("inventory says %v", rep)
	}
	if m, ok := table.register.Find("asso"); !ok || len(m.Domains) != 1 {
		t.Error("what sites: says is not in the register")
	}
	// A reload must not pile the register's domains up in the configuration.
	before := len(table.cfg.Sites)
	if errs := table.load(testOptions(*table.cfg)); len(errs) > 0 || len(table.cfg.Sites) != before {
		t.Errorf("after a reload %d sites, before %d", len(table.cfg.Sites), before)
	}
}

func TestWhoseIsAPerson(t *testing.T) {
	table := tableWithRegister(t)
	for want, ids := range map[string][]string{"Cinéma du Parc": {"irc/claire"}, "Fanfare": {"matrix/@paul:example.org"}, "": {"irc/inconnu"}} {
		if got := table.associationOf(store.Person{Identities: ids}); got != want {
			t.Errorf("%v speak for %q, want %q", ids, got, want)
		}
	}
	if got := table.associationOf(store.Person{Identities: []string{"irc/claire", "matrix/@paul:example.org"}}); got != "" {
		t.Errorf("who speaks for two is taken for %q", got)
	}
	if n := table.affected("web", ""); n != 3 { // Asso of the configuration too
		t.Errorf("web concerns %d associations", n)
	}
	if n := table.affected("web", "Marseille"); n != 2 { // Asso's site is not known: counted
		t.Errorf("web at Marseille concerns %d associations", n)
	}
}

func TestContactsAreAskedOnWorkingDays(t *testing.T) {
	paris, _ := time.LoadLocation("Europe/Paris")
	friday := time.Date(2026, 11, 27, 10, 0, 0, 0, paris)
	if got := nextAt(friday, "10:00", paris); got.Weekday() != time.Monday || got.Hour() != 10 {
		t.Errorf("after Friday's hour comes %v", got)
	}
	if got := nextAt(friday.Add(-time.Minute), "10:00", paris); !got.Equal(friday) {
		t.Errorf("a minute before the hour it is %v", got)
	}
}

func TestContactsConfigIsChecked(t *testing.T) {
	for name, spoil := range map[string]func(*ContactsConfig){
		"hour":  func(c *ContactsConfig) { c.At = "dix heures" },
		"none":  func(c *ContactsConfig) { c.PerDay = 0 },
		"again": func(c *ContactsConfig) { c.Again = 0 },
	} {
		c := testConfig()
		spoil(&c.Contacts)
		if !slices.ContainsFunc(c.Check([]string{"irc", "matrix"}), func(p Problem) bool { return p.Path == "contacts" }) {
			t.Errorf("%s: taken", name)
		}
	}
}

func inventoryOf(domain string) runbooks.Request {
	return runbooks.Request{Kind: "inventory", Args: map[string]string{"domain": domain}}
}
