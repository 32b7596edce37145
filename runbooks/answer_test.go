package runbooks

import (
	"slices"
	"testing"
	"time"
)

func choices(labels ...[]string) []choice {
	var out []choice
	for i, l := range labels {
		c := choice{id: string(rune('a' + i)), label: l[0]}
		for _, w := range l {
			c.words = append(c.words, fold(w))
		}
		out = append(out, c)
	}
	return out
}

func TestChoicesAreUnderstood(t *testing.T) {
	options := choices([]string{"l'hébergeur associatif", "vous", "you"}, []string{"nous-mêmes, ailleurs (Gandi, OVH…)", "gandi", "ovh", "nous"},
		[]string{"en 4G oui, chez moi non", "fine on 4G, not at home"})
	for text, want := range map[string]string{
		"1": "a", "la 3": "c", "trois": "c", "3️⃣": "c", "3.": "c", "n°2": "b", "option 2 svp": "", "c'est la deuxième": "b", "the second": "b", "2)": "b",
		"je dirais la 1": "a", "OVH": "b", "chez gandi je crois": "b", "l’hebergeur associatif": "a", "hébergeur": "a", "associatif": "a",
		"gandy": "b", "en 4g oui chez moi non": "c", "EN 4G OUI, CHEZ MOI NON !": "c", "You": "a",
		"1 ou 2": "?", "la 1 et la 3": "?", "pas la 3": "?", "la 2 mais pas toujours": "", "vous ou ovh": "?", "ovh mais avant": "?",
		"4": "", "0": "", "12": "", "bonjour": "", "": "", "???": "", "j'ai 2 ordinateurs": "", "oui": "", "non": "",
		"je sais pas": "!", "aucune idée désolé": "!", "I don't know": "!", "🤷": "!",
	} {
		r := withUnknown(text, readChoice(text, options))
		got := map[readKind]string{readValue: r.value, readAmbiguous: "?", readUnknown: "!"}[r.kind]
		if got != want {
			t.Errorf("%q is understood as %q, want %q", text, got, want)
		}
	}
}

func TestYesAndNo(t *testing.T) {
	options := []choice{{id: "yes", label: "oui"}, {id: "no", label: "non"}}
	for text, want := range map[string]string{
		"oui": "yes", "Ouais": "yes", "OUI !!": "yes", "yep": "yes", "👍": "yes", "👍🏽": "yes", "ok": "yes", "tout à fait": "yes", "1": "yes", "1️⃣": "yes", "c'est ça": "yes", "ouii": "yes",
		"non": "no", "nan": "no", "Nope": "no", "👎": "no", "pas du tout": "no", "2": "no", "non c'est autre chose": "no",
		"oui mais non": "?", "oui et non": "?", "oui mais pas toujours": "?", "non mais oui": "?", "peut-être oui": "?", "oui ou non ?": "?",
		"bof": "", "bah je n'en sais rien du tout": "!", "n": "no", "y": "yes", "": "", "3": "", "le site": "", "je sais pas": "!", "not sure": "!", "je n'en sais rien": "!",
	} {
		r := withUnknown(text, readYesNo(text, options))
		got := map[readKind]string{readValue: r.value, readAmbiguous: "?", readUnknown: "!"}[r.kind]
		if got != want {
			t.Errorf("%q is understood as %q, want %q", text, got, want)
		}
	}
}

