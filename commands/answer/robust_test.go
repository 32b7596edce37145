package answer

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vigie/commands/answer/text"
)

// TestSpellingDoesNotMatter rewrites the held-out lines as other people would
// type them and holds each rewriting to the product's bars.
func TestSpellingDoesNotMatter(t *testing.T) {
	r := newRecogniser(t)
	for name, rewrite := range map[string]func(string) string{
		"capitals":         strings.ToUpper,
		"no accents":       text.Fold,
		"exclamations":     func(s string) string { return s + " !!!!" },
		"greeting first":   func(s string) string { return "bonjour, " + s },
		"thanks last":      func(s string) string { return s + " merci d'avance" },
		"no punctuation":   func(s string) string { return strings.NewReplacer(",", " ", ".", " ", "?", " ", "!", " ").Replace(s) },
		"typographic":      func(s string) string { return strings.ReplaceAll(s, "'", "’") },
		"full width marks": func(s string) string { return strings.NewReplacer("?", "？", "!", "！").Replace(s) },
	} {
		var lines []Utterance
		for _, u := range utterances(t, "test") {
			if u.Want != None {
				u.Text = rewrite(u.Text)
				lines = append(lines, u)
			}
		}
		s := r.Evaluate(lines).Score
		if s.Top1 < 0.85 || s.Top3 < 0.95 || s.WrongStart > 0.04 || s.Missed > 0 {
			t.Errorf("%s: below the bars: %+v", name, s)
		}
	}
}

// A letter lost in a long word must not lose the sentence.
func TestOneTypoInEachLine(t *testing.T) {
	var lines []Utterance
	for _, u := range utterances(t, "test") {
		if u.Want == None {
			continue
		}
		words := strings.Fields(u.Text)
		longest := 0
		for i, w := range words {
			if len(w) > len(words[longest]) {
				longest = i
			}
		}
		if rs := []rune(words[longest]); len(rs) > 4 {
			words[longest] = string(rs[:2]) + string(rs[3:])
		}
		u.Text = strings.Join(words, " ")
		lines = append(lines, u)
	}
	s := newRecogniser(t).Evaluate(lines).Score
	if s.Top1 < 0.80 || s.Top3 < 0.95 || s.WrongStart > 0.06 {
		t.Errorf("with a typo in each line: %+v", s)
	}
}

// TestAddressesDoNotMatter: whose site it is changes nothing.
func TestAddressesDoNotMatter(t *testing.T) {
	r := newRecogniser(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z]{3,12}(-[a-z]{3,8})?`).Draw(t, "name")
		tld := rapid.SampledFrom([]string{"org", "fr", "asso.fr", "net", "eu"}).Draw(t, "tld")
		if strings.HasPrefix(name, "mail") || name == "ftp" || name == "sip" || name == "pop" {
			return // a name that tells the service is meant to be read
		}
		want := r.Recognise("le site https://collectif.org ne répond plus")
		got := r.Recognise("le site https://" + name + "." + tld + " ne répond plus")
		if got.Ranked[0] != want.Ranked[0] {
			t.Fatalf("%s.%s: %v, want %v", name, tld, got.Ranked[0], want.Ranked[0])
		}
	})
}

// TestAnyText: whatever is written, the result is whole and the decision keeps
// its promises.
func TestAnyText(t *testing.T) {
	r := newRecogniser(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		res := r.Recognise(s)
		sum := res.None
		for _, g := range res.Ranked {
			if g.P < 0 || g.P > 1 || g.ID == None {
				t.Fatalf("%q: guess %v", s, g)
			}
			sum += g.P
		}
		if sum < 0.999 || sum > 1.001 {
			t.Fatalf("%q: probabilities sum to %v", s, sum)
		}
		d := r.Decide(res, Context{Addressed: true, Public: true})
		switch d.Kind {
		case Start:
			if len(d.IDs) != 1 {
				t.Fatalf("%q: starts %v", s, d.IDs)
			}
		case Offer, Unsure:
			if len(d.IDs) < 2 || len(d.IDs) > 3 {
				t.Fatalf("%q: offers %v", s, d.IDs)
			}
		case Polite:
		default:
			t.Fatalf("%q: %v to somebody who spoke to it", s, d.Kind)
		}
	})
}

// TestChatterIsLeftAlone are lines of a support room that share words with the
// themes.
func TestChatterIsLeftAlone(t *testing.T) {
	r := newRecogniser(t)
	for _, s := range []string{
		"ton site est joli", "j'ai reçu ton mail", "le certificat médical est obligatoire pour courir ?",
		"le serveur du bar s'est trompé", "marie: notre site ne marche plus ?", "ah ça remarche, le site est revenu",
		"j'ai renouvelé le certificat du webmail", "je redémarre web2 dans cinq minutes", "la base vide ses chargeurs",
		"c'est quand ton anniversaire ?", "on mange où ce midi ?", "merci pour le mail", "la réunion était longue",
		"did you get my email yesterday", "love the new site", "i'll be at the meeting", "rebooted the vm, all good",
		"le site de la mairie est affreux", "quelqu'un a vu mes clés ?", "bon week-end à tous",
	} {
		if d := r.Decide(r.Recognise(s), Context{Public: true}); d.Kind != Silent {
			t.Errorf("%q: would say %v", s, d)
		}
	}
}

// TestSureQuestionsAreAnsweredUnprompted: silence is not the only way to be
// right.
func TestSureQuestionsAreAnsweredUnprompted(t *testing.T) {
	r := newRecogniser(t)
	for s, want := range map[string]ID{
		"bonjour, notre site ne s'ouvre plus depuis ce matin":                   "site_down",
		"bjr notre site repon plus du tout depuis se matin c normal ou bien ??": "site_down",
		"je n'arrive plus à envoyer de mails depuis hier":                       "mail_send",
		"quelqu'un peut m'aider ? notre certificat ssl a expiré":                "certificate",
		"how do i reset my mailbox password?":                                   "password",
	} {
		d := r.Decide(r.Recognise(s), Context{Public: true})
		if d.Kind != Start || d.IDs[0] != want {
			t.Errorf("%q: %v, want %s", s, d, want)
		}
	}
}
