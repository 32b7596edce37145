package register

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func sample() *Register {
	return New(
		Member{Association: "Cinéma du Parc", People: []string{"irc/claire", "matrix/@claire:example.org"}, Site: "TH2", Services: []string{"web", "mail"},
			Domains: []Domain{{Name: "cinema.example"}, {Name: "lists.cinema.example", Service: "lists"}}},
		Member{Association: "Fanfare", People: []string{"irc/paul"}, Services: []string{"web"}, Domains: []Domain{{Name: "fanfare.example"}}},
		Member{Association: "cinema  DU parc", People: []string{"irc/luc"}, Contact: "irc/luc", Domains: []Domain{{Name: "www.cinema.example", Service: "web"}}},
	)
}

func names(ms []Member) string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Association)
	}
	return strings.Join(out, ", ")
}

func TestEntriesOfOneAssociationAreOne(t *testing.T) {
	r := sample()
	if got := names(r.Members()); got != "Cinéma du Parc, Fanfare" {
		t.Fatalf("members: %s", got)
	}
	m, ok := r.Find("CINEMA du Parc")
	if !ok || len(m.People) != 3 || m.Contact != "irc/luc" || len(m.Domains) != 2 {
		t.Errorf("%+v", m)
	}
	if _, ok := r.Find(""); ok {
		t.Error("an association without a name is found")
	}
}

func TestOf(t *testing.T) {
	r := sample()
	for ids, want := range map[string]string{"irc/claire": "Cinéma du Parc", "irc/luc": "Cinéma du Parc", "irc/paul matrix/@claire:example.org": "Cinéma du Parc, Fanfare",
		"irc/CLAIRE": "", "": ""} {
		if got := names(r.Of(strings.Fields(ids)...)); got != want {
			t.Errorf("%q speak for %q, want %q", ids, got, want)
		}
	}
}

func TestDomain(t *testing.T) {
	r := sample()
	for name, want := range map[string]string{"cinema.example": "web", "WWW.Cinema.Example.": "web", "lists.cinema.example": "lists", "a.lists.cinema.example": "lists",
		"x.cinema.example": "web", "fanfare.example": "web"} {
		if _, d, ok := r.Domain(name); !ok || d.Service != want {
			t.Errorf("%s is served by %q (%v), want %q", name, d.Service, ok, want)
		}
	}
	for _, name := range []string{"example", "", "notcinema.example", "cinema.example.org", "."} {
		if m, _, ok := r.Domain(name); ok {
			t.Errorf("%q is said to be of %s", name, m.Association)
		}
	}
}

func TestOn(t *testing.T) {
	r := sample()
	for _, c := range []struct{ service, at, want string }{{"web", "", "Cinéma du Parc, Fanfare"}, {"mail", "", "Cinéma du Parc"}, {"lists", "", "Cinéma du Parc"},
		{"web", "th2", "Cinéma du Parc, Fanfare"}, {"mail", "Marseille", ""}, {"voip", "", ""}} {
		if got := names(r.On(c.service, c.at)); got != c.want {
			t.Errorf("on %s at %q: %q, want %q", c.service, c.at, got, c.want)
		}
	}
}

func TestWhoIsAsked(t *testing.T) {
	for want, m := range map[string]Member{"irc/a": {People: []string{"irc/a", "irc/b"}}, "irc/b": {People: []string{"irc/a"}, Contact: "irc/b"}, "": {}} {
		if got := m.Asked(); got != want {
			t.Errorf("%+v: %q is asked", m, got)
		}
	}
}

// TestARegisterIsNotChangedThroughWhatItWasMadeOf: it is shared between turns.
func TestARegisterIsNotChangedThroughWhatItWasMadeOf(t *testing.T) {
	m := Member{Association: "A", People: []string{"irc/a"}, Services: []string{"web"}, Domains: []Domain{{Name: "a.example"}}}
	r := New(m)
	m.People[0], m.Domains[0].Name = "irc/z", "z.example"
	if len(r.Of("irc/a")) != 1 {
		t.Error("the register changed with the slice that it was made of")
	}
	if m.Domains[0].Service != "" {
		t.Error("New wrote into what it was given")
	}
}

