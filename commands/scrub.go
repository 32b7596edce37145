package commands

import (
	"math/big"
	"regexp"
	"strings"
	"unicode"
)

// secretForms are what must never be kept: said passwords, private keys, tokens.
// The first group, where there is one, is what stays.
func secretForms() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?is)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)`),
		regexp.MustCompile(`(?i)\b((?:mon |le |my |the )?(?:mot de passe|mdp|password|passwd|passphrase|code secret|clé api|api key|secret|token)(?:\s+\S{1,20}){0,3}?\s*(?:[:=]|\best\b|\bis\b|c'est)\s*)["'«]?\s*\S+`),
		regexp.MustCompile(`(?i)\b((?:pass|pwd|pw|mot de pass|motdepasse|code (?:pin|d'accès|de carte|carte))\s*[:=]\s*)["'«]?\s*\S+`),
		regexp.MustCompile(`(?i)\b((?:identifiants?|login|logins|accès|credentials)\s*[:=]\s*)[^\s/|,;]+\s*[/|]\s*\S+`),
		regexp.MustCompile(`\b(?:ghp_|glpat-|sk-|xox[bp]-|AKIA|syt_|mat_)[A-Za-z0-9_-]{12,}\b`),
		regexp.MustCompile(`(?i)(\b[a-z][a-z0-9+.-]*://[^\s/:@]{1,64}:)[^\s/@]{1,128}@`),
		regexp.MustCompile(`(?i)(\b(?:nickserv|userserv)\b.{0,20}?\b(?:identify|register|ghost|regain)\s+)\S.*`),
		regexp.MustCompile(`(?i)(^\s*[/!]?identify\s+)\S.*`),
	}
}

var (
	secrets = secretForms()
	iban    = regexp.MustCompile(`\b[A-Za-z]{2}[0-9]{2}(?:[ \x{a0}\x{202f}-]?[A-Za-z0-9]{2,4}){3,8}\b`)
	// harmless are words after "mot de passe :" that are no password.
	harmless = regexp.MustCompile(`(?i)^(?:(?:perdu|oubli|refus|incorrect|faux|fausse|invalid|wrong|lost|forgot|expir|chang|correct|inconnu|demand|impossible|enregistr|accept|ignor|reject)\S*|pas|not|no|bon|good|le|la|les|the|toujours|still|bien|never|jamais|vide|empty|trop|too|très|very|dans|in|sur|on|ok|juste|right|celui|identique|different|différent|même|same|nécessaire|needed|required|requis|asked|où|where|quoi|what|\?|\p{L}+ée?s?)(?:[\s,.!?;…]|$)`)
)

// Scrub takes passwords, keys and bank numbers out of a text, leaving mark in
// their place, and tells whether there were any. It comes before anything else
// sees the text.
func Scrub(text, mark string) (string, bool) {
	text, keys, bank := scrub(text, mark)
	return text, keys || bank
}

// scrub is Scrub, and tells passwords and keys from bank numbers.
func scrub(text, mark string) (clean string, keys, bank bool) {
	text, keys = scrubKeys(text, mark)
	text, bank = scrubBank(text, mark)
	return text, keys, bank
}

// scrubKeys takes passwords and keys out.
func scrubKeys(text, mark string) (string, bool) {
	found := false
	for _, re := range secrets {
		text = re.ReplaceAllStringFunc(text, func(s string) string {
			keep := ""
			if sub := re.FindStringSubmatch(s); len(sub) > 1 && !strings.HasPrefix(s, "-----") {
				keep = sub[1]
				if keep != "" && harmless.MatchString(strings.TrimLeft(s[len(keep):], ` "'«`)) {
					return s
				}
			}
			found = true
			return keep + mark
		})
	}
	text = saidBare.ReplaceAllStringFunc(text, func(s string) string {
		sub := saidBare.FindStringSubmatch(s)
		if !looksSecret(sub[2]) {
			return s
		}
		found = true
		return sub[1] + mark
	})
	return text, found
}

// saidBare is a word for a password, and the words right after it.
var saidBare = regexp.MustCompile(`(?i)\b((?:mots? de passe?|motdepasse|mdp|password|passwd|passphrase|pass|pwd|code secret)\s+)["'«]?\s*(\S{4,64})`)

// versioned are names of programs and protocols that end in a number.
var versioned = regexp.MustCompile(`(?i)^(?:office|spip|php|wordpress|wp|mysql|imap|pop|ipv|tls|sha|md|windows|win|drupal|nextcloud|outlook|thunderbird|web|phase|etape|niveau|n)\d+$`)

// looksSecret tells whether a word that follows "password" without a sign between
// reads as one: letters mixed with digits or with signs that words do not hold.
// An address is none.
func looksSecret(s string) bool {
	s = strings.TrimRight(s, `.,;:!?…"'»)`)
	letters := strings.ContainsFunc(s, unicode.IsLetter)
	mixed := strings.ContainsFunc(s, unicode.IsDigit) || strings.ContainsAny(s, "@#$%&*+=^~!")
	return len(s) >= 4 && letters && mixed && !emailForm.MatchString(s) && !domainForm.MatchString(s) && !versioned.MatchString(s)
}

// cards is what may be the number of a bank card.
var cards = regexp.MustCompile(`\b[2-6][0-9]{3}(?:[ \x{a0}\x{202f}-]?[0-9]{2,6}){2,5}\b`)

// isCard checks the lengths and first digits of the common networks, and the last
// digit as ISO 7812 does.
func isCard(s string) bool {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	amex := len(digits) == 15 && (digits[:2] == "34" || digits[:2] == "37")
	if !amex && (len(digits) != 16 || digits[0] == '3') {
		return false
	}
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}

// saidCard is a number that is called a card's: a slip in it makes it no less one.
var saidCard = regexp.MustCompile(`(?i)\b((?:carte(?: bancaire| bleue| bleu)?|cb|card(?: number)?)\s*(?:n°|est|is|[:=])?\s*)[0-9](?:[ \x{a0}\x{202f}-]?[0-9]){12,18}\b`)

// scrubBank takes bank account and card numbers out.
func scrubBank(text, mark string) (string, bool) {
	found := false
	text = saidCard.ReplaceAllStringFunc(text, func(s string) string {
		found = true
		return saidCard.FindStringSubmatch(s)[1] + mark
	})
	text = cards.ReplaceAllStringFunc(text, func(s string) string {
		if !isCard(s) {
			return s
		}
		found = true
		return mark
	})
	text = iban.ReplaceAllStringFunc(text, func(s string) string {
		n := ibanIn(s)
		if n == 0 {
			return s
		}
		found = true
		return mark + s[n:]
	})
	return text, found
}

// ibanIn is how many bytes of s, from its start, are a bank account number: words
// that follow one look like more groups of it. 0: none.
func ibanIn(s string) int {
	if digits := strings.Count(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, s), "0"); digits < 10 {
		return 0
	}
	for end := len(s); end >= 15; end = strings.LastIndexAny(s[:end], " -\u00a0\u202f") {
		if validIBAN(s[:end]) {
			return end
		}
	}
	return 0
}

// validIBAN checks the number as ISO 13616 does: the first four characters moved
// to the end, letters as 10…35, the remainder by 97 is 1.
func validIBAN(s string) bool {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u202f", "").Replace(s))
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	var digits strings.Builder
	for _, r := range s[4:] + s[:4] {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			digits.WriteString(big.NewInt(int64(r-'A') + 10).String())
		default:
			return false
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}
