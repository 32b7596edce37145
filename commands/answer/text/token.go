package text

import (
	"regexp"
	"strings"
)

// Placeholders stand for things that must never be learnt by heart: the next
// member's address is another one.
const (
	tokURL    = "_url_"
	tokMail   = "_email_"
	tokDomain = "_domain_"
	tokIP     = "_ip_"
	tokNum    = "_num_"
	tokMoney  = "_money_"
	tokHour   = "_hour_"
	tokFile   = "_file_"
	tokTo     = "_to_"
	tokAsk    = "?"
	tokCry    = "!!"
)

// lexer finds, in this order, the longest thing at each place of a folded text.
// RE2 runs in linear time, whatever a stranger writes.
var lexer = regexp.MustCompile(strings.Join([]string{
	`(?P<url>\b(?:https?|ftps?|sftp|ssh|irc)://\S+)`,
	`(?P<mail>[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)`,
	`(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}\b)`,
	`(?P<file>\b[a-z0-9_-]*\.(?:php|html?|htaccess|sql|zip|gz|tar|tgz|pdf|jpe?g|png|docx?|odt|ods|xlsx?|csv|ini|conf|log|txt|eml|mbox|css|js|pem|crt|key)\b)`,
	`(?P<domain>\b[a-z0-9_-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|fr|eu|info|asso|coop|ngo|be|ch|ca|uk|bzh|paris|social|test|example|dev|io|cloud|tv|me|co|ong|xyz|site|online)\b)`,
	`(?P<money>\b\d+(?:[.,]\d+)?\s?(?:€|\$|£|euros?\b|eur\b))`,
	`(?P<hour>\b\d{1,2}\s?h(?:\d{2})?\b|\b\d{1,2}:\d{2}\b)`,
	`(?P<code>\b[45]\.\d{1,2}\.\d{1,3}\b)`,
	`(?P<num>\b\d+\b)`,
	`(?P<to>@[a-z0-9_-]+)`,
	`(?P<word>[\pL\pN]+(?:_[\pL\pN]+)*)`,
	`(?P<ask>\?+)`,
	`(?P<cry>!{2,})`,
}, "|"))

// hostLabels are first labels of a name that say which service is meant.
var hostLabels = map[string]bool{
	"webmail": true, "mail": true, "smtp": true, "imap": true, "pop": true, "ftp": true,
	"sip": true, "panel": true, "bureau": true, "admin": true,
}

// Tokens cuts a message into folded words and placeholders. Abbreviations are
// still as written; Analyser.Words opens them.
func Tokens(s string) []string {
	folded := Fold(s)
	groups := lexer.SubexpNames()
	var out []string
	for _, m := range lexer.FindAllStringSubmatchIndex(folded, -1) {
		for g := 1; g < len(groups); g++ {
			if m[2*g] >= 0 {
				out = appendToken(out, groups[g], folded[m[2*g]:m[2*g+1]])
				break
			}
		}
	}
	return out
}

func appendToken(out []string, kind, s string) []string {
	switch kind {
	case "url":
		return append(out, tokURL)
	case "mail":
		return append(out, tokMail)
	case "ip":
		return append(out, tokIP)
	case "file":
		return append(out, tokFile, s[strings.LastIndexByte(s, '.')+1:])
	case "domain":
		first, _, _ := strings.Cut(s, ".")
		if hostLabels[first] {
			out = append(out, first)
		}
		return append(out, tokDomain)
	case "money":
		return append(out, tokMoney)
	case "hour":
		return append(out, tokHour)
	case "code":
		return append(out, "smtpcode")
	case "num":
		return append(out, number(s))
	case "to":
		return append(out, tokTo)
	case "ask":
		return append(out, tokAsk)
	case "cry":
		return append(out, tokCry)
	}
	return append(out, squeeze(s))
}

// codes are the numbers that mean something by themselves: HTTP, SMTP, FTP,
// MySQL and dial-up errors, and ports. Any other number is just a number.
var codes = set(`403 404 401 500 501 502 503 504 508 421 450 451 452 535 550 552 553 554 530 425 426
	691 678 676 680 1045 1040 1203 2002 2003 2006 1146 1064 408 481 480 486 25 465 587 143 993 110 995 21 22 990 5060 5061 365 2fa`)

func number(s string) string {
	if codes[s] {
		return "n" + s
	}
	return tokNum
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