func TestReadCSV(t *testing.T) {
	for name, text := range map[string]string{
		"commas": "association,people,domains,services,site,contact,confirmed\n\"Cinéma, du Parc\",irc/claire matrix/@c:x.org,cinema.example lists.cinema.example:mail,web mail,TH2,irc/claire,2026-01-31\n\n",
		"french": "\ufeffAssociation;Personnes;Domaines;Services;Site;Contact;Confirmé\r\n\"Cinéma, du Parc\";irc/claire matrix/@c:x.org;cinema.example lists.cinema.example:mail;web mail;TH2;irc/claire;31/01/2026\r\n;;;;;;\r\n",
	} {
		members, places, found := ReadCSV([]byte(text))
		if len(found) > 0 || len(members) != 1 {
			t.Fatalf("%s: %v, %d members", name, found, len(members))
		}
		m := members[0]
		if m.Association != "Cinéma, du Parc" || len(m.People) != 2 || len(m.Domains) != 2 || m.Domains[1].Service != "mail" || len(m.Services) != 2 ||
			m.Site != "TH2" || m.Contact != "irc/claire" || m.Confirmed.Format(time.DateOnly) != "2026-01-31" {
			t.Errorf("%s: %+v", name, m)
		}
		if at := places["members[0].domains"]; at.Line != 2 || at.Column < 2 {
			t.Errorf("%s: the domains stand at %v", name, at)
		}
	}
}

func TestCSVSaysEveryMistakeWithItsPlace(t *testing.T) {
	_, places, found := ReadCSV([]byte("association,pepole,confirmed\nA,irc/a,hier\nB,,2026-01-01,encore\n"))
	want := []string{`"pepole" is no column`, `"hier" is not a date`, "more cells than columns"}
	if len(found) != len(want) {
		t.Fatalf("%v", found)
	}
	for i, p := range found {
		if !strings.Contains(p.Message, want[i]) || p.Hint == "" || places[p.Path].Line == 0 {
			t.Errorf("%v at %v, want %q", p, places[p.Path], want[i])
		}
	}
	for text, want := range map[string]string{"": "empty", "people\nirc/a\n": "no column is called association", "association\n\"open\n": "quote", "association\n\xff\n": "UTF-8"} {
		_, _, found := ReadCSV([]byte(text))
		if len(found) != 1 || !strings.Contains(found[0].Message, want) {
			t.Errorf("%q: %v, want %q", text, found, want)
		}
	}
}

func TestCheck(t *testing.T) {
	known := Known{Networks: []string{"irc", "matrix"}, Services: []string{"web", "mail"}}
	good := Member{Association: "A", People: []string{"irc/a", "matrix/@a:x.org"}, Services: []string{"web"}, Domains: []Domain{{Name: "a.example"}, {Name: "été.example", Service: "mail"}}}
	if found := Check([]Member{good}, known); len(found) > 0 {
		t.Fatalf("a sound entry: %v", found)
	}
	for want, spoil := range map[string]func(*Member){
		"members[1].association: needs its name":      func(m *Member) { m.Association = " " },
		"members[1].association: is there already":    func(m *Member) { m.Association = "à" },
		"members[1].people[0]: is not an identity":    func(m *Member) { m.People = []string{"claire"} },
		"members[1].people[1]: is not an identity":    func(m *Member) { m.People = []string{"irc/b", "xmpp/b"} },
		"members[1].contact: is not an identity":      func(m *Member) { m.Contact = "irc/" },
		"members[1].services[0]: is no service":       func(m *Member) { m.Services = []string{"wbe"} },
		"members[1].domains[0]: is not a domain name": func(m *Member) { m.Domains = []Domain{{Name: "pas un domaine"}} },
		"members[1].domains[0]: is no service":        func(m *Member) { m.Domains = []Domain{{Name: "b.example", Service: "wbe"}} },
		"members[1].domains[0]: is there already":     func(m *Member) { m.Domains = []Domain{{Name: "www.a.example"}} },
	} {
		bad := Member{Association: "B"}
		spoil(&bad)
		found := Check([]Member{good, bad}, known)
		path, message, _ := strings.Cut(want, ": ")
		if !slices.ContainsFunc(found, func(p Problem) bool {
			return p.Path == path && strings.Contains(p.Message, message) && p.Hint != ""
		}) {
			t.Errorf("want %q among %v", want, found)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("association,people\nA,irc/a\n"))
	f.Add([]byte("association;x\n\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		members, places, found := ReadCSV(raw)
		for _, p := range append(found, Check(members, Known{})...) {
			if p.Message == "" || p.Hint == "" {
				t.Fatalf("a mistake without words: %+v", p)
			}
		}
		for path, at := range places {
			if at.Line < 1 || at.Column < 1 {
				t.Fatalf("%s stands at %v", path, at)
			}
		}
		New(members...)
	})
}
