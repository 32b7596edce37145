package commands

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vigie/commands/answer"
	"vigie/store"
)

func testTable(t *testing.T) *Table {
	t.Helper()
	table, errs := New(testOptions(testConfig()))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return table
}

func TestAnonymousTakesOutWhoAndWhere(t *testing.T) {
	table := testTable(t)
	for _, c := range []struct{ text, want string }{
		{"écrivez à claire.martin@asso.example", "écrivez à [courriel]"},
		{"demandez @claire:example.org", "demandez [compte]"},
		{"tél. 06 12 34 56 78 ou +33 6 12 34 56 78", "tél. [téléphone] ou [téléphone]"},
		{"ring 0044 20 7946 0958 please", "ring [téléphone] please"},
		{"j'habite 12 bis rue des Lilas, 44000 Nantes", "j'habite [adresse]"},
		{"nous sommes à 75011 Paris", "nous sommes à [adresse]"},
		{"Bonjour Claire, je suis Jean-Marc Le Goff", "Bonjour [nom], je suis [nom] Goff"},
		{"Mme Dupont a dit non", "Mme [nom] a dit non"},
		{"merci.\nCordialement,\nPaul Petit", "merci.\nCordialement,\n[nom]"},
		{"voyez https://monclub.fr/page", "voyez [site]/page"},
		{"depuis 192.0.2.7 et 2001:db8::1", "depuis [adresse IP] et [adresse IP]"},
		{"dossier 123456789", "dossier [numéro]"},
		{"le site de l'Asso de quartier, asso", "le site de l'[nom] de quartier, [nom]"},
		{"les mails vers gmail.com et https://lh.example/don passent", "les mails vers gmail.com et https://lh.example/don passent"},
		{"mon mot de passe est Tr0ub4dor", "mon mot de passe est [retiré]"},
		{"port 587 avec STARTTLS, à 20 h le 12/03/2026", "port 587 avec STARTTLS, à 20 h le 12/03/2026"},
		{"hélène et omar aussi", "[nom] et [nom] aussi"},
	} {
		if got := table.anonymous("fr", c.text, "Hélène", "omar", "al"); got != c.want {
			t.Errorf("%q\nbecomes %q\nwant    %q", c.text, got, c.want)
		}
	}
}

