package answer

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// entry is a file of the FAQ.
func entry(id, theme, title, keywords, body string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("---\nid: " + id + "\ntitle: \"" + title + "\"\ntheme: " + theme +
		"\nkeywords: [" + keywords + "]\nreview_by: 2027-05-31\n---\n" + body + "\n")}
}

func fixture() fstest.MapFS {
	return fstest.MapFS{
		"faq/fr/webmail.md":    entry("webmail", "mail_setup", "Où est le webmail ?", "webmail, lire ses mails, navigateur", "Ici : {{host.webmail}}."),
		"faq/fr/prices.md":     entry("prices", "billing", "Combien ça coûte ?", "prix, tarif, cotisation", "Voyez {{ host.prices }}."),
		"faq/fr/ftp.md":        entry("ftp", "ftp", "FTP ou SFTP ?", "filezilla, fichiers, déposer", "Le serveur est {{host.ftp}}."),
		"faq/en/webmail.md":    entry("webmail", "mail_setup", "Where is the webmail?", "webmail, read mail, browser", "Here: {{host.webmail}}."),
		"faq/en/only.md":       entry("only", "donate", "Do you take hardware?", "hardware, gift", "Yes."),
		"faq/fr/LISEZMOI.txt":  {Data: []byte("not an entry")},
		"faq/de/something.md":  {Data: []byte("not a language")},
		"verdicts/fr/tls.yaml": {Data: []byte("not the faq")},
	}
}

func host() map[string]string {
	return map[string]string{"webmail": "https://webmail.example.org/", "prices": "la page des tarifs", "ftp": "ftp.example.org"}
}

func loadFixture(t *testing.T) *FAQ {
	t.Helper()
	f, errs := LoadFAQ(host(), fixture())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return f
}

func TestLoadFAQ(t *testing.T) {
	f := loadFixture(t)
	e, ok := f.ByID("fr", "webmail")
	if !ok || e.Body != "Ici : https://webmail.example.org/." || e.Theme != "mail_setup" || e.Title != "Où est le webmail ?" {
		t.Errorf("got %+v %v", e, ok)
	}
	if e.ReviewBy.Format("2006-01-02") != "2027-05-31" || e.File != "faq/fr/webmail.md" || len(e.Keywords) != 3 {
		t.Errorf("got %+v", e)
	}
	if e, ok := f.ByID("fr", "only"); !ok || e.Lang != "en" {
		t.Error("an entry of the other language is not found when this one lacks it")
	}
	if _, ok := f.ByID("fr", "nothing"); ok {
		t.Error("an entry is made up")
	}
	if n := len(f.Entries("fr")); n != 4 {
		t.Errorf("%d entries for readers of French, want 4", n)
	}
}

func TestLoadFAQLaterLayerWins(t *testing.T) {
	own := fstest.MapFS{"faq/fr/ftp.md": entry("ftp", "ftp", "Notre FTP", "", "Chez nous.")}
	f, errs := LoadFAQ(host(), fixture(), own)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if e, _ := f.ByID("fr", "ftp"); e.Title != "Notre FTP" {
		t.Errorf("got %q", e.Title)
	}
}

func TestLoadFAQWithoutHostShowsNames(t *testing.T) {
	f, errs := LoadFAQ(nil, fixture())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if e, _ := f.ByID("en", "webmail"); e.Body != "Here: [webmail]." {
		t.Errorf("got %q", e.Body)
	}
}

// Each bad file is said, with its name, and the others are read all the same.
func TestLoadFAQSaysEveryFault(t *testing.T) {
	good := fixture()
	bad := map[string]struct{ text, want string }{
		"faq/fr/a.md": {"no front matter", "a.md:1:"},
		"faq/fr/b.md": {"---\nid: b\ntitle: x\ntheme: ftp\nauthor: me\n---\nx", "author"},
		"faq/fr/c.md": {"---\nid: c\ntitle: x\ntheme: cooking\n---\nx", `theme "cooking"`},
		"faq/fr/d.md": {"---\nid: other\ntitle: x\ntheme: ftp\n---\nx", "must agree"},
		"faq/fr/e.md": {"---\nid: e\ntitle: x\ntheme: ftp\n---\n\n", "an answer"},
		"faq/fr/f.md": {"---\nid: f\ntitle: x\ntheme: ftp\nreview_by: soon\n---\nx", "2027-05-31"},
		"faq/fr/g.md": {"---\nid: g\ntitle: x\ntheme: ftp\n---\nx {{host.missing}}", "host.missing"},
		"faq/fr/h.md": {"---\nid: h\ntitle: x\ntheme: ftp\n---\nx {{person.name}}", "{{ begins"},
		"faq/fr/i.md": {"---\nid: i\ntitle: x\ntheme: ftp\nsee: [nowhere]\n---\nx", `no entry "nowhere"`},
	}
	for name, b := range bad {
		good[name] = &fstest.MapFile{Data: []byte(b.text)}
	}
	f, errs := LoadFAQ(host(), good)
	all := errors.Join(errs...).Error()
	for name, b := range bad {
		if !strings.Contains(all, name) || !strings.Contains(all, b.want) {
			t.Errorf("%s with %q is not said in:\n%s", name, b.want, all)
		}
	}
	if len(errs) != len(bad) {
		t.Errorf("%d errors for %d faults", len(errs), len(bad))
	}
	if !errors.Is(errors.Join(errs...), ErrHostValue) {
		t.Error("a missing host value is not told apart")
	}
	if _, ok := f.ByID("fr", "webmail"); !ok {
		t.Error("good entries are lost with the bad")
	}
}

