package commands

import (
	"regexp"
	"slices"
	"strings"

	"vigie/bot/chat"
)

// personalForms are what tells who somebody is or how to reach them, and the word
// that takes its place. A group that is there stays before the word.
func personalForms() []personalForm {
	name := `\p{Lu}[\p{L}'’-]+(?:[ -]\p{Lu}[\p{L}'’-]+)?`
	return []personalForm{
		{"email", regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)},
		{"account", regexp.MustCompile(`@[\p{L}\p{N}._=/-]+:[\p{L}\p{N}.-]+`)},
		{"ip", regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}:?[0-9a-fA-F]{0,4}|\b(?:[0-9a-fA-F]{1,4}:)+:[0-9a-fA-F]{1,4}\b`)},
		{"phone", regexp.MustCompile(`(?:\+|\b00)\d{1,3}[ .()-]{0,2}\d(?:[ .()-]{0,2}\d){6,11}\b|\b0[1-9](?:[ .-]?\d{2}){4}\b`)},
		{"address", regexp.MustCompile(`(?i:\b\d{1,4}\s?(?:bis|ter|quater)?,?\s(?:rue|avenue|av\.?|boulevard|bd|place|impasse|chemin|allée|allee|quai|route|cours|square|passage|street|st\.|road|lane|drive)\s)[^,.;\n]{1,60}(?:,?\s*\d{5}\s+\p{L}[\p{L} '’-]{1,30})?`)},
		{"address", regexp.MustCompile(`\b\d{1,4}\s\p{Lu}\p{L}+\s(?:Street|Road|Lane|Avenue|Drive|Close)\b`)},
		{"address", regexp.MustCompile(`\b\d{5}\s+\p{Lu}\p{L}+(?:[ -]\p{Lu}\p{L}+)*`)},
		{"name", regexp.MustCompile(`((?i:\b(?:m\.|mme|mlle|monsieur|madame|mademoiselle|mr\.?|mrs\.?|ms\.?|dr\.?))\s)` + name)},
		{"name", regexp.MustCompile(`((?i:\b(?:bonjour|bonsoir|salut|coucou|cher|chère|hello|hi|hey|dear|merci|thanks)),?\s)` + name)},
		{"name", regexp.MustCompile(`((?i:\b(?:je m['’]appelle|mon nom est|je suis|c['’]est|ici|my name is|i am|i['’]m|this is))\s)` + name)},
		{"name", regexp.MustCompile(`((?i:\b(?:cordialement|bien à vous|bien cordialement|amitiés|amicalement|à bientôt|regards|best|cheers|yours)\b[ ,.!]*\n?\s*))` + name)},
		{"number", regexp.MustCompile(`\b\d(?:[ .-]?\d){6,}\b`)},
	}
}

type personalForm struct {
	what string
	re   *regexp.Regexp
}

var telling = personalForms()

// famous are mail houses of so many people that naming them tells of nobody.
var famous = []string{"gmail.com", "googlemail.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "neuf.fr", "bbox.fr", "outlook.com",
	"outlook.fr", "hotmail.com", "hotmail.fr", "live.fr", "yahoo.com", "yahoo.fr", "icloud.com", "gmx.com", "gmx.fr", "proton.me", "protonmail.com", "riseup.net"}

// anonymous takes out of a text what tells who somebody is: e-mail and postal addresses,
// telephone numbers, domains that are not the host's own, and names: those given,
// and those that stand where people write them. Somebody still has to read it: no
// program knows every name.
func (t *Table) anonymous(lang, text string, names ...string) string {
	word := func(what string) string { return t.words.Say(lang, "teach.hidden_"+what, nil) }
	text, _ = Scrub(text, t.words.Say(lang, "core.hidden", nil))
	for _, p := range telling {
		text = p.re.ReplaceAllStringFunc(text, func(s string) string {
			if sub := p.re.FindStringSubmatch(s); len(sub) > 1 && sub[1] != "" {
				return sub[1] + word(p.what)
			}
			return word(p.what)
		})
	}
	text = domainForm.ReplaceAllStringFunc(text, func(s string) string {
		d := strings.ToLower(domainForm.FindStringSubmatch(s)[1])
		if t.ours(d) {
			return s
		}
		return word("site")
	})
	for _, s := range t.cfg.Sites {
		names = append(names, s.Association)
	}
	for _, n := range names {
		text = withoutName(text, n, word("name"))
	}
	return text
}

// ours tells whether a domain says nothing of a member: the host's, or famous.
func (t *Table) ours(domain string) bool {
	if slices.Contains(famous, domain) {
		return true
	}
	for _, v := range t.cfg.Host {
		if strings.Contains(strings.ToLower(v), domain) {
			return true
		}
	}
	return false
}

// withoutName puts word in the place of a name, whole and in any case.
func withoutName(text, name, word string) string {
	name = strings.TrimSpace(chat.Clean(name))
	if len([]rune(name)) < 3 {
		return text
	}
	re, err := regexp.Compile(`(?i)(^|[^\p{L}\p{N}])` + regexp.QuoteMeta(name) + `($|[^\p{L}\p{N}])`)
	if err != nil {
		return text
	}
	for range 2 { // two in a row share the sign between them
		text = re.ReplaceAllString(text, "${1}"+strings.ReplaceAll(word, "$", "$$")+"${2}")
	}
	return text
}