func TestSubstitute(t *testing.T) {
	for _, c := range []struct{ text, sub, want, problem string }{
		{"un deux un", "s/un/1/", "1 deux un", ""},
		{"un deux un", "s/un/1/g", "1 deux 1", ""},
		{"Un", "s|un|1|i", "1", ""},
		{"5 € par mois", `s/5 €/6 $1/`, "6 $1 par mois", ""},
		{"a-b", `s/(\w)-(\w)/\2-\1/`, "b-a", ""},
		{"http://x/y", `s/\/y/\/z/`, "http://x/z", ""},
		{"été", "s/é//g", "t", ""},
		{"un", "s/un/deux", "deux", ""},
		{"un", "s/trois/deux/", "", "nothing"},
		{"un", "s/(/deux/", "", "pattern"},
		{"un", "s//deux/", "", "form"},
		{"un", "s/un/deux/x", "", "form"},
		{"un", "s/a/b/c/d/", "", "form"},
		{"un", "x/un/deux/", "", "form"},
		{"un", "s", "", "form"},
		{"un", `s\un\deux\`, "", "form"},
		{"un", "s/un//", "", "empty"},
		{strings.Repeat("a", 2000), "s/a/" + strings.Repeat("b", 900) + "/g", "", "form"},
	} {
		got, problem := substitute(c.text, c.sub)
		if got != c.want || problem != c.problem {
			t.Errorf("%.20q %.30s: %.40q, %q; want %q, %q", c.text, c.sub, got, problem, c.want, c.problem)
		}
	}
}

func TestOpinion(t *testing.T) {
	for s, want := range map[string]int{"👍🏽": 1, "👎": -1, "Pas utile !": -1, "c’est pas utile": -1, "not useful": -1, "utile": 1, "helpful": 1,
		"utile mais incomplet": 0, "pas": 0, "": 0, "ce n'est pas utile de venir": 0} {
		if got := opinion(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func TestAnother(t *testing.T) {
	for s, want := range map[string]string{
		"et pour l'autre domaine ?": "", "et l'autre site alors ?": "", "and the other one?": "", "what about our other domain": "",
		"Et pour monasso.org ?": "monasso.org", "et monasso.org": "monasso.org", "what about monasso.org?": "monasso.org",
		"merci ! et pour https://www.monasso.org/page ?": "www.monasso.org",
	} {
		if got, ok := another(s); !ok && !strings.Contains(s, "/page") || ok && got != want {
			t.Errorf("%q: %q, %v", s, got, ok)
		}
	}
	for _, s := range []string{"monasso.org", "et pour le club ?", "et monasso.org ne marche plus depuis hier soir chez tout le monde ici", "domaine",
		"on verra l'autre domaine demain avec le trésorier", "and you?", "et voilà, c'est monasso.org qui est en panne"} {
		if _, ok := another(s); ok {
			t.Errorf("%q is taken for the same question again", s)
		}
	}
}

func TestOtherDomainIsTheOnlyOther(t *testing.T) {
	table := testTable(t)
	table.cfg.Sites = []Site{{Domain: "a.org", Association: "A"}, {Domain: "www.a2.org", Association: "A"}, {Domain: "b.org", Association: "B"}}
	for domain, want := range map[string]string{"www.a.org": "a2.org", "a2.org": "a.org", "b.org": "", "unknown.org": ""} {
		if got := table.otherDomain(domain); got != want {
			t.Errorf("%s: %q, want %q", domain, got, want)
		}
	}
}

// TestWhatIsExportedIsAnEntry reads an exported answer back as the FAQ is read.
func TestWhatIsExportedIsAnEntry(t *testing.T) {
	e := store.Taught{Word: `clé "bis": {x}`, Lang: "fr", Aliases: []string{"l'autre, clé"}, Text: "Chez {{host.x}}\nla voisine.",
		Expires: time.Date(2027, 5, 31, 0, 0, 0, 0, time.UTC)}
	x := ExportTaught(e, ThemeOf(mind(), e))
	faq, errs := answer.LoadFAQ(map[string]string{}, fstest.MapFS{x.Path: &fstest.MapFile{Data: []byte(x.Text)}})
	if len(errs) > 0 {
		t.Fatalf("%v in\n%s", errs, x.Text)
	}
	if hits := faq.Find("fr", "ou est la cle", 1); len(hits) == 0 || !strings.Contains(hits[0].Body, "la voisine") {
		t.Errorf("not found: %+v in\n%s", hits, x.Text)
	}
}

func TestNextMonday(t *testing.T) {
	paris := testConfig()
	loc := paris.Location()
	for now, want := range map[string]string{"2026-11-22T12:00": "2026-11-23T09:00", "2026-11-23T08:59": "2026-11-23T09:00", "2026-11-23T09:00": "2026-11-30T09:00",
		"2026-03-28T12:00": "2026-03-30T09:00"} {
		at, err := time.ParseInLocation("2006-01-02T15:04", now, loc)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextMonday(at, loc).Format("2006-01-02T15:04"); got != want {
			t.Errorf("after %s: %s, want %s", now, got, want)
		}
	}
}

func TestWordDiff(t *testing.T) {
	if got := wordDiff("le mardi à midi", "le jeudi à midi pile"); got != "le [-mardi-] {+jeudi+} à midi {+pile+}" {
		t.Errorf("got %s", got)
	}
}

func TestLearningIsChecked(t *testing.T) {
	good := defaultLearning()
	if p := good.check(); len(p) > 0 {
		t.Errorf("the defaults: %v", p)
	}
	bad := good
	bad.Warn = bad.Keep
	if len(bad.check()) == 0 {
		t.Error("a warning as long as the whole is taken")
	}
}