func TestTypedAnswers(t *testing.T) {
	lib, _ := Load(nil)
	now := time.Date(2026, 11, 18, 15, 0, 0, 0, time.UTC) // a Wednesday
	for _, c := range []struct {
		typ        AskType
		text, want string
	}{
		{AskDomain, "monasso.org", "monasso.org"}, {AskDomain, "c'est MonAsso.ORG.", "monasso.org"}, {AskDomain, "https://www.monasso.org/a?b=c", "www.monasso.org"},
		{AskDomain, "contact@monasso.org", "monasso.org"}, {AskDomain, "théâtre-du-parc.fr", "xn--thtre-du-parc-jeb8h.fr"}, {AskDomain, "a.org et b.org", "?"},
		{AskDomain, "monasso", ""}, {AskDomain, "localhost", ""}, {AskDomain, "192.168.1.1", ""}, {AskDomain, "http://[::1]/", ""}, {AskDomain, "http://127.0.0.1:22/", ""},
		{AskDomain, "index.php", ""}, {AskDomain, "imprimante.local", ""}, {AskDomain, "a..org", ""}, {AskDomain, "-a.org", "a.org"}, {AskDomain, "0x7f.1", ""},
		{AskURL, "https://a.org/page?token=secret#x", "https://a.org/page"}, {AskURL, "http://user:pw@a.org/x", "http://a.org/x"}, {AskURL, "a.org", "https://a.org/"},
		{AskURL, "https://a.org:8080/", "https://a.org/"}, {AskURL, "ftp://a.org", ""}, {AskURL, "javascript:alert(1)", ""},
		{AskEmail, "mon adresse : Jean.Dupont+x@Asso.org, merci", "jean.dupont+x@asso.org"}, {AskEmail, "jean@asso", ""}, {AskEmail, "a@b.org c@d.org", "?"},
		{AskNumber, "deux", "2"}, {AskNumber, "environ 15 personnes", "15"}, {AskNumber, "1000", ""}, {AskNumber, "2 ou 3", "?"}, {AskNumber, "une", "1"}, {AskNumber, "beaucoup", ""},
		{AskService, "le mail", "mail"}, {AskService, "la base de données", "database"}, {AskService, "le site et le mail", "?"}, {AskService, "rien", ""},
		{AskSince, "hier soir", "2026-11-17T20:00:00Z"}, {AskSince, "ce matin", "2026-11-18T08:00:00Z"}, {AskSince, "depuis 2 jours", "2026-11-16T15:00:00Z"},
		{AskSince, "il y a 3 heures", "2026-11-18T12:00:00Z"}, {AskSince, "lundi", "2026-11-16T00:00:00Z"}, {AskSince, "avant-hier", "2026-11-16T00:00:00Z"},
		{AskSince, "yesterday", "2026-11-17T00:00:00Z"}, {AskSince, "a week ago", "2026-11-11T15:00:00Z"}, {AskSince, "14h30", "2026-11-18T14:30:00Z"},
		{AskSince, "22h", "2026-11-17T22:00:00Z"}, {AskSince, "12/11", "2026-11-12T00:00:00Z"}, {AskSince, "2026-10-01", "2026-10-01T00:00:00Z"},
		{AskSince, "à l'instant", "2026-11-18T15:00:00Z"}, {AskSince, "cette nuit", "2026-11-18T02:00:00Z"}, {AskSince, "31/02", ""}, {AskSince, "longtemps", ""},
	} {
		r := lib.typed(c.typ, 0, 999, c.text, now)
		got := map[readKind]string{readValue: r.value, readAmbiguous: "?"}[r.kind]
		if got != c.want {
			t.Errorf("%s: %q is understood as %q, want %q", c.typ, c.text, got, c.want)
		}
	}
}

func TestMovesAreOnlyWholeSentences(t *testing.T) {
	for text, want := range map[string]Move{
		"Retour": MoveBack, "back": MoveBack, "STOP !": MoveStop, "arrêtez svp": MoveStop, "humain": MoveHuman, "je veux parler à quelqu'un": MoveHuman,
		"répète": MoveRepeat, "pourquoi ?": MoveWhy, "recommencer": MoveRestart, "passer": MoveSkip, "skip": MoveSkip, "en": MoveEnglish, "fr": MoveFrench,
		"je ne sais pas": MoveDontKnow, "retour à la ligne": "", "le serveur est stop": "", "en panne": "", "": "", "why not": "",
	} {
		if got := moveIn(text); got != want {
			t.Errorf("%q is the move %q, want %q", text, got, want)
		}
	}
}

func TestAnOptionsOwnWordsComeBeforeTheMoves(t *testing.T) {
	options := choices([]string{"stop", "arrêt"}, []string{"marche"})
	if !said("STOP", options) || said("humain", options) {
		t.Error("an option called stop cannot be chosen")
	}
}

