package text

import (
	"slices"
	"strings"
	"testing"
)

func newAnalyser(t *testing.T) *Analyser {
	t.Helper()
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWordsOpenAbbreviations(t *testing.T) {
	a := newAnalyser(t)
	got := strings.Join(a.Words("bjr mdp perdu svp"), " ")
	if want := "bonjour mot de passe perdu s il vous plait"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestConcepts(t *testing.T) {
	a := newAnalyser(t)
	for in, want := range map[string]string{
		"notre site ne marche plus":        "broken site",
		"mot de passe oublié":              "forgot password",
		"la base de données ne répond pas": "database unreachable",
		"nos certificats":                  "certificate",
		"le chat dort":                     "",
	} {
		got := a.Concepts(a.Words(in))
		if strings.Join(got, " ") != want {
			t.Errorf("Concepts(%q) = %v, want %s", in, got, want)
		}
	}
}

func TestLongerExpressionHidesShorter(t *testing.T) {
	a := newAnalyser(t)
	if got := a.Concepts([]string{"base", "de", "donnees"}); !slices.Equal(got, []string{"database"}) {
		t.Errorf("got %v", got)
	}
}

func TestLang(t *testing.T) {
	a := newAnalyser(t)
	for in, want := range map[string]string{
		"bjr le site marche plus":        "fr",
		"our website is down":            "en",
		"webmail.asso.org":               "",
		"":                               "",
		"mailbox full":                   "en",
		"réunion":                        "fr",
		"hello, notre site est en panne": "fr",
		"jarrive plus a envoyer":         "fr",
	} {
		if got := a.Lang(in); got != want {
			t.Errorf("Lang(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAsksAndSettled(t *testing.T) {
	a := newAnalyser(t)
	for in, want := range map[string]bool{
		"j'ai basculé le dns secondaire":  false,
		"renewed the wildcard cert":       false,
		"comment changer de php":          true,
		"notre site ne s'ouvre plus":      true,
		"the site is down":                true,
		"la réplication mysql est à jour": false,
	} {
		if got := a.Asks(a.Words(in)); got != want {
			t.Errorf("Asks(%q) = %v", in, got)
		}
	}
	if !a.Settled(a.Words("ça remarche merci")) || a.Settled(a.Words("ça ne marche plus")) {
		t.Error("Settled takes what works for what does not")
	}
}

func TestCallsSomebody(t *testing.T) {
	for in, want := range map[string]bool{
		"paul: tu peux voir ?": true, "@lea salut toi": true, "bonjour à tous": false,
		"https://x.org est mort": false, "paul:": false, "": false,
	} {
		if got := CallsSomebody(in); got != want {
			t.Errorf("CallsSomebody(%q) = %v", in, got)
		}
	}
}

func TestFeaturesHaveEachGroup(t *testing.T) {
	a := newAnalyser(t)
	got := a.Features("le site ne marche plus")
	for _, want := range []string{"w:site", "k:broken", "k:broken+site", "c:<sit", "k:len2"} {
		if !slices.ContainsFunc(got, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("no feature %q in %v", want, got)
		}
	}
	seen := map[string]bool{}
	for _, f := range got {
		if seen[f] {
			t.Errorf("%q twice", f)
		}
		seen[f] = true
	}
}

// An address must leave no trace of its own: the next member's is another.
func TestAddressesAreNotLearnt(t *testing.T) {
	a := newAnalyser(t)
	one := a.Features("notre site https://fanfare-du-port.org est mort, écrivez à jo@fanfare.fr")
	two := a.Features("notre site https://velo.example/abc est mort, écrivez à anna@velo.com")
	if !slices.Equal(one, two) {
		t.Errorf("two addresses give different features:\n%v\n%v", one, two)
	}
}

func TestLexiconErrorsNameTheLine(t *testing.T) {
	a := &Analyser{exact: map[string]string{}, prefixes: map[string]string{}}
	if err := a.addConcept("no colon here"); err == nil {
		t.Error("a concept without a name is taken")
	}
	if err := a.addConcept("one: word begin*"); err != nil {
		t.Error(err)
	}
	for _, twice := range []string{"two: word", "two: begin*"} {
		if err := a.addConcept(twice); err == nil || !strings.Contains(err.Error(), "one") {
			t.Errorf("%q: a word of two families is taken (%v)", twice, err)
		}
	}
	err := eachLine("sms.txt", func(string) error { return errTest })
	if err == nil || !strings.Contains(err.Error(), "sms.txt:2") {
		t.Errorf("got %v", err)
	}
	if eachLine("missing.txt", nil) == nil {
		t.Error("a missing file is no error")
	}
}

type testError struct{}

func (testError) Error() string { return "no" }

var errTest = testError{}