func TestFind(t *testing.T) {
	f := loadFixture(t)
	for _, c := range []struct{ lang, query, want string }{
		{"fr", "webmail", "webmail"},
		{"fr", "wbmail", "webmail"},
		{"fr", "c koi le prix", "prices"},
		{"fr", "combien coûtent vos services", "prices"},
		{"fr", "filezila", "ftp"},
		{"fr", "déposer mes fichiers", "ftp"},
		{"en", "read my mail in a browser", "webmail"},
		{"fr", "la recette des crêpes bretonnes", ""},
		{"fr", "", ""},
		{"xx", "tarifs", "prices"},
	} {
		got := ""
		if hits := f.Find(c.lang, c.query, 1); len(hits) > 0 {
			got = hits[0].ID
		}
		if got != c.want {
			t.Errorf("Find(%s, %q) = %q, want %q", c.lang, c.query, got, c.want)
		}
	}
	if n := len(f.Find("fr", "mail fichiers prix", 2)); n > 2 {
		t.Errorf("%d hits, asked for 2", n)
	}
	if f.Find("fr", "webmail", -1) != nil && len(f.Find("fr", "webmail", -1)) > 0 {
		t.Error("a negative number gives hits")
	}
}

func TestFindIsTheSameEachTime(t *testing.T) {
	f := loadFixture(t)
	first := f.Find("fr", "mail webmail prix fichiers lire deposer", 5)
	for range 20 {
		for i, h := range f.Find("fr", "mail webmail prix fichiers lire deposer", 5) {
			if h.ID != first[i].ID || h.Score != first[i].Score {
				t.Fatalf("hit %d is %s %v, was %s %v", i, h.ID, h.Score, first[i].ID, first[i].Score)
			}
		}
	}
}

func TestByTheme(t *testing.T) {
	f := loadFixture(t)
	hits := f.ByTheme("fr", "billing", "quelque chose de tout autre", 3)
	if len(hits) != 1 || hits[0].ID != "prices" {
		t.Errorf("got %v", hits)
	}
	if len(f.ByTheme("fr", "vps", "vps", 3)) != 0 {
		t.Error("entries of other themes are given")
	}
}

func TestOneTypo(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"webmail", "webmail", true}, {"wbmail", "webmail", true}, {"webmial", "webmail", true}, {"webnail", "webmail", true},
		{"webmails", "webmail", true}, {"wbmial", "webmail", false}, {"a", "abc", false}, {"", "", true},
	} {
		if oneTypo(c.a, c.b) != c.want || oneTypo(c.b, c.a) != c.want {
			t.Errorf("oneTypo(%q, %q) is not %v", c.a, c.b, c.want)
		}
	}
}

// TestShippedFAQ searches the library's own entries as members would.
func TestShippedFAQ(t *testing.T) {
	shipped := os.DirFS("../../runbooks/library")
	if _, err := fs.Stat(shipped, "faq/fr"); err != nil {
		t.Fatalf("the shipped entries are gone: %v", err)
	}
	f, errs := LoadFAQ(nil, shipped)
	if len(errs) > 0 {
		t.Fatal(errors.Join(errs...))
	}
	for _, c := range []struct{ lang, query, want string }{
		{"fr", "comment changer le mdp de ma boite", "mailbox-password"},
		{"fr", "rediriger une adresse vers deux personnes", "alias"},
		{"fr", "c quoi vos serveurs dns", "name-servers"},
		{"fr", "le mail arrive en retard", "delayed-mail"},
		{"fr", "on change de banque", "bank-details"},
		{"en", "how do i set an out of office", "out-of-office"},
		{"en", "upload files", "ftp-sftp"},
	} {
		hits := f.Find(c.lang, c.query, 3)
		if len(hits) == 0 || hits[0].ID != c.want {
			t.Errorf("Find(%s, %q) = %v, want %s first", c.lang, c.query, hits, c.want)
		}
	}
}