func TestOneTypo(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"gandi", "gandy", true}, {"gandi", "gadni", true}, {"gandi", "gani", true}, {"gandi", "gandii", true}, {"gandi", "gandi", true},
		{"gandi", "ganyy", false}, {"gandi", "ga", false}, {"", "ab", false}, {"ab", "ba", true}} {
		if got := oneTypo(c.a, c.b); got != c.want || oneTypo(c.b, c.a) != c.want {
			t.Errorf("oneTypo(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

func TestJudge(t *testing.T) {
	lib, rb := sample(t)
	which := begin(t, lib, rb, StartOptions{})
	choose := begin(t, lib, rb, StartOptions{}).say("je sais pas")
	words := begin(t, lib, rb, StartOptions{}).say("je sais pas", "2").at(Asking, "words")
	probing := begin(t, lib, rb, StartOptions{}).say("a.org")
	for _, c := range []struct {
		k    *talk
		text string
		want Judgement
		move Move
	}{
		{which, "a.org", SureAnswer, ""}, {which, "retour", SureMove, MoveBack}, {which, "quand est la prochaine réunion ?", Foreign, ""}, {which, "a.org ou b.org", Unclear, ""},
		{choose, "la 2", SureAnswer, ""}, {choose, "1 ou 2", Unclear, ""}, {choose, "combien coûte un vps ?", Foreign, ""}, {choose, "je sais pas trop", SureMove, MoveDontKnow},
		{words, "Erreur 500", FreeText, ""}, {words, "humain", SureMove, MoveHuman}, {probing, "stop", SureMove, MoveStop}, {probing, "au fait", Foreign, ""},
	} {
		got, move, err := Judge(lib, c.k.s, c.text, c.k.now)
		if err != nil || got != c.want || move != c.move {
			t.Errorf("%q at %s: %s %s %v, want %s %s", c.text, c.k.s.Step(), got, move, err, c.want, c.move)
		}
	}
	if _, _, err := Judge(lib, Session{}, "x", goldenNow); err == nil {
		t.Error("an empty session is judged")
	}
}

func TestFilters(t *testing.T) {
	now := time.Date(2026, 11, 18, 15, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lang, filter, want string
		value              any
		t                  FieldType
	}{
		{"fr", "ago", "2 heures", "2026-11-18T12:59:00Z", FieldTime}, {"en", "ago", "1 hour", "2026-11-18T13:59:00Z", FieldTime}, {"fr", "ago", "moins d'une minute", "2026-11-18T15:10:00Z", FieldTime},
		{"fr", "ago", "3 jours", "2026-11-15T12:00:00Z", FieldTime}, {"fr", "ago", "n'importe quoi", "n'importe quoi", FieldTime},
		{"fr", "date", "1er décembre 2026", "2026-12-01T10:00:00Z", FieldTime}, {"en", "date", "1 December 2026", "2026-12-01T10:00:00Z", FieldTime},
		{"fr", "days", "0 jour", 0, FieldInt}, {"fr", "days", "1 jour", 1, FieldInt}, {"en", "days", "0 days", 0, FieldInt}, {"en", "days", "12 days", 12, FieldInt},
		{"fr", "days", "13 jours", "2026-12-01T20:00:00Z", FieldTime},
		{"fr", "host", "a.org", "https://a.org/x", FieldString}, {"fr", "host", "a.org", "x@a.org", FieldString}, {"fr", "host", "a.org", "a.org", FieldString},
	} {
		f := format{lang: c.lang, now: now}
		if got := f.value(c.value, c.t, []string{c.filter}); got != c.want {
			t.Errorf("%v|%s in %s = %q, want %q", c.value, c.filter, c.lang, got, c.want)
		}
	}
	plain := format{lang: "en", now: now}
	for want, v := range map[string]any{"yes": true, "no": false, "7": 7, "a, b": []string{"a", "b"}, "x": "x"} {
		if got := plain.value(v, FieldString, nil); got != want {
			t.Errorf("%v = %q, want %q", v, got, want)
		}
	}
	if got := (format{lang: "fr", zone: time.FixedZone("", 2*3600)}).value("2026-11-30T23:00:00Z", FieldTime, nil); got != "1er décembre 2026" {
		t.Errorf("a time without a filter: %q", got)
	}
}

func TestForeignTextIsCleaned(t *testing.T) {
	lib, _ := sample(t)
	over := "\u202e\x1b[31mPwn\x03ed\u200b\n\u2028second"
	req := Request{Kind: "inventory", Args: map[string]string{"domain": over}}
	got := lib.Sentence("fr", req, Report{Kind: "inventory", Verdict: "hosted"}, goldenNow)
	for _, r := range []rune{'\u202e', '\x1b', '\x03', '\u200b', '\n', '\u2028'} {
		if slices.Contains([]rune(got), r) {
			t.Errorf("%q holds %U", got, r)
		}
	}
	if got := lib.Sentence("fr", req, Report{Kind: "inventory", Verdict: "made up"}, goldenNow); got != lib.Sentence("fr", req, Report{Verdict: Unknown}, goldenNow) {
		t.Errorf("a verdict that is none: %q", got)
	}
	if got := lib.Sentence("fr", req, Report{Kind: "inventory", Verdict: OK, Skipped: true}, goldenNow); got != "" {
		t.Errorf("a skipped check is told: %q", got)
	}
}

func TestReportsAreTypedWhateverTheyHold(t *testing.T) {
	kind := Kinds()["http"]
	env := reportEnv(kind, Report{Verdict: "nonsense", Fields: map[string]any{"status": 503.0, "hops": "x", "v4": "maybe", "title": 12, "hint": nil}})
	for name, want := range map[string]any{"verdict": "unknown", "ok": false, "status": 503, "hops": 0, "v4": "none", "title": "", "hint": "none", "bytes": 0} {
		if env[name] != want {
			t.Errorf("%s = %#v, want %#v", name, env[name], want)
		}
	}
	if got := reportEnv(Kinds()["inventory"], Report{})["quota_pct"]; got != -1 {
		t.Errorf("quota_pct %v", got)
	}
	if got := reportEnv(Kinds()["dns"], Report{Fields: map[string]any{"a": []any{"192.0.2.1", 5}}})["a"]; !slices.Equal(got.([]string), []string{"192.0.2.1"}) {
		t.Errorf("a = %v", got)
	}
}
