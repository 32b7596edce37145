package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Éléphant":        "elephant",
		"ŒUVRE d’Ætius":   "oeuvre d'aetius",
		"ｖｉｇｉｅ！":          "vigie!",
		"zéro\u200bwidth": "zerowidth",
		"a\x00b\tc":       "a b c",
		"ﬁn":              "fin",
		"çà et là":        "ca et la",
		"":                "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldIsBounded(t *testing.T) {
	if n := utf8.RuneCountInString(Fold(strings.Repeat("ﷺ", 100_000))); n > 2*MaxRunes {
		t.Errorf("a hostile text folds to %d runes", n)
	}
}

func TestSqueeze(t *testing.T) {
	for in, want := range map[string]string{
		"sooooos": "sos", "bonjourrrr": "bonjour", "allee": "allee", "1000": "1000", "aaa": "a",
	} {
		if got := squeeze(in); got != want {
			t.Errorf("squeeze(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		"notre site https://asso.example/x?y=1 est mort": "notre site _url_ est mort",
		"écrire à jean@asso.org svp":                     "ecrire a _email_ svp",
		"webmail.asso.org et lachorale.fr":               "webmail _domain_ et _domain_",
		"erreur 550 5.7.26, port 993, ligne 42":          "erreur n550 smtpcode port n993 ligne _num_",
		"192.0.2.7 et 2001:db8::1":                       "_ip_ et _ip_",
		"à 18h30 pour 25 €":                              "a _hour_ pour _money_",
		"mon wp-config.php !!!":                          "mon _file_ php !!",
		"quoi ????":                                      "quoi ?",
		"@lea l'heure":                                   "_to_ l heure",
		"🤖🤖":                                             "",
	} {
		if got := strings.Join(Tokens(in), " "); got != want {
			t.Errorf("Tokens(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestStemJoinsForms(t *testing.T) {
	for _, forms := range [][]string{
		{"marche", "marchait", "marchent", "marcher"},
		{"certificat", "certificats"},
		{"envoyer", "envoyez", "envoye"},
		{"sauvegarde", "sauvegardes", "sauvegarder"},
		{"connecting", "connected", "connect"},
	} {
		for _, f := range forms[1:] {
			if Stem(f) != Stem(forms[0]) {
				t.Errorf("Stem(%q) = %q, Stem(%q) = %q", f, Stem(f), forms[0], Stem(forms[0]))
			}
		}
	}
}

func TestStemKeepsShortAndPlaceholders(t *testing.T) {
	for _, w := range []string{"site", "mail", "dns", tokDomain, ""} {
		if got := Stem(w); got != w {
			t.Errorf("Stem(%q) = %q", w, got)
		}
	}
	if Stem("appelle") != "appel" {
		t.Errorf("doubled letters stay: %q", Stem("appelle"))
	}
}

func FuzzFeatures(f *testing.F) {
	a, err := New()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"bjr notre site repon plus", "@x: \x00", "http://", strings.Repeat("é", 5000), "a.b.c.d.fr", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := a.Features(s)
		if !slices.Equal(once, a.Features(s)) {
			t.Fatal("features differ from one time to the next")
		}
		if len(once) > 40*MaxRunes {
			t.Fatalf("%d features", len(once))
		}
		for _, name := range once {
			if name == "" || !strings.Contains("wck", name[:1]) || strings.ContainsRune(name, '\n') {
				t.Fatalf("feature %q has no group, or would break the model's file", name)
			}
		}
	})
}
